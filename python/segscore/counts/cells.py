"""Cells: how many pixels each image has of each class, in target, prediction and both.

What needs no more than the diagonal and the margins of the images' matrices reads these columns:
scores of images, resamples of images, other tools' averages. No formula and no label is known here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from segscore import _core
from segscore.base.values import Frozen, Ints
from segscore.base.wording import many
from segscore.classes.classes import Classes
from segscore.counts.table import Table

_BLOCK = 1 << 16
"""Cells of images and classes that are filled at once, which the caches of a core hold."""


@dataclass(frozen=True, eq=False, repr=False)
class Cells(Frozen):
    """The counts of each class in each image, where there are any: K classes, n images, M cells."""

    shape: tuple[int, int]
    """n and K."""
    image: Ints
    """int64 (M,), 0 to n - 1. Cells are sorted by image, then class."""
    label: Ints
    """int64 (M,): the class, 0 to K - 1, if it is in target or prediction on scored pixels of the image."""
    tp: Ints
    """int64 (M,): scored pixels that are right."""
    target: Ints
    """int64 (M,): scored pixels of the class."""
    pred: Ints
    """int64 (M,): scored pixels that are predicted as the class."""
    pixels: Ints
    """int64 (n,): scored pixels, which `target` sums to; where `pred` sums to less, others are no class."""
    ignored: Ints
    """int64 (n,): pixels of each image that are not scored, because their target is ignored."""

    def __repr__(self) -> str:
        """Return a short form with the number of cells."""
        images, classes = self.shape
        of = f"{many(images, 'image')} and {many(classes, 'class')}"
        return f"<Cells of {of}: {len(self.label):,}>"

    @staticmethod
    def of(classes: Classes, table: Table) -> "Cells":
        """Return the cells of the images of a table whose labels have been checked."""
        images, count = len(table.offsets) - 1, len(classes)
        folded = classes.fold(table.target, table.pred)
        return Cells((images, count), *_core.cells(table.offsets, *folded, table.pixels, classes=count))

    @property
    def sums(self) -> tuple[Ints, Ints, Ints]:
        """Pixels of each class in all images: tp, target and pred, int64 (K,) each."""
        tp, target, pred = (
            _sums(self.shape[1], self.label, column) for column in (self.tp, self.target, self.pred)
        )
        return tp, target, pred

    @property
    def wrong(self) -> Ints:
        """int64 (n,): pixels of each image that are wrong."""
        return np.asarray(self.pixels - _sums(self.shape[0], self.image, self.tp))

    @property
    def wrong_of_class(self) -> Ints:
        """int64 (M,): pixels of each cell that are of the class in target or prediction, but not in both."""
        return np.asarray((self.target - self.tp) + (self.pred - self.tp))

    def of_class(self, index: int) -> tuple[Ints, Ints, Ints]:
        """Return tp, target and pred of one class in each image, int64 (n,) each."""
        at = np.flatnonzero(self.label == index)
        made = np.zeros((3, self.shape[0]), dtype=np.int64)
        made[:, self.image[at]] = self.tp[at], self.target[at], self.pred[at]
        tp, target, pred = made
        return tp, target, pred

    def places(self) -> list[Ints]:
        """Return where the cells of each class are, int64 (m,) each, in the order of the images."""
        order = np.argsort(self.label, kind="stable")
        return np.split(order, np.searchsorted(self.label[order], np.arange(1, self.shape[1])))

    def blocks(self) -> Iterator[tuple[Ints, Ints, Ints]]:
        """Yield tp, target and pred of some images at a time, int64 (images, K) each, in bounded memory."""
        images, count = self.shape
        step = max(1, _BLOCK // count)
        for first in range(0, images, step):
            last = min(first + step, images)
            at = slice(*self.image.searchsorted([first, last]))
            tp, target, pred = made = np.zeros((3, last - first, count), dtype=np.int64)
            made[:, self.image[at] - first, self.label[at]] = self.tp[at], self.target[at], self.pred[at]
            yield tp, target, pred

    def take(self, images: Ints) -> "Cells":
        """Return the cells of some images, int64 (m,), each at most once, in the order given."""
        if np.array_equal(images, np.arange(self.shape[0])):
            return self  # as of a comparison of two models on one dataset
        place = np.full(self.shape[0], -1, dtype=np.int64)
        place[images] = np.arange(len(images))
        kept = np.flatnonzero(place[self.image] >= 0)
        kept = kept[np.argsort(place[self.image[kept]], kind="stable")]
        image = place[self.image[kept]]
        columns = (self.label[kept], self.tp[kept], self.target[kept], self.pred[kept])
        return Cells((len(images), self.shape[1]), image, *columns, self.pixels[images], self.ignored[images])

    def joined(self, place: Ints, count: int) -> "Cells":
        """Return the cells of `count` classes, which these are parts of: int64 (K,) says of which."""
        images = self.shape[0]
        cells, at = _numbered(self.image * count + place[self.label], images * count)
        tp, target, pred = (_sums(len(cells), at, column) for column in (self.tp, self.target, self.pred))
        image, label = np.divmod(cells, count)
        return Cells((images, count), image, label, tp, target, pred, self.pixels, self.ignored)


def _sums(count: int, index: Ints, pixels: Ints) -> Ints:
    sums = np.zeros(count, dtype=np.int64)
    np.add.at(sums, index, pixels)  # not `bincount`, whose weights are floats
    return sums


def _numbered(keys: Ints, size: int) -> tuple[Ints, Ints]:
    """Return numbers from 0 to below `size`, rising, that all keys are among, and where each key is."""
    if size <= len(keys):  # All numbers are no more than the keys, and need no sorting.
        return np.arange(size), keys
    order = np.argsort(keys, kind="stable")  # fast for keys that are nearly in order, as those of images are
    ordered = keys[order]
    new = np.ones(len(keys), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    place = np.empty(len(keys), dtype=np.int64)
    place[order] = np.cumsum(new) - 1
    return ordered[new], place
