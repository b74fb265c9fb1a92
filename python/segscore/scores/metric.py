"""The table of metrics: everything that shows, ranks, gates or compares numbers reads it.

A metric that is added here is in every output. What is asked for by a name, such as `iou.car`, is found by
`named`; the formulas are in `metrics`. No counts are kept here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from segscore.base.values import Bools, Floats, Ints
from segscore.classes.classes import Classes
from segscore.scores import metrics


class Counts(NamedTuple):
    """What formulas read: pixels of K classes, int64 (..., K), with any leading axes.

    ``means``, bool (K,), says which classes means take in; where the counts are ``of_images``, only those in
    the target. ``background`` is the index of that of a binary task.
    """

    tp: Ints
    target: Ints
    pred: Ints
    means: Bools
    background: int | None = None
    of_images: bool = False

    @property
    def pixels(self) -> Ints:
        """Scored pixels, int64 (...)."""
        return np.asarray(self.target.sum(axis=-1))

    @property
    def in_mean(self) -> Bools:
        """Classes that means take in, bool (K,) or (..., K)."""
        return self.means & (self.target > 0) if self.of_images else self.means


Formula: TypeAlias = Callable[[Counts], Floats]
Better: TypeAlias = Literal["higher", "lower"]


@dataclass(frozen=True)
class Metric:
    """One row of the table."""

    name: str
    """As users write it: ``mean_iou``; a metric of a class is named with one, ``iou.car``."""
    label: str
    """What texts call it."""
    of: Literal["class", "whole"]
    """Whether there is a number for each class, or one for all."""
    formula: Formula
    """From `Counts` to float64 (..., K), or (...)."""
    undefined: str
    """Why it is NaN where it is."""
    explained: str
    """What it is, in one line."""
    better: Better = "higher"
    unit: str = ""
    """Empty for a share from 0 to 1 or a coefficient from -1 to 1; else such as "mm"."""
    mean_of: str = ""
    """The metric of a class that it is the mean of over classes, if it is."""
    over_images: bool = False
    """Whether it is the mean over images of what the formula gives for each; means over classes are then over
    those in the image's target."""
    of_sums: bool = False
    """Whether it is known of sums over classes, so that they need not be told apart."""
    binary: bool = False
    """Whether there is one only where one of two classes is the background."""
    in_target: bool = False
    """Whether there is one of the classes of targets only, not of those that are only predicted."""
    rational: bool = True
    """Whether it is a ratio of integers, which the formula is of counts that are fractions."""
    headline: bool = True
    """Whether summaries show it: as a number of the whole, or as a column of the table of classes."""
    card: bool = False
    """Whether pages show it as one of the few numbers that stand out."""
    column: bool = False
    """Whether tables of groups have a column of it, and those of images, see `image_metrics`; if it is of
    classes, files have one each."""

    @property
    def sign(self) -> int:
        """What a difference is multiplied by, so that more is better."""
        return sign(self.better)


def sign(better: Better) -> int:
    """Return what a difference is multiplied by, so that more is better."""
    return 1 if better == "higher" else -1


def _specificity(counts: Counts) -> Floats:
    """Return it as scores have it: NaN for a class that is in neither target nor prediction."""
    values = metrics.specificity(counts.tp, counts.target, counts.pred, counts.pixels)
    return np.where((counts.target > 0) | (counts.pred > 0), values, np.nan)


_NOT_IN_TARGET = "the class is not in the target"
_CLASSES = (
    Metric(
        "iou",
        "IoU",
        "class",
        lambda c: metrics.iou(c.tp, c.target, c.pred),
        _NOT_IN_TARGET,
        "overlap of prediction and target over both together",
        column=True,
    ),
    Metric(
        "dice",
        "Dice",
        "class",
        lambda c: metrics.dice(c.tp, c.target, c.pred),
        _NOT_IN_TARGET,
        "overlap counted twice over the sum of both",
    ),
    Metric(
        "precision",
        "precision",
        "class",
        lambda c: metrics.precision(c.tp, c.pred),
        "the class is never predicted",
        "share of the predicted pixels that are right",
    ),
    Metric(
        "recall",
        "recall",
        "class",
        lambda c: metrics.recall(c.tp, c.target),
        _NOT_IN_TARGET,
        "share of the target's pixels that are right",
        in_target=True,
    ),
    Metric(
        "specificity",
        "specificity",
        "class",
        _specificity,
        "every pixel is of the class",
        "share of the pixels of other targets that are not predicted as the class",
        headline=False,
    ),
)


def _mean(name: str, label: str, of: Metric, undefined: str, explained: str, **marks: Any) -> Metric:
    """Return the metric that is the mean over classes of one of them."""

    def formula(counts: Counts) -> Floats:
        return metrics.class_mean(of.formula(counts), counts.in_mean)

    values = of.better, of.unit, of.name
    return Metric(name, label, "whole", formula, undefined, explained, *values, **marks)


def _foreground(of: Formula) -> Formula:
    def formula(counts: Counts) -> Floats:
        assert counts.background is not None
        return of(counts)[..., 1 - counts.background]

    return formula


def _or_one(of: Formula) -> Formula:
    """Return the formula that is 1 where it is undefined: of an empty prediction for an empty target."""

    def formula(counts: Counts) -> Floats:
        values = of(counts)
        return np.where(np.isnan(values) & (counts.pixels > 0), 1.0, values)

    return formula


