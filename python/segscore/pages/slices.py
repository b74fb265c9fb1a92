"""Slices of volumes: which of them are shown, how they lie in their pictures, and what is said of them.

Of each axis that is the slice with most errors, and others beside it. No file is read here, and no picture
is made.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, TypeAlias

import numpy as np

from segscore.base.values import Bools, Ints
from segscore.classes.classes import Classes
from segscore.classes.folding import may_be_background
from segscore.io.arrays import Array
from segscore.io.grids import Grid, orientation

ByAxis: TypeAlias = Sequence[Ints]
"""Voxels of each slice along the first, the second and the third axis."""
Pngs: TypeAlias = dict[str, bytes]
"""Pictures of one slice by what they show."""

MOST_SLICES = 24
"""Slices along one axis that are kept, at most."""
_AXES = "first", "second", "third"
_PLANES = {"R": "sagittal", "L": "sagittal", "A": "coronal", "P": "coronal", "S": "axial", "I": "axial"}
"""What slices are called along an axis that leads to the right, to the left and so on."""
_TOWARDS = "RAS"
"""Where axes lead that are drawn from their end: back or feet are below, the patient's left on the right."""
_UPRIGHT = "SIAPRL"
"""Of two axes, the one that leads where this order says first is drawn upright."""


class View(NamedTuple):
    """How slices along one axis lie in their pictures."""

    axis: int
    title: str
    """Such as "first axis (sagittal)"."""
    apart: str
    """Such as "3 mm apart"; empty where it is not known."""
    upright: bool
    """Whether it is known where axes lead."""
    turned: bool
    """Whether the later one of the other two axes is upright."""
    flipped: tuple[bool, bool]
    """Whether the upright axis, and the other one, are drawn from their end."""
    size: tuple[int, int]
    """Width and height of pictures, in pixels, in the proportions of the volume."""

    def of(self, volume: Array, index: int) -> Array:
        """Return one slice as it is drawn."""
        plane: Array = np.moveaxis(volume, self.axis, 0)[index]
        plane = plane.T if self.turned else plane
        down, across = (slice(None, None, -1 if flipped else 1) for flipped in self.flipped)
        return plane[down, across]

    def said(self, index: int, length: int, what: str = "") -> str:
        """Return which slice it is, counted from 1, and what there is to say of it."""
        parts = f"Slice {index + 1:,} of {length:,} along the {self.title}", self.apart
        return ", ".join(filter(None, parts)) + (f": {what}" if what else "")


@dataclass(frozen=True, kw_only=True)
class Axis:
    """Slices along one axis of a volume, in their order."""

    title: str
    upright: bool
    """Whether a patient is drawn upright."""
    size: tuple[int, int]
    """Width and height of pictures."""
    said: tuple[str, ...]
    """What each is."""
    pictures: tuple[Pngs, ...]
    first: int
    """The place of the one to look at first."""


def views_of(grid: Grid, side: int) -> tuple[View, ...]:
    """Return how slices of a volume lie, along each axis, in pictures of at most so many pixels a side.

    Where the header says where axes lead, a patient is upright and looks to the left or at whoever looks at
    the picture; where it does not, the earlier axis is upright, as arrays are printed.
    """
    letters = orientation(grid.directions) if grid.directions else ""
    planes = [_PLANES[letter] for letter in letters]
    known = len(set(planes)) == 3
    steps = grid.spacing or (1.0, 1.0, 1.0)
    views = []
    for axis in range(3):
        down, across = (other for other in range(3) if other != axis)
        turned = known and _UPRIGHT.index(letters[across]) < _UPRIGHT.index(letters[down])
        if turned:
            down, across = across, down
        views.append(
            View(
                axis,
                f"{_AXES[axis]} axis" + (f" ({planes[axis]})" if known else ""),
                f"{steps[axis]:.4g} mm apart" if grid.spacing else "",
                known,
                turned,
                (known and letters[down] in _TOWARDS, known and letters[across] in _TOWARDS),
                _size((grid.shape[across], grid.shape[down]), (steps[across], steps[down]), side),
            )
        )
    return tuple(views)


