"""Whatever offers an array becomes labels or class scores that the core reads, or is refused with a reason.

Nothing here copies pixels that NumPy can look at, and nothing looks at the values of labels or scores.
"""

import sys
from collections.abc import Sequence
from math import isfinite
from mmap import mmap
from numbers import Real
from os import PathLike
from typing import Any, TypeGuard

import numpy as np
import numpy.typing as npt

from segscore.base.naming import arg, by_face
from segscore.base.shown import brief
from segscore.base.values import is_bytes
from segscore.classes.labels import COLOUR_TAG
from segscore.errors import ArgumentError, DtypeError, SegscoreError, ShapeError
from segscore.io.devices import ON_CPU, REFUSALS, Away, away, is_traced
from segscore.io.shapes import PLANES, check_label_map

Array = npt.NDArray[Any]

_SCORES = "logits"
_FLOATS = frozenset((np.float16, np.float32, np.float64))
_FLOAT_NAMES = frozenset({"float16", "bfloat16", "float32", "float64"})


def as_labels(value: object, name: str, *, classes: int | None = None, dims: int | None = None) -> Array:
    """Return `value` as an array of labels, without a copy wherever NumPy can avoid one.

    It is bools or integers: a NumPy array; whatever offers DLPack on the CPU, the buffer protocol,
    ``__array_interface__`` or ``__array__``; nested lists; or a tensor of another device, whose labels cross
    in as few bytes as hold them. Floats, objects, texts, complex and masked arrays and unknown devices are a
    DtypeError; ragged lists a ShapeError. Where it is said how many classes or dimensions an image has, so is
    what is no label map by its shape.
    """
    # What nearly all labels are, told in a fraction of the time that a small image takes to count.
    if type(value) is np.ndarray and value.dtype.kind in "ui":
        return _label_map(value, name, classes, dims, value.dtype)
    elsewhere = _away(value, name)
    if elsewhere is not None:
        if elsewhere.kind == "f":
            raise _floats(elsewhere.type_name, name)
        if elsewhere.kind not in "bui":
            raise _no_labels(elsewhere.type_name, name)
        return _label_map(elsewhere.here(), name, classes, dims, elsewhere.dtype)
    array = _as_array(value, name)
    kind = array.dtype.kind
    if kind in "bui":
        return _label_map(array, name, classes, dims, array.dtype)
    if array.size == 0 and isinstance(value, list | tuple):
        return array.astype(np.int64)
    if kind == "f":
        raise _floats(array.dtype, name)
    is_array = array.ndim > 0 or kind != "O" or isinstance(value, np.ndarray)
    raise _no_labels(array.dtype if is_array else type(value).__name__, name)


def _label_map(
    labels: Array, name: str, classes: int | None, dims: int | None, dtype: np.dtype[Any]
) -> Array:
    """Return labels, after a look at the shape where it is said how many classes or dimensions there are."""
    if labels.ndim > PLANES and (classes, dims) != (None, None):
        check_label_map(labels, name, classes=classes, dims=dims, dtype=dtype)
    return labels


def shape_of(value: Any, name: str) -> tuple[int, ...]:
    """Return the shape of an array of labels, wherever it lies."""
    return tuple(value.shape) if hasattr(value, "shape") else as_labels(value, name).shape


def labels_away(value: object, name: str, *, classes: int | None, dims: int | None) -> Away | None:
    """Return labels of another device as they lie there, after the checks of `as_labels`; else None.

    Also None is returned where a look at all of them has to tell whether they are one-hot.
    """
    found = None if type(value) is np.ndarray else _away(value, name)
    if found is None or found.kind not in "bui" or (found.ndim > PLANES and classes in found.shape):
        return None
    if found.ndim > PLANES and (classes, dims) != (None, None):
        shape = np.broadcast_to(np.zeros((), found.dtype), found.shape)  # of no memory
        check_label_map(shape, name, classes=classes, dims=dims)
    return found


def _away(value: Any, name: str) -> Away | None:
    if is_traced(value.__class__):
        raise DtypeError(
            f"`{name}` has no values yet: it is a {type(value).__name__} of code that is compiled",
            "call it outside the compiled function, on what this returns",
        )
    return away(value)


def _no_labels(found: object, name: str) -> DtypeError:
    return DtypeError(
        f"`{name}` is of type {found}, expected bools or integers",
        "pass an array with one integer label a pixel",
    )


