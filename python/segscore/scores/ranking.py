"""Values of images, or of classes in images, ordered so that means over the worst of them can be taken."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from segscore.base.values import Bools, Floats, Ints
from segscore.scores import metrics


def taken(q: float, count: Any) -> Any:
    """Return how many of so many values are the worst q percent, at least 1."""
    # The product first: it is exact for whole percentages, which q / 100 is not.
    return np.maximum(1, np.floor(q * count / 100))


class Ranking(NamedTuple):
    """Values of images, or of classes in images, int64 and float64 (M,): by label, the lowest first."""

    value: Floats
    image: Ints
    label: Ints

    @staticmethod
    def of(value: Floats, image: Ints, label: Ints) -> "Ranking":
        """Return values in their order; those of images have one label, 0."""
        order = np.lexsort((value, label))
        return Ranking(value[order], image[order], label[order])

    def placed(self, place: Ints) -> "Ranking":
        """Return values under the numbers of units, int64 (n,), in place of images; -1 leaves one out."""
        return self._replace(image=place[self.image]).only(place[self.image] >= 0)

    def only(self, kept: Bools) -> "Ranking":
        """Return some of the values, bool (M,)."""
        return Ranking(self.value[kept], self.image[kept], self.label[kept])

    def joined(self, other: "Ranking", units: int) -> "Ranking":
        """Return this one with another one behind it, whose units are counted on from `units`."""
        columns = zip(self, other._replace(image=other.image + units), strict=True)
        return Ranking.of(*(np.concatenate(pair) for pair in columns))

    @property
    def largest(self) -> int:
        """How many values one label has, at most."""
        return int(np.bincount(self.label, minlength=1).max())

    def worst(self, weights: Floats, quantiles: Sequence[float]) -> Floats:
        """Return means over the lowest q percent, float64 (R,), where units count as often as weights say.

        They are means over labels of the mean of each, and over the quantiles; weights are (R, units).
        """
        ends = (np.flatnonzero(np.diff(self.label, append=-1)) + 1).tolist()
        found = np.full((len(quantiles), len(ends), len(weights)), np.nan)
        for i, (first, last) in enumerate(pairwise([0, *ends])):
            of_each = weights[:, self.image[first:last]]
            before = np.cumsum(of_each, axis=1) - of_each
            number = of_each.sum(axis=1)
            for at, q in enumerate(quantiles):
                lowest = taken(q, number)
                used = np.clip(lowest[:, None] - before, 0, of_each)
                found[at, i] = np.where(number > 0, used @ self.value[first:last] / lowest, np.nan)
        held = np.ones(len(ends), dtype=np.bool_)
        return np.asarray(metrics.class_mean(np.moveaxis(found, 1, -1), held).mean(axis=0))
