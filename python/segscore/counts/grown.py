"""Targets that are one lesion once all are grown by some steps, and the predictions that these then touch.

Challenges join what lies close: two parts of a lesion are not two, and what is predicted beside one is not
invented.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from segscore._core import component_overlaps
from segscore.base.values import Bools, Ints
from segscore.classes.classes import Classes
from segscore.counts.class_maps import ClassMaps
from segscore.counts.components import Connectivity, neighbours
from segscore.counts.measures import Measures
from segscore.counts.objects import PRED, TARGET, Objects
from segscore.counts.record import NO_FIT, Record, check_order
from segscore.errors import FileFormatError
from segscore.io.shapes import PLANES

_SIDES: Final = 2


@dataclass(frozen=True, eq=False, repr=False)
class Grown(Record):
    """Which grown target each object is of or touches: int64 (M,) each, sorted by image and so on.

    A target is of one, of which it may be a part; a prediction touches some, or none.
    """

    kind = "grown"

    side: Ints
    """0 for objects of the target, 1 for those of the prediction."""
    object: Ints
    """Number among the objects of its side in the image."""
    group: Ints
    """Number of the grown target in the image, from 0."""

    @classmethod
    def of(cls, maps: ClassMaps, objects: Objects, connectivity: Connectivity | None, steps: int) -> "Grown":
        """Return that of one image, whose components are the objects."""
        around = neighbours(connectivity, maps.target.ndim)
        sides, numbers, grown_ones = ([np.empty(0, dtype=np.int64)] for _ in range(3))
        groups = 0
        for label in np.unique(objects.label[objects.side == TARGET]).tolist():
            (value,) = maps.labels_of(np.array([label]))
            large, count = grown(maps.target == value, steps), 0
            for side, mask in ((TARGET, maps.target), (PRED, maps.pred)):
                found = component_overlaps(large, mask == value, connectivity=around, background=0)
                group, part, _ = found[0]
                count = len(found[1][0])
                both = (group > 0) & (part > 0)
                # Components of a class come in the order of those of all classes.
                own = np.flatnonzero(objects.label[objects.side == side] == label)
                number = own[part[both] - 1]
                sides.append(np.full(len(number), side))
                numbers.append(number)
                grown_ones.append(group[both] - 1 + groups)
            groups += count
        columns = [np.concatenate(parts) for parts in (sides, numbers, grown_ones)]
        order = np.lexsort(columns[::-1])
        return cls.one_image(*(column[order] for column in columns))

    def check(self, classes: Classes) -> None:  # noqa: ARG002 - no class is named here
        """Raise FileFormatError if there are rows of no side or object."""
        least = min(int(column.min(initial=0)) for column in (self.side, self.object, self.group))
        if least < 0 or (self.side >= _SIDES).any():
            raise FileFormatError(NO_FIT)
        check_order(self.image, self.side, self.object, self.group)

    def fits(self, measures: Measures) -> bool:
        """Whether targets are grown."""
        return measures.dilation > 0

    def rows_in(self, objects: Objects) -> Ints:
        """Return the row of the object of each row, int64 (M,)."""
        first = objects.offsets[:-1]
        starts = np.stack([first, first + objects.targets])
        return starts[self.side, self.image] + self.object

    def are_of(self, objects: Objects) -> bool:
        """Whether all rows are of objects that there are, each target of one group, and groups of a class."""
        if len(self.offsets) != len(objects.offsets):
            return False
        counts = np.stack([objects.targets, np.diff(objects.offsets) - objects.targets])
        if (self.object >= counts[self.side, self.image]).any():
            return False
        rows = self.rows_in(objects)
        if not np.array_equal(rows[self.side == TARGET], np.flatnonzero(objects.side == TARGET)):
            return False
        order = np.lexsort((self.group, self.image))
        same = np.logical_and(*(np.diff(of[order]) == 0 for of in (self.image, self.group)))
        return not np.diff(objects.label[rows[order]])[same].any()


def grown(mask: Bools, steps: int) -> Bools:
    """Return a mask of two or three dimensions with its neighbours at faces and edges, some steps far."""
    found = mask.copy()
    axes = range(mask.ndim)
    inside = [np.flatnonzero(mask.any(axis=tuple(one for one in axes if one != axis))) for axis in axes]
    if not len(inside[0]):
        return found
    box = tuple(slice(max(0, int(at[0]) - steps), int(at[-1]) + steps + 1) for at in inside)
    part = found[box]
    for _ in range(steps):
        first = _spread(part, 0)
        if mask.ndim == PLANES:
            part = _spread(first, 1)
        else:  # along any two axes
            part = _spread(first, 1) | _spread(first, 2) | _spread(_spread(part, 1), 2)
    found[box] = part
    return found


def _spread(mask: Bools, axis: int) -> Bools:
    """Return a mask with the neighbours along an axis."""
    found = mask.copy()
    before, behind = ([slice(None)] * mask.ndim for _ in range(2))
    before[axis], behind[axis] = slice(None, -1), slice(1, None)
    found[tuple(behind)] |= mask[tuple(before)]
    found[tuple(before)] |= mask[tuple(behind)]
    return found
