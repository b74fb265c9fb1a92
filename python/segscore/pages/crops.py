"""Pictures of objects that a model missed, invented, split or merged: the part of the image around each.

How a page shows them is not known here.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import cycle
from os.path import isfile
from typing import Final, Literal, NamedTuple, TypeAlias

import numpy as np

from segscore.base.values import Ints
from segscore.classes.labels import Colour
from segscore.counts.objects import PRED, TARGET
from segscore.errors import SegscoreError
from segscore.io.masks import Read
from segscore.io.photographs import decode_image, read_image
from segscore.io.places import Files
from segscore.pages.masks import clear_png_of
from segscore.pages.object_masks import Box, Placed, placed_of
from segscore.pages.pictures import shape_note
from segscore.results.evaluated import Evaluated
from segscore.scores.object_summary import matched_at

Kind: TypeAlias = Literal["missed", "invented", "split", "merged"]

MOST: Final = 8
"""Objects of each kind, at most: the largest."""
SIDE: Final = 176
"""Pixels of the longer side of a picture."""
_AROUND, _LEAST = 0.3, 8
"""How much of its size is shown around an object, and how many pixels at least."""
_NONE, _OTHER, _THIS, _ONE, _TWO = range(5)
COLOURS: Final[dict[str, Colour]] = {
    "no object": (0, 0, 0),
    "other objects": (150, 150, 150),
    "this object": (213, 94, 0),
    "what overlaps it most": (0, 114, 178),
    "the next one": (86, 180, 233),
}
"""What colours in these pictures mean; that of no object is seen through, as the ground of a page is."""
_QUALITY = 82


class Over(NamedTuple):
    """An object of the other side that a missed or an invented one shares pixels with."""

    label: int
    """Its class, by its index."""
    pixels: int
    """How many they share."""


@dataclass(frozen=True, kw_only=True)
class Crop:
    """What there is to see of one object."""

    kind: Kind
    image: int
    """Of the evaluation, by its index."""
    id: int
    label: int
    """Its class, by its index."""
    pixels: int
    over: tuple[Over, ...] = ()
    """The two that overlap a missed or an invented one most, whatever their class; none of others."""
    target: bytes = b""
    """A PNG file, and so is that of the prediction; empty where objects cannot be shown."""
    pred: bytes = b""
    photograph: bytes = b""
    """A JPEG file; empty where there is none."""
    size: tuple[int, int] = (0, 0)
    """Width and height of the pictures."""
    reason: str = ""
    """Why there are none; empty where there are."""


def crops_of(evaluation: Evaluated, most: int = MOST, *, read: Read | None = None) -> tuple[Crop, ...]:
    """Return the largest objects of each kind, at most so many, with pictures where masks can be read."""
    if not evaluation.measures.instances:
        return ()
    matching = evaluation.shapes.matching
    objects = matching.objects
    found = matching.at(matched_at(evaluation.measures))
    kinds: tuple[tuple[Kind, Ints], ...] = (
        ("missed", found.missed),
        ("invented", found.invented),
        ("split", matching.split()),
        ("merged", matching.merged()),
    )
    chosen = [
        (kind, int(row))
        for kind, rows in kinds
        for row in rows[np.argsort(-objects.pixels[rows], kind="stable")][: min(MOST, most)]
    ]
    # Maps of one image after the other, so that few are in memory at once.
    images = sorted({int(objects.image[row]) for _, row in chosen})
    made: dict[int, Crop] = {}
    for image, where in zip(images, placed_of(evaluation, images, read=read), strict=True):
        for i, (kind, row) in enumerate(chosen):
            if objects.image[row] == image:
                made[i] = _crop(evaluation, kind, row, where)
    return tuple(made[i] for i in range(len(chosen)))


def _crop(evaluation: Evaluated, kind: Kind, row: int, where: Placed | str) -> Crop:
    objects = evaluation.shapes.matching.objects
    image, side = int(objects.image[row]), int(objects.side[row])
    number_of, label, pixels = (int(of[row]) for of in (objects.id, objects.label, objects.pixels))
    number, others, over = _place(evaluation, kind, row)
    told = Crop(kind=kind, image=image, id=number_of, label=label, pixels=pixels, over=over)
    if isinstance(where, str):
        return replace(told, reason=where)
    if not pixels:
        return replace(told, reason="no pixel of it is within the image")
    parts = others if kind in ("split", "merged") else ()
    box = _around(where.box({side: [number], 1 - side: parts}), where.shape)
    own, other = where.numbered(side, box, [number]), where.numbered(1 - side, box, others)
    high, wide = (part.stop - part.start for part in box)
    scale = SIDE / max(high, wide)
    size = max(1, round(wide * scale)), max(1, round(high * scale))
    states = {side: _states(own, [number], [_THIS]), 1 - side: _states(other, others, [_ONE, _TWO])}
    target, pred = (clear_png_of(states[of], COLOURS.values(), size) for of in (TARGET, PRED))
    files = evaluation.files.get(evaluation.names[image], Files())
    return replace(
        told, target=target, pred=pred, size=size, photograph=_photograph(files, box, where.shape, size)
    )


def _place(evaluation: Evaluated, kind: Kind, row: int) -> tuple[int, list[int], tuple[Over, ...]]:
    """Return the number of an object among those of its side and image, and those to be seen beside it.

    They are the parts of one that is split, and what a merged one takes in, else the two that overlap it
    most, those with most of its pixels first.
    """
    matching = evaluation.shapes.matching
    objects, overlaps = matching.objects, matching.overlaps
    image, side = int(objects.image[row]), int(objects.side[row])
    # Where targets and predictions of the image begin.
    first = int(objects.offsets[image]), int(objects.offsets[image] + objects.targets[image])
    number = row - first[side]
    rows = slice(int(overlaps.offsets[image]), int(overlaps.offsets[image + 1]))
    both = overlaps.target[rows], overlaps.pred[rows]
    own = both[side] == number
    others, pixels = both[1 - side][own], overlaps.pixels[rows][own]
    order = np.argsort(-pixels, kind="stable")
    others, pixels = others[order], pixels[order]
    at = first[1 - side] + others
    if kind not in ("split", "merged"):
        most = zip(objects.label[at[:2]].tolist(), pixels[:2].tolist(), strict=True)
        return number, others[:2].tolist(), tuple(Over(*one) for one in most)
    alike = (objects.label[at] == objects.label[row]) & ~matching.uncounted[at]
    return number, others[alike & (2 * pixels > objects.pixels[at])].tolist(), ()


def _around(box: Box, shape: tuple[int, int]) -> Box:
    """Return a box with some of the image around it."""

    def wider(span: slice, length: int) -> slice:
        more = max(_LEAST, round(_AROUND * (span.stop - span.start)))
        return slice(max(0, span.start - more), min(length, span.stop + more))

    (rows, columns), (height, width) = box, shape
    return wider(rows, height), wider(columns, width)


def _states(numbers: Ints, marked: Sequence[int], states: Sequence[int]) -> Ints:
    """Return the colour of each pixel: that of other objects, but for those that are marked."""
    found = np.where(numbers > 0, _OTHER, _NONE)
    for number, state in zip(marked, cycle(states), strict=False):
        found[numbers == number + 1] = state
    return found


def _photograph(files: Files, box: Box, shape: tuple[int, int], size: tuple[int, int]) -> bytes:
    """Return the part of the photograph as JPEG; nothing where there is none of this shape."""
    path = files.image
    if path is None or not isfile(path):
        return b""
    try:
        pixels = read_image(path) if files.contents is None else decode_image(files.contents(path), path)
    except SegscoreError:
        return b""
    height, width = shape
    if shape_note(pixels.shape[1::-1], (width, height)):
        return b""
    from PIL import Image

    down, across = pixels.shape[0] / height, pixels.shape[1] / width
    part = Image.fromarray(pixels).resize(
        size,
        box=(box[1].start * across, box[0].start * down, box[1].stop * across, box[0].stop * down),
    )
    file = io.BytesIO()
    part.save(file, "JPEG", quality=_QUALITY, optimize=True)
    return file.getvalue()
