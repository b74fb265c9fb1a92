"""Average precision as Cityscapes defines it with many weights of the images at once, for resamples.

Between two scores the recall changes by what is right at the lower of them, which stands half for the
precision there and half for that at the next one above, 1 behind the last. So the area is a sum over the
predictions that are right, and the others are only counted.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from segscore.base.values import Bools, Floats, Ints
from segscore.counts.objects import Objects, Overlaps
from segscore.scores.cityscapes_precision import THRESHOLDS, OfClass, of_classes


class _Falling(NamedTuple):
    """Predictions of a class that count at a threshold, by falling score."""

    image: Ints
    """That of each, int64 (M,)."""
    right: Ints
    """Places of those that are right, int64 (m,)."""
    start: Ints
    """For each of these how many are of a higher score, int64 (m,)."""
    end: Ints
    """How many are of its score or of a higher one, int64 (m,)."""

    @staticmethod
    def of(of_class: OfClass, objects: Objects, threshold: float) -> "_Falling":
        rows, right = of_class.ranked(objects.score, threshold)
        order = np.argsort(-objects.score[rows], kind="stable")
        rows, falling = rows[order], -objects.score[rows[order]]
        places = np.flatnonzero(right[order])
        start, end = (np.searchsorted(falling, falling[places], side) for side in ("left", "right"))
        return _Falling(objects.image[rows], places, start, end)

    def area(self, weights: npt.NDArray[np.uint8], targets: Ints) -> Floats:
        """Return the area with weights of the images, (n, R), and so many targets, above 0: float64 (R,)."""
        own = weights[self.image]
        counting, found = _before(own), _before(own[self.right])

        def precision(places: Ints) -> Floats:
            of_all = counting[places]
            of_right = found[np.searchsorted(self.right, places)]
            return np.divide(of_right, of_all, out=np.ones(of_all.shape), where=of_all > 0)

        both = precision(self.start) + precision(self.end)
        area: Floats = np.einsum("mr,mr->r", own[self.right], both) / (2 * targets)
        return area


def _before(numbers: npt.NDArray[np.uint8]) -> Ints:
    """Return sums of the first rows, none to all of them: int64 (M + 1, R)."""
    sums = np.zeros((len(numbers) + 1, numbers.shape[1]), dtype=np.int64)
    np.cumsum(numbers, axis=0, out=sums[1:])
    return sums


class CityscapesResampled:
    """Objects that are ranked once, of which those of some classes are told apart, bool (K,)."""

    def __init__(self, objects: Objects, overlaps: Overlaps, things: Bools) -> None:
        self._classes = len(things)
        self._ranked = [
            (label, objects.image[one.targets], [_Falling.of(one, objects, at) for at in THRESHOLDS.tolist()])
            for label, one in of_classes(objects, overlaps, things)
        ]

    def averages(self, weights: npt.NDArray[np.uint8]) -> Floats:
        """Return the precision of each threshold and class, float64 (R, T, K); NaN without targets.

        Weights are rows of how often each image counts, (R, n).
        """
        by_image = np.ascontiguousarray(weights.T)
        found = np.full((len(weights), len(THRESHOLDS), self._classes), np.nan)
        for label, images, by_threshold in self._ranked:
            targets = by_image[images].sum(axis=0, dtype=np.int64)
            there = np.flatnonzero(targets)
            own = by_image if len(there) == len(targets) else np.ascontiguousarray(by_image[:, there])
            for i, falling in enumerate(by_threshold):
                found[there, i, label] = falling.area(own, targets[there])
        return found
