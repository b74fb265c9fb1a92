"""Tables of slices of the images: groups or attributes, each with its images, scores and interval."""

from typing import Any

import numpy as np

from segscore.base.wording import visible
from segscore.pages.page import Panel, rendered
from segscore.pages.panels.given import Given, Scenario
from segscore.results.evaluated import Evaluated
from segscore.text.numbers import number


def panel(report: Given) -> Panel | None:
    """Return the tables of slices of the images, one an attribute; None where images have no groups."""
    if not report.scenarios:
        return None
    body = rendered("scenarios.html", tables=[_table(scenario) for scenario in report.scenarios])
    return Panel("scenarios", "Scenarios", body, scripts=("table.js",))


def _table(scenario: Scenario) -> dict[str, Any]:
    return {
        "title": visible(scenario.title),
        "rows": [_row(scenario, name, part) for name, part in scenario.groups.items()],
        "hidden": scenario.hidden,
    }


def _row(scenario: Scenario, name: str, part: Evaluated) -> dict[str, Any]:
    scores, interval = part.scores, scenario.intervals.get(name)
    given = interval if interval is not None and interval.reason is None else None
    reason = interval.reason if interval is not None else scenario.reasons.get(name)
    values = (scores.mean_iou, scores.mean_dice, scores.pixel_accuracy)
    return {
        "name": visible(name),
        "images": len(part.names),
        "scores": [{"text": number(value), "value": None if np.isnan(value) else value} for value in values],
        "low": None if given is None else given.low,
        "high": None if given is None else given.high,
        "interval": "" if given is None else f"{number(given.low)} to {number(given.high)}",
        "no_interval": "" if given is not None else visible(reason or "only the first groups have one"),
        **_worst(part),
    }


def _worst(part: Evaluated) -> dict[str, str | None]:
    iou = np.where(part.classes.in_mean, part.scores.iou, np.nan)
    if np.isnan(iou).all():
        return {"worst": None, "worst_iou": None}
    i = int(np.nanargmin(iou))
    return {"worst": visible(part.classes.names[i]), "worst_iou": number(float(iou[i]))}