def _floats(dtype: object, name: str) -> DtypeError:
    scores = (
        "class scores go to `update` or `add` as `logits=`, to `evaluate` with `class_axis=`; "
        if name == "pred"
        else ""
    )
    options = f"; class scores need {arg('class_axis')}, probabilities {arg('threshold')}"
    return DtypeError(
        f"`{name}` is {dtype}, expected bools or integers",
        by_face(
            f"{scores}labels that were read as floats {'' if scores else 'go '}through `.astype(int)`",
            command_line=f"save labels as integers: `labels.astype(int)`{options if scores else ''}",
        ),
    )


def as_scores(value: object) -> Array | Away:
    """Return class scores as `as_logits` does, or as they lie on another device."""
    if type(value) is np.ndarray and value.dtype.type in _FLOATS:
        return value
    found = _away(value, _SCORES)
    if found is None:
        return as_logits(value)
    if found.type_name not in _FLOAT_NAMES:
        raise _no_scores(found.type_name)
    return found


def as_logits(value: object) -> Array:
    """Return `value` as an array of class scores, without a copy wherever NumPy can avoid one.

    It is float16, bfloat16, float32 or float64 of any shape, from whatever :func:`as_labels` takes; bfloat16,
    for which NumPy has no type, becomes its bits in uint16. Tensors that record gradients are detached.
    """
    # What nearly all scores are, told in a tenth of the time that the name of a type takes.
    if type(value) is np.ndarray and value.dtype.type in _FLOATS:
        return value
    detach = getattr(value, "detach", None)
    if callable(detach) and hasattr(value, "__dlpack__"):
        value = detach()
    if str(getattr(value, "dtype", "")) == "torch.bfloat16":
        # Neither DLPack nor `__array__` can hand it to NumPy, but any type of 16 bits.
        bits: Any = value
        return _as_array(bits.view(sys.modules["torch"].int16), _SCORES).view(np.uint16)
    array = _as_array(value, _SCORES)
    if array.dtype.name == "bfloat16":  # of ml_dtypes, which JAX brings
        return array.view(np.uint16)
    if array.dtype.type in _FLOATS:
        return array
    raise _no_scores(array.dtype)


def _no_scores(dtype: object) -> DtypeError:
    return DtypeError(
        f"`logits` is {dtype}, expected float16, bfloat16, float32 or float64",
        "label maps are passed as `pred=`; scores of other types go through `.astype(np.float32)`",
    )


def as_floats(logits: Array) -> Array:
    """Return class scores of `as_logits` as an array of a type that NumPy knows: bfloat16 becomes float32."""
    # The bits of bfloat16 are the upper half of those of a float32.
    return logits if logits.dtype.kind == "f" else (logits.astype(np.uint32) << 16).view(np.float32)


def _as_array(value: object, name: str) -> Array:
    parts = value if isinstance(value, list | tuple) else (value,)
    if any(isinstance(part, np.ma.MaskedArray) for part in parts):
        raise DtypeError(
            f"`{name}` is a masked array, whose mask would be lost",
            "write an ignored label into the masked pixels: `array.filled(255)` with "
            f"{arg('ignore_index', 255)}"
            if name != _SCORES
            else "leave pixels out by an ignored label in the target, and pass `logits.data`",
        )
    if isinstance(value, np.ndarray):
        return value
    content = parts[0] if parts else None
    if is_bytes(content) or isinstance(content, mmap):
        # Of a file that was not decoded each byte would be a label.
        kind = type(content).__name__
        found = f"of type {kind}" if content is value else f"a list of {kind}"
        raise DtypeError(
            f"`{name}` is {found}, expected an array",
            f"`Evaluator.add` and lists of `evaluate` take files as bytes; labels are `np.frombuffer({name}, "
            "np.uint8)`"
            if name != _SCORES
            else "scores are `np.frombuffer(logits, np.float32)`, and then have to be given their shape",
        )
    if isinstance(value, str | PathLike):
        raise DtypeError(
            f"`{name}` is a text or a path, expected an array",
            "`segscore.evaluate` reads files" if name != _SCORES else "load the scores first: `np.load`",
        )
    try:
        value = _resolved(value)
        if hasattr(value, "__dlpack__"):
            return _from_dlpack(value, name)
        return np.asarray(value)
    except SegscoreError:
        raise
    except REFUSALS as error:
        if isinstance(error, ValueError) and isinstance(value, list | tuple):
            raise ShapeError(
                f"`{name}` is no array: its rows differ in length",
                "pass rows of one length; several images are a list of arrays on both sides",
            ) from error
        raise DtypeError(
            f"`{name}` is of type {type(value).__name__}, which does not become an array: {error}",
            "pass a NumPy array or something that offers one",
        ) from error