_IOU, _DICE, _, _RECALL, _ = _CLASSES
_TAKEN = "that means take in"
_MEAN = f"mean over classes in target or prediction {_TAKEN}"
_WITHOUT = "images without such a class are left out"
_NEITHER = "it is in neither target nor prediction"
_ABSENT = "no class of the mean is present"
_NO_TARGET = "no class of the mean is in the target"
_NO_IMAGE = "no image has a class of the mean"
_IN_NO_IMAGE = "the foreground is in no image"
_WHOLES = (
    Metric(
        "foreground_iou",
        "foreground IoU",
        "whole",
        _foreground(_IOU.formula),
        _NEITHER,
        "overlap of the foreground with its target, over both together",
        card=True,
        binary=True,
    ),
    Metric(
        "foreground_dice",
        "foreground Dice",
        "whole",
        _foreground(_DICE.formula),
        _NEITHER,
        "overlap of the foreground, counted twice, over the sum of both",
        card=True,
        binary=True,
    ),
    _mean(
        "mean_iou",
        "mean IoU",
        _IOU,
        _ABSENT,
        f"{_IOU.explained}, {_MEAN}",
        card=True,
        column=True,
    ),
    _mean(
        "mean_dice",
        "mean Dice",
        _DICE,
        _ABSENT,
        f"{_DICE.explained}, {_MEAN}",
        card=True,
        column=True,
    ),
    _mean(
        "mean_accuracy",
        "mean accuracy",
        _RECALL,
        _NO_TARGET,
        f"{_RECALL.explained}, mean over classes in the target {_TAKEN}",
        card=True,
    ),
    Metric(
        "pixel_accuracy",
        "pixel accuracy",
        "whole",
        lambda c: metrics.pixel_accuracy(c.tp, c.pixels),
        "no pixel is scored",
        "share of scored pixels that are right",
        of_sums=True,
        card=True,
        column=True,
    ),
    Metric(
        "frequency_weighted_iou",
        "frequency-weighted IoU",
        "whole",
        lambda c: metrics.frequency_weighted_iou(c.tp, c.target, c.pred, c.in_mean),
        _NO_TARGET,
        f"mean of the IoU of classes in the target {_TAKEN}, weighted by their target pixels",
    ),
    Metric(
        "kappa",
        "kappa",
        "whole",
        lambda c: metrics.kappa(c.tp, c.target, c.pred, c.pixels),
        "target and prediction are one and the same class",
        "agreement beyond that of chance (Cohen)",
    ),
    Metric(
        "mcc",
        "MCC",
        "whole",
        lambda c: metrics.mcc(c.tp, c.target, c.pred, c.pixels),
        "target or prediction holds one class only",
        "correlation of target and prediction (Matthews), over all classes",
        rational=False,
    ),
    _mean(
        "mean_image_iou",
        "mean image IoU",
        _IOU,
        _NO_IMAGE,
        f"mean over images of the mean IoU of classes in their targets {_TAKEN}; {_WITHOUT}",
        over_images=True,
    ),
    _mean(
        "mean_image_dice",
        "mean image Dice",
        _DICE,
        _NO_IMAGE,
        f"mean over images of the mean Dice of classes in their targets {_TAKEN}; {_WITHOUT}",
        over_images=True,
    ),
    *(
        Metric(
            f"mean_image_foreground_{of.name}{ending}",
            f"mean image foreground {of.label}{said}",
            "whole",
            formula,
            _IN_NO_IMAGE if not ending else "no pixel is scored",
            f"mean over images of the {of.label} of the foreground; {counted}",
            over_images=True,
            binary=True,
            headline=not ending,
        )
        for of in (_IOU, _DICE)
        for ending, said, counted, formula in (
            ("", "", "images without it in target and prediction are left out", _foreground(of.formula)),
            (
                "_with_empty",
                ", both empty counts 1",
                "an image without it in target and prediction counts 1",
                _or_one(_foreground(of.formula)),
            ),
        )
    ),
)

METRICS: dict[str, Metric] = {metric.name: metric for metric in (*_CLASSES, *_WHOLES)}
"""All metrics by name, in the order in which they are shown."""


def sign_of(name: str) -> int:
    """Return what a difference of a number is multiplied by, so that more is better."""
    metric = METRICS.get(re.split(r"[.[]", name, maxsplit=1)[0])
    return 1 if metric is None else metric.sign


def label_of(name: str) -> str:
    """Return what a number is called in texts: the label of a metric, or the name itself."""
    return METRICS[name].label if name in METRICS else name


def class_metrics() -> tuple[Metric, ...]:
    """Return the metrics of which each class has a number."""
    return tuple(metric for metric in METRICS.values() if metric.of == "class")


def whole_metrics(classes: Classes, *, of_images: bool = True) -> tuple[Metric, ...]:
    """Return the metrics of a whole that there are for these classes, those over images included or not."""
    return tuple(
        metric
        for metric in METRICS.values()
        if metric.of == "whole"
        and (of_images or not metric.over_images)
        and (classes.background is not None or not metric.binary)
    )


def column_metrics(classes: Classes) -> tuple[Metric, ...]:
    """Return the metrics of a whole of which tables of groups have a column."""
    return tuple(metric for metric in whole_metrics(classes) if metric.column)


def image_metrics(classes: Classes) -> tuple[Metric, ...]:
    """Return the metrics of which tables of images have a column; means are those over images."""
    means = {one.mean_of: one for one in METRICS.values() if one.over_images and one.mean_of}
    return tuple(means.get(one.mean_of, one) for one in column_metrics(classes))


def headlines(classes: Classes, *, of_images: bool = False) -> tuple[str, ...]:
    """Return the names of headline metrics, those first that matter most for these classes."""
    return tuple(metric.name for metric in whole_metrics(classes, of_images=of_images) if metric.headline)
