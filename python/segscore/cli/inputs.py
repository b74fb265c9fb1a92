"""What commands are given: evaluations that `--save` wrote, and the workspace."""

import os

from segscore.errors import FileFormatError
from segscore.evaluation import Evaluation
from segscore.saved import load
from segscore.sources import show
from segscore.workspace import Workspace


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


def opened_workspace(path: str | None) -> Workspace:
    """Return the workspace that `--workspace` names, or the one that is found without it."""
    return Workspace.find() if path is None else Workspace(path)


def _is_json(path: str) -> bool:
    try:
        with open(path, "rb") as file:
            return file.read(64).lstrip().startswith(b"{")
    except (OSError, ValueError):
        return False
