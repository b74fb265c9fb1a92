"""The mean of a distance over images, which says what it is over: what is missed or invented is counted."""

from dataclasses import dataclass

import numpy as np

from segscore.base.values import Floats, Frozen, Ints
from segscore.base.wording import many
from segscore.counts.distance_options import Empty, shown_number
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
    farther : int
        Those of both sides whose distance is more than `within`, and infinite therefore.
    within : float or None
        How far surfaces were looked for, in the unit of distances; without bound if None.
    empty : "inf", "skip", "diagonal" or float
        What missed and invented ones were taken for.
    """

    value: float
    _values: Floats
    _names: tuple[str, ...]
    both: int
    missed: int
    invented: int
    farther: int
    within: float | None
    unit: str
    empty: Empty

    def __str__(self) -> str:
        """Return the value, its unit, and what it is a mean of."""
        return f"{number(self.value)} {self.unit} ({self.counted})"

    __repr__ = __str__

    @property
    def counted(self) -> str:
        """What it is a mean of, in words."""
        lacking = [f"{n:,} {said}" for n, said in ((self.missed, "missed"), (self.invented, "invented")) if n]
        farther = (
            f", {self.farther:,} of them farther than {shown_number(self.within)} {self.unit}"
            if self.farther and self.within is not None
            else ""
        )
        if not lacking:
            return f"mean of {many(self.both, 'structure')}{farther}"
        if self.empty == "skip":
            taken = "left out"
        elif self.empty == "inf":
            taken = "infinitely far"
        else:
            taken = "as far as the diagonal" if self.empty == "diagonal" else f"as far as {self.empty:g}"
        both = f"the {many(self.both, 'structure')} that both have{farther}"
        return f"mean of {both}; {', '.join(lacking)} {taken}"

    @property
    def per_class(self) -> ByClass:
        """float64 (K,): the mean over the images of each class."""
        return by_class(self._values.copy(), self._names)

    def __float__(self) -> float:
        """Return the value."""
        return self.value


def mean_of_images(values: Floats, label: Ints, classes: int) -> Floats:
    """Return the mean of each class over the values that it has, float64 (c,) and int64 (c,) to (K,)."""
    there = ~np.isnan(values)
    of = np.bincount(label[there], minlength=classes)
    return metrics.ratio(np.bincount(label[there], values[there], minlength=classes), of)
