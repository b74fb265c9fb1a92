"""Connected components of the classes of one image as objects, and what those of both sides share.

A component is of one class and of one side. None is cut where the target is ignored: what a prediction says
there may hold its components together, and counts as void.
"""

import numpy as np

from segscore._core import component_overlaps, components
from segscore.base.values import Bools, Ints
from segscore.classes.classes import Classes
from segscore.classes.folding import IGNORED, is_background
from segscore.counts.class_maps import ClassMaps
from segscore.counts.components import Connectivity, neighbours
from segscore.counts.objects import Objects, Overlaps, Pair, SideObjects
from segscore.counts.surfaces import measured_classes


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


def numbered_components(maps: ClassMaps, connectivity: Connectivity | None) -> tuple[Ints, Ints]:
    """Return where the components of both maps lie, as `components_of` numbers them: int64, 0 for none."""
    are_objects = object_classes(maps.classes)
    around, outside = neighbours(connectivity, maps.target.ndim), _background(maps, are_objects)
    found = [components(one, connectivity=around, background=outside) for one in (maps.target, maps.pred)]
    first = [np.unique(one, return_index=True) for one in found]
    labels = [
        one.ravel()[at].astype(np.int64) for one, (_, at) in zip((maps.target, maps.pred), first, strict=True)
    ]
    numbered = []
    for one, (numbers, _), of in zip(found, first, maps.fold(*labels), strict=True):
        kept = (numbers > 0) & np.append(are_objects, (False, False))[of]
        number = np.zeros(int(numbers[-1]) + 1, dtype=np.int64)
        number[numbers[kept]] = np.arange(1, np.count_nonzero(kept) + 1)
        numbered.append(number[one])
    return numbered[0], numbered[1]


def _background(maps: ClassMaps, are_objects: Bools) -> int | None:
    """Return the label that need not be found: the first of what is no object is the background by far."""
    others = maps.labels_of(np.flatnonzero(~are_objects))
    return others[0] if others else None
