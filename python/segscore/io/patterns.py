"""Patterns of names: what a target shares with its prediction, and which patterns would fit names."""

import re
from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from itertools import product, takewhile
from string import digits

from segscore.base.limits import MOST_TEXT
from segscore.base.naming import arg
from segscore.base.wording import show
from segscore.errors import ArgumentError
from segscore.io.kinds import split_suffix
from segscore.io.sources import Source

ID = "{id}"
CLASS = "{class}"
"""What of a name is that of a class, where each class has a file of its own."""
_GROUPS = re.compile(r"(\{id\}|\{class\}|\*)")
_MARK = "\x01"
"""Stands for a class in names, of which no word or number is."""
_MOST_WORDS = 3
"""Words that a name of a class may have, where nothing is known of it."""
_MOST_PIECES = 200_000
"""Names with a gap that are kept while names of classes are looked for: 100 MB at most, of usual names."""
_FEW = 2
"""Files of each image, and of each class, from which on names tell that classes have files of their own."""
_MOST_STARS = 4
"""What each stands for is tried in all ways: the time is a name's length to the power of their number."""


def split_pattern(pattern: str, argument: str = "pairing") -> tuple[str, str]:
    """Split a pattern into what predictions and what targets look like."""
    if not isinstance(pattern, str):
        raise ArgumentError(f"{arg(argument)}: expected a pattern as text, found {type(pattern).__name__}")
    if any(side.count(CLASS) > 1 for side in pattern.split(":")):
        raise ArgumentError(
            f"{arg(argument)}: expected one `{CLASS}` on a side, found {show(pattern)}",
            "for example '{id}_{class}', or '{class}/{id}:{class}/{id}'",
        )
    if len(pattern) > MOST_TEXT or any(side.count("*") > _MOST_STARS for side in pattern.split(":")):
        raise ArgumentError(
            f"{arg(argument)}: expected at most {MOST_TEXT:,} characters and {_MOST_STARS} `*` on each side, "
            f"found {len(pattern):,} and {pattern.count('*'):,}",
            "one `*` stands for any text that is not part of the id",
        )
    parts = pattern.split(ID)
    if len(parts) == 2:
        return ID, pattern
    if len(parts) == 3 and parts[1].count(":") == 1:
        pred, target = parts[1].split(":")
        return f"{parts[0]}{ID}{pred}", f"{target}{ID}{parts[2]}"
    raise ArgumentError(
        f"{arg(argument)}: expected a pattern for targets with one `{ID}`, or PRED:TARGET with one `{ID}` "
        f"on each side of one colon, found {show(pattern)}",
        "for example '{id}_gtFine_labelIds', or '{id}_pred:{id}_gt'; a colon within a name is `*`",
    )


def ids_under(source: Source, template: str | None) -> tuple[str | None, ...]:
    """Return each file's id under a template, None where the template does not describe it."""
    if template is None:
        return source.names
    return tuple([None if found is None else found["id"] for found in matches_under(source, template)])


def matches_under(
    source: Source, template: str, classes: Iterable[str] | None = None, *, length: int | None = None
) -> list[re.Match[str] | None]:
    """Return what a template says of each file, None where it does not describe it.

    The class is one of `classes`, the longest that fits, or any text without folders: of a length, or the
    shortest.
    """
    stem, suffix = split_suffix(template)
    if suffix not in source.suffixes or ID not in stem:
        stem, suffix = template, ""
    names, start = source.names, ""
    if source.listed and "/" in stem:
        names, start = tuple([split_suffix(file)[0] for file in source.files]), "(?:.*?/)??"
    if stem.startswith("*/"):
        stem, start = stem[2:], "(?:.*/)?"
    # Text before is greedy and the id is lazy, so `*/{id}` is the last part of a path.
    groups = {"*": ".*", ID: "(?P<id>.+?)", CLASS: "(?P<class>[^/]+?)"}
    if classes is not None:
        groups[CLASS] = f"(?P<class>{'|'.join(map(re.escape, sorted(classes, key=len, reverse=True)))})"
    elif length is not None:
        groups[CLASS] = f"(?P<class>[^/]{{{length}}})"
    elif CLASS in stem and ID in stem.partition(CLASS)[0]:
        groups[ID] = "(?P<id>.+)"
    parts = [groups.get(part) or re.escape(part) for part in re.split(_GROUPS, stem)]
    match = re.compile(start + "".join(parts), re.DOTALL).fullmatch
    return [
        match(name) if suffix in ("", ending) else None
        for name, ending in zip(names, source.suffixes, strict=True)
    ]


def with_folders(
    source: Source, ids: tuple[str | None, ...], known: Container[str | None]
) -> tuple[str | None, ...]:
    """Return ids of a list with as many of its folders as ids that are known on the other side have.

    Those that nobody knows have all of them, so that each can be told from the others.
    """
    return tuple([_with_folders(file, name, known) for file, name in zip(source.files, ids, strict=True)])


def _with_folders(file: str, name: str | None, known: Container[str | None]) -> str | None:
    if name is None or "/" in name:
        return name
    folders = file.split("/")[:-1]
    tails = ["/".join([*folders[i:], name]) for i in range(len(folders) + 1)]
    return next((tail for tail in tails if tail in known), tails[0])


