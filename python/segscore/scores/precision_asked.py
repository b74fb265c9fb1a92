"""What average precision is asked for: whose, at which thresholds, of how many predictions.

With LVIS, a prediction of a class that nobody has looked for in its image does not count, nor does one behind
the first 300 of its image; one of a class that the image may have more objects of is no error. Objects of no
area do not count, and no target is a crowd. Source: lvis 0.5.3, `eval.py` and `results.py`.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from segscore.base.shown import brief
from segscore.base.values import Bools, is_int, one_or_several, real
from segscore.counts.matched import Matched, Weights
from segscore.counts.object_bands import PairBands
from segscore.counts.objects import BOX_ONLY, IGNORE, PRED, UNVERIFIED, Objects, Overlaps
from segscore.errors import ArgumentError
from segscore.scores.average_precision import (
    AREAS,
    BOUNDARY,
    DETECTIONS,
    THRESHOLDS,
    AveragePrecision,
    average_precision,
    frequencies_of,
)

OF_AN_IMAGE: Final = 300
"""How many predictions of an image count with LVIS, of all classes together."""
_MOST_THRESHOLDS: Final = 64 // len(AREAS)


@dataclass(frozen=True)
class Asked:
    """What is asked for."""

    convention: str = "coco"
    thresholds: tuple[float, ...] = tuple(THRESHOLDS.tolist())
    detections: tuple[int, ...] = DETECTIONS
    heed_ignore: bool = False

    @classmethod
    def of(
        cls, convention: str, thresholds: object = None, detections: object = None, *, heed_ignore: bool
    ) -> "Asked":
        """Return what users ask for, or raise ArgumentError."""
        asked = cls(convention, heed_ignore=heed_ignore)
        if convention == "cityscapes":
            if thresholds is not None or detections is not None:
                raise ArgumentError(
                    f"`{'detections' if thresholds is None else 'thresholds'}` cannot be given with "
                    "Cityscapes' average precision, which is of all predictions, at its own IoU",
                    "COCO's is of as many of a class in an image as one likes, and at other IoU",
                )
            return cls(convention)
        if thresholds is not None:
            asked = replace(asked, thresholds=_thresholds(thresholds))
        if convention == "lvis":
            if detections is not None:
                raise ArgumentError(
                    f"`detections` cannot be given with LVIS' average precision, which is of {OF_AN_IMAGE}",
                    "COCO's is of as many of a class in an image as one likes",
                )
            return replace(asked, detections=(OF_AN_IMAGE,), heed_ignore=True)
        return asked if detections is None else replace(asked, detections=_detections(detections))

    def matched(
        self,
        objects: Objects,
        overlaps: Overlaps,
        *,
        classes: int,
        bands: PairBands | None = None,
        threads: int | None = None,
    ) -> Matched:
        """Return the predictions that find a target; arguments are those of `Matched`."""
        return Matched(
            _of_lvis(objects) if self.convention == "lvis" else objects,
            overlaps,
            classes=classes,
            thresholds=self.thresholds,
            areas=tuple(AREAS.values()),
            detections=self.detections[-1],
            heed_ignore=self.heed_ignore,
            bands=bands if self.convention == BOUNDARY else None,
            threads=threads,
        )

    def read(
        self, matched: Matched, objects: Objects, *, classes: int, weights: Weights | None = None
    ) -> AveragePrecision:
        """Return average precision and recall of what was matched."""
        frequencies = frequencies_of(objects, classes) if self.convention == "lvis" else None
        return average_precision(
            matched,
            weights,
            detections=self.detections,
            frequencies=frequencies,
            convention=self.convention,
        )


def _thresholds(given: object) -> tuple[float, ...]:
    found = [real(one) for one in one_or_several(given)]
    rising = [one for one in found if one is not None and 0 < one <= 1]
    if not 0 < len(found) <= _MOST_THRESHOLDS or len(rising) < len(found) or not _rise(rising):
        raise ArgumentError(
            f"`thresholds` is {brief(given)}",
            f"expected at most {_MOST_THRESHOLDS} IoU that rise, above 0 and up to 1, such as [0.5, 0.75]",
        )
    return tuple(rising)


def _detections(given: object) -> tuple[int, ...]:
    found = one_or_several(given)
    known = [one for one in found if is_int(one) and 0 < one < 1 << 31]
    if not found or len(known) < len(found) or not _rise(known):
        raise ArgumentError(
            f"`detections` is {brief(given)}",
            "expected how many predictions of a class in an image count, rising, such as [1, 10, 100]",
        )
    return tuple(int(one) for one in known)


def _rise(numbers: list[float] | list[int]) -> bool:
    return all(one < other for one, other in pairwise(numbers))


def _of_lvis(objects: Objects) -> Objects:
    """Return objects of which those that LVIS leaves out have no mask, and none is a crowd."""
    flags = objects.flags & (IGNORE | BOX_ONLY)
    unverified = (objects.flags & UNVERIFIED) > 0
    flags[unverified | (objects.area == 0) | beyond_image(objects)] |= BOX_ONLY
    return replace(objects, flags=flags)


def beyond_image(objects: Objects) -> Bools:
    """Return which predictions are behind the first 300 of their image by score, bool (M,)."""
    preds = np.flatnonzero(objects.side == PRED)
    image = objects.image[preds]
    order = np.lexsort((-objects.score[preds], image))
    rank = np.arange(len(preds)) - np.searchsorted(image, image)
    found = np.zeros(len(objects.id), np.bool_)
    found[preds[order[rank >= OF_AN_IMAGE]]] = True
    return found
