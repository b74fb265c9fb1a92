"""Predicted objects that find a target or not, of tables of objects and of what they share."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from segscore._core import Matches
from segscore.base.values import Floats, Ints
from segscore.counts.threads import num_threads

Weights: TypeAlias = npt.NDArray[np.uint32]
"""How often each image counts, uint32 (images,)."""


class Matched:
    """Predictions and targets matched as COCO does, to be read for all images, some of them, or resamples.

    Parameters
    ----------
    object_offsets, overlap_offsets : int64 (images + 1,)
        Rows of image i are those from offset i to offset i + 1.
    objects, overlaps : mapping of str to int64 (N,)
        The columns of `segscore.counts.coco.OBJECT_COLUMNS` and `OVERLAP_COLUMNS`.
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
    """

    def __init__(
        self,
        object_offsets: Ints,
        objects: Mapping[str, Ints],
        overlap_offsets: Ints,
        overlaps: Mapping[str, Ints],
        *,
        classes: int,
        thresholds: Sequence[float],
        areas: Sequence[tuple[float, float]],
        detections: int,
        heed_ignore: bool = False,
        threads: int | None = None,
    ) -> None:
        self._threads = num_threads(threads)
        columns = ("side", "label", "pixels", "area", "score", "flags")
        side, label, pixels, area, score, flags = (objects[name] for name in columns)
        self._matches = Matches(
            object_offsets,
            (side, label, pixels, area, score, flags),
            overlap_offsets,
            (overlaps["target"], overlaps["pred"], overlaps["pixels"]),
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
