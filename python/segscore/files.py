"""Files: where the masks and the photograph of an image lie. Nothing is opened here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Files:
    """Where the files of one image lie, as far as it is known.

    A path may come from a file that somebody else wrote, and what lies there may have changed: it is only
    ever opened as a mask or a photograph.

    Attributes
    ----------
    pred, target : str or None
        Paths of the masks.
    image : str or None
        Path of the photograph.
    """

    pred: str | None = None
    target: str | None = None
    image: str | None = None


FilesByName: TypeAlias = Mapping[str, Files]
"""The files of images by their names."""
