"""Objects by class: how many are matched, missed, invented, split and merged, and how well they fit."""

import numpy as np

from segscore.base.wording import visible
from segscore.classes.colours import colour
from segscore.pages.page import Panel, rendered
from segscore.pages.panels.given import Given
from segscore.pages.panels.shapes import figure
from segscore.results.evaluated import Evaluated
from segscore.results.finding import Search
from segscore.scores.matching import ANY
from segscore.scores.metric import METRICS
from segscore.scores.object_numbers import curves_shown, objects_shown
from segscore.scores.object_summary import (
    curve_columns,
    f1_of_classes,
    matched_at,
    objects_text,
    of_classes,
    of_curves,
)
from segscore.scores.panoptic import stuff_of
from segscore.scores.precision_asked import CONVENTIONS
from segscore.text.numbers import number
from segscore.text.summary import MAX_ROWS

_COUNTS = (
    ("missed", "targets that no prediction matches"),
    ("invented", "predictions that match no target, but for those on void and crowds"),
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
    above = matching.at(matched_at(evaluation.measures))
    kinds = ("pq", "sq", "rq") if is_panoptic else ()
    names = [(kind, METRICS[kind].label, METRICS[kind].explained) for kind in kinds]
    curves = {} if is_panoptic else curves_shown(evaluation.measures)
    names += [(kind, METRICS[kind].label, METRICS[kind].explained) for kind in curves]
    f1 = f1_of_classes(evaluation.shapes)
    names += [(f"f1@{iou}", f"F1 at {iou}", f"F1 of objects {_from(iou)}") for iou in f1]
    values = [of_classes(kind, above) for kind in kinds] + list(of_curves(evaluation.shapes).values())
    values += f1.values()
    stuff = stuff_of(classes, evaluation.measures.stuff)
    label = matching.objects.label
    several = [
        np.bincount(label[rows], minlength=len(classes)) for rows in (matching.split(), matching.merged())
    ]
    of_all = [one.sum(axis=0) for one in (above.tp, above.fn, above.fp)]
    counts = [*of_all, *several]
    there = np.flatnonzero(sum(of_all))
    body = rendered(
        "objects.html",
        later=report.later,
        is_panoptic=is_panoptic,
        components=evaluation.measures.components,
        convention=CONVENTIONS[evaluation.measures.convention],
        told=objects_text(evaluation.shapes),
        figures=[figure(evaluation, report, name) for name in objects_shown(evaluation.measures)],
        printed=None if is_panoptic else _printed(evaluation),
        shares=[(title, explained) for _, title, explained in names],
        counts=_COUNTS,
        rows=[
            {
                "name": visible(classes.names[i]),
                "colour": colour(report.colours[i]),
                "stuff": bool(stuff[i]),
                "shares": [
                    (
                        number(float(of[i])),
                        float(of[i]),
                        # No image has an average precision of its own, by which it could be found.
                        report.images(
                            Search(
                                metric=evaluation.main.image_of_class(classes.names[i])
                                if kind in curves
                                else _named(kind, classes.names[i])
                            ),
                            classes,
                        ),
                    )
                    for (kind, *_), of in zip(names, values, strict=True)
                ],
                "counts": [int(of[i]) for of in counts],
            }
            for i in there[:MAX_ROWS].tolist()
        ],
        hidden=max(0, len(there) - MAX_ROWS),
    )
    return Panel("objects", "Objects", body, scripts=("table.js",))


def _from(iou: float | str) -> str:
    return "that overlap at all" if iou == ANY else f"from an IoU of {iou} on"


def _printed(evaluation: Evaluated) -> tuple[list[str], list[tuple[str, ...]]]:
    """Return what the convention prints: titles of columns, and a row for each number."""
    columns = curve_columns(evaluation.shapes)
    columns["score"] = [_CURVES[name] for name in columns["score"]]
    columns["IoU"] = [iou.replace(":", " to ") for iou in columns["IoU"]]
    return list(columns), list(zip(*columns.values(), strict=True))


def _named(kind: str, name: str) -> str:
    """Return the name of a number of a class."""
    start, at, iou = kind.partition("@")
    return f"{start}.{name}{at}{iou}"
