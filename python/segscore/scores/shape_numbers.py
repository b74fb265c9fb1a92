"""Numbers of shapes by their names: ``boundary_iou.car``, ``mean_hd95``, ``surface_dice.liver@2``.

Behind ``@`` stands what a number is at: a tolerance, or the width of a band where several were measured.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from segscore.base import limits
from segscore.base.values import Bools, Floats
from segscore.base.wording import visible
from segscore.classes.classes import Classes
from segscore.counts.distance_options import shown_number, tolerance_of
from segscore.counts.measures import Measures
from segscore.counts.objects import Objects
from segscore.counts.surfaces import measured_classes
from segscore.counts.widths import Width, shown_width, width_of
from segscore.errors import ArgumentError, unknown
from segscore.scores import metrics
from segscore.scores.boundaries import band_iou
from segscore.scores.measured import Measured
from segscore.scores.metric import METRICS
from segscore.scores.metric_row import Metric
from segscore.scores.numbers import Number, Summed
from segscore.scores.object_numbers import (
    AT_IOU,
    ObjectNumber,
    object_number,
    object_title,
    objects_shown,
)
from segscore.scores.sample import Sample
from segscore.scores.surface_cells import checked_percentile
from segscore.scores.surfaces import surface_dice

_PERCENTILE = re.compile(r"(mean_)?hd(\d+(?:\.\d+)?)", re.ASCII)
_FRACTION = re.compile(r"((?:mean_)?hd\d+\.\d+)(?:\.(.*))?", re.ASCII | re.DOTALL)
_NEEDS_TOLERANCE = ("surface_dice", "boundary_recall", "boundary_precision", "boundary_f1")
_BEHIND = dict.fromkeys(_NEEDS_TOLERANCE, "@2") | dict.fromkeys(AT_IOU, "@0.5")
_SIDES = {"boundary_recall": 0, "boundary_precision": 1}


def shape_metric(start: str) -> Metric | None:
    """Return the metric of shapes that a name begins with, such as ``hd99.5``; None if there is none."""
    metric = METRICS.get(start)
    if metric is not None:
        return metric if metric.needs != "pairs" else None
    parts = _PERCENTILE.fullmatch(start)
    if parts is None:
        return None
    before, percentile = parts[1] or "", parts[2]
    one = METRICS[f"{before}hd95"]
    # An own label for each percentile, which is all that it differs in.
    return replace(
        one,
        name=start,
        label=one.label.replace("95", percentile),
        explained=one.explained.replace("95", percentile),
        mean_of=one.mean_of and f"hd{percentile}",
    )


class _Reading(NamedTuple):
    """One way to read a name."""

    start: str
    label: str | None
    at: str
    parameter: str

    @property
    def of_fraction(self) -> bool:
        return "." in self.start

    @property
    def needs_tolerance(self) -> bool:
        return self.start.removeprefix("mean_") in (*_NEEDS_TOLERANCE, *AT_IOU)

    def fits(self, classes: Classes) -> bool:
        """Whether there is such a metric, and such a class."""
        metric = shape_metric(self.start)
        if metric is not None and metric.of == "class" and self.label is None and self.of_fraction:
            # Where classes are numbers, 95.9 is rather a class that there is not than a percentile.
            return not any(name.isdecimal() for name in classes.names)
        if metric is None or self.label is None:
            return metric is not None
        return metric.of == "class" and self.label in classes.names


def _readings(name: str) -> Iterator[_Reading]:
    """Yield the ways to read a name, that with the shortest names last."""
    head, at, parameter = name.rpartition("@")
    for text, *behind in ((name, "", ""), (head, at, parameter)) if at else ((name, "", ""),):
        start, dot, label = text.partition(".")
        fraction = _FRACTION.fullmatch(text)
        yield _Reading(start, label if dot else None, *behind)
        if fraction is not None:
            yield _Reading(fraction[1], fraction[2], *behind)


def shape_number(name: str, classes: Classes) -> Number | None:
    """Return the number of shapes of a name; None if it is none of these."""
    readings = list(_readings(name))
    # Classes may be called as numbers are, or have an @ in their names: what is a class is read as one.
    right = [one for one in readings if one.fits(classes)]
    plain = [one for one in readings if not one.of_fraction]
    read = next((one for one in right if one.at or not one.needs_tolerance), (right or plain)[-1])
    metric = shape_metric(read.start)
    if metric is None:
        return None
    if metric.of == "class" and read.label is None:  # without a class it is the mean over classes
        metric = shape_metric(f"mean_{read.start}") or metric
    if read.label is not None and metric.of == "whole":
        raise unknown("metric", name, [metric.name, f"{metric.mean_of}.{classes.names[0]}"])
    index = None
    if read.label is not None:
        if read.label not in classes.names:
            raise unknown("class", read.label, classes.names)
        index = classes.names.index(read.label)
    at, parameter = read.at, read.parameter
    kind = metric.mean_of or metric.name
    if metric.needs == Objects.kind:
        return object_number(name, metric, index, parameter if at else None)
    if kind in ("boundary_iou", "trimap_iou"):
        width = width_of(parameter) if at else None
        return OfBands(name=name, metric=metric, index=index, trimap=kind == "trimap_iou", width=width)
    _check_measured(name, index, classes)
    if kind in _NEEDS_TOLERANCE:
        return OfSurface(
            name=name, metric=metric, index=index, kind=kind, tolerance=_tolerance(name, at, parameter)
        )
    if at:
        raise ArgumentError(
            f"`{name}` has no tolerance", f"such as `{name.rpartition('@')[0]}`, or `surface_dice@2`"
        )
    if kind.startswith("hd") and kind != "hd":
        checked_percentile(float(kind[2:]))
    return OfDistance(name=name, metric=metric, index=index, kind=kind)


def shapes_shown(measures: Measures, classes: Classes) -> list[str]:
    """Return the numbers of the whole that outputs show of what was measured, the foreground's first.

    Examples
    --------
    >>> shapes_shown(Measures.of(boundary=(1, 3), distances=True), Classes(["road", "sky"]))[:3]
    ['mean_boundary_iou@1', 'mean_boundary_iou@3', 'mean_surface_dice@1']
    """
    several = len(measures.boundary) > 1
    ends = [f"@{width}" if several else "" for width in measures.boundary]
    found = [f"mean_boundary_iou{end}" for end in ends]
    if classes.background is not None:
        foreground = classes.names[1 - classes.background]
        found = [*(f"boundary_iou.{foreground}{end}" for end in ends), *found]
    if measures.distances:
        found += [f"mean_surface_dice@{shown_number(tolerance)}" for tolerance in measures.tolerances]
        found += ["mean_hd95", "mean_assd"]
    return [*objects_shown(measures, classes), *found]


def shape_title(number: Number, measures: Measures, classes: Classes) -> str:
    """Return what a number of shapes is called, with its class and its unit, or at what it is.

    Examples
    --------
    >>> classes, measures = Classes(["road", "sky"]), Measures.of(distances=True)
    >>> names = "surface_dice.sky@2", "mean_hd95"
    >>> [shape_title(shape_number(name, classes), measures, classes) for name in names]
    ['surface Dice of sky at 2 px', 'mean HD95 in px']
    """
    if isinstance(number, ObjectNumber):
        return object_title(number, classes)
    assert isinstance(number, OfBands | OfSurface | OfDistance)
    label = number.metric.label
    if number.index is not None:
        label += f" of {visible(classes.names[number.index])}"
    if isinstance(number, OfDistance):
        return f"{label} in {measures.unit}"
    if isinstance(number, OfSurface):
        return f"{label} at {shown_number(number.tolerance)} {measures.unit}"
    return label if number.width is None else f"{label} in {shown_width(number.width)}"


def shape_column(number: Number, measures: Measures, classes: Classes) -> str:
    """Return a short title of a number of the whole, for columns.

    Examples
    --------
    >>> classes, measures = Classes(["road", "sky", "sea"]), Measures.of(boundary=2, distances=True)
    >>> asked = [shape_number(name, classes) for name in shapes_shown(measures, classes)]
    >>> [shape_column(one, measures, classes) for one in asked]
    ['boundary IoU', 'Dice@1px', 'Dice@2px', 'HD95 px', 'ASSD px']
    """
    if isinstance(number, OfSurface):
        return f"Dice@{shown_number(number.tolerance)}{measures.unit}"
    if isinstance(number, OfDistance):
        return f"{number.metric.label.removeprefix('mean ')} {measures.unit}"
    if isinstance(number, ObjectNumber):
        return object_title(number, classes).removeprefix("mean ")
    title = shape_title(number, measures, classes)
    return title if classes.background is not None else title.removeprefix("mean ")


def shape_names(classes: Classes) -> list[str]:
    """Return some of the names that there are, to find the nearest ones to another."""
    first = classes.names[-1]
    return [
        f"{metric.name}{f'.{first}' if metric.of == 'class' else ''}"
        f"{_BEHIND.get(metric.mean_of or metric.name, '')}"
        for metric in METRICS.values()
        if metric.needs != "pairs"
    ]


def _tolerance(name: str, at: str, parameter: str) -> float:
    if not at:
        raise ArgumentError(f"`{name}` lacks a tolerance", f"such as `{name}@2`, in the unit of the spacing")
    try:
        return tolerance_of(limits.number(parameter))
    except ValueError:
        raise ArgumentError(
            f"`{name}` has no number of 0 or more as tolerance", "such as `surface_dice@2`"
        ) from None


def _check_measured(name: str, index: int | None, classes: Classes) -> None:
    if index is not None and index not in measured_classes(classes):
        raise ArgumentError(
            f"`{name}`: the surface of `{classes.names[index]}` is not measured, as means leave it out",
            "means take in all classes that are not in `not_in_mean`; a binary task has one foreground",
        )


@dataclass(frozen=True, kw_only=True)
class OfBands(Summed):
    """A score along boundaries: of a class, or the mean over classes."""

    index: int | None
    trimap: bool
    width: Width | None

    def beside(self, limit: float, value: float, scores: Measured) -> float:
        """Return the value of one class, which is one quotient; a mean of some within the tolerance."""
        return value if self.index is not None else super().beside(limit, value, scores)

    def options(self, measures: Measures) -> dict[str, object]:
        """Return the width, where it is the first one of those that were measured."""
        return {} if self.width is not None else {"boundary": measures.boundary[0]}

    def columns(self, sample: Sample) -> Floats:
        """Return pixels in both, in target and in prediction of the classes, float64 (n, 3 m)."""
        scores = sample.shapes.boundary
        scores = scores if self.width is None else scores.at(self.width)
        pixels = scores.trimap_pixels if self.trimap else scores.pixels
        chosen = sample.classes.in_mean if self.index is None else [self.index]
        return pixels[:, :, chosen].reshape(len(pixels), -1).astype(np.float64)

    def value(self, sums: Floats) -> Floats:
        """Return the IoU of the sums, or the mean over classes."""
        return _mean(band_iou(sums.reshape(*sums.shape[:-1], 3, -1).astype(np.int64)))


@dataclass(frozen=True, kw_only=True)
class OfSurface(Summed):
    """A share of surfaces that is near the other one: of a class, or the mean over classes."""

    index: int | None
    kind: str
    tolerance: float

    def options(self, measures: Measures) -> dict[str, object]:
        """Return what surfaces are, and how far others are looked for."""
        return surface_options(measures)

    def columns(self, sample: Sample) -> Floats:
        """Return what is near and all that there is on both sides, float64 (n, 4 m)."""
        images = sample.shapes.surface.images
        both = np.stack([images.within(self.tolerance), images.weights], axis=1)
        return both[:, :, _chosen(sample.classes, self.index)].reshape(len(both), -1)

    def value(self, sums: Floats) -> Floats:
        """Return the share of the sums, or the mean over classes."""
        near, everything = np.moveaxis(sums.reshape(*sums.shape[:-1], 2, -1, 2), -3, 0)
        if self.kind == "surface_dice":
            return _mean(surface_dice(near, everything))
        shares = metrics.ratio(near, everything)
        if self.kind in _SIDES:
            return _mean(shares[..., _SIDES[self.kind]])
        there = (everything > 0).any(axis=-1)
        shares = np.nan_to_num(shares)
        f1 = np.nan_to_num(metrics.ratio(2 * shares[..., 0] * shares[..., 1], shares.sum(axis=-1)))
        return _mean(np.where(there, f1, np.nan))


@dataclass(frozen=True, kw_only=True)
class OfDistance(Summed):
    """A mean over images of a distance: of a class, or the mean over classes; infinite if one of them is."""

    index: int | None
    kind: str

    def options(self, measures: Measures) -> dict[str, object]:
        """Return what surfaces are, and how far those are that one side alone has."""
        return {**surface_options(measures), "empty": measures.empty}

    @property
    def of_some_images(self) -> bool:
        """A mean over classes is one of their means."""
        return self.index is not None

    def _values(self, sample: Sample) -> Floats:
        """Return the distance of each class in each image, float64 (n, m)."""
        return sample.shapes.surface.images.distance(self.kind)[:, _chosen(sample.classes, self.index)]

    def columns(self, sample: Sample) -> Floats:
        """Return finite distances, and 1 where there is one, and where it is infinite, float64 (n, 3 m)."""
        values = self._values(sample)
        finite = np.isfinite(values)
        parts = (np.where(finite, values, 0.0), ~np.isnan(values), np.isinf(values))
        return np.concatenate(parts, axis=1).astype(np.float64)

    def value(self, sums: Floats) -> Floats:
        """Return the mean of each class, and of these; infinite where one of the images is."""
        total, number, infinite = np.moveaxis(sums.reshape(*sums.shape[:-1], 3, -1), -2, 0)
        return _mean(np.where(infinite > 0, np.inf, metrics.ratio(total, number)))

    def of_images(self, sample: Sample) -> Floats:
        """Return the distance of each image, or its mean over classes."""
        return _mean(self._values(sample))


def surface_options(measures: Measures) -> dict[str, object]:
    """Return what surfaces are, and how far others are looked for: distances are alike where these are."""
    return {name: getattr(measures, name) for name in ("spacing", "surface", "within")}


def _chosen(classes: Classes, index: int | None) -> Bools:
    chosen = np.zeros(len(classes), dtype=np.bool_)
    chosen[measured_classes(classes) if index is None else [index]] = True
    return chosen


def _mean(values: Floats) -> Floats:
    """Return the mean over classes, float64 (…, m) to (…), of those that have a value."""
    return metrics.class_mean(values, np.ones(values.shape[-1], dtype=np.bool_))
