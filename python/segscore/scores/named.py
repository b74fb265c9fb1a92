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
``boundary_iou.car``, ``mean_hd95``            what was measured of shapes; a mean also without ``mean_``
``surface_dice.liver@2``                       the same at a tolerance, or in a band of a width: ``@5px``
``pq.car``, ``mean_pq_things``                 what became of objects
``f1.car@0.5``, ``f1@0.3:greedy``              the same at an IoU; below 0.5 with the rule of matching
=============================================  ==========================================================

Names of classes that can be read in several ways may stand in quotation marks: ``mean_iou["a,b"]``.
Where Python has such a number, its name is how Python spells it behind ``ev.``.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, cast

from segscore.base.shown import brief
from segscore.base.values import is_several
from segscore.classes.classes import Classes
from segscore.errors import ArgumentError, unknown
from segscore.scores.correct import CorrectShare
from segscore.scores.fine_grained import FINE, MEANS, QUANTILES
from segscore.scores.metric import METRICS, class_metrics, whole_metrics
from segscore.scores.metric_row import Metric
from segscore.scores.numbers import MeanOfImages, Number, OfCounts, OfRegion, counted
from segscore.scores.shape_numbers import shape_names, shape_number
from segscore.scores.worst import By, ClassMean, Worst

_CALL = re.compile(r"(\w+)\(([^()]*)\)")
_FINE = {metric.name: metric for metric in FINE}


def number_of(name: object, classes: Classes) -> Number:
    """Return the number of a name; an ArgumentError names the nearest ones."""
    if not isinstance(name, str):
        raise unknown("metric", name, _known(name, classes))
    start, dot, rest = name.partition(".")
    if start.partition("(")[0] == "correct_at":
        return _correct(name, classes)
    if start == "fine_grained":
        return _fine(name, rest)
    if (of_shapes := shape_number(name, classes)) is not None:
        return of_shapes
    what, bracket, inner = name.partition("[")
    if bracket and what in METRICS and METRICS[what].needs == "pairs" and inner.endswith("]"):
        return _among(name, METRICS[what], inner[:-1], classes)
    metric = METRICS.get(start)
    if (
        metric is None
        or (metric.binary and classes.background is None)
        or (metric.of == "class") != bool(dot)
    ):
        raise unknown("metric", name, _known(name, classes))
    if metric.of == "class":
        return _of_class(name, metric, rest, classes)
    if dot:
        raise unknown("metric", name, _known(name, classes))
    return _of_all(name, metric, counted(metric))


def numbers_of(names: Iterable[str], classes: Classes) -> list[Number]:
    """Return the numbers of several names, or raise ArgumentError."""
    if not is_several(names):
        raise ArgumentError(
            f"expected a list of names as `metrics`, found {brief(names)}", 'such as ["mean_image_iou"]'
        )
    return [number_of(name, classes) for name in names]


def is_number(name: str, classes: Classes) -> bool:
    """Whether there is a number of this name."""
    try:
        number_of(name, classes)
    except ArgumentError:
        return False
    return True


def _known(name: object, classes: Classes) -> list[str]:
    """Return names that there are, of the class that the name given ends in, or of the first."""
    ends = (one for one in classes.names if str(name).endswith((f".{one}", f"[{one}]")))
    first = next(ends, classes.names[0])
    return [
        *(metric.name for metric in whole_metrics(classes)),
        *(f"{metric.name}.{first}" for metric in class_metrics()),
        f"mean_iou[{first}]",
        f"iou[{first}]",
        *(f"correct_at(0.5).{share}" for share in ("image_share", "cell_share", f"class_share.{first}")),
        *_fine_names(["iou"]),
        *shape_names(classes),
    ]


def _fine_names(quantiles_of: Iterable[str]) -> list[str]:
    """Return names of fine-grained means, and of means over a worst quantile of some metrics."""
    return [
        *(f"fine_grained.{metric}.{mean}" for metric in _FINE for mean in MEANS),
        *(f"fine_grained.{metric}.quantile(5).{mean}" for metric in quantiles_of for mean in MEANS[:2]),
    ]


