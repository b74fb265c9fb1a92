"""Average precision and recall of predicted objects as COCO and LVIS define them, to the last bit.

Sources: pycocotools 2.0.11, `cocoeval.py`, and lvis 0.5.3, `eval.py`. Sums of integers are made by the core;
the means are those of NumPy over arrays of the same shape.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import numpy as np

from segscore.base.shown import brief
from segscore.base.values import Bools, Floats, Frozen, Ints, readonly, real
from segscore.base.wording import many
from segscore.counts.matched import Matched, Weights
from segscore.counts.objects import FREQUENCIES, TARGET, Objects
from segscore.errors import ArgumentError, unknown
from segscore.text.numbers import number, plain

Area: TypeAlias = Literal["all", "small", "medium", "large"]

Frequency: TypeAlias = Literal["r", "c", "f"]
"""Classes that few images for training have, some, or many."""
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
_ROUNDING: Final = 1e-9
"""By how much a threshold may be off that was computed."""
_TOLD: Final = 4
"""How many numbers a message has."""
_TITLES = {"AP": "Average Precision", "AR": "Average Recall"}


class PrecisionConvention(NamedTuple):
    """Whose average precision there is."""

    title: str
    unsaid: tuple[str, ...]
    """What its numbers do not differ by."""
    excused: str
    """Where predictions lie that are no errors."""


BOUNDARY: Final = "boundary-coco"
"""COCO's, where the IoU of two objects is that of their bands, if that is less."""
PRECISION_CONVENTIONS: Final[Mapping[str, PrecisionConvention]] = {
    "coco": PrecisionConvention("COCO", ("classes",), "on void and crowds"),
    "lvis": PrecisionConvention("LVIS", (), "where the class was not looked for"),
    "cityscapes": PrecisionConvention("Cityscapes", ("area", "classes", "detections"), "on void and groups"),
    BOUNDARY: PrecisionConvention("boundary", ("classes",), "on void and crowds"),
}
"""All of them by their names."""


class Line(NamedTuple):
    """One of the numbers that a convention prints."""

    name: str
    """AP or AR."""
    iou: str
    area: str
    detections: int | None
    """How many predictions of a class in an image count; with LVIS, of an image; None for all."""
    value: float
    """0 to 1, or NaN."""
    classes: str = "all"
    """Which classes the mean is over: all, or those of a frequency."""


def lines_dict(convention: str, lines: Iterable[Line]) -> dict[str, Any]:
    """Return the numbers that a convention prints in plain Python values; undefined ones are None."""
    unsaid = PRECISION_CONVENTIONS[convention].unsaid
    said = [
        {name: plain(value) for name, value in one._asdict().items() if name not in unsaid} for one in lines
    ]
    return {"convention": convention, "lines": said}


