"""Class scores: which axis is which, and which label value a channel stands for.

Pixels are left to the core, which knows the numbers of channels only. They become label values here: on
the few rows of a count, or in one look-up for all pixels of a label map.
"""

from operator import index as to_int
from typing import Any

import numpy as np

from segscore import _core
from segscore.base.naming import arg
from segscore.base.shown import brief
from segscore.base.values import is_int
from segscore.classes.classes import Classes
from segscore.counts.threads import threads_for_array
from segscore.errors import ArgumentError, ShapeError
from segscore.io.arrays import Array, as_floats, as_labels, as_scores, check_threshold, labels_away
from segscore.io.devices import Away
from segscore.io.resizing import resize_logits
from segscore.io.shapes import PLANES, fitting, several, squeezing

_WHICH_AXIS = (
    f"say which axis of `logits` holds the classes: {arg('class_axis', 1)} for (N, K, H, W), "
    f"{arg('class_axis', -1)} for (H, W, K)"
)


LABELS_AS_SCORES = (
    "scores of one channel are of two classes; where these are labels, make them integers, such as int64"
)
"""What to do about one channel for more classes."""


def count_logits(
    classes: Classes,
    logits: object,
    target: object,
    class_axis: int | None,
    threshold: float | None,
    *,
    dims: int | None = None,
    threads: int | None = None,
) -> _core.PairCounts:
    """Return the pair counts of one case, in label values.

    Arguments are those of :meth:`segscore.ConfusionMatrix.update`, but for lists; with `dims` it is an image
    of at most so many dimensions, and class scores of another size are resized to that of the target;
    `threads` are the most for one large array.
    """
    if threshold is not None:
        check_threshold(threshold, len(classes))
    scores = as_scores(logits)
    elsewhere = labels_away(target, "target", classes=len(classes), dims=dims)
    labels = as_labels(target, "target", classes=len(classes), dims=dims) if elsewhere is None else elsewhere
    axis = checked_axis(class_axis, scores.shape, len(classes), single=threshold is not None)
    if dims is not None and scores.ndim - (axis is not None) > dims:
        raise ShapeError(
            f"`logits` has the shape {scores.shape}, expected class scores of an image of {dims} dimensions",
            _of_one_image(scores.shape, axis, dims),
            kind="",
        )
    threads = threads_for_array(scores.size, threads)
    if dims is not None:
        scores, axis = _resized(scores, axis, labels.shape, threads)
    bits = None if threshold is None else _bits(threshold, scores)
    try:
        if isinstance(scores, Away):
            pairs = _count_away(labels, scores, axis, bits, threads)
        else:
            here = labels.here() if isinstance(labels, Away) else labels
            pairs = _core.count_logits(here, scores, class_axis=axis, threshold=bits, threads=threads)
    except ShapeError as error:
        if (hint := fitting("target", labels.shape, _pixels(scores.shape, axis))) is None:
            raise
        raise ShapeError(error.message, hint, kind="") from None
    return _in_labels(classes, pairs)


def _count_away(
    labels: Array | Away, scores: Away, axis: int | None, bits: int | None, threads: int
) -> _core.PairCounts:
    """Return the pair counts of channels, of which no score crosses from its device."""
    if _pixels(scores.shape, axis) != labels.shape or not scores.size:
        # The core says what is wrong, or that nothing is, of an array that takes no memory.
        none = np.broadcast_to(np.float32(0), scores.shape)
        here = np.broadcast_to(np.uint8(0), labels.shape)
        none_at = None if bits is None else 0
        return _core.count_logits(here, none, class_axis=axis, threshold=none_at, threads=threads)
    channels = _channels_away(scores, axis, bits)
    return counted_away(labels, channels, threads)


def _channels_away(scores: Away, axis: int | None, bits: int | None) -> Away:
    """Return the channel of each pixel of class scores where they lie."""
    if bits is None:
        assert axis is not None  # only scores of a single channel do without one
        return scores.highest(axis)
    return scores.at_least(_number(bits, scores.dtype), axis)


def counted_away(target: Array | Away, pred: Array | Away, threads: int) -> _core.PairCounts:
    """Return the pair counts of label maps of one shape: where both lie, if they are on one device."""
    if isinstance(target, Away) and isinstance(pred, Away):
        rows = target.pairs_with(pred)
        if rows is not None:
            return _core.PairCounts.from_columns(*rows)
    here, there = (labels.here() if isinstance(labels, Away) else labels for labels in (target, pred))
    return _core.count(here, there, threads=threads)


