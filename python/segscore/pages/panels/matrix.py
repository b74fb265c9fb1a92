"""The confusion matrix as a heat map of any number of classes, and the largest confusions as a list."""

from typing import Any

import numpy as np

from segscore.base.values import Ints
from segscore.base.wording import many, visible
from segscore.classes.colours import colour
from segscore.pages.page import Panel, rendered
from segscore.pages.panels.given import Given
from segscore.results.evaluated import Evaluated
from segscore.results.finding import NO_CLASS
from segscore.results.pairs import Pairs, pairs_of
from segscore.text.numbers import percent

MAX_CLASSES = 400
"""Most classes that are drawn: more cells than pixels say nothing."""
_TOP = 15
_FEW = 16
"""Classes whose matrix leaves room for the list beside it."""


def panel(evaluation: Evaluated, report: Given) -> Panel:
    """Return the confusion matrix, where it is drawn, and the largest confusions."""
    scores, pairs = evaluation.scores, pairs_of(evaluation)
    shown = np.flatnonzero(scores.present)
    drawn = 0 < len(shown) <= MAX_CLASSES
    wrong = int(scores.pixels - scores.tp.sum())
    left_out = [scores.names_of(~scores.present)] if drawn else []
    body = rendered(
        "matrix.html",
        drawn=drawn,
        few=len(shown) <= _FEW,
        classes=many(len(shown), "class"),
        limit=MAX_CLASSES,
        absent=len(left_out[0]) if left_out else 0,
        top=_top(evaluation, pairs, report),
        any_scored=scores.pixels > 0,
        wrong=wrong_text(wrong) if wrong else "",
        wrong_share=percent(wrong, scores.pixels) if wrong else "",
    )
    data = _data(evaluation, pairs, shown) if drawn else None
    return Panel("confusion", "Confusion matrix", body, data, scripts=("matrix.js",) if drawn else ())


def wrong_text(pixels: int) -> str:
    """Return how many pixels, 1 or more, are wrong: a subject and its verb, to begin a sentence with.

    Examples
    --------
    >>> wrong_text(1), wrong_text(1_234)
    ('1 pixel is wrong', '1,234 pixels are wrong')
    """
    return f"{many(pixels, 'pixel')} {'is' if pixels == 1 else 'are'} wrong"


def _data(evaluation: Evaluated, pairs: Pairs, shown: Ints) -> dict[str, Any]:
    """Return what the heat map is drawn from; classes that are nowhere are left out."""
    scores = evaluation.scores
    place = np.full(len(scores.classes) + 1, -1, dtype=np.int64)
    place[shown] = np.arange(len(shown))
    place[-1] = len(shown)
    cells = np.stack([place[pairs.target], place[pairs.pred], pairs.pixels], axis=1)
    return {
        "names": [visible(scores.classes.names[i]) for i in shown.tolist()],
        "none": NO_CLASS,
        "target": scores.target[shown],
        "pred": [*scores.pred[shown].tolist(), int(scores.missed.sum())],
        "cells": cells.ravel(),
    }


def _top(evaluation: Evaluated, pairs: Pairs, report: Given) -> list[dict[str, Any]]:
    """Return the confusions with the most pixels first; equal ones in the order of the classes."""
    scores = evaluation.scores
    names = [visible(name) for name in scores.classes.names]
    chosen = pairs.confusions()[:_TOP].tolist()
    all_wrong = int(scores.pixels - scores.tp.sum())
    rows = []
    for i in chosen:
        t, p, pixels = int(pairs.target[i]), int(pairs.pred[i]), int(pairs.pixels[i])
        none = p == len(names)
        rows.append(
            {
                "target": names[t],
                "target_colour": colour(report.colours[t]),
                "pred": NO_CLASS if none else names[p],
                "pred_colour": None if none else colour(report.colours[p]),
                "pixels": f"{pixels:,}",
                "of_target": percent(pixels, int(scores.target[t])),
                "of_target_value": pixels / int(scores.target[t]),
                "of_wrong": percent(pixels, all_wrong),
                "of_wrong_value": pixels / all_wrong,
            }
        )
    return rows
