"""Average precision of any weighting of the images, as resamples and swaps of models need it.

Predictions are ranked once; each weighting is one walk along them, which the core makes but for Cityscapes.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from segscore.base.values import Bools, Floats, Ints, lazy
from segscore.counts.object_bands import PairBands
from segscore.counts.record import Record
from segscore.scores.average_precision import BOUNDARY, RECALLS
from segscore.scores.cityscapes_resampled import CityscapesResampled
from segscore.scores.matching import Matching
from segscore.scores.precision_asked import Asked

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, eq=False)
class Resampled:
    """Objects of some of the images, which count as often as the weights of their units say."""

    matching: Matching
    asked: Asked
    images: Ints
    """int64 (m,): those that count at all."""
    unit: Ints
    """int64 (m,): the unit of each of these."""
    things: Bools
    """bool (K,): classes whose objects are told apart."""

    def averages(self, weights: Floats) -> Floats:
        """Return the precision of each threshold and class, float64 (R, T, K); NaN without targets.

        Weights are whole numbers below 256, (R, units).
        """
        own = np.zeros((len(weights), len(self.matching.objects.offsets) - 1), dtype=np.uint8)
        own[:, self.images] = weights[:, self.unit]
        if self.asked.convention == "cityscapes":
            return self._of_cityscapes.averages(own)
        return self.matching.ranked(self.asked).averages(RECALLS.tolist(), own)

    @lazy
    def _of_cityscapes(self) -> CityscapesResampled:
        return CityscapesResampled(self.matching.objects, self.matching.overlaps, self.things)

    @property
    def largest(self) -> int:
        """How many numbers one weighting takes, at most."""
        objects, numbers = self.matching.objects, len(self.asked.thresholds) * self.matching.classes
        rows = objects.id if self.asked.convention == "cityscapes" else objects.offsets
        return max(len(rows), numbers)

    def joined(self, other: "Resampled", units: int) -> "Resampled":
        """Return these objects with those of another model on the same images, counted on from `units`.

        Images come in the order of this model, each with that of the other one behind it, so that predictions
        of equal score are in the order of images whichever of them count.
        """
        order = np.argsort(self.images, kind="stable")
        both = [(side.matching, side.images[order]) for side in (self, other)]
        in_turn = np.arange(2 * len(order)).reshape(2, -1).T.ravel()

        def of_both(read: Callable[[Matching], R]) -> R:
            one, two = (read(matching).take(images) for matching, images in both)
            return type(one).stack([one, two]).take(in_turn)

        matching = replace(
            self.matching,
            objects=of_both(lambda of: of.objects),
            overlaps=of_both(lambda of: of.overlaps),
            bands=(
                (of_both(lambda of: _bands(of)[0]), of_both(lambda of: _bands(of)[1]))
                if self.asked.convention == BOUNDARY
                else None
            ),
        )
        unit = np.concatenate([self.unit[order], units + other.unit[order]])[in_turn]
        return Resampled(matching, self.asked, np.arange(len(unit)), unit, self.things)


def _bands(matching: Matching) -> PairBands:
    assert matching.bands is not None
    return matching.bands
