"""The mean of a distance over images, which says what it is over: what is missed or invented is counted."""

from dataclasses import dataclass

import numpy as np

from segscore.base.values import Floats, Frozen, Ints
from segscore.base.wording import many
from segscore.counts.distance_options import Empty
from segscore.scores import metrics
from segscore.scores.by_class import ByClass, by_class
from segscore.text.numbers import number


@dataclass(frozen=True, eq=False, repr=False)
class MeanDistance(Frozen):
    """The mean of a distance over images, and what it is over.

    Attributes
    ----------
    value : float
        In the unit of distances; infinite where a structure is, NaN if nothing is left.
    both, missed, invented : int
        Structures, classes in images, of both sides, of the target alone, and of the prediction alone.
    empty : "inf", "skip", "diagonal" or float
        What missed and invented ones were taken for.
    """

    value: float
    _values: Floats
    _names: tuple[str, ...]
    both: int
    missed: int
    invented: int
    unit: str
    empty: Empty

    def __str__(self) -> str:
        """Return the value, its unit, and what it is a mean of."""
        of = counted_text(self.both, self.missed, self.invented, self.empty)
        return f"{number(self.value)} {self.unit} ({of})"

    __repr__ = __str__

    @property
    def per_class(self) -> ByClass:
        """float64 (K,): the mean over the images of each class."""
        return by_class(self._values.copy(), self._names)

    def __float__(self) -> float:
        """Return the value."""
        return self.value


def counted_text(both: int, missed: int, invented: int, empty: Empty) -> str:
    """Return what a mean of distances is over.

    Examples
    --------
    >>> counted_text(14, 2, 1, "skip")
    'mean of the 14 structures that both have; 2 missed, 1 invented left out'
    """
    lacking = [f"{n:,} {said}" for n, said in ((missed, "missed"), (invented, "invented")) if n]
    if not lacking:
        return f"mean of {many(both, 'structure')}"
    if empty == "skip":
        taken = "left out"
    elif empty == "inf":
        taken = "infinitely far"
    else:
        taken = "as far as the diagonal" if empty == "diagonal" else f"as far as {empty:g}"
    return f"mean of the {many(both, 'structure')} that both have; {', '.join(lacking)} {taken}"


def mean_of_images(values: Floats, label: Ints, classes: int) -> Floats:
    """Return the mean of each class over the values that it has, float64 (c,) and int64 (c,) to (K,)."""
    there = ~np.isnan(values)
    of = np.bincount(label[there], minlength=classes)
    return metrics.ratio(np.bincount(label[there], values[there], minlength=classes), of)
