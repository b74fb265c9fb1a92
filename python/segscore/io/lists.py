"""Lists of names, or of pairs of paths, that choose files of folders: one image a line.

A line is looked up by what an image is called, with or without ending, or as a path that ends in it. Nothing
is chosen that a line does not name exactly, and no line is passed over.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import TypeAlias

from segscore.base import limits
from segscore.base.naming import arg
from segscore.base.pointers import way_out
from segscore.base.shown import first_lines
from segscore.base.wording import many, reason, shortened, show
from segscore.errors import ArgumentError, FileFormatError, PairingError
from segscore.io.absolute import places
from segscore.io.given import check_here
from segscore.io.kinds import IMAGE_SUFFIXES, KINDS, split_suffix
from segscore.io.sources import Source

_MOST_BYTES = 1 << 27
_SHOWN = 3
"""Lines that an error shows."""
_ENDINGS = IMAGE_SUFFIXES | KINDS.keys()
_FLAGS = {"-1", "0", "1"}
"""What VOC's lists of one class have behind each name."""


@dataclass(frozen=True)
class NameList:
    """A list that was read, and looked up nowhere yet."""

    where: str
    """The file as it was given, or how many names there are."""
    sha256: str
    """Of its bytes, hexadecimal."""
    lines: Mapping[int, str]
    """What is no comment, by the numbers of its lines, which count from 1."""


ListLike: TypeAlias = str | PathLike[str] | Sequence[str] | NameList


def name_list(given: ListLike) -> NameList:
    """Return the list in a file, or of texts; an error says what is wrong with it, the first such line."""
    if isinstance(given, NameList):
        return given
    if isinstance(given, str | PathLike):
        where = os.fsdecode(given)
        check_here(where, "list")
        content = _content(where)
        text = _text(where, content)
        lines = dict(enumerate(re.split("\r\n|\r|\n", text), 1))
        lines = {number: line.strip() for number, line in lines.items()}
        lines = {number: line for number, line in lines.items() if line and line[0] != "#"}
    elif isinstance(given, Sequence) and all(isinstance(name, str) for name in given):
        where, lines = many(len(given), "name"), dict(enumerate(given, 1))
        content = "\n".join(given).encode("utf-8", "surrogateescape")
    else:
        raise ArgumentError(
            f"{arg('list')} is of type {type(given).__name__}", "give the path of a file, or a list of names"
        )
    if not lines:
        raise FileFormatError(
            f"{arg('list')}: expected a name in each line of {show(where)}, found none",
            "write one name a line; lines that begin with # are comments",
        )
    from hashlib import sha256

    return NameList(where, sha256(content).hexdigest(), lines)


def _content(where: str) -> bytes:
    try:
        return limits.content_of(where, _MOST_BYTES)
    except (OSError, ValueError) as error:
        raise FileFormatError(
            f"{arg('list')}: {show(where)} cannot be read: {reason(error)}",
            way_out(error, "give the path of a text file of names"),
        ) from error


def _text(where: str, content: bytes) -> str:
    # What Windows writes is wide and says so; names may be of any bytes but 0, as those of files are.
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = content.decode(*(("utf-16", "replace") if wide else ("utf-8-sig", "surrogateescape")))
    if "\0" in text or "\ufffd" in text:
        raise FileFormatError(
            f"{arg('list')}: expected a text file of names, found a binary file at {show(where)}",
            "write one name a line",
        )
    return text


@dataclass(frozen=True)
class Chosen:
    """Which files a list names, in its order: of a column each, None where no file is named."""

    first: tuple[int | None, ...] | None
    """Of the other side; None if there is no such column, or it names nothing there."""
    last: tuple[int, ...]
    loose_first: frozenset[str]
    """Ids in the first column that lines name without an ending, so that other files may have them too."""
    loose: frozenset[str]
    """The same of the last one."""


