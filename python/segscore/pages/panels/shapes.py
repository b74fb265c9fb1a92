"""Boundaries and surfaces of classes, what of distances is infinite and why, and where errors lie."""

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from segscore.base.values import Floats
from segscore.base.wording import many, visible
from segscore.classes.colours import colour
from segscore.counts.distance_options import shown_number
from segscore.counts.widths import shown_width
from segscore.pages.page import Panel, rendered
from segscore.pages.panels.given import Given, Link
from segscore.pages.panels.headline import of_interval
from segscore.results.evaluated import Evaluated
from segscore.results.finding import Search
from segscore.scores.metric import METRICS
from segscore.scores.named import number_of
from segscore.scores.shape_numbers import shape_title, shapes_shown
from segscore.scores.shape_summary import called_text, errors_text, on_text, said, segments_text
from segscore.scores.summary import class_state
from segscore.scores.surfaces import SurfaceScores
from segscore.text.numbers import number, percent, worded
from segscore.text.summary import MAX_ROWS

_DISTANCES = ("hd95", "assd")
_NOT_MEASURED = "means leave the class out, so that its surface is not measured"
_NOWHERE = "the class is in neither target nor prediction"


class Cell(NamedTuple):
    """A number of a class as the table shows it."""

    text: str
    value: float
    """What rows are sorted by."""
    reason: str = ""
    """Why there is no number; empty where there is one."""
    bar: bool = False
    then: float | str = ""
    """What rows of the same value are sorted by, if they are."""
    note: str = ""


class Column(NamedTuple):
    """A column of the table, with a cell for each class."""

    title: str
    explained: str
    worst: str
    """Whether "low" or "high" values are the worst."""
    cells: list[Cell]
    number: tuple[str, str] | None = None
    """What stands before and behind the name of a class in that of its number; None for a count."""

    def search(self, name: str) -> Search | None:
        """Return which images are behind the number of a class."""
        return None if self.number is None else Search(metric=name.join(self.number))


def panel(evaluation: Evaluated, report: Given) -> Panel | None:
    """Return what was measured along boundaries and between surfaces; None where nothing was."""
    measures = evaluation.measures
    if not (measures.boundary or measures.distances):
        return None
    present = np.flatnonzero(evaluation.scores.present)
    shown = present[:MAX_ROWS].tolist()
    columns = [*_boundary_columns(evaluation), *_surface_columns(evaluation)]
    body = rendered(
        "shapes.html",
        later=report.later,
        widths=[shown_width(width) for width in measures.boundary],
        distances=measures.distances,
        figures=[figure(evaluation, report, name) for name in shapes_shown(measures, evaluation.classes)],
        columns=columns,
        rows=[
            {
                **_class(evaluation, report, i),
                "cells": [(column.cells[i], _link(evaluation, report, column, i)) for column in columns],
            }
            for i in shown
        ],
        hidden=len(present) - len(shown),
        said=f"S{said(measures, evaluation.shapes.spacings)[1:]}" if measures.distances else "",
        lacking=_lacking(evaluation.surface) if measures.distances else "",
        errors=_errors(evaluation, report, shown) if measures.boundary else None,
    )
    both = "Boundaries and surfaces" if measures.distances else "Boundaries"
    return Panel("shapes", both if measures.boundary else "Surfaces", body, scripts=("table.js",))


def _link(evaluation: Evaluated, report: Given, column: Column, i: int) -> Link | None:
    search = column.search(evaluation.classes.names[i])
    return None if search is None else report.images(search, evaluation.classes)


def _class(evaluation: Evaluated, report: Given, i: int) -> dict[str, Any]:
    return {
        "name": visible(evaluation.classes.names[i]),
        "colour": colour(report.colours[i]),
        "state": class_state(evaluation.scores, i),
    }


def _boundary_columns(evaluation: Evaluated) -> Iterator[Column]:
    explained, several = METRICS["boundary_iou"].explained, len(evaluation.measures.boundary) > 1
    for width in evaluation.measures.boundary:
        title = f"boundary IoU {shown_width(width)}" if several else "boundary IoU"
        at = f"@{shown_width(width)}" if several else ""
        yield _shares(title, explained, evaluation.boundary.at(width).iou)._replace(
            number=("boundary_iou.", at.replace(" ", ""))
        )


def _surface_columns(evaluation: Evaluated) -> Iterator[Column]:
    measures = evaluation.measures
    if not measures.distances:
        return
    surface, explained = evaluation.surface, METRICS["surface_dice"].explained
    measured = set(surface.measured.tolist())
    reasons = [_NOWHERE if i in measured else _NOT_MEASURED for i in range(len(evaluation.classes))]
    for tolerance in measures.tolerances:
        title = f"surface Dice at {shown_number(tolerance)} {measures.unit}"
        number_of_class = ("surface_dice.", f"@{shown_number(tolerance)}")
        yield _shares(title, explained, surface.dice(tolerance), reasons)._replace(number=number_of_class)
    for kind in _DISTANCES:
        cells = _distances(surface, kind, reasons)
        title = f"{METRICS[kind].label} {measures.unit}"
        yield Column(title, METRICS[kind].explained, "high", cells, (f"{kind}.", ""))
    missed, invented = surface.missed.tolist(), surface.invented.tolist()
    cells = [
        Cell(_not_in_both(one, other), one + other, "" if i in measured else reason)
        for i, (one, other, reason) in enumerate(zip(missed, invented, reasons, strict=True))
    ]
    explained = "missed: the target has the class and the prediction does not; invented: the reverse"
    yield Column("images with one side alone", explained, "high", cells)


