"""Pictures of an image for a page: photograph, target, prediction and where they differ, as small files.

Of a volume they are of slices along each of its axes. How a page shows pictures is not known here.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from os.path import isfile
from typing import Any, TypeVar

import numpy as np

from segscore.classes.classes import Classes
from segscore.classes.colours import ERRORS
from segscore.classes.labels import Colour
from segscore.errors import ArgumentError, SegscoreError
from segscore.io.masks import Read
from segscore.io.photographs import decode_image, read_image
from segscore.io.places import Files
from segscore.io.shapes import PLANES
from segscore.pages.masks import (
    Masks,
    clear_png_of,
    drawn_masks,
    labels_of,
    palette_of,
    png_of,
    size_within,
    target_labels,
    target_mask,
)
from segscore.pages.slices import Axis, Pngs
from segscore.pages.volumes import slices_of
from segscore.results.evaluated import Evaluated

SIDE = 480
"""Pixels of the longer side of a picture, at most."""
ROOM = 2_250_000
"""Bytes of the pictures of all volumes in a page, about; as text they are a third more."""
_QUALITY = 82


@dataclass(frozen=True, kw_only=True)
class Pictured:
    """What there is to see of one image, whatever was predicted."""

    target: bytes = b""
    """A PNG file, and so are pictures of predictions, in one size; empty where masks cannot be shown."""
    axes: tuple[Axis, ...] = ()
    """Slices of a volume along each axis, in place of pictures of the masks."""
    photograph: bytes = b""
    """A JPEG file; empty where there is none."""
    size: tuple[int, int] = (0, 0)
    """Width and height of the masks' pictures."""
    full_size: tuple[int, int] = (0, 0)
    """Width and height of the masks themselves."""
    photograph_reason: str = ""
    """Why the photograph is missing; empty where there is one, and where none is known."""
    photograph_note: str = ""
    """What is odd about a photograph that is shown; empty where nothing is."""

    @property
    def has_target(self) -> bool:
        """Whether the target can be shown."""
        return bool(self.target or self.axes)


P = TypeVar("P", bound=Pictured)
"""Functions return the kind of picture that they are given, or asked for."""


@dataclass(frozen=True, kw_only=True)
class Picture(Pictured):
    """What there is to see of one image and its prediction; a target may be alone."""

    pred: bytes = b""
    errors: bytes = b""
    reason: str = ""
    """Why masks are missing; empty where there are."""


def picture_of(
    evaluation: Evaluated, name: str, *, side: int = SIDE, room: int = ROOM, read: Read | None = None
) -> Picture:
    """Return the pictures of an image, or why there are none.

    Their longer side has at most `side` pixels, and smaller masks are not enlarged; those of a volume have
    about `room` bytes. `read` is given where one was needed to score the masks.
    """
    encode = partial(_encoded, palette_of(evaluation.classes))
    try:
        labels = labels_of(evaluation, name, read=read)
        if labels.target.ndim == PLANES:
            masks = labels.masks(side)
            drawn = drawn_of(Picture, encode([masks]), masks)
        else:
            drawn = Picture(axes=slices_of([labels], encode, side=side, room=room, read=read))
    except SegscoreError as error:
        alone = target_of(Picture, evaluation, name, side=side, room=room, read=read)
        drawn = replace(alone, reason=error.message)
    return with_photograph(drawn, evaluation, name, side)


def _encoded(palette: Sequence[Colour], sides: Sequence[Masks]) -> Pngs:
    (masks,) = sides
    none = len(palette) - 2
    t, p = masks.target, masks.pred
    wrong = np.where(t > none, 3, np.where(p == none, 2, t != p))
    return {
        "target": png_of(t, palette, masks.size),
        "pred": png_of(p, palette, masks.size),
        "errors": clear_png_of(wrong, ERRORS.values(), masks.size),
    }


