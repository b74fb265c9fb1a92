"""Where the objects of an image lie: read anew, as no pixel is kept, and checked to be what was scored."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os.path import isfile
from typing import TypeAlias

import numpy as np

from segscore.base.values import Ints
from segscore.counts.class_components import numbered_components
from segscore.counts.class_maps import ClassMaps
from segscore.counts.coco import BothMasks, masks_of_images, whole_content
from segscore.counts.id_maps import masks_of_ids
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

_CHANGED = "the masks have changed since they were scored"
Box: TypeAlias = tuple[slice, slice]
"""Rows and columns of an image."""


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


@dataclass(frozen=True)
class Placed:
    """Where the objects of one image lie: the masks of its targets and of its predictions.

    They are painted where they are looked at alone: whole images may have more pixels than there is room for.
    """

    masks: BothMasks

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width of the image."""
        height, width = self.masks[TARGET].size
        return height, width

    def box(self, of_sides: Mapping[int, Sequence[int]]) -> Box:
        """Return the smallest box around objects, by their numbers of each side."""
        boxes = np.concatenate([self.masks[side].boxes()[[*own]] for side, own in of_sides.items()])
        (left, top), (right, bottom) = boxes[:, :2].min(axis=0), (boxes[:, :2] + boxes[:, 2:]).max(axis=0)
        return slice(int(top), int(bottom)), slice(int(left), int(right))

    def numbered(self, side: int, box: Box, on_top: Sequence[int]) -> Ints:
        """Return what lies where in a box: 0 for nothing, else one more than the number of the object.

        Those of the sequence are on top, the last one uppermost.
        """
        rows, columns = box
        size = rows.stop - rows.start, columns.stop - columns.start
        masks = self.masks[side].window(rows.start, columns.start, *size)
        others = sorted({*np.flatnonzero(masks.pixels()).tolist()} - {*on_top})
        order = [*others, *on_top]
        painted, _, _ = masks.paint(order, [number + 1 for number in order], background=0)
        return np.asarray(painted).astype(np.int64)


def placed_of(
    evaluation: Evaluated, images: Sequence[int], *, read: Read | None = None
) -> Iterator[Placed | str]:
    """Yield where the objects of these images lie, or why that cannot be shown."""
    objects = evaluation.shapes.matching.objects
    if evaluation.measures.of_pixels:
        one = _of_components if evaluation.measures.components else _of_ids
        for image in images:
            try:
                own = Own.of(objects, image)
                yield _checked(one(evaluation, evaluation.names[image], own, read), own)
            except SegscoreError as error:
                yield error.message
        return
    try:
        found = _of_coco(evaluation, images)
    except SegscoreError as error:
        yield from [error.message] * len(images)
        return
    for image, both in zip(images, found, strict=True):
        try:
            yield _checked(both, Own.of(objects, image))
        except SegscoreError as error:
            yield error.message


def _checked(both: BothMasks | None, own: Own) -> Placed:
    """Return where objects lie, or raise ArgumentError if these are not those that were scored."""
    sides = () if both is None else zip(both, own.pixels, strict=True)
    if both is None or not all(np.array_equal(masks.pixels(), pixels) for masks, pixels in sides):
        raise ArgumentError(_CHANGED)
    return Placed(both)


def _of_ids(evaluation: Evaluated, name: str, own: Own, read: Read | None) -> BothMasks:
    """Return the segments of two maps of ids, or raise an error."""
    files = evaluation.files.get(name, Files())
    # One map after the other, so that one alone is in memory.
    return _masks_of((ids_in(path, read) for path in (files.target, files.pred)), own)


def _of_components(evaluation: Evaluated, name: str, own: Own, read: Read | None) -> BothMasks:
    """Return the components of classes in two masks, or raise an error."""
    files = evaluation.files.get(name, Files())
    if is_volume(files.target) or is_volume(files.pred):
        raise ArgumentError("components of volumes are not drawn")  # nor read to find that out
    masks = labels_of(evaluation, name, read=read)
    target, pred = masks.target, np.asarray(masks.pred)
    maps = ClassMaps.of(evaluation.classes, target, pred, (np.unique(target), np.unique(pred)))
    return _masks_of(numbered_components(maps, evaluation.measures.connectivity), own)


def _masks_of(maps: Iterable[Ints], own: Own) -> BothMasks:
    """Return the mask of each object of maps of their ids, or raise ArgumentError if these are no picture."""
    sides = []
    for ids, known in zip(maps, own.ids, strict=True):
        if ids.ndim != PLANES:
            raise ArgumentError("maps of objects of these shapes are no picture")
        sides.append(masks_of_ids(ids, known))
    target, pred = sides
    if target.size != pred.size:
        raise ArgumentError("maps of objects of these shapes are no picture")
    return target, pred


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
