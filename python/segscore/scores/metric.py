"""The table of metrics: everything that shows, ranks, gates or compares numbers reads it.

A metric that is added here is in every output. What is asked for by a name, such as `iou.car`, is found by
`named`; the formulas are in `metrics`. No counts are kept here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

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


@dataclass(frozen=True)
class Metric:
    """One row of the table.

    Attributes
    ----------
    name : str
        As users write it: ``mean_iou``; a metric of a class is named with one, ``iou.car``.
    label : str
        What texts call it.
    of : "class" or "whole"
        Whether there is a number for each class, or one for all.
    formula : callable
        From `Counts` to float64 (..., K), or (...).
    undefined : str
        Why it is NaN where it is.
    explained : str
        What it is, in one line.
    better : "higher" or "lower"
        Which values are better.
    unit : str
        Empty for a share from 0 to 1 or a coefficient from -1 to 1; else such as "mm".
    needs : "pairs"
        The record that it is computed from.
    mean_of : str
        The metric of a class that it is the mean of over classes, if it is.
    over_images : bool
        Whether it is the mean over images of what the formula gives for each, where means over classes are
        over those in the image's target.
    binary : bool
        Whether there is one only where one of two classes is the background.
    headline : bool
        Whether summaries show it: as a number of the whole, or as a column of the table of classes.
    card : bool
        Whether pages show it as one of the few numbers that stand out.
    column : bool
        Whether tables of images have a column of it; one for each class, if it is of classes.
    """

    name: str
    label: str
    of: Literal["class", "whole"]
    formula: Formula
    undefined: str
    explained: str
    better: Literal["higher", "lower"] = "higher"
    unit: str = ""
    needs: Literal["pairs"] = "pairs"
    mean_of: str = ""
    over_images: bool = False
    binary: bool = False
    headline: bool = True
    card: bool = True
    column: bool = True

    @property
    def sign(self) -> int:
        """What a difference is multiplied by, so that more is better."""
        return 1 if self.better == "higher" else -1


def _specificity(counts: Counts) -> Floats:
    """Return it as scores have it: NaN for a class that is in neither target nor prediction."""
    values = metrics.specificity(counts.tp, counts.target, counts.pred, counts.pixels)
    return np.where((counts.target > 0) | (counts.pred > 0), values, np.nan)


def _of_class(
    name: str, label: str, formula: Formula, undefined: str, explained: str, *, headline: bool = True
) -> Metric:
    return Metric(
        name, label, "class", formula, undefined, explained, headline=headline, column=name == "iou"
    )


_NOT_IN_TARGET = "the class is not in the target"
_CLASSES = (
    _of_class(
        "iou",
        "IoU",
        lambda c: metrics.iou(c.tp, c.target, c.pred),
        _NOT_IN_TARGET,
        "overlap of prediction and target over both together",
    ),
    _of_class(
        "dice",
        "Dice",
        lambda c: metrics.dice(c.tp, c.target, c.pred),
        _NOT_IN_TARGET,
        "overlap counted twice over the sum of both",
    ),
    _of_class(
        "precision",
        "precision",
        lambda c: metrics.precision(c.tp, c.pred),
        "the class is never predicted",
        "share of the predicted pixels that are right",
    ),
    _of_class(
        "recall",
        "recall",
        lambda c: metrics.recall(c.tp, c.target),
        _NOT_IN_TARGET,
        "share of the target's pixels that are right",
    ),
    _of_class(
        "specificity",
        "specificity",
        _specificity,
        "every pixel is of the class",
        "share of the pixels of other targets that are not predicted as the class",
        headline=False,
    ),
)


def _mean(of: Formula) -> Formula:
    return lambda counts: metrics.class_mean(of(counts), counts.in_mean)


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


_IOU, _DICE, _RECALL = (_CLASSES[i].formula for i in (0, 1, 3))
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
        _foreground(_IOU),
        _NEITHER,
        "overlap of the foreground with its target, over both together",
        binary=True,
        column=False,
    ),
    Metric(
        "foreground_dice",
        "foreground Dice",
        "whole",
        _foreground(_DICE),
        _NEITHER,
        "overlap of the foreground, counted twice, over the sum of both",
        binary=True,
        column=False,
    ),
    Metric(
        "mean_iou",
        "mean IoU",
        "whole",
        _mean(_IOU),
        _ABSENT,
        "overlap of prediction and target over both together, mean over classes",
        mean_of="iou",
    ),
    Metric(
        "mean_dice",
        "mean Dice",
        "whole",
        _mean(_DICE),
        _ABSENT,
        "overlap counted twice over the sum of both, mean over classes",
        mean_of="dice",
    ),
    Metric(
        "mean_accuracy",
        "mean accuracy",
        "whole",
        _mean(_RECALL),
        _NO_TARGET,
        "share of the pixels of each class that are right, mean over classes",
        mean_of="recall",
        column=False,
    ),
    Metric(
        "pixel_accuracy",
        "pixel accuracy",
        "whole",
        lambda c: metrics.pixel_accuracy(c.tp, c.pixels),
        "no pixel is scored",
        "share of scored pixels that are right",
    ),
    Metric(
        "frequency_weighted_iou",
        "frequency-weighted IoU",
        "whole",
        lambda c: metrics.frequency_weighted_iou(c.tp, c.target, c.pred, c.in_mean),
        _NO_TARGET,
        "mean of the IoU of classes, weighted by their target pixels",
        card=False,
        column=False,
    ),
    Metric(
        "kappa",
        "kappa",
        "whole",
        lambda c: metrics.kappa(c.tp, c.target, c.pred, c.pixels),
        "target and prediction are one and the same class",
        "agreement beyond that of chance (Cohen)",
        card=False,
        column=False,
    ),
    Metric(
        "mcc",
        "MCC",
        "whole",
        lambda c: metrics.mcc(c.tp, c.target, c.pred, c.pixels),
        "target or prediction holds one class only",
        "correlation of target and prediction (Matthews), over all classes",
        card=False,
        column=False,
    ),
    Metric(
        "mean_image_iou",
        "mean image IoU",
        "whole",
        _mean(_IOU),
        _NO_IMAGE,
        "mean over images of the mean IoU of the classes in their targets",
        mean_of="iou",
        over_images=True,
        card=False,
        column=False,
    ),
    Metric(
        "mean_image_dice",
        "mean image Dice",
        "whole",
        _mean(_DICE),
        _NO_IMAGE,
        "mean over images of the mean Dice of the classes in their targets",
        mean_of="dice",
        over_images=True,
        card=False,
        column=False,
    ),
    *(
        Metric(
            f"mean_image_foreground_{name}{ending}",
            f"mean image foreground {label}{said}",
            "whole",
            formula,
            _IN_NO_IMAGE if not ending else "no pixel is scored",
            f"mean over images of the {label} of the foreground; {counted}",
            over_images=True,
            binary=True,
            headline=not ending,
            card=False,
            column=False,
        )
        for name, label, of in (("iou", "IoU", _IOU), ("dice", "Dice", _DICE))
        for ending, said, counted, formula in (
            ("", "", "images without it in target and prediction are left out", _foreground(of)),
            (
                "_with_empty",
                ", both empty counts 1",
                "an image without it in target and prediction counts 1",
                _or_one(_foreground(of)),
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


def headlines(classes: Classes, *, of_images: bool = False) -> tuple[str, ...]:
    """Return the names of headline metrics, those first that matter most for these classes."""
    return tuple(metric.name for metric in whole_metrics(classes, of_images=of_images) if metric.headline)
