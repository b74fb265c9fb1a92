"""The confusion matrix as a heat map of any number of classes, and the largest confusions as a list."""

from typing import Any

import numpy as np

from segscore.base.values import Ints
from segscore.base.wording import many, visible
from segscore.classes.colours import colour
from segscore.counts.rows import joined
from segscore.pages.page import Panel, rendered
from segscore.pages.panels.given import Given
from segscore.results.evaluated import Evaluated
from segscore.results.finding import NO_CLASS, Search
from segscore.results.pairs import Pairs, pairs_of
from segscore.scores.similarity import by_similarity
from segscore.text.numbers import percent

MAX_CLASSES = 400
"""Most classes that have cells of their own: others are one row and one column."""
_TOP = 15
_FEW = 16
"""Classes whose matrix leaves room for the list beside it."""


def panel(evaluation: Evaluated, report: Given) -> Panel:
    """Return the confusion matrix, where it is drawn, and the largest confusions."""
    scores, pairs = evaluation.scores, pairs_of(evaluation)
    shown = np.flatnonzero(scores.present)
    drawn = len(shown) > 0
    wrong = int(scores.pixels - scores.tp.sum())
    left_out = [scores.names_of(~scores.present)] if drawn else []
    body = rendered(
        "matrix.html",
        drawn=drawn,
        few=len(shown) <= _FEW,
        classes=many(len(shown), "class"),
        absent=len(left_out[0]) if left_out else 0,
        top=_top(evaluation, pairs, report),
        any_scored=scores.pixels > 0,
        wrong=wrong_text(wrong) if wrong else "",
        wrong_share=percent(wrong, scores.pixels) if wrong else "",
    )
    data = _data(evaluation, pairs, shown) if drawn else None
    scripts = ("chosen.js", "behind.js", "matrix.js") if drawn else ()
    return Panel("confusion", "Confusion matrix", body, data, scripts=scripts)


def wrong_text(pixels: int) -> str:
    """Return how many pixels, 1 or more, are wrong: a subject and its verb, to begin a sentence with.

    Examples
    --------
    >>> wrong_text(1), wrong_text(1_234)
    ('1 pixel is wrong', '1,234 pixels are wrong')
    """
    return f"{many(pixels, 'pixel')} {'is' if pixels == 1 else 'are'} wrong"


def _data(evaluation: Evaluated, pairs: Pairs, present: Ints) -> dict[str, Any]:
    """Return what the heat map is drawn from; classes that are nowhere are left out.

    Of more than `MAX_CLASSES` those with the largest confusions are there, and the others as one. `similar`
    is the order in which classes that are confused are neighbours, and `most` that of their confusions.
    """
    scores, count = evaluation.scores, len(evaluation.classes)
    most = _most_confused(pairs, present)
    shown = np.sort(most[:MAX_CLASSES])
    others = np.setdiff1d(present, shown)
    place = np.full(count + 1, -1, dtype=np.int64)
    place[shown] = np.arange(len(shown))
    place[others] = len(shown)
    place[-1] = none = len(shown) + bool(len(others))
    (keys,), pixels = joined([place[pairs.target] * (none + 1) + place[pairs.pred]], pairs.pixels)
    target, pred = np.divmod(keys, none + 1)
    known = (target < len(shown)) & (pred < len(shown))
    sums = [
        [*of[shown].tolist(), *([int(of[others].sum())] if len(others) else [])]
        for of in (scores.target, scores.pred)
    ]
    return {
        "index": shown,
        "names": [visible(scores.classes.names[i]) for i in shown.tolist()],
        "others": len(others),
        "none": NO_CLASS,
        "target": sums[0],
        "pred": [*sums[1], int(scores.missed.sum())],
        "cells": np.stack([target, pred, pixels], axis=1).ravel(),
        "right": int(scores.tp[others].sum()),
        "similar": by_similarity(target[known], pred[known], pixels[known], scores.target[shown]),
        "most": place[most[:MAX_CLASSES]],
    }


def _most_confused(pairs: Pairs, present: Ints) -> Ints:
    """Return the classes in the order in which they come in the largest confusions; then those in none."""
    seen = np.stack([pairs.target, pairs.pred], axis=1)[pairs.confusions()].ravel()
    classes, first = np.unique(np.concatenate([seen, present]), return_index=True)
    order = classes[np.argsort(first)]
    return order[np.isin(order, present)]


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
                "link": report.images(Search(target=t, pred=p), scores.classes),
                "of_target": percent(pixels, int(scores.target[t])),
                "of_target_value": pixels / int(scores.target[t]),
                "of_wrong": percent(pixels, all_wrong),
                "of_wrong_value": pixels / all_wrong,
            }
        )
    return rows
