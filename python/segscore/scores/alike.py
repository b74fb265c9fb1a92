"""Means that stand side by side: which classes each covers, and the mean over those that all of them have.

A mean is over the classes that are in a target or a prediction. A class that only one side predicts lowers
the mean of that side, whatever else it does; what is judged is over the classes that all sides have.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from segscore.base.values import Bools
from segscore.classes.classes import Classes
from segscore.scores.metric import METRICS
from segscore.scores.metric_row import Counts
from segscore.scores.numbers import Number, OfCounts, counted


def covered(asked: OfCounts, counts: Counts) -> Bools:
    """Return the classes that a mean over classes is over, bool (K,)."""
    values = METRICS[asked.metric.mean_of].formula(counts)
    return np.asarray(asked.narrowed(counts).in_mean & ~np.isnan(values))


def shared(asked: Number, classes: Classes, sides: Sequence[Counts]) -> OfCounts | None:
    """Return the mean over the classes that all sides have; None where each side's is over the same ones.

    It is None as well for what is no mean over classes, and where no class is left.
    """
    if not isinstance(asked, OfCounts) or not asked.metric.mean_of:
        return None
    covers = [covered(asked, counts) for counts in sides]
    common = np.logical_and.reduce(covers)
    if not common.any() or all(np.array_equal(common, one) for one in covers):
        return None
    among = tuple(np.flatnonzero(common).tolist())
    name = f"{asked.metric.name}[{','.join(map(_quoted, (classes.names[i] for i in among)))}]"
    return replace(asked, name=name, among=among)


class SideBySide(NamedTuple):
    """A mean of several sides, such as mean IoU, that may be over unlike classes."""

    covers: tuple[int, ...]
    """Over how many classes that of each is."""
    shared: int
    """How many classes all have."""
    values: tuple[float, ...]
    """The mean over those; NaN where there is none."""

    @property
    def is_alike(self) -> bool:
        """Whether that of each is over the same classes."""
        return {*self.covers} == {self.shared}


def is_over_classes(name: str) -> bool:
    """Whether a number of pixels is a mean over the classes that each side has."""
    metric = METRICS.get(name)
    return metric is not None and metric.needs == "pairs" and bool(metric.mean_of) and not metric.over_images


def side_by_side(classes: Classes, sides: Sequence[Counts], mean: str = "mean_iou") -> SideBySide | None:
    """Return a mean over the classes that all sides have; None where each side's is over the same ones."""
    found = beside_each_other(classes, sides, mean)
    return None if found.is_alike else found


def beside_each_other(classes: Classes, sides: Sequence[Counts], mean: str) -> SideBySide:
    """Return a mean over the classes that all sides have, also where each side's is over the same ones."""
    own = counted(METRICS[mean])
    covers = [covered(own, counts) for counts in sides]
    common = np.logical_and.reduce(covers)
    alike = all(np.array_equal(common, one) for one in covers)
    judge = own if alike else shared(own, classes, sides)
    values = tuple(math.nan if judge is None else float(judge.value(counts)) for counts in sides)
    return SideBySide(tuple(int(one.sum()) for one in covers), int(common.sum()), values)


def _quoted(name: str) -> str:
    """Return the name of a class as the names of numbers hold it."""
    return f'"{name}"' if set(name) & set('",+') or name != name.strip() else name


def extent(numbers: Iterable[int]) -> str:
    """Return over how many classes means are, as "3 and 4" or "3 to 6"; for one number it is alone.

    Examples
    --------
    >>> extent([3, 4]), extent([3, 6, 4]), extent([3, 3])
    ('3 and 4', '3 to 6', '3')
    """
    given = list(numbers)
    low, high = min(given), max(given)
    if low == high:
        return f"{low:,}"
    return " and ".join(f"{one:,}" for one in given) if len(given) == 2 else f"{low:,} to {high:,}"
