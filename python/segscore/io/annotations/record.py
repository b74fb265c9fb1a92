"""What files of annotations hold, in whatever format: images, and objects with their classes and masks."""

from typing import Final, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from segscore.base.values import Floats, Ints

FAR: Final = 1 << 30
"""How far from an image its masks may lie at most."""


class Polygons(NamedTuple):
    """Outlines of one mask, each x and y of its points in turn: parts, less what lies in holes."""

    parts: tuple[Floats, ...]
    holes: tuple[Floats, ...] = ()


Mask: TypeAlias = Polygons | str | Ints
"""Outlines, or run lengths by columns of the image as COCO has them: as its text, or as numbers."""


class Object(NamedTuple):
    """One object of an image."""

    place: str
    """Where it stands in its file."""
    label: int
    """The number of its class."""
    masks: tuple[Mask, ...]
    """Their union is its mask; none of an object that has a box alone."""
    crowd: bool = False
    score: float | None = None
    z: int = 0
    """What lies on top has more."""


class Image(NamedTuple):
    """One image and what is in it."""

    name: str
    """That of its file, without ending."""
    file: str
    """As it is called where it was annotated."""
    height: int
    width: int
    objects: tuple[Object, ...]
    path: str
    """The file that says so."""


def runs_of(bits: npt.NDArray[np.bool_], x: int, y: int, height: int, width: int) -> Ints:
    """Return run lengths by columns of an image whose pixels are true in a box; what is outside is cut off.

    Examples
    --------
    >>> runs_of(np.array([[True, False], [True, True]]), 1, 0, 3, 4).tolist()
    [3, 2, 2, 1, 4]
    """
    inside = bits[max(-y, 0) : max(height - y, 0), max(-x, 0) : max(width - x, 0)]
    columns, rows = np.nonzero(inside.T)
    pixels = (columns + max(x, 0)).astype(np.int64) * height + rows + max(y, 0)
    first = np.flatnonzero(np.diff(pixels, prepend=-2) != 1)
    ends = np.append(pixels[first[1:] - 1], pixels[-1:]) + 1
    edges = np.column_stack([pixels[first], ends]).ravel()
    return np.diff(edges, prepend=0, append=height * width)


def spread(counts: Ints, height: int, width: int) -> npt.NDArray[np.bool_]:
    """Return the pixels of run lengths by rows that cover an array; the first ones are of no object."""
    return np.repeat(np.arange(len(counts)) % 2 == 1, counts).reshape(height, width)
