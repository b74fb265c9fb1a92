"""Sums of the counts of cells over units of images, such as groups, weighted in many ways at once."""

import numpy as np

from segscore._core import WeightedCells
from segscore.base.values import Floats, Ints
from segscore.counts.cells import Cells
from segscore.counts.threads import num_threads

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
        order = np.argsort(cells.label, kind="stable")
        starts = cells.label[order].searchsorted(np.arange(cells.shape[1] + 1))
        counts = (cells.tp[order], cells.target[order], cells.pred[order])
        self._cells = WeightedCells(units, starts, of[cells.image[order]], counts)
        self._threads = num_threads(None) if len(order) > _FEW else 1

    def sums(self, weights: Floats) -> tuple[Ints, Ints, Ints]:
        """Return the counts of each class, int64 (R, K) each, with weights of units.

        Weights are float64 (R, units): whole numbers, 0 to 255.
        """
        tp, target, pred = np.moveaxis(self._cells.sums(weights, threads=self._threads), 1, 0)
        return tp, target, pred
