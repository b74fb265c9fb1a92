"""Rows of pair counts, and what they come to for classes: totals, faults, pixels by label."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from segscore.base.values import Bools, Ints
from segscore.classes.classes import Classes
from segscore.classes.folding import IGNORED, UNKNOWN

Rows: TypeAlias = tuple[Ints, Ints, Ints]
"""Target labels, predicted labels and pixels of pair counts, int64 (M,) each."""


class Totals(NamedTuple):
    """Sums of folded rows: what scores are computed from."""

    tp: Ints
    target: Ints
    pred: Ints
    missed: Ints
    ignored: int


def totals(classes: Classes, target: Ints, pred: Ints, pixels: Ints) -> Totals:
    """Return the sums of rows of pair counts, in label values, over classes: int64 (K,), and ignored pixels.

    Unknown targets are not allowed. No array is K x K.
    """
    target_class, pred_class = classes.fold(target, pred)
    count = len(classes)

    def summed(at: Ints, which: Any) -> Ints:
        sums = np.zeros(count + 1, dtype=np.int64)
        np.add.at(sums, at[which], pixels[which])
        return sums

    valid = target_class != IGNORED
    return Totals(
        tp=summed(target_class, valid & (target_class == pred_class))[:count],
        target=summed(target_class, valid)[:count],
        pred=summed(pred_class, valid)[:count],
        missed=summed(target_class, valid & (pred_class == count))[:count],
        ignored=int(pixels[~valid].sum()),
    )


def joined(columns: Sequence[Ints], number: Ints) -> tuple[list[Ints], Ints]:
    """Return rows sorted by their columns, of which equal ones are one row with the sum of their numbers."""
    if rising(columns):
        return list(columns), number
    order = np.lexsort(columns[::-1])
    ordered = [column[order] for column in columns]
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = False
    for column in ordered:
        new[1:] |= column[1:] != column[:-1]
    if new.all():
        return ordered, number[order]
    starts = np.flatnonzero(new)
    return [column[starts] for column in ordered], np.add.reduceat(number[order], starts)


_DENSE, _FEW = 1 << 20, 1 << 16
"""Cells of a table of sums, at most: 8 MB; and so many for few rows, too."""


def summed(rows: Rows) -> Rows:
    """Return rows of pair counts in which pairs of few labels are there once; others may stay as they are.

    The core sums up any rows, one by one; most have few pairs and many images.
    """
    target, pred, pixels = rows
    if not len(pixels):
        return rows
    (low, high), (least, most) = ((int(one.min()), int(one.max())) for one in (target, pred))
    width = most - least + 1
    cells = (high - low + 1) * width
    # What is too large for int64 is left to the core, which says so.
    if cells > min(_DENSE, max(_FEW, len(pixels))) or float(pixels.sum(dtype=np.float64)) >= SAFE:
        return rows
    sums = np.zeros(cells, dtype=np.int64)
    for start in range(0, len(pixels), _AT_ONCE):
        some = slice(start, start + _AT_ONCE)
        np.add.at(sums, (target[some] - low) * width + (pred[some] - least), pixels[some])
    held = np.flatnonzero(sums)
    return held // width + low, held % width + least, sums[held]


SAFE = 2.0**62
"""Pixels below which a sum of doubles tells that one of integers has no more than 63 bits."""
_AT_ONCE = 1 << 18
"""Rows whose cells are looked up at once, so that no column of all of them is needed."""


def rising(columns: Sequence[Ints]) -> bool:
    """Whether rows are sorted by their columns, and no two are the same."""
    same = np.ones(max(len(columns[0]) - 1, 0), dtype=np.bool_)
    good = np.zeros_like(same)
    for column in columns:
        good |= same & (column[1:] > column[:-1])
        same &= column[1:] == column[:-1]
    return bool(good.all())


def faults(classes: Classes, rows: Rows) -> tuple[Bools, Bools]:
    """Return which rows have an unknown target, and which a prediction that is no class on a scored pixel."""
    target, pred = classes.fold(rows[0], rows[1])
    missed = pred == len(classes)
    if np.count_nonzero(missed):  # as hardly ever
        missed &= target >= 0
    return target == UNKNOWN, missed


def by_label(labels: Ints, pixels: Ints, which: Any) -> dict[int, int]:
    """Return the pixels of each label value among the chosen rows."""
    values, at = np.unique(labels[which], return_inverse=True)
    sums = np.zeros(len(values), dtype=np.int64)
    np.add.at(sums, at, pixels[which])
    return dict(zip(values.tolist(), sums.tolist(), strict=True))
