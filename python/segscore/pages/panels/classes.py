"""The table of classes: scores with bars and intervals, shares of pixels, images."""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from segscore.classes.colours import colour
from segscore.pages.page import Panel, rendered
from segscore.scores.summary import class_rows, class_state, mean_row, of_scores
from segscore.text.numbers import number
from segscore.text.summary import MAX_ROWS

if TYPE_CHECKING:
    from segscore.pages.panels.given import Given
    from segscore.results.evaluated import Evaluated
    from segscore.scores.scores import Scores

_SCORES = ("iou", "dice", "precision", "recall")


def panel(evaluation: "Evaluated", report: "Given") -> Panel:
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
        means=mean_row(scores)[1:5],
        mean_covers=of_scores(scores).coverage[0],
        hidden=hidden,
        with_intervals=any(line["interval"] for line in lines),
        level=next((f"{100 * one.level:g} %" for one in report.intervals.values()), ""),
    )
    return Panel("classes", "Classes", body, scripts=("table.js",))


def _row(scores: "Scores", i: int, texts: tuple[str, ...], images: int, report: "Given") -> dict[str, Any]:
    classes = scores.classes
    state = class_state(scores, i)
    interval = report.intervals.get(f"iou.{classes.names[i]}")
    values = [float(getattr(scores, name)[i]) for name in _SCORES]
    return {
        "name": texts[0],
        "label": classes.labels[i],
        "colour": colour(report.colours[i]),
        "in_mean": bool(classes.in_mean[i]) or bool(classes.ignored_classes[i]),
        "state": state,
        "scores": [
            {
                "name": name,
                "text": text,
                "value": None if math.isnan(value) else value,
                "reason": _reason(name, state) if math.isnan(value) else "",
            }
            for name, text, value in zip(_SCORES, texts[1:5], values, strict=True)
        ],
        "low": None if interval is None or interval.reason is not None else interval.low,
        "high": None if interval is None or interval.reason is not None else interval.high,
        "interval": ""
        if interval is None or interval.reason is not None
        else f"{number(interval.low, 3)} to {number(interval.high, 3)}",
        "no_interval": "" if interval is None or interval.reason is None else interval.reason,
        "share": texts[-1],
        "pixels": int(scores.target[i]),
        "of_all": float(scores.target[i] / scores.pixels) if scores.pixels else 0.0,
        "images": images,
    }


def _reason(name: str, state: str) -> str:
    if state == "ignored":
        return "the class is ignored"
    if state == "absent":
        return "the class is in neither target nor prediction"
    return "the class is never predicted" if name == "precision" else "the class is not in the target"
