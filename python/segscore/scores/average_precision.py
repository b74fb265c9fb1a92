"""Average precision and recall of predicted objects as COCO defines them, to the last bit.

Source: pycocotools 2.0.11, `cocoeval.py`. Sums of integers are made by the core; the means are those of NumPy
over arrays of the same shape.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import numpy as np

from segscore.base.shown import brief
from segscore.base.values import Floats, Frozen, Ints, readonly, real
from segscore.base.wording import many
from segscore.counts.matched import Matched, Weights
from segscore.counts.objects import Objects, Overlaps
from segscore.errors import ArgumentError, unknown
from segscore.text.numbers import number, plain

Area: TypeAlias = Literal["all", "small", "medium", "large"]

CONVENTIONS: Final = ("coco",)
"""Whose average precision there is."""
THRESHOLDS: Final[Floats] = np.linspace(0.5, 0.95, 10)
"""IoU from which on a target is found."""
RECALLS: Final[Floats] = np.linspace(0.0, 1.0, 101)
"""Where precision is read."""
AREAS: Final[dict[Area, tuple[float, float]]] = {
    "all": (0, 1e10),
    "small": (0, 32**2),
    "medium": (32**2, 96**2),
    "large": (96**2, 1e10),
}
"""Smallest and largest area in pixels, both of them included: an area of 1,024 is small and medium."""
DETECTIONS: Final = (1, 10, 100)
"""How many predictions of a class in an image count."""


ROUNDING: Final = 1e-9
"""By how much a threshold may be off that was computed."""
_TITLES = {"AP": "Average Precision", "AR": "Average Recall"}


class Line(NamedTuple):
    """One of COCO's twelve numbers."""

    name: str
    """AP or AR."""
    iou: str
    area: str
    detections: int
    """How many predictions of a class in an image count."""
    value: float
    """0 to 1, or NaN."""


@dataclass(frozen=True, eq=False, repr=False)
class AveragePrecision(Frozen):
    """Precisions and recalls of K classes, of which every mean is one; -1 for classes without targets.

    Parameters
    ----------
    precision : float64 (10, 101, K, 4, 3)
        By threshold, point of recall, class, range of areas and number of predictions.
    recall : float64 (10, K, 4, 3)
        By threshold, class, range of areas and number of predictions.
    """

    precision: Floats
    recall: Floats

    def mean(
        self,
        threshold: float | None = None,
        *,
        area: Area = "all",
        detections: int = 100,
        label: int | Ints | None = None,
    ) -> float:
        """Return the average precision, 0 to 1, over all thresholds or at one; NaN without targets.

        Parameters
        ----------
        threshold : float, optional
            One of `THRESHOLDS`.
        area : "all", "small", "medium" or "large"
            Of targets; see `AREAS`.
        detections : int
            One of `DETECTIONS`.
        label : int or int (m,), optional
            A class, from 0, or those that the mean is over; all classes if not given.

        Raises
        ------
        ArgumentError
            If it is not known for a threshold, an area or so many predictions.
        """
        some = self.precision[_at(threshold)][..., _of_area(area), _of_most(detections)]
        return _mean(some if label is None else some[:, :, np.atleast_1d(label)])

    def mean_recall(
        self,
        detections: int = 100,
        *,
        area: Area = "all",
        threshold: float | None = None,
        label: int | Ints | None = None,
    ) -> float:
        """Return the average recall, 0 to 1, of so many predictions of a class and image, or NaN.

        Arguments, and what is raised, are those of `mean`.
        """
        some = self.recall[_at(threshold)][..., _of_area(area), _of_most(detections)]
        return _mean(some if label is None else some[:, np.atleast_1d(label)])

    @property
    def twelve(self) -> Floats:
        """The twelve numbers that COCO prints, float64 (12,): precisions, then recalls; NaN if undefined."""
        sizes: tuple[Area, ...] = ("small", "medium", "large")
        precisions = [self.mean(), self.mean(0.5), self.mean(0.75), *(self.mean(area=area) for area in sizes)]
        recalls = [self.mean_recall(most) for most in DETECTIONS]
        return np.array([*precisions, *recalls, *(self.mean_recall(area=area) for area in sizes)])

    def __repr__(self) -> str:
        """Return a short form with the mean over all thresholds."""
        return f"<AveragePrecision of {many(self.recall.shape[1], 'class')}: {number(self.mean())}>"

    @property
    def lines(self) -> tuple["Line", ...]:
        """The twelve numbers with what each of them is."""
        areas = ("all", "all", "all", "small", "medium", "large") * 2
        spans = ("0.50:0.95", "0.50", "0.75", *("0.50:0.95",) * 9)
        mosts = (100,) * 6 + (*DETECTIONS, 100, 100, 100)
        names = ("AP",) * 6 + ("AR",) * 6
        rows = zip(names, spans, areas, mosts, self.twelve.tolist(), strict=True)
        return tuple(Line(*row) for row in rows)

    def to_dict(self) -> dict[str, Any]:
        """Return the twelve numbers in plain Python values; undefined ones are None."""
        lines = [{name: plain(value) for name, value in one._asdict().items()} for one in self.lines]
        return {"convention": "coco", "lines": lines}

    def __str__(self) -> str:
        """Return COCO's twelve lines with its digits; -1.000 where a number is undefined."""
        return "\n".join(
            f" {_TITLES[one.name]:<18} ({one.name}) @[ IoU={one.iou:<9} | area={one.area:>6s} | "
            f"maxDets={one.detections:>3d} ] = {-1.0 if np.isnan(one.value) else one.value:0.3f}"
            for one in self.lines
        )


def _at(threshold: float | None) -> slice:
    """Return where a threshold is among those of COCO."""
    if threshold is None:
        return slice(None)
    found = real(threshold)
    at = 0 if found is None else int(np.abs(THRESHOLDS - found).argmin())
    if found is None or abs(THRESHOLDS[at] - found) > ROUNDING:
        raise ArgumentError(
            f"there is no average precision at an IoU of {brief(threshold)}", "it is at 0.5, 0.55, … and 0.95"
        )
    return slice(at, at + 1)


def _of_area(area: object) -> int:
    if area not in AREAS:
        raise unknown("range of areas", area, AREAS)
    return list(AREAS).index(area)


def _of_most(detections: object) -> int:
    if detections not in DETECTIONS:
        raise ArgumentError(
            f"there is no average precision of {brief(detections)} predictions",
            "it is of 1, 10 or 100",
        )
    return DETECTIONS.index(detections)


def _mean(some: Floats) -> float:
    """Return the mean of what is defined, in the order of the array."""
    defined = some[some > -1]
    return float(np.mean(defined)) if defined.size else float("nan")


def matched_as_coco(
    objects: Objects,
    overlaps: Overlaps,
    *,
    classes: int,
    heed_ignore: bool = False,
    threads: int | None = None,
) -> Matched:
    """Return objects matched at COCO's thresholds and areas; arguments are those of `Matched`."""
    return Matched(
        objects,
        overlaps,
        classes=classes,
        thresholds=THRESHOLDS.tolist(),
        areas=tuple(AREAS.values()),
        detections=DETECTIONS[-1],
        heed_ignore=heed_ignore,
        threads=threads,
    )


def average_precision(matched: Matched, weights: Weights | Sequence[int] | None = None) -> AveragePrecision:
    """Return what COCO reads of objects that were matched as it does; images count as their weights say."""
    given = None if weights is None else np.asarray(weights, np.uint32)
    precision, recall = matched.curves(RECALLS.tolist(), DETECTIONS, given)
    return AveragePrecision(readonly(precision), readonly(recall))