def _shares(title: str, explained: str, values: Floats, reasons: Sequence[str] = ()) -> Column:
    """Return a column of shares, which have bars."""
    cells = [
        Cell(number(value), value, reason if math.isnan(value) else "", bar=True)
        for value, reason in zip(values.tolist(), reasons or [_NOWHERE] * len(values), strict=True)
    ]
    return Column(title, explained, "low", cells)


def _distances(surface: SurfaceScores, kind: str, reasons: Sequence[str]) -> list[Cell]:
    """Return the distance of each class; where that is infinite, what it is where both sides have it."""
    digits = METRICS[kind].digits
    every = surface.mean_distance(kind).per_class.tolist()
    both = surface.mean_distance(kind, empty="skip").per_class.tolist()
    return [
        Cell(
            worded(value, digits),
            value,
            reason if math.isnan(value) else "",
            then=among if math.isfinite(among) else "",
            note=f"{number(among, digits)} where both have it"
            if math.isinf(value) and math.isfinite(among)
            else "",
        )
        for value, among, reason in zip(every, both, reasons, strict=True)
    ]


def _not_in_both(missed: int, invented: int) -> str:
    """Return in how many images one side alone has a class.

    Examples
    --------
    >>> _not_in_both(9, 0), _not_in_both(1, 110), _not_in_both(0, 0)
    ('missed in 9', 'missed in 1, invented in 110', 'none')
    """
    counted = ((missed, "missed"), (invented, "invented"))
    return ", ".join(f"{told} in {images:,}" for images, told in counted if images) or "none"


def figure(evaluation: Evaluated, report: Given, name: str) -> dict[str, Any]:
    """Return a number of the whole: its text, and its interval or what else is to be said of it."""
    asked, value = number_of(name, evaluation.classes), evaluation.metric(name)
    known = of_interval(report.intervals.get(name))
    interval, said_of = known["interval"], ""
    if asked.metric.unit and math.isinf(value):
        both = evaluation.surface.mean_distance(asked.metric.mean_of, empty="skip")
        structures = f"the {many(both.both, 'structure')} of both sides"
        said_of = f"{number(both.value, asked.metric.digits)} over {structures}"
    elif interval is not None:
        low, high = (number(end, asked.metric.digits) for end in (interval.low, interval.high))
        said_of = f"{100 * interval.level:g} % interval {low} to {high}"
    elif report.later == "waiting" and math.isfinite(value):
        said_of = "interval being computed"
    elif known["no_interval"] and not math.isnan(value):
        said_of = f"no interval: {known['no_interval']}"
    return {
        "label": shape_title(asked, evaluation.measures, evaluation.classes),
        "text": worded(value, asked.metric.digits),
        "said": said_of,
        "reason": _NOWHERE if math.isnan(value) else "",
    }


def _lacking(surface: SurfaceScores) -> str:
    """Return why distances are infinite, or what stands for them; empty where no structure is lacking."""
    mean = surface.mean_distance("hd95")
    if not mean.missed + mean.invented:
        return ""
    counted = f"{mean.missed:,} missed and {mean.invented:,} invented structures"
    told = {
        "inf": "are infinitely far, and so is any mean that has one; behind it stands the mean of the others",
        "skip": "are left out of means",
        "diagonal": "count as the diagonal of their image",
    }
    if isinstance(mean.empty, str):
        return f"{counted} {told[mean.empty]}"
    return f"{counted} count as {mean.empty:g} {mean.unit}"


def _errors(evaluation: Evaluated, report: Given, shown: Sequence[int]) -> dict[str, Any]:
    """Return wrong pixels by class of the target and place, and what these are called; and its segments."""
    errors = evaluation.boundary.errors
    most = max(int(errors.wrong.sum(axis=0).max(initial=0)), 1)
    rows = []
    for i in shown:
        wrong, held = errors.wrong[:, i].tolist(), errors.pixels[:, i].tolist()
        if not any(held):
            continue
        places = [
            {
                "pixels": f"{pixels:,}",
                "value": pixels,
                # All pixels of missed and invented segments are wrong.
                "has_rate": place in ("near", "inside"),
                "rate": percent(pixels, of) if of else "",
                "rate_value": pixels / of if of else None,
                "called": called_text(errors, i, place),
            }
            for place, pixels, of in zip(errors.places, wrong, held, strict=False)
        ]
        link = report.images(Search(target=i, wrong=True), evaluation.classes) if sum(wrong) else None
        row = {
            "link": link,
            "wrong": sum(wrong),
            "bar": (wrong[0] / most, sum(wrong) / most),
            "places": places,
        }
        rows.append({**_class(evaluation, report, i), **row})
    found = {"told": errors_text(errors), "rows": rows, "has_segments": errors.has_segments}
    return {**found, **_segments(evaluation, report, shown)} if errors.has_segments else found


def _segments(evaluation: Evaluated, report: Given, shown: Sequence[int]) -> dict[str, Any]:
    """Return how many segments of each class are missed and invented, and what is there on the other side."""
    errors = evaluation.boundary.errors
    rows = []
    for i in shown:
        of_target, of_pred = int(errors.target_segments[i]), int(errors.pred_segments[i])
        if of_target or of_pred:
            missed, invented = int(errors.missed_segments[i]), int(errors.invented_segments[i])
            sides = [
                {"of": of_target, "unmet": missed, "there": called_text(errors, i, "missed")},
                {"of": of_pred, "unmet": invented, "there": on_text(errors, i)},
            ]
            rows.append({**_class(evaluation, report, i), "sides": sides})
    return {"segments_told": segments_text(errors), "segments": rows}
