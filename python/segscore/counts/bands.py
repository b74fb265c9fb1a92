"""Bands: pixels near the boundaries of classes, on either side, as rows that any width can be read from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from segscore import _core
from segscore.base.values import Ints
from segscore.classes.classes import Classes
from segscore.counts.class_maps import ClassMaps
from segscore.counts.measures import Measures, Width, pixels_of
from segscore.counts.record import NO_FIT, Record, check_order
from segscore.counts.rows import joined
from segscore.errors import FileFormatError


@dataclass(frozen=True, eq=False, repr=False)
class Bands(Record):
    """Scored pixels of images by class and band: int64 (M,) each, sorted by image, then as they are named.

    Classes are 0 to K-1; a prediction that is no class is K. A bin is the number of the first width whose
    band has the pixel, those of no band are in the last bin, which is the number of widths.
    """

    kind = "bands"

    target: Ints
    pred: Ints
    target_bin: Ints
    pred_bin: Ints
    pixels: Ints

    @classmethod
    def of(cls, maps: ClassMaps, widths: tuple[Width, ...], threads: int) -> "Bands":
        """Return the bands of one image."""
        height, columns = maps.target.shape
        pixels = pixels_of(widths, height, columns)
        # Shares of a small diagonal may come to the same width, which the first of them has.
        different = sorted(set(pixels))
        rows = _core.boundary_rows(
            maps.target, maps.pred, widths=different, ignored=maps.ignored, threads=threads
        )
        target, pred = maps.fold(rows[0], rows[1])
        first = np.array([*(pixels.index(width) for width in different), len(widths)])
        scored = target >= 0
        # What is no class has no boundary, whatever labels it has.
        of_pred = np.where(pred < len(maps.classes), first[rows[3]], len(widths))
        columns = (target, pred, first[rows[2]], of_pred)
        keys, sums = joined([column[scored] for column in columns], rows[4][scored])
        return cls(np.array([0, len(sums)]), keys[0], keys[1], keys[2], keys[3], sums)

    def check(self, classes: Classes) -> None:
        """Raise FileFormatError if there are rows of no class, or without pixels."""
        count, bins = len(classes), 1 << 8
        bounds = (self.target, count), (self.pred, count + 1), (self.target_bin, bins), (self.pred_bin, bins)
        good = all(_within(column, end) for column, end in bounds) and (self.pixels > 0).all()
        if not good or float(self.pixels.sum(dtype=np.float64)) >= 1 << 62:
            raise FileFormatError(NO_FIT)
        check_order(self.image, self.target, self.pred, self.target_bin, self.pred_bin)

    def fits(self, measures: Measures) -> bool:
        """Whether bands are measured, and as many as there are bins for."""
        most = max(int(column.max(initial=0)) for column in (self.target_bin, self.pred_bin))
        return 0 < len(measures.boundary) >= most


def _within(column: npt.NDArray[Any], end: int) -> bool:
    return bool((column >= 0).all() and (column < end).all())
