"""What images of stacks may be instead, where nobody named them: told by shapes, and by what is 1."""

from collections.abc import Iterable, Sequence
from itertools import chain
from math import prod
from typing import Any, Final

import numpy as np

from segscore.base.naming import by_face
from segscore.base.values import Ints
from segscore.base.wording import many
from segscore.classes.classes import Classes
from segscore.counts.rows import Rows
from segscore.counts.told import Told
from segscore.io.arrays import as_labels
from segscore.io.shapes import PLANES, one_hot_axis

_NAMED = by_face("give their `names`, or a list of them", command_line="save one a file")
_PER_CLASS_HINT = (
    "score masks that may overlap one class at a time, with two classes; where these are images, "
)
PER_CLASS_HINT: Final = _PER_CLASS_HINT + _NAMED
PER_CLASS_UNNAMED_HINT: Final = _PER_CLASS_HINT + "give a list of them"
"""Where images have no names."""
_ONE_HOT_HINT = (
    by_face("`stack.argmax(axis=0)` is", command_line="save `stack.argmax(axis=0)`,")
    + " the label map; where these are images, "
)
ONE_HOT_HINT: Final = _ONE_HOT_HINT + _NAMED
ONE_HOT_UNNAMED_HINT: Final = _ONE_HOT_HINT + "give a list of them"
"""Where images have no names."""
IMAGES_LAST_HINT: Final = (
    by_face("`np.moveaxis(stack, -1, 0)` puts", command_line="save `np.moveaxis(stack, -1, 0)`, which puts")
    + " the axis of the images first; where these are images, "
    + _NAMED
)
_NARROW = 8
"""How many times as long as the last axis both others are, at least, where it may be that of the images: no
usual image is so narrow upright, and a stack of few of them is none that is told here."""


def masks_of_classes(classes: Classes, labels: Iterable[Ints]) -> str:
    """Return what is to be said of stacks of as many images as classes, if each may be of a class alone."""
    if not _are_ones(labels):
        return ""
    return (
        f"stacks of {many(len(classes), 'image')}, as many as there are classes, hold 0 and 1 alone: they "
        "are scored as labels of images, and may be a mask for each class"
    )


def one_hot(shape: Sequence[int], images: Sequence[Rows]) -> str:
    """Return what is to be said of a stack in which as many pixels are 1 on either side as one image has.

    Of images that hold one label each, such as tiles, it happens that a single one is all 1.
    """
    pixels = prod(shape[1:])
    ones = np.array([[int(rows[2][rows[side] == 1].sum()) for rows in images] for side in range(2)])
    mixed = (ones[0] > 0) & (ones[0] < pixels)
    if (ones.sum(axis=1) != pixels).any() or mixed.sum() < 2:
        return ""
    return _one_hot_text(shape) if _are_ones(own for rows in images for own in rows[:2]) else ""


def _one_hot_text(shape: Sequence[int]) -> str:
    """Return the sentence on a stack that is one-hot."""
    return (
        f"a stack of shape {tuple(shape)} holds 0 and 1 alone, and as many 1 as one image has pixels: it is "
        f"scored as labels of {many(shape[0], 'image')}, and may be one label map that is one-hot"
    )


def images_last(shape: Sequence[int]) -> str:
    """Return what is to be said of a stack whose last axis is so short that it may be that of the images."""
    if len(shape) != PLANES + 1 or not shape[-1] or min(shape[:-1]) < _NARROW * shape[-1]:
        return ""
    *image, number = shape
    return (
        f"a stack of shape {tuple(shape)} is scored as {many(shape[0], 'image')} of shape "
        f"{tuple(shape[1:])}, and may be {many(number, 'image')} of shape {tuple(image)}"
    )


def of_batch(classes: Classes, shape: Sequence[int], images: Sequence[Rows], *, least: int) -> Told | None:
    """Return what is to be said of a batch in one array; masks of classes, of so many at least."""
    if said := images_last(shape):
        return Told(said, IMAGES_LAST_HINT)
    if said := one_hot(shape, images):
        return Told(said, ONE_HOT_HINT)
    if len(classes) == len(images) >= least and (
        said := masks_of_classes(classes, (own for rows in images for own in rows[:2]))
    ):
        return Told(said, PER_CLASS_HINT)
    return None


def of_whole(classes: Classes, target: Any, rows: Rows, *, least: int) -> Told | None:
    """Return what is to be said of a stack that was counted as a whole; see `of_batch`."""
    shape = tuple(target.shape)
    if not _are_ones(rows[:2]):
        return None
    ones = [int(rows[2][rows[side] == 1].sum()) for side in range(2)]
    # Where it lies does not matter to a sum, but for what is 1 in each pixel.
    if ones == [prod(shape[1:])] * 2 and one_hot_axis(as_labels(target, "target"), shape[0]) == 0:
        return Told(_one_hot_text(shape), ONE_HOT_UNNAMED_HINT)
    if len(classes) == shape[0] >= least:
        return Told(masks_of_classes(classes, rows[:2]), PER_CLASS_UNNAMED_HINT)
    return None


def _are_ones(labels: Iterable[Ints]) -> bool:
    return set(chain.from_iterable(np.unique(own).tolist() for own in labels)) == {0, 1}