def _pixels(shape: tuple[int, ...], axis: int | None) -> tuple[int, ...]:
    """Return the shape of what class scores of a shape are scores of, without their class axis."""
    return shape if axis is None else (*shape[:axis], *shape[axis + 1 :])


def _of_one_image(shape: tuple[int, ...], axis: int | None, dims: int) -> str:
    """Return the hint for class scores of more axes than one image has."""
    if axis is not None:  # without another axis this one may count as another
        return several(dims)
    if hint := squeezing("logits", shape, dims):
        return hint
    ends = [end for end in (0, -1) if len(shape) == dims + 1 and shape[end] == 2]
    of_both = (
        f"scores of both classes are told by {arg('class_axis', ends[0])} in place of {arg('threshold')}: "
        "the highest wins; "
        if ends
        else ""
    )
    return of_both + several(dims)


def _resized(
    scores: Array | Away, axis: int | None, size: tuple[int, ...], threads: int
) -> tuple[Array | Away, int | None]:
    """Return class scores of one image at the size of its target, and their class axis.

    Those of another device cross to be resized, as those of models that need it are smaller than the target.
    """
    here = _pixels(scores.shape, axis)
    if here == size or not len(here) == len(size) == PLANES or 0 in (*here, *size):
        return scores, axis
    if _core.look_transposed(here, size):
        raise ShapeError(
            f"the class scores look transposed: they have {here} pixels, the target {size}",
            "exchange height and width on one side; class scores of another size are resized to their target",
            kind="",
        )
    scores = scores.scores_here() if isinstance(scores, Away) else scores
    planes = scores[np.newaxis] if axis is None else np.moveaxis(scores, axis, 0)
    # What is no number says so by its own place.
    _core.highest(planes, class_axis=0, threads=threads)
    return resize_logits(as_floats(planes), (size[0], size[1]), class_axis=0), 0


def label_map(
    classes: Classes,
    logits: object,
    class_axis: int | None,
    threshold: float | None,
    size: tuple[int, ...],
    *,
    threads: int | None = None,
) -> Array:
    """Return the label map of class scores that `count_logits` has counted, at the size of their target."""
    scores = as_scores(logits)
    axis = checked_axis(class_axis, scores.shape, len(classes), single=threshold is not None)
    fitted, axis = _resized(scores, axis, size, threads_for_array(scores.size, threads))
    given = logits if fitted is scores else fitted
    return labels_of_logits(classes, given, axis, threshold, threads=threads)


def labels_of_logits(
    classes: Classes,
    logits: object,
    class_axis: int | None,
    threshold: float | None = None,
    *,
    threads: int | None = None,
) -> Array:
    """Return the label map that :func:`count_logits` counts without making it.

    Class scores are float16, bfloat16, float32 or float64, with one channel for each class; one channel with
    `threshold`, at or above which it is the second of two. The class axis counts from 0, or from -1 at the
    end; None is for scores of a single channel without such an axis. Of equal scores the first wins. Labels
    are uint8 where all label values of predictions fit, else uint16, else int64. NaN is an ArgumentError.

    Examples
    --------
    >>> import numpy as np
    >>> from segscore import Classes
    >>> from segscore.counts.logits import labels_of_logits
    >>> classes = Classes(["road", "sky"], [7, 23])
    >>> labels_of_logits(classes, np.float32([[0.1, 2.0, 0.5], [0.7, -1.0, 0.5]]), class_axis=0)
    array([23,  7,  7], dtype=uint8)
    >>> labels_of_logits(classes, np.float32([0.2, 0.5, 0.9]), None, threshold=0.5)
    array([ 7, 23, 23], dtype=uint8)
    """
    if threshold is not None:
        check_threshold(threshold, len(classes))
    scores = as_scores(logits)
    axis = checked_axis(class_axis, scores.shape, len(classes), single=threshold is not None)
    if isinstance(scores, Away):
        reached = None if threshold is None else _bits(threshold, scores)
        return _label_map(_labels_of_channels(classes), _channels_away(scores, axis, reached).here())
    if threshold is not None:
        if axis is None:
            scores, axis = scores[..., np.newaxis], scores.ndim
        # Of equal scores the first wins: at the threshold it is the one that was given.
        bits = np.array(_bits(threshold, scores), f"u{scores.itemsize}")
        scores = np.concatenate([scores, np.full_like(scores, bits.view(_native(scores)))], axis)
    assert axis is not None  # only scores of a single channel do without one
    channels = _core.highest(scores, class_axis=axis, threads=threads_for_array(scores.size, threads))
    labels = _labels_of_channels(classes)
    return _label_map(labels if threshold is None else labels[::-1], channels)


