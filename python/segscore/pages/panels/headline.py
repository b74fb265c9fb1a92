"""The first panel: the numbers of the whole, what they cover, what is to be said, where masks came from."""

import math
from typing import Any

from segscore.base.wording import visible
from segscore.classes.classes import Classes
from segscore.pages.page import Panel, rendered
from segscore.pages.panels.given import Given
from segscore.pages.texts import facts
from segscore.results.evaluated import Evaluated
from segscore.results.summary import of_evaluation, origin
from segscore.scores.main import MAIN_PIXELS
from segscore.scores.metric import headlines, whole_metrics
from segscore.scores.metric_row import Metric
from segscore.scores.named import number_of
from segscore.scores.object_numbers import objects_shown
from segscore.scores.shape_numbers import shape_title
from segscore.scores.summary import with_unit
from segscore.statistics.intervals import LEVEL, Interval
from segscore.text.numbers import number

_OF_OBJECTS = 3
"""Numbers of objects that stand out, at most."""


def title_of(evaluation: Evaluated) -> str:
    """Return what was compared, as a heading with names of the user as they are."""
    pred = evaluation.provenance.get("pred", "").rstrip("/").rpartition("/")[2]
    group = evaluation.provenance.get("group")
    title = f"Evaluation of {pred}" if pred else "Evaluation"
    return ": ".join([title, *filter(None, (evaluation.shard, group))])


def panel(evaluation: Evaluated, report: Given) -> Panel:
    """Return the first panel of a report, without a heading of its own: the title is the page's."""
    classes = evaluation.classes
    said = of_evaluation(evaluation, interval=report.intervals.get(headlines(classes)[0]))
    remarks = {one.metric: one.remark for one in said.headlines}
    names = [*_of_objects(evaluation), *(one.name for one in _of_pixels(evaluation) if one.name in remarks)]
    title = visible(report.title or title_of(evaluation))
    figures = [_figure(evaluation, name, remarks.get(name), report) for name in names]
    no_intervals = report.no_intervals
    if report.later != "waiting" and not any(
        figure["interval"] for figure in figures
    ):  # said once instead of below each number
        no_intervals = no_intervals or next((f["no_interval"] for f in figures if f["no_interval"]), "")
        figures = [figure | {"no_interval": ""} for figure in figures]
    body = rendered(
        "headline.html",
        title=title,
        heading=report.level,
        opening=said.opening,
        verdict=said.verdict,
        complete=len(evaluation.names) == evaluation.requested,
        classes=visible(classes.title or str(classes)),
        figures=figures,
        no_intervals=visible(no_intervals),
        level=f"{100 * LEVEL:g} %",
        later=report.later,
        later_from=report.later_from,
        assumed=sorted({figure["interval"].note for figure in figures if figure["interval"]} - {None}),
        others=[(one.label, one.text) for one in said.headlines if one.metric not in names],
        coverage=said.coverage[0],
        facts=said.facts,
        failures=said.failures,
        hints=[hint.removeprefix("hint: ") for hint in said.hints],
        notes=[visible(note) for note in report.notes],
        # That images are not scored is said with their names.
        findings=[finding for finding in evaluation.findings if finding.kind != "not-scored"],
        about=facts({**report.about, **origin(evaluation.provenance)}),
    )
    return Panel("summary", title, body, heading=False)


def cards(classes: Classes) -> list[Metric]:
    """Return the metrics whose numbers stand out, those of a binary task first."""
    shown = [metric for metric in whole_metrics(classes, of_images=False) if metric.headline]
    return [metric for metric in shown if metric.card]


def _of_objects(evaluation: Evaluated) -> list[str]:
    """Return the numbers of objects that stand out, that by which models are judged first."""
    if evaluation.main == MAIN_PIXELS:
        return []
    return objects_shown(evaluation.measures, evaluation.classes)[:_OF_OBJECTS]


def _of_pixels(evaluation: Evaluated) -> list[Metric]:
    """Return those of pixels: the first alone beside those of objects, none where masks may overlap."""
    if not evaluation.measures.of_pixels:
        return []
    return cards(evaluation.classes)[: 1 if _of_objects(evaluation) else None]


def _figure(evaluation: Evaluated, name: str, remark: str | None, report: Given) -> dict[str, Any]:
    asked, value = number_of(name, evaluation.classes), evaluation.metric(name)
    metric, of_pixels = asked.metric, asked.metric.needs == "pairs"
    remark = metric.undefined if remark is None else remark
    return {
        "label": metric.label if of_pixels else shape_title(asked, evaluation.measures, evaluation.classes),
        # What numbers of objects are is said with all of them, in a panel of their own.
        "explained": metric.explained if of_pixels else "",
        "number": with_unit(number(value), metric),
        "in_full": number(value, 6),
        "value": None if math.isnan(value) else value,
        "undefined": remark if math.isnan(value) else "",
        "remark": remark if of_pixels and not math.isnan(value) else "",
        **of_interval(report.intervals.get(name)),
    }


def of_interval(interval: Interval | None) -> dict[str, Any]:
    """Return an interval that has ends, else None and why it has none."""
    reason = "" if interval is None else interval.reason or ""
    return {"interval": None if reason else interval, "no_interval": reason}
