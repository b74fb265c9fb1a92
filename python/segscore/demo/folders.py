"""Folders of the demo, out of which only what is whole is taken."""

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from segscore.errors import OutputError

_HINT = "name another folder with `--dir`"


_UNFINISHED = ".segscore-demo-unfinished"
"""Where a demo is made, in its folder."""


def make_folders(folder: Path, inside: Sequence[Path]) -> None:
    """Make folders in another one."""
    with _writing(folder):
        for path in inside:
            path.mkdir(parents=True, exist_ok=True)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror or error}", _HINT) from error


@contextmanager
def unfinished(folder: Path, *, full: str | None) -> Iterator[Path]:
    """Yield a new folder in another one, out of which `move_up` takes what is whole; the rest is taken away.

    What an earlier process has left there, which was killed, is taken away first. `full` is said of a folder
    that is not empty, where it has to be.
    """
    made = folder / _UNFINISHED
    with _writing(folder):
        if made.is_dir():
            shutil.rmtree(made)
        if full is not None and folder.exists() and any(folder.iterdir()):
            raise OutputError(f"{folder}: {full}", _HINT)
        made.mkdir(parents=True)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def move_up(made: Path) -> None:
    """Move what is whole out of an `unfinished` folder, into one of the same name if there is one."""
    folder = made.parent.parent
    with _writing(folder):
        _move(made, folder / made.name)


def _move(source: Path, place: Path) -> None:
    if source.is_dir() and place.is_dir():
        for entry in source.iterdir():
            _move(entry, place / entry.name)
    else:
        os.replace(source, place)
