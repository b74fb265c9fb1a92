"""ImageScores: the scores of every image, as columns."""

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from segscore import metrics
from segscore.cells import blocks
from segscore.classes import Classes, Ints
from segscore.lazy import lazy
from segscore.metrics import Floats
from segscore.scores import readonly
from segscore.table import Table


@dataclass(frozen=True, eq=False)
class ImageScores:
    """Scores of each image, in the order of the names; the arrays are read-only.

    Attributes
    ----------
    name : tuple of str
        The images.
    pixels : int64 (n,)
        Scored pixels.
    pixel_accuracy : float64 (n,)
        NaN for an image without scored pixels.
    mean_iou : float64 (n,)
        Mean IoU over the classes in the image's *target*; NaN where there are none.
    iou : float64 (n, K)
        IoU of each class; NaN for a class that is in neither target nor prediction of the image.
    """

    name: tuple[str, ...]
    pixels: Ints
    pixel_accuracy: Floats
    mean_iou: Floats
    _table: Table = field(repr=False)
    _classes: Classes = field(repr=False)

    def __post_init__(self) -> None:
        for column in (self.pixels, self.pixel_accuracy, self.mean_iou):
            readonly(column)

    def __reduce__(self) -> tuple[type["ImageScores"], tuple[Any, ...]]:
        # Built anew, because unpickled arrays would be writable.
        return ImageScores, tuple(getattr(self, f.name) for f in fields(self))

    @staticmethod
    def of(classes: Classes, names: tuple[str, ...], table: Table) -> "ImageScores":
        """Return the scores of the images of a table whose labels have been checked."""
        pixels, accuracy, means = [], [], []
        for tp, target, pred in blocks(classes, table):
            scored = target.sum(axis=-1)
            pixels.append(scored)
            accuracy.append(metrics.pixel_accuracy(tp, scored))
            in_target = classes.in_mean & (target > 0)
            means.append(metrics.class_mean(metrics.iou(tp, target, pred), in_target))
        empty = np.empty(0)
        return ImageScores(
            names,
            np.concatenate([np.empty(0, np.int64), *pixels]),
            np.concatenate([empty, *accuracy]),
            np.concatenate([empty, *means]),
            table,
            classes,
        )

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.name)

    @lazy
    def iou(self) -> Floats:
        """float64 (n, K): made when it is read."""
        parts = [metrics.iou(tp, target, pred) for tp, target, pred in blocks(self._classes, self._table)]
        return readonly(np.concatenate(parts) if parts else np.empty((0, len(self._classes))))
