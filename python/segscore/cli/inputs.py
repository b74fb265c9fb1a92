"""Evaluations that commands are given as files, for those that read what `--save` wrote."""

import os

from segscore.errors import FileFormatError
from segscore.evaluation import Evaluation, load
from segscore.sources import show


def saved_evaluation(path: str) -> Evaluation:
    """Return the evaluation in a file, or say what else is there and how to get one.

    Parameters
    ----------
    path : str
        What the user named.

    Raises
    ------
    FileFormatError
        If it is no saved evaluation, or cannot be read.
    """
    if os.path.isdir(path):
        raise FileFormatError(
            f"{show(path)}: expected a saved evaluation, found a folder",
            "score the masks in it first: `segscore evaluate --save FILE.npz` writes such a file",
        )
    try:
        return load(path)
    except FileFormatError as error:
        if _is_json(path):
            raise FileFormatError(
                f"{show(path)}: expected a saved evaluation, found JSON",
                "`--json` writes no counts of single images; score them again with `--save FILE.npz`",
            ) from error
        raise


def _is_json(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(64).lstrip().startswith(b"{")
    except (OSError, ValueError):
        return False