@dataclass(frozen=True, eq=False, repr=False)
class AveragePrecision(Frozen):
    """Precisions and recalls of K classes, of which every mean is one; -1 for classes without targets.

    Parameters
    ----------
    precision : float64 (T, 101, K, 4, M)
        By threshold, point of recall, class, range of areas and number of predictions.
    recall : float64 (T, K, 4, M)
        By threshold, class, range of areas and number of predictions.
    thresholds : float64 (T,)
        IoU from which on a target is found.
    detections : tuple of int (M,)
        How many predictions of a class in an image count; with LVIS, of an image.
    frequencies : int64 (K,), optional
        The flag of the frequency of each class that has targets, where files say it.
    convention : str
        Whose they are.
    """

    precision: Floats
    recall: Floats
    thresholds: Floats
    detections: tuple[int, ...]
    frequencies: Ints | None = None
    convention: str = "coco"

    def mean(
        self,
        threshold: float | None = None,
        *,
        area: Area = "all",
        detections: int | None = None,
        label: int | Ints | None = None,
        frequency: Frequency | None = None,
    ) -> float:
        """Return the average precision, 0 to 1, over all thresholds or at one; NaN without targets.

        Parameters
        ----------
        threshold : float, optional
            One of `thresholds`.
        area : "all", "small", "medium" or "large"
            Of targets; see `AREAS`.
        detections : int, optional
            One of `detections`; the largest if not given.
        label : int or int (m,), optional
            A class, from 0, or those that the mean is over; all classes if not given.
        frequency : "r", "c" or "f", optional
            Of those classes, the rare, the common or the frequent ones, as LVIS' files say.

        Raises
        ------
        ArgumentError
            If it is not known for a threshold, an area, so many predictions, or by frequency.
        """
        chosen = self._chosen(label, frequency)
        some = self.precision[place_of(threshold, self.thresholds)][
            ..., _of_area(area), self._of_most(detections)
        ]
        return _mean(some if chosen is None else some[:, :, chosen])

    def mean_recall(
        self,
        detections: int | None = None,
        *,
        area: Area = "all",
        threshold: float | None = None,
        label: int | Ints | None = None,
        frequency: Frequency | None = None,
    ) -> float:
        """Return the average recall, 0 to 1, of so many predictions of a class and image, or NaN.

        Arguments, and what is raised, are those of `mean`.
        """
        chosen = self._chosen(label, frequency)
        some = self.recall[place_of(threshold, self.thresholds)][
            ..., _of_area(area), self._of_most(detections)
        ]
        return _mean(some if chosen is None else some[:, chosen])

    def _chosen(self, label: int | Ints | None, frequency: Frequency | None) -> Ints | None:
        """Return the classes that are asked for; None for all of them."""
        chosen = None if label is None else np.atleast_1d(label)
        if frequency is None:
            return chosen
        if frequency not in FREQUENCIES:
            raise unknown("frequency of classes", frequency, FREQUENCIES)
        if self.frequencies is None:
            raise ArgumentError(
                "no file says how frequent classes are", 'LVIS\' files do: `average_precision("lvis")`'
            )
        own = np.flatnonzero(self.frequencies == FREQUENCIES[frequency])
        return own if chosen is None else chosen[np.isin(chosen, own)]

    def _of_most(self, detections: int | None) -> int:
        if detections is None:
            return -1
        if detections not in self.detections:
            raise ArgumentError(
                f"there is no average precision of {brief(detections)} predictions",
                f"it is of {_told(self.detections, 'or')}",
            )
        return self.detections.index(detections)

    @property
    def numbers(self) -> Floats:
        """The numbers that are printed, float64: twelve of COCO, thirteen of LVIS; NaN if undefined."""
        return np.array([one.value for one in self.lines])

    def __repr__(self) -> str:
        """Return a short form with the mean over all thresholds."""
        return f"<AveragePrecision of {many(self.recall.shape[1], 'class')}: {number(self.mean())}>"

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is printed: precisions, then recalls, with what each of them is."""
        span = "{:0.2f}:{:0.2f}".format(*self.thresholds[[0, -1]])
        most = self.detections[-1]
        sizes: tuple[Area, ...] = ("small", "medium", "large")
        frequencies: tuple[Frequency, ...] = () if self.frequencies is None else ("r", "c", "f")
        at = [iou for iou in (0.5, 0.75) if np.abs(self.thresholds - iou).min() <= _ROUNDING]
        return (
            Line("AP", span, "all", most, self.mean()),
            *(Line("AP", f"{iou:.2f}", "all", most, self.mean(iou)) for iou in at),
            *(Line("AP", span, area, most, self.mean(area=area)) for area in sizes),
            *(Line("AP", span, "all", most, self.mean(frequency=one), one) for one in frequencies),
            *(Line("AR", span, "all", one, self.mean_recall(one)) for one in self.detections),
            *(Line("AR", span, area, most, self.mean_recall(area=area)) for area in sizes),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers that are printed in plain Python values; undefined ones are None."""
        return lines_dict(self.convention, self.lines)

    def __str__(self) -> str:
        """Return the lines as COCO and LVIS print them, with their digits; -1.000 where undefined."""
        return "\n".join(
            f" {_TITLES[one.name]:<18} ({one.name}) @[ IoU={one.iou:<9} | area={one.area:>6s} | "
            f"maxDets={one.detections:>3d} {'' if self.frequencies is None else f'catIds={one.classes:>3s}'}"
            f"] = {-1.0 if np.isnan(one.value) else one.value:0.3f}"
            for one in self.lines
        )


def place_of(threshold: float | None, thresholds: Floats) -> slice:
    """Return where a threshold is among others, or raise ArgumentError; None is all of them."""
    if threshold is None:
        return slice(None)
    found = real(threshold)
    at = 0 if found is None else int(np.abs(thresholds - found).argmin())
    if found is None or abs(thresholds[at] - found) > _ROUNDING:
        raise ArgumentError(
            f"there is no average precision at an IoU of {brief(threshold)}",
            f"it is at {_told(thresholds.tolist(), 'and')}",
        )
    return slice(at, at + 1)


def _told(numbers: Sequence[float], last: str) -> str:
    """Return numbers in words, not all of many."""
    texts = [f"{one:.15g}" for one in numbers]
    if len(texts) > _TOLD:
        texts = [*texts[:2], "…", texts[-1]]
    if len(texts) == 1:
        return texts[0]
    first, end = texts[:-1], texts[-1]
    return f"{', '.join(first)} {last} {end}"


def _of_area(area: object) -> int:
    if area not in AREAS:
        raise unknown("range of areas", area, AREAS)
    return list(AREAS).index(area)


def sizes_of(areas: Floats | Ints) -> Bools:
    """Return in which ranges areas are, bool (M, 4)."""
    return np.stack([(areas >= least) & (areas <= most) for least, most in AREAS.values()], axis=1)


def _mean(some: Floats) -> float:
    """Return the mean of what is defined, in the order of the array."""
    defined = some[some > -1]
    return float(np.mean(defined)) if defined.size else float("nan")


def average_precision(
    matched: Matched,
    weights: Weights | Sequence[int] | None = None,
    *,
    detections: tuple[int, ...] = DETECTIONS,
    frequencies: Ints | None = None,
    convention: str = "coco",
) -> AveragePrecision:
    """Return what is read of objects that were matched; images count as often as their weights say."""
    given = None if weights is None else np.asarray(weights, np.uint32)
    precision, recall = matched.curves(RECALLS.tolist(), detections, given)
    thresholds = readonly(np.array(matched.thresholds))
    return AveragePrecision(
        readonly(precision), readonly(recall), thresholds, detections, frequencies, convention
    )


def frequencies_of(objects: Objects, classes: int) -> Ints:
    """Return the flag of the frequency of each class, int64 (K,); 0 for those without targets."""
    found = np.zeros(classes, np.int64)
    targets = np.flatnonzero(objects.side == TARGET)
    found[objects.label[targets]] = objects.flags[targets] & sum(FREQUENCIES.values())
    return readonly(found)
