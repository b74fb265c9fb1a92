"""Arrays of integers that are no label map of one image by their shape, and the line that mends each.

One-hot arrays hold a number for each class, RGB pixels one for each colour, and batches several images: all
of them would be counted as labels. Values are looked at only to tell a one-hot array from a batch.
"""

from collections.abc import Sequence
from math import log2
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from segscore.base.naming import arg, by_face
from segscore.base.shown import brief
from segscore.base.wording import many
from segscore.errors import ArgumentError, ShapeError

_Array = npt.NDArray[Any]

Dims: TypeAlias = Literal[2, 3]

PLANES: Final = 2
"""Dimensions of an image, unless it is a volume."""
VOLUMES: Final = 3
_COLOURS = {3: "RGB", 4: "RGBA"}
_SIDES = {-1: "width", -2: "height", -3: "depth"}
"""Of each axis of an image, counted from the last."""
_SIDE = 16
"""Rows and columns from which on any three or four numbers side by side are taken for colours."""
_CHANCE = 12
"""Bits that an array must hold, at least, to be one-hot not by chance."""


def checked_dims(dims: object) -> Dims:
    """Return the number of dimensions of an image, or raise ArgumentError."""
    if isinstance(dims, bool) or dims not in (PLANES, VOLUMES):
        raise ArgumentError(
            f"{arg('dims')} is {brief(dims)}, expected 2 or 3", "images have 2 dimensions, volumes 3"
        )
    return PLANES if dims == PLANES else VOLUMES


def may_be_colours(shape: tuple[int, ...], dtype: npt.DTypeLike) -> bool:
    """Whether an array of this shape and type may be RGB or RGBA pixels; a volume of labels may be so too."""
    return dtype == np.uint8 and len(shape) == 3 and shape[-1] in _COLOURS


def look_like_colours(shape: tuple[int, ...], dtype: npt.DTypeLike, dims: int | None) -> bool:
    """Whether an array of integers holds the colours of one image rather than labels.

    Without `dims` it may be a batch of very narrow label maps.
    """
    if len(shape) != 3 or shape[-1] not in _COLOURS or dims == VOLUMES:
        return False
    return min(shape[:2]) >= _SIDE or (dims is not None and may_be_colours(shape, dtype))


def check_label_map(
    array: _Array, name: str, *, classes: int | None, dims: int | None, dtype: npt.DTypeLike | None = None
) -> None:
    """Raise ShapeError if bools or integers of three dimensions or more are no label map of one case.

    Without `dims` they may have any number of dimensions, as a batch of label maps has. `dtype` is the type
    that they were given in, if it is not that of the array.
    """
    shape = array.shape
    given = array.dtype if dtype is None else np.dtype(dtype)
    if classes is not None and (axis := one_hot_axis(array, classes)) is not None:
        raise ShapeError(
            f"`{name}` of shape {shape} is one-hot on axis {axis}, expected one label a pixel",
            _line(f".argmax(axis={axis})", name, "is the label map"),
            kind="",
        )
    if given.kind == "b" and classes is not None and classes != 2:
        raise ShapeError(
            f"`{name}` is a bool array of shape {shape} for {many(classes, 'class')}: a stack of masks, "
            "which may overlap",
            "a label map has one label a pixel: where masks do not overlap, use `stack.argmax(axis=0)`; "
            "a batch of yes/no masks has two classes",
            kind="",
        )
    if look_like_colours(shape, given, dims):
        raise ShapeError(
            f"`{name}` of shape {shape} looks like {_COLOURS[shape[-1]]} pixels, expected one label a pixel",
            _of_equal_channels(name),
            kind="",
        )
    if dims is not None and len(shape) > dims:
        raise ShapeError(
            f"`{name}` has the shape {shape}, expected an image of {dims} dimensions",
            mending(name, shape, dims) or mending(name, shape, dims + 1) or several(dims),
            kind="",
        )


def one_hot_axis(array: _Array, classes: int) -> int | None:
    """Return the axis along which each pixel has a 1 for one class and 0 for all others, if there is one.

    A batch of label maps is told by its first row; and by images that hold a single label each, as tiles do.
    """
    if classes < 2 or array.ndim < 3 or classes not in array.shape:
        return None
    if array.size // classes * log2(classes) < _CHANCE:
        return None
    for axis, length in enumerate(array.shape):
        if length == classes:
            rows = np.moveaxis(array, axis, -1)
            if all(map(_is_one_hot, rows)) and (rows != rows[(0,) * (array.ndim - 1)]).any():
                return axis
    return None


def _is_one_hot(row: _Array) -> bool:
    ones = row == 1
    return bool((ones.sum(axis=-1) == 1).all() and (ones | (row == 0)).all())


