"""Predictions that are files already."""

import os

from segscore.base.wording import show
from segscore.errors import ArgumentError
from segscore.io.sources import AnyPath


def folder(path: AnyPath) -> str:
    """Return the folder of predictions, for ``segscore.evaluate(pred=…)``.

    Parameters
    ----------
    path : path
        The folder. What is in it is found and matched with targets by :func:`segscore.evaluate`.

    Raises
    ------
    ArgumentError
        If it is no folder.
    """
    found = os.fsdecode(path)
    if not os.path.isdir(found):
        what = "a file" if os.path.exists(found) else "nothing"
        raise ArgumentError(
            f"expected a folder of predictions, found {what} at {show(found)}",
            "one mask an image, with names that match those of the targets",
        )
    return found
