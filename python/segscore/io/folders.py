"""Folders that are made whole, or taken away again."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


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
        with suppress(OSError, ValueError):  # where others have put something, or nothing can have this name
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
    with suppress(OSError, ValueError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                with suppress(OSError):
                    os.unlink(entry.path)
