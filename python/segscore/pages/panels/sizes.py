"""The size of each class in single images against its IoU there: points for charts, and thirds as a table."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from segscore.base.values import Ints
from segscore.base.wording import many, visible
from segscore.classes.colours import colour
from segscore.pages.page import Panel, rendered
from segscore.pages.panels.given import Given
from segscore.pages.texts import short_name
from segscore.results.evaluated import Evaluated
from segscore.scores.sizes import THIRDS, Sizes, sizes_of
from segscore.text.numbers import number, percent, signed
from segscore.text.summary import MAX_ROWS

MAX_POINTS = 24_000
"""Points of all classes together: more would make the page large, and say no more."""


def panel(evaluation: Evaluated, report: Given) -> Panel | None:
    """Return the sizes of classes and their IoU; None where no target has a class that is scored."""
    found = list(sizes_of(evaluation.cells))
    if not found:
        return None
    shown, names = found[:MAX_ROWS], evaluation.classes.names
    kept = [_spread(len(one.image), _most([len(other.image) for other in shown])) for one in shown]
    images = np.unique(np.concatenate([one.image[at] for one, at in zip(shown, kept, strict=True)]))
    first = _first(evaluation, shown)
    data = {
        "first": first,
        "images": images,
        "names": [short_name(evaluation.names[i]) for i in images.tolist()],
        "classes": [
            {
                "index": one.label,
                "name": short_name(names[one.label]),
                "told": _told(short_name(names[one.label]), one, len(at)),
                "points": np.stack(
                    [np.searchsorted(images, one.image[at]), one.target[at], one.pred[at], one.tp[at]], axis=1
                ).ravel(),
                "thirds": [third[1:] for third in one.thirds],
            }
            for one, at in zip(shown, kept, strict=True)
        ],
    }
    body = rendered(
        "sizes.html",
        rows=[_row(evaluation, report, one) for one in shown],
        first=f"the weakest: {short_name(names[first], 24)}",
        hidden=len(found) - len(shown),
    )
    scripts = ("table.js", "chosen.js", "behind.js", "points.js", "sizes.js")
    return Panel("sizes", "Size and IoU", body, data, scripts=scripts)


def _most(counts: Sequence[int]) -> int:
    """Return how many points each class may have, so that all have no more than `MAX_POINTS` together."""
    room, left = MAX_POINTS, len(counts)
    for count in sorted(counts):
        if count * left > room:
            return max(2, room // left)
        room, left = room - count, left - 1
    return max(counts)


def _spread(count: int, most: int) -> Ints:
    """Return the places of at most so many of the images, evenly by size, the ends among them."""
    if count <= most:
        return np.arange(count)
    return np.arange(most) * (count - 1) // (most - 1)


def _first(evaluation: Evaluated, shown: Sequence[Sizes]) -> int:
    """Return the class that is shown unless another is: of those in the mean the weakest."""
    iou, in_mean = evaluation.scores.iou, evaluation.classes.in_mean
    return min((one.label for one in shown), key=lambda i: (not in_mean[i], iou[i], i))


def _told(name: str, one: Sizes, drawn: int) -> str:
    """Return what the charts of a class say, in sentences."""
    count = len(one.image)
    said = [f"{name} is in the targets of {many(count, 'image')}"]
    if drawn < count:
        said[0] += f", of which {drawn:,} are drawn, evenly by size"
    if one.thirds:
        small, _, large = one.thirds
        said.append(
            f"Its median IoU is {number(small.median_iou)} in the smallest third of them "
            f"({small.low:,} to {small.high:,} pixels) and {number(large.median_iou)} in the largest "
            f"({large.low:,} to {large.high:,})"
        )
    missed = int(np.count_nonzero(one.pred == 0))
    if missed:
        said.append(f"In {missed:,} of them ({percent(missed, count)}) nothing is called so")
    return " ".join(f"{sentence}." for sentence in said)


def _row(evaluation: Evaluated, report: Given, one: Sizes) -> dict[str, Any]:
    correlation = one.correlation
    return {
        "index": one.label,
        "name": visible(evaluation.classes.names[one.label]),
        "colour": colour(report.colours[one.label]),
        "images": len(one.image),
        "thirds": one.thirds or (None,) * THIRDS,
        "correlation": None if math.isnan(correlation) else correlation,
        "correlation_text": signed(correlation, 2),
        "ratio": one.median_ratio,
        "ratio_text": f"{one.median_ratio:.0%}",
    }
