"""Numbers made ready: what they are computed from, summed by the units that are drawn."""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from segscore.base.values import Floats, Ints, lazy
from segscore.counts.cells import Cells
from segscore.scores.metric_row import Counts
from segscore.scores.numbers import Number, OfAll, OfCounts, Summed, values_of
from segscore.scores.object_numbers import OfCurves
from segscore.scores.precision_asked import Asked
from segscore.scores.resampled import Resampled
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
        self.classes, self.cells, self.units = sample.classes, cells, units
        self.chosen = tuple(one.checked(sample.shapes.measures) for one in chosen)
        columns = {one: one.columns(sample)[order] for one in chosen if isinstance(one, Summed)}
        place = np.full(len(sample.names), -1, dtype=np.int64)
        place[order] = units.of
        self.rankings = {one: one.ranking(sample).placed(place) for one in chosen if isinstance(one, Worst)}
        ends = np.cumsum([0, *(part.shape[1] for part in columns.values())]).tolist()
        self._slices = {one: slice(*pair) for one, *pair in zip(columns, ends, ends[1:], strict=False)}
        extra = np.concatenate([np.empty((len(order), 0)), *columns.values()], axis=1)
        self.asked = {one: one.asked(sample.shapes) for one in chosen if isinstance(one, OfCurves)}
        self.curves = {
            asked: Resampled(sample.shapes.matching, asked, order, units.of, sample.shapes.things)
            for asked in self.asked.values()
        }
        # Where models are swapped, the values of both are ranked together.
        ranked = [max(1, 2 * ranking.largest) for ranking in self.rankings.values()]
        ranked += [2 * curves.largest for curves in self.curves.values()]
        told_apart, places = self._told_apart()
        self.sums = Sums(told_apart, units, extra, ranked=max(ranked, default=0))
        self._counted = {one: _placed(one, places) for one in chosen if isinstance(one, OfCounts)}
        self._wholes = {one: one.of_some(sample, order) for one in chosen if isinstance(one, OfAll)}
        # bool (n, K): whether the target of each image has objects of each class.
        self.held = sample.shapes.matching.held[order] if self.asked else None
        self.support = {
            one: len(np.unique(units.of[one.rests_on(sample)[order]]))
            for one in chosen
            if not isinstance(one, OfCounts | OfAll)
        }

    def only(self, kept: Sequence[int]) -> "Prepared":
        """Return the same of some of the numbers."""
        part = copy(self)
        part.chosen = tuple(self.chosen[i] for i in kept)
        return part

    def _told_apart(self) -> tuple[Cells, Ints | None]:
        """Return the cells of the classes that the numbers need, all others as one, and where each class is.

        Where all are needed they are as they were.
        """
        needed: set[int] = set()
        for one in self.chosen:
            if isinstance(one, OfCounts) and not one.metric.of_sums:
                if one.index is None and one.among is None:
                    return self.cells, None
                needed |= {one.index} if one.index is not None else set(one.among or ())
        if len(needed) + 1 >= len(self.classes):
            return self.cells, None
        place = np.full(len(self.classes), len(needed), dtype=np.int64)
        place[sorted(needed)] = np.arange(len(needed))
        return self.cells.joined(place, len(needed) + 1), place

    def counts(self, draw: Draw) -> Counts:
        """Return what formulas read of sums, of the classes that are told apart."""
        joined = draw.tp.shape[-1] != len(self.classes)
        means = np.ones(draw.tp.shape[-1], dtype=np.bool_) if joined else self.classes.in_mean
        return Counts(draw.tp, draw.target, draw.pred, means, None if joined else self.classes.background)

    def whole(self) -> Floats:
        """Return the numbers of all units, float64 (m,): those that the sample itself has."""
        found: Floats = self.values(self.sums.total)[0]
        for i, one in enumerate(self.chosen):
            if isinstance(one, OfAll):
                found[i] = self._wholes[one]
        return found

    @lazy
    def averages(self) -> dict[Asked, Floats]:
        """Average precision at each threshold of each class, float64 (1, T, K), of all units."""
        once = np.ones((1, self.units.count))
        return {asked: curves.averages(once) for asked, curves in self.curves.items()}

    def values(
        self,
        draw: Draw,
        undefined: Mapping[str, Floats] = MappingProxyType({}),
        worst: Callable[[Worst], Floats] | None = None,
        averages: Callable[[Asked], Floats] | None = None,
    ) -> Floats:
        """Return the numbers of sums, float64 (R, m).

        ``undefined`` is as for `values_of`; ``worst`` and ``averages`` give what is no matter of sums, by
        default for the weights of the draw. The average precision of a class that a draw has no target of is
        that of all units.
        """
        curves: dict[Asked, Floats] = {}
        for asked in dict.fromkeys(self.asked[one] for one in self.chosen if isinstance(one, OfCurves)):
            drawn = self.curves[asked].averages(draw.weights) if averages is None else averages(asked)
            curves[asked] = np.where(np.isnan(drawn), self.averages[asked], drawn)
        counts = self.counts(draw)
        counted = [self._counted[one] for one in self.chosen if isinstance(one, OfCounts)]
        of_counts = iter(np.moveaxis(values_of(counted, counts, undefined), -1, 0)) if counted else iter(())

        def value(one: Number) -> Floats:
            if isinstance(one, OfCounts):
                return next(of_counts)
            if isinstance(one, Summed):
                return one.value(draw.extra[:, self._slices[one]])
            if isinstance(one, OfCurves):
                return one.of_averages(curves[self.asked[one]], self.classes)
            assert isinstance(one, Worst)
            if worst is not None:
                return worst(one)
            return self.rankings[one].worst(draw.weights, one.quantiles)

        return np.stack([value(one) for one in self.chosen], axis=-1)


def _placed(asked: OfCounts, place: Ints | None) -> OfCounts:
    """Return a number of classes that have other places, int64 (K,)."""
    if place is None:
        return asked
    index = None if asked.index is None else int(place[asked.index])
    among = None if asked.among is None else tuple(place[list(asked.among)].tolist())
    return replace(asked, index=index, among=among)
