"""What an ONNX file says about its input and output, and what has to be said where it does not."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from segscore.base.naming import arg
from segscore.base.shown import brief
from segscore.base.wording import show
from segscore.errors import ArgumentError
from segscore.io.photographs import MAX_PIXELS

Array = npt.NDArray[Any]
Layout: TypeAlias = Literal["nchw", "nhwc"]
Size: TypeAlias = tuple[int, int]

MAX_BATCH = 4096
"""Images that a model is given at once, at most."""
_AXES, _COLOURS = 4, 3
_CHANNELS: dict[Layout, int] = {"nchw": 1, "nhwc": 3}
_ROWS: dict[Layout, int] = {"nchw": 2, "nhwc": 1}
_INPUTS = {"tensor(float)": "float32", "tensor(float16)": "float16", "tensor(uint8)": "uint8"}
_SCORES = frozenset({"tensor(float)", "tensor(float16)", "tensor(double)"})
_LABELS = frozenset(
    {"tensor(bool)", *(f"tensor({u}int{bits})" for u in ("", "u") for bits in (8, 16, 32, 64))}
)


@dataclass(frozen=True, slots=True)
class Input:
    """The input of a model."""

    name: str
    """In the file."""
    dtype: np.dtype[Any]
    """float32, float16 or uint8."""
    layout: Layout
    """Where the channels are."""
    size: Size | None
    """Height and width in pixels; None if each image is given as it is."""
    batch: int | None
    """How many images it takes at once; None for any number."""
    bands: int = 3
    """How many channels an image has: red, green and blue unless the file says another number."""


@dataclass(frozen=True, slots=True)
class Output:
    """The output of a model."""

    name: str
    """In the file."""
    labels: bool
    """Whether it is labels; else class scores."""
    class_axis: int
    """1 or -1: which axis of four holds the classes, or has the length 1."""
    classes: int | None
    """Channels of class scores, if the file says it; None for labels."""

    def parts(
        self, returned: Any, number: int, given: Sequence[int], layout: Layout, where: str
    ) -> list[Array]:
        """Return what the model returned as one array an image, labels (H, W) or class scores."""
        shape = np.shape(returned)
        if self.labels and len(shape) == _AXES and shape[self.class_axis] == 1:
            returned = returned.squeeze(self.class_axis)
        fits = np.ndim(returned) == (3 if self.labels else _AXES)
        if not fits or len(returned) != number or 0 in shape:
            what = "labels (n, h, w) or with one channel" if self.labels else "class scores of four axes"
            raise ArgumentError(
                f"{where}: expected {what} for {number} image{'s' * (number != 1)}, found the shape {shape}",
                "export a model that ends in class scores or in labels of every pixel",
            )
        if not self.labels:
            _check_axis(where, shape, self.class_axis, given[_ROWS[layout] : _ROWS[layout] + 2])
        return list(returned)


def read_input(
    file: str, inputs: Sequence[Any], layout: Layout | None, size: Size | Literal["image"] | None
) -> Input:
    """Return the input of a model, from what onnxruntime and the user say of it, or refuse it."""
    if len(inputs) != 1:
        raise ArgumentError(
            f"{file}: expected one input, found {len(inputs)}: {_listed(inputs)}",
            "export a model that takes an image only, or run it in a Python function",
        )
    (found,) = inputs
    shape = found.shape or []
    what = f"{file}: the input {show(found.name)} is {found.type} {_shape(shape)}"
    if found.type not in _INPUTS or len(shape) != _AXES:
        raise ArgumentError(
            f"{what}, expected float, float16 or uint8 with four axes",
            "run the model in a Python function that prepares its input",
        )
    chosen = _layout(what, shape, layout)
    bands = shape[_CHANNELS[chosen]]
    row = _ROWS[chosen]
    batch = shape[0] if isinstance(shape[0], int) and shape[0] > 0 else None
    if batch is not None and batch > MAX_BATCH:
        raise ArgumentError(
            f"{what}, expected a batch of at most {MAX_BATCH:,} images", "export the model with an open batch"
        )
    sides = _size(what, shape[row : row + 2], size)
    if sides is not None and sides[0] * sides[1] > MAX_PIXELS:
        raise ArgumentError(
            f"{what}, to be given {sides[0]:,} x {sides[1]:,} pixels, expected at most {MAX_PIXELS:,}",
            "give or export a smaller size",
        )
    if not isinstance(bands, int) or bands < 1:
        bands = _COLOURS
    return Input(found.name, np.dtype(_INPUTS[found.type]), chosen, sides, batch, bands)


def read_output(
    file: str, outputs: Sequence[Any], name: str | None, class_axis: int | None, given: Input
) -> Output:
    """Return the output of a model, from what onnxruntime and the user say of it, or refuse it."""
    if name is None and len(outputs) != 1:
        raise ArgumentError(
            f"{file}: expected one output, found {len(outputs)}: {_listed(outputs)}",
            f"say which: {_given('output', outputs[0].name)}" if outputs else "export the model again",
        )
    found = next((one for one in outputs if name is None or one.name == name), None)
    if found is None:
        raise ArgumentError(f"{file}: there is no output {name!r}", f"it has {_listed(outputs)}")
    shape = found.shape or []
    what = f"{file}: the output {show(found.name)} is {found.type} {_shape(shape)}"
    axis = class_axis or (1 if given.layout == "nchw" else -1)
    labels = found.type in _LABELS
    if not labels and found.type not in _SCORES:
        raise ArgumentError(f"{what}, expected class scores as floats or labels as numbers", _ENDS)
    if shape and len(shape) not in (3, _AXES):
        expected = "labels of three axes" if labels else "class scores of four axes, or labels of three"
        raise ArgumentError(f"{what}, expected {expected}", _ENDS)
    labels = labels or len(shape) == _AXES - 1  # scores have an axis of classes, if only of one
    if labels or not shape:
        return Output(found.name, labels, axis, None)
    _check_axis(f"{file}: the output {show(found.name)}", shape, axis, given.size)
    classes = shape[axis]
    return Output(found.name, labels, axis, classes if isinstance(classes, int) and classes > 0 else None)


_ENDS = "export a model that ends in class scores (n, K, h, w) or in labels (n, h, w)"


def _given(name: str, value: str) -> str:
    return arg(name, value, code=repr(value))


def _layout(what: str, shape: Sequence[object], layout: Layout | None) -> Layout:
    possible = [name for name, axis in _CHANNELS.items() if shape[axis] == _COLOURS]
    possible = possible or [name for name in _CHANNELS if _tells(shape, name)]
    if layout is None:
        if len(possible) == 1:
            return possible[0]
        raise ArgumentError(
            f"{what}, from which it is not clear where the channels are",
            f"say it: {arg('layout', 'nchw')} for (n, C, h, w), {arg('layout', 'nhwc')} for (n, h, w, C)",
        )
    channels, other = (shape[_CHANNELS[name]] for name in (layout, "nhwc" if layout == "nchw" else "nchw"))
    is_open = not isinstance(channels, int) or channels < 1
    if channels != _COLOURS == other or (is_open and possible and layout not in possible):
        raise ArgumentError(
            f"{what}, expected {other} channels on axis {_CHANNELS[layout]} for {_given('layout', layout)}",
            f"leave {arg('layout')} out where the file says it",
        )
    return layout


def _tells(shape: Sequence[object], name: Layout) -> bool:
    """Whether a shape can hardly be read in another way: fewer channels than rows and columns."""
    channels, row = shape[_CHANNELS[name]], _ROWS[name]
    sides = [side for side in shape[row : row + 2] if isinstance(side, int) and side > 0]
    return isinstance(channels, int) and channels > 0 and all(channels < side for side in sides)


def _size(what: str, sides: Sequence[object], size: Size | Literal["image"] | None) -> Size | None:
    """Return height and width, None for those of each image."""
    height, width = (side if isinstance(side, int) and side > 0 else None for side in sides)
    if size == "image":
        if height is None and width is None:
            return None
        raise ArgumentError(
            f'{arg("size")} is "image", but {what}',
            f"leave {arg('size')} out where the file says it"
            if None not in (height, width)
            else f"say it: {_open_size(height, width)}",
        )
    if size is None:
        if height is not None and width is not None:
            return height, width
        as_it_is = f", or {arg('size', 'image')} to give each image as it is" if height == width else ""
        raise ArgumentError(
            f"{what}, which leaves its size open", f"say it: {_open_size(height, width)}{as_it_is}"
        )
    if height not in (None, size[0]) or width not in (None, size[1]):
        raise ArgumentError(
            f"{arg('size')} is {brief(size)}, but {what}", f"leave {arg('size')} out where the file says it"
        )
    return size[0], size[1]


def _open_size(height: int | None, width: int | None) -> str:
    sides = [height or "height", width or "width"]
    return arg("size", sides, code=f"({sides[0]}, {sides[1]})")


def _check_axis(what: str, shape: Sequence[object], axis: int, size: Sequence[int] | None) -> None:
    """Refuse class scores whose rows and columns are, by their lengths, where the other layout has them."""
    if size is None:
        return
    here, there = (
        (tuple(shape[2:4]), tuple(shape[1:3])) if axis == 1 else (tuple(shape[1:3]), tuple(shape[2:4]))
    )
    if there == tuple(size) and here != tuple(size):
        other = -1 if axis == 1 else 1
        raise ArgumentError(
            f"{what}: class scores of shape {_shape(shape)} for an image of {tuple(size)} do not have the "
            f"classes on axis {axis}",
            f"say where they are: {arg('class_axis', other)}",
        )


def _listed(values: Sequence[Any]) -> str:
    return ", ".join(f"{show(value.name)} {_shape(value.shape or [])}" for value in values)


def _shape(shape: Sequence[object]) -> str:
    sides = [show(side) if isinstance(side, str) else "?" if side is None else str(side) for side in shape]
    return f"({', '.join(sides)})"
