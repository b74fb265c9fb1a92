"""Connected components of the classes of one image as objects, and what those of both sides share.

A component is of one class and of one side. None is cut where the target is ignored: what a prediction says
there may hold its components together, and counts as void.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from segscore._core import component_overlaps, components
from segscore.base.values import Bools, Ints
from segscore.classes.classes import Classes
from segscore.classes.folding import IGNORED, is_background
from segscore.counts.class_maps import ClassMaps
from segscore.counts.components import Connectivity, neighbours
from segscore.counts.objects import Objects, Overlaps, Pair, SideObjects
from segscore.counts.surfaces import measured_classes
from segscore.io.arrays import Array

_ROWS: Final = 256
"""Rows of a map that are looked up at once."""


def object_classes(classes: Classes) -> Bools:
    """Return the classes whose components are objects, bool (K,): those of means, but for a background."""
    chosen = np.zeros(len(classes), dtype=np.bool_)
    chosen[[i for i in measured_classes(classes).tolist() if not is_background(classes.names[i])]] = True
    return chosen


def components_of(maps: ClassMaps, connectivity: Connectivity | None) -> Pair:
    """Return the components of both maps, numbered from 1 on by their first pixels, and their overlaps.

    Without a connectivity, neighbours are those all around.
    """
    are_objects = object_classes(maps.classes)
    (target, pred, pixels), (of_target, of_pred) = component_overlaps(
        maps.target,
        maps.pred,
        connectivity=neighbours(connectivity, maps.target.ndim),
        background=_background(maps, are_objects),
    )
    classes = maps.fold(of_target, of_pred)
    is_void = np.append(False, classes[0] == IGNORED)[target]
    numbers, sides = [], []
    for at, of in zip((target, pred), classes, strict=True):
        kept = np.flatnonzero(np.append(are_objects, (False, False))[of])
        place = np.arange(len(kept))
        number = np.full(len(of) + 1, -1)
        number[kept + 1] = place
        numbers.append(number[at])
        size, void = (np.zeros(len(of) + 1, dtype=np.int64) for _ in range(2))
        np.add.at(size, at, pixels)
        np.add.at(void, at[is_void], pixels[is_void])
        sides.append(SideObjects(place + 1, of[kept], size[kept + 1], place, void=void[kept + 1]))
    shared = np.flatnonzero((numbers[0] >= 0) & (numbers[1] >= 0))
    overlaps = Overlaps.one_image(*(number[shared] for number in numbers), pixels[shared])
    return Objects.of_sides(sides[0]._replace(void=0), sides[1]), overlaps


def numbered_components(maps: ClassMaps, connectivity: Connectivity | None) -> tuple[Array, Array]:
    """Return where the components of both maps lie, as `components_of` numbers them: 0 for none."""
    are_objects = object_classes(maps.classes)
    around, outside = neighbours(connectivity, maps.target.ndim), _background(maps, are_objects)
    both = maps.target, maps.pred
    found = [components(one, connectivity=around, background=outside) for one in both]
    labels = [_labels_by_number(of, one) for of, one in zip(found, both, strict=True)]
    numbered = []
    for one, of in zip(found, maps.fold(*labels), strict=True):
        kept = np.append(are_objects, (False, False))[of]
        kept[0] = False
        table = np.where(kept, np.cumsum(kept), 0).astype(one.dtype)
        # In place: maps of components may take as much memory as there is.
        for rows in _parts(one):
            one[rows] = table[one[rows]]
        numbered.append(one)
    return numbered[0], numbered[1]


def _labels_by_number(numbers: Array, labels: Array) -> Ints:
    """Return the label of each number of components, int64, and before them one of pixels of none."""
    found = np.full(int(numbers.max(initial=0)) + 1, labels.flat[0], dtype=np.int64)
    for rows in _parts(numbers):
        found[numbers[rows]] = labels[rows]
    return found


def _parts(whole: Array) -> Iterator[slice]:
    """Yield the rows of a map, few at a time: places that arrays are read at take eight bytes each."""
    return (slice(start, start + _ROWS) for start in range(0, len(whole), _ROWS))


def _background(maps: ClassMaps, are_objects: Bools) -> int | None:
    """Return the label that need not be found: the first of what is no object is the background by far."""
    others = maps.labels_of(np.flatnonzero(~are_objects))
    return others[0] if others else None
