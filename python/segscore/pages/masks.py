"""Masks of an image for its pictures: read anew, checked, made small and encoded as PNG.

They are shown only if target and prediction still give the same pair counts: as many pixels of each pair of
labels as were scored. Where these pixels lie was never kept, and is not checked.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from os.path import isfile
from typing import NamedTuple
from zlib import crc32

import numpy as np
import numpy.typing as npt

from segscore._core import PairCounts, encode_mask
from segscore.classes.classes import Classes
from segscore.classes.colours import class_colours, distinct, other_colours
from segscore.classes.labels import Colour
from segscore.counts.channels import labels_told
from segscore.counts.objects import PRED, TARGET
from segscore.counts.pairs import count
from segscore.counts.palettes import Role, labels_meant
from segscore.errors import ArgumentError, SegscoreError
from segscore.io.addresses import is_address
from segscore.io.arrays import Array, as_labels
from segscore.io.grids import Grid
from segscore.io.kinds import is_volume
from segscore.io.masks import Read, decode_mask, read_with_palette
from segscore.io.places import Files
from segscore.io.shapes import PLANES, VOLUMES
from segscore.io.volumes import grid_of as grid_in
from segscore.pages.id_masks import ids_in, labels_of_ids
from segscore.results.evaluated import Evaluated

_Indices = npt.NDArray[np.int64]

_MOST_COLOURS = 256
_FEW_COLOURS = 16
"""To look for those of so few colours that occur takes longer than a few bytes are worth."""


OVERLAPPING = "masks may overlap, so that no picture has all of them"
"""Why there are no pictures of masks of which a pixel may be in several."""


class Masks(NamedTuple):
    """The masks of an image or of a slice as indices of classes, int64 (H, W), at most as large as pictures.

    With K classes, K is a prediction that is no class, and K + 1 a target that is ignored.
    """

    target: _Indices
    pred: _Indices
    full_size: tuple[int, int]
    """Width and height of the masks themselves."""
    size: tuple[int, int]
    """Width and height of their pictures."""


@dataclass(frozen=True)
class Scored:
    """The masks of an image as labels, and the evaluation in which they were scored."""

    evaluation: Evaluated
    name: str
    target: Array
    pred: Array | None
    """None where the target is alone."""

    @property
    def rows(self) -> tuple[_Indices, _Indices, _Indices]:
        """Labels of the target, of the prediction, and their pixels."""
        return rows_of(self.evaluation, self.name)

    def masks(self, side: int) -> Masks:
        """Return the masks of an image; the longer side of their pictures has at most so many pixels."""
        return self.drawn(lambda labels: labels, size_within(self.target.shape, side))

    def drawn(self, part: Callable[[Array], Array], size: tuple[int, int]) -> Masks:
        """Return the masks of a part of the image for pictures of a width and a height."""
        pred = None if self.pred is None else part(self.pred)
        return drawn_masks(self.evaluation.classes, part(self.target), pred, size)


def size_within(shape: tuple[int, ...], side: int) -> tuple[int, int]:
    """Return the width and the height of a picture of a mask (H, W) whose longer side is at most so long."""
    height, width = shape
    scale = min(1.0, side / max(height, width))
    return max(1, round(width * scale)), max(1, round(height * scale))


def drawn_masks(classes: Classes, target: Array, pred: Array | None, size: tuple[int, int]) -> Masks:
    """Return masks (H, W) for pictures of a width and a height; a target that is alone is its prediction.

    Labels are never mixed. What is larger in a picture is made so when it is encoded.
    """
    width, height = (min(one, other) for one, other in zip(size, target.shape[::-1], strict=True))
    sides = target, target if pred is None else pred
    small = (_nearest(mask, width, height).astype(np.int64).ravel() for mask in sides)
    t, p = (mask.reshape(height, width) for mask in classes.fold(*small))
    return Masks(np.where(t < 0, len(classes) + 1, t), p, (target.shape[1], target.shape[0]), size)


def labels_of(evaluation: Evaluated, name: str, *, read: Read | None = None) -> Scored:
    """Return target and prediction of an image as labels, if they give the pair counts that were scored.

    Masks that are not there, cannot be read, have changed or are no pictures are errors.
    """
    files = evaluation.files.get(name, Files())
    target = _labels_in(evaluation, name, "target", files, read)
    pred = _labels_in(evaluation, name, "pred", files, read)
    _check_same(evaluation, name, pred, target)
    return Scored(evaluation, name, target, pred)


def target_labels(evaluation: Evaluated, name: str, *, read: Read | None = None) -> Scored:
    """Return the target of an image alone, if it has as many pixels of each label as were scored."""
    target = _labels_in(evaluation, name, "target", evaluation.files.get(name, Files()), read)
    _check_same_target(evaluation, name, target)
    return Scored(evaluation, name, target, None)


def _labels_in(evaluation: Evaluated, name: str, side: Role, files: Files, read: Read | None) -> Array:
    """Return the labels of one side of an image; those of maps of ids are the classes of their objects."""
    path, classes = (files.target if side == "target" else files.pred), evaluation.classes
    if not evaluation.measures.of_pixels:
        raise ArgumentError(OVERLAPPING)
    if evaluation.measures.names_classes:
        return labels_of_ids(evaluation, name, TARGET if side == "target" else PRED, ids_in(path, read))
    return _mask(side, path, classes, read, files.contents if side == "target" else None)


def target_mask(classes: Classes, files: Files, *, read: Read | None = None) -> Array:
    """Return the target of an image as labels, or raise an error if it cannot be read."""
    return _mask("target", files.target, classes, read, files.contents)


def grid_of(of: Scored, *, read: Read | None = None) -> Grid:
    """Return where the voxels of a volume lie as far as its files say, or with the spacing that was given."""
    files, shape = of.evaluation.files.get(of.name, Files()), of.target.shape
    for path in (files.target, files.pred) if read is None else ():
        if path is not None and is_volume(path):
            with suppress(SegscoreError):
                grid = grid_in(path)
                if grid.shape == shape and grid.spacing is not None:
                    return grid
    given = of.evaluation.measures.spacing
    return Grid(shape, given if isinstance(given, tuple) and len(given) == len(shape) else None)


def _mask(
    side: Role,
    path: str | None,
    classes: Classes,
    read: Read | None,
    contents: Callable[[str], bytes] | None = None,
) -> Array:
    if path is None:
        raise ArgumentError(
            "no picture is made of arrays, of files for each class, or of what a function reads"
        )
    colours = classes.in_colours
    if contents is not None:
        return _labels(classes, side, *decode_mask(contents(path), path, read=read, colours=colours))
    if is_address(path):
        raise ArgumentError("masks that are elsewhere are not fetched for pictures")
    if not isfile(path):
        # Nothing else is opened: reading a pipe might never end.
        raise ArgumentError("the masks are no longer where they were")
    return _labels(classes, side, *read_with_palette(path, read=read, colours=colours))


def _labels(classes: Classes, side: Role, mask: object, palette: bytes | None) -> Array:
    return labels_meant(classes, side, labels_told(classes, side, as_labels(mask, "mask")), palette)


def _check_same(evaluation: Evaluated, name: str, pred: Array, target: Array) -> None:
    """Raise ArgumentError unless the masks have the pair counts that were scored."""
    if {target.ndim, pred.ndim} not in ({PLANES}, {VOLUMES}) or not target.size:
        raise ArgumentError(f"a mask of shape {target.shape} is no picture")
    found, _ = count(pred, target, len(evaluation.classes), resize=True, threads=1)
    if found != PairCounts.from_columns(*rows_of(evaluation, name)):
        raise ArgumentError("the masks have changed since they were scored")


def _check_same_target(evaluation: Evaluated, name: str, target: Array) -> None:
    """Raise ArgumentError unless the target has as many pixels of each label as were scored."""
    labels, _, pixels = rows_of(evaluation, name)
    if target.ndim in (PLANES, VOLUMES) and target.size:
        found, _ = count(target, target, len(evaluation.classes), threads=1)
        if found == PairCounts.from_columns(labels, labels, pixels):
            return
    raise ArgumentError("the target has changed since it was scored")


def rows_of(evaluation: Evaluated, name: str) -> tuple[_Indices, _Indices, _Indices]:
    """Return the rows of an image in the table: labels of the target, of the prediction, and pixels."""
    table, i = evaluation.table, evaluation.names.index(name)
    rows = slice(int(table.offsets[i]), int(table.offsets[i + 1]))
    target, pred, pixels = (column[rows] for column in table.rows)
    return target, pred, pixels


def _nearest(mask: Array, width: int, height: int) -> Array:
    """Return the mask in another size."""
    for axis, length in enumerate((height, width)):
        whole = mask.shape[axis]
        if length != whole:
            mask = mask.take(((np.arange(length) + 0.5) * whole / length).astype(np.int64), axis)
    return mask


def palette_of(classes: Classes) -> list[Colour]:
    """Return the K + 2 colours of the indices of `Masks` of K classes, no two of them equal."""
    return distinct([*class_colours(classes), *other_colours(classes).values()])


def png_of(indices: _Indices, palette: Sequence[Colour], size: tuple[int, int]) -> bytes:
    """Return a PNG of a width and a height; of many colours it has those that occur, at most 256."""
    if len(palette) > _FEW_COLOURS:
        found = np.flatnonzero(np.bincount(indices.ravel(), minlength=len(palette)))
        if len(found) > _MOST_COLOURS:
            raise ArgumentError(f"more than {_MOST_COLOURS} classes in one picture")
        place = np.zeros(len(palette), dtype=np.int64)
        place[found] = np.arange(len(found))
        indices, palette = place[indices], [palette[i] for i in found.tolist()]
    return encode_mask(_nearest(indices.astype(np.uint8), *size), palette=palette)


def clear_png_of(states: _Indices, palette: Iterable[Colour], size: tuple[int, int]) -> bytes:
    """Return a PNG of a width and a height whose first colour is seen through."""
    png = png_of(states, list(palette), size)
    at = png.index(b"PLTE") - 4
    at += 12 + int.from_bytes(png[at : at + 4], "big")
    alpha = b"tRNS\0"
    return png[:at] + b"\0\0\0\1" + alpha + crc32(alpha).to_bytes(4, "big") + png[at:]
