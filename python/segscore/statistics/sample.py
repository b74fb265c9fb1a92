"""What intervals are computed from: counts of images, and the groups that they come in."""

from typing import Protocol

import numpy as np

from segscore.classes.classes import Classes
from segscore.counts.cells import Cells
from segscore.statistics.units import Counts


class Sample(Protocol):
    """What is read of an evaluation."""

    @property
    def classes(self) -> Classes:
        """The classes."""

    @property
    def cells(self) -> Cells:
        """Their counts."""


def totals_of(cells: Cells) -> Counts:
    """Return the counts of all images together, int64 (K,) each."""
    made = np.zeros((3, cells.shape[1]), dtype=np.int64)
    for sums, counts in zip(made, (cells.tp, cells.target, cells.pred), strict=True):
        np.add.at(sums, cells.label, counts)
    return made[0], made[1], made[2]
