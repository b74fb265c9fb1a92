"""Resampling: sums of counts over images drawn again, left out, or swapped between two models.

Everything is linear in the counts, so a thousand resamples are one product of a matrix of weights with
the counts of each unit, an image or a group of images, which the core multiplies cell by cell: few of all
classes are in an image. No interval and no test is known here.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np

from segscore.base.naming import arg
from segscore.base.shown import brief
from segscore.base.values import Bools, Floats, Ints, is_int, lazy, readonly
from segscore.counts.cells import Cells
from segscore.counts.weighted import CellsOfUnits, Weights
from segscore.errors import ArgumentError
from segscore.io.groups import Label


class Draw(NamedTuple):
    """Sums over units: int64 (R, K) each, of further columns float64 (R, E), and the weights.

    Weights are float64 (R, units), or (R, 0) where nothing but sums is asked for.
    """

    tp: Ints
    target: Ints
    pred: Ints
    extra: Floats
    weights: Floats

    def minus(self, other: "Draw") -> "Draw":
        """Return what is left without another draw."""
        return Draw(*map(np.subtract, self, other))

    def plus(self, other: "Draw") -> "Draw":
        """Return both draws together."""
        return Draw(*map(np.add, self, other))


_NUMBERS = 1 << 24
"""Numbers of one array, at most: 128 MB. Of more units or classes, fewer resamples are summed at once."""
_CACHED = 1 << 19
"""Numbers of one array that a cache holds: 4 MB. What can be made a few at a time is made of as many."""
_METRICS = 1 << 26
"""Metrics of all resamples together, at most: 512 MB."""
_PARTS = 1000
"""Parts of units that are left out by turns, at most, where each time everything is ranked anew."""
_RESAMPLES = 512
"""Resamples that are summed at once, at most."""


@dataclass(frozen=True, eq=False)
class Units:
    """What is drawn: images, or groups of images that stand or fall together."""

    of: Ints
    """int64 (n,): the unit of each image, numbered in the order of their names, so that a seed draws the same
    ones in whatever order the images are."""
    count: int
    kind: str
    """What these are: "images" or "groups"."""

    @staticmethod
    def made(names: Sequence[str], groups: Sequence[Label] | None) -> "Units":
        """Return the units of images, whose names are all different."""
        labels, of = np.unique(
            np.array(names if groups is None else groups, dtype=object), return_inverse=True
        )
        kind = "images" if groups is None else "groups"
        return Units(readonly(of.astype(np.int64)), len(labels), kind)


def checked_count(name: str, value: object) -> int:
    """Return a number of resamples, or raise ArgumentError."""
    if not is_int(value) or value < 1:
        raise ArgumentError(
            f"expected {arg(name)} of 1 or more, found {brief(value)}",
            "2,000 resamples are usual, more take longer",
        )
    return int(value)


def check_size(resamples: int, metrics: int) -> None:
    """Raise ArgumentError if so many metrics of so many resamples are more than memory should hold."""
    if resamples * metrics > _METRICS:
        raise ArgumentError(
            f"expected at most {_METRICS // metrics:,} {arg('resamples')} of {metrics:,} metrics, "
            f"found {resamples:,}",
            "2,000 are usual; `ev.merge` makes one class of several",
        )


def checked_seed(value: object) -> int:
    """Return a seed, or raise ArgumentError."""
    if not is_int(value) or value < 0:
        raise ArgumentError(
            f"expected {arg('seed')} of 0 or more, found {brief(value)}", "any integer; 0 is the default"
        )
    return int(value)


def untestable(units: int, kind: str, level: float) -> str | None:
    """Return why no difference of so many units can be beyond chance, or None.

    They can be swapped in ``2 ** units`` ways, of which one is what was found, and one its mirror image.

    Examples
    --------
    >>> untestable(5, "groups", 0.95), untestable(6, "groups", 0.95)
    ('with 5 groups no p-value is below 0.0625', None)
    """
    least = 2.0 ** (1 - units)
    with_all = f"with {units} {kind if units != 1 else kind.removesuffix('s')}"
    return f"{with_all} no p-value is below {least:g}" if least > (1 - level) * (1 + 1e-12) else None


class Sums:
    """Sums over units of the counts of images, weighted in many ways at once.

    ``extra`` are further columns of the images, float64 (n, E). ``ranked`` is how many values are weighted at
    once where numbers rank them, for which draws keep their weights. ``total`` has all images once.
    """

    def __init__(self, cells: Cells, units: Units, extra: Floats, *, ranked: int = 0) -> None:
        self.units = units
        self._ranked, self._width = ranked, units.count if ranked else 0
        self._extra = np.zeros((units.count, extra.shape[1]))
        np.add.at(self._extra, units.of, extra)
        self._classes = cells.shape[1]
        self._cells, self._of_units = cells, CellsOfUnits(cells, units.of, units.count)
        sums = [of_all[None] for of_all in cells.sums]
        all_extra, ones = self._extra.sum(axis=0, keepdims=True), np.ones((1, self._width))
        self.total = Draw(sums[0], sums[1], sums[2], all_extra, ones)

    def weighted(self, weights: Weights) -> Draw:
        """Return sums with weights, uint8 (R, units)."""
        extra = weights @ self._extra if self._extra.shape[1] else np.empty((len(weights), 0))
        return Draw(*self._of_units.sums(weights), extra, weights[:, : self._width].astype(np.float64))

    def _block(self, number: int, width: int) -> int:
        """Return how many draws are made at once, where one array of theirs is so wide."""
        widest = max(width, 3 * self._classes, self._extra.shape[1], self._width, self._ranked)
        return max(1, min(number, _NUMBERS // widest))

    def at_once(self, number: int) -> int:
        """Return how many of so many weightings are summed at once."""
        return self._block(min(number, _RESAMPLES), self.units.count)

    def units_at_once(self) -> int:
        """Return of how many units `of_some` may be asked at once."""
        widest = max(3 * self._classes, self._extra.shape[1], self._width, self._ranked)
        return max(1, _CACHED // widest)

    def parts(self) -> int:
        """Return how many parts of the units are left out by turns: each unit, if that is not too many."""
        return min(self.units.count, _PARTS) if self._ranked else self.units.count

    @lazy
    def _by_unit(self) -> tuple[Ints | None, Ints]:
        """Where the cells of each unit are, int64 (M,), and the units of these, rising.

        None says that they are in this order, as those of images in the order of their names.
        """
        unit = self.units.of[self._cells.image]
        if (unit[1:] >= unit[:-1]).all():
            return None, unit
        order = np.argsort(unit, kind="stable")
        return order, unit[order]

    def of_some(self, first: int, last: int) -> Draw:
        """Return the sums of each of these units alone."""
        cells, (order, unit) = self._cells, self._by_unit
        rows = slice(*unit.searchsorted([first, last]).tolist())
        at, place = rows if order is None else order[rows], unit[rows] - first
        sums = np.zeros((3, last - first, self._classes), dtype=np.int64)
        for one, counts in zip(sums, (cells.tp, cells.target, cells.pred), strict=True):
            np.add.at(one, (place, cells.label[at]), counts[at])
        alone = np.eye(last - first, self._width, first)
        return Draw(sums[0], sums[1], sums[2], self._extra[first:last], alone)


def of_parts(sides: Sequence[Sums], parts: int) -> Iterator[tuple[Draw, ...]]:
    """Yield the sums of each part of the same units alone, of each side, some parts at a time."""
    units = sides[0].units
    if parts < units.count:
        yield from weighted(sides, _members(units, parts), parts)
        return
    block = min(side.units_at_once() for side in sides)
    for first in range(0, parts, block):
        yield tuple(side.of_some(first, min(first + block, parts)) for side in sides)


def _members(units: Units, parts: int) -> Callable[[int], Weights]:
    """Return a function from r to the next r parts: 1 for each unit of one. Neighbours are of other parts."""
    of, numbers = np.arange(units.count) % parts, iter(range(parts))

    def fill(rows: Weights) -> None:
        for row in rows:
            row[...] = of == next(numbers)

    return partial(_filled, fill, units.count)


def weighted(
    sides: Sequence[Sums], weights: Callable[[int], Weights], number: int
) -> Iterator[tuple[Draw, ...]]:
    """Yield sums of many weightings of the same units, of each side, some weightings at a time.

    ``weights`` leads from a number r to the next r rows of weights, uint8 (r, units).
    """
    block = min(side.at_once(number) for side in sides)
    for first in range(0, number, block):
        rows = weights(min(block, number - first))
        yield tuple(side.weighted(rows) for side in sides)


def draws(units: Units, seed: int) -> Callable[[int], Weights]:
    """Return a function from r to the next r bootstrap resamples: how often each unit is drawn.

    No unit is drawn 256 times: where there are as many draws, each hits it by chance once on average.
    """
    random, count = np.random.default_rng(checked_seed(seed)), units.count

    def fill(rows: Weights) -> None:
        drawn = random.integers(0, count, size=rows.shape)
        drawn += count * np.arange(len(rows))[:, None]
        np.add.at(rows.reshape(-1), drawn.ravel(), np.uint8(1))

    return partial(_filled, fill, count)


def swaps(units: Units, seed: int, most: int) -> tuple[Callable[[int], Weights], int]:
    """Return a function from r to the next r permutations, and how many there are.

    Permutations are 1 for each unit that is swapped, else 0. Where no more than `most` change anything, each
    of these is made once, and p-values are exact; else there are `most` at random.
    """
    random, count = np.random.default_rng(checked_seed(seed)), units.count
    every = 2**count - 1
    numbers = iter(range(1, every + 1))

    def fill_each(rows: Weights) -> None:
        for row in rows:
            row[...] = next(numbers) >> np.arange(count) & 1

    def fill(rows: Weights) -> None:
        rows[...] = random.integers(0, 2, size=rows.shape)

    return partial(_filled, fill_each if every <= most else fill, count), min(every, most)


def _filled(fill: Callable[[Weights], None], count: int, number: int) -> Weights:
    """Return so many rows of weights of units, which are filled a few at a time."""
    rows = np.zeros((number, count), dtype=np.uint8)
    step = max(1, _CACHED // count)
    for first in range(0, number, step):
        fill(rows[first : first + step])
    return rows


def support(cells: Cells, units: Units) -> Ints:
    """Return in how many units each class has target pixels, int64 (K,)."""
    held: Bools = cells.target > 0
    return _support(cells.image[held], cells.label[held], cells.shape, units)


def support_of_objects(held: Bools, units: Units) -> Ints:
    """Return in how many units each class has objects in targets, int64 (K,), of bool (n, K)."""
    image, label = np.nonzero(held)
    return _support(image, label, held.shape, units)


def _support(image: Ints, label: Ints, shape: tuple[int, ...], units: Units) -> Ints:
    images, classes = shape
    if units.count < images:  # else no unit has a class twice
        label = np.unique(units.of[image] * classes + label) % classes
    return np.bincount(label, minlength=classes).astype(np.int64)
