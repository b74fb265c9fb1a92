"""Objects that were missed, invented, split or merged: the largest of each kind, with the image around it."""

from collections import Counter
from typing import Any

from segscore.base.wording import many, visible
from segscore.classes.colours import colour
from segscore.pages.crops import COLOURS, Crop
from segscore.pages.page import Panel, data_uri, rendered
from segscore.pages.panels.given import Given
from segscore.results.evaluated import Evaluated
from segscore.results.finding import Search
from segscore.scores.object_summary import matched_at
from segscore.text.numbers import percent

_KINDS = {
    "missed": "Targets that no prediction matches",
    "invented": "Predictions that match no target",
    "split": "Targets that several predictions share",
    "merged": "Predictions that take in several targets",
}
_THERE = {
    "missed": ("Predicted there", "Nothing is predicted there."),
    "invented": ("Target there", "No target is there."),
}
"""What stands before the classes of what overlaps an object, and where nothing does."""
_MAX_REASONS = 5


def panel(evaluation: Evaluated, report: Given) -> Panel | None:
    """Return the largest objects of each kind; None where there are none."""
    if not report.crops:
        return None
    matching = evaluation.shapes.matching
    found = matching.at(matched_at(evaluation.measures))
    rows = (found.missed, found.invented, matching.split(), matching.merged())
    total = dict(zip(_KINDS, map(len, rows), strict=True))
    kinds = [
        {
            "name": kind,
            "title": title,
            "total": total[kind],
            "cards": [_card(evaluation, report, one) for one in report.crops if one.kind == kind],
        }
        for kind, title in _KINDS.items()
        if total[kind]
    ]
    reasons = Counter(one.reason for one in report.crops if one.reason)
    shown = any(one.target for one in report.crops)
    body = rendered(
        "crops.html",
        kinds=kinds,
        reasons=[
            (visible(reason), many(count, "object")) for reason, count in reasons.most_common(_MAX_REASONS)
        ],
        colours=[(name, colour(value)) for name, value in COLOURS.items()] if shown else [],
    )
    return Panel("crops", "Missed and invented objects", body)


def _card(evaluation: Evaluated, report: Given, one: Crop) -> dict[str, Any]:
    """Return what is shown of an object: where it is, what it is, and pictures of it if there are any."""
    search = Search(image=one.image)
    pictures = {
        "Image": (one.photograph, "image/jpeg"),
        "Target": (one.target, "image/png"),
        "Prediction": (one.pred, "image/png"),
    }
    return {
        "image": visible(evaluation.names[one.image]),
        "link": report.images(search, evaluation.classes),
        "name": visible(evaluation.classes.names[one.label]),
        "colour": colour(report.colours[one.label]),
        "pixels": many(one.pixels, "pixel"),
        "there": _THERE.get(one.kind),
        "over": [
            (
                visible(evaluation.classes.names[label]),
                colour(report.colours[label]),
                percent(shared, one.pixels, 0),
            )
            for label, shared in one.over
        ],
        "id": one.id,
        "width": one.size[0],
        "height": one.size[1],
        "pictures": [
            (title, data_uri(content, kind)) for title, (content, kind) in pictures.items() if content
        ],
    }
