"""Measured: the numbers that follow from one set of counts, computed once and never changed.

They are those of the table in `metric`; how scores show themselves is the matter of `scores`. Nothing
accumulates here.
"""

from dataclasses import dataclass
from numbers import Real

import numpy as np
import numpy.typing as npt

from segscore.base.shown import brief
from segscore.base.values import Bools, Floats, Frozen, Ints, lazy, property_of, readonly
from segscore.base.wording import capital
from segscore.classes.classes import Classes
from segscore.errors import ArgumentError
from segscore.scores import metrics
from segscore.scores.by_class import ByClass, by_class
from segscore.scores.metric import METRICS
from segscore.scores.metric_row import Counts, Metric

_MOST = 2**63
_TOTAL = "sums of counts are int64; add up fewer images"
_COUNTS = ("tp", "target", "pred", "missed")


def _of_classes(name: str) -> lazy[ByClass]:
    """Return the property that has a metric of the table for each class."""
    metric = METRICS[name]

    def compute(scores: "Measured") -> ByClass:
        return by_class(scores.value(metric), scores.classes.names)

    return property_of(compute, name, f"{metric.label} of each class: {metric.explained}.")


def _of_whole(name: str) -> lazy[float]:
    """Return the property that has a metric of the table for all classes together."""
    metric = METRICS[name]
    said = f"{capital(metric.label)}: {metric.explained}."
    return property_of(lambda scores: float(scores.value(metric)), name, said)


