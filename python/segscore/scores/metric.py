"""The table of metrics: everything that shows, ranks, gates or compares numbers reads it.

A metric that is added here is in every output. What is asked for by a name, such as `iou.car`, is found by
`named`; the formulas are in `metrics`. No counts are kept here.
"""

import re
from typing import Any

import numpy as np

from segscore.base.values import Floats
from segscore.classes.classes import Classes
from segscore.scores import metrics
from segscore.scores.metric_row import ABSENT, NEITHER, Counts, Formula, Metric
from segscore.scores.object_metrics import OBJECTS
from segscore.scores.shape_metrics import SHAPES


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
_NO_TARGET = "no class of the mean is in the target"
_NO_IMAGE = "no image has a class of the mean"
_IN_NO_IMAGE = "the foreground is in no image"
_WHOLES = (
    Metric(
        "foreground_iou",
        "foreground IoU",
        "whole",
        _foreground(_IOU.formula),
        NEITHER,
        "overlap of the foreground with its target, over both together",
        card=True,
        binary=True,
    ),
    Metric(
        "foreground_dice",
        "foreground Dice",
        "whole",
        _foreground(_DICE.formula),
        NEITHER,
        "overlap of the foreground, counted twice, over the sum of both",
        card=True,
        binary=True,
    ),
    _mean(
        "mean_iou",
        "mean IoU",
        _IOU,
        ABSENT,
        f"{_IOU.explained}, {_MEAN}",
        card=True,
        column=True,
    ),
    _mean(
        "mean_dice",
        "mean Dice",
        _DICE,
        ABSENT,
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


METRICS: dict[str, Metric] = {metric.name: metric for metric in (*_CLASSES, *_WHOLES, *SHAPES, *OBJECTS)}
"""All metrics by name, in the order in which they are shown."""


def sign_of(name: str) -> int:
    """Return what a difference of a number is multiplied by, so that more is better."""
    start = re.split(r"[.[@]", name, maxsplit=1)[0]
    metric = METRICS.get(re.sub(r"^((?:mean_)?hd)\d+$", r"\1", start))
    return 1 if metric is None else metric.sign


def label_of(name: str) -> str:
    """Return what a number is called in texts: the label of a metric, or the name itself."""
    return METRICS[name].label if name in METRICS else name


def class_metrics() -> tuple[Metric, ...]:
    """Return the metrics of pixels of which each class has a number."""
    return tuple(metric for metric in METRICS.values() if metric.of == "class" and metric.needs == "pairs")


def whole_metrics(classes: Classes, *, of_images: bool = True) -> tuple[Metric, ...]:
    """Return the metrics of a whole that there are for these classes, those over images included or not."""
    return tuple(
        metric
        for metric in METRICS.values()
        if metric.of == "whole"
        and metric.needs == "pairs"
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
