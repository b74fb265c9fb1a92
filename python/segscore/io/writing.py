"""Files that are written whole or not at all, and additions to files."""

import os
import re
import stat
import time
from contextlib import suppress
from functools import partial
from os import PathLike, fspath
from pathlib import Path
from typing import IO

from segscore.base.wording import reason, show
from segscore.errors import OutputError
from segscore.io.absolute import real_path
from segscore.io.addresses import address_in, public


def write_file(path: str | PathLike[str], content: bytes) -> None:
    """Write a file, replacing one of that name only once everything is on the disk.

    A device or a pipe is written to as it is.
    """
    where = Path(fspath(path))
    try:
        if where.exists() and not where.is_file():
            where.write_bytes(content)
        else:
            _replace(where, content)
    except (OSError, ValueError) as error:
        raise _refused(where, error) from error


_PART = re.compile(r"\..{1,50}\.[0-9a-f]{16}\.part", re.DOTALL)
_OLD = 60.0
"""Seconds after which nobody is about to lock a part any more."""


def remove_parts(folder: str | PathLike[str]) -> None:
    """Remove what killed processes had begun to write into a folder, as far as that is possible.

    What is still being written is locked, and stays; so does everything where the file system has no locks.
    """
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if _PART.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                with suppress(OSError), open(entry.path, "rb") as file:
                    _lock(file)
                    if os.fstat(file.fileno()).st_mtime < time.time() - _OLD:
                        os.unlink(entry.path)


def _lock(file: IO[bytes]) -> None:
    """Lock a file until it is closed, or its process ends; OSError where another one has locked it."""
    import fcntl

    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def append_file(path: str | PathLike[str], content: bytes) -> None:
    """Add to the end of a file, which is made if it is not there; others may add to it as well.

    Where that fails, what was written of it is taken away again, unless others have added to the file
    meanwhile: what they wrote is kept, and the part before it as well.
    """
    where = Path(fspath(path))
    try:
        with open(where, "ab", buffering=0) as file:
            size = os.fstat(file.fileno()).st_size
            left = memoryview(content)
            try:
                while left:
                    left = left[file.write(left) :]
            except BaseException:
                written = len(content) - len(left)
                if where.is_file() and os.fstat(file.fileno()).st_size == size + written:
                    file.truncate(size)
                raise
    except (OSError, ValueError) as error:
        raise _refused(where, error) from error


def _refused(where: Path, error: OSError | ValueError) -> OutputError:
    return OutputError(
        f"{show(str(where))}: cannot be written: {reason(error)}",
        "choose a folder that is there, writable, and on a disk with room"
        if isinstance(error, OSError)
        else _OTHER_NAME,
    )


_OTHER_NAME = "no file can have this name: choose another one"


def check_folder(path: str | PathLike[str], *, append: bool = False) -> None:
    """Raise OutputError if no file can be written there, before a long run and not after it.

    With `append`, a file that is there will be added to, not replaced.
    """
    where = fspath(path)
    if not where.strip():
        found = "a name of blanks" if where else "an empty path"
        raise OutputError(f"expected a file to write, found {found}", "name a file")
    if (address := address_in(where)) is not None:
        raise OutputError(
            f"expected a file of this machine to write, found the address {show(public(address))}",
            "name a file, and copy it there",
        )
    try:
        os.lstat(where)
    except ValueError as error:
        raise _refused(Path(where), error) from error
    except OSError:
        pass  # What is wrong with it, if anything, is said below or once it is written.
    if os.path.isdir(where):
        raise OutputError(f"{show(where)}: expected a file to write, found a folder", "name a file within it")
    if os.path.exists(where) and not os.path.isfile(where):
        return  # A device or a pipe is not replaced, so that its folder need not be writable.
    if os.path.isfile(where) and not os.access(where, os.W_OK):
        # Its folder may let it be replaced, but whoever took these permissions away wants it to stay.
        raise OutputError(
            f"{show(where)}: the file is not writable", "change its permissions, or name another one"
        )
    if append and os.path.isfile(where):
        return
    folder = str(Path(real_path(where) if os.path.islink(where) else where).parent)
    if not os.path.isdir(folder):
        raise OutputError(
            f"{show(folder)}: there is no such folder to write to", "make it, or name another one"
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OutputError(
            f"{show(folder)}: the folder is not writable", "change its permissions, or name another one"
        )


def check_room(path: str | PathLike[str]) -> None:
    """Raise OutputError if a file can be begun there and not written, as on a disk that is full.

    Permissions do not say it, nor what a share of a network allows: a block is written there, and removed.
    """
    where = Path(fspath(path))
    if where.exists() and not where.is_file():
        return
    folder, name = os.path.split(real_path(where))
    part = _part(folder, name)
    try:
        try:
            with open(part, "xb") as file:
                file.write(bytes(_BLOCK))
                file.flush()
                os.fsync(file.fileno())
        finally:
            with suppress(OSError):
                os.unlink(part)
    except OSError as error:
        raise _refused(where, error) from error


_BLOCK = 4096


def _part(folder: str, name: str) -> str:
    """Return what a file is called in a folder until it is whole."""
    return os.path.join(folder, f".{name[:50]}.{os.urandom(8).hex()}.part")


def _replace(where: Path, content: bytes) -> None:
    # A link is followed, so that the file that it names is replaced and not the link.
    folder, name = os.path.split(real_path(where))
    target = os.path.join(folder, name)
    part = _part(folder, name)
    mode = stat.S_IMODE(os.stat(target).st_mode) & 0o777 if os.path.exists(target) else None
    try:
        # Whoever may not read what is replaced may at no moment read what replaces it.
        with open(part, "xb", opener=partial(os.open, mode=0o666 if mode is None else 0o600)) as file:
            with suppress(OSError):  # where there are no locks, nobody takes it for one that was left behind
                _lock(file)
            if mode is not None:
                os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(part)
        raise