def _of_class(name: str, metric: Metric, label: str, classes: Classes) -> OfCounts:
    if label not in classes.names:
        raise _no_class(name, label, classes)
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
    single = metric.of == "class"
    # A mean of sums over some classes has no meaning for their union, but a mean over images has.
    some = [] if single else list(_readings(inner, ",", classes.names))
    unions = list(_readings(inner, "+", classes.names)) if single or metric.over_images else []
    readings = some + [union for union in unions if union not in some]
    if not readings:
        separator = "+" if single else ","
        parts = [part.strip() for part in inner.split(separator)]
        raise _no_class(name, next((part for part in parts if part not in classes.names), inner), classes)
    if len(readings) > 1:
        quoted = [(", " if one in some else "+").join(f'"{label}"' for label in one) for one in readings[:2]]
        raise ArgumentError(
            f"`{name}` can mean more than one thing",
            " or ".join(f"`{metric.name}[{one}]`" for one in quoted) + ": names may stand in quotation marks",
        )
    (members,) = readings
    if some:
        indices = tuple(classes.names.index(one) for one in members)
        return _of_all(name, metric, OfCounts(name=name, metric=metric, among=indices))
    of_class, over_images = metric if single else METRICS[metric.mean_of], metric.over_images
    return _of_all(name, metric, OfRegion(name=name, metric=of_class, members=members, in_target=over_images))


def _readings(text: str, separator: str, names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Yield the names, each once, of which a text may be made: they may hold the separator, or be quoted."""
    # Not by recursion, as a mean may be over more classes than Python goes deep.
    pending: list[tuple[str | None, tuple[str, ...]]] = [(text, ())]
    while pending:
        rest, read = pending.pop()
        if rest is None:
            yield read
            continue
        further: list[tuple[str | None, tuple[str, ...]]] = []
        for name in names:
            for written in (name, f'"{name}"'):
                here = rest if rest.startswith(written) else rest.lstrip()
                if not here.startswith(written) or name in read:
                    continue
                after = here.removeprefix(written).lstrip()
                if not after:
                    further.append((None, (*read, name)))
                elif after.startswith(separator):
                    further.append((after[1:], (*read, name)))
        pending += reversed(further)


def _no_class(name: str, label: str, classes: Classes) -> ArgumentError:
    if label.strip():
        return unknown("class", label, classes.names)
    return ArgumentError(f"`{name}` lacks the name of a class", f"such as `{classes.names[0]}`")


def _correct(name: str, classes: Classes) -> CorrectShare:
    call, _, share = name.partition(").")
    threshold = _argument(f"{call})", "correct_at", 0, 1)
    what, dot, label = share.partition(".")
    if threshold is None or what not in ("image_share", "cell_share", "class_share"):
        raise unknown("metric", name, _known(name, classes))
    if what != "class_share":
        if dot:
            raise unknown("metric", name, _known(name, classes))
        of: Literal["image", "cell"] = "image" if what == "image_share" else "cell"
        return CorrectShare(name=name, metric=METRICS["iou"], threshold=threshold, of=of)
    if label not in classes.names:
        raise _no_class(name, label, classes)
    index = classes.names.index(label)
    return CorrectShare(name=name, metric=METRICS["iou"], threshold=threshold, of="class", index=index)


def _fine(name: str, rest: str) -> Number:
    what, _, mean = rest.partition(".")
    call, dot, of = mean.rpartition(".")
    if what not in _FINE or of not in (MEANS[:2] if dot else MEANS):
        raise unknown("metric", name, _fine_names(_FINE))
    metric, by = _FINE[what], cast(By, of.partition("_")[0])
    if dot:
        q = _argument(call, "quantile", 0, 100)
        if not q:
            raise unknown("metric", name, _fine_names(_FINE))
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