AXIS_OF_BATCH: Final = f"{arg('class_axis', 1)} for (N, K, H, W), {arg('class_axis', -1)} for (N, H, W, K)"
"""Where a batch of class scores has its channels, as hints say it."""


def axis_of_image(class_axis: int, rank: int) -> int:
    """Return the class axis of each image of a batch of so many axes, of which the first counts images."""
    if class_axis in (0, -rank):
        raise ArgumentError(
            f"{arg('class_axis')} is {class_axis}, but axis 0 of a batch counts its images",
            AXIS_OF_BATCH,
        )
    if not -rank <= class_axis < rank:
        raise ArgumentError(
            f"{arg('class_axis')} is {class_axis}, but the batch has {rank} axes",
            "axes are counted from 0, or from -1 at the end",
        )
    return class_axis - (class_axis > 0)


def check_images(name: str, shape: tuple[int, ...]) -> None:
    """Raise ShapeError if what has an axis more than images is one image and an axis of length 1.

    Its rows would be taken for images that are one pixel wide or high.
    """
    if shape.count(1) == 1 and shape[0] != 1:
        axis = shape.index(1)
        side = _SIDES[axis - len(shape)]
        raise ShapeError(
            f"`{name}` has the shape {shape}, which is {many(shape[0], 'image')} of one pixel in {side}, or "
            "one image with an axis too many",
            by_face(
                f"{_squeeze(name, [axis])}; a stack of such narrow images has `names`",
                command_line=_squeeze(name, [axis]),
                forms=_squeeze(name, [axis]),
            ),
            kind="",
        )


def mending(name: str, shape: tuple[int, ...], rank: int) -> str | None:
    """Return the hint to take axes out so that `rank` are left: those of length 1, or that of colours."""
    if (hint := squeezing(name, shape, rank)) is not None:
        return hint
    colours = len(shape) == rank + 1 and rank > PLANES and shape[-1] in _COLOURS
    return _of_equal_channels(name) if colours else None


def squeezing(name: str, shape: tuple[int, ...], rank: int) -> str | None:
    """Return the hint to take axes of length 1 out so that `rank` are left."""
    number = len(shape) - rank
    # Of a batch of one image it is the second axis that is too much.
    single = sorted(_single(shape), key=lambda axis: axis == 0)
    return _squeeze(name, sorted(single[:number])) if 0 < number <= len(single) else None


def fitting(name: str, shape: tuple[int, ...], other: tuple[int, ...]) -> str | None:
    """Return the hint to take axes of length 1 out of a shape, if it is the other one then."""
    axes, rest = [], list(other)
    for axis, length in enumerate(shape):
        if rest and length == rest[0]:
            del rest[0]
        elif length == 1:
            axes.append(axis)
        else:
            return None
    return _squeeze(name, axes) if axes and not rest else None


def fitting_both(pred: tuple[int, ...], target: tuple[int, ...]) -> str | None:
    """Return the hint to take the axes of length 1 out of two shapes, if these are the same then.

    Two planes may lie across each other instead.
    """
    left = [[length for length in shape if length != 1] for shape in (pred, target)]
    if left[0] != left[1] or len(pred) <= PLANES or len(target) <= PLANES:
        return None
    lines = [_squeezed(_single(shape)) for shape in (pred, target)]
    saved = f"save predictions as `labels{lines[0]}`, and targets as `labels{lines[1]}`"
    return by_face(
        f"`pred{lines[0]}` and `target{lines[1]}` are without axes of length 1",
        command_line=saved,
        forms=saved,
    )


def _single(shape: tuple[int, ...]) -> list[int]:
    return [axis for axis, length in enumerate(shape) if length == 1]


def _squeezed(axes: Sequence[int]) -> str:
    return f".squeeze({axes[0] if len(axes) == 1 else tuple(axes)})"


def _squeeze(name: str, axes: Sequence[int]) -> str:
    axis = "axis" if len(axes) == 1 else "axes"
    return _line(_squeezed(axes), name, f"is without the {axis} of length 1")


def _of_equal_channels(name: str) -> str:
    line = _line("[..., 0]", name, "is the label map where all channels are equal")
    return f"{line}; colours that are labels are read from files, where the classes have them"


def _line(code: str, name: str, what: str) -> str:
    saved = f"save `labels{code}`"
    return by_face(f"`{name}{code}` {what}", command_line=saved, forms=saved)


def several(dims: int) -> str:
    """Return the hint where several images are given in place of one."""
    volumes = f"; {arg('dims', VOLUMES)} is for volumes" if dims < VOLUMES else ""
    return by_face(
        "several images are a batch for `Evaluator.add_batch`, or a stack or list on both sides of `evaluate`"
        + volumes,
        command_line=f"`segscore evaluate` takes stacks of images, `.npy` or `.npz`, on both sides{volumes}",
        forms="save one image a file",
    )
