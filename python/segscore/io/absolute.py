"""Paths from the root: relative ones begin at the current folder, which somebody may have deleted."""

import os
from collections.abc import Callable
from functools import cache

from segscore.errors import ArgumentError


def absolute_path(path: str | os.PathLike[str]) -> str:
    """Return a path from the root, or raise ArgumentError if it begins at a folder that was deleted."""
    try:
        return os.path.abspath(os.fsdecode(path))
    except FileNotFoundError as error:
        raise _gone() from error


def real_path(path: str | os.PathLike[str]) -> str:
    """Return a path from the root with its links followed, or raise ArgumentError as `absolute_path` does."""
    try:
        return os.path.realpath(os.fsdecode(path))
    except FileNotFoundError as error:
        raise _gone() from error


def places() -> Callable[[str], tuple[str, str]]:
    """Return a function from a path to folder and name of its file; links of a folder are followed once."""
    folder = cache(real_path)

    def place(path: str) -> tuple[str, str]:
        above, name = os.path.split(path)
        return folder(above), name

    return place


def _gone() -> ArgumentError:
    return ArgumentError(
        "the current folder is no longer there, so that nothing can be found from it",
        "go to another folder, and name files and folders by whole paths",
    )
