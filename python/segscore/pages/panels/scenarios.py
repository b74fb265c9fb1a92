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
from segscore.results.groups import Column, columns_of, shape_numbers_of, worst_class
from segscore.scores.alike import side_by_side
from segscore.scores.numbers import Number
from segscore.scores.shape_numbers import shape_title
from segscore.text.numbers import number, worded


def panel(evaluation: Evaluated, report: Given) -> Panel | None:
    """Return the tables of slices of the images, one an attribute; None where images have no groups."""
    if not report.scenarios:
        return None
    columns, of_pixels = columns_of(evaluation), evaluation.measures.of_pixels
    tables = [_table(scenario, columns, report) for scenario in report.scenarios]
    shapes = [
        {
            "title": shape_title(one, evaluation.measures, evaluation.classes),
            "explained": one.metric.explained,
            "worst": "high" if one.metric.better == "lower" else "low",
        }
        for one in (shape_numbers_of(evaluation) if of_pixels else ())
    ]
    body = rendered(
        "scenarios.html",
        tables=tables,
        columns=columns,
        sure=evaluation.main_of_tables.whole,
        judged=evaluation.main_of_tables.label,
        kind=evaluation.main_of_tables.class_label,
        shapes=shapes,
        later=report.later,
    )
    return Panel("scenarios", "Scenarios", body, scripts=("table.js",))


def _table(scenario: Scenario, columns: Sequence[Column], report: Given) -> dict[str, Any]:
    waiting = wanted_groups(scenario) if report.later == "waiting" else ()
    rows = [
        _row(scenario, columns, name, part, report) | {"waits": name in waiting}
        for name, part in scenario.groups.items()
    ]
    parts = list(scenario.groups.values())
    of_pixels = parts[0].measures.of_pixels
    found = side_by_side(parts[0].classes, [part.scores.counts for part in parts]) if of_pixels else None
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
    scenario: Scenario, columns: Sequence[Column], name: str, part: Evaluated, report: Given
) -> dict[str, Any]:
    found = of_interval(scenario.intervals.get(name))
    values = [part.metric(column.name) for column in columns]
    worst, its_value = worst_class(part)
    search = Search(groups={scenario.attribute: name}, metric=part.main_of_tables.image)
    return {
        "name": visible(name),
        "images": len(part.names),
        "link": report.images(search, part.classes),
        "scores": [{"text": number(value), "value": None if np.isnan(value) else value} for value in values],
        **found,
        "no_interval": visible(
            found["no_interval"] or ("" if found["interval"] else "only the first groups have one")
        ),
        "worst": visible(worst) or None,
        "worst_value": number(its_value),
        "shapes": [_shape(of, part.metric(of.name)) for of in shape_numbers_of(part)],
    }


def _shape(of: Number, value: float) -> dict[str, Any]:
    """Return a number of shapes as text, and to sort by; a share has a bar."""
    return {
        "text": worded(value, of.metric.digits),
        "value": None if math.isnan(value) else "Infinity" if math.isinf(value) else value,
        "bar": not of.metric.unit,
    }
