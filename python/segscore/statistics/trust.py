"""When an interval is not given, and what it takes for granted where it is.

The thresholds are those at which the table of `docs/statistics.md` says that intervals hold the truth as
often as they should. No interval is made here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segscore.base.values import Bools, Ints
from segscore.classes.classes import Classes
from segscore.scores.metric import METRICS
from segscore.scores.numbers import Number, OfCounts
from segscore.scores.object_numbers import OfCurves
from segscore.scores.worst import ClassMean, Worst
from segscore.statistics.prepared import Prepared
from segscore.statistics.units import Units, support, support_of_objects

LEAST_IMAGES = 30
"""Images from which on an interval is given; see the table of `docs/statistics.md`."""
LEAST_GROUPS = 20
LEAST_OF_CLASS = 10
"""Images, or groups, with a class in their target from which on an interval is given, of the class or of a
mean that takes it in."""

MANY_FOR_EACH_RARE = 20
"""Classes for each that may be in fewer, of a mean of average precision."""

LEAST_BEYOND = 5
"""Resamples that a bound leaves out on its side, at least."""

INFINITE = "infinite in some images"
"""Why a distance has no interval."""


@dataclass(frozen=True, eq=False)
class Grounds:
    """What intervals rest on."""

    classes: Classes
    units: Units
    """What is drawn."""
    held: Ints
    """int64 (K,): in how many units the target holds each class."""
    there: Bools
    """bool (K,): classes in a target or a prediction."""
    objects: Ints
    """int64 (K,): in how many units the target has objects of each class; 0 where none are told apart."""
    level: float
    """Share of the intervals that hold the truth."""
    resamples: int

    @staticmethod
    def of(sides: Sequence[Prepared], level: float, resamples: int) -> "Grounds":
        """Return what the intervals of one model rest on, or of two on the same targets."""
        first = sides[0]
        there = np.zeros(len(first.classes), dtype=np.bool_)
        for side in sides:
            there[side.cells.label] = True
        objects = np.zeros(len(first.classes), dtype=np.int64)
        if first.held is not None:
            objects = support_of_objects(first.held, first.units)
        held = support(first.cells, first.units)
        return Grounds(first.classes, first.units, held, there, objects, level, resamples)

    def doubt(self, asked: Number, value: float, support: int | None = None) -> str | None:
        """Return why the interval of a number with this value could not be trusted, or None.

        ``support`` is the number of units that a number of images rests on.
        """
        kind, number = self.units.kind, self.units.count
        if np.isnan(value):
            return "undefined"
        if np.isinf(value):
            return INFINITE
        if number < (LEAST_IMAGES if kind == "images" else LEAST_GROUPS):
            return f"too few {kind} ({number})"
        share = min(asked.quantiles) / 100 if isinstance(asked, Worst) else 1.0
        among = self._classes_of(asked)
        of_classes = self.objects if isinstance(asked, OfCurves) else self.held
        if isinstance(asked, OfCurves) and asked.index is not None:
            support = int(self.objects[asked.index])
        if isinstance(asked, OfCounts) and (index := self._class_of(asked)) is not None:
            support = int(self.held[index])
        if among is None and support is not None and support * share < LEAST_OF_CLASS:
            return f"too few {kind} ({int(support * share)})"
        if among is not None:
            held = of_classes[among]
            rare = int((held * share < LEAST_OF_CLASS).sum())
            # One class of many hardly moves their mean, and annotations of many classes have rare ones.
            few = len(held) // MANY_FOR_EACH_RARE if isinstance(asked, OfCurves) else 0
            if rare > few:
                return f"too few {kind} of {rare} of {len(held)} classes"
        beyond = self.resamples * (1 - self.level) / 2
        return f"too few resamples ({self.resamples})" if beyond < LEAST_BEYOND else None

    def _classes_of(self, asked: Number) -> Bools | None:
        """Return the classes that a mean over classes rests on, bool (K,); None for another number."""
        in_mean, in_target = self.classes.in_mean, self.held > 0
        if isinstance(asked, OfCurves):
            return np.asarray(in_mean & (self.objects > 0)) if asked.index is None else None
        if isinstance(asked, ClassMean) or (isinstance(asked, Worst) and asked.by == "class"):
            return in_mean & in_target
        if not isinstance(asked, OfCounts) or not asked.metric.mean_of:
            return None
        defined = in_target if METRICS[asked.metric.mean_of].in_target else self.there
        chosen = in_mean if asked.among is None else np.isin(np.arange(len(defined)), asked.among)
        return np.asarray(chosen & defined)

    def _class_of(self, asked: OfCounts) -> int | None:
        """Return the class that a number is of, which for those of a binary task is its foreground."""
        background = self.classes.background
        if asked.metric.binary and background is not None:
            return 1 - background
        return asked.index


def taken_for_granted(names: Sequence[str], labels: object) -> str | None:
    """Return what an interval assumes of images with these names, and groups or None; or None."""
    return "if images are independent" if labels is None and sequences(names) else None


def sequences(names: Sequence[str]) -> int:
    """Return how many sequences the names of images look like, 0 if they look like none.

    Names that share a folder, the words before their first number, or all but their last number, with
    others, but not with all, look like frames of films.

    Examples
    --------
    >>> sequences(["a/01", "a/02", "a/03", "b/01", "b/02", "b/03"]), sequences(["val_01", "val_02"])
    (2, 0)
    """
    for pattern in (r"/[^/]*$", r"\d.*$", r"\d+\D*$"):
        end = re.compile(pattern, re.DOTALL)
        beginnings = {end.sub("", name) for name in names}
        if 2 <= len(beginnings) <= len(names) / 3:
            return len(beginnings)
    return 0
