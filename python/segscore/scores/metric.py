"""Metrics by the names that users type: `mean_iou`, `pixel_accuracy`, `iou.car`.

A metric is a formula of `metrics` on counts with any leading axes, so that images, resamples and whole
datasets take the same way. No counts are kept here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TypeAlias

import numpy as np

from segscore.base.values import Bools, Floats, Ints
from segscore.classes.classes import Classes
from segscore.errors import unknown
from segscore.scores import metrics
from segscore.scores.measured import Measured

_Formula: TypeAlias = Callable[[Ints, Ints, Ints], Floats]


def _specificity(tp: Ints, target: Ints, pred: Ints) -> Floats:
    """Return it as scores have it: NaN for a class that is in neither target nor prediction."""
    values = metrics.specificity(tp, target, pred, target.sum(axis=-1))
    return np.where((target > 0) | (pred > 0), values, np.nan)


PER_CLASS: Mapping[str, _Formula] = MappingProxyType(
    {
        "iou": metrics.iou,
        "dice": metrics.dice,
        "precision": lambda tp, _, pred: metrics.precision(tp, pred),
        "recall": lambda tp, target, _: metrics.recall(tp, target),
        "specificity": _specificity,
    }
)
"""Metrics of one class, from tp, target and pred; named with a class, as in `iou.car`."""

MEANS: Mapping[str, str] = MappingProxyType(
    {"mean_iou": "iou", "mean_dice": "dice", "mean_accuracy": "recall"}
)
"""Means over classes, and the metric of a class that they are the mean of."""

_OF_ALL: Mapping[str, Callable[[Ints, Ints, Ints, Bools], Floats]] = MappingProxyType(
    {
        "pixel_accuracy": lambda tp, target, _, __: metrics.pixel_accuracy(tp, target.sum(axis=-1)),
        "frequency_weighted_iou": metrics.frequency_weighted_iou,
        "kappa": lambda tp, target, pred, _: metrics.kappa(tp, target, pred, target.sum(axis=-1)),
        "mcc": lambda tp, target, pred, _: metrics.mcc(tp, target, pred, target.sum(axis=-1)),
    }
)

HEADLINES = (*MEANS, *_OF_ALL)
"""Metrics of a whole confusion matrix."""

_FOREGROUND = {f"foreground_{formula}": formula for formula in ("iou", "dice")}
"""Metrics of the class of a binary task that is not its background."""


def headlines(classes: Classes) -> tuple[str, ...]:
    """Return the names of headline metrics, those first that matter most for these classes."""
    return HEADLINES if classes.background is None else (*_FOREGROUND, *HEADLINES)


@dataclass(frozen=True)
class Metric:
    """One number that counts come to.

    Attributes
    ----------
    name : str
        As the user wrote it, such as ``mean_iou`` or ``iou.car``.
    formula : str
        The part before the class.
    index : int or None
        Of the class, for a metric of one class.

    Examples
    --------
    >>> metric = Metric.of("iou.sky", Classes(["road", "sky"]))
    >>> float(metric(np.array([6, 3]), np.array([8, 4]), np.array([7, 5])))
    0.5
    """

    name: str
    formula: str
    index: int | None

    @staticmethod
    def of(name: object, classes: Classes) -> "Metric":
        """Return the metric of a name.

        Raises
        ------
        ArgumentError
            If there is none of this name; it names the nearest ones.
        """
        if isinstance(name, str):
            formula, dot, label = name.partition(".")
            if not dot and formula in HEADLINES:
                return Metric(name, formula, None)
            if name in _FOREGROUND and classes.background is not None:
                return Metric(name, _FOREGROUND[name], 1 - classes.background)
            if dot and formula in PER_CLASS and label in classes.names:
                return Metric(name, formula, classes.names.index(label))
            if dot and formula in PER_CLASS:
                raise unknown("class", label, classes.names)
        known = (*headlines(classes), *(f"{formula}.{classes.names[0]}" for formula in PER_CLASS))
        raise unknown("metric", name, known)

    def __call__(self, tp: Ints, target: Ints, pred: Ints, in_mean: Bools | None = None) -> Floats:
        """Return the metric, float64 (...), of counts int64 (..., K).

        Parameters
        ----------
        tp, target, pred : int64 (..., K)
            As in :mod:`segscore.metrics`.
        in_mean : bool (..., K), optional
            Classes that a mean takes in where they are defined; all by default.
        """
        among = np.ones(np.shape(tp)[-1], dtype=np.bool_) if in_mean is None else in_mean
        return metric_values([self], (tp, target, pred), among)[..., 0]

    def read(self, scores: Measured) -> float:
        """Return the metric of scores."""
        values = getattr(scores, self.formula)
        return float(values if self.index is None else values[self.index])


def metric_values(
    chosen: Sequence[Metric],
    counts: tuple[Ints, Ints, Ints],
    in_mean: Bools,
    undefined: Mapping[str, Floats] = MappingProxyType({}),
) -> Floats:
    """Return many metrics of the same counts, float64 (..., m); each formula is computed once.

    Parameters
    ----------
    chosen : sequence of Metric
        The m metrics.
    counts : tuple of int64 (..., K)
        tp, target and pred, as in :mod:`segscore.metrics`.
    in_mean : bool (..., K)
        Classes that a mean takes in where they are defined.
    undefined : mapping of str to float64 (K,), optional
        What a mean over classes takes for a class that is undefined, by the formula of a class. It
        leaves the class out by default.
    """
    of_classes: dict[str, Floats] = {}

    def per_class(formula: str) -> Floats:
        if formula not in of_classes:
            of_classes[formula] = PER_CLASS[formula](*counts)
        return of_classes[formula]

    def value(metric: Metric) -> Floats:
        if metric.index is not None:
            return per_class(metric.formula)[..., metric.index]
        if metric.formula not in MEANS:
            return _OF_ALL[metric.formula](*counts, in_mean)
        values, fill = per_class(MEANS[metric.formula]), undefined.get(MEANS[metric.formula])
        if fill is not None:
            values = np.where(np.isnan(values), fill, values)
        return metrics.class_mean(values, in_mean)

    return np.stack([value(metric) for metric in chosen], axis=-1)
