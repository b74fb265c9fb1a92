"""How a prediction came to the size of its target."""

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Final

from segscore.base.wording import many

TURNED_HINT: Final = (
    "transpose the predictions; they are right as they are only where the model saw photographs squeezed to "
    "this size"
)


class Fit(IntEnum):
    """Whether a prediction was resized, and whether it looks transposed beside its target."""

    SAME = 0
    RESIZED = 1
    TURNED = 2


def turned(shape: Sequence[int], target: Sequence[int]) -> bool:
    """Whether a plane has the sides of its target, or their multiples, the other way round."""
    if not len(shape) == len(target) == 2:
        return False
    (height, width), (rows, columns) = shape, target
    return height != width and height > 0 and height * rows == width * columns


def fit(shape: Sequence[int], target: Sequence[int]) -> Fit:
    """Return how a prediction comes to the size of its target."""
    if tuple(shape) == tuple(target):
        return Fit.SAME
    return Fit.TURNED if turned(shape, target) else Fit.RESIZED


def turned_said(fits: Iterable[Fit]) -> str:
    """Return the sentence on predictions whose height and width look exchanged, empty if there are none."""
    every = list(fits)
    found = every.count(Fit.TURNED)
    if not found:
        return ""
    return (
        f"height and width look exchanged in {found:,} of {many(len(every), 'prediction')}, which "
        f"{'was' if found == 1 else 'were'} resized to the target"
    )
