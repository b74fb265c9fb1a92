"""Files that are written whole or not at all."""

import os
import tempfile
from os import PathLike, fspath
from pathlib import Path

from segscore.errors import OutputError


def write_file(path: str | PathLike[str], content: bytes) -> None:
    """Write a file, replacing one of that name only once everything is on the disk.

    Parameters
    ----------
    path : path
        Where to write. A device or a pipe is written to as it is.
    content : bytes
        What to write.

    Raises
    ------
    OutputError
        If it cannot be written; what was there before is still there.
    """
    where = Path(fspath(path))
    try:
        if where.exists() and not where.is_file():
            where.write_bytes(content)
        else:
            _replace(where, content)
    except OSError as error:
        raise OutputError(
            f"{where}: cannot be written: {error.strerror or error}",
            "choose a folder that is there, writable, and on a disk with room",
        ) from error


def check_folder(path: str | PathLike[str]) -> None:
    """Raise OutputError if there is no folder to write a file to, before a long run and not after it."""
    folder = Path(fspath(path)).parent
    if not folder.is_dir():
        raise OutputError(f"{folder}: there is no such folder to write to", "make it, or name another one")


def _replace(where: Path, content: bytes) -> None:
    # A link is followed, so that the file that it names is replaced and not the link.
    where = where.resolve()
    handle, name = tempfile.mkstemp(prefix=f".{where.name[:50]}.", suffix=".part", dir=where.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, where.stat().st_mode & 0o777 if where.exists() else 0o666 & ~_umask())
        os.replace(name, where)
    except BaseException:
        os.unlink(name)
        raise


def _umask() -> int:
    # The only way to read it is to set it.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
