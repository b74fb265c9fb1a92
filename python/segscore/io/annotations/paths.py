"""Which paths are those of annotations; no file is opened, and no reader is imported."""

import os

from segscore.io.kinds import split_suffix

_SUFFIXES = (".json",)


def is_annotated(path: str) -> bool:
    """Whether a path is that of a file of annotations, by its ending."""
    return split_suffix(path)[1] in _SUFFIXES and os.path.isfile(path)
