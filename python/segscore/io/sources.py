"""Which files a folder, a glob pattern or a list of paths stands for, and what each is called.

This module reads directories and never opens a file. Which prediction belongs to which target is
decided in `segscore.io.pairing`.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from segscore.base.naming import arg, by_face
from segscore.base.wording import show
from segscore.errors import READ, ArgumentError, PairingError
from segscore.io.absolute import absolute_path
from segscore.io.addresses import is_address, public
from segscore.io.blobs import MAX_FOUND, Blob, Blobs
from segscore.io.given import check_here
from segscore.io.globs import Glob, Places
from segscore.io.kinds import HEADER_SUFFIXES, IMAGE_SUFFIXES, KINDS, split_suffix

_ARCHIVE = "an archive", "unpack it, and give the folder of what is in it"
_TABLE = "a table", "tables name masks or hold them in a form of their own: write masks as PNG"
_ANNOTATIONS = "annotations", "`segscore convert` writes them as label maps, one PNG an image"
_NO_MASKS = {
    **dict.fromkeys((".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst"), _ARCHIVE),
    **dict.fromkeys((".csv", ".tsv", ".xlsx", ".parquet"), _TABLE),
    **dict.fromkeys((".json", ".jsonl", ".ndjson", ".geojson", ".xml"), _ANNOTATIONS),
}
"""What files are that somebody may give for a folder, by their endings, and what to do with them."""

MAX_LINKED_FOLDERS = 10_000
"""Folders that one search enters through symbolic links before it calls them a maze."""

AnyPath: TypeAlias = str | os.PathLike[str]
SourceLike: TypeAlias = AnyPath | Sequence[AnyPath]


@dataclass(frozen=True, slots=True)
class Source:
    """The files of one side; entry `i` of each tuple speaks of the same file."""

    role: str
    """``"pred"`` or ``"target"``, as messages call it."""
    where: str
    """The folder, pattern or list as messages show it."""
    root: str
    """The folder to which `files` are relative; empty for lists, whose paths are as they were given."""
    files: tuple[str, ...]
    """Relative paths with ``/`` between folders; sorted, or in the order of the list."""
    names: tuple[str, ...]
    """`files` without their endings; of a list without folders, too, but addresses as they are."""
    suffixes: tuple[str, ...]
    """The endings, in lower case with their dot; empty where there is none."""
    paths: tuple[str, ...]
    """The paths to open, or blobs."""
    listed: bool
    """True for a list of paths and for a single file."""
    unread: tuple[str, ...] = ()
    """Relative paths of what was found beside `files`, and is of kinds that are not read; sorted."""
    blobs: Mapping[str, Blob] = field(default_factory=dict)
    """All that was found, by relative paths, where these are no files of this machine."""

    def of(self, files: Sequence[str], unread: tuple[str, ...] = ()) -> "Source":
        """Return the source with these of the files that were found in it, in this order."""
        base = os.path.join(self.root, "")
        split = [split_suffix(file) for file in files]
        return replace(
            self,
            files=tuple(files),
            names=tuple([name for name, _ in split]),
            suffixes=tuple([suffix for _, suffix in split]),
            paths=tuple([self.blobs.get(file) or base + file for file in files]),
            unread=unread,
        )

    def only(self, which: Sequence[int]) -> "Source":
        """Return the source with some of its files, in this order."""
        columns = (self.files, self.names, self.suffixes, self.paths)
        files, names, suffixes, paths = (tuple([column[i] for i in which]) for column in columns)
        return replace(self, files=files, names=names, suffixes=suffixes, paths=paths, unread=())


def number_or_path(text: str, argument: str = "classes") -> int | str:
    """Return what a text of a command or form says of classes: a number of them, or a name or path."""
    check_here(text, argument)
    # Longer ones are no number that Python reads by default.
    number = text.removeprefix("-").isdecimal() and len(text) < 4300
    return int(text) if number else os.path.expanduser(text)


def values_or_path(text: str) -> int | str | list[int]:
    """Return what a text says of label values of predictions: a list with commas, or as `number_or_path`."""
    values = re.split(r"\s*,\s*", text.strip())
    if len(values) < 2 or not all(re.fullmatch(r"-?[0-9]{1,18}", value) for value in values):
        return number_or_path(text, "pred_classes")
    return list(map(int, values))


def find_files(role: str, given: SourceLike, suffixes: frozenset[str] | None) -> Source:
    """Find the files that `given` stands for, at least one; messages call this side `role`.

    A folder is searched with all folders below it. A path that does not exist and holds ``*``, ``?`` or ``[``
    is a glob pattern, in which ``**`` stands for any number of folders. A single file is a list of one path;
    paths in a list are taken as they are, existing or not. In folders and patterns only files count whose
    endings are in `suffixes`, which are in lower case with their dot (upper and lower case are the same here,
    and nowhere else); hidden files and folders (leading dot) are passed over.
    """
    if isinstance(given, Blobs):
        return _from_blobs(role, given, suffixes)
    if isinstance(given, Blob):
        return _from_list(role, [given], show(given), suffixes)
    if isinstance(given, list | tuple):
        where = f"the list of {len(given)} path{'s' * (len(given) != 1)}"
        return _from_list(role, given, where, suffixes)
    if not isinstance(given, str | os.PathLike):
        raise ArgumentError(
            f"{arg(role)}: expected a folder, a file, a glob pattern or a list of paths, "
            f"found {type(given).__name__}"
        )
    path = os.fsdecode(given)
    if is_address(path):
        return _from_list(role, [path], show(path), suffixes)
    if os.path.isdir(path):
        return _from_folder(role, path, path, ("**",), suffixes)
    if os.path.lexists(path):
        if suffixes is not None and (what := _NO_MASKS.get(split_suffix(path)[1])):
            raise PairingError(f"{arg(role)}: expected a folder, found {what[0]} at {show(path)}", what[1])
        return _from_list(role, [path], show(path), suffixes)
    # Start from the longest leading part that is plain text, so that no unrelated folder is read.
    # A folder that is really called "run[3]" is plain text too.
    parts = path.replace(os.sep, "/").split("/")
    plain = 0
    while plain < len(parts) and (
        not set(parts[plain]) & set("*?[") or os.path.isdir("/".join(parts[: plain + 1]))
    ):
        plain += 1
    root = "/".join(parts[:plain]) or ("/" if path.startswith("/") else os.curdir)
    if plain == len(parts) or not os.path.isdir(root):
        above = absolute_path(root)
        while above != os.path.dirname(above) and not os.path.isdir(above):
            above = os.path.dirname(above)
        raise PairingError(
            f"{arg(role)}: expected {by_face('a folder, a file or', forms='a folder or')} a glob pattern, "
            f"found nothing at {show(root if plain < len(parts) else path)}",
            f"the nearest folder that exists is {show(above)}",
        )
    return _from_folder(role, path, root, tuple(filter(None, parts[plain:])), suffixes)


def _from_folder(
    role: str, path: str, root: str, parts: tuple[str, ...], suffixes: frozenset[str] | None
) -> Source:
    base = os.path.join(root, "")
    paths = {file: base + file for file in sorted(_search(role, root, parts))}
    return _kept(role, show(path), root, paths, suffixes, pattern=parts != ("**",))


def _from_blobs(role: str, given: Blobs, suffixes: frozenset[str] | None) -> Source:
    if len({*given.files}) < len(given.files):  # which is said where names are looked up
        split = [split_suffix(file) for file in given.files]
        names, endings = zip(*split, strict=True)
        return Source(role, given.where, given.where, given.files, names, endings, given.blobs, listed=False)
    paths = dict(sorted(zip(given.files, given.blobs, strict=True)))
    found = _kept(role, given.where, given.where, paths, suffixes, pattern=False)
    return replace(found, blobs=paths)


def _kept(
    role: str,
    where: str,
    root: str,
    paths: Mapping[str, str],
    suffixes: frozenset[str] | None,
    *,
    pattern: bool,
) -> Source:
    """Return those of the files that were found, by their relative paths, which have one of the endings."""
    found = [(file, *split_suffix(file)) for file in paths]
    kept = found if suffixes is None else [row for row in found if row[2] in suffixes]
    headers = {name for _, name, suffix in kept if suffix in HEADER_SUFFIXES}
    others = () if suffixes is None else (row for row in found if row[2] in KINDS and row[2] not in suffixes)
    # Voxels beside their header, `a.raw` or `a.raw.gz`, are read with it.
    unread = [row for row in others if row[1].removesuffix(".raw") not in headers]
    if not kept:
        images = suffixes == IMAGE_SUFFIXES
        kind = "image" if images else "mask"
        kinds = "" if suffixes is None else f"{kind} files ({', '.join(sorted(suffixes))})"
        place = "under the pattern" if pattern else "in"
        likely = unread[0] if unread else found[0] if found else None
        other = "none" if likely is None else f"{len(found)} of other kinds, such as {show(likely[0])}"
        raise PairingError(
            f"{arg(role)}: expected {kinds or 'files'} {place} {where}, found {other}",
            "save images as PNG or JPEG"
            if found and images
            else KINDS[unread[0][2]].hint
            if unread
            else f"save masks as PNG, or read other formats with {READ}, a function from a path to an array"
            if found
            else "a pattern ends in names of files, as 'runs/*/*.png' does; hidden files are passed over"
            if pattern
            else "check the path; hidden files are passed over",
        )
    files, names, endings = zip(*kept, strict=True)
    rest = tuple([row[0] for row in unread])
    places = tuple([paths[file] for file in files])
    return Source(role, where, root, files, names, endings, places, listed=False, unread=rest)


def _from_list(role: str, given: Sequence[AnyPath], where: str, suffixes: frozenset[str] | None) -> Source:
    if not given:
        raise PairingError(f"{arg(role)}: expected at least one path, found an empty list")
    for i, item in enumerate(given):
        if not isinstance(item, str | os.PathLike):
            raise ArgumentError(
                f"{arg(role)}: expected paths in the list, found {type(item).__name__} at index {i}"
            )
    paths = tuple([item if isinstance(item, Blob) else os.fsdecode(item) for item in given])
    files = tuple([path.replace(os.sep, "/") for path in paths])
    unopened = [is_address(path) and not isinstance(path, Blob) for path in paths]
    if any(unopened) and suffixes is not None:
        address = show(public(paths[unopened.index(True)]))
        raise PairingError(
            f"{arg(role)}: expected paths of files, found the address {address}",
            "download it, and give its path, or read addresses with "
            f"{READ}, a function from an address to an array",
        )
    # What a file is called depends on nothing else in the list, so that parts of it are called the same.
    split = [
        (file, "") if as_it_is else split_suffix(file.rpartition("/")[2])
        for file, as_it_is in zip(files, unopened, strict=True)
    ]
    names, endings = zip(*split, strict=True)
    return Source(role, where, "", files, names, endings, paths, True)


def _search(role: str, root: str, parts: tuple[str, ...]) -> list[str]:
    """Return the relative paths of all files below `root` that match `parts`, in any order.

    Every folder is read once, and only if a file in it can match. Links to folders are followed, but not
    back into a folder that the way down has passed.
    """
    glob = Glob(parts)
    found: list[str] = []
    folders = linked = 0
    todo: list[tuple[str, str, Places, frozenset[tuple[int, int]]]] = []
    todo.append((root, "", glob.begin, frozenset()))
    while todo:
        folder, prefix, at, passed = todo.pop()
        folders += 1
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in passed:
                continue
            passed |= {(status.st_dev, status.st_ino)}
            with os.scandir(folder) as entries:
                for entry in entries:
                    if _is_file(entry):
                        if glob.takes(at, entry.name):
                            found.append(prefix + entry.name)
                    elif entry.is_dir() and (steps := glob.within(at, entry.name)):
                        linked += entry.is_symlink()
                        todo.append((entry.path, f"{prefix}{entry.name}/", steps, passed))
        except OSError as error:
            raise PairingError(
                f"{arg(role)}: cannot read the folder {show(folder)}: {error.strerror}",
                "make it readable, or leave it out with a glob pattern",
            ) from error
        if len(found) + folders > MAX_FOUND:
            raise PairingError(
                f"{arg(role)}: expected at most {MAX_FOUND:,} files and folders below {show(root)}, "
                "found more",
                "name the folder that holds these files alone",
            )
        if linked > MAX_LINKED_FOLDERS:
            raise PairingError(
                f"{arg(role)}: expected at most {MAX_LINKED_FOLDERS} links to folders below "
                f"{show(root)}, found more, the last in {show(folder)}",
                "links that lead into each other multiply; remove them, or use a glob pattern",
            )
    return found


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Tell files from folders and devices; a link that leads nowhere fails when it is read."""
    try:
        return entry.is_file() or (entry.is_symlink() and not entry.is_dir())
    except OSError:
        return True
