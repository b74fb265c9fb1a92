"""Class scores at another size, as they are brought to the size of a label map before the highest wins.

Labels are never resized here, and no score is turned into a label.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from segscore.base.naming import arg, marked
from segscore.base.shown import brief
from segscore.errors import ArgumentError, SegscoreError
from segscore.io.arrays import as_floats, as_logits

Array = npt.NDArray[Any]


def resize_logits(logits: npt.ArrayLike, size: tuple[int, int], *, class_axis: int) -> Array:
    """Return class scores of one image at another size, by bilinear interpolation.

    Parameters
    ----------
    logits : float16, bfloat16, float32 or float64 (K, h, w) or (h, w, K)
        Class scores.
    size : (int, int)
        Height and width in pixels.
    class_axis : int
        Which axis holds the classes: 0 or -1.

    Returns
    -------
    float32 (K, H, W) or (H, W, K)
        In the order of axes of `logits`; float64 stays float64. What has the size already is returned as
        it is.

    Raises
    ------
    ArgumentError
        If the scores are no floats or do not have three axes, or the size or the axis cannot be.

    Notes
    -----
    Centres of pixels are aligned, edges are repeated, and nothing is smoothed when it shrinks: what
    ``torch.nn.functional.interpolate(…, mode="bilinear", align_corners=False)`` is documented to do, and
    ``Resize`` of ONNX with ``half_pixel``. Positions are float64 here; onnxruntime, where they are float32,
    differs by up to 1.4e-4 on standard normal scores, measured from 360 x 480 to 180 x 250. Infinite
    scores, as of classes that are ruled out, count as a quarter of the largest number, so that what lies
    next to them stays a number.

    Examples
    --------
    >>> resize_logits(np.array([[[0.0, 1.0]]], np.float32), (1, 4), class_axis=0)
    array([[[0.  , 0.25, 0.75, 1.  ]]], dtype=float32)
    """
    one = f"one image at a time: (K, h, w) with {arg('class_axis', 0)}, or (h, w, K) with "
    one += arg("class_axis", -1)
    try:
        array = as_floats(as_logits(logits))
    except SegscoreError as error:
        said = f"expected class scores as floats of three axes: {marked(error.message)}"
        raise ArgumentError(said, one) from error
    if array.ndim != 3:
        raise ArgumentError(
            f"expected class scores as floats of three axes, found {array.dtype} of shape {array.shape}", one
        )
    if class_axis not in (0, 2, -1, -3):
        raise ArgumentError(
            f"{arg('class_axis')} is {brief(class_axis)}, expected 0 or -1", "(K, h, w) or (h, w, K)"
        )
    if len(size) != 2 or min(size) < 1 or 0 in array.shape:
        raise ArgumentError(
            f"expected pixels on both sides, found a size of {size!r} and class scores of {array.shape}",
            "sizes are (height, width)",
        )
    planes = np.moveaxis(array, class_axis, 0)
    if planes.shape[1:] == tuple(size):
        return array
    dtype = np.promote_types(array.dtype, np.float32)
    made = np.empty((len(planes), *size), dtype)
    above, below, down = _neighbours(planes.shape[1], size[0], dtype)
    left, right, across = _neighbours(planes.shape[2], size[1], dtype)
    largest = np.finfo(dtype).max / 4
    # Plane by plane, so that what is in between stays in the cache.
    for k, plane in enumerate(planes):
        wide = np.clip(plane, -largest, largest, dtype=dtype)
        rows = wide[above]
        rows += (wide[below] - rows) * down[:, None]
        first = rows.take(left, axis=1)
        step = rows.take(right, axis=1)
        step -= first
        step *= across
        np.add(first, step, out=made[k])
    return np.ascontiguousarray(np.moveaxis(made, 0, class_axis))


def _neighbours(before: int, after: int, dtype: npt.DTypeLike) -> tuple[Array, Array, Array]:
    """Return for each new position the indices of its two neighbours and the weight of the second."""
    place = np.maximum((np.arange(after) + 0.5) * (before / after) - 0.5, 0)
    first = np.minimum(place.astype(np.intp), before - 1)
    second = np.minimum(first + 1, before - 1)
    return first, second, (place - first).astype(dtype)
