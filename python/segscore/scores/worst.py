"""Numbers of fine-grained means: over images, over classes, and over the worst of them.

What they are stands in `fine_grained`; here they are read from any resample of the images.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from segscore.base.values import Floats
from segscore.scores import metrics
from segscore.scores.fine_grained import Averages
from segscore.scores.numbers import Number, Summed
from segscore.scores.ranking import Ranking
from segscore.scores.sample import Sample

By: TypeAlias = Literal["image", "class"]


def _averages(number: Number, sample: Sample) -> Averages:
    found: Averages = getattr(sample.fine_grained, number.metric.name)
    return found


@dataclass(frozen=True, kw_only=True)
class ClassMean(Summed):
    """The mean over classes of the mean over the images of each, of classes of the mean."""

    def columns(self, sample: Sample) -> Floats:
        """Return the value of each class in each image, and 1 where there is one, float64 (n, 2 K)."""
        ranking = _averages(self, sample).of_classes
        made = np.zeros((len(sample.names), 2, len(sample.classes)))
        made[ranking.image, 0, ranking.label] = ranking.value
        made[ranking.image, 1, ranking.label] = 1
        return made.reshape(len(made), -1)

    def value(self, sums: Floats) -> Floats:
        """Return the mean over the classes that have one."""
        means = metrics.ratio(*np.split(sums, 2, axis=-1))
        # Classes outside the mean have no values at all.
        return metrics.class_mean(means, np.ones(means.shape[-1], dtype=np.bool_))

    def read(self, sample: Sample) -> float:
        """Return ``fine_grained.iou.class_mean``."""
        return _averages(self, sample).class_mean


@dataclass(frozen=True, kw_only=True)
class Worst(Number):
    """The mean over the worst images, or the worst of each class, averaged over quantiles."""

    by: By
    quantiles: tuple[float, ...]

    def ranking(self, sample: Sample) -> Ranking:
        """Return the values that it is over."""
        averages = _averages(self, sample)
        return averages.of_images if self.by == "image" else averages.of_classes

    def read(self, sample: Sample) -> float:
        """Return the mean of ``fine_grained.iou.quantile(q).image_mean``, or ``class_mean``."""
        found = (_averages(self, sample).quantile(q) for q in self.quantiles)
        return float(np.mean([one.image_mean if self.by == "image" else one.class_mean for one in found]))

    def of_images(self, sample: Sample) -> Floats:
        """Return the value of each image alone, where the worst of a class is the only one that it has."""
        return _averages(self, sample).per_image
