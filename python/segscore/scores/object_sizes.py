"""How many objects are found by how large they are: small lesions are missed where large ones are not."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from segscore.base.shown import brief
from segscore.base.values import Floats, Frozen, Ints, lazy, one_or_several, readonly, real
from segscore.base.wording import many, visible
from segscore.classes.classes import Classes
from segscore.errors import ArgumentError, unknown
from segscore.scores import metrics
from segscore.scores.matching import Matching, Threshold
from segscore.text.numbers import number
from segscore.text.plain import WIDTH
from segscore.text.table import table

Unit: TypeAlias = Literal["px", "mm"]
"""What sizes are in: pixels or voxels, or square or cubic millimetres."""
_UNITS: Final = ("px", "mm")
_MOST: Final = 20
"""Bounds."""
_COLUMNS: Final = ("class", "size", "found", "missed", "invented", "recall", "precision", "F1")


@dataclass(frozen=True, eq=False, repr=False)
class ObjectSizes(Frozen):
    """Objects that are found, missed and invented by class and size.

    A target is in the range of its own size, whether it is found or not, and an invented prediction in that
    of its own.

    Attributes
    ----------
    bounds : float64 (B,)
        Where ranges end and the next begin: sizes of range i are from ``bounds[i - 1]`` up to below
        ``bounds[i]``.
    unit : str
        What sizes are in: "px" for pixels or voxels, "mm²" or "mm³".
    tp, fp, fn : int64 (K, B + 1)
        Targets that are found, predictions that are invented, targets that are missed.

    Examples
    --------
    >>> from segscore import Evaluator
    >>> judge = Evaluator(["background", "lesion"], components=True)
    >>> judge.add(pred=[[1, 1, 1, 0, 0, 0]], target=[[1, 1, 0, 0, 0, 1]], name="case_01")
    >>> sizes = judge.result().objects_by_size([2])
    >>> sizes.recall[1].tolist(), sizes.fn[1].tolist()
    ([0.0, 1.0], [1, 0])
    """

    classes: Classes
    bounds: Floats
    unit: str
    threshold: Threshold
    tp: Ints = field(repr=False)
    fp: Ints = field(repr=False)
    fn: Ints = field(repr=False)

    @lazy
    def recall(self) -> Floats:
        """float64 (K, B + 1): the share of the targets that are found; NaN where there are none."""
        return readonly(metrics.ratio(self.tp, self.tp + self.fn))

    @lazy
    def precision(self) -> Floats:
        """float64 (K, B + 1): found targets over these and invented predictions; NaN where there are none."""
        return readonly(metrics.ratio(self.tp, self.tp + self.fp))

    @lazy
    def f1(self) -> Floats:
        """float64 (K, B + 1): the harmonic mean of both; NaN where there is no object."""
        return readonly(metrics.ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn))

    @property
    def ranges(self) -> tuple[str, ...]:
        """What ranges are called: below the first bound, between two, from the last one on."""
        texts = [f"{one:g}" for one in self.bounds.tolist()]
        between = [f"{one} to {other}" for one, other in pairwise(texts)]
        return (f"below {texts[0]}", *between, f"from {texts[-1]}")

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return a row for each class and range, arrays (K (B + 1),) under their names."""
        ranges = len(self.bounds) + 1
        return {
            "name": np.repeat(np.array(self.classes.names, dtype=object), ranges),
            "size": np.tile(np.array(self.ranges, dtype=object), len(self.classes)),
            **{name: getattr(self, name).ravel() for name in ("tp", "fn", "fp", "recall", "precision", "f1")},
        }

    def to_frame(self, backend: str | None = None) -> Any:
        """Return `columns` as a data frame; see :meth:`segscore.Scores.to_frame`."""
        from segscore.text.frames import frame

        return frame(self.columns(), backend)

    def __repr__(self) -> str:
        """Return a short form with the number of ranges."""
        return f"<ObjectSizes of {many(len(self.bounds) + 1, 'range')} in {self.unit}>"

    def __str__(self) -> str:
        """Return a table of the classes that have objects, in 80 columns."""
        rows = [
            (
                visible(self.classes.names[i]),
                self.ranges[j],
                *(f"{one[i, j]:,}" for one in (self.tp, self.fn, self.fp)),
                *(number(float(one[i, j])) for one in (self.recall, self.precision, self.f1)),
            )
            for i in np.flatnonzero((self.tp + self.fp + self.fn).any(axis=1)).tolist()
            for j in range(len(self.bounds) + 1)
        ]
        return "\n".join(table(_COLUMNS, rows, WIDTH, left=(0, 1)))


def object_sizes(
    matching: Matching, classes: Classes, bounds: object, threshold: Threshold, *, factors: Floats, unit: str
) -> ObjectSizes:
    """Return what is found by size, of pixels that have the size of those of their image, float64 (n,)."""
    objects, found = matching.objects, matching.at(threshold)
    ends = _checked(bounds)
    size = objects.pixels * factors[objects.image]
    place = np.searchsorted(ends, size, side="right")

    def counted(rows: Ints) -> Ints:
        made = np.zeros((len(classes), len(ends) + 1), dtype=np.int64)
        np.add.at(made, (objects.label[rows], place[rows]), 1)
        return readonly(made)

    outcomes = found.matches.target, found.invented, found.missed
    return ObjectSizes(classes, readonly(ends), unit, threshold, *map(counted, outcomes))


def checked_unit(unit: object) -> Unit:
    """Return the unit of sizes, or raise ArgumentError."""
    if unit not in _UNITS:
        raise unknown("unit of sizes", unit, _UNITS)
    return "px" if unit == "px" else "mm"


def _checked(bounds: object) -> Floats:
    found = [real(one) for one in one_or_several(bounds)]
    ends = np.array([np.nan if one is None else one for one in found])
    if not 0 < len(ends) <= _MOST or not (ends > 0).all() or not (np.diff(ends) > 0).all():
        raise ArgumentError(
            f"`bounds` is {brief(bounds)}, expected 1 to {_MOST} rising numbers above 0",
            "such as (10, 100, 1000)",
        )
    return ends
