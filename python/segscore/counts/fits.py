"""How a prediction came to the size of its target."""

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Final

import numpy as np

from segscore._core import look_transposed
from segscore.base.wording import many
from segscore.io.arrays import Array

TRANSPOSED_HINT: Final = (
    "transpose the predictions; they are right as they are only where the model saw photographs squeezed to "
    "this size"
)


class Fit(IntEnum):
    """Whether a prediction was resized, and whether it looks transposed beside its target."""

    SAME = 0
    RESIZED = 1
    TRANSPOSED = 2


def fit(shape: Sequence[int], target: Sequence[int]) -> Fit:
    """Return how a prediction comes to the size of its target."""
    if tuple(shape) == tuple(target):
        return Fit.SAME
    return Fit.TRANSPOSED if look_transposed(shape, target) else Fit.RESIZED


def transposed_said(fits: Iterable[Fit]) -> str:
    """Return the sentence on predictions that look transposed, empty if there are none."""
    every = list(fits)
    found = every.count(Fit.TRANSPOSED)
    if not found:
        return ""
    return (
        f"{found:,} of {many(len(every), 'prediction')} {'looks' if found == 1 else 'look'} transposed, and "
        f"{'was' if found == 1 else 'were'} resized to the target"
    )


def fitted(pred: Array, shape: tuple[int, ...]) -> Array:
    """Return a prediction at the size of its target, of nearest pixels, as the core counts it."""
    if pred.shape == shape:
        return pred
    places = ((2 * np.arange(new) + 1) * old // (2 * new) for new, old in zip(shape, pred.shape, strict=True))
    return pred[np.ix_(*places)]
