"""Objects: what targets and predictions hold one by one, and the pixels that two of them share.

All scores of instances are read from these two records: no pixel is needed again, whatever IoU it takes for
two objects to match. Masks may overlap each other; where they are those of a label map, they do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypeAlias

import numpy as np

from segscore.base.values import Bools, Floats, Ints, lazy, readonly
from segscore.classes.classes import Classes
from segscore.counts.measures import Measures
from segscore.counts.record import NO_FIT, Record, check_order
from segscore.errors import FileFormatError

TARGET: Final = 0
PRED: Final = 1
"""Sides of objects."""
CROWD: Final = 1
IGNORE: Final = 2
BOX_ONLY: Final = 4
"""Flags of objects: a region of many, what its file says to ignore, what has a box and no mask. A prediction
to ignore is no error where it takes no target."""
UNVERIFIED: Final = 8
"""The flag of predictions of a class that nobody has looked for in their image."""
FREQUENCIES: Final = {"r": 16, "c": 32, "f": 64}
"""Flags of targets of a rare, a common and a frequent class, of which few to many images for training are."""
_ALL_FLAGS: Final = CROWD + IGNORE + BOX_ONLY + UNVERIFIED + sum(FREQUENCIES.values())
_MOST_PIXELS: Final = 1 << 48
"""Up to which ratios of pixels are never the float64 of a threshold unless they are the threshold."""


class SideObjects(NamedTuple):
    """The objects of one side of an image, in their order: (m,) each, or one number for all of them."""

    id: Ints
    label: Ints
    """The class, 0 to K-1."""
    pixels: Ints
    place: Ints
    """Where in its file each stands."""
    area: Floats | None = None
    """The area that a file says each has; that of its pixels if none says so."""
    score: Floats | float = 0.0
    crowd: Bools | bool = False
    void: Ints | int = 0
    """Pixels of void that each covers."""


@dataclass(frozen=True, eq=False, repr=False)
class Objects(Record):
    """Objects of images, int64 (M,) each: all targets of an image in their order, then all predictions."""

    kind = "objects"

    side: Ints
    """0 for objects of the target, 1 for those of the prediction."""
    id: Ints
    """The number that the object has where it is from."""
    label: Ints
    """The class, 0 to K-1."""
    pixels: Ints
    area_bits: Ints
    """The area that a file says it has, float64; that of its pixels where none says so."""
    score_bits: Ints
    """How sure a model is of it, float64; 0 where there is no score."""
    flags: Ints
    """The sum of those that it has."""
    void: Ints
    """Pixels of void that it covers: those that no score counts."""
    place: Ints
    """Where in its file it stands, from 0."""

    @classmethod
    def of_sides(cls, target: SideObjects, pred: SideObjects) -> "Objects":
        """Return the objects of one image."""
        columns = []
        for side, one in ((TARGET, target), (PRED, pred)):
            area = bits(one.pixels if one.area is None else one.area)
            flags = np.multiply(one.crowd, CROWD)
            column = side, one.id, one.label, one.pixels, area, bits(one.score), flags, one.void, one.place
            columns.append(np.broadcast_arrays(*column))
        return cls.one_image(*(np.concatenate(both).astype(np.int64) for both in zip(*columns, strict=True)))

    @property
    def area(self) -> Floats:
        """float64 (M,): the area that a file says each has."""
        return self.area_bits.view(np.float64)

    @property
    def score(self) -> Floats:
        """float64 (M,): how sure a model is of each."""
        return self.score_bits.view(np.float64)

    @lazy
    def crowd(self) -> Bools:
        """bool (M,): whether each is a crowd."""
        return readonly((self.flags & CROWD) > 0)

    @lazy
    def without_mask(self) -> Bools:
        """bool (M,): whether each has a box and no mask, so that no score is of it."""
        return readonly((self.flags & BOX_ONLY) > 0)

    @lazy
    def targets(self) -> Ints:
        """int64 (n,): how many objects the target of each image has."""
        return readonly(np.bincount(self.image[self.side == TARGET], minlength=len(self.offsets) - 1))

    def check(self, classes: Classes) -> None:
        """Raise FileFormatError if there are rows of no class or side, or that no mask can have."""
        bounds = (
            (self.side, 2),
            (self.label, len(classes)),
            (self.pixels, _MOST_PIXELS),
            (self.flags, _ALL_FLAGS + 1),
            (self.place, 1 << 62),
        )
        within = all(bool((column >= 0).all() and (column < end).all()) for column, end in bounds)
        area = self.area
        good = (
            within
            and bool(((self.void >= 0) & (self.void <= self.pixels)).all())
            and bool((np.isfinite(area) & (area >= 0)).all())
            and not np.isnan(self.score).any()
        )
        if not good:
            raise FileFormatError(NO_FIT)
        check_order(self.image, self.side, self.place)
        order = np.lexsort((self.id, self.side, self.image))
        same = [np.diff(column[order]) == 0 for column in (self.image, self.side, self.id)]
        if np.logical_and.reduce(same).any():
            raise FileFormatError("two objects of a side have one id")

    def fits(self, measures: Measures) -> bool:
        """Whether objects are looked for."""
        return bool(measures.instances)


@dataclass(frozen=True, eq=False, repr=False)
class Overlaps(Record):
    """Pairs of a target and a prediction that share pixels: int64 (M,) each, sorted by image and so on."""

    kind = "overlaps"

    target: Ints
    """Number among the targets of the image."""
    pred: Ints
    """Number among the predictions of the image."""
    pixels: Ints

    def check(self, classes: Classes) -> None:  # noqa: ARG002 - no class is named here
        """Raise FileFormatError if there are rows of no object, or without pixels."""
        if (self.target < 0).any() or (self.pred < 0).any() or (self.pixels <= 0).any():
            raise FileFormatError(NO_FIT)
        check_order(self.image, self.target, self.pred)

    def fits(self, measures: Measures) -> bool:
        """Whether objects are looked for."""
        return bool(measures.instances)

    def rows_in(self, objects: Objects) -> tuple[Ints, Ints]:
        """Return the rows of both objects of each pair, int64 (M,)."""
        first = objects.offsets[:-1][self.image]
        return first + self.target, first + objects.targets[self.image] + self.pred

    def are_of(self, objects: Objects) -> bool:
        """Whether all pairs are of objects that there are, which have as many pixels as they share."""
        if len(self.offsets) != len(objects.offsets):
            return False
        preds = np.diff(objects.offsets) - objects.targets
        if (self.target >= objects.targets[self.image]).any() or (self.pred >= preds[self.image]).any():
            return False
        # What a target and a prediction share is no void, so that no union of both is empty.
        shareable = objects.pixels - objects.void
        return all(bool((self.pixels <= shareable[rows]).all()) for rows in self.rows_in(objects))


Pair: TypeAlias = tuple[Objects, Overlaps]
"""The objects of some images, and what they share."""


def bits(values: float | Sequence[float] | Floats | Ints) -> Ints:
    """Return numbers as records keep them: the bits of float64, as int64 of the same shape."""
    return np.asarray(values, dtype=np.float64).view(np.int64)
