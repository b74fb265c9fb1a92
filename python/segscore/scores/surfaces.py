"""Scores of surfaces: Hausdorff distance, its percentiles, average distances, and Dice at any tolerance.

All of them are read from how many elements of each surface are how far from the other one. What is missed or
invented is infinitely far, and counted.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from segscore.base.values import Bools, Floats, Frozen, Ints, lazy, readonly
from segscore.base.wording import many
from segscore.classes.classes import Classes
from segscore.counts.distance_options import Empty, shown_number
from segscore.counts.measures import Measures
from segscore.counts.surfaces import Surfaces, measured_classes
from segscore.scores import metrics
from segscore.scores.by_class import ByClass, by_class
from segscore.scores.mean_distance import MeanDistance, mean_of_images
from segscore.scores.surface_cells import SurfaceCells, of_both_sides

DISTANCES = ("hd", "hd95", "assd", "masd")
"""Names of distances of which there is a mean over images."""


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
    def cells(self) -> SurfaceCells:
        """Return the same of the classes that each image has, a row each."""
        return SurfaceCells(self._surfaces, self._measures)

    def _dense(self, values: npt.NDArray[Any], lacking: float = 0) -> npt.NDArray[Any]:
        """Return values of cells (c, …) as those of all classes in all images, (n, K, …)."""
        found = np.full((*self.shape, *values.shape[1:]), lacking, dtype=values.dtype)
        found[self.cells.image, self.cells.label] = values
        return readonly(found)

    @property
    def there(self) -> Bools:
        """bool (n, K, 2): whether the target and the prediction have a surface."""
        return self._dense(self.cells.there)

    @property
    def weights(self) -> Floats:
        """float64 (n, K, 2): how large the surfaces of target and prediction are, in voxels or in areas."""
        return self._dense(self.cells.weights)

    @property
    def missed(self) -> Bools:
        """bool (n, K): whether the target has a surface, and the prediction none."""
        return self._dense(self.cells.missed)

    @property
    def invented(self) -> Bools:
        """bool (n, K): whether the prediction has a surface, and the target none."""
        return self._dense(self.cells.invented)

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
        return self._dense(self.cells.hausdorff(percentile, empty), np.nan)

    def assd(self, *, empty: Empty | None = None) -> Floats:
        """Return the mean distance of the elements of both surfaces together, float64 (n, K).

        The average symmetric surface distance: T. Heimann et al., "Comparison and evaluation of methods for
        liver segmentation from CT datasets", IEEE TMI 28 (2009).
        """
        return self._dense(self.cells.assd(empty), np.nan)

    def masd(self, *, empty: Empty | None = None) -> Floats:
        """Return the mean of the mean distances of both directions, float64 (n, K).

        The mean average surface distance: V. Beneš and B. Zitová, "Performance evaluation of image
        segmentation algorithms on microscopic image data", Journal of Microscopy 257 (2015).
        """
        return self._dense(self.cells.masd(empty), np.nan)

    @property
    def diagonal(self) -> Floats:
        """float64 (n,): the diagonal of each image in the unit of distances; NaN for one without surfaces."""
        return self._surfaces.diagonal

    def distance(self, kind: str, *, empty: Empty | None = None) -> Floats:
        """Return the distances of a name, float64 (n, K): ``assd``, ``masd``, ``hd``, ``hd95``."""
        return self._dense(self.cells.distance(kind, empty), np.nan)

    def within(self, tolerance: float) -> Floats:
        """Return how much of each surface is at most so far from the other, float64 (n, K, 2)."""
        return self._dense(self.cells.within(tolerance))

    def dice(self, tolerance: float) -> Floats:
        """Return the surface Dice at a tolerance, float64 (n, K), 0 to 1; 0 where one side has no surface."""
        return self._dense(surface_dice(self.cells.within(tolerance), self.cells.weights), np.nan)


def surface_dice(near: Floats, all_: Floats) -> Floats:
    """Return the share of both surfaces that is near: float64 (…, 2) each to (…).

    The normalized surface distance of S. Nikolov et al., "Clinically applicable segmentation of head and neck
    anatomy for radiotherapy", Journal of Medical Internet Research 23 (2021).
    """
    return metrics.ratio(of_both_sides(near), of_both_sides(all_))


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

    @lazy
    def measured(self) -> Ints:
        """Classes whose surfaces were measured, int64 (m,)."""
        return readonly(measured_classes(self.classes))

    @property
    def missed(self) -> Ints:
        """int64 (K,): images whose target has the class, and whose prediction does not."""
        return self._counted(self.images.cells.missed)

    @property
    def invented(self) -> Ints:
        """int64 (K,): images whose prediction has the class, and whose target does not."""
        return self._counted(self.images.cells.invented)

    def dice(self, tolerance: float) -> ByClass:
        """Return the surface Dice of each class, float64 (K,), 0 to 1, of all surfaces together."""
        cells = self.images.cells
        found = surface_dice(self._summed(cells.within(tolerance)), self._summed(cells.weights))
        return by_class(found, self.classes.names)

    def recall(self, tolerance: float) -> ByClass:
        """Return the share of each target's surface that is near that of the prediction, float64 (K,)."""
        return self._share(tolerance, 0)

    def precision(self, tolerance: float) -> ByClass:
        """Return the share of each predicted surface that is near that of the target, float64 (K,)."""
        return self._share(tolerance, 1)

    def _share(self, tolerance: float, side: int) -> ByClass:
        cells = self.images.cells
        near, everything = (self._summed(of)[:, side] for of in (cells.within(tolerance), cells.weights))
        return by_class(metrics.ratio(near, everything), self.classes.names)

    def _summed(self, values: Floats) -> Floats:
        """Return sums of cells (c, 2) over the images of each class, float64 (K, 2)."""
        label, classes = self.images.cells.label, len(self.classes)
        return np.stack([np.bincount(label, side, minlength=classes) for side in values.T], axis=-1)

    def _counted(self, which: Bools) -> Ints:
        """Return of how many images cells (c,) are, int64 (K,)."""
        return np.bincount(self.images.cells.label[which], minlength=len(self.classes))

    def mean_dice(self, tolerance: float) -> float:
        """Return the mean of the surface Dice over classes that means take in."""
        return float(metrics.class_mean(np.asarray(self.dice(tolerance)), self.classes.in_mean))

    def mean_hausdorff(self, percentile: float = 100, *, empty: Empty | None = None) -> MeanDistance:
        """Return the mean over images, then over classes, of the Hausdorff distance or a percentile of it."""
        return self._mean(self.images.cells.hausdorff(percentile, empty), empty)

    def mean_assd(self, *, empty: Empty | None = None) -> MeanDistance:
        """Return the mean over images, then over classes, of the average symmetric surface distance."""
        return self._mean(self.images.cells.assd(empty), empty)

    def mean_masd(self, *, empty: Empty | None = None) -> MeanDistance:
        """Return the mean over images, then over classes, of the mean average surface distance."""
        return self._mean(self.images.cells.masd(empty), empty)

    def mean_distance(self, kind: str, *, empty: Empty | None = None) -> MeanDistance:
        """Return the mean of a metric's name, such as ``hd95``."""
        return self._mean(self.images.cells.distance(kind, empty), empty)

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
        """Return `columns` as a data frame; see :meth:`segscore.Scores.to_frame`."""
        from segscore.text.frames import frame

        return frame(self.columns(), backend)

    def _mean(self, values: Floats, empty: Empty | None) -> MeanDistance:
        cells = self.images.cells
        per_class = mean_of_images(values, cells.label, len(self.classes))
        missed, invented = (int(of.sum()) for of in (cells.missed, cells.invented))
        within = self.measures.within
        farther = 0 if within is None else int(np.isinf(values[~(cells.missed | cells.invented)]).sum())
        return MeanDistance(
            float(metrics.class_mean(per_class, self.classes.in_mean)),
            per_class,
            self.classes.names,
            len(values) - missed - invented,
            missed,
            invented,
            farther,
            within,
            self.unit,
            self.measures.empty if empty is None else empty,
        )
