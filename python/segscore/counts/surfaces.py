"""Surfaces: how far those of each class are from each other, as rows that all distances are read from."""

from dataclasses import dataclass
from math import hypot, inf
from typing import TypeAlias

import numpy as np

from segscore import _core
from segscore.base.values import Floats, Ints, lazy, readonly
from segscore.classes.classes import Classes
from segscore.counts.areas import sizes
from segscore.counts.class_maps import ClassMaps
from segscore.counts.measures import Measures
from segscore.counts.record import NO_FIT, Record, check_order
from segscore.counts.rows import joined
from segscore.counts.threads import threads_for_distances
from segscore.errors import FileFormatError
from segscore.io.arrays import Array

Read: TypeAlias = tuple[Ints, Ints, Ints, Floats, Ints]
"""Rows of the core: label, side, code, square of the distance, count."""


@dataclass(frozen=True, eq=False, repr=False)
class Surfaces(Record):
    """Elements of surfaces by class, side, distance and size: int64 (M,) each, sorted by image and so on.

    Fractions are kept as their bits, which rise with them as they are positive.
    """

    kind = "surfaces"

    label: Ints
    """The class, 0 to K-1."""
    side: Ints
    """0 for the surface of the target, 1 for that of the prediction."""
    squared_bits: Ints
    """The square of the distance to the other surface; of infinity where that has none that near."""
    size_bits: Ints
    """The area of one element, or its length in two dimensions; 1 for voxels."""
    count: Ints
    """How many elements there are."""
    diagonal_bits: Ints
    """The diagonal of the image, the same for all its rows."""

    @classmethod
    def of(
        cls,
        maps: ClassMaps,
        measures: Measures,
        spacing: tuple[float, ...] | None,
        threads: int | None,
        read: Read | None = None,
    ) -> "Surfaces":
        """Return the surfaces of one image, of the classes that means take in, without a background.

        `read` are its rows, where they were read with its pair counts; else `threads` may be used, None for
        the default.
        """
        shape = maps.target.shape
        steps = _steps(shape, spacing)
        values, kinds = _elements(measures, steps)
        label, side, kind, squared, count = read or _core.surface_rows(
            maps.target,
            maps.pred,
            spacing=steps,
            corners=kinds is not None,
            kinds=kinds,
            within=measures.within,
            labels=maps.labels_of(measured_classes(maps.classes)),
            ignored=maps.ignored,
            threads=threads_for_distances(maps.target.size, threads),
        )
        target, _ = maps.fold(label, label[:0])
        columns = [target, side, _bits(squared), _bits(values[kind])]
        if not maps.rising:  # else the core has sorted them
            columns, count = joined(columns, count)
        diagonal = hypot(*[length * step for length, step in zip(shape, steps, strict=True)])
        of_image = np.full(len(count), diagonal).view(np.int64)
        target, side, squared_bits, size_bits = columns
        return cls.one_image(target, side, squared_bits, size_bits, count, of_image)

    @lazy
    def distance(self) -> Floats:
        """float64 (M,): the distance to the other surface."""
        return readonly(np.sqrt(self.squared_bits.view(np.float64)))

    @lazy
    def size(self) -> Floats:
        """float64 (M,): the area of one element, its length in two dimensions, or 1 for voxels."""
        return self.size_bits.view(np.float64)

    @property
    def diagonal(self) -> Floats:
        """float64 (n,): the diagonal of each image; NaN for one without any surface."""
        found = np.full(len(self.offsets) - 1, np.nan)
        held = self.lengths > 0
        found[held] = self.diagonal_bits.view(np.float64)[self.offsets[:-1][held]]
        return found

    def check(self, classes: Classes) -> None:
        """Raise FileFormatError if there are rows of no class or side, or what is no distance or size."""
        squared, size, diagonal = (
            bits.view(np.float64) for bits in (self.squared_bits, self.size_bits, self.diagonal_bits)
        )
        good = (
            ((self.label >= 0) & (self.label < len(classes))).all()
            and np.isin(self.side, (0, 1)).all()
            and (squared >= 0).all()
            and (np.isfinite(size) & (size > 0)).all()
            and (np.isfinite(diagonal) & (diagonal > 0)).all()
            and ((np.diff(self.diagonal_bits) == 0) | (np.diff(self.image) > 0)).all()
            and (self.count > 0).all()
            and float(self.count.sum(dtype=np.float64)) < 1 << 62
            and float(size.max(initial=0)) * float(self.count.sum(dtype=np.float64)) < inf
        )
        if not good:
            raise FileFormatError(NO_FIT)
        check_order(self.image, self.label, self.side, self.squared_bits, self.size_bits)

    def fits(self, measures: Measures) -> bool:
        """Whether distances are measured, of elements of such a size."""
        return measures.distances and (measures.surface == "area" or bool((self.size == 1).all()))


def read_surfaces(
    classes: Classes,
    measures: Measures,
    target: Array,
    pred: Array,
    *,
    spacing: tuple[float, ...] | None,
    threads: int | None,
) -> tuple[Read, _core.PairCounts]:
    """Return the rows of one image whose classes have one label each, and its pair counts.

    `threads` may be used, None for the default.
    """
    steps = _steps(target.shape, spacing)
    _, kinds = _elements(measures, steps)
    return _core.counted_surface_rows(
        target,
        pred,
        spacing=steps,
        corners=kinds is not None,
        kinds=kinds,
        labels=[classes.labels[i] for i in measured_classes(classes).tolist()],
        within=measures.within,
        threads=threads_for_distances(target.size, threads),
    )


def measured_classes(classes: Classes) -> Ints:
    """Return the classes with measured surfaces: those of means, but for the background of a binary task."""
    chosen = classes.in_mean.copy()
    if classes.background is not None:
        chosen[classes.background] = False
    return chosen.nonzero()[0]


_VOXEL = readonly(np.ones(1))
"""The size of a voxel, whatever its spacing."""


def _elements(measures: Measures, steps: tuple[float, ...]) -> tuple[Floats, bytes | None]:
    """Return the sizes of elements, and for corners the place of that of each code among them."""
    return sizes(steps) if measures.surface == "area" else (_VOXEL, None)


def _steps(shape: tuple[int, ...], spacing: tuple[float, ...] | None) -> tuple[float, ...]:
    return (1.0,) * len(shape) if spacing is None else spacing


def _bits(values: Floats) -> Ints:
    return np.ascontiguousarray(values, dtype=np.float64).view(np.int64)
