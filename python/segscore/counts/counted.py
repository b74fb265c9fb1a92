"""What one image came to where it was counted."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from segscore._core import PairCounts
from segscore.counts.failures import Failure
from segscore.counts.fits import Fit
from segscore.counts.palettes import NO_PALETTES, Palettes
from segscore.counts.record import Record
from segscore.counts.thresholds import ScoreRange

NO_PAIRS: Final = PairCounts.from_columns(*[np.empty(0, np.int64)] * 3)
"""The pair counts of images whose masks may overlap, so that no pixel has one class."""


@dataclass(frozen=True)
class Counted:
    """What a case came to: its pair counts, or a failure."""

    name: str
    pairs: PairCounts | None
    failure: Failure | None = None
    fit: Fit = Fit.SAME
    """How the prediction came to the size of its target."""
    measured: tuple[Record, ...] = ()
    """What else was measured of it; each is of one image."""
    palettes: Palettes = NO_PALETTES
    """Those of its masks, as far as these had indices."""
    values: ScoreRange | None = None
    """What a threshold made the prediction of."""
    tile: bool = False
    """Whether it is a part of an image, to which others may come."""

    def named(self, name: str, *, tile: bool | None = None) -> "Counted":
        """Return the same image under a name; as a part of one or not, if that is said."""
        # `replace` takes twice as long, of each image that is added.
        part = self.tile if tile is None else tile
        return Counted(
            name, self.pairs, self.failure, self.fit, self.measured, self.palettes, self.values, part
        )
