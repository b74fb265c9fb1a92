"""The sentences that sum up an evaluation: its first number, its weakest classes, its largest confusion."""

import math

import numpy as np

from segscore.base.wording import capital
from segscore.results.evaluated import Evaluated
from segscore.results.finding import NO_CLASS
from segscore.results.pairs import pairs_of
from segscore.scores.metric import METRICS, headlines
from segscore.scores.object_summary import object_verdict
from segscore.scores.scores import Scores
from segscore.scores.summary import one_class_text
from segscore.statistics.intervals import Interval
from segscore.text.names import listed
from segscore.text.numbers import brief, percent

_WEAKEST = 3
"""Classes that are named, at most, and no more than half of those that have an IoU."""

_NOTABLE = 0.05
"""Share of the wrong pixels from which on a confusion is worth a word."""


def verdict(evaluation: Evaluated, interval: Interval | None = None) -> str:
    """Return what is to be known first, in one to three short sentences, and before them one of objects.

    The number is the first of the headlines, with its interval if that is given and has ends. The weakest
    classes are those of the mean with the lowest IoU; equal ones are in the order of the classes, and those
    that are not named for want of room are counted. The confusion is the one with the most pixels, unless
    these are few of the wrong ones.
    """
    told = object_verdict(evaluation.shapes)
    if not evaluation.shapes.measures.of_pixels:
        return told
    pixels = _of_pixels(evaluation, interval)
    return f"{told} {pixels}" if told else pixels


def _of_pixels(evaluation: Evaluated, interval: Interval | None) -> str:
    scores = evaluation.scores
    metric = METRICS[headlines(evaluation.classes)[0]]
    label, value = capital(metric.label), float(scores.value(metric))
    if math.isnan(value):
        return f"{label} is undefined: {metric.undefined if scores.pixels else 'no pixel is scored'}."
    sure = interval is not None and interval.metric == metric.name and interval.reason is None
    if interval is not None and sure:
        number = f"{brief(value, 3)} ({brief(interval.low, 3)} to {brief(interval.high, 3)})"
    else:
        number = brief(value)
    told = [f"{label} {number}", one_class_text(scores) or _weakest(scores), _errors(evaluation)]
    return " ".join(f"{sentence}." for sentence in told if sentence)


def _weakest(scores: Scores) -> str:
    """Return the classes with the lowest IoU; empty for a binary task, or where none is below another."""
    found = np.flatnonzero(scores.classes.in_mean & ~np.isnan(scores.iou))
    values = np.asarray(scores.iou)[found]
    if scores.classes.background is not None or len(found) < 2 or values.min() == values.max():
        return ""
    order = np.argsort(values, kind="stable")
    named = order[: min(_WEAKEST, len(found) // 2)]
    last = values[named[-1]]
    texts = [
        f"{listed([scores.classes.names[found[i]]])} {brief(float(values[i]))}"
        + ("" if scores.target[found[i]] else " (only predicted)")
        for i in named.tolist()
    ]
    more = np.count_nonzero(values <= last) - len(named)
    return f"Weakest: {', '.join(texts)}{f' and {more:,} more at {brief(float(last))}' if more else ''}"


def _errors(evaluation: Evaluated) -> str:
    """Return the largest confusion and its share of all wrong pixels; empty where that is next to nothing."""
    scores, names = evaluation.scores, evaluation.classes.names
    wrong = int(scores.pixels - scores.tp.sum())
    if not wrong:
        return "No scored pixel is wrong"
    if one_class_text(scores):
        return ""
    pairs = pairs_of(evaluation)
    first = pairs.confusions()[0]
    target, pred, pixels = (int(column[first]) for column in pairs)
    called = listed([names[pred]]) if pred < len(names) else NO_CLASS
    if pixels == wrong:
        every = "The only wrong pixel is" if wrong == 1 else "All wrong pixels are"
        return f"{every} {listed([names[target]])} called {called}"
    if pixels < _NOTABLE * wrong:
        return ""
    return f"{percent(pixels, wrong, 0)} of the wrong pixels are {listed([names[target]])} called {called}"
