"""How the IoU of a class in single images depends on how many pixels of it their targets hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from segscore.base.values import Floats, Ints, lazy
from segscore.counts.cells import Cells
from segscore.scores import metrics

THIRDS = 3
"""Parts into which the images of a class are divided by its size; fewer images are not divided."""


class Third(NamedTuple):
    """The images of a class that are alike in how large it is."""

    images: int
    low: int
    """Pixels of the class in the target of the smallest of them."""
    high: int
    """Pixels in that of the largest."""
    median_iou: float


@dataclass(frozen=True)
class Sizes:
    """A class in the m images whose target has it, by its pixels there, equal ones as the images are."""

    label: int
    """The index of the class."""
    image: Ints
    """int64 (m,)"""
    target: Ints
    """int64 (m,): pixels of the class in the target, 1 or more, rising."""
    pred: Ints
    """int64 (m,): pixels that are predicted as the class."""
    tp: Ints
    """int64 (m,): pixels of both."""

    @lazy
    def iou(self) -> Floats:
        """float64 (m,): of the class in each image."""
        return metrics.iou(self.tp, self.target, self.pred)

    @lazy
    def correlation(self) -> float:
        """Spearman's rank correlation of size and IoU; NaN where either is the same in all images.

        Equal values have the mean of their ranks (C. Spearman, "The proof and measurement of association
        between two things", American Journal of Psychology 15 (1904)).
        """
        one, other = (_ranks(values) for values in (self.target, self.iou))
        one, other = one - one.mean(), other - other.mean()
        spread = float((one @ one) * (other @ other)) ** 0.5
        return float(one @ other) / spread if spread else float("nan")

    @lazy
    def median_ratio(self) -> float:
        """Median over the images of predicted pixels over those of the target."""
        return float(np.median(self.pred / self.target))

    @lazy
    def thirds(self) -> tuple[Third, ...]:
        """Return the smallest, the middle and the largest third of the images; none of fewer than three.

        Where images do not divide by three, the smaller thirds have one more.
        """
        if len(self.target) < THIRDS:
            return ()
        parts = zip(np.array_split(self.target, THIRDS), np.array_split(self.iou, THIRDS), strict=True)
        return tuple(
            Third(len(size), int(size[0]), int(size[-1]), float(np.median(iou))) for size, iou in parts
        )


def sizes_of(cells: Cells) -> Iterator[Sizes]:
    """Yield each class that is in a target, in the order of the classes."""
    held = np.flatnonzero(cells.target > 0)
    # Cells are in the order of the images, and equal ones stay so.
    order = held[np.lexsort((cells.target[held], cells.label[held]))]
    labels, starts = np.unique(cells.label[order], return_index=True)
    if not len(order):
        return
    for label, at in zip(labels.tolist(), np.split(order, starts[1:]), strict=True):
        yield Sizes(label, cells.image[at], cells.target[at], cells.pred[at], cells.tp[at])


def _ranks(values: Ints | Floats) -> Floats:
    """Return the rank of each value from 1 on, equal ones with the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[place]
