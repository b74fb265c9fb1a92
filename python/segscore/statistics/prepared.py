"""Numbers made ready: what they are computed from, summed by the units that are drawn."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from types import MappingProxyType

import numpy as np

from segscore.base.values import Floats, Ints
from segscore.counts.cells import Cells
from segscore.scores.metric import Counts
from segscore.scores.numbers import Number, OfCounts, Summed, values_of
from segscore.scores.sample import Sample
from segscore.scores.worst import Worst
from segscore.statistics.units import Draw, Sums, Units


class Prepared:
    """Numbers of images of a sample, for any sums over their units.

    ``order`` says which images of the sample they are, int64 (n,), and ``cells`` are the counts of these.
    """

    def __init__(
        self, sample: Sample, order: Ints, cells: Cells, units: Units, chosen: Sequence[Number]
    ) -> None:
        self.classes, self.cells, self.units, self.chosen = sample.classes, cells, units, tuple(chosen)
        columns = {one: one.columns(sample)[order] for one in chosen if isinstance(one, Summed)}
        place = np.full(len(sample.names), -1, dtype=np.int64)
        place[order] = units.of
        self.rankings = {one: one.ranking(sample).placed(place) for one in chosen if isinstance(one, Worst)}
        ends = np.cumsum([0, *(part.shape[1] for part in columns.values())]).tolist()
        self._slices = {one: slice(*pair) for one, *pair in zip(columns, ends, ends[1:], strict=False)}
        extra = np.concatenate([np.empty((len(order), 0)), *columns.values()], axis=1)
        # Where models are swapped, the values of both are ranked together.
        ranked = [max(1, 2 * ranking.largest) for ranking in self.rankings.values()]
        self.sums = Sums(cells, units, extra, ranked=max(ranked, default=0))
        self.support = {
            one: len(np.unique(units.of[one.rests_on(sample)[order]]))
            for one in chosen
            if not isinstance(one, OfCounts)
        }

    def only(self, kept: Sequence[int]) -> "Prepared":
        """Return the same of some of the numbers."""
        part = copy(self)
        part.chosen = tuple(self.chosen[i] for i in kept)
        return part

    def values(
        self,
        draw: Draw,
        undefined: Mapping[str, Floats] = MappingProxyType({}),
        worst: Callable[[Worst], Floats] | None = None,
    ) -> Floats:
        """Return the numbers of sums, float64 (R, m).

        ``undefined`` is as for `values_of`; ``worst`` gives what is no matter of sums, by default for the
        weights of the draw.
        """
        counts = Counts(draw.tp, draw.target, draw.pred, self.classes.in_mean, self.classes.background)
        counted = [one for one in self.chosen if isinstance(one, OfCounts)]
        of_counts = iter(np.moveaxis(values_of(counted, counts, undefined), -1, 0)) if counted else iter(())

        def value(one: Number) -> Floats:
            if isinstance(one, OfCounts):
                return next(of_counts)
            if isinstance(one, Summed):
                return one.value(draw.extra[:, self._slices[one]])
            assert isinstance(one, Worst)
            if worst is not None:
                return worst(one)
            return self.rankings[one].worst(draw.weights, one.quantiles)

        return np.stack([value(one) for one in self.chosen], axis=-1)
