"""Files of COCO, annotations and results, become tables of objects and of the pixels that they share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from os.path import splitext
from typing import TypeAlias

import numpy as np

from segscore._core import MAX_PIXELS, Masks, coco_masks
from segscore._core import read_coco as _read
from segscore.base.naming import marked
from segscore.base.values import Ints, is_int
from segscore.base.wording import show
from segscore.counts.object_bands import ObjectBands, OverlapBands, PairBands
from segscore.counts.objects import Objects, Overlaps
from segscore.counts.threads import num_threads
from segscore.counts.widths import Width
from segscore.errors import FileFormatError
from segscore.io.annotations.coco import OF_PANOPTIC, PANOPTIC
from segscore.io.whole import content_of, refused

BothMasks: TypeAlias = tuple[Masks, Masks]
"""Those of targets and of predictions."""

_MOST_BYTES = 1 << 32
COCO_FILES = (
    'targets are {"images": […], "annotations": […], "categories": […]}, and predictions a list of '
    '{"image_id", "category_id", "segmentation", "score"}'
)
"""What both files are, as hints say it."""
_NO_TARGETS = b'{"images": [], "annotations": [], "categories": []}'
_PANOPTIC = b'"segments_info"'
"""What a panoptic file has, and one of objects has not."""


@dataclass(frozen=True, eq=False)
class CocoTables:
    """What a file of annotations and one of results hold, of n images in the order of their ids."""

    image_ids: Ints
    image_names: tuple[str, ...]
    heights: Ints
    widths: Ints
    class_ids: Ints
    class_names: tuple[str, ...]
    objects: Objects
    """Those of each image, in the order of their files."""
    overlaps: Overlaps
    bands: PairBands | None = None
    """Those of both, where they were measured."""


def whole_content(path: str) -> bytes:
    """Return what a file of annotations or of results holds, if that is not too much to be read."""
    return content_of(path, _MOST_BYTES, COCO_FILES)


def check_results(path: str, hint: str) -> None:
    """Raise FileFormatError, with a hint, unless a file holds results, of whatever images and classes."""
    content = whole_content(path)
    try:
        read_coco(_NO_TARGETS, content, names=("", show(path)))
    except FileFormatError as error:
        raise FileFormatError(marked(error.message), hint) from error


def read_coco(
    target: bytes,
    pred: bytes,
    *,
    names: tuple[str, str] = ("target", "pred"),
    max_pixels: int = MAX_PIXELS,
    area_from_mask: bool = False,
    federated: bool = False,
    band: Width | None = None,
    threads: int | None = None,
) -> CocoTables:
    """Read annotations and results; all that is wrong with either of them is one `FileFormatError`.

    `names` are those of the files in messages. Targets have the area that their file says, as COCO has it, or
    that of their masks. Where they are federated, as LVIS is, they say which classes were looked for in an
    image, and how frequent each is. Bands of all masks are measured where their width is given.
    """
    found, images, classes, objects, overlaps, bands = _read(
        target,
        pred,
        max_pixels=max_pixels,
        area_from_mask=area_from_mask,
        federated=federated,
        band=None if band is None else (float(band), not is_int(band)),
        threads=num_threads(threads),
    )
    if found:
        for name, content in zip(names, (target, pred), strict=True):
            if _PANOPTIC in content:
                raise refused([f"{name}: {PANOPTIC}"], f"{OF_PANOPTIC}; or give the files of objects")
        raise _all_of(found, dict(zip(("target", "pred"), names, strict=True)))
    ids, heights, widths, image_names = images
    of_both = None
    if band is not None:
        of_both = (
            ObjectBands(objects[0], bands[0], np.zeros_like(bands[0])),
            OverlapBands(overlaps[0], bands[1]),
        )
    return CocoTables(
        image_ids=ids,
        image_names=tuple(image_names),
        heights=heights,
        widths=widths,
        class_ids=classes[0],
        class_names=tuple(classes[1]),
        objects=Objects(objects[0], *objects[1]),
        overlaps=Overlaps(overlaps[0], *overlaps[1]),
        bands=of_both,
    )


def masks_of_images(
    contents: tuple[bytes, bytes], names: Sequence[str], *, threads: int | None = None
) -> list[BothMasks | None]:
    """Return the masks of targets and predictions of images, in the order of the files; None for no image.

    Images are called as `image_names` has it. Masks that cannot be read are empty.
    """
    read = partial(coco_masks, *contents, max_pixels=MAX_PIXELS, threads=num_threads(threads))
    ids, file_names, _ = read([])
    places = {name: place for place, name in enumerate(image_names(ids, file_names))}
    wanted = [places.get(name) for name in names]
    there = [place for place in wanted if place is not None]
    found = iter(read(there)[2])
    return [None if place is None else next(found) for place in wanted]


def image_names(ids: Ints, file_names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of images: those of their files without ending; their ids where these do not tell."""
    names = tuple(splitext(name)[0] for name in file_names)
    if all(names) and len({*names}) == len(names):
        return names
    return tuple(map(str, ids.tolist()))


def _all_of(found: list[tuple[str, str, int, str]], names: Mapping[str, str]) -> FileFormatError:
    """Return the error for all that was found; a line for each of the first, and how many more there are."""
    lines = [f"{names[side]}{f', {of}[{index}]' if of else ''}: {said}" for side, of, index, said in found]
    return refused(lines)
