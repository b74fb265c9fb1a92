"""Table: the pair counts of many images under each other, in raw label values.

Classes give them a meaning elsewhere; nothing is folded here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from segscore._core import PairCounts, stack
from segscore.base.values import Frozen, Ints, lazy, readonly
from segscore.counts.counting import Counted
from segscore.counts.rows import Rows


@dataclass(frozen=True)
class Table(Frozen):
    """Pair counts of images under each other.

    Attributes
    ----------
    offsets : int64 (n + 1,)
        Rows `offsets[i]` to `offsets[i + 1]` belong to image i.
    target, pred : int64 (M,)
        Label values.
    pixels : int64 (M,)
        Pixels with these two labels.
    """

    offsets: Ints
    target: Ints
    pred: Ints
    pixels: Ints

    @property
    def rows(self) -> Rows:
        """Target labels, predicted labels and pixels, int64 (M,) each."""
        return self.target, self.pred, self.pixels

    @lazy
    def sum(self) -> PairCounts:
        """Return the pair counts of all images together."""
        return PairCounts.from_columns(*self.rows)

    @lazy
    def image(self) -> Ints:
        """int64 (M,): the image of each row."""
        return readonly(np.repeat(np.arange(len(self.offsets) - 1), np.diff(self.offsets)))

    def __eq__(self, other: object) -> bool:
        """Whether all rows are the same."""
        if not isinstance(other, Table):
            return NotImplemented
        return all(
            np.array_equal(getattr(self, name), getattr(other, name))
            for name in ("offsets", "target", "pred", "pixels")
        )

    __hash__ = None  # type: ignore[assignment]


def table_of(images: Sequence[Counted]) -> Table:
    """Return the pair counts of images that were counted, under each other."""
    return Table(*stack([image.pairs for image in images if image.pairs is not None]))