def unique_index(ids: tuple[str | None, ...]) -> dict[str, int] | None:
    """Return where each id is, or None if two files have the same."""
    index = {name: i for i, name in enumerate(ids) if name is not None}
    return index if len(index) + ids.count(None) == len(ids) else None


def told_apart(names: Sequence[str]) -> tuple[list[str], str]:
    """Return what tells names apart: each without what all begin and end with, and the pattern of these."""
    start = _shared(names).rstrip(digits)
    rest = [name[len(start) :] for name in names]
    end = _shared([name[::-1] for name in rest])[::-1].lstrip(digits)
    return [name.removesuffix(end) for name in rest], f"{start}{ID}{end}"


def _shared(names: Sequence[str]) -> str:
    """Return what all names begin with."""
    pairs = zip(min(names), max(names), strict=False)
    return "".join(one for one, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def words_of_classes(names: Sequence[str]) -> set[str]:
    """Return what may be names of classes, of which nothing is known: names differ in one of them alone."""
    at: dict[tuple[str, str], set[str]] = {}
    # Those that differ in such a word have the same numbers; side by side they are found among the first.
    for name in sorted(set(names), key=lambda name: re.findall(r"\d+", name)):
        if len(at) > _MOST_PIECES:
            break
        words = [match.span() for match in re.finditer(r"[^\W_]+", name)]
        for i, (start, _) in enumerate(words):
            for _, end in words[i : i + _MOST_WORDS]:
                piece = name[start:end]
                if "/" in piece or any(map(str.isdigit, piece)):
                    break
                at.setdefault((name[:start], name[end:]), set()).add(piece)
    return {word for pieces in at.values() if len(pieces) > 1 for word in pieces}


def marked(names: Sequence[str], classes: Collection[str]) -> list[str]:
    """Return names with a mark for the class that each has, unless no two of them differ in that alone.

    Numbers are no names of classes here: they are those of images more often.
    """
    words = sorted((name for name in classes if not name.isdigit()), key=len, reverse=True)
    if not words:
        return [*names]
    find = re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, words))})(?![^\W_])").finditer
    found = []
    for name in names:
        start, end = next((match.span() for match in reversed([*find(name)])), (0, 0))
        rest = name[:start], name[end:]
        found.append(_MARK.join(rest) if end and re.search(r"[^\W_]", "".join(rest)) else name)
    return found if len({*found}) < len(found) else [*names]


def of_each_class(names: Sequence[str], provenance: Mapping[str, str]) -> str | None:
    """Return a pattern under which each class has a file of its own, if the names of images look so.

    Each image and each class has several then, and they differ in one word at an end. The provenance says
    whether they are those of files, and which pattern has found these.
    """
    pattern = provenance.get("pairing", f"{ID}:{ID}")
    if "pred" not in provenance or CLASS in pattern:
        return None
    parts = [own.partition(_MARK) for own in marked(names, words_of_classes(names))]
    images = Counter(parts)
    classes = Counter(
        name[len(before) : len(name) - len(after)]
        for name, (before, _, after) in zip(names, parts, strict=True)
    )
    if not names or min(*images.values(), *classes.values()) < _FEW:
        return None
    found = set()
    for before, _, after in images:
        if before and after:
            return None
        found.add(f"{ID}{before[-1]}{CLASS}" if before else f"{CLASS}{after[:1]}{ID}")
    if len(found) > 1:
        return None
    (one,) = found
    return ":".join(side.replace(ID, one) for side in split_pattern(pattern))


def candidates(preds: list[str], targets: list[str]) -> list[str]:
    """Return patterns worth trying, short ones first, from names that have no partner yet.

    Some predictions are cut in every way between their words and numbers. A piece that occurs in a
    few targets may be an id, and what surrounds it on both sides makes a pattern. The patterns that
    most predictions lead to are worth trying.
    """
    preds, targets = ([name for name in dict.fromkeys(side) if "*" not in name] for side in (preds, targets))
    text = "\0".join(["", *targets, ""])
    votes: Counter[str] = Counter()
    for name in preds[:: len(preds) // 12 + 1]:
        words = [match.span() for match in re.finditer(r"[^\W\d_]+|\d+", name)]
        spans = [(start, end) for start, _ in words for _, end in words if start < end]
        for start, end in sorted(spans, key=lambda span: span[0] - span[1])[:120]:
            piece = name[start:end]
            if _MARK in piece or text.count(piece) > 8:  # names no single image
                continue
            for match in re.finditer(re.escape(piece), text):
                left = text.rfind("\0", 0, match.start()) + 1
                right = text.index("\0", match.end())
                before, after = text[left : match.start()], text[match.end() : right]
                for a, b in product(_any_folder(name[:start]), _any_folder(before)):
                    pred = f"{a}{ID}{name[end:]}"
                    pattern = f"{b}{ID}{after}" if pred == ID else f"{pred}:{b}{ID}{after}"
                    votes[pattern.replace(_MARK, CLASS)] += 1
    likely = [pattern for pattern, _ in votes.most_common(24) if pattern.isprintable()]
    return sorted(likely, key=lambda pattern: (pattern.count("*"), len(pattern), pattern))


def _any_folder(before: str) -> list[str]:
    """Return the text before an id as it is, and with its folders left open."""
    _, slash, rest = before.rpartition("/")
    return [before, f"*/{rest}"] if slash else [before]
