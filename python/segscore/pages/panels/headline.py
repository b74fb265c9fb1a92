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
from segscore.scores.metric import headlines, whole_metrics
from segscore.scores.metric_row import Metric
from segscore.scores.summary import with_unit
from segscore.statistics.intervals import LEVEL, Interval
from segscore.text.numbers import number


def title_of(evaluation: Evaluated) -> str:
    """Return what was compared, as a heading with names of the user as they are."""
    pred = evaluation.provenance.get("pred", "").rstrip("/").rpartition("/")[2]
    group = evaluation.provenance.get("group")
    title = f"Evaluation of {pred}" if pred else "Evaluation"
    return ": ".join([title, *filter(None, (evaluation.shard, group))])


def panel(evaluation: Evaluated, report: Given) -> Panel:
    """Return the first panel of a report, without a heading of its own: the title is the page's."""
    classes, scores = evaluation.classes, evaluation.scores
    said = of_evaluation(evaluation, interval=report.intervals.get(headlines(classes)[0]))
    remarks = {one.metric: one.remark for one in said.headlines}
    shown = [metric for metric in cards(classes) if metric.name in remarks]
    names = {one.name for one in shown}
    title = visible(report.title or title_of(evaluation))
    figures = [_figure(metric, float(scores.value(metric)), remarks[metric.name], report) for metric in shown]
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


def _figure(metric: Metric, value: float, remark: str, report: Given) -> dict[str, Any]:
    return {
        "label": metric.label,
        "explained": metric.explained,
        "number": with_unit(number(value), metric),
        "in_full": number(value, 6),
        "value": None if math.isnan(value) else value,
        "undefined": remark if math.isnan(value) else "",
        "remark": "" if math.isnan(value) else remark,
        **of_interval(report.intervals.get(metric.name)),
    }


def of_interval(interval: Interval | None) -> dict[str, Any]:
    """Return an interval that has ends, else None and why it has none."""
    reason = "" if interval is None else interval.reason or ""
    return {"interval": None if reason else interval, "no_interval": reason}
