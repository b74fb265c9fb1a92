"""Boundaries and distances by their definitions, from all pairs of voxels. Nothing here is a test."""

from math import hypot

import numpy as np
import numpy.typing as npt

from support.masks_on_disk import Array

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def band(mask: Mask, width: int) -> Mask:
    """Return the part of a mask that is lost when it is eroded `width` times by 3 x 3 pixels."""
    kept = np.pad(mask, 1)
    for _ in range(width):
        inner = kept[1:-1].copy()
        inner &= kept[:-2] & kept[2:]
        columns = inner.copy()
        columns[:, 1:-1] &= inner[:, :-2] & inner[:, 2:]
        kept = np.pad(columns[:, 1:-1], 1)
    return mask & ~kept[1:-1, 1:-1]


def band_iou(pred: Mask, target: Mask, width: int) -> float:
    """Return the IoU of the bands of two masks; NaN for two empty ones."""
    one, other = band(pred, width), band(target, width)
    union = np.count_nonzero(one | other)
    return float(np.count_nonzero(one & other) / union) if union else float("nan")


def border(mask: Mask) -> npt.NDArray[np.intp]:
    """Return the places of the voxels of a mask that have a neighbour outside it."""
    inside = mask.copy()
    padded = np.pad(mask, 1)
    for axis in range(mask.ndim):
        for step in (-1, 1):
            inside &= np.roll(padded, step, axis)[(slice(1, -1),) * mask.ndim]
    return np.argwhere(mask & ~inside)


def corners(mask: Mask) -> npt.NDArray[np.intp]:
    """Return the places of the corners between voxels of a mask and others, with the voxels around each."""
    padded = np.pad(mask, 1)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (2,) * mask.ndim)
    axes = tuple(range(mask.ndim, 2 * mask.ndim))
    return np.argwhere(windows.any(axis=axes) & ~windows.all(axis=axes))


def squares(of: Array, to: Array, spacing: tuple[float, ...]) -> Floats:
    """Return the square of the distance from each place to the nearest other one, infinite without any."""
    found = np.full(len(of), np.inf)
    for i, place in enumerate(of):
        along = [(to[:, axis] - place[axis]) * step for axis, step in enumerate(spacing)]
        found[i] = sum((one * one for one in along), start=np.zeros(len(to))).min(initial=np.inf)
    return found


def directed(pred: Mask, target: Mask, spacing: tuple[float, ...] | None = None) -> tuple[Floats, Floats]:
    """Return the distances of the target's border to the prediction's, and the other way round."""
    steps = spacing or (1.0,) * target.ndim
    ours, theirs = border(target), border(pred)
    return np.sqrt(squares(ours, theirs, steps)), np.sqrt(squares(theirs, ours, steps))


def diagonal(mask: Array, spacing: tuple[float, ...] | None = None) -> float:
    """Return the diagonal of an image."""
    return hypot(*(n * step for n, step in zip(mask.shape, spacing or (1,) * mask.ndim, strict=True)))


def painted(seed: int, shape: tuple[int, ...], labels: int, *, size: int = 5) -> tuple[Array, Array]:
    """Return a prediction and a target of blocks of labels, the first one moved and with some noise."""
    random = np.random.default_rng(seed)
    blocks = random.integers(0, labels, [length // size + 1 for length in shape])
    target = np.kron(blocks, np.ones((size,) * len(shape), int))[tuple(slice(n) for n in shape)]
    moved = np.roll(target, random.integers(-2, 3, len(shape)), tuple(range(len(shape))))
    noise = random.random(shape) < 0.02
    return np.where(noise, random.integers(0, labels, shape), moved), target