def target_of(
    kind: type[P], evaluation: Evaluated, name: str, *, side: int, room: int, read: Read | None
) -> P:
    """Return a picture of the target alone, where predictions cannot be shown.

    It is empty where the target cannot be shown either, or has not as many pixels of each label as were
    scored. Slices of a volume are those with most foreground.
    """
    palette = palette_of(evaluation.classes)

    def encode(sides: Sequence[Masks]) -> Pngs:
        (masks,) = sides
        return {"target": png_of(masks.target, palette, masks.size)}

    try:
        alone = target_labels(evaluation, name, read=read)
        if alone.target.ndim != PLANES:
            return kind(axes=slices_of([alone], encode, side=side, room=room, read=read))
        masks = alone.masks(side)
        return drawn_of(kind, encode([masks]), masks)
    except SegscoreError:
        return kind()


def registered_target(classes: Classes, files: Files, *, side: int = SIDE) -> Picture:
    """Return pictures of a target that nothing was predicted for, and its photograph, or why there are none.

    The bytes of the files are those that were registered, so that nothing else needs to be compared.
    """
    try:
        target = target_mask(classes, files)
        if target.ndim != PLANES:
            raise ArgumentError("slices of volumes are shown by runs")
        masks = drawn_masks(classes, target, None, size_within(target.shape, side))
        png = png_of(masks.target, palette_of(classes), masks.size)
        drawn = drawn_of(Picture, {"target": png}, masks)
    except SegscoreError as error:
        drawn = Picture(reason=error.message)
    return _beside(drawn, files, side)


def drawn_of(kind: type[P], pngs: Pngs, masks: Masks) -> P:
    """Return the pictures of masks of an image, by the fields that they are in."""
    parts: dict[str, Any] = {**pngs}
    return kind(**parts, size=masks.size, full_size=masks.full_size)


def with_photograph(drawn: P, evaluation: Evaluated, name: str, side: int) -> P:
    """Return pictures of an image with its photograph, or why there is none."""
    return _beside(drawn, evaluation.files.get(name, Files()), side)


def _beside(drawn: P, files: Files, side: int) -> P:
    photograph, why_not, its_size = photograph_of(files, side)
    return replace(
        drawn,
        photograph=photograph,
        photograph_reason=why_not,
        photograph_note=shape_note(its_size, drawn.full_size),
    )


def photograph_of(files: Files, side: int = SIDE) -> tuple[bytes, str, tuple[int, int]]:
    """Return the photograph of an image as JPEG, or why there is none; and its own width and height.

    Its longer side has at most `side` pixels, and a smaller one is not enlarged. Without it the file is
    empty, and the size 0; the reason is empty as well where no photograph is known.
    """
    path = files.image
    if path is None:
        return b"", "", (0, 0)
    if files.contents is None and not isfile(path):
        return b"", "the photographs are no longer where they were", (0, 0)
    try:
        pixels = read_image(path) if files.contents is None else decode_image(files.contents(path), path)
    except SegscoreError as error:
        return b"", error.message, (0, 0)
    from PIL import Image

    picture = Image.fromarray(pixels)
    picture.thumbnail((side, side))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_QUALITY, optimize=True)
    return file.getvalue(), "", (pixels.shape[1], pixels.shape[0])


def shape_note(photograph: tuple[int, int], masks: tuple[int, int]) -> str:
    """Return what to say of a photograph whose shape is not that of the masks; another size alone is fine.

    Both are width and height in pixels, (0, 0) where there is none.

    Examples
    --------
    >>> shape_note((100, 50), (480, 360))
    '100 x 50 pixels, another shape than the masks'
    >>> shape_note((960, 721), (480, 360))
    ''
    """
    (width, height), (across, down) = photograph, masks
    if 0 in (*photograph, *masks):
        return ""
    # One was made from the other in another size if its side is, rounded, what the other's sides say.
    rounded = abs(width * down / height - across) <= 1 or abs(across * height / down - width) <= 1
    return "" if rounded else f"{width} x {height} pixels, another shape than the masks"
