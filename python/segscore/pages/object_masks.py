"""Where the objects of an image lie: read anew, as no pixel is kept, and checked to be what was scored."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from os.path import isfile
from typing import TypeAlias

import numpy as np

from segscore.base.values import Ints
from segscore.classes.folding import is_background
from segscore.counts.coco import BothMasks, masks_of_images
from segscore.counts.id_maps import ids_of
from segscore.counts.objects import PRED, TARGET, Objects
from segscore.errors import ArgumentError, SegscoreError
from segscore.io.addresses import is_address
from segscore.io.annotations.targets import ANNOTATED
from segscore.io.masks import Read, read_mask
from segscore.io.places import Files
from segscore.io.shapes import PLANES
from segscore.io.whole import content_of
from segscore.results.evaluated import Evaluated

Numbered: TypeAlias = Callable[[int, Sequence[int]], Ints]
"""From a side and some of its objects, by their numbers, to a map (H, W): 0 for none, else one more than the
number of the object that lies there, those of the sequence on top, the last one uppermost."""

_MOST_BYTES = 1 << 30
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
        for image in images:
            files = evaluation.files.get(evaluation.names[image], Files())
            try:
                yield _of_ids(files, Own.of(objects, image), read)
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


def _of_ids(files: Files, own: Own, read: Read | None) -> Numbered:
    """Return where the segments of two maps of ids lie, or raise an error."""
    maps = [ids_in(path, read) for path in (files.target, files.pred)]
    if maps[0].shape != maps[1].shape or maps[0].ndim != PLANES:
        raise ArgumentError("maps of ids of these shapes are no picture")
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
    return lambda side, _: sides[side]  # no segment lies on another one


def ids_in(path: str | None, read: Read | None) -> Ints:
    """Return the map of ids in a file, or raise an error if it cannot be read."""
    if path is None:
        raise ArgumentError("no picture is made of arrays")
    if is_address(path):
        raise ArgumentError("masks that are elsewhere are not fetched for pictures")
    if not isfile(path):
        raise ArgumentError("the masks are no longer where they were")
    return ids_of(np.asarray(read_mask(path, read=read, colours=True)).astype(np.int64))


def labels_of_ids(evaluation: Evaluated, name: str, side: int, ids: Ints) -> Ints:
    """Return the label of the class of each id of a map, as pair counts have it.

    What is no object is the background, where a class is that, or ignored.
    """
    classes, objects = evaluation.classes, evaluation.shapes.matching.objects
    image = evaluation.names.index(name)
    rows = np.arange(objects.offsets[image], objects.offsets[image + 1])
    rows = rows[objects.side[rows] == side]
    values = np.array(classes.labels, dtype=np.int64)
    outside = next((i for i, one in enumerate(classes.names) if is_background(one)), None)
    ignored = (*classes.all_ignored, 0)[0]
    found = np.full(ids.shape, ignored if outside is None else values[outside])
    if len(rows):
        order = rows[np.argsort(objects.id[rows], kind="stable")]
        at = np.minimum(np.searchsorted(objects.id[order], ids), len(order) - 1)
        known = objects.id[order][at] == ids
        # A segment that is no object is of an ignored class.
        found = np.where(known, values[objects.label[order][at]], np.where(ids == 0, found, ignored))
    return found


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
    target = content_of(paths[0], _MOST_BYTES, "") if files.contents is None else files.contents(paths[0])
    pred = content_of(paths[1], _MOST_BYTES, "")
    return masks_of_images((target, pred), [evaluation.names[image] for image in images])


def _painted(both: BothMasks) -> Numbered:
    def numbered(side: int, on_top: Sequence[int]) -> Ints:
        masks = both[side]
        others = sorted({*range(len(masks))} - {*on_top})
        order = [*others, *on_top]
        painted, _, _ = masks.paint(order, [number + 1 for number in order], background=0)
        return np.asarray(painted).astype(np.int64)

    return numbered
