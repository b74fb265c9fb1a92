"""Distances of the classes that images have: a row for each class that an image has, on either side.

No array has a place for classes that an image has not, which in datasets of many classes are most.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from segscore.base.naming import arg
from segscore.base.shown import brief
from segscore.base.values import Bools, Floats, Frozen, Ints, lazy, readonly, real
from segscore.base.wording import many
from segscore.counts.distance_options import Empty, checked_empty, shown_number, tolerance_of
from segscore.counts.measures import Measures
from segscore.counts.surfaces import Surfaces
from segscore.errors import ArgumentError
from segscore.scores import metrics

_Number = TypeVar("_Number", bound=np.generic)
_ROUNDING = 1e-12
"""What is rounding alone, as a share: three steps of 0.1 are within a tolerance of 0.3, and half is half."""

_FEW = 32
"""Parts up to which a call for each takes less time than arrays of all of them, as measured."""


@dataclass(frozen=True, eq=False, repr=False)
class SurfaceCells(Frozen):
    """The surfaces of each class in each image that has one: c of them, by image, then by class."""

    surfaces: Surfaces
    measures: Measures

    def __repr__(self) -> str:
        """Return a short form with the number of structures, which one side has at least."""
        return f"<SurfaceCells of {many(len(self.image), 'structure')}, in {self.measures.unit}>"

    @lazy
    def _bounds(self) -> Ints:
        """int64 (s + 1,): the first row of each surface, of a class on one side of an image, and the end."""
        rows = self.surfaces
        new = np.zeros(len(rows.label) + 1, dtype=np.bool_)
        new[1:-1] = (rows.label[1:] != rows.label[:-1]) | (rows.side[1:] != rows.side[:-1])
        new[rows.offsets] = True
        return readonly(new.nonzero()[0])

    @lazy
    def _lengths(self) -> Ints:
        """int64 (s,): how many rows each surface has."""
        return readonly(self._bounds[1:] - self._bounds[:-1])

    @lazy
    def _places(self) -> tuple[Ints, Ints, Ints]:
        """Return image and class of each cell, int64 (c,), and where each surface is among those of cells."""
        rows, starts = self.surfaces, self._bounds[:-1]
        image = rows.offsets.searchsorted(starts, side="right") - 1
        label = rows.label[starts]
        new = np.empty(len(starts), dtype=np.bool_)
        new[:1] = True
        new[1:] = (image[1:] != image[:-1]) | (label[1:] != label[:-1])
        place = 2 * (new.cumsum() - 1) + rows.side[starts]
        return readonly(image[new]), readonly(label[new]), readonly(place)

    @property
    def image(self) -> Ints:
        """int64 (c,): the image of each cell."""
        return self._places[0]

    @property
    def label(self) -> Ints:
        """int64 (c,): its class."""
        return self._places[1]

    def _of_sides(self, values: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
        """Return values of surfaces (s,) by cells, (c, 2); 0 where a side has none."""
        cells, _, place = self._places
        found = np.zeros(2 * len(cells), dtype=values.dtype)
        found[place] = values
        return found.reshape(-1, 2)

    def summed(self, values: Floats) -> Floats:
        """Return values of rows (M,), by the size of their elements, added up by surface, float64 (c, 2)."""
        return self._added_up(self._sizes * values)

    def _added_up(self, sizes: Floats) -> Floats:
        starts = self._bounds[:-1]
        return self._of_sides(np.add.reduceat(sizes, starts) if len(starts) else sizes)

    @lazy
    def there(self) -> Bools:
        """bool (c, 2): whether the target and the prediction have a surface."""
        return readonly(self._of_sides(self._lengths > 0))

    @lazy
    def missed(self) -> Bools:
        """bool (c,): whether the target alone has a surface."""
        return readonly(~self.there[:, 1])

    @lazy
    def invented(self) -> Bools:
        """bool (c,): whether the prediction alone has a surface."""
        return readonly(~self.there[:, 0])

    @lazy
    def _sizes(self) -> Floats:
        """float64 (M,): the size of all elements of a row."""
        return readonly(self.surfaces.size * self.surfaces.count)

    @lazy
    def weights(self) -> Floats:
        """float64 (c, 2): how large both surfaces are."""
        return readonly(self._added_up(self._sizes))

    def within(self, tolerance: float) -> Floats:
        """Return how much of each surface is at most so far from the other, float64 (c, 2)."""
        most, bound = tolerance_of(tolerance), self.measures.within
        if bound is not None and most > bound:
            raise ArgumentError(
                f"expected a tolerance up to {shown_number(bound)}, as distances were measured, "
                f"found {shown_number(most)}",
                f"measure with a larger {arg('within')}, or without",
            )
        near = self.surfaces.distance <= most * (1 + _ROUNDING)
        return self.summed(near.astype(np.float64))

    @lazy
    def _distance_sums(self) -> Floats:
        """float64 (c, 2): the distances of all elements of each surface, added up by their sizes."""
        return readonly(self.summed(self.surfaces.distance))

    def assd(self, empty: Empty | None) -> Floats:
        """Return the mean distance of the elements of both surfaces together, float64 (c,)."""
        found = metrics.ratio(of_both_sides(self._distance_sums), of_both_sides(self.weights))
        return self._completed(found, empty)

    def masd(self, empty: Empty | None) -> Floats:
        """Return the mean of the mean distances of both surfaces, float64 (c,)."""
        return self._completed(metrics.ratio(self._distance_sums, self.weights).mean(axis=-1), empty)

    def hausdorff(self, percentile: float, empty: Empty | None) -> Floats:
        """Return the larger one of the percentiles of both surfaces, float64 (c,)."""
        share = checked_percentile(percentile) / 100
        found = self._of_voxels(share) if self.measures.surface == "voxels" else self._of_areas(share)
        of_sides = self._of_sides(found)
        return self._completed(np.maximum(of_sides[:, 0], of_sides[:, 1]), empty)

    def distance(self, kind: str, empty: Empty | None) -> Floats:
        """Return the distances of a name, float64 (c,): ``assd``, ``masd``, ``hd``, ``hd95``."""
        if kind in ("assd", "masd"):
            return self.assd(empty) if kind == "assd" else self.masd(empty)
        return self.hausdorff(float(kind.removeprefix("hd") or 100), empty)

    def _completed(self, values: Floats, empty: Empty | None) -> Floats:
        """Return distances with what stands for those of which one side alone has a surface, float64 (c,)."""
        wanted = self.measures.empty if empty is None else checked_empty(empty)
        stand: Floats | float
        if wanted == "diagonal":
            stand = self.surfaces.diagonal[self.image]
        elif wanted == "skip":
            stand = np.nan
        else:
            stand = float(wanted)  # of "inf", too
        return np.where(self.there[:, 0] & self.there[:, 1], values, stand)

    def _of_voxels(self, share: float) -> Floats:
        """Return quantiles of the distances of voxels, each of which counts one; linear between them."""
        rows = self.surfaces
        return quantiles(rows.distance, rows.count, self._bounds, share)

    def of_both(self, percentile: float) -> Floats:
        """Return the percentile of the distances of the voxels of both surfaces together, float64 (c,)."""
        rows = self.surfaces
        cell = (self._places[2] // 2).repeat(self._lengths)
        order = np.lexsort((rows.distance, cell))
        bounds = cell.searchsorted(np.arange(len(self.image) + 1))
        return quantiles(rows.distance[order], rows.count[order], bounds, percentile / 100)

    @lazy
    def _shares(self) -> Floats:
        """float64 (M,): which share of its surface each row and those before it are."""
        upto = running_sums(self._sizes, self._bounds)
        return readonly(upto / upto[self._bounds[1:] - 1].repeat(self._lengths))

    def _of_areas(self, share: float) -> Floats:
        """Return the first distances up to which there is such a share of the areas."""
        starts = self._bounds[:-1]
        if not len(starts):
            return np.empty(0)
        # Where a share is reached exactly, no rounding decides that it is not.
        before = np.add.reduceat(self._shares < share * (1 - _ROUNDING), starts, dtype=np.int64)
        found: Floats = self.surfaces.distance[starts + np.minimum(before, self._lengths - 1)]
        return found


def of_both_sides(values: Floats) -> Floats:
    """Return the sums of what both sides have: float64 (…, 2) to (…)."""
    return np.asarray(values[..., 0] + values[..., 1])


def quantiles(distance: Floats, count: Ints, bounds: Ints, share: float) -> Floats:
    """Return the quantile of each part, float64 (s,), as `np.quantile` of all its values has it.

    Anywhere between a distance and an infinite one it is infinite, where NumPy says NaN from the middle on.
    Values are rows (M,), so many times each, which rise in a part. Parts lie behind each other, between
    bounds (s + 1,), and have one row or more.
    """
    upto = np.zeros(len(count) + 1, dtype=np.int64)
    count.cumsum(out=upto[1:])
    ends = upto[bounds]
    first, last = ends[:-1], ends[1:] - 1
    place = (last - first) * share
    low = place.astype(np.int64)
    part = place - low
    low += first
    at, behind = distance[upto.searchsorted([low, np.minimum(low + 1, last)], side="right") - 1]
    # What is not between two distances is one of them, also where the next one is infinite.
    (between,) = ((part > 0) & (at < behind)).nonzero()
    if len(between):
        one, other, part = at[between], behind[between], part[between]
        step = other - one
        # As NumPy computes it, from the nearer end; what is infinite is so from any place before it, too.
        early = (part < 0.5) | np.isinf(step)
        at[between] = np.where(early, one + step * part, other - np.where(early, 0.0, step) * (1 - part))
    return np.asarray(at)


def running_sums(values: Floats, bounds: Ints) -> Floats:
    """Return the sums of each part up to each of its values, float64 (M,), as `np.cumsum` of it has them.

    Parts lie behind each other, between bounds (s + 1,), and have one value or more. Sums over all of them at
    once would be rounded by how much comes before a part: each of a few is added up by itself, many of about
    the same length side by side.

    Examples
    --------
    >>> running_sums(np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 1, 4])).tolist()
    [1.0, 2.0, 5.0, 9.0]
    """
    found = np.empty_like(values)
    starts, lengths = bounds[:-1], bounds[1:] - bounds[:-1]
    if len(starts) <= _FEW:
        for one, other in pairwise(bounds.tolist()):
            values[one:other].cumsum(out=found[one:other])
        return found
    power = np.frexp(lengths - 0.5)[1]  # that of 2 which is no less than the length
    for exponent in np.unique(power).tolist():
        chosen = np.flatnonzero(power == exponent)
        places = np.arange(1 << exponent)
        held = places < lengths[chosen, None]
        rows = (starts[chosen, None] + places)[held]
        side_by_side = np.zeros(held.shape)
        side_by_side[held] = values[rows]
        found[rows] = np.cumsum(side_by_side, axis=1)[held]
    return found


def checked_percentile(percentile: object) -> float:
    """Return a percentile from 1 to 100, or raise ArgumentError."""
    found = real(percentile)
    if found is None or not 1 <= found <= 100:
        raise ArgumentError(
            f"expected a percentile from 1 to 100, found {brief(percentile)}", "95 for HD95, 100 for all"
        )
    return found
