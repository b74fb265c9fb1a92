"""Pictures of volumes: of slices along each axis, under one model or two, or of the target alone."""

from collections.abc import Callable, Sequence

import numpy as np

from segscore.base.values import Bools
from segscore.base.wording import many
from segscore.errors import ArgumentError
from segscore.io.arrays import Array
from segscore.io.masks import Read
from segscore.pages.masks import Masks, Scored, grid_of
from segscore.pages.slices import (
    Axis,
    ByAxis,
    Pngs,
    View,
    axes_of,
    counted,
    most_foreground,
    views_of,
    wrong_voxels,
)


def slices_of(
    sides: Sequence[Scored],
    encode: Callable[[Sequence[Masks]], Pngs],
    *,
    side: int,
    room: int,
    read: Read | None,
) -> tuple[Axis, ...]:
    """Return pictures of a volume, of about `room` bytes, whose longer side has at most `side` pixels.

    First come the slices with most errors; of two models, with most voxels that the second one mends or
    breaks. Where there are none, or the target is alone, they are those with most foreground.
    """
    one = sides[0]
    if any(of.target.shape != one.target.shape for of in sides):
        raise ArgumentError("the targets of the two differ in shape")
    counts = _errors(sides)

    def draw(view: View, index: int) -> Pngs:
        return encode([of.drawn(lambda labels: view.of(labels, index), view.size) for of in sides])

    def said(axis: int, index: int) -> str:
        found = [int(of[axis][index]) for of in counts]
        if len(found) == 2:
            return f"{many(found[0], 'voxel')} fixed, {found[1]:,} broken"
        return "".join(f"{many(wrong, 'voxel')} wrong" for wrong in found)

    if any(of[0].any() for of in counts):
        marked: ByAxis = [np.sum([of[axis] for of in counts], axis=0) for axis in range(3)]
    else:
        marked = most_foreground(one.evaluation.classes, one.target)
    return axes_of(views_of(grid_of(one, read=read), side), marked, draw, said, room)


def _errors(sides: Sequence[Scored]) -> list[ByAxis]:
    """Return the wrong voxels of each slice; of two models, those that are mended, and that are broken."""
    volumes = [labels for of in sides for labels in (of.target, of.pred) if labels is not None]
    if len(volumes) < 2 * len(sides):
        return []
    wrong = [wrong_voxels(of.evaluation.classes, *of.rows[:2]) for of in sides]

    def marks(*parts: Array) -> Sequence[Bools]:
        found = [of(*parts[2 * i : 2 * i + 2]) for i, of in enumerate(wrong)]
        return found if len(found) == 1 else [found[0] & ~found[1], found[1] & ~found[0]]

    return counted(volumes, marks)
