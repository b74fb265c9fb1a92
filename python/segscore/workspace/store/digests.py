"""Files that a workspace speaks of but does not hold: where they are, and what was in them.

A file is what its bytes are; its size and time only say whether it must be read again to know them.
"""

import errno
import hashlib
import json
import os
import stat
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BufferedReader
from typing import Any, TypeAlias

from segscore.base.wording import many, show
from segscore.counts.threads import num_threads
from segscore.errors import ArgumentError, flag
from segscore.io.absolute import absolute_path
from segscore.io.kinds import HEADER_SUFFIXES, split_suffix
from segscore.workspace.store.store import Store

CHANGED = "its content has changed"

Seen: TypeAlias = tuple[int, int, str]
"""Size, time and digest of a file, as in `File`."""

_SETTLED_NS = 2_000_000_000
"""A file that changed this short before it was read may change again without a new time: clocks of file
systems tick as slowly as every 2 s (FAT), so that its digest is not remembered."""


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was when it was read.

    Attributes
    ----------
    path : str
        Relative to the folder of the workspace where it lies below it, else absolute.
    sha256 : str
        Digest of its bytes, hexadecimal.
    bytes : int
        Its size.
    mtime_ns : int
        When it was last changed, in nanoseconds since 1970.
    """

    path: str
    sha256: str
    bytes: int
    mtime_ns: int

    @staticmethod
    def of_dict(entry: dict[str, Any]) -> "File":
        """Return the file that a manifest speaks of, or raise what damaged manifests raise."""
        made = File(entry["path"], entry["sha256"], entry["bytes"], entry["mtime_ns"])
        # JSON has no other types that are texts or whole numbers, and manifests have very many files.
        if not (type(made.path) is str and made.path and is_digest(made.sha256)):
            raise ValueError
        if not (type(made.bytes) is int and type(made.mtime_ns) is int and len(entry) == 4):
            raise ValueError
        return made


_ONCE = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""How files are opened: what has become a pipe meanwhile does not make anybody wait."""


def _opened(path: str) -> BufferedReader:
    """Open a file for reading, or raise OSError, also for what one would wait for."""
    # A device is not even opened; and what is there may be another thing once it is open.
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise _no_file(path)
    opened = open(os.open(path, _ONCE), "rb")  # noqa: SIM115
    if stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
        return opened
    opened.close()
    raise _no_file(path)


def _no_file(path: str) -> OSError:
    if os.path.isdir(path):
        return IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    return OSError(errno.EINVAL, "expected a file, found a pipe or a device")


def bytes_as_registered(path: str, file: File) -> bytes | None:
    """Return what lies at a path if it is what was registered; None where anything else is there.

    What is of another size is not read at all.
    """
    try:
        with _opened(path) as opened:
            if os.fstat(opened.fileno()).st_size != file.bytes:
                return None
            content = opened.read(file.bytes + 1)
    except OSError:
        return None
    return content if hashlib.sha256(content).hexdigest() == file.sha256 else None


def file_dict(file: File) -> dict[str, Any]:
    """Return a file as manifests speak of it."""
    return {"path": file.path, "sha256": file.sha256, "bytes": file.bytes, "mtime_ns": file.mtime_ns}


def is_digest(text: object) -> bool:
    """Whether this is a SHA-256 in hexadecimal."""
    try:
        # A fifth of what a pattern takes. Spaces between bytes, which are passed over, would make it shorter.
        found = isinstance(text, str) and len(text) == 64 and len(bytes.fromhex(text)) == 32
    except ValueError:
        return False
    return found and text == str(text).lower()


def digest_of(parts: object) -> str:
    """Return the SHA-256 of what JSON can say; equal content has equal digests on any machine."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def short_path(store: Store, path: str) -> str:
    """Return a path relative to the folder of the workspace where it lies below it, else absolute."""
    whole = absolute_path(path)
    root = os.path.join(store.root, "")
    return whole[len(root) :] if whole.startswith(root) else whole


def whole_path(store: Store, path: str) -> str:
    """Return the path to open for one that a manifest speaks of."""
    return whole_paths(store, [path])[0]


def whole_paths(store: Store, paths: Iterable[str]) -> tuple[str, ...]:
    """Return the paths to open for those that a manifest speaks of."""
    # As `os.path.join` has it, which takes five times as long: datasets have very many files.
    is_absolute, start = os.path.isabs, f"{store.root}{os.sep}"
    return tuple([path if is_absolute(path) else start + path for path in paths])


def read_files(store: Store, paths: Sequence[str], threads: int | None) -> list[File]:
    """Return each file as it is, all of them read; an error lists all that cannot be."""
    apart = next((path for path in paths if split_suffix(path)[1] in HEADER_SUFFIXES), None)
    if apart is not None:
        raise ArgumentError(
            f"{show(apart)}: expected a file with all voxels, found a header of those in another file",
            "a version keeps what each file holds: save volumes as `.mha`, `.nrrd` or `.nii.gz`",
        )
    found = _read_all(store, paths, threads)
    failures = [f"{show(path)}: {seen}" for path, seen in found.items() if isinstance(seen, str)]
    if failures:
        raise ArgumentError(
            "\n  ".join([f"{many(len(failures), 'file')} cannot be read:", *failures]),
            "check that they are there and readable",
        )
    return [
        File(short_path(store, path), seen[2], *seen[:2])
        for path, seen in found.items()
        if not isinstance(seen, str)
    ]


def changes(store: Store, files: Sequence[File], *, verify: bool, threads: int | None) -> dict[str, str]:
    """Return the files that are not as they were: for each path what became of it.

    With `verify`, those are read as well whose size and time say that nothing happened.
    """
    paths = [whole_path(store, file.path) for file in files]
    known = {} if flag("verify", verify) else store.digests(paths)
    # A file that was changed and brought back may have the size and time that it had meanwhile: what is
    # remembered says that a file is as it was, and never that it is not.
    now: dict[str, str | Seen] = {
        path: known[path]
        for path, file in zip(paths, files, strict=True)
        if path in known and known[path][2] == file.sha256 and _stat(path) == known[path][:2]
    }
    now |= _read_all(store, [path for path in paths if path not in now], threads)
    found = {}
    for path, file in zip(paths, files, strict=True):
        seen = now[path]
        if isinstance(seen, str):
            found[file.path] = seen
        elif seen[2] != file.sha256:
            found[file.path] = CHANGED
    return found


def _stat(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns


def _read_all(store: Store, paths: Sequence[str], threads: int | None) -> dict[str, str | Seen]:
    """Read files; return for each what was seen, or why it cannot be read."""
    with ThreadPoolExecutor(num_threads(threads), "segscore-digest") as pool:
        found = dict(zip(paths, pool.map(_read, paths), strict=True))
    latest = time.time_ns() - _SETTLED_NS
    settled = {path: seen for path, seen in found.items() if not isinstance(seen, str) and seen[1] < latest}
    if settled:
        store.keep_digests(settled)
    return found


def _read(path: str) -> str | Seen:
    try:
        with _opened(path) as file:
            # The time is that of before: what is changed meanwhile is read again the next time.
            status = os.fstat(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        return error.strerror or str(error)
    return status.st_size, status.st_mtime_ns, digest
