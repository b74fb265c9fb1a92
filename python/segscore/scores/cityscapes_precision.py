"""Average precision of predicted objects as Cityscapes defines it, to the last bit.

A prediction matches a target *above* an IoU. Of several that match one, the surest is right and the others
are errors. One that matches nothing is no error if more of it than the IoU is on void, on groups of its class
or on targets that are too small to count. Precision is read at each score, without an envelope.

Source: cityscapesScripts 2.3.0, `evalInstanceLevelSemanticLabeling.py`, for which distances are not known.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np

from segscore.base.values import Bools, Floats, Frozen, Ints, readonly
from segscore.base.wording import many
from segscore.counts.objects import PRED, TARGET, Objects, Overlaps
from segscore.scores.average_precision import Line, lines_dict, place_of
from segscore.text.numbers import number

THRESHOLDS: Final[Floats] = readonly(np.arange(0.5, 1.0, 0.05))
"""IoU above which a target is found."""
LEAST_PIXELS: Final = 100
"""Targets with fewer are too small to count."""


@dataclass(frozen=True, eq=False, repr=False)
class CityscapesPrecision(Frozen):
    """Average precisions of K classes; NaN for classes without targets.

    Parameters
    ----------
    precision : float64 (K, T)
        By class and threshold.
    thresholds : float64 (T,)
        IoU above which a target is found.
    things : bool (K,)
        The classes whose objects are told apart.
    """

    precision: Floats
    thresholds: Floats
    things: Bools

    def mean(self, threshold: float | None = None, *, label: int | Ints | None = None) -> float:
        """Return the average precision, 0 to 1, over all thresholds or at one; NaN without targets.

        Parameters
        ----------
        threshold : float, optional
            One of `thresholds`.
        label : int or int (m,), optional
            A class, from 0, or those that the mean is over; all whose objects are told apart if not given.

        Raises
        ------
        ArgumentError
            If it is not known at a threshold.
        """
        chosen = np.flatnonzero(self.things) if label is None else np.atleast_1d(label)
        some = self.precision[chosen[self.things[chosen]]][:, place_of(threshold, self.thresholds)]
        return float("nan") if np.isnan(some).all() else float(np.nanmean(some))

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is printed of all classes, with what each of them is."""
        span = "{:0.2f}:{:0.2f}".format(*self.thresholds[[0, -1]])
        return Line("AP", span, "all", None, self.mean()), Line("AP", "0.50", "all", None, self.mean(0.5))

    @property
    def numbers(self) -> Floats:
        """The two numbers that are printed, float64 (2,); NaN if undefined."""
        return np.array([one.value for one in self.lines])

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers that are printed in plain Python values; undefined ones are None."""
        return lines_dict("cityscapes", self.lines)

    def __repr__(self) -> str:
        """Return a short form with the mean over all thresholds."""
        return f"<CityscapesPrecision of {many(len(self.precision), 'class')}: {number(self.mean())}>"

    def __str__(self) -> str:
        """Return both numbers, with the digits of Cityscapes; nan where one is undefined."""
        return "\n".join(
            f" Average Precision  (AP) @[ IoU={one.iou:<9} ] = {one.value:0.3f}" for one in self.lines
        )


class OfClass(NamedTuple):
    """Objects of a class, and what they share: rows of both sides of pairs, and their IoU."""

    targets: Ints
    """Rows of targets that count, one at least."""
    preds: Ints
    target: Ints
    pred: Ints
    iou: Floats
    counted: Bools
    """bool (M,): targets that count, of all objects."""
    excused: Floats
    """Share of each object that is on void, groups and small targets."""

    def ranked(self, score: Floats, threshold: float) -> tuple[Ints, Bools]:
        """Return rows of the predictions that count, and which of them are right."""
        high = self.iou > threshold
        found = np.flatnonzero(high & self.counted[self.target])
        target, pred = self.target[found], self.pred[found]
        order = np.lexsort((-score[pred], target))
        target, pred = target[order], pred[order]
        right = np.ones(len(target), np.bool_)
        right[1:] = target[1:] != target[:-1]
        alone = self.preds[~np.isin(self.preds, self.pred[high])]
        wrong = alone[self.excused[alone] <= threshold]
        return np.concatenate([pred, wrong]), np.concatenate([right, np.zeros(len(wrong), np.bool_)])


def of_classes(objects: Objects, overlaps: Overlaps, things: Bools) -> Iterator[tuple[int, OfClass]]:
    """Yield each class whose objects are told apart and that has targets, with its objects."""
    counted = (objects.side == TARGET) & ~objects.crowd & (objects.pixels >= LEAST_PIXELS)
    target, pred = overlaps.rows_in(objects)
    alike = np.flatnonzero(objects.label[target] == objects.label[pred])
    target, pred, shared = target[alike], pred[alike], overlaps.pixels[alike]
    covered = objects.void.copy()
    # A group that is small is taken twice, as there.
    for left_out in (objects.crowd, objects.pixels < LEAST_PIXELS):
        rows = np.flatnonzero(left_out[target])
        np.add.at(covered, pred[rows], shared[rows])
    with np.errstate(invalid="ignore"):
        excused = covered / objects.pixels  # which no object without pixels needs
    iou = shared / (objects.pixels[target] + objects.pixels[pred] - shared)
    preds = np.flatnonzero((objects.side == PRED) & (objects.pixels > 0))
    for label in np.flatnonzero(things).tolist():
        targets = np.flatnonzero(counted & (objects.label == label))
        if len(targets):
            here = np.flatnonzero(objects.label[target] == label)
            own = preds[objects.label[preds] == label]
            yield label, OfClass(targets, own, target[here], pred[here], iou[here], counted, excused)


def cityscapes_precision(objects: Objects, overlaps: Overlaps, things: Bools) -> CityscapesPrecision:
    """Return the average precision of objects, of which those of some classes are told apart."""
    found = np.full((len(things), len(THRESHOLDS)), np.nan)
    for label, of_class in of_classes(objects, overlaps, things):
        for i, threshold in enumerate(THRESHOLDS):
            rows, right = of_class.ranked(objects.score, threshold)
            missed = len(of_class.targets) - int(np.count_nonzero(right))
            found[label, i] = _area(right.astype(np.float64), objects.score[rows], missed)
    return CityscapesPrecision(readonly(found), THRESHOLDS, readonly(things))


def _area(right: Floats, score: Floats, missed: int) -> float:
    """Return the area below the precision at each score, of predictions that are right, 1, or not, 0."""
    if not len(right):
        return 0.0
    order = np.argsort(score)
    _, first = np.unique(score[order], return_index=True)
    # Right ones before each score, from the least sure on: none before the first.
    before = np.append(np.cumsum(right[order]), 0.0)[first - 1]
    tp = right.sum() - before
    precision = np.append(tp / (len(right) - first), 1.0)
    recall = np.append(tp / (tp + (before + missed)), 0.0)
    # Each precision stands for half of the way to the recalls beside it.
    ends = np.concatenate([recall[:1], recall, [0.0]])
    return float(np.dot(precision, np.convolve(ends, [-0.5, 0, 0.5], "valid")))
