"""Predicted objects that find a target or not, of tables of objects and of what they share."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from segscore._core import Matches
from segscore.base.values import Floats
from segscore.counts.object_bands import PairBands
from segscore.counts.objects import Objects, Overlaps
from segscore.counts.threads import num_threads

Weights: TypeAlias = npt.NDArray[np.uint32]
"""How often each image counts, uint32 (images,)."""


class Matched:
    """Predictions and targets matched as COCO does, to be read for all images, some of them, or resamples.

    Parameters
    ----------
    objects, overlaps : Objects, Overlaps
        Of the same images.
    classes : int
        How many there are.
    thresholds : sequence of float
        IoU from which on a target is found, rising.
    areas : sequence of (float, float)
        Smallest and largest area of targets that count, both of them included.
    detections : int
        Most predictions of a class in an image.
    heed_ignore : bool
        Whether targets that their file says to ignore are.
    bands : PairBands, optional
        The IoU of two objects is that of their bands, where that is less.
    threads : int, optional
        As for :func:`segscore.evaluate`.
    """

    def __init__(
        self,
        objects: Objects,
        overlaps: Overlaps,
        *,
        classes: int,
        thresholds: Sequence[float],
        areas: Sequence[tuple[float, float]],
        detections: int,
        heed_ignore: bool = False,
        bands: PairBands | None = None,
        threads: int | None = None,
    ) -> None:
        self._threads = num_threads(threads)
        self.thresholds = tuple(thresholds)
        self._matches = Matches(
            objects.offsets,
            (
                objects.side,
                objects.label,
                objects.pixels,
                objects.area_bits,
                objects.score_bits,
                objects.flags,
            ),
            overlaps.offsets,
            (overlaps.target, overlaps.pred, overlaps.pixels),
            None if bands is None else (bands[0].pixels, bands[1].pixels),
            classes=classes,
            thresholds=thresholds,
            areas=areas,
            detections=detections,
            heed_ignore=heed_ignore,
            threads=self._threads,
        )

    def curves(
        self, recalls: Sequence[float], detections: Sequence[int], weights: Weights | None = None
    ) -> tuple[Floats, Floats]:
        """Return precisions (T, R, K, A, M) and recalls (T, K, A, M); -1 without targets.

        T thresholds, R points of recall, K classes, A ranges of areas, M numbers of predictions. An image
        counts as often as its weight says; once if there are none.
        """
        return self._matches.precisions(recalls, detections, weights, threads=self._threads)

    def averages(self, recalls: Sequence[float], weights: npt.NDArray[np.uint8]) -> Floats:
        """Return means of precision over points of recall, float64 (R, T, K), NaN without targets.

        Weights are rows of how often each image counts, (R, images); targets are those of the first range of
        areas.
        """
        return self._matches.averages(recalls, weights, threads=self._threads)