@dataclass(frozen=True, eq=False, repr=False)
class Measured(Frozen):
    """The scores of one set of counts: immutable, equal where the counts are equal.

    Parameters
    ----------
    classes : Classes
        The K classes.
    tp : int64 (K,)
        Pixels of each class that are predicted as it.
    target : int64 (K,)
        Scored pixels whose target is the class.
    pred : int64 (K,)
        Scored pixels that are predicted as the class.
    missed : int64 (K,)
        Pixels of `target` whose prediction is no class. They count as false negatives.
    ignored : int
        Pixels that are not scored, because their target is ignored.
    images : int, optional
        How many images the counts are summed over, where that is known.

    Raises
    ------
    ArgumentError
        If the counts cannot be those of one confusion matrix of these classes.

    Notes
    -----
    The formulas are in `segscore.scores.metrics`. Per-class scores are read-only float64 (K,) from 0 to 1
    that also take the name of a class, as in ``iou["car"]``. They are NaN where undefined: all of them for a
    class that is ignored or is in neither target nor prediction, precision for one that is never predicted,
    recall for one without target pixels, specificity where every pixel is of the class. Means are taken over
    the classes that are `present` and not left out by ``not_in_mean``.
    """

    classes: Classes
    tp: Ints
    target: Ints
    pred: Ints
    missed: Ints
    ignored: int
    images: int | None

    def __init__(
        self,
        classes: Classes,
        *,
        tp: npt.ArrayLike,
        target: npt.ArrayLike,
        pred: npt.ArrayLike,
        missed: npt.ArrayLike,
        ignored: int = 0,
        images: int | None = None,
    ) -> None:
        for name, values in zip(_COUNTS, (tp, target, pred, missed), strict=True):
            object.__setattr__(self, name, _checked(name, values, len(classes)))
        object.__setattr__(self, "classes", classes)
        object.__setattr__(self, "ignored", int(ignored))
        object.__setattr__(self, "images", images)
        self._check()

    def _check(self) -> None:
        scored, predicted, missed = (int(a.sum()) for a in (self.target, self.pred, self.missed))
        if scored != predicted + missed:
            raise ArgumentError(
                f"expected as many predictions as the {scored:,} pixels of `target`, "
                f"found {predicted:,} in `pred` and {missed:,} in `missed`",
                "`target` and `pred` are the sums of the rows and columns of one confusion matrix",
            )
        # Off the diagonal, the row and the column of a class share no cell: together they are part of all.
        of_row, of_column = self.target - self.missed - self.tp, self.pred - self.tp
        wrong = (of_row < 0) | (of_column < 0) | (of_row > of_row.sum() - of_column)
        if wrong.any():
            i = int(np.argmax(wrong))
            raise ArgumentError(
                f"class `{self.classes.names[i]}` has {self.tp[i]:,} pixels in `tp`, {self.target[i]:,} in "
                f"`target`, {self.pred[i]:,} in `pred` and {self.missed[i]:,} in `missed`, "
                f"which no confusion matrix has",
                "`tp` is its diagonal, `target` and `pred` are the sums of its rows and columns",
            )

    @property
    def pixels(self) -> int:
        """Number of scored pixels, those included whose prediction is no class."""
        return int(self.target.sum())

    @property
    def counts(self) -> Counts:
        """What formulas of the table of metrics read."""
        return Counts(self.tp, self.target, self.pred, self.classes.in_mean, self.classes.background)

    def value(self, metric: Metric) -> Floats:
        """Return a metric of the table, float64 (K,) for one of classes, else a number."""
        return metric.formula(self.counts)

    @lazy
    def present(self) -> Bools:
        """bool (K,): classes that are in target or prediction and not ignored."""
        return readonly(((self.target > 0) | (self.pred > 0)) & ~self.classes.ignored_classes)

    @property
    def absent(self) -> tuple[str, ...]:
        """Names of the classes that are in neither target nor prediction, and not ignored."""
        return self.names_of(~self.present & ~self.classes.ignored_classes)

    @property
    def only_predicted(self) -> tuple[str, ...]:
        """Names of the classes that are in the prediction and not in the target: their IoU is 0."""
        return self.names_of(self.present & (self.target == 0))

    def names_of(self, chosen: Bools) -> tuple[str, ...]:
        """Return the names of the chosen classes, bool (K,), in the order of the classes."""
        return tuple(self.classes.names[i] for i in np.flatnonzero(chosen).tolist())

    iou = _of_classes("iou")
    dice = _of_classes("dice")
    precision = _of_classes("precision")
    recall = _of_classes("recall")
    specificity = _of_classes("specificity")

    def f_beta(self, beta: float) -> ByClass:
        """Return the F-beta score of each class; see `metrics.f_beta`.

        Parameters
        ----------
        beta : float
            How many times more recall weighs than precision, 0 or more.

        Raises
        ------
        ArgumentError
            If `beta` is negative, NaN or no number.
        """
        if not isinstance(beta, Real) or not beta >= 0:
            raise ArgumentError(
                f"expected `beta` of 0 or more, found {brief(beta)}",
                "2 weighs recall twice as much as precision, 0.5 half as much",
            )
        return by_class(metrics.f_beta(self.tp, self.target, self.pred, beta), self.classes.names)

    mean_iou = _of_whole("mean_iou")
    mean_dice = _of_whole("mean_dice")
    mean_accuracy = _of_whole("mean_accuracy")
    pixel_accuracy = _of_whole("pixel_accuracy")
    frequency_weighted_iou = _of_whole("frequency_weighted_iou")
    kappa = _of_whole("kappa")
    mcc = _of_whole("mcc")

    @property
    def foreground_iou(self) -> float | None:
        """IoU of the class that is not the background, for a binary task; else None."""
        return self._of_foreground("foreground_iou")

    @property
    def foreground_dice(self) -> float | None:
        """Dice coefficient of the class that is not the background, for a binary task; else None."""
        return self._of_foreground("foreground_dice")

    def _of_foreground(self, name: str) -> float | None:
        return None if self.classes.background is None else float(self.value(METRICS[name]))

    def __eq__(self, other: object) -> bool:
        """Whether classes and counts are the same; `images` is not compared."""
        if not isinstance(other, Measured):
            return NotImplemented
        return (
            self.classes == other.classes
            and self.ignored == other.ignored
            and all(np.array_equal(getattr(self, name), getattr(other, name)) for name in _COUNTS)
        )

    def __hash__(self) -> int:
        return hash((self.classes, self.ignored, *(getattr(self, name).tobytes() for name in _COUNTS)))


def _checked(name: str, values: npt.ArrayLike, count: int) -> Ints:
    array = np.asarray(values)
    found = ""
    if array.shape != (count,):
        found = f"shape {array.shape}"
    elif array.dtype.kind not in "iu":
        found = f"{array.dtype}"
    elif array.min() < 0:
        found = f"{array.min():,}"
    if found:
        raise ArgumentError(
            f"expected `{name}` to be integers of shape ({count},), found {found}",
            "give one count of pixels, 0 or more, for each class",
        )
    if int(array.max()) >= _MOST // count and (total := sum(array.tolist())) >= _MOST:
        raise ArgumentError(f"expected fewer than 2**63 pixels in `{name}`, found {total:,}", _TOTAL)
    return readonly(array.astype(np.int64))
