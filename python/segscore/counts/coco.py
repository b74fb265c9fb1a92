"""Files of COCO, annotations and results, become tables of objects and of the pixels that they share."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from segscore._core import MAX_PIXELS
from segscore._core import read_coco as _read
from segscore.base.values import Ints
from segscore.base.wording import many
from segscore.counts.threads import num_threads
from segscore.errors import FileFormatError

OBJECT_COLUMNS: Final = ("side", "id", "label", "pixels", "area", "score", "flags", "void", "place")
"""Columns of objects, int64 each: side (0 target, 1 prediction), id, index of the class, pixels of the mask,
area (bits of float64), score (bits of float64, 0 for targets), flags, pixels of void that it covers, place in
the file."""
OVERLAP_COLUMNS: Final = ("target", "pred", "pixels")
"""Columns of overlaps: numbers among the targets and among the predictions of their image, shared pixels."""
CROWD: Final = 1
IGNORE: Final = 2
BOX_ONLY: Final = 4
"""Flags of objects: a crowd; one that its file says to ignore; one that has a box and no mask."""
_NAMED: Final = 20


@dataclass(frozen=True, eq=False)
class CocoTables:
    """What a file of annotations and one of results hold, of n images in the order of their ids.

    Rows of image i are those from offset i to offset i + 1: all targets in the order of their file, then all
    predictions.
    """

    image_ids: Ints
    image_names: tuple[str, ...]
    heights: Ints
    widths: Ints
    class_ids: Ints
    class_names: tuple[str, ...]
    object_offsets: Ints
    objects: Mapping[str, Ints]
    overlap_offsets: Ints
    overlaps: Mapping[str, Ints]


def read_coco(
    target: bytes,
    pred: bytes,
    *,
    names: tuple[str, str] = ("target", "pred"),
    max_pixels: int = MAX_PIXELS,
    area_from_mask: bool = False,
    threads: int | None = None,
) -> CocoTables:
    """Read annotations and results; all that is wrong with either of them is one `FileFormatError`.

    `names` are those of the files in messages. Targets have the area that their file says, as COCO has it, or
    that of their masks.
    """
    found, images, classes, objects, overlaps = _read(
        target, pred, max_pixels=max_pixels, area_from_mask=area_from_mask, threads=num_threads(threads)
    )
    if found:
        raise _refused(found, dict(zip(("target", "pred"), names, strict=True)))
    ids, heights, widths, image_names = images
    return CocoTables(
        image_ids=ids,
        image_names=tuple(image_names),
        heights=heights,
        widths=widths,
        class_ids=classes[0],
        class_names=tuple(classes[1]),
        object_offsets=objects[0],
        objects=dict(zip(OBJECT_COLUMNS, objects[1], strict=True)),
        overlap_offsets=overlaps[0],
        overlaps=dict(zip(OVERLAP_COLUMNS, overlaps[1], strict=True)),
    )


def _refused(found: list[tuple[str, str, int, str]], names: Mapping[str, str]) -> FileFormatError:
    """Return the error for all that was found; a line for each of the first, and how many more there are."""
    lines = [
        f"{names[side]}{f', {of}[{index}]' if of else ''}: {said}" for side, of, index, said in found[:_NAMED]
    ]
    if len(found) > _NAMED:
        lines.append(f"and {many(len(found) - _NAMED, 'more finding')}")
    return FileFormatError("\n".join(lines), "export the file again with the tool that it is from")
