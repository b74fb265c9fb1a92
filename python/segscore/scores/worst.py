"""Numbers of fine-grained means: over images, over classes, and over the worst of them.

What they are stands in `fine_grained`; here they are read from any resample of the images.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from segscore.base.values import Bools, Floats, Ints
from segscore.scores import metrics
from segscore.scores.fine_grained import Averages, FineGrained
from segscore.scores.numbers import MeanOfImages, Number, Summed
from segscore.scores.sample import Sample

By: TypeAlias = Literal["image", "class"]


def _averages(sample: Sample, metric: str) -> Averages:
    found: Averages = getattr(FineGrained.of(sample.classes, sample.cells), metric)
    return found


@dataclass(frozen=True)
class ClassMean(Summed):
    """The mean over classes of the mean over the images of each, of classes of the mean."""

    metric: str = "iou"

    def columns(self, sample: Sample) -> Floats:
        """Return the value of each class in each image, and 1 where there is one, float64 (n, 2 K)."""
        ranking = Ranking.of(sample, self.metric, "class")
        made = np.zeros((len(sample.names), 2, len(sample.classes)))
        made[ranking.image, 0, ranking.label] = ranking.value
        made[ranking.image, 1, ranking.label] = 1
        return made.reshape(len(made), -1)

    def value(self, sums: Floats) -> Floats:
        """Return the mean over the classes that have one."""
        part, whole = np.split(sums, 2, axis=-1)
        means = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
        # Classes outside the mean have no values at all.
        return metrics.class_mean(means, np.ones(means.shape[-1], dtype=np.bool_))

    def read(self, sample: Sample) -> float:
        """Return ``fine_grained.iou.class_mean``."""
        return _averages(sample, self.metric).class_mean


def image_mean(name: str, metric: str) -> MeanOfImages:
    """Return the mean of what each image has, ``fine_grained.iou.image_mean``."""
    return MeanOfImages(name, of=Worst(name, metric=metric))


class Ranking(NamedTuple):
    """Values of images, or of classes in images, int64 and float64 (M,): by label, the lowest first."""

    value: Floats
    image: Ints
    label: Ints

    @staticmethod
    def of(sample: Sample, metric: str, by: By) -> "Ranking":
        """Return the values that fine-grained means are over; those of images have one label, 0."""
        averages = _averages(sample, metric)
        if by == "image":
            image = np.flatnonzero(~np.isnan(averages.per_image))
            return Ranking(averages.per_image[image], image, np.zeros(len(image), np.int64)).sorted()
        cells = sample.cells
        held: Bools = (cells.target > 0) & sample.classes.in_mean[cells.label]
        values = _FORMULAS[metric](cells.tp[held], cells.target[held], cells.pred[held])
        return Ranking(values, cells.image[held], cells.label[held]).sorted()

    def sorted(self) -> "Ranking":
        """Return the same by label, the lowest values first."""
        order = np.lexsort((self.value, self.label))
        return Ranking(self.value[order], self.image[order], self.label[order])

    def placed(self, place: Ints) -> "Ranking":
        """Return the values of some images, whose new places are given, int64 (n,); -1 leaves one out."""
        image = place[self.image]
        kept = image >= 0
        return Ranking(self.value[kept], image[kept], self.label[kept])

    def joined(self, other: "Ranking", images: int) -> "Ranking":
        """Return this one with another one behind it, whose images are counted on from `images`."""
        return Ranking(
            np.concatenate([self.value, other.value]),
            np.concatenate([self.image, other.image + images]),
            np.concatenate([self.label, other.label]),
        ).sorted()

    def worst(self, weights: Floats, quantiles: tuple[float, ...]) -> Floats:
        """Return means over the lowest q percent, float64 (R,), where images count as often as weights say.

        They are means over labels of the mean of each, and over the quantiles; weights are float64 (R, n).
        """
        ends = np.flatnonzero(np.diff(self.label, append=-1)) + 1
        found = np.full((len(quantiles), len(ends), len(weights)), np.nan)
        for i, (first, last) in enumerate(zip([0, *ends[:-1].tolist()], ends.tolist(), strict=True)):
            of_each = weights[:, self.image[first:last]]
            before = np.cumsum(of_each, axis=1) - of_each
            number = of_each.sum(axis=1)
            for at, q in enumerate(quantiles):
                taken = np.maximum(1, np.floor(q * number / 100))
                used = np.clip(taken[:, None] - before, 0, of_each)
                found[at, i] = np.where(number > 0, used @ self.value[first:last] / taken, np.nan)
        held = np.ones(len(ends), dtype=np.bool_)
        return np.asarray(metrics.class_mean(np.moveaxis(found, 1, -1), held).mean(axis=0))


_FORMULAS: dict[str, Callable[[Ints, Ints, Ints], Floats]] = {
    "iou": metrics.iou,
    "dice": metrics.dice,
    "accuracy": lambda tp, target, _: metrics.recall(tp, target),
}


@dataclass(frozen=True)
class Worst(Number):
    """The mean over the worst images, or the worst of each class, averaged over quantiles."""

    metric: str = "iou"
    by: By = "image"
    quantiles: tuple[float, ...] = (5,)

    def read(self, sample: Sample) -> float:
        """Return the mean of ``fine_grained.iou.quantile(q).image_mean``, or ``class_mean``."""
        averages = _averages(sample, self.metric)
        found = (averages.quantile(q) for q in self.quantiles)
        return float(np.mean([one.image_mean if self.by == "image" else one.class_mean for one in found]))

    def of_images(self, sample: Sample) -> Floats:
        """Return the value of each image."""
        return _averages(sample, self.metric).per_image