def _label_map(labels: tuple[int, ...], channels: Array) -> Array:
    """Return a map of channels with their label values in their place."""
    if labels == tuple(range(len(labels))):
        return channels.astype(np.uint8) if channels.dtype == np.bool_ else channels
    least, most = min(labels), max(labels)
    narrow = np.uint8 if most <= np.iinfo(np.uint8).max else np.uint16
    table = np.array(labels, dtype=narrow if least >= 0 and most <= np.iinfo(narrow).max else np.int64)
    return np.asarray(table.take(channels))  # of a single pixel it makes a number


def checked_axis(class_axis: int | None, shape: tuple[int, ...], classes: int, *, single: bool) -> int | None:
    """Return the class axis counted from 0; None for single-channel scores without one."""
    if class_axis is None:
        if single:
            return None
        raise ArgumentError(
            f"{arg('class_axis')} is missing, and is never guessed from the shape", _WHICH_AXIS
        )
    if not is_int(class_axis):
        raise ArgumentError(f"{arg('class_axis')} is {brief(class_axis)}, expected an integer", _WHICH_AXIS)
    axis = to_int(class_axis)
    if not -len(shape) <= axis < len(shape):
        raise ArgumentError(
            f"{arg('class_axis')} is {axis}, but `logits` has the shape {shape}",
            "axes are counted from 0, or from -1 at the end",
        )
    axis %= len(shape)
    channels = shape[axis]
    if channels == (1 if single else classes):
        return axis
    found = f"found {channels} on axis {axis} of {shape}"
    if single:
        raise ShapeError(
            f"{arg('threshold')} is for one channel, {found}",
            f"leave {arg('threshold')} out, and the highest score wins; or {arg('class_axis')}, where there "
            "is no such axis",
            kind="",  # no resizing gives it other channels
        )
    raise ShapeError(
        f"`logits` needs one channel for each of {classes} class{'es' if classes != 1 else ''}, {found}",
        f"single-channel scores need a {arg('threshold')}, such as 0.5 for probabilities"
        if (channels, classes) == (1, 2)
        else LABELS_AS_SCORES
        if channels == 1
        else f"the last axis has {classes}: {arg('class_axis', -1)}"
        if shape[-1] == classes
        else "channel k holds the scores of the k-th class, also where that class is ignored",
        kind="",
    )


def _native(scores: Array | Away) -> np.dtype[Any]:
    return scores.dtype.newbyteorder("=")


def as_compared(threshold: float, scores: Array | Away) -> float:
    """Return a threshold as scores are compared with it: the nearest number of their type."""
    return _number(_bits(threshold, scores), scores.dtype)


def _number(bits: int, dtype: np.dtype[Any]) -> float:
    """Return the number of a type that has these bits; uint16 are those of bfloat16."""
    if dtype.kind == "u":
        return float(np.uint32(bits << 16).view(np.float32))
    return float(np.array(bits, f"u{dtype.itemsize}").view(dtype.newbyteorder("=")))


def _bits(threshold: float, scores: Array | Away) -> int:
    """Return the bits of a threshold in the type of the scores, to the nearest number of that type."""
    with np.errstate(over="ignore"):
        if scores.dtype.kind == "u":
            # A bfloat16 is the upper half of a float32; what is cut off rounds it, ties to even.
            single = int(np.float32(threshold).view(np.uint32))
            return (single + 0x7FFF + (single >> 16 & 1)) >> 16
        rounded = np.array(threshold, _native(scores))
    return int(rounded.view(f"u{rounded.itemsize}"))


def _in_labels(classes: Classes, pairs: _core.PairCounts) -> _core.PairCounts:
    """Return pair counts with the label values of predictions in place of the numbers of channels."""
    labels = _labels_of_channels(classes)
    if labels == tuple(range(len(labels))):
        return pairs
    target, channel, pixels = pairs.columns()
    return _core.PairCounts.from_columns(target, np.array(labels, dtype=np.int64)[channel], pixels)


def _labels_of_channels(classes: Classes) -> tuple[int, ...]:
    return classes.labels if classes.pred_labels is None else classes.pred_labels
