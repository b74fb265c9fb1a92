"""Tables of slices of the images: groups or attributes, each with its images, scores and interval."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from segscore.base.wording import visible
from segscore.pages.intervals import wanted_groups
from segscore.pages.page import Panel, rendered
from segscore.pages.panels.given import Given, Scenario
from segscore.pages.panels.headline import of_interval
from segscore.results.evaluated import Evaluated
from segscore.results.finding import Search
from segscore.results.groups import shape_numbers_of
from segscore.scores.alike import side_by_side
from segscore.scores.metric import column_metrics
from segscore.scores.metric_row import Metric
from segscore.scores.numbers import Number
from segscore.scores.shape_numbers import shape_title
from segscore.text.numbers import number, worded


def panel(evaluation: Evaluated, report: Given) -> Panel | None:
    """Return the tables of slices of the images, one an attribute; None where images have no groups."""
    if not report.scenarios:
        return None
    metrics = column_metrics(evaluation.classes)
    tables = [_table(scenario, metrics, report) for scenario in report.scenarios]
    shapes = [
        {
            "title": shape_title(one, evaluation.measures, evaluation.classes),
            "explained": one.metric.explained,
            "worst": "high" if one.metric.better == "lower" else "low",
        }
        for one in shape_numbers_of(evaluation)
    ]
    body = rendered("scenarios.html", tables=tables, metrics=metrics, shapes=shapes, later=report.later)
    return Panel("scenarios", "Scenarios", body, scripts=("table.js",))


def _table(scenario: Scenario, metrics: Sequence[Metric], report: Given) -> dict[str, Any]:
    waiting = wanted_groups(scenario) if report.later == "waiting" else ()
    rows = [
        _row(scenario, metrics, name, part, report) | {"waits": name in waiting}
        for name, part in scenario.groups.items()
    ]
    parts = list(scenario.groups.values())
    found = side_by_side(parts[0].classes, [part.scores.counts for part in parts])
    if found is not None:
        beside = zip(rows, found.covers, found.values, strict=True)
        rows = [
            row | {"covers": covers, "shared": number(value), "shared_value": value}
            for row, covers, value in beside
        ]
    return {
        "title": visible(scenario.title),
        "rows": rows,
        "hidden": scenario.hidden,
        "shared": None if found is None else found.shared,
    }


def _row(
    scenario: Scenario, metrics: Sequence[Metric], name: str, part: Evaluated, report: Given
) -> dict[str, Any]:
    found = of_interval(scenario.intervals.get(name))
    values = [float(part.scores.value(metric)) for metric in metrics]
    return {
        "name": visible(name),
        "images": len(part.names),
        "link": report.images(Search(groups={scenario.attribute: name}), part.classes),
        "scores": [{"text": number(value), "value": None if np.isnan(value) else value} for value in values],
        **found,
        "no_interval": visible(
            found["no_interval"] or ("" if found["interval"] else "only the first groups have one")
        ),
        **_worst(part),
        "shapes": [_shape(of, part.metric(of.name)) for of in shape_numbers_of(part)],
    }


def _shape(of: Number, value: float) -> dict[str, Any]:
    """Return a number of shapes as text, and to sort by; a share has a bar."""
    return {
        "text": worded(value, of.metric.digits),
        "value": None if math.isnan(value) else "Infinity" if math.isinf(value) else value,
        "bar": not of.metric.unit,
    }


def _worst(part: Evaluated) -> dict[str, str | None]:
    iou = np.where(part.classes.in_mean, part.scores.iou, np.nan)
    if np.isnan(iou).all():
        return {"worst": None, "worst_iou": None}
    i = int(np.nanargmin(iou))
    return {"worst": visible(part.classes.names[i]), "worst_iou": number(float(iou[i]))}