def chosen(
    listing: NameList,
    source: Source,
    ids: Sequence[str | None],
    other: Source | None = None,
    other_ids: Sequence[str | None] = (),
) -> Chosen:
    """Return which files of a source, called by these ids, a list names, each once.

    With two columns the last one names them, and the first one those of the other source, if any. Two images
    of this source are no pair, unless their folders tell the sides apart.
    """
    files = _Files(source, ids)
    lines = [*listing.lines.values()]
    rows, found = [[line] for line in lines], files.called(lines)
    if None in found:  # names may have blanks and commas
        split = _columns(listing)
        in_split = [] if split is None else files.named([row[-1] for row in split])
        found = files.named(lines)
        if split is not None and in_split.count(None) <= min(found.count(None), len(lines) - 1):
            rows, found = split, in_split
    if other is not None and len(rows[0]) == 1 and None in found:
        by_other = _through(_Files(other, other_ids).named([row[0] for row in rows]), other_ids, ids)
        found = min(found, by_other, key=lambda one: one.count(None))
    _check_found(listing, rows, found, source, ids)
    others = None if other is None else _Files(other, other_ids)
    if len(rows[0]) > 1:
        _check_pairs(listing, rows, files, others)
    last = tuple([i for i in found if i is not None])
    _check_once(listing, last, ids)
    loose = files.loose([row[-1] for row in rows], found)
    if others is None or len(rows[0]) == 1:
        return Chosen(None, last, frozenset(), loose)
    names = [row[0] for row in rows]
    first = others.named(names)
    if first.count(None) == len(first):
        return Chosen(None, last, frozenset(), loose)
    return Chosen(tuple(first), last, others.loose(names, first), loose)


def _through(
    found: list[int | None], from_ids: Sequence[str | None], ids: Sequence[str | None]
) -> list[int | None]:
    """Return the files of one side that are called as those of the other are."""
    at = {name: i for i, name in enumerate(ids) if name is not None}
    return [None if i is None else at.get(from_ids[i]) for i in found]  # type: ignore[arg-type]


def _columns(listing: NameList) -> list[list[str]] | None:
    """Return the two columns of a list, with tabs, commas or blanks between them; None if it has but one."""
    lines = listing.lines
    mark = next((mark for mark in "\t," if all(mark in line for line in lines.values())), None)
    split = [[cell.strip() for cell in line.split(mark)] for line in lines.values()]
    odd = next((i for i, cells in enumerate(split) if len(cells) != 2), None)
    if odd is None or mark is None:
        return split if odd is None else None
    number, line = list(lines.items())[odd]
    raise FileFormatError(
        f"{arg('list')}: expected a name or two paths in each line of {show(listing.where)}, found "
        f"{len(split[odd])} columns in line {number}: {show(shortened(line, 100))}",
        "write one name a line, or the two paths of a pair",
    )


