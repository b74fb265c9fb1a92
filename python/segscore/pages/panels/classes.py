"""The table of classes: scores with bars and intervals, shares of pixels, images."""

import math
from typing import Any

import numpy as np

from segscore.classes.colours import colour
from segscore.classes.labels import label_text
from segscore.pages.page import Panel, rendered
from segscore.pages.panels.given import Given
from segscore.pages.panels.headline import of_interval
from segscore.results.evaluated import Evaluated
from segscore.results.finding import Search
from segscore.scores.metric_row import Metric
from segscore.scores.scores import Scores
from segscore.scores.summary import (
    certain,
    class_rows,
    class_state,
    mean_row,
    of_scores,
    shown_metrics,
    with_unit,
)
from segscore.statistics.intervals import LEVEL
from segscore.text.summary import MAX_ROWS


def panel(evaluation: Evaluated, report: Given) -> Panel:
    """Return the table of classes and their means; of very many classes, the first that are present."""
    scores = evaluation.scores
    count = len(scores.classes)
    rows, hidden = class_rows(scores, limit=MAX_ROWS)
    shown = range(count) if not hidden else np.flatnonzero(scores.present)[: len(rows)].tolist()
    cells = evaluation.cells
    images = np.bincount(cells.label[cells.target > 0], minlength=count).tolist()
    lines = [_row(scores, i, row, images[i], report) for i, row in zip(shown, rows, strict=True)]
    body = rendered(
        "classes.html",
        rows=lines,
        columns=[(metric.label, metric.explained) for metric in shown_metrics()],
        means=mean_row(scores)[1:-1],
        mean_covers=of_scores(scores).coverage[0],
        hidden=hidden,
        # A column that may be filled in stays where nothing comes.
        with_intervals=bool(report.later) or any(line["interval"] for line in lines),
        level=next((f"{100 * one.level:g} %" for one in report.intervals.values()), f"{100 * LEVEL:g} %"),
        later=report.later,
    )
    return Panel("classes", "Classes", body, scripts=("table.js", "chosen.js"))


def _row(scores: Scores, i: int, texts: tuple[str, ...], images: int, report: Given) -> dict[str, Any]:
    classes = scores.classes
    state = class_state(scores, i)
    shown = [(metric, float(scores.value(metric)[i])) for metric in shown_metrics()]
    return {
        "name": texts[0],
        # A class that charts can show, as images have it.
        "index": i if images else None,
        "label": label_text(classes.all_labels[i]),
        "colour": colour(report.colours[i]),
        "in_mean": bool(classes.in_mean[i]) or bool(classes.ignored_classes[i]),
        "state": state,
        "certain": certain(scores, i),
        "scores": [
            {
                "name": metric.name,
                "text": with_unit(text, metric),
                "value": None if math.isnan(value) else value,
                "reason": _reason(metric, state) if math.isnan(value) else "",
                "bar": not metric.unit,
                "link": report.images(_search(metric.name, classes.names[i], i), classes) if images else None,
            }
            for (metric, value), text in zip(shown, texts[1:-1], strict=True)
        ],
        **of_interval(report.intervals.get(f"iou.{classes.names[i]}")),
        "share": texts[-1],
        "pixels": int(scores.target[i]),
        "of_all": float(scores.target[i] / scores.pixels) if scores.pixels else 0.0,
        "images": images,
        "link": report.images(Search(target=i), classes),
    }


def _search(metric: str, name: str, index: int) -> Search:
    """Return which images are behind a score of a class: they invent or miss most of it, or score worst."""
    if metric == "precision":
        return Search(pred=index, wrong=True)
    return Search(target=index, wrong=True) if metric == "recall" else Search(metric=f"iou.{name}")


def _reason(metric: Metric, state: str) -> str:
    if state == "ignored":
        return "the class is ignored"
    if state == "absent":
        return "the class is in neither target nor prediction"
    return metric.undefined
