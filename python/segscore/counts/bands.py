"""Bands: pixels near the boundaries of classes, on either side, as rows that any width can be read from.

Segments of classes come with them: which pixels are of one that the other side lacks is a column of bands,
how many there are a record of its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import numpy.typing as npt

from segscore import _core
from segscore.base.values import Ints
from segscore.classes.classes import Classes
from segscore.counts.class_maps import ClassMaps
from segscore.counts.measures import Measures
from segscore.counts.record import NO_FIT, Record, check_order
from segscore.counts.rows import joined
from segscore.counts.threads import threads_for_array
from segscore.counts.widths import Width, pixels_of
from segscore.errors import FileFormatError
from segscore.io.arrays import Array

MISSED: Final = 1
INVENTED: Final = 2
"""Of which side pixels are of an unmet segment: the target, or the prediction; 3 is both."""


Read: TypeAlias = tuple[Sequence[Ints], Sequence[Ints]]
"""Columns of bands and of segments in label values, as `_core.boundary_rows` gives them."""


def read_bands(
    target: Array,
    pred: Array,
    widths: tuple[Width, ...],
    ignored: Iterable[int],
    threads: int | None,
    *,
    segments: bool,
) -> Read:
    """Return what the core says of the bands of two maps, and of their segments where they are asked for.

    `threads` may be used, None for the default.
    """
    # Shares of a small diagonal may come to the same width, which the first of them has.
    different = sorted(set(pixels_of(widths, *target.shape)))
    return _core.boundary_rows(
        target,
        pred,
        widths=different,
        ignored=list(ignored),
        segments=segments,
        threads=threads_for_array(target.size, threads),
    )


def _are_apart(widths: tuple[Width, ...], shape: tuple[int, ...]) -> bool:
    """Whether no two widths come to the same pixels in an image of a shape."""
    return len(widths) == 1 or len(set(pixels_of(widths, *shape))) == len(widths)


@dataclass(frozen=True, eq=False, repr=False)
class Bands(Record):
    """Scored pixels of images by class and band: int64 (M,) each, sorted by image, then as they are named.

    Classes are 0 to K-1; a prediction that is no class is K. A bin is the number of the first width whose
    band has the pixel, those of no band are in the last bin, which is the number of widths. `unmet` is 1 for
    pixels of a segment of the target that the prediction lacks, and 2 more for those of a segment of the
    prediction that the target lacks; and 0 everywhere where segments were not looked for.
    """

    kind = "bands"

    target: Ints
    pred: Ints
    target_bin: Ints
    pred_bin: Ints
    unmet: Ints
    pixels: Ints

    @classmethod
    def of(
        cls,
        maps: ClassMaps,
        widths: tuple[Width, ...],
        threads: int | None,
        *,
        segments: bool,
        read: Read | None = None,
    ) -> "tuple[Bands] | tuple[Bands, Segments]":
        """Return the bands of one image, and its segments where they are asked for, from what was `read`."""
        shape = maps.target.shape
        rows, counted = read or read_bands(
            maps.target, maps.pred, widths, maps.ignored, threads, segments=segments
        )
        target, pred = maps.fold(rows[0], rows[1])
        (scored,) = (target >= 0).nonzero()
        # What is no class has no boundary and no segments, whatever labels it has.
        known = pred < len(maps.classes)
        all_known = np.count_nonzero(known) == len(known)
        if all_known and maps.rising and not segments and _are_apart(widths, shape):
            # The core has sorted them, and none of them become one.
            *keys, sums = [column[scored] for column in (target, pred, *rows[2:])]
        else:
            pixels = pixels_of(widths, *shape)
            first = np.array([*(pixels.index(width) for width in sorted(set(pixels))), len(widths)])
            of_pred = np.where(known, first[rows[3]], len(widths))
            unmet = np.where(known, rows[4], rows[4] & MISSED)
            by = (target, pred, first[rows[2]], of_pred, unmet)
            keys, sums = joined([column[scored] for column in by], rows[5][scored])
        bands = cls.one_image(*keys, sums)
        return (bands, Segments.of(maps, counted)) if segments else (bands,)

    def check(self, classes: Classes) -> None:
        """Raise FileFormatError if there are rows of no class, or without pixels."""
        count, bins = len(classes), 1 << 8
        bounds = (
            (self.target, count),
            (self.pred, count + 1),
            (self.target_bin, bins),
            (self.pred_bin, bins),
            (self.unmet, MISSED + INVENTED + 1),
        )
        good = (
            all(_within(column, end) for column, end in bounds)
            # A pixel that is right is of a segment of both sides, and what is no class is of none.
            and not self.unmet[self.pred == self.target].any()
            and not (self.unmet[self.pred == count] & INVENTED).any()
        )
        if not good or not _countable(self.pixels):
            raise FileFormatError(NO_FIT)
        check_order(self.image, self.target, self.pred, self.target_bin, self.pred_bin, self.unmet)

    def fits(self, measures: Measures) -> bool:
        """Whether bands are measured, and as many as there are bins for."""
        most = max(int(column.max(initial=0)) for column in (self.target_bin, self.pred_bin))
        return 0 < len(measures.boundary) >= most and (measures.segments or not self.unmet.any())


@dataclass(frozen=True, eq=False, repr=False)
class Segments(Record):
    """Segments of classes by side, met or not: int64 (M,) each, sorted by image and so on.

    A segment is a connected component of the pixels of a class, with their neighbours all around. It is met
    if the other side has the class at any of its pixels. Predictions are not cut where their target is
    ignored, but what lies there as a whole is no segment.
    """

    kind = "segments"

    label: Ints
    """The class, 0 to K-1."""
    side: Ints
    """0 for segments of the target, 1 for those of the prediction."""
    met: Ints
    """0 or 1."""
    count: Ints

    @classmethod
    def of(cls, maps: ClassMaps, rows: Sequence[Ints]) -> "Segments":
        """Return the segments of one image, of the columns that the core gives."""
        label, side, met, count = rows
        of_target, of_pred = maps.fold(label, label)
        index = np.where(side == 0, of_target, of_pred)
        known = (index >= 0) & (index < len(maps.classes))
        keys, sums = joined([column[known] for column in (index, side, met)], count[known])
        return cls.one_image(*keys, sums)

    def check(self, classes: Classes) -> None:
        """Raise FileFormatError if there are rows of no class or side, or without segments."""
        bounds = (self.label, len(classes)), (self.side, 2), (self.met, 2)
        if not all(_within(column, end) for column, end in bounds) or not _countable(self.count):
            raise FileFormatError(NO_FIT)
        check_order(self.image, self.label, self.side, self.met)

    def fits(self, measures: Measures) -> bool:
        """Whether segments are looked for."""
        return measures.segments


def _countable(column: Ints) -> bool:
    """Whether there is at least one of each, and a sum of them."""
    return bool((column > 0).all()) and float(column.sum(dtype=np.float64)) < 1 << 62


def _within(column: npt.NDArray[Any], end: int) -> bool:
    return bool((column >= 0).all() and (column < end).all())
