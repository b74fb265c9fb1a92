"""Pictures of one image under two models: target, both predictions, and what the second one mends and breaks.

How a page shows pictures is not known here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from segscore.classes.colours import CHANGES
from segscore.classes.labels import Colour
from segscore.errors import SegscoreError
from segscore.io.masks import Read
from segscore.io.shapes import PLANES
from segscore.pages.masks import Masks, Scored, clear_png_of, labels_of, palette_of, png_of
from segscore.pages.pictures import ROOM, Pictured, drawn_of, target_of, with_photograph
from segscore.pages.slices import Pngs
from segscore.pages.volumes import slices_of
from segscore.results.evaluated import Evaluated

SIDE = 400
"""Pixels of the longer side of a picture, at most; there are five of an image, so that they are small."""


@dataclass(frozen=True, kw_only=True)
class ChangePicture(Pictured):
    """What there is to see of one image under two models."""

    a: bytes = b""
    b: bytes = b""
    change: bytes = b""
    reasons: tuple[tuple[str, str], ...] = ()
    """Why the masks of a model cannot be shown: "a" or "b", and the reason."""


def changes_of(
    sides: tuple[Evaluated, Evaluated], names: Sequence[str], *, read: Read | None = None
) -> dict[str, ChangePicture]:
    """Return the pictures of all images that a page shows, by their names."""
    return {name: change_of(sides, name, room=ROOM // len(names), read=read) for name in names}


def change_of(
    sides: tuple[Evaluated, Evaluated],
    name: str,
    *,
    side: int = SIDE,
    room: int = ROOM,
    read: Read | None = None,
) -> ChangePicture:
    """Return the pictures of an image under two models, or why there are none; see `picture_of`."""
    found: dict[str, Scored] = {}
    reasons: list[tuple[str, str]] = []
    for which, evaluation in zip("ab", sides, strict=True):
        try:
            found[which] = labels_of(evaluation, name, read=read)
        except SegscoreError as error:
            reasons.append((which, error.message))
    drawn = None
    if found:
        try:
            drawn = _drawn(found, side, room, read)
        except SegscoreError as error:
            reasons += [(which, error.message) for which in found]
    if drawn is None:
        drawn = target_of(ChangePicture, sides[0], name, side=side, room=room, read=read)
    known = next((one for one in sides if name in one.files and one.files[name].image), sides[0])
    return with_photograph(replace(drawn, reasons=tuple(reasons)), known, name, side)


def _drawn(found: Mapping[str, Scored], side: int, room: int, read: Read | None) -> ChangePicture:
    sides = list(found.values())
    palette = palette_of(sides[0].evaluation.classes)

    def encode(masks: Sequence[Masks]) -> Pngs:
        return _encoded(palette, dict(zip(found, masks, strict=True)))

    if any(of.target.ndim != PLANES for of in sides):
        return ChangePicture(axes=slices_of(sides, encode, side=side, room=room, read=read))
    masks = [of.masks(side) for of in sides]
    return drawn_of(ChangePicture, encode(masks), masks[0])


def _encoded(palette: Sequence[Colour], masks: Mapping[str, Masks]) -> Pngs:
    """Return target and predictions, and of two of one size the change from one to the other."""
    one, *others = masks.values()
    drawn = {"target": png_of(one.target, palette, one.size)}
    drawn |= {which: png_of(of.pred, palette, of.size) for which, of in masks.items()}
    if others and one.size == others[0].size:
        drawn["change"] = _change(one, others[0], len(palette) - 2)
    return drawn


def _change(a: Masks, b: Masks, classes: int) -> bytes:
    before, after = (one.pred == one.target for one in (a, b))
    # What neither pair is, nor is ignored, is wrong in both.
    states = [a.target > classes, before & after, after, before]
    return clear_png_of(np.select(states, [4, 0, 1, 2], 3), CHANGES.values(), a.size)
