"""IoU of pixels in which each object of a class weighs the same, as Cityscapes has it: iIoU.

A pixel of a target's object counts as often as the mean size of objects of its class in Cityscapes is larger
than the object; predicted pixels that are of another class in the target count once. Pixels of a class that
are of no object, those of groups, are neither right nor missed.

Source: cityscapesScripts 2.3.0, `evalPixelLevelSemanticLabeling.py`.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from segscore.base.values import Floats, Ints
from segscore.classes.classes import Classes
from segscore.counts.measures import Measures
from segscore.counts.objects import TARGET
from segscore.scores import metrics
from segscore.scores.matching import Matching
from segscore.scores.numbers import Summed
from segscore.scores.sample import Sample

MEAN_SIZES: Final = {
    "bicycle": 4672.3249222261,
    "caravan": 36771.8241758242,
    "motorcycle": 6298.7200839748,
    "rider": 3930.4788056518,
    "bus": 35732.1511111111,
    "train": 67583.7075812274,
    "car": 12794.0202738185,
    "person": 3462.4756337644,
    "truck": 27855.1264367816,
    "trailer": 16926.9763313609,
}
"""Pixels of the mean object in the training set of Cityscapes, of each class whose objects it tells apart."""


@dataclass(frozen=True, kw_only=True)
class OfWeights(Summed):
    """The iIoU of a class, or its mean over classes."""

    def options(self, measures: Measures) -> dict[str, object]:
        """Return what objects are."""
        return measures.told_apart

    def read(self, sample: Sample) -> float:
        """Return the number of all images, whose objects are summed up one after the other."""
        chosen = self._chosen(sample.classes)
        weighted = _summed(sample.shapes.matching, sample.classes, per_image=False)[0]
        return float(self.value(np.stack([*weighted, _false(sample).sum(axis=0)])[:, chosen].ravel()))

    def columns(self, sample: Sample) -> Floats:
        """Return weighted pixels that are right and missed, and those that are wrong, float64 (n, 3 m)."""
        chosen = self._chosen(sample.classes)
        weighted = _summed(sample.shapes.matching, sample.classes, per_image=True)
        columns = np.concatenate([weighted, _false(sample)[:, None]], axis=1)[:, :, chosen]
        return columns.reshape(len(columns), 3 * columns.shape[-1])

    def value(self, sums: Floats) -> Floats:
        """Return the iIoU of the sums, or the mean over classes."""
        right, missed, wrong = np.moveaxis(sums.reshape(*sums.shape[:-1], 3, sums.shape[-1] // 3), -2, 0)
        values = metrics.ratio(right, right + wrong + missed)
        return metrics.class_mean(values, np.ones(values.shape[-1], dtype=np.bool_))

    def _chosen(self, classes: Classes) -> Ints:
        return np.flatnonzero(classes.in_mean) if self.index is None else np.array([self.index])


def _false(sample: Sample) -> Floats:
    """Return the pixels that are predicted as a class and are of another one, float64 (n, K)."""
    cells = sample.cells
    made = np.zeros(cells.shape)
    made[cells.image, cells.label] = cells.pred - cells.tp
    return made


def _summed(matching: Matching, classes: Classes, *, per_image: bool) -> Floats:
    """Return weighted pixels of objects that are right and missed, float64 (n, 2, K), or (1, 2, K) of all."""
    objects, overlaps = matching.objects, matching.overlaps
    mean = np.array([MEAN_SIZES.get(name, np.nan) for name in classes.names])
    target, pred = overlaps.rows_in(objects)
    alike = np.flatnonzero(objects.label[target] == objects.label[pred])
    right = np.zeros(len(objects.id), np.int64)
    np.add.at(right, target[alike], overlaps.pixels[alike])
    rows = np.flatnonzero((objects.side == TARGET) & ~objects.crowd)
    label, size = objects.label[rows], objects.pixels[rows]
    weight = mean[label] / size
    image = objects.image[rows] if per_image else np.zeros(len(rows), np.int64)
    found = np.zeros((len(objects.offsets) - 1 if per_image else 1, 2, len(classes)))
    found[:, :, np.isnan(mean)] = np.nan
    np.add.at(found[:, 0], (image, label), right[rows] * weight)
    np.add.at(found[:, 1], (image, label), (size - right[rows]) * weight)
    return found
