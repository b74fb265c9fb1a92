"""Folders of the demo, which are whole or not there."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from segscore.errors import OutputError

_HINT = "name another folder with `--dir`"


def make_folders(folder: Path, inside: Sequence[Path], *, full: str | None = None) -> None:
    """Make folders in another one; `full` is said of one that is not empty where it has to be."""
    try:
        if full is not None and folder.exists() and any(folder.iterdir()):
            raise OutputError(f"{folder}: {full}", _HINT)
        for path in inside:
            path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(f"{folder}: cannot be written: {error.strerror or error}", _HINT) from error


@contextmanager
def whole(folder: Path) -> Iterator[None]:
    """Take away again what a block that fails, or is interrupted, has made in a folder.

    One that was not empty before stays as the block has left it.
    """
    made = [path for path in (folder, *folder.parents) if not os.path.lexists(path)]
    begun = bool(made) or _is_empty(folder)
    try:
        yield
    except BaseException:
        if begun:
            _clear(folder)
        with suppress(OSError):  # others may have put something into the folders above
            for path in made:
                path.rmdir()
        raise


def _is_empty(folder: Path) -> bool:
    try:
        return not os.listdir(folder)
    except OSError:
        return False


def _clear(folder: Path) -> None:
    """Remove all that is in a folder, as far as that is possible."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                with suppress(OSError):
                    os.unlink(entry.path)
