"""Sums of the counts of cells over units of images, such as groups, weighted in many ways at once."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from segscore._core import WeightedCells
from segscore.base.values import Ints
from segscore.counts.cells import Cells
from segscore.counts.threads import num_threads

Weights: TypeAlias = npt.NDArray[np.uint8]
"""How often each unit counts, uint8 (R, units)."""
_FEW = 1 << 16
"""Cells whose sums take less time than it takes to start threads."""


class CellsOfUnits:
    """Cells of images that are units or belong to them, class by class.

    Parameters
    ----------
    cells : Cells
        The counts of n images.
    of : int64 (n,)
        The unit of each image, 0 to `units` - 1.
    units : int
        How many there are.
    """

    def __init__(self, cells: Cells, of: Ints, units: int) -> None:
        counts = (cells.tp, cells.target, cells.pred)
        self._cells = WeightedCells(units, of, cells.image, cells.label, counts, classes=cells.shape[1])
        self._threads = num_threads(None) if len(cells.label) > _FEW else 1

    def sums(self, weights: Weights) -> tuple[Ints, Ints, Ints]:
        """Return the counts of each class, int64 (R, K) each, with weights of units, uint8 (R, units)."""
        tp, target, pred = np.moveaxis(self._cells.sums(weights, threads=self._threads), 1, 0)
        return tp, target, pred
