"""Sums of cells over units with many weights: what NumPy makes of whole matrices, whatever the threads."""

import numpy as np
import pytest

from segscore import Classes
from segscore._core import WeightedCells
from segscore.counts import weighted
from segscore.counts.cells import Cells
from segscore.counts.table import Table

CLASSES = 5


def cells(images: int) -> Cells:
    random = np.random.default_rng(images)
    target, pred = np.indices((CLASSES, CLASSES)).reshape(2, -1)
    there = random.random((images, CLASSES * CLASSES)) < 0.3
    image, pair = np.nonzero(there)
    offsets = np.append(0, np.cumsum(there.sum(axis=1)))
    pixels = random.integers(1, 1 << 34, len(image))
    return Cells.of(Classes.of(CLASSES), Table(offsets, target[pair], pred[pair], pixels))


@pytest.mark.parametrize("few", [0, 1 << 16])
@pytest.mark.parametrize("rows", [0, 1, 16, 17, 40])
def test_sums_are_products_of_matrices(monkeypatch: pytest.MonkeyPatch, rows: int, few: int) -> None:
    monkeypatch.setattr(weighted, "_FEW", few)
    monkeypatch.setattr(weighted, "num_threads", lambda _: 3)
    made, random = cells(40), np.random.default_rng(rows)
    of, weights = random.integers(0, 7, 40), random.integers(0, 256, (rows, 7), np.uint8)
    found = weighted.CellsOfUnits(made, of, 7).sums(weights)
    for sums, column in zip(found, (made.tp, made.target, made.pred), strict=True):
        units = np.zeros((7, CLASSES), dtype=np.int64)
        np.add.at(units, (of[made.image], made.label), column)
        assert sums.dtype == np.int64
        assert np.array_equal(sums, weights.astype(np.int64) @ units)


def test_no_units_have_sums_of_zero() -> None:
    none = np.empty(0, dtype=np.int64)
    made = WeightedCells(0, none, none, none, (none, none, none), classes=2)
    assert made.sums(np.empty((4, 0), np.uint8), threads=1).tolist() == np.zeros((4, 3, 2)).tolist()


def test_there_is_a_weight_for_each_unit() -> None:
    made = weighted.CellsOfUnits(cells(3), np.arange(3), 3)
    with pytest.raises(ValueError, match=r"weights are not one for each unit"):
        made.sums(np.ones((20, 2), np.uint8))
