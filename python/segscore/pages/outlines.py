"""Outlines of objects whose masks may overlap, over their photograph, coloured by what became of them.

No picture has all of such masks, but one has all of their outlines.
"""

import io
from collections.abc import Mapping
from importlib.util import find_spec
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from segscore.base.values import Ints
from segscore.classes.labels import Colour
from segscore.counts.objects import PRED, TARGET
from segscore.errors import SegscoreError
from segscore.io.photographs import decode_image, read_image
from segscore.io.places import Files
from segscore.pages.masks import clear_png_of, size_within
from segscore.pages.object_masks import Placed, placed_of
from segscore.pages.pictures import SIDE, shape_note
from segscore.results.evaluated import Evaluated
from segscore.scores.object_summary import matched_at

OUTLINES: Final[Mapping[str, Colour]] = MappingProxyType(
    {"matched": (22, 124, 168), "missed or invented": (214, 64, 24), "not counted": (140, 148, 154)}
)
"""What became of an object, and in which colour its outline is drawn."""
_MATCHED, _WRONG, _OTHER = range(1, 1 + len(OUTLINES))
_LINE: Final = 2
"""Pixels of a picture that a line is wide."""


class Outlined(NamedTuple):
    """The outlines of the objects of one image."""

    target: bytes = b""
    """A PNG file, and so is that of predictions; empty where they cannot be shown."""
    pred: bytes = b""
    reason: str = ""
    """Why there are none; empty where there are."""


def outlines_of(evaluation: Evaluated, image: int, *, side: int = SIDE) -> Outlined:
    """Return the outlines of the objects of an image, whose longer side has at most `side` pixels."""
    (where,) = placed_of(evaluation, [image])
    if isinstance(where, str):
        return Outlined(reason=where)
    size = size_within(where.shape, side)
    files = evaluation.files.get(evaluation.names[image], Files())
    photograph, states = _photograph(files, where.shape, size), _states(evaluation, image)
    target, pred = (_drawn(where, of, states[of], size, photograph) for of in (TARGET, PRED))
    return Outlined(target, pred)


def _states(evaluation: Evaluated, image: int) -> tuple[Ints, Ints]:
    """Return what became of targets and predictions of an image, by their numbers."""
    matching = evaluation.shapes.matching
    objects, found = matching.objects, matching.at(matched_at(evaluation.measures))
    states = np.full(len(objects.id), _OTHER)
    states[np.concatenate([found.matches.target, found.matches.pred])] = _MATCHED
    states[np.concatenate([found.missed, found.invented])] = _WRONG
    first, behind = int(objects.offsets[image]), int(objects.offsets[image + 1])
    middle = first + int(objects.targets[image])
    return states[first:middle], states[middle:behind]


def _drawn(where: Placed, side: int, states: Ints, size: tuple[int, int], photograph: "Ints | None") -> bytes:
    """Return the outlines of one side as PNG, over the photograph if there is one."""
    line = max(1, round(_LINE * max(where.shape) / max(size)))
    bands = where.masks[side].bands(line)
    # What is wrong is uppermost.
    rank = np.array([0, 1, 2, 0])
    order = np.argsort(rank[states], kind="stable").tolist()
    painted, _, _ = bands.paint(order, states[order].tolist(), background=0)
    lines = np.asarray(painted)
    colours = [(0, 0, 0), *OUTLINES.values()]
    if photograph is None:
        return clear_png_of(lines, colours, size)
    from PIL import Image

    small = np.asarray(Image.fromarray(lines).resize(size, Image.Resampling.NEAREST))
    over = np.where(small[..., None] > 0, np.array(colours, dtype=np.uint8)[small], photograph)
    file = io.BytesIO()
    Image.fromarray(over.astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def _photograph(files: Files, shape: tuple[int, int], size: tuple[int, int]) -> "Ints | None":
    """Return the photograph in a size, uint8 (h, w, 3); None where there is none of this shape."""
    path = files.image
    if path is None or find_spec("PIL") is None:
        return None
    try:
        pixels = read_image(path) if files.contents is None else decode_image(files.contents(path), path)
    except SegscoreError:
        return None
    if shape_note((pixels.shape[1], pixels.shape[0]), (shape[1], shape[0])):
        return None
    from PIL import Image

    return np.asarray(Image.fromarray(pixels).convert("RGB").resize(size))
