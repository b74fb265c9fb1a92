"""The confusions that changed most: pairs of classes that are confused less, and those that are more."""

from typing import Any

import numpy as np

from segscore.base.values import Ints
from segscore.base.wording import visible
from segscore.classes.colours import colour
from segscore.pages.compared.given import Given
from segscore.pages.page import Panel, rendered
from segscore.pages.panels.matrix import wrong_text
from segscore.results.compared import Compared
from segscore.results.evaluated import Evaluated
from segscore.results.finding import NO_CLASS
from segscore.results.pairs import pairs_of

_TOP = 12


def panel(comparison: Compared, compared: Given) -> Panel:
    """Return the confusions that changed most: a table of what is confused less, and one of what is more."""
    keys, before, after = _pixels(*compared.sides)
    width = len(compared.sides[0].classes) + 1
    change = after - before
    most = max(1, int(np.abs(change).max(initial=0)))
    wrong = [int(side.scores.pixels - side.scores.tp.sum()) for side in compared.sides]
    tables = []
    for title, sign in (("Confused less", 1), ("Confused more", -1)):
        order = np.argsort(sign * change, kind="stable")[:_TOP]
        chosen = [i for i in order.tolist() if sign * change[i] < 0]
        rows = [_row(compared, *divmod(int(keys[i]), width), int(before[i]), int(after[i])) for i in chosen]
        rows = [row | {"share": abs(row["change_value"]) / most} for row in rows]
        tables.append({"title": title, "rows": rows})
    body = rendered(
        "compared/confusion.html",
        tables=tables,
        labels=[visible(label) for label in comparison.labels],
        wrong=[wrong_text(wrong[0]), f"{wrong[1]:,}"],
        change=f"{wrong[1] - wrong[0]:+,}",
    )
    return Panel("confusion", "Confusions that changed most", body)


def _pixels(a: Evaluated, b: Evaluated) -> tuple[Ints, Ints, Ints]:
    """Return target and prediction of the confusions as one key, and their pixels in both models."""
    width, sides = len(a.classes) + 1, []
    for evaluation in (a, b):
        pairs = pairs_of(evaluation)
        wrong = pairs.target != pairs.pred
        sides.append((pairs.target[wrong] * width + pairs.pred[wrong], pairs.pixels[wrong]))
    keys = np.unique(np.concatenate([keys for keys, _ in sides]))
    pixels = np.zeros((2, len(keys)), dtype=np.int64)
    for row, (held, counts) in zip(pixels, sides, strict=True):
        row[np.searchsorted(keys, held)] = counts
    return keys, pixels[0], pixels[1]


def _row(compared: Given, t: int, p: int, before: int, after: int) -> dict[str, Any]:
    names, of_target = compared.sides[0].classes.names, int(compared.sides[0].scores.target[t])
    none = p == len(names)
    return {
        "target": visible(names[t]),
        "target_colour": colour(compared.colours[t]),
        "pred": NO_CLASS if none else visible(names[p]),
        "pred_colour": None if none else colour(compared.colours[p]),
        "a": f"{before:,}",
        "b": f"{after:,}",
        "change": f"{after - before:+,}",
        "change_value": after - before,
        "shares": [f"{count / of_target:.1%}" for count in (before, after)],
    }
