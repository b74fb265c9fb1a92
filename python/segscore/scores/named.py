r"""Numbers by the names that users type.

=============================================  ==========================================================
``mean_iou``, ``kappa``                        a metric of the whole
``iou.car``                                    a metric of a class
``mean_iou[car,bus]``                          a mean over some of the classes
``iou[car+bus]``                               a metric of a union of classes
``mean_image_iou``, ``mean_image_dice[a+b]``   means over images, of some classes or of a union
``correct_at(0.5).image_share``                a share of what reaches an IoU; also ``cell_share`` and
                                               ``class_share.car``
``fine_grained.iou.class_mean``                a mean of fine-grained values; also ``dice`` and ``accuracy``,
                                               and ``quantile(5).image_mean`` over the worst of them
=============================================  ==========================================================

Where Python has such a number, its name is how Python spells it behind ``ev.``.
"""

import re
from collections.abc import Sequence
from typing import Literal, cast

from segscore.classes.classes import Classes
from segscore.errors import ArgumentError, unknown
from segscore.scores.correct import CorrectShare
from segscore.scores.fine_grained import FINE, MEANS, QUANTILES
from segscore.scores.metric import METRICS, Metric, class_metrics, whole_metrics
from segscore.scores.numbers import MeanOfImages, Number, OfCounts, OfRegion, counted
from segscore.scores.worst import By, ClassMean, Worst

_CALL = re.compile(r"(\w+)\(([^()]*)\)")
_FINE = {metric.name: metric for metric in FINE}


def number_of(name: object, classes: Classes) -> Number:
    """Return the number of a name; an ArgumentError names the nearest ones."""
    if not isinstance(name, str):
        raise unknown("metric", name, _known(classes))
    start, dot, rest = name.partition(".")
    if start.partition("(")[0] == "correct_at":
        return _correct(name, classes)
    if start == "fine_grained":
        return _fine(name, rest)
    what, bracket, inner = name.partition("[")
    if bracket and what in METRICS and inner.endswith("]"):
        return _among(name, METRICS[what], inner[:-1], classes)
    metric = METRICS.get(start)
    if (
        metric is None
        or (metric.binary and classes.background is None)
        or (metric.of == "class") != bool(dot)
    ):
        raise unknown("metric", name, _known(classes))
    if metric.of == "class":
        return _of_class(name, metric, rest, classes)
    if dot:
        raise unknown("metric", name, _known(classes))
    return _of_all(name, metric, counted(metric))


def is_number(name: str, classes: Classes) -> bool:
    """Whether there is a number of this name."""
    try:
        number_of(name, classes)
    except ArgumentError:
        return False
    return True


def _known(classes: Classes) -> list[str]:
    first = classes.names[0]
    return [
        *(metric.name for metric in whole_metrics(classes)),
        *(f"{metric.name}.{first}" for metric in class_metrics()),
        f"mean_iou[{first}]",
        f"iou[{first}]",
        *(f"correct_at(0.5).{share}" for share in ("image_share", "cell_share", f"class_share.{first}")),
        *(f"fine_grained.{metric}.{mean}" for metric in _FINE for mean in MEANS),
        *(f"fine_grained.iou.quantile(5).{mean}" for mean in MEANS[:2]),
    ]


def _of_class(name: str, metric: Metric, label: str, classes: Classes) -> OfCounts:
    if label not in classes.names:
        raise unknown("class", label, classes.names)
    return OfCounts(name=name, metric=metric, index=classes.names.index(label))


def _of_all(name: str, metric: Metric, of: Number) -> Number:
    """Return a number of all images, or the mean over images of that of each."""
    return MeanOfImages(name=name, metric=metric, of=of) if metric.over_images else of


def _among(name: str, metric: Metric, inner: str, classes: Classes) -> Number:
    """Return a mean over some classes, or the metric of their union."""
    if metric.of == "whole" and not metric.mean_of:
        raise ArgumentError(
            f"`{metric.name}` is no mean over classes, so that there is none of some of them",
            f"such as `mean_iou[{inner}]`",
        )
    some = None if metric.of == "class" else _split(inner, ",", classes.names)
    # A mean of sums over some classes has no meaning for their union, but a mean over images has.
    union = _split(inner, "+", classes.names) if metric.of == "class" or metric.over_images else None
    if some is not None:
        indices = tuple(classes.names.index(one) for one in some)
        return _of_all(name, metric, OfCounts(name=name, metric=metric, among=indices))
    if union is None:
        separator = "+" if metric.of == "class" else ","
        lacking = next((part for part in inner.split(separator) if part not in classes.names), inner)
        raise unknown("class", lacking, classes.names)
    of_class = metric if metric.of == "class" else METRICS[metric.mean_of]
    members, over_images = tuple(union), metric.over_images
    return _of_all(name, metric, OfRegion(name=name, metric=of_class, members=members, in_target=over_images))


def _split(text: str, separator: str, names: Sequence[str]) -> list[str] | None:
    """Return the names of which a text is made, each once, which may hold the separator; or None."""
    for name in sorted(names, key=len, reverse=True):
        if text == name:
            return [name]
        if text.startswith(name + separator):
            rest = _split(text[len(name) + len(separator) :], separator, names)
            if rest is not None and name not in rest:
                return [name, *rest]
    return None


def _correct(name: str, classes: Classes) -> CorrectShare:
    call, _, share = name.partition(").")
    threshold = _argument(f"{call})", "correct_at", 0, 1)
    what, dot, label = share.partition(".")
    if threshold is None or what not in ("image_share", "cell_share", "class_share"):
        raise unknown("metric", name, _known(classes))
    if what != "class_share":
        if dot:
            raise unknown("metric", name, _known(classes))
        of: Literal["image", "cell"] = "image" if what == "image_share" else "cell"
        return CorrectShare(name=name, metric=METRICS["iou"], threshold=threshold, of=of)
    if label not in classes.names:
        raise unknown("class", label, classes.names)
    index = classes.names.index(label)
    return CorrectShare(name=name, metric=METRICS["iou"], threshold=threshold, of="class", index=index)


def _fine(name: str, rest: str) -> Number:
    what, _, mean = rest.partition(".")
    known = [f"fine_grained.{one}.{mean}" for one in _FINE for mean in MEANS]
    known += [f"fine_grained.{one}.quantile(5).{mean}" for one in _FINE for mean in MEANS[:2]]
    call, _, of = mean.rpartition(".")
    if what not in _FINE or of not in (MEANS[:2] if call else MEANS):
        raise unknown("metric", name, known)
    metric, by = _FINE[what], cast(By, of.partition("_")[0])
    if call:
        q = _argument(call, "quantile", 0, 100)
        if not q:
            raise unknown("metric", name, known)
        return Worst(name=name, metric=metric, by=by, quantiles=(q,))
    if of == "class_mean":
        return ClassMean(name=name, metric=metric)
    worst = Worst(name=name, metric=metric, by=by, quantiles=QUANTILES)
    return MeanOfImages(name=name, metric=metric, of=worst) if of == "image_mean" else worst


def _argument(text: str, function: str, low: float, high: float) -> float | None:
    """Return the number that a function is called with, within bounds; None if it is no such call."""
    call = _CALL.fullmatch(text)
    if call is None or call[1] != function:
        return None
    try:
        found = float(call[2])
    except ValueError:
        return None
    return found if low <= found <= high else None
