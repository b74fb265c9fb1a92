"""Scores of surfaces: Hausdorff distance, its percentiles, average distances, and Dice at any tolerance.

All of them are read from how many elements of each surface are how far from the other one. What is missed or
invented is infinitely far, and counted.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from segscore.base.naming import arg
from segscore.base.values import Bools, Floats, Frozen, Ints, lazy, readonly
from segscore.base.wording import many
from segscore.classes.classes import Classes
from segscore.counts.measures import Empty, Measures, checked_empty, real, shown_number, tolerance_of
from segscore.counts.surfaces import Surfaces, measured_classes
from segscore.errors import ArgumentError
from segscore.scores import metrics
from segscore.scores.by_class import ByClass, by_class
from segscore.scores.mean_distance import MeanDistance, mean_of_images

DISTANCES = ("hd", "hd95", "assd", "masd")
"""Names of distances of which there is a mean over images."""
_ROUNDING = 1e-12
"""What distances are beyond a tolerance by rounding alone, as a share of it: three steps of 0.1 are 0.3."""


@dataclass(frozen=True, eq=False, repr=False)
class SurfaceImages(Frozen):
    """Distances between the surfaces of each class in each image, float64 (n, K).

    They are NaN for a class that is in neither target nor prediction, and infinite for one that is missed or
    invented, unless `empty` says otherwise; of classes that means leave out nothing was measured.

    Examples
    --------
    >>> from segscore import Evaluator
    >>> judge = Evaluator(["background", "liver"], distances=True)
    >>> judge.add(pred=[[0, 1, 0, 0]], target=[[0, 0, 0, 1]], name="case_01")
    >>> judge.add(pred=[[0, 0, 0, 0]], target=[[0, 0, 0, 1]], name="case_02")
    >>> judge.result().surface.images.hausdorff()[:, 1].tolist()
    [2.0, inf]
    """

    name: tuple[str, ...]
    _classes: Classes = field(repr=False)
    _surfaces: Surfaces = field(repr=False)
    _measures: Measures = field(repr=False)

    def __repr__(self) -> str:
        """Return a short form with the number of images and the unit."""
        return f"<SurfaceImages of {many(len(self.name), 'image')}, in {self._measures.unit}>"

    @property
    def shape(self) -> tuple[int, int]:
        """n and K."""
        return len(self.name), len(self._classes)

    @lazy
    def _ends(self) -> Ints:
        """int64 (2 n K + 1,): where the rows of each surface begin, by image, class and side."""
        rows, (images, classes) = self._surfaces, self.shape
        of = (rows.image * classes + rows.label) * 2 + rows.side
        return readonly(np.searchsorted(of, np.arange(2 * images * classes + 1)))

    @lazy
    def there(self) -> Bools:
        """bool (n, K, 2): whether the target and the prediction have a surface."""
        return readonly((np.diff(self._ends) > 0).reshape(*self.shape, 2))

    def _summed(self, values: Floats) -> Floats:
        """Return sums over the elements of each surface, float64 (n, K, 2)."""
        sums = np.zeros(len(self._ends) - 1)
        starts = self._ends[:-1]
        held = np.flatnonzero(np.diff(self._ends))
        if len(held):
            sums[held] = np.add.reduceat(values, starts[held])
        return sums.reshape(*self.shape, 2)

    @lazy
    def weights(self) -> Floats:
        """float64 (n, K, 2): how large the surfaces of target and prediction are, in voxels or in areas."""
        return readonly(self._summed(self._surfaces.size * self._surfaces.count))

    @property
    def missed(self) -> Bools:
        """bool (n, K): whether the target has a surface, and the prediction none."""
        return np.asarray(self.there[..., 0] & ~self.there[..., 1])

    @property
    def invented(self) -> Bools:
        """bool (n, K): whether the prediction has a surface, and the target none."""
        return np.asarray(self.there[..., 1] & ~self.there[..., 0])

    def hausdorff(self, percentile: float = 100, *, empty: Empty | None = None) -> Floats:
        """Return the larger of both directed distances, float64 (n, K): of the farthest, or of a percentile.

        Parameters
        ----------
        percentile : float
            From 1 to 100: 95 for HD95. Between voxels it is linear, as NumPy has it; of areas it is
            the first distance up to which there is so much of the surface.
        empty : optional
            As for :class:`segscore.Evaluator`, whose choice it is if not given.
        """
        share = checked_percentile(percentile) / 100
        found = np.full(len(self._ends) - 1, np.nan)
        held = np.flatnonzero(np.diff(self._ends))
        quantiles = self._of_voxels if self._measures.surface == "voxels" else self._of_areas
        found[held] = quantiles(held, share)
        return self._completed(
            found.reshape(*self.shape, 2).max(axis=-1, initial=-1, where=self.there), empty
        )

    def _of_voxels(self, held: Ints, share: float) -> Floats:
        """Return quantiles of the distances of voxels, each of which counts one; linear between them."""
        rows = self._surfaces
        upto = np.concatenate([[0], np.cumsum(rows.count)])
        first, number_ = upto[self._ends[held]], np.diff(upto[self._ends])[held]
        place = (number_ - 1) * share
        low = np.floor(place).astype(np.int64)
        part = place - low
        at = [
            rows.distance[np.searchsorted(upto, first + i, side="right") - 1]
            for i in (low, np.minimum(low + 1, number_ - 1))
        ]
        with np.errstate(invalid="ignore"):
            step = np.where(at[0] == at[1], 0.0, at[1] - at[0])
            # As NumPy computes it, from the nearer end.
            found = np.where(part < 0.5, at[0] + step * part, at[1] - step * (1 - part))
        # What is not between two distances is one of them, also where the next one is infinite.
        return np.where((part == 0) | np.isinf(at[0]), at[0], found)

    def _of_areas(self, held: Ints, share: float) -> Floats:
        """Return the first distances up to which there is such a share of the areas."""
        rows, found = self._surfaces, np.empty(len(held))
        sizes = rows.size * rows.count
        for i, (start, end) in enumerate(zip(self._ends[held], self._ends[held + 1], strict=True)):
            upto = np.cumsum(sizes[start:end])
            at = np.searchsorted(upto / upto[-1], share)
            found[i] = rows.distance[start + min(at, end - start - 1)]
        return found

    @lazy
    def _directed_sums(self) -> Floats:
        rows = self._surfaces
        return readonly(self._summed(rows.distance * rows.size * rows.count))

    def assd(self, *, empty: Empty | None = None) -> Floats:
        """Return the mean distance of the elements of both surfaces together, float64 (n, K).

        The average symmetric surface distance: T. Heimann et al., "Comparison and evaluation of methods for
        liver segmentation from CT datasets", IEEE TMI 28 (2009).
        """
        found = metrics.ratio(self._directed_sums.sum(axis=-1), self.weights.sum(axis=-1))
        return self._completed(found, empty)

    def masd(self, *, empty: Empty | None = None) -> Floats:
        """Return the mean of the mean distances of both directions, float64 (n, K).

        The mean average surface distance: V. Beneš and B. Zitová, "Performance evaluation of image
        segmentation algorithms on microscopic image data", Journal of Microscopy 257 (2015).
        """
        return self._completed(metrics.ratio(self._directed_sums, self.weights).mean(axis=-1), empty)

    @property
    def diagonal(self) -> Floats:
        """float64 (n,): the diagonal of each image in the unit of distances; NaN for one without surfaces."""
        return self._surfaces.diagonal

    def _completed(self, values: Floats, empty: Empty | None) -> Floats:
        """Return distances where both sides have a surface, and what stands for those of one side alone."""
        one = self.missed | self.invented
        values = np.where(self.there.any(axis=-1), values, np.nan)
        wanted = self._measures.empty if empty is None else checked_empty(empty)
        stand: Floats | float
        if wanted == "diagonal":
            stand = self._surfaces.diagonal[:, None]
        elif wanted == "skip":
            stand = np.nan
        else:
            stand = float(wanted)  # of "inf", too
        return readonly(np.where(one, stand, values))

    def distance(self, kind: str, *, empty: Empty | None = None) -> Floats:
        """Return the distances of a name, float64 (n, K): ``assd``, ``masd``, ``hd``, ``hd95``."""
        if kind in ("assd", "masd"):
            return self.assd(empty=empty) if kind == "assd" else self.masd(empty=empty)
        return self.hausdorff(float(kind.removeprefix("hd") or 100), empty=empty)

    def within(self, tolerance: float) -> Floats:
        """Return how much of each surface is at most so far from the other, float64 (n, K, 2)."""
        rows, most, bound = self._surfaces, tolerance_of(tolerance), self._measures.within
        if bound is not None and most > bound:
            raise ArgumentError(
                f"expected a tolerance up to {shown_number(bound)}, as distances were measured, "
                f"found {shown_number(most)}",
                f"measure with a larger {arg('within')}, or without",
            )
        near = rows.distance <= most * (1 + _ROUNDING)
        return self._summed(np.where(near, rows.size * rows.count, 0.0))

    def dice(self, tolerance: float) -> Floats:
        """Return the surface Dice at a tolerance, float64 (n, K), 0 to 1; 0 where one side has no surface."""
        return readonly(surface_dice(self.within(tolerance), self.weights))


def surface_dice(near: Floats, all_: Floats) -> Floats:
    """Return the share of both surfaces that is near: float64 (…, 2) each to (…).

    The normalized surface distance of S. Nikolov et al., "Clinically applicable segmentation of head and neck
    anatomy for radiotherapy", Journal of Medical Internet Research 23 (2021).
    """
    return metrics.ratio(near.sum(axis=-1), all_.sum(axis=-1))


@dataclass(frozen=True, eq=False, repr=False)
class SurfaceScores(Frozen):
    """Scores of the surfaces of a dataset: distances are means over images, Dice is of summed surfaces.

    Examples
    --------
    >>> from segscore import Evaluator
    >>> judge = Evaluator(["background", "liver"], distances=True)
    >>> judge.add(pred=[[0, 1, 0, 0]], target=[[0, 0, 0, 1]], name="case_01")
    >>> judge.add(pred=[[0, 0, 0, 0]], target=[[0, 0, 0, 1]], name="case_02")
    >>> surface = judge.result().surface
    >>> surface.dice(2.0)["liver"], surface.mean_hausdorff(95, empty="skip")
    (0.6666666666666666, 2.0000 px (mean of the 1 structure that both have; 1 missed left out))
    """

    classes: Classes
    images: SurfaceImages
    measures: Measures

    @staticmethod
    def of(
        classes: Classes, names: tuple[str, ...], surfaces: Surfaces, measures: Measures
    ) -> "SurfaceScores":
        """Return the scores of what was measured."""
        return SurfaceScores(classes, SurfaceImages(names, classes, surfaces, measures), measures)

    def __repr__(self) -> str:
        """Return a short form with HD95 and what surfaces are made of."""
        mean = self.mean_hausdorff(95)
        return f"<SurfaceScores of {self.measures.surface}: mean HD95 {mean}>"

    @property
    def unit(self) -> str:
        """The unit of distances, "mm" or "px"."""
        return self.measures.unit

    @property
    def measured(self) -> Ints:
        """The classes whose surfaces were measured, int64 (m,)."""
        return measured_classes(self.classes)

    @property
    def missed(self) -> Ints:
        """int64 (K,): images whose target has the class, and whose prediction does not."""
        return np.asarray(self.images.missed.sum(axis=0))

    @property
    def invented(self) -> Ints:
        """int64 (K,): images whose prediction has the class, and whose target does not."""
        return np.asarray(self.images.invented.sum(axis=0))

    def dice(self, tolerance: float) -> ByClass:
        """Return the surface Dice of each class, float64 (K,), 0 to 1, of all surfaces together."""
        found = surface_dice(self.images.within(tolerance).sum(axis=0), self.images.weights.sum(axis=0))
        return by_class(found, self.classes.names)

    def recall(self, tolerance: float) -> ByClass:
        """Return the share of each target's surface that is near that of the prediction, float64 (K,)."""
        return self._share(tolerance, 0)

    def precision(self, tolerance: float) -> ByClass:
        """Return the share of each predicted surface that is near that of the target, float64 (K,)."""
        return self._share(tolerance, 1)

    def _share(self, tolerance: float, side: int) -> ByClass:
        near, everything = (
            of[..., side].sum(axis=0) for of in (self.images.within(tolerance), self.images.weights)
        )
        return by_class(metrics.ratio(near, everything), self.classes.names)

    def mean_dice(self, tolerance: float) -> float:
        """Return the mean of the surface Dice over classes that means take in."""
        return float(metrics.class_mean(np.asarray(self.dice(tolerance)), self.classes.in_mean))

    def mean_hausdorff(self, percentile: float = 100, *, empty: Empty | None = None) -> MeanDistance:
        """Return the mean over images, then over classes, of the Hausdorff distance or a percentile of it."""
        return self._mean(self.images.hausdorff(percentile, empty=empty), empty)

    def mean_assd(self, *, empty: Empty | None = None) -> MeanDistance:
        """Return the mean over images, then over classes, of the average symmetric surface distance."""
        return self._mean(self.images.assd(empty=empty), empty)

    def mean_masd(self, *, empty: Empty | None = None) -> MeanDistance:
        """Return the mean over images, then over classes, of the mean average surface distance."""
        return self._mean(self.images.masd(empty=empty), empty)

    def mean_distance(self, kind: str, *, empty: Empty | None = None) -> MeanDistance:
        """Return the mean of a metric's name, such as ``hd95``."""
        return self._mean(self.images.distance(kind, empty=empty), empty)

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return what there is of each class that was measured, arrays (m,) under their names."""
        every: dict[str, npt.NDArray[Any]] = {
            "name": np.array(self.classes.names, dtype=object),
            **{f"dice@{shown_number(tau)}": np.asarray(self.dice(tau)) for tau in self.measures.tolerances},
            **{kind: np.asarray(self.mean_distance(kind).per_class) for kind in DISTANCES},
            "missed": self.missed,
            "invented": self.invented,
        }
        return {name: values[self.measured] for name, values in every.items()}

    def to_frame(self, backend: str | None = None) -> Any:
        """Return `columns` as a data frame; see :meth:`segscore.scores.scores.Scores.to_frame`."""
        from segscore.text.frames import frame

        return frame(self.columns(), backend)

    def _mean(self, values: Floats, empty: Empty | None) -> MeanDistance:
        per_class = mean_of_images(values)
        missed, invented = (int(of.sum()) for of in (self.images.missed, self.images.invented))
        there = int(self.images.there.any(axis=-1).sum())
        return MeanDistance(
            float(metrics.class_mean(per_class, self.classes.in_mean)),
            per_class,
            self.classes.names,
            there - missed - invented,
            missed,
            invented,
            self.unit,
            self.measures.empty if empty is None else empty,
        )


def checked_percentile(percentile: object) -> float:
    """Return a percentile from 1 to 100, or raise ArgumentError."""
    found = real(percentile)
    if found is None or not 1 <= found <= 100:
        raise ArgumentError(
            f"expected a percentile from 1 to 100, found {percentile!r}", "95 for HD95, 100 for all"
        )
    return found
