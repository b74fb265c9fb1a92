"""Table: the pair counts of many images under each other, in raw label values.

Classes give them a meaning: no row is left out here, and no score is known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from segscore._core import PairCounts, stack
from segscore.base.values import Bools, Ints, lazy
from segscore.classes.classes import Classes
from segscore.counts.counted import Counted
from segscore.counts.record import NO_FIT, Record
from segscore.counts.rows import SAFE, Rows, faults, joined, summed
from segscore.errors import FileFormatError

_ROWS = 1 << 18
"""Rows that are looked through at once, so that an interrupt does not wait for all of them."""


@dataclass(frozen=True, eq=False, repr=False)
class Table(Record):
    """Pair counts of images: int64 (M,) each, two label values and the pixels that have both."""

    kind = "pairs"

    target: Ints
    pred: Ints
    pixels: Ints

    @property
    def rows(self) -> Rows:
        """Target labels, predicted labels and pixels, int64 (M,) each."""
        return self.target, self.pred, self.pixels

    @lazy
    def sum(self) -> PairCounts:
        """Return the pair counts of all images together."""
        # The pairs of one image are there once.
        return PairCounts.from_columns(*(self.rows if len(self.offsets) == 2 else summed(self.rows)))

    def first_image(self, faulty: Bools) -> int:
        """Return the first image with a row that is at fault, as is told of the rows of `sum`."""
        # A label at fault is so beside every label of the other side that is named here.
        target, pred, _ = (column[faulty] for column in self.sum.columns())
        for start in range(0, len(self.pixels), _ROWS):
            part = slice(start, start + _ROWS)
            rows = np.isin(self.target[part], target) & np.isin(self.pred[part], pred)
            if rows.any():
                return int(self.image[part][rows].min())
        raise AssertionError((target, pred))

    def each(self) -> list[PairCounts]:
        """Return the pair counts of each image."""
        return [PairCounts.from_columns(*rows) for rows in self.rows_of_each()]

    def check(self, classes: Classes) -> None:
        """Raise FileFormatError if rows are none of pair counts, or a target is neither class nor ignored."""
        self.check_rows()
        if faults(classes, self.sum.columns())[0].any():
            raise FileFormatError("a target label is neither class nor ignored")

    @classmethod
    def of_no_pairs(cls, images: int) -> Self:
        """Return the table of so many images none of whose pixels was counted."""
        return cls(np.zeros(images + 1, np.int64), *[np.empty(0, np.int64)] * 3)

    @classmethod
    def as_read(cls, columns: Mapping[str, Any], images: int) -> Self:
        """Return the pair counts of untrusted columns, whatever labels mean, or raise FileFormatError."""
        table = cls.fitting(columns, images)
        table.check_rows()
        return table

    def check_rows(self) -> None:
        """Raise FileFormatError if rows are none of pair counts."""
        if self.pixels.min(initial=1) < 1 or _total(self.pixels) >= 1 << 63:
            raise FileFormatError(NO_FIT)
        begins = np.zeros(len(self.pixels) + 1, dtype=np.bool_)
        begins[self.offsets] = True
        for start in range(0, len(self.pixels) - 1, _ROWS):
            before, some = slice(start, start + _ROWS), slice(start + 1, start + 1 + _ROWS)
            target, pred = self.target[some], self.pred[some]
            last, last_pred = self.target[before][: len(target)], self.pred[before][: len(pred)]
            sorted_ = begins[some][: len(target)] | (target > last) | (target == last) & (pred > last_pred)
            if not sorted_.all():
                raise FileFormatError("its rows are not sorted, or two are of the same labels")

    def merged(self, classes: Classes, first: Ints) -> Self:
        """Return the table where the labels of merged classes are those of their first one."""
        target, pred, pixels = self.rows
        target_class, pred_class = classes.fold(target, pred)
        pred_labels = classes.labels if classes.pred_labels is None else classes.pred_labels
        columns = []
        for values, index, labels in (
            (target, target_class, classes.labels),
            (pred, pred_class, pred_labels),
        ):
            to = np.append(first, len(classes))[np.maximum(index, 0)]
            changed = (index >= 0) & (to != index)
            columns.append(np.where(changed, np.array([*labels, 0])[to], values))
        keys, sums = joined([self.image, *columns], pixels)
        offsets = np.searchsorted(keys[0], np.arange(len(self.offsets)))
        return type(self)(offsets, keys[1], keys[2], sums)


def table_of(images: Sequence[Counted]) -> Table:
    """Return the pair counts of images that were counted, under each other."""
    return Table(*stack([image.pairs for image in images if image.pairs is not None]))


def _total(pixels: Ints) -> int:
    """Return the exact sum, which may have more than 64 bits."""
    if pixels.sum(dtype=np.float64) < SAFE:
        return int(pixels.sum())
    high, low = pixels >> 32, pixels & 0xFFFF_FFFF
    return (int(high.sum()) << 32) + int(low.sum())
