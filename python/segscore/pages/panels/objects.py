"""Objects by class: how many are matched, missed, invented, split and merged, and how well they fit."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from segscore.base.values import Floats, Ints
from segscore.base.wording import visible
from segscore.classes.colours import colour
from segscore.counts.measures import Measures
from segscore.pages.page import Panel, rendered
from segscore.pages.panels.given import Given
from segscore.pages.panels.shapes import figure
from segscore.results.evaluated import Evaluated
from segscore.results.finding import Search
from segscore.scores.average_precision import PRECISION_CONVENTIONS
from segscore.scores.matching import ANY
from segscore.scores.metric import METRICS
from segscore.scores.object_numbers import curves_shown, explained, objects_shown
from segscore.scores.object_summary import curve_columns, matched_at, objects_text, scores_of_classes
from segscore.scores.panoptic import stuff_of
from segscore.text.numbers import number
from segscore.text.summary import MAX_ROWS

_COUNTS = (
    ("missed", "targets that no prediction matches"),
    ("invented", "predictions that match no target, but for those "),
    ("split", "targets that have most of the pixels of several predictions of their class"),
    ("merged", "predictions that have most of the pixels of several targets of their class"),
)
_CURVES = {"AP": "average precision", "AR": "average recall"}


def panel(evaluation: Evaluated, report: Given) -> Panel | None:
    """Return what became of objects; None where none were told apart."""
    if not evaluation.measures.instances:
        return None
    classes, matching = evaluation.classes, evaluation.shapes.matching
    is_panoptic = evaluation.measures.instances != "detections"
    scores = scores_of_classes(evaluation.shapes)
    above = matching.at(matched_at(evaluation.measures))
    label = matching.objects.label
    several = [
        np.bincount(label[rows], minlength=len(classes)) for rows in (matching.split(), matching.merged())
    ]
    of_all = [one.sum(axis=0) for one in (above.tp, above.fn, above.fp)]
    there = np.flatnonzero(sum(of_all))
    rows = [_row(evaluation, report, i, scores, [*of_all, *several]) for i in there[:MAX_ROWS].tolist()]
    convention = PRECISION_CONVENTIONS[evaluation.measures.convention]
    body = rendered(
        "objects.html",
        later=report.later,
        is_panoptic=is_panoptic,
        components=evaluation.measures.components,
        convention=convention.title,
        told=objects_text(evaluation.shapes),
        figures=[figure(evaluation, report, name) for name in objects_shown(evaluation.measures, classes)],
        printed=None if is_panoptic else _printed(evaluation),
        shares=[_explained(name, evaluation.measures) for name in scores],
        counts=[
            (what, f"{which}{convention.excused if what == 'invented' else ''}") for what, which in _COUNTS
        ],
        rows=rows,
        hidden=max(0, len(there) - MAX_ROWS),
    )
    return Panel("objects", "Objects", body, scripts=("table.js",))


def _row(
    evaluation: Evaluated, report: Given, i: int, scores: Mapping[str, Floats], counts: Sequence[Ints]
) -> dict[str, Any]:
    """Return the row of a class, with its scores and where images are found by them."""
    classes = evaluation.classes
    name, stuff = classes.names[i], stuff_of(classes, evaluation.measures.stuff)
    return {
        "name": visible(name),
        "colour": colour(report.colours[i]),
        "stuff": bool(stuff[i]),
        "shares": [
            (
                number(float(of[i])),
                float(of[i]),
                report.images(Search(metric=_of_images(evaluation, score, name)), classes),
            )
            for score, of in scores.items()
        ],
        "counts": [int(of[i]) for of in counts],
    }


def _explained(score: str, measures: Measures) -> tuple[str, str]:
    """Return the title of a score of classes, and what it is."""
    kind, _, iou = score.partition("@")
    if not iou:
        return METRICS[kind].label, explained(METRICS[kind], measures)
    from_where = "that overlap at all" if iou == ANY else f"from an IoU of {iou} on"
    return f"F1 at {iou}", f"F1 of objects {from_where}"


def _of_images(evaluation: Evaluated, score: str, name: str) -> str:
    """Return the name of the number by which images are found where a score of a class is shown."""
    kind, at, iou = score.partition("@")
    # No image has an average precision of its own, by which it could be found.
    is_curve = kind in curves_shown(evaluation.measures)
    return evaluation.main.image_of_class(name) if is_curve else f"{kind}.{name}{at}{iou}"


def _printed(evaluation: Evaluated) -> tuple[list[str], list[tuple[str, ...]]]:
    """Return what the convention prints: titles of columns, and a row for each number."""
    columns = curve_columns(evaluation.shapes)
    columns["score"] = [_CURVES[name] for name in columns["score"]]
    columns["IoU"] = [iou.replace(":", " to ") for iou in columns["IoU"]]
    return list(columns), list(zip(*columns.values(), strict=True))