def _size(lengths: tuple[int, int], steps: tuple[float, float], side: int) -> tuple[int, int]:
    """Return width and height in pixels: one for each voxel of the finer step, if there is room."""
    most, least = max(steps), min(steps)
    # Shares of the longer step, as products of steps may be no number.
    width, height = (length * (step / most) for length, step in zip(lengths, steps, strict=True))
    scale = min(most / least, side / max(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def wrong_voxels(classes: Classes, target: Ints, pred: Ints) -> Callable[[Array, Array], Bools]:
    """Return a function that says which voxels are wrong, of labels of targets and of predictions.

    It is given the pairs of labels that the volume has.
    """
    if np.array_equal(_wrong(classes, target, pred), target != pred):
        return np.not_equal  # in a fifth of the time
    return lambda targets, preds: _wrong(classes, targets, preds)


def _wrong(classes: Classes, target: Array, pred: Array) -> Bools:
    t, p = classes.fold(*(one.ravel().astype(np.int64) for one in (target, pred)))
    found: Bools = (t >= 0) & (t != p)
    return found.reshape(target.shape)


def most_foreground(classes: Classes, target: Array) -> ByAxis:
    """Return how many voxels of each slice of a target are of a class that is in means, and no background."""
    shown = classes.in_mean & ~np.array([may_be_background(name) for name in classes.names])

    def foreground(part: Array) -> Sequence[Bools]:
        labels = part.ravel().astype(np.int64)
        found, _ = classes.fold(labels, labels)
        return [((found >= 0) & shown[found]).reshape(part.shape)]

    (counts,) = counted((target,), foreground)
    return counts


def counted(volumes: Sequence[Array], marks: Callable[..., Sequence[Bools]]) -> list[ByAxis]:
    """Return how many voxels are marked in each slice, by what marks them.

    `marks` is given the same part of each of the volumes, which are of one shape, one part after another.
    """
    # Along the axis of the largest steps in memory, each part is in one piece.
    order = sorted(range(3), key=lambda axis: -abs(volumes[0].strides[axis]))
    found: list[tuple[list[int], Ints]] = []
    for part in zip(*(volume.transpose(order) for volume in volumes), strict=True):
        for place, marked in enumerate(marks(*part)):
            if place == len(found):
                found.append(([], np.zeros(marked.shape, dtype=np.int64)))
            slices, plane = found[place]
            slices.append(int(np.count_nonzero(marked)))
            plane += marked
    by_order = [(np.array(slices), plane.sum(axis=1), plane.sum(axis=0)) for slices, plane in found]
    one, two, three = (order.index(axis) for axis in range(3))
    return [(counts[one], counts[two], counts[three]) for counts in by_order]


def kept(counts: Ints, number: int) -> list[int]:
    """Return the slice with most marked voxels of each of so many equal parts of an axis, in their order.

    Of equal ones it is the first; a part without marked voxels has the one in its middle.
    """
    ends = np.linspace(0, len(counts), max(1, min(number, len(counts))) + 1).astype(int).tolist()
    return [
        begin + (int(counts[begin:end].argmax()) if counts[begin:end].any() else (end - begin) // 2)
        for begin, end in pairwise(ends)
    ]


def axes_of(
    views: Sequence[View],
    counts: ByAxis,
    draw: Callable[[View, int], Pngs],
    said: Callable[[int, int], str],
    room: int,
) -> tuple[Axis, ...]:
    """Return pictures of the slice with most marked voxels along each axis, and of others beside it.

    There are as many as have about `room` bytes together. `draw` returns the pictures of a slice along an
    axis, `said` what there is to say of it.
    """
    axes = []
    for view, marked in zip(views, counts, strict=True):
        (most,) = kept(marked, 1)
        first = draw(view, most)
        number = room // len(views) // sum(map(len, first.values()))
        indices = sorted({most, *kept(marked, min(MOST_SLICES, number))})
        axes.append(
            Axis(
                title=view.title,
                upright=view.upright,
                size=view.size,
                said=tuple(view.said(i, len(marked), said(view.axis, i)) for i in indices),
                pictures=tuple(first if i == most else draw(view, i) for i in indices),
                first=indices.index(most),
            )
        )
    return tuple(axes)
