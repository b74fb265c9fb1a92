"""Pictures of an image for a page: photograph, target, prediction and where they differ, as small files.

Masks are read anew, and shown only if target and prediction still give the same pair counts: as many pixels
of each pair of labels as were scored. Where these pixels lie was never kept, and is not checked. How a page
shows pictures is not known here.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from os.path import isfile
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from segscore._core import PairCounts, encode_mask
from segscore.classes.classes import Classes
from segscore.classes.colours import ERRORS, class_colours, other_colours
from segscore.classes.labels import Colour
from segscore.counts.channels import labels_told
from segscore.counts.pairs import count
from segscore.counts.palettes import Role, labels_meant
from segscore.errors import ArgumentError, SegscoreError
from segscore.io.arrays import as_labels
from segscore.io.masks import Read, decode_mask, read_with_palette
from segscore.io.photographs import decode_image, read_image
from segscore.io.places import Files
from segscore.results.evaluated import Evaluated

_Indices = npt.NDArray[np.int64]

SIDE = 480
"""Pixels of the longer side of a picture, at most."""
_QUALITY = 82
_MOST_COLOURS = 256


@dataclass(frozen=True, kw_only=True)
class Pictured:
    """What there is to see of one image, whatever was predicted."""

    target: bytes = b""
    """A PNG file, and so are pictures of predictions, in one size; empty where masks cannot be shown."""
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


@dataclass(frozen=True, kw_only=True)
class Picture(Pictured):
    """What there is to see of one image and its prediction; a target may be alone."""

    pred: bytes = b""
    errors: bytes = b""
    reason: str = ""
    """Why masks are missing; empty where there are."""


def picture_of(evaluation: Evaluated, name: str, *, side: int = SIDE, read: Read | None = None) -> Picture:
    """Return the pictures of an image, or why there are none.

    Their longer side has at most `side` pixels, and smaller masks are not enlarged; `read` is given where one
    was needed to score the masks.
    """
    photograph, why_not, its_size = photograph_of(evaluation, name, side)
    pred, errors, reason = b"", b"", ""
    try:
        masks = masks_of(evaluation, name, side=side, read=read)
        target, pred, errors = _encoded(evaluation.classes, masks)
        size, full_size = masks.size, masks.full_size
    except SegscoreError as error:
        target, size, full_size = target_of(evaluation, name, side=side, read=read)
        reason = error.message
    return Picture(
        target=target,
        pred=pred,
        errors=errors,
        reason=reason,
        photograph=photograph,
        size=size,
        full_size=full_size,
        photograph_reason=why_not,
        photograph_note=shape_note(its_size, full_size),
    )


def target_of(
    evaluation: Evaluated, name: str, *, side: int = SIDE, read: Read | None = None
) -> tuple[bytes, tuple[int, int], tuple[int, int]]:
    """Return the target of an image, where the prediction cannot be shown: a PNG, its size, the mask's size.

    The file is empty, and sizes are 0, where the target cannot be shown either, or has not as many pixels of
    each label as were scored.
    """
    files, classes = evaluation.files.get(name, Files()), evaluation.classes
    try:
        mask = _mask("target", files.target, classes, read, files.contents)
        _check_same_target(evaluation, name, mask)
        small = _nearest(mask, *_thumb_shape(mask.shape, side))
        t, _ = classes.fold(small.ravel(), small.ravel())
        drawn = png_of(np.where(t < 0, len(classes) + 1, t).reshape(small.shape), palette_of(classes))
    except SegscoreError:
        return b"", (0, 0), (0, 0)
    return drawn, (small.shape[1], small.shape[0]), (mask.shape[1], mask.shape[0])


class Masks(NamedTuple):
    """The masks of one image, in the size of its pictures, as indices of classes, int64 (H, W).

    With K classes, K is a prediction that is no class, and K + 1 a target that is ignored.
    """

    target: _Indices
    pred: _Indices
    full_size: tuple[int, int]

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        height, width = self.target.shape
        return width, height


def masks_of(evaluation: Evaluated, name: str, *, side: int = SIDE, read: Read | None = None) -> Masks:
    """Return the masks of an image, if they give the pair counts that were scored.

    They are made smaller, if need be, without mixing labels. Masks that are not there, cannot be read, have
    changed or are no pictures are errors.
    """
    files, classes = evaluation.files.get(name, Files()), evaluation.classes
    target = _mask("target", files.target, classes, read, files.contents)
    pred = _mask("pred", files.pred, classes, read)
    _check_same(evaluation, name, pred, target)
    height, width = _thumb_shape(target.shape, side)
    small = [_nearest(mask, height, width) for mask in (target, pred)]
    t, p = (mask.reshape(height, width) for mask in classes.fold(*(mask.ravel() for mask in small)))
    return Masks(np.where(t < 0, len(classes) + 1, t), p, (target.shape[1], target.shape[0]))


def _mask(
    side: Role,
    path: str | None,
    classes: Classes,
    read: Read | None,
    contents: Callable[[str], bytes] | None = None,
) -> npt.NDArray[Any]:
    if path is None:
        raise ArgumentError(
            "no picture is made of arrays, of files for each class, or of what a function reads"
        )
    colours = classes.in_colours
    if contents is not None:
        return _labels(classes, side, *decode_mask(contents(path), path, read=read, colours=colours))
    if not isfile(path):
        # Nothing else is opened: reading a pipe might never end.
        raise ArgumentError("the masks are no longer where they were")
    return _labels(classes, side, *read_with_palette(path, read=read, colours=colours))


def _labels(classes: Classes, side: Role, mask: object, palette: bytes | None) -> npt.NDArray[Any]:
    return labels_meant(classes, side, labels_told(classes, side, as_labels(mask, "mask")), palette)


def _check_same(evaluation: Evaluated, name: str, pred: npt.NDArray[Any], target: npt.NDArray[Any]) -> None:
    """Raise ArgumentError unless the masks have the pair counts that were scored."""
    if target.ndim != 2 or pred.ndim != 2:
        raise ArgumentError(f"a mask of shape {target.shape} is no picture")
    found, _ = count(pred, target, len(evaluation.classes), resize=True, threads=1)
    if found != PairCounts.from_columns(*_scored(evaluation, name)):
        raise ArgumentError("the masks have changed since they were scored")


def _check_same_target(evaluation: Evaluated, name: str, target: npt.NDArray[Any]) -> None:
    """Raise ArgumentError unless the target has as many pixels of each label as were scored."""
    labels, _, pixels = _scored(evaluation, name)
    known, place = np.unique(labels, return_inverse=True)
    scored = np.zeros(len(known), dtype=np.int64)
    np.add.at(scored, place, pixels)
    found, counts = np.unique(target, return_counts=True)
    same = np.array_equal(found, known) and np.array_equal(counts, scored)
    if target.ndim != 2 or not same:
        raise ArgumentError("the target has changed since it was scored")


def _scored(evaluation: Evaluated, name: str) -> tuple[npt.NDArray[Any], ...]:
    """Return the rows of an image in the table: labels of the target, of the prediction, and pixels."""
    table, i = evaluation.table, evaluation.names.index(name)
    rows = slice(int(table.offsets[i]), int(table.offsets[i + 1]))
    return tuple(column[rows] for column in table.rows)


def _thumb_shape(shape: tuple[int, ...], side: int) -> tuple[int, int]:
    height, width = shape
    scale = min(1.0, side / max(height, width))
    return max(1, round(height * scale)), max(1, round(width * scale))


def _nearest(mask: npt.NDArray[Any], height: int, width: int) -> npt.NDArray[np.int64]:
    """Return the mask in another size; labels are never mixed."""
    rows, columns = (
        ((np.arange(n) + 0.5) * whole / n).astype(np.int64)
        for n, whole in ((height, mask.shape[0]), (width, mask.shape[1]))
    )
    return mask[np.ix_(rows, columns)].astype(np.int64)


def palette_of(classes: Classes) -> list[Colour]:
    """Return the K + 2 colours of the indices of `Masks` of K classes."""
    return [*class_colours(classes), *other_colours(classes).values()]


def _encoded(classes: Classes, masks: Masks) -> tuple[bytes, bytes, bytes]:
    none, palette = len(classes), palette_of(classes)
    t, p = masks.target, masks.pred
    wrong = np.where(t > none, 3, np.where(p == none, 2, t != p))
    return png_of(t, palette), png_of(p, palette), png_of(wrong, list(ERRORS.values()))


def png_of(indices: _Indices, palette: Sequence[Colour]) -> bytes:
    """Return a PNG of the colours that occur, at most 256 of any number of classes."""
    found = np.flatnonzero(np.bincount(indices.ravel(), minlength=len(palette)))
    if len(found) > _MOST_COLOURS:
        raise ArgumentError(f"more than {_MOST_COLOURS} classes in one picture")
    place = np.zeros(len(palette), dtype=np.uint8)
    place[found] = np.arange(len(found))
    pixels = place[indices]
    return encode_mask(pixels, palette=[palette[i] for i in found.tolist()])


def photograph_of(evaluation: Evaluated, name: str, side: int = SIDE) -> tuple[bytes, str, tuple[int, int]]:
    """Return the photograph of an image as JPEG, or why there is none; and its own width and height.

    Its longer side has at most `side` pixels, and a smaller one is not enlarged. Without it the file is
    empty, and the size 0; the reason is empty as well where no photograph is known.
    """
    files = evaluation.files.get(name, Files())
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
