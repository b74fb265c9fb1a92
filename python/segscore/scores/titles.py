"""What numbers are called, by the names that users type."""

import re

from segscore.base.wording import visible
from segscore.counts.bands import Bands
from segscore.counts.objects import Objects
from segscore.counts.widths import shown_width, width_of
from segscore.errors import ArgumentError
from segscore.scores.matching import ANY
from segscore.scores.metric import label_of
from segscore.scores.metric_row import Metric
from segscore.scores.shape_numbers import shape_metric

_BEHIND = re.compile("[.@]")
_AT = re.compile(r"@([\d.]+(?:px|%|:[a-z]+|)|any)$", re.ASCII)
"""A tolerance, the width of a band, or from which IoU on objects match, at the end of a number's name."""


def shape_of(name: str) -> Metric | None:
    """Return the metric of a number of shapes; None for any other number."""
    return shape_metric(_BEHIND.split(name, maxsplit=1)[0])


def metric_title(name: str) -> str:
    """Return what a number is called, by its name."""
    metric = shape_of(name)
    if metric is None:
        what, _, of = name.partition(".")
        return f"{label_of(what)} of {visible(of)}" if of else label_of(visible(name))
    rest = name.removeprefix(metric.name)
    at = _AT.search(rest)
    of = rest[: at.start()] if at else rest
    title = metric.label + (f" of {visible(of[1:])}" if of else "")
    try:
        width = "" if at is None or metric.needs != Bands.kind else shown_width(width_of(at[1]))
    except ArgumentError:  # the end of the name of a class
        return visible(name)
    if metric.unit and of[1:2].isdigit():  # a class, or the fraction of a percentile
        return visible(name)
    if at is not None and metric.needs == Objects.kind:
        iou, _, rule = at[1].partition(":")
        if iou == ANY:
            return f"{title} at any overlap"
        return f"{title} at IoU {iou}{f' ({rule})' if rule else ''}"
    return f"{title} in {width}" if width else f"{title} at {at[1]}" if at else title
