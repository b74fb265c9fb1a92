"""Numbers that can be asked for: of all images, of each, and of any resample of them.

How a number is named stands in `named`; which metrics there are, in `metric`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

import numpy as np

from segscore.base.values import Bools, Floats, Ints
from segscore.classes.classes import Classes
from segscore.counts.cells import Cells
from segscore.counts.measures import Measures
from segscore.errors import ArgumentError
from segscore.scores import exact, metrics
from segscore.scores.measured import Measured
from segscore.scores.metric import METRICS
from segscore.scores.metric_row import Counts, Metric
from segscore.scores.regions import regions
from segscore.scores.sample import Sample
from segscore.scores.shapes import check_apart


@dataclass(frozen=True, kw_only=True)
class Number(ABC):
    """One number that counts of images come to."""

    name: str
    """As the user wrote it, such as ``mean_iou``, ``iou.car`` or ``mean_iou[car,bus]``."""
    metric: Metric
    """What it is a number, a mean or a share of."""
    index: int | None = None
    """Of the class, for a number of one."""

    @abstractmethod
    def read(self, sample: Sample) -> float:
        """Return the number of all images."""

    def of_scores(self, scores: Measured) -> float:  # noqa: ARG002 - those that can read it do
        """Return the number of summed counts, or raise ArgumentError where those of each image are needed."""
        raise ArgumentError(
            f"`{self.name}` is read from the counts of each image, which these scores do not hold",
            "an evaluation holds them: `ev.check`, `segscore evaluate --fail-under`",
        )

    def beside(self, limit: float, value: float, scores: Measured) -> float:  # noqa: ARG002 - ratios need them
        """Return what is held to a limit in place of a value that was read near it.

        A ratio of integers is the float64 nearest to it; any other number within a tolerance is the limit.
        """
        return limit if abs(value - limit) <= exact.TOLERANCE else value

    @abstractmethod
    def of_images(self, sample: Sample) -> Floats:
        """Return the number of each image alone, float64 (n,): what images are ranked by."""

    @property
    def of_some_images(self) -> bool:
        """Whether it is the mean of what `of_images` returns, over the images that have such a number."""
        return False

    def options(self, measures: Measures) -> dict[str, object]:  # noqa: ARG002 - those of shapes hang on them
        """Return the options of what was measured that make it another number, by their names."""
        return {}

    def checked(self, measures: Measures) -> Self:
        """Return this number; an ArgumentError where objects are such that there is none of its kind."""
        if self.metric.of_masks_apart:
            check_apart(measures, f"`{self.name}` is")
        return self

    def rests_on(self, sample: Sample) -> Bools:
        """Return which images it rests on, bool (n,): those that have such a number."""
        return ~np.isnan(self.of_images(sample))

    def held(self, sample: Sample) -> Bools:
        """Return which images have its class in their target, bool (n,); all if it is of none."""
        cells = sample.cells
        found = np.full(len(sample.names), self.index is None)
        if self.index is not None:
            found[cells.image[(cells.label == self.index) & (cells.target > 0)]] = True
        return found

    def wrong(self, sample: Sample) -> Ints:
        """Return what is wrong in each image, of its class if it has one, int64 (n,): that of equal ones."""
        cells = sample.cells
        if self.index is None:
            return cells.wrong
        of = np.flatnonzero(cells.label == self.index)
        found = np.zeros(len(sample.names), dtype=np.int64)
        found[cells.image[of]] = cells.wrong_of_class[of]
        return found


@dataclass(frozen=True, kw_only=True)
class OfCounts(Number):
    """A metric of summed counts: of all classes, of one of them, or a mean over some."""

    among: tuple[int, ...] | None = None
    """The classes that a mean is over, if not over those of the mean."""

    def read(self, sample: Sample) -> float:
        """Return the metric of the scores of all images."""
        return self.of_scores(sample.scores)

    def of_scores(self, scores: Measured) -> float:
        """Return the metric of scores."""
        return float(self.value(scores.counts))

    def beside(self, limit: float, value: float, scores: Measured) -> float:
        """Return the metric of the scores without any rounding on the way, if it is a ratio of integers."""
        found = exact.nearest(self.metric, scores.counts, self.value)
        return super().beside(limit, value, scores) if found is None else found

    def of_images(self, sample: Sample) -> Floats:
        """Return the metric of each image, as that of its scores alone."""
        if self.index is not None:
            # The class and all others as one are enough: a table of all classes may take a second.
            tp, target, pred = (np.stack([of, 0 * of], axis=-1) for of in sample.cells.of_class(self.index))
            target[:, 1] = sample.cells.pixels - target[:, 0]
            return self.metric.formula(Counts(tp, target, pred, np.ones(2, dtype=np.bool_)))[:, 0]
        return each_image(sample.classes, sample.cells, [self])[:, 0]

    def value(self, counts: Counts) -> Floats:
        """Return the metric of counts with any leading axes, float64 (...)."""
        return values_of([self], counts)[..., 0]

    def narrowed(self, counts: Counts) -> Counts:
        """Return the counts with the classes that this mean is over."""
        counts = counts._replace(of_images=self.metric.over_images)
        if self.among is None:
            return counts
        chosen = np.zeros(len(counts.means), dtype=np.bool_)
        chosen[list(self.among)] = True
        return counts._replace(means=chosen)


def counted(metric: Metric) -> OfCounts:
    """Return a metric of the whole as a number."""
    return OfCounts(name=metric.name, metric=metric)


def values_of(
    chosen: Sequence[OfCounts], counts: Counts, undefined: Mapping[str, Floats] = MappingProxyType({})
) -> Floats:
    """Return many metrics of the same counts, float64 (..., m); the formula of a class is computed once.

    ``undefined`` has, by the metric of a class, what a mean takes for a class (K,) that is undefined, which
    is left out by default.
    """
    of_classes: dict[str, Floats] = {}

    def per_class(name: str) -> Floats:
        if name not in of_classes:
            of_classes[name] = METRICS[name].formula(counts)
        return of_classes[name]

    def value(one: OfCounts) -> Floats:
        if one.index is not None:
            return per_class(one.metric.name)[..., one.index]
        if not one.metric.mean_of:
            return one.metric.formula(counts)
        values, fill = per_class(one.metric.mean_of), undefined.get(one.metric.mean_of)
        if fill is not None:
            values = np.where(np.isnan(values), fill, values)
        return metrics.class_mean(values, one.narrowed(counts).in_mean)

    return np.stack([value(one) for one in chosen], axis=-1)


def each_image(classes: Classes, cells: Cells, chosen: Sequence[OfCounts]) -> Floats:
    """Return metrics of each image, float64 (n, m); those over images are over the classes in its target."""
    parts = [
        values_of(chosen, Counts(tp, target, pred, classes.in_mean, classes.background))
        for tp, target, pred in cells.blocks()
    ]
    return np.concatenate([np.empty((0, len(chosen))), *parts])


@dataclass(frozen=True, kw_only=True)
class Summed(Number):
    """A number of sums over images: columns of each image, added up, come to it."""

    @abstractmethod
    def columns(self, sample: Sample) -> Floats:
        """Return what is added up, float64 (n, C)."""

    @abstractmethod
    def value(self, sums: Floats) -> Floats:
        """Return the number of sums, float64 (..., C) to (...)."""

    def read(self, sample: Sample) -> float:
        """Return the number of the sums over all images."""
        return float(self.value(self.columns(sample).sum(axis=0)))

    def of_images(self, sample: Sample) -> Floats:
        """Return the number of the sums of each image."""
        return self.value(self.columns(sample))


@dataclass(frozen=True, kw_only=True)
class MeanOfImages(Summed):
    """The mean over images of a number that each has, over those that have one."""

    of: Number

    @property
    def of_some_images(self) -> bool:
        """It is."""
        return True

    def of_images(self, sample: Sample) -> Floats:
        """Return what the mean is over; NaN for images that are left out."""
        return self.of.of_images(sample)

    def columns(self, sample: Sample) -> Floats:
        """Return values, and 1 where there is one."""
        values = self.of_images(sample)
        return np.stack([np.nan_to_num(values), ~np.isnan(values)], axis=-1)

    def value(self, sums: Floats) -> Floats:
        """Return sums over numbers of images."""
        return metrics.ratio(sums[..., 0], sums[..., 1])

    def read(self, sample: Sample) -> float:
        """Return the mean over the images that have a value."""
        return self.mean(self.of_images(sample))

    @staticmethod
    def mean(values: Floats) -> float:
        """Return the mean of the values of images, float64 (n,), that are defined."""
        defined = values[~np.isnan(values)]
        return float(defined.mean()) if len(defined) else float("nan")


@dataclass(frozen=True, kw_only=True)
class Quotient(Summed):
    """A number of sums that is one quotient of integers, so that it is read as the float64 nearest to it."""

    def beside(self, limit: float, value: float, scores: Measured) -> float:  # noqa: ARG002 - nothing is summed
        """Return the value."""
        return value


@dataclass(frozen=True, kw_only=True)
class OfAll(Number):
    """A number of all images at once, which no sum over them comes to."""

    @abstractmethod
    def of_some(self, sample: Sample, images: Ints) -> float:
        """Return the number of some of the images, int64 (m,)."""

    def read(self, sample: Sample) -> float:
        """Return the number of all images."""
        return self.of_some(sample, np.arange(len(sample.names)))

    def of_images(self, sample: Sample) -> Floats:  # noqa: ARG002 - there is none
        """Raise ArgumentError, as no image has such a number."""
        raise ArgumentError(
            f"`{self.name}` is of all images together, and no image has one of its own",
            "images are ranked by `f1@0.5`, and `ev.select` has the number of some of them",
        )


@dataclass(frozen=True, kw_only=True)
class OfRegion(Quotient):
    """A metric of a union of classes, which is a binary task."""

    members: tuple[str, ...]
    in_target: bool = False
    """Whether images without it in their target are left out where the number of each is asked for."""

    def columns(self, sample: Sample) -> Floats:
        """Return pixels of the region in both, in target, in prediction, and all that are scored."""
        found = regions(sample.classes, sample.names, sample.table, {"region": self.members})
        parts = (found.image_tp[:, 0], found.image_target[:, 0], found.image_pred[:, 0], sample.cells.pixels)
        return np.stack(parts, axis=-1).astype(np.float64)

    def value(self, sums: Floats) -> Floats:
        """Return the metric of the region, which is one class of two."""
        tp, target, pred, pixels = np.moveaxis(sums.astype(np.int64), -1, 0)
        # All else is the other class; how it is predicted does not matter to the metric of this one.
        tp, target, pred = (np.stack([one, pixels - one], axis=-1) for one in (tp, target, pred))
        return self.metric.formula(Counts(tp, target, pred, np.ones(2, dtype=np.bool_)))[..., 0]

    def rests_on(self, sample: Sample) -> Bools:
        """Return the images whose target has the region, as is asked of a class."""
        return np.asarray(self.columns(sample)[:, 1] > 0)

    def of_images(self, sample: Sample) -> Floats:
        """Return the metric of each image."""
        columns = self.columns(sample)
        values = self.value(columns)
        return np.where(columns[:, 1] > 0, values, np.nan) if self.in_target else values