class _Files:
    """Files of one side by all that they may be called in a list."""

    def __init__(self, source: Source, ids: Sequence[str | None]) -> None:
        self._paths, self._files, self._ids = source.paths, source.files, ids
        self._at: dict[str, int] = {}
        for names in (ids, source.names, source.files):
            for i, name in enumerate(names):
                if name is not None and ids[i] is not None:
                    self._at.setdefault(name, i)
        self._root = f"/{os.path.abspath(source.root).strip('/')}/"

    def called(self, lines: Sequence[str]) -> list[int | None]:
        """Return the file that is called as each line says, None where there is none."""
        return [self._at.get(line) for line in lines]

    def named(self, lines: Sequence[str]) -> list[int | None]:
        """Return the file that each line names, None where there is none.

        Paths may start at any folder above: one that is there, or the same one in all lines.
        """
        found: list[int | None] = []
        above: dict[int, str] = {}
        for number, line in enumerate(lines):
            path = line.removeprefix("./")
            i, before = self._find(path)
            found.append(i)
            if before is not None and not self._root.endswith(f"/{before.strip('/')}/"):
                above[number] = before
        if len(set(above.values())) > 1:
            for number in above:
                found[number] = None
        return found

    def loose(self, lines: Sequence[str], found: Sequence[int | None]) -> frozenset[str]:
        """Return the ids of files that were found in lines which do not end as these are called in full."""
        named = zip(lines, found, strict=True)
        ids = [self._ids[i] for line, i in named if i is not None and not line.endswith(self._files[i])]
        return frozenset(name for name in ids if name is not None)

    def place(self, line: str) -> tuple[str | None, str | None]:
        """Return the path of the file that a line names, and which folders the line has before its name."""
        i, before = self._find(line.removeprefix("./"))
        return None if i is None else self._paths[i], before

    def _find(self, path: str) -> tuple[int | None, str | None]:
        """Return the file with the longest end of a path, and the folders before that."""
        stem, suffix = split_suffix(path)
        before, rest, bare = None, path, stem if suffix in _ENDINGS else path
        while True:
            i = self._at.get(rest, self._at.get(bare))
            if i is not None or "/" not in bare:
                return i, before
            folder, _, rest = rest.partition("/")
            bare = bare.partition("/")[2]
            before = folder if before is None else f"{before}/{folder}"


def _check_found(
    listing: NameList,
    rows: Sequence[Sequence[str]],
    found: Sequence[int | None],
    source: Source,
    ids: Sequence[str | None],
) -> None:
    absent = [
        f"line {number}: {show(shortened(row[-1]))}"
        for number, row, i in zip(listing.lines, rows, found, strict=True)
        if i is None
    ]
    if not absent:
        return
    flags = all(len(cells := row[-1].split()) == 2 and cells[1] in _FLAGS for row in rows)
    called = next(name for name in ids if name is not None)
    missing = found.count(None)
    raise PairingError(
        "\n  ".join(
            [
                f"{arg('list')}: {missing:,} of {many(len(rows), 'name')} in {show(listing.where)} "
                f"{'is' if missing == 1 else 'are'} not in {source.where}:",
                *first_lines(absent, _SHOWN),
            ]
        ),
        "these are flags of one class, as VOC has in ImageSets/Main; take a list of names, such as those in "
        "ImageSets/Segmentation"
        if flags
        else f"files there are called as {show(called)} is, with or without ending",
    )


def _check_pairs(
    listing: NameList, rows: Sequence[Sequence[str]], files: _Files, others: _Files | None
) -> None:
    """Refuse lines of two images of one side, which may be a list on one line.

    A prediction that lies among the targets is no image of these.
    """
    place = places()
    for (number, line), (first, last) in zip(listing.lines.items(), rows, strict=True):
        (one, above), (own, above_own) = files.place(first), files.place(last)
        if one is None or one == own or above != above_own:
            continue
        path = None if others is None else others.place(first)[0]
        if path is not None and place(path) == place(one):
            continue
        raise PairingError(
            f"{arg('list')}: expected a name or the two paths of a pair in each line of "
            f"{show(listing.where)}, found two names of images in line {number}: "
            f"{show(shortened(line, 100))}",
            "write one name a line"
            + (f"; a pair of unlike names has the folders of both sides: {path},{own}" if path else ""),
        )


def _check_once(listing: NameList, found: Sequence[int], ids: Sequence[str | None]) -> None:
    lines: dict[int, list[int]] = {}
    for number, i in zip(listing.lines, found, strict=True):
        lines.setdefault(i, []).append(number)
    twice = {i: numbers for i, numbers in lines.items() if len(numbers) > 1}
    if twice:
        i, numbers = next(iter(twice.items()))
        others = f", and {many(len(twice) - 1, 'other')}" if len(twice) > 1 else ""
        raise PairingError(
            f"{arg('list')}: {show(str(ids[i]))} is in {show(listing.where)} more than once, in lines "
            f"{numbers[0]} and {numbers[1]}{others}",
            "an image is scored once: remove the other lines",
        )
