"""Pictures of one image under two models: target, both predictions, and what the second one mends and breaks.

How a page shows pictures is not known here.
"""

from dataclasses import dataclass

import numpy as np

from segscore.classes.colours import CHANGES
from segscore.errors import SegscoreError
from segscore.io.masks import Read
from segscore.pages.pictures import (
    Masks,
    Pictured,
    masks_of,
    palette_of,
    photograph_of,
    png_of,
    shape_note,
    target_of,
)
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


def change_of(
    sides: tuple[Evaluated, Evaluated],
    name: str,
    *,
    side: int = SIDE,
    read: Read | None = None,
) -> ChangePicture:
    """Return the pictures of an image under two models, or why there are none."""
    known = next((one for one in sides if name in one.files and one.files[name].image), sides[0])
    photograph, why_not, its_size = photograph_of(known, name, side)
    found: dict[str, Masks] = {}
    drawn: dict[str, bytes] = {}
    reasons: list[tuple[str, str]] = []
    for which, evaluation in zip("ab", sides, strict=True):
        palette = palette_of(evaluation.classes)
        try:
            masks = masks_of(evaluation, name, side=side, read=read)
            drawn[which] = png_of(masks.pred, palette)
            drawn.setdefault("target", png_of(masks.target, palette))
            found[which] = masks
        except SegscoreError as error:
            reasons.append((which, error.message))
    if len(found) == 2 and found["a"].size == found["b"].size:
        drawn["change"] = _change(found["a"], found["b"], len(sides[0].classes))
    if found:
        size, full_size = next((one.size, one.full_size) for one in found.values())
    else:
        drawn["target"], size, full_size = target_of(sides[0], name, side=side, read=read)
    return ChangePicture(
        **drawn,
        photograph=photograph,
        size=size,
        full_size=full_size,
        reasons=tuple(reasons),
        photograph_reason=why_not,
        photograph_note=shape_note(its_size, full_size),
    )


def _change(a: Masks, b: Masks, classes: int) -> bytes:
    before, after = (one.pred == one.target for one in (a, b))
    # What neither pair is, nor is ignored, is wrong in both.
    states = [a.target > classes, before & after, after, before]
    return png_of(np.select(states, [4, 0, 1, 2], 3), list(CHANGES.values()))
