"""The panel of one metric over the versions of a model: a chart, and the same values as a table."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from segscore.app.charts import Value, chart
from segscore.app.page import part
from segscore.app.pictures import identity
from segscore.app.run_views import marks_of, metric_choices, scored
from segscore.app.state import State
from segscore.base.wording import visible
from segscore.errors import SegscoreError
from segscore.pages.page import Panel
from segscore.pages.queries import in_address
from segscore.scores.titles import metric_title
from segscore.statistics.intervals import Interval
from segscore.text.numbers import number, signed
from segscore.workspace import Run, Runs
from segscore.workspace.grid import unlike_notes
from segscore.workspace.runs.folders import id_number
from segscore.workspace.trends import Point, Trend

_LINES = 6
"""Datasets that have a line: those that were used last."""
_IMAGES = 20_000
"""Images of runs whose intervals are computed for a page, which takes a second or two."""


def trend_panel(state: State, runs: Runs, model: str, metric: str | None, version: str = "") -> Panel:
    """Return the panel of a metric over the versions of a model that was run; one version may be marked."""
    trend = runs.trend(model, metric)
    metric = trend.metric
    latest = {
        dataset: max(id_number(one.run.id) for one in trend.points(dataset)) for dataset in trend.datasets
    }
    datasets = sorted(trend.datasets, key=lambda dataset: latest[dataset], reverse=True)
    points = {dataset: trend.points(dataset) for dataset in datasets}
    known = dict(_intervals(state, points, metric))
    place = {one: i for i, one in enumerate(trend.versions)}
    lines = {
        dataset: [_value(one, place[one.version], known.get(one.run.id), dataset) for one in points[dataset]]
        for dataset in datasets[:_LINES]
    }
    shown = list(trend.grid.runs.values())
    return part(
        "trend",
        "trend.html",
        title="Over versions",
        model=model,
        name=f"{model}:{version}" if version else model,
        metric=in_address(metric),
        metric_name=metric_title(metric),
        metrics=metric_choices(Runs([run for run in runs if run.model.partition(":")[0] == model]), metric),
        chart=chart(trend.versions, lines, marked=place.get(version)),
        datasets=datasets,
        lines=_LINES,
        rows=list(_rows(trend, points, known, version)),
        level=next((f"{100 * one.level:g} %" for one in known.values() if one is not None), ""),
        without=sum(1 for one in shown if one.id not in known),
        notes=[visible(note) for note in unlike_notes(trend.grid)],
        infinite=any(math.isinf(value) for value in trend.grid.values.values()),
        marks=marks_of(
            shown,
            absent=len(shown) < len(trend.versions) * len(datasets),
            undefined=any(math.isnan(value) for value in trend.grid.values.values()),
        ),
    )


def _rows(
    trend: Trend, points: Mapping[str, tuple[Point, ...]], known: Mapping[str, Interval | None], marked: str
) -> Iterator[dict[str, Any]]:
    """Yield a row for each version, the latest first."""
    at = {dataset: {one.version: one for one in found} for dataset, found in points.items()}
    for version in reversed(trend.versions):
        yield {
            "version": version,
            "marked": version == marked,
            "cells": [_cell(found.get(version), known) for found in at.values()],
        }


def _cell(point: Point | None, known: Mapping[str, Interval | None]) -> dict[str, Any] | None:
    if point is None:
        return None
    interval = known.get(point.run.id)
    return {
        **scored(point.run, point.value),
        **changed(point),
        "interval": "" if interval is None else f"{number(interval.low)} to {number(interval.high)}",
    }


def changed(point: Point) -> dict[str, str]:
    """Return how a value differs from that of the version before, and its run; empty where it does not."""
    if point.before is None or math.isnan(point.change):
        return {"before": "", "change": ""}
    return {"before": point.before.id, "change": signed(point.change)}


def _value(point: Point, place: int, interval: Interval | None, dataset: str) -> Value:
    between = (
        "" if interval is None else f", {100 * interval.level:g} %: {interval.low:.4f} to {interval.high:.4f}"
    )
    low, high = (math.nan, math.nan) if interval is None else (interval.low, interval.high)
    text = f"{point.run.model} on {dataset}: {number(point.value)}{between}, run {point.run.id}"
    return Value(place, point.value, low, high, point.run.id, text)


def _intervals(
    state: State, points: Mapping[str, tuple[Point, ...]], metric: str
) -> Iterator[tuple[str, Interval | None]]:
    """Yield the intervals of runs, the latest versions first, as far as they are computed soon enough."""
    most = max(map(len, points.values()))
    images = 0
    for back in range(1, most + 1):
        for found in points.values():
            if back > len(found):
                continue
            run = found[-back].run
            images += run.images
            if images > _IMAGES:
                return
            yield run.id, interval_of(state, run, metric)


def interval_of(state: State, run: Run, metric: str) -> Interval | None:
    """Return how sure a metric of a run is, which is kept; None where nothing says so."""

    def made() -> Interval | None:
        try:
            found = run.evaluation.confidence_interval(metric)
        except SegscoreError:  # it is damaged, which its page says, or lacks the metric
            return None
        return found if found.reason is None else None

    return state.intervals.get((*identity(run), metric), made)