def _resolved(value: Any) -> Any:
    """Return a tensor whose memory holds its numbers: torch may keep their opposites, and a bit for it."""
    is_neg = getattr(value, "is_neg", None)
    return value.resolve_neg() if callable(is_neg) and is_neg() is True else value


def _from_dlpack(value: Any, name: str) -> Array:
    device = value.__dlpack_device__()[0] if hasattr(value, "__dlpack_device__") else ON_CPU[0]
    if device not in ON_CPU:
        raise DtypeError(
            f"`{name}` is not in the memory of the CPU",
            "find the highest class where they are, and pass it as `pred=`: one byte a pixel in place of "
            "the scores of all classes"
            if name == _SCORES
            else f"move it there first: `{name}.cpu()` or the like",
        )
    try:
        return np.from_dlpack(value)
    except REFUSALS:
        # DLPack cannot say everything: read-only memory, types it has no name for, tensors with
        # gradients. What an object offers beside it often can.
        array = np.asarray(value)
        if array.dtype.kind == "O":
            raise
        return array


def check_threshold(threshold: float, classes: int) -> None:
    """Raise ArgumentError for what is no threshold, or tells other than two classes apart."""
    if isinstance(threshold, bool) or not isinstance(threshold, Real) or not _is_finite(threshold):
        raise ArgumentError(
            f"{arg('threshold')} is {brief(threshold)}, expected a finite number",
            "0.5 for probabilities, 0 for logits before a sigmoid",
        )
    if classes != 2:
        raise ArgumentError(
            f"{arg('threshold')} tells two classes apart, "
            f"found {classes} class{'es' if classes != 1 else ''}",
            "leave it out: the highest of the scores of all classes wins",
        )


def _is_finite(number: float) -> bool:
    try:
        return isfinite(number)
    except OverflowError:  # an integer that no float can hold
        return False


def palette_of(image: Any) -> bytes | None:
    """Return red, green and blue of each index of an image of Pillow, if its pixels are indices."""
    pillow: Any = sys.modules.get("PIL.Image")
    if isinstance(image, np.ndarray) or pillow is None or not isinstance(image, pillow.Image):
        return None
    found = image.getpalette("RGB") if image.mode == "P" else None
    return None if found is None else bytes(found)


def pack_colours(array: Array) -> Array:
    """Return pixels, uint8 (height, width, 2, 3 or 4), as labels, one for each colour.

    They are gray with alpha, RGB or RGBA, and become int64 (height, width): ``COLOUR_TAG + 0xRRGGBB``, with
    255 - alpha in the eight bits above.
    """
    channels = array.shape[-1]
    # In place, as each copy is eight times as large as what a file holds of a channel.
    labels = (
        (255 - array[..., -1]).astype(np.int64) if channels != 3 else np.zeros(array.shape[:-1], np.int64)
    )
    for i in range(3):
        labels <<= 8
        labels |= array[..., i if channels > 2 else 0]
    labels |= COLOUR_TAG
    return labels


def one_channel_tells(labels: Array) -> bool:
    """Whether packed colours are gray and opaque, or one colour that alpha tells apart."""
    alone = labels & ~(0xFF << 24)
    return bool((labels == COLOUR_TAG | (labels & 255) * 0x10101).all() or (alone == alone.flat[:1]).all())


def is_many(value: object) -> TypeGuard[Sequence[object]]:
    """Whether `value` is a list of arrays, and so several cases, rather than one array.

    A list of numbers, or of lists of numbers, is one array.
    """
    # A pair of types: to make a union of them takes as long as all else that is asked of a small image.
    if not isinstance(value, (list, tuple)) or not value:
        return False
    return all(_is_array(item) for item in value)


def _is_array(item: object) -> bool:
    if isinstance(item, np.generic):
        return False
    return hasattr(item, "__array__") or hasattr(item, "__dlpack__") or hasattr(item, "__array_interface__")
