"""Where the objects of an image lie: read anew, as no pixel is kept, and checked to be what was scored."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from os.path import isfile
from typing import TypeAlias

import numpy as np

from segscore.base.values import Ints
from segscore.counts.class_components import numbered_components
from segscore.counts.class_maps import ClassMaps
from segscore.counts.coco import BothMasks, masks_of_images, whole_content
from segscore.counts.objects import PRED, TARGET, Objects
from segscore.errors import ArgumentError, SegscoreError
from segscore.io.annotations.targets import ANNOTATED
from segscore.io.kinds import is_volume
from segscore.io.masks import Read
from segscore.io.places import Files
from segscore.io.shapes import PLANES
from segscore.pages.id_masks import ids_in
from segscore.pages.masks import labels_of
from segscore.results.evaluated import Evaluated

Numbered: TypeAlias = Callable[[int, Sequence[int]], Ints]
"""From a side and some of its objects, by their numbers, to a map (H, W): 0 for none, else one more than the
number of the object that lies there, those of the sequence on top, the last one uppermost."""

_CHANGED = "the masks have changed since they were scored"


@dataclass(frozen=True)
class Own:
    """The objects of one image: rows of a table, targets first."""

    ids: tuple[Ints, Ints]
    pixels: tuple[Ints, Ints]

    @staticmethod
    def of(objects: Objects, image: int) -> "Own":
        """Return those of an image, by its index."""
        rows = slice(int(objects.offsets[image]), int(objects.offsets[image + 1]))
        sides = [objects.side[rows] == side for side in (TARGET, PRED)]
        ids, pixels = objects.id[rows], objects.pixels[rows]
        return Own((ids[sides[0]], ids[sides[1]]), (pixels[sides[0]], pixels[sides[1]]))


def numbered_of(
    evaluation: Evaluated, images: Sequence[int], *, read: Read | None = None
) -> Iterator[Numbered | str]:
    """Yield where the objects of these images lie, or why that cannot be shown."""
    objects = evaluation.shapes.matching.objects
    if evaluation.measures.of_pixels:
        one = _of_components if evaluation.measures.components else _of_ids
        for image in images:
            try:
                yield one(evaluation, evaluation.names[image], Own.of(objects, image), read)
            except SegscoreError as error:
                yield error.message
        return
    try:
        found = _of_coco(evaluation, images)
    except SegscoreError as error:
        yield from [error.message] * len(images)
        return
    for image, both in zip(images, found, strict=True):
        own = Own.of(objects, image)
        same = both is not None and all(
            np.array_equal(masks.pixels(), pixels) for masks, pixels in zip(both, own.pixels, strict=True)
        )
        yield _painted(both) if both is not None and same else _CHANGED


def _of_ids(evaluation: Evaluated, name: str, own: Own, read: Read | None) -> Numbered:
    """Return where the segments of two maps of ids lie, or raise an error."""
    files = evaluation.files.get(name, Files())
    return _numbered([ids_in(path, read) for path in (files.target, files.pred)], own)


def _of_components(evaluation: Evaluated, name: str, own: Own, read: Read | None) -> Numbered:
    """Return where the components of classes lie in two masks, or raise an error."""
    files = evaluation.files.get(name, Files())
    if is_volume(files.target) or is_volume(files.pred):
        raise ArgumentError("components of volumes are not drawn")  # nor read to find that out
    masks = labels_of(evaluation, name, read=read)
    target, pred = masks.target, np.asarray(masks.pred)
    maps = ClassMaps.of(evaluation.classes, target, pred, (np.unique(target), np.unique(pred)))
    return _numbered(numbered_components(maps, evaluation.measures.connectivity), own)


def _numbered(maps: Sequence[Ints], own: Own) -> Numbered:
    """Return where objects lie by maps of their ids, or raise ArgumentError if they are not those."""
    if maps[0].shape != maps[1].shape or maps[0].ndim != PLANES:
        raise ArgumentError("maps of objects of these shapes are no picture")
    sides = []
    for ids, known, pixels in zip(maps, own.ids, own.pixels, strict=True):
        order = np.argsort(known, kind="stable")
        at = np.minimum(np.searchsorted(known[order], ids), max(0, len(known) - 1))
        number = np.zeros(ids.shape, dtype=np.int64)
        if len(known):
            number = np.where(known[order][at] == ids, order[at] + 1, 0)
        if not np.array_equal(np.bincount(number.ravel(), minlength=len(known) + 1)[1:], pixels):
            raise ArgumentError(_CHANGED)
        sides.append(number)
    return lambda side, _: sides[side]  # no object lies on another one


def _of_coco(evaluation: Evaluated, images: Sequence[int]) -> list[BothMasks | None]:
    """Return the masks of targets and predictions of images of COCO's files; None for one that is gone."""
    # Those of a run are known from what is registered, others from where they were read.
    files = evaluation.files.get(evaluation.names[images[0]], Files()) if images else Files()
    paths = [
        path or evaluation.provenance.get(side, "")
        for side, path in (("target", files.target), ("pred", files.pred))
    ]
    if not all(paths):
        raise ArgumentError("no picture is made of arrays")
    if ANNOTATED in evaluation.provenance or evaluation.measures.convention == "cityscapes":
        raise ArgumentError("masks of objects are read again of files of COCO and LVIS alone")
    if not all(map(isfile, paths)):
        raise ArgumentError("the files of annotations and results are no longer where they were")
    target = whole_content(paths[0]) if files.contents is None else files.contents(paths[0])
    pred = whole_content(paths[1])
    return masks_of_images((target, pred), [evaluation.names[image] for image in images])


def _painted(both: BothMasks) -> Numbered:
    def numbered(side: int, on_top: Sequence[int]) -> Ints:
        masks = both[side]
        others = sorted({*range(len(masks))} - {*on_top})
        order = [*others, *on_top]
        painted, _, _ = masks.paint(order, [number + 1 for number in order], background=0)
        return np.asarray(painted).astype(np.int64)

    return numbered
