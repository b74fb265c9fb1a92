"""The table of classes: what got better and what got worse, the largest gain first."""

import math
from typing import Any

import numpy as np

from segscore.base.wording import visible
from segscore.classes.colours import colour
from segscore.classes.labels import label_text
from segscore.counts.objects import PRED
from segscore.pages.compared.bars import limit_of
from segscore.pages.compared.given import Given
from segscore.pages.compared.headline import figure
from segscore.pages.page import Panel, rendered
from segscore.results.compared import Compared, Difference
from segscore.results.evaluated import Evaluated
from segscore.scores.main import MAIN_PIXELS
from segscore.text.summary import MAX_ROWS


def panel(comparison: Compared, compared: Given) -> Panel:
    """Return the table of classes under both models: the largest gain first, classes in no target last."""
    classes, main = compared.sides[0].classes, comparison.main
    images = _images(comparison, compared)
    known = {main.class_of(one.name): one for one in comparison.classes}
    limit = limit_of(value for one in known.values() for value in (one.difference, one.low, one.high))
    rows = [
        {
            **figure(known[name], limit),
            **_class(compared, i),
            "images": images[i],
            "state": "",
        }
        for i, name in enumerate(classes.names)
        if name in known
    ]
    rows.sort(key=lambda row: math.inf if row["numbers"][2] is None else -row["numbers"][2])
    others = [_other(comparison, compared, i) for i, name in enumerate(classes.names) if name not in known]
    shown = [*rows, *others][:MAX_ROWS]
    ways = [row["way"] for row in rows]
    body = rendered(
        "compared/classes.html",
        rows=shown,
        hidden=len(rows) + len(others) - len(shown),
        labels=[visible(label) for label in comparison.labels],
        level=f"{100 * comparison.level:g} %",
        better=ways.count("better"),
        worse=ways.count("worse"),
        others=_others(rows),
        together=len(comparison.judged),
        untested=comparison.untestable or "",
        limit=f"{limit:.3f}",
        measure=main.class_label,
        later=compared.later,
    )
    return Panel("classes", "Classes", body, scripts=("table.js",))


def _others(rows: list[dict[str, Any]]) -> str:
    """Return how many classes neither got better nor worse beyond chance, and why; empty for none."""
    changes = [row["numbers"][2] for row in rows if not row["way"]]
    open_, same, undefined = sum(map(bool, changes)), changes.count(0.0), changes.count(None)
    parts = [
        f"{open_:,} may have changed by chance" if open_ else "",
        f"{same:,} did not change" if same else "",
        f"{undefined:,} cannot be compared" if undefined else "",
    ]
    return "".join(f"; {part}" for part in parts if part)


def _images(comparison: Compared, compared: Given) -> list[int]:
    """Return how many images have each class in their target."""
    side = compared.sides[0]
    if comparison.main != MAIN_PIXELS:
        images = side.shapes.matching.held.sum(axis=0)
    else:
        images = np.bincount(side.cells.label[side.cells.target > 0], minlength=len(side.classes))
    return [int(number) for number in images]


def _other(comparison: Compared, compared: Given, i: int) -> dict[str, Any]:
    """Return the row of a class that is in no target, so that nothing about it was compared."""
    classes, name = compared.sides[0].classes, comparison.main.of_class(compared.sides[0].classes.names[i])
    a, b = (side.metric(name) for side in compared.sides)
    if classes.ignored_classes[i]:
        state = "ignored"
    else:
        predicted = any(_is_predicted(comparison, side, i) for side in compared.sides)
        state = "only predicted" if predicted else "absent"
    reason = "the class is ignored" if state == "ignored" else "the class is in no target"
    nan = math.nan
    nothing = Difference("iou", a, b, nan, nan, nan, nan, reason, nan, significant=False)
    return {
        **figure(nothing, limit=1.0),
        **_class(compared, i),
        "images": 0,
        "state": state,
        "undefined": reason,
        "p": "",
        "p_value": None,
    }


def _is_predicted(comparison: Compared, side: Evaluated, i: int) -> bool:
    if comparison.main == MAIN_PIXELS:
        return bool(side.scores.pred[i])
    objects = side.shapes.matching.objects
    return bool(((objects.side == PRED) & (objects.label == i)).any())


def _class(compared: Given, i: int) -> dict[str, Any]:
    classes = compared.sides[0].classes
    shown, label = visible(classes.names[i]), label_text(classes.all_labels[i])
    return {"name": shown, "label": label, "colour": colour(compared.colours[i])}
