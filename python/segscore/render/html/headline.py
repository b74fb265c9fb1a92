"""The first panel: the numbers of the whole, what they cover, what is to be said, where masks came from."""

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from segscore.render import summary
from segscore.render.html.page import Panel, rendered
from segscore.render.html.texts import fact, many, number
from segscore.render.names import visible
from segscore.render.numbers import percent

if TYPE_CHECKING:
    from segscore.evaluation import Evaluation
    from segscore.render.html.report import Report
    from segscore.statistics import Interval

_FIRST = ("mean_iou", "mean_dice", "pixel_accuracy", "mean_accuracy")
_FOREGROUND = ("foreground_iou", "foreground_dice")
_LABELS = {
    "foreground_iou": "foreground IoU",
    "foreground_dice": "foreground Dice",
    "mean_iou": "mean IoU",
    "mean_dice": "mean Dice",
    "pixel_accuracy": "pixel accuracy",
    "mean_accuracy": "mean accuracy",
}
_EXPLAINED = {
    "foreground_iou": "overlap of the foreground with its target, over both together",
    "foreground_dice": "overlap of the foreground, counted twice, over the sum of both",
    "mean_iou": "overlap of prediction and target over both together, mean over classes",
    "mean_dice": "overlap counted twice over the sum of both, mean over classes",
    "pixel_accuracy": "share of scored pixels that are right",
    "mean_accuracy": "share of the pixels of each class that are right, mean over classes",
}
_PLACES = {"pred": "predictions", "target": "targets", "pairing": "pairing pattern"}


def title_of(evaluation: "Evaluation") -> str:
    """Return what was compared, as a heading."""
    pred = evaluation.provenance.get("pred", "").rstrip("/").rpartition("/")[2]
    group = evaluation.provenance.get("group")
    title = f"Evaluation of {pred}" if pred else "Evaluation"
    return title if group is None else f"{title}: {group}"


def panel(evaluation: "Evaluation", report: "Report") -> Panel:
    """Return the panel."""
    said, scores = summary.of_evaluation(evaluation), evaluation.scores
    undefined = {label: _reason(value) for label, value in said.headlines}
    classes = evaluation.classes
    title = visible(report.title or title_of(evaluation))
    first = [*(_FOREGROUND if classes.background is not None else ()), *_FIRST]
    present = int((scores.present & classes.in_mean).sum())
    figures = [_figure(name, getattr(scores, name), undefined, report) for name in first]
    no_intervals = report.no_intervals
    if not any(figure["interval"] for figure in figures):  # said once instead of below each number
        no_intervals = no_intervals or next((f["no_interval"] for f in figures if f["no_interval"]), "")
        figures = [figure | {"no_interval": ""} for figure in figures]
    body = rendered(
        "headline.html",
        title=title,
        opening=said.opening,
        complete=len(evaluation.names) == evaluation.requested,
        classes=visible(classes.title or str(classes)),
        figures=figures,
        no_intervals=visible(no_intervals),
        assumed=sorted({figure["interval"]["note"] for figure in figures if figure["interval"]} - {""}),
        others=[(label, value) for label, value in said.headlines],
        covered=f"{present:,} of {many(len(classes), 'class')}",
        coverage=said.coverage[0],
        pixels=f"{scores.pixels:,}",
        ignored=_share(scores.ignored, scores.pixels + scores.ignored),
        missed=_share(int(scores.missed.sum()), scores.pixels),
        facts=said.facts,
        failures=said.failures,
        hints=[hint.removeprefix("hint: ") for hint in said.hints],
        notes=[visible(note) for note in report.notes],
        findings=[
            {"severity": f.severity, "message": visible(f.message), "hint": visible(f.hint)}
            for f in evaluation.findings
            if f.kind != "not-scored"  # said with the names of the images
        ],
        about=list(_about(evaluation.provenance, report.about)),
    )
    return Panel("summary", title, body, heading=False)


def _figure(name: str, value: float, undefined: Mapping[str, str], report: "Report") -> dict[str, Any]:
    interval = report.intervals.get(name)
    return {
        "label": _LABELS[name],
        "explained": _EXPLAINED[name],
        "number": number(value),
        "value": None if math.isnan(value) else value,
        "undefined": undefined[_LABELS[name]] if math.isnan(value) else "",
        "interval": None if interval is None or interval.reason is not None else _interval(interval),
        "no_interval": "" if interval is None or interval.reason is None else interval.reason,
    }


def _interval(interval: "Interval") -> dict[str, Any]:
    return {
        "level": f"{100 * interval.level:g} %",
        "low": interval.low,
        "high": interval.high,
        "text": f"{number(interval.low)} to {number(interval.high)}",
        "note": interval.note or "",
        "units": f"{interval.units:,} {interval.kind}",
    }


def _reason(value: str) -> str:
    """Return why a headline of the summary is undefined; it stands in parentheses."""
    return value.partition(" (")[2].removesuffix(")")


def _share(part: int, whole: int) -> str:
    return f"{part:,} ({percent(part, whole)})" if part else "none"


def _about(provenance: Mapping[str, str], about: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key, value in about.items():
        yield visible(key), fact(key, value)
    for key, value in provenance.items():
        if key not in summary.DERIVED:  # those are sentences of the summary
            yield visible(_PLACES.get(key, key)), visible(value)
