"""Numbers of objects: ``pq.car``, ``mean_pq_things``, ``ap50.car``, ``f1.cell@0.75``, ``f1@0.3:greedy``.

Behind ``@`` stands the IoU from which on objects match, and below 0.5 the rule of matching; or "any", where
any overlap will do.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from segscore.base import limits
from segscore.base.values import Bools, Floats, Ints
from segscore.base.wording import visible
from segscore.classes.classes import Classes
from segscore.counts.distance_options import shown_number
from segscore.counts.measures import Measures
from segscore.errors import ArgumentError
from segscore.scores import metrics
from segscore.scores.average_precision import BOUNDARY, PRECISION_CONVENTIONS, THRESHOLDS, place_of
from segscore.scores.matching import ANY, RULES, UNIQUE, Outcomes, Threshold
from segscore.scores.metric_row import Metric
from segscore.scores.numbers import OfAll, Summed
from segscore.scores.panoptic import quality, stuff_of
from segscore.scores.precision_asked import Asked
from segscore.scores.sample import Sample
from segscore.scores.shapes import Shapes
from segscore.scores.weighted_iou import OfWeights

AT_IOU = ("f1", "object_precision", "object_recall", "object_accuracy")
"""Metrics of objects that match from an IoU on."""
SHOWN_IOU = (0.5, 0.75)
"""Those at which outputs show the F1."""
AGGREGATED = {"aji": False, "aji_plus": True}
"""Metrics of pixels of objects and of their unions, and whether a prediction is taken once alone."""
AT_RECALLS = {"ap": None, "ap50": 0.5, "ap75": 0.75}
"""Metrics of predictions by falling score, and the IoU that each is of, if it is of one."""
_BOUNDARY = "boundary_"
"""How the same of bands along borders begin."""
BOUNDARY_PQ = f"{_BOUNDARY}pq"
"""Panoptic quality of bands."""
_EXAMPLE = "such as `f1@0.5`, or `f1@0.3:greedy` below an IoU of 0.5, or `f1@any` for any overlap"


@dataclass(frozen=True, kw_only=True)
class _OfMatches(Summed):
    """A score of sums of objects over images: of a class, or the mean over classes, things or stuff."""

    index: int | None
    kind: str

    def options(self, measures: Measures) -> dict[str, object]:
        """Return what objects are, and for means over things or stuff, what these are."""
        parted = self.metric.name.endswith(("_things", "_stuff"))
        return {**measures.told_apart, **({"stuff": measures.stuff} if parted else {})}

    def _chosen(self, shapes: Shapes) -> Bools:
        classes = shapes.classes
        if self.index is not None:
            chosen = np.zeros(len(classes), dtype=np.bool_)
            chosen[self.index] = True
            return chosen
        stuff = stuff_of(classes, shapes.measures.stuff)
        if self.metric.name.endswith("_things"):
            return classes.in_mean & ~stuff
        return classes.in_mean & stuff if self.metric.name.endswith("_stuff") else classes.in_mean

    def columns(self, sample: Sample) -> Floats:
        """Return what is added up, float64 (n, C m)."""
        return self._columns(sample.shapes)

    @abstractmethod
    def _columns(self, shapes: Shapes) -> Floats: ...

    def of_shapes(self, shapes: Shapes) -> float:
        """Return the number of all images, of what was measured of them."""
        return float(self.value(self._columns(shapes).sum(axis=0)))

    def held(self, sample: Sample) -> Bools:
        """Return which images have an object of its class in their target; all for one of none."""
        if self.index is None:
            return np.ones(len(sample.names), dtype=np.bool_)
        return sample.shapes.matching.held[:, self.index]

    def wrong(self, sample: Sample) -> Ints:
        """Return how many objects of each image are missed or invented, of the classes that it is of."""
        found = self._found(sample.shapes)
        wrong: Ints = (found.fp + found.fn)[:, self._chosen(sample.shapes)].sum(axis=1)
        return wrong

    def _found(self, shapes: Shapes) -> Outcomes:
        """Return what becomes of objects, of which the wrong ones rank images of equal scores."""
        return shapes.matching.at(Threshold())


@dataclass(frozen=True, kw_only=True)
class OfAggregate(_OfMatches):
    """An aggregated Jaccard index."""

    def _columns(self, shapes: Shapes) -> Floats:
        """Return pixels that objects share, and those of their unions, float64 (n, 2 m)."""
        both = np.stack(shapes.matching.aggregated(once=AGGREGATED[self.kind]), axis=1)
        both = both[:, :, self._chosen(shapes)]
        return both.reshape(len(both), 2 * both.shape[-1]).astype(np.float64)

    def value(self, sums: Floats) -> Floats:
        """Return the ratio of the sums, or the mean over classes."""
        shared, union = np.moveaxis(sums.reshape(*sums.shape[:-1], 2, sums.shape[-1] // 2), -2, 0)
        return metrics.class_mean(metrics.ratio(shared, union), np.ones(shared.shape[-1], dtype=np.bool_))


@dataclass(frozen=True, kw_only=True)
class OfObjects(_OfMatches):
    """A score of objects that match, are invented and are missed."""

    threshold: Threshold
    of_bands: bool = False

    def options(self, measures: Measures) -> dict[str, object]:
        """Return what objects are, and how wide the bands along their borders."""
        return {**super().options(measures), **({"band": measures.band} if self.of_bands else {})}

    def _columns(self, shapes: Shapes) -> Floats:
        """Return sums of IoU, and objects that match, are invented and are missed, float64 (n, 4 m)."""
        found = self._found(shapes)
        both = np.stack([found.iou, found.tp, found.fp, found.fn], axis=1)[:, :, self._chosen(shapes)]
        return both.reshape(len(both), 4 * both.shape[-1])

    def _found(self, shapes: Shapes) -> Outcomes:
        matching = shapes.matching_of_bands if self.of_bands else shapes.matching
        return matching.at(self.threshold)

    def by_class(self, shapes: Shapes) -> Floats:
        """Return the score of each class in each image, float64 (n, K)."""
        found = self._found(shapes)
        return quality(self.kind, found.iou, found.tp, found.fp, found.fn)

    def value(self, sums: Floats) -> Floats:
        """Return the score of the sums, or the mean over classes."""
        iou, tp, fp, fn = np.moveaxis(sums.reshape(*sums.shape[:-1], 4, sums.shape[-1] // 4), -2, 0)
        values = quality(self.kind, iou, tp, fp, fn)
        return metrics.class_mean(values, np.ones(values.shape[-1], dtype=np.bool_))


@dataclass(frozen=True, kw_only=True)
class OfCurves(OfAll):
    """An average precision: of a class, or the mean over classes."""

    iou: float | None
    of_bands: bool = False

    def options(self, measures: Measures) -> dict[str, object]:
        """Return what objects are, and how wide the bands along their borders."""
        return {**measures.told_apart, **({"band": measures.band} if self.of_bands else {})}

    def of_some(self, sample: Sample, images: Ints) -> float:
        """Return the number of some of the images."""
        return self.of_shapes(sample.shapes, images)

    def of_shapes(self, shapes: Shapes, images: Ints | None = None) -> float:
        """Return the number of what was measured, of all images or of some."""
        found = shapes.average_precision(self.asked(shapes), images)
        return found.mean(self.iou, label=self.chosen(shapes.classes))

    def asked(self, shapes: Shapes) -> Asked:
        """Return whose average precision it is of what was measured."""
        return Asked.of(BOUNDARY, heed_ignore=shapes.heed_ignore) if self.of_bands else shapes.asked

    def chosen(self, classes: Classes) -> Ints:
        """Return the classes that it is of, int64 (m,)."""
        return np.flatnonzero(classes.in_mean) if self.index is None else np.array([self.index])

    def of_averages(self, averages: Floats, classes: Classes) -> Floats:
        """Return the number of the precision of each threshold and class, float64 (R, T, K) to (R,)."""
        some = averages[:, place_of(self.iou, THRESHOLDS)][:, :, self.chosen(classes)].mean(axis=1)
        return metrics.class_mean(some, np.ones(some.shape[-1], dtype=np.bool_))


ObjectNumber: TypeAlias = OfObjects | OfAggregate | OfCurves | OfWeights


def object_number(name: str, metric: Metric, index: int | None, at: str | None) -> ObjectNumber:
    """Return the number of a metric of objects, with what stands behind its ``@``."""
    kind, start = metric.mean_of or metric.name, name.rpartition("@")[0]
    if kind == "iiou":
        if at is not None:
            raise _without_iou(name, f"`{start}` is of pixels")
        return OfWeights(name=name, metric=metric, index=index)
    of_bands = kind.startswith(_BOUNDARY)
    if kind.removeprefix(_BOUNDARY) in AT_RECALLS:
        if at is not None:
            raise _without_iou(name, "`ap50` and `ap75` are at one")
        iou_of = AT_RECALLS[kind.removeprefix(_BOUNDARY)]
        return OfCurves(name=name, metric=metric, index=index, iou=iou_of, of_bands=of_bands)
    if kind not in AT_IOU:
        if at is not None:
            raise _without_iou(name, f"`{start}` {'takes any' if kind in AGGREGATED else 'is above 0.5'}")
        if kind in AGGREGATED:
            return OfAggregate(name=name, metric=metric, index=index, kind=kind)
        own = kind.removeprefix(_BOUNDARY)
        return OfObjects(
            name=name, metric=metric, index=index, kind=own, threshold=Threshold(), of_bands=of_bands
        )
    threshold = _threshold(name, kind, at)
    return OfObjects(name=name, metric=metric, index=index, kind=kind, threshold=threshold)


def _without_iou(name: str, hint: str) -> ArgumentError:
    """Return the error for a number that stands with an IoU and has none."""
    return ArgumentError(f"`{name}` has no IoU from which on objects match", hint)


def _threshold(name: str, kind: str, at: str | None) -> Threshold:
    """Return from where on objects match, by what stands behind the ``@`` of a number."""
    if at is None:
        of_pixels = f"of pixels it is `{name.replace('f1', 'dice', 1)}`; of objects " if kind == "f1" else ""
        raise ArgumentError(f"`{name}` lacks the IoU from which on objects match", f"{of_pixels}{_EXAMPLE}")
    if at == ANY:
        return Threshold.of(ANY)
    iou, colon, rule = at.partition(":")
    try:
        found = limits.number(iou)
    except ValueError:
        raise ArgumentError(f"`{name}` has no number as IoU from which on objects match", _EXAMPLE) from None
    if not colon and 0 < found < UNIQUE:
        ways = " or ".join(f"`{name}:{one}`" for one in RULES)
        raise ArgumentError(
            f"`{name}` lacks the rule of matching: below an IoU of {UNIQUE} one object may match several",
            ways,
        )
    return Threshold.of(found, rule if colon else None)


def objects_shown(measures: Measures, classes: Classes) -> list[str]:
    """Return the numbers of the whole that outputs show of objects, that by which these are judged first.

    Examples
    --------
    >>> streets, cells = Classes(["road", "car"]), Classes(["background", "cell"])
    >>> objects_shown(Measures(instances="panoptic"), streets)
    ['mean_pq', 'mean_sq', 'mean_rq', 'mean_f1@0.5', 'mean_f1@0.75']
    >>> objects_shown(Measures(instances="panoptic", band=2), cells)
    ['mean_f1@0.5', 'mean_pq', 'mean_sq', 'mean_rq', 'mean_boundary_pq', 'mean_f1@0.75']
    >>> objects_shown(Measures(instances="detections"), streets)
    ['mean_ap', 'mean_ap50', 'mean_ap75', 'mean_f1@0.5', 'mean_f1@0.75']
    >>> objects_shown(Measures.of(components=True), cells)
    ['mean_f1@any', 'mean_object_recall@any', 'mean_object_precision@any', 'mean_f1@0.5', 'mean_pq']
    """
    parts = ["", "_things", "_stuff"] if measures.stuff else [""]
    found = [f"mean_pq{part}" for part in parts] + ["mean_sq", "mean_rq"]
    found += [] if measures.band is None else [f"mean_{BOUNDARY_PQ}{part}" for part in parts]
    at = [f"mean_f1@{iou}" for iou in SHOWN_IOU]
    curves = [f"mean_{kind}" for kind in curves_shown(measures)]
    lesions = [f"mean_{kind}@{ANY}" for kind in ("f1", "object_recall", "object_precision")]
    # One class of two is the background: all that is asked is which objects are found.
    of_segments = [*found, *at] if classes.background is None else [at[0], *found, *at[1:]]
    return {
        "": [],
        "panoptic": of_segments,
        "detections": [*curves, *at],
        "components": [*lesions, at[0], "mean_pq"],
    }[measures.instances]


def curves_shown(measures: Measures) -> dict[str, float | None]:
    """Return the metrics of predictions by falling score that outputs show, and the IoU that each is of."""
    bands = {} if measures.band is None else {f"{_BOUNDARY}{kind}": iou for kind, iou in AT_RECALLS.items()}
    return AT_RECALLS | bands


def explained(metric: Metric, measures: Measures) -> str:
    """Return what a metric is, and whose average precision it is of such objects, if it is one.

    Examples
    --------
    >>> from segscore.scores.metric import METRICS
    >>> explained(METRICS["ap50"], Measures(instances="detections", rules=("lvis",)))
    'the same at an IoU of 0.5, as LVIS has it'
    """
    if (metric.mean_of or metric.name) not in AT_RECALLS:
        return metric.explained
    return f"{metric.explained}, as {PRECISION_CONVENTIONS[measures.convention].title} has it"


def object_title(number: ObjectNumber, classes: Classes) -> str:
    """Return what a number of objects is called, with its class and from which IoU on objects match."""
    label = number.metric.label
    if number.index is not None:
        label += f" of {visible(classes.names[number.index])}"
    if not isinstance(number, OfObjects):
        return label
    threshold = number.threshold
    if threshold.iou is None:
        return label
    if threshold.rule == ANY:
        return f"{label} at any overlap"
    rule = "" if threshold.iou >= UNIQUE else f" ({threshold.rule})"
    return f"{label} at IoU {shown_number(threshold.iou)}{rule}"
