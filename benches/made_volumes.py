"""Volumes that are made: lumpy organs, and predictions whose borders wander. Nothing here is timed.

Equal seeds give equal volumes, so that figures of two days are of the same voxels.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Labels = npt.NDArray[np.unsignedinteger]
SHAPE = (128, 256, 256)
SPACING = (3.0, 0.8, 0.8)
"""Millimetres between slices, rows and columns, as in computed tomography."""
_FAR = 6.0
"""Voxels by which the border of a bad prediction is off."""


class Case(NamedTuple):
    """A target and a prediction, of the labels 0, which is the background, to `labels`."""

    pred: Labels
    target: Labels
    labels: int
    spacing: tuple[float, ...]


def organs(seed: int, labels: int, *, error: float = 2.0, shape: tuple[int, ...] = SHAPE) -> Case:
    """Return organs, each of which has a prediction whose border is off by so many voxels.

    That is the standard deviation of a smooth field; two small structures are invented besides.
    """
    random = np.random.default_rng(seed)
    places = np.meshgrid(*map(np.arange, shape), indexing="ij", sparse=True)
    lumps, off = _field(random, shape, 18) * 3, _field(random, shape, 12) * error
    target, pred = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    low, high = (0.35, 0.65) if labels == 1 else (0.15, 0.85)
    radii = (0.2, 0.3) if labels == 1 else (0.08, 0.16)
    for label in range(1, labels + 1):
        middle = [random.uniform(low, high) * length for length in shape]
        radius = [random.uniform(*radii) * length for length in shape]
        squares = [((at - m) / r) ** 2 for at, m, r in zip(places, middle, radius, strict=True)]
        depth = (min(radius) * (1 - np.sqrt(sum(squares)))).astype(np.float32) + lumps
        target[depth > 0] = label
        pred[depth + off > 0] = label
    for i in range(2):
        middle = [random.uniform(0.1, 0.9) * length for length in shape]
        squares = [(at - m) ** 2 for at, m in zip(places, middle, strict=True)]
        pred[sum(squares) < random.uniform(3, 6) ** 2] = 1 + i % labels
    return Case(pred, target, labels, SPACING)


def lesions(seed: int, count: int = 120, *, shape: tuple[int, ...] = (155, 240, 240)) -> Case:
    """Return lesions of all sizes, each of which is moved, split, lost or invented in the prediction."""
    random = np.random.default_rng(seed)
    places = np.meshgrid(*map(np.arange, shape), indexing="ij", sparse=True)
    both = target, pred = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
    lumps = _field(random, shape, 5)
    for _ in range(count):
        middle = np.array([random.uniform(0.15, 0.85) * length for length in shape])
        radius = min(1 + random.lognormal(0.6, 0.8), 20)
        for mask in both:
            if random.random() < 0.15:
                continue
            middle = middle + random.normal(0, 1, 3)
            box = tuple(slice(max(0, int(one - 2 * radius)), int(one + 2 * radius) + 2) for one in middle)
            here = [
                at[tuple(s if n > 1 else slice(None) for s, n in zip(box, at.shape, strict=True))]
                for at in places
            ]
            far = np.sqrt(sum((at - one) ** 2 for at, one in zip(here, middle, strict=True)))
            mask[box][far + lumps[box] * 0.3 * radius < radius] = 1
    return Case(pred, target, 1, (1.0, 1.0, 1.0))


def brain(path: Path) -> Case:
    """Return the labels of a NIfTI file, and as their prediction what half the resolution leaves."""
    import nibabel

    found = np.asarray(nibabel.load(path).dataobj)
    values = np.unique(found)
    target = np.searchsorted(values, found).astype(np.uint16)
    half = target[::2, ::2, ::2]
    pred = half.repeat(2, 0).repeat(2, 1).repeat(2, 2)[tuple(map(slice, target.shape))]
    return Case(pred, target, len(values) - 1, (1.0, 1.0, 1.0))


def bad_organ(seed: int, *, shape: tuple[int, ...] = SHAPE) -> Case:
    """Return an organ of which half of the predicted surface is far off: half of it is cut away."""
    case = organs(seed, 1, shape=shape)
    pred = case.pred.copy()
    inside = np.flatnonzero(case.target.any(axis=(1, 2)))
    pred[: inside.mean().astype(int)] = 0
    shifted = np.roll(pred, round(_FAR) + 2, axis=1)
    return case._replace(pred=np.where(shifted > 0, shifted, 0).astype(np.uint8))


def _field(random: np.random.Generator, shape: tuple[int, ...], step: int) -> npt.NDArray[np.float32]:
    """Return smooth noise of deviation 1, which changes over so many voxels."""
    field = random.standard_normal([length // step + 4 for length in shape]).astype(np.float32)
    for axis, length in enumerate(shape):
        at = (np.arange(length) / step).astype(np.float32)
        low, part = at.astype(int), at - at.astype(int)
        # Cubic, so that no edge shows where two cells meet.
        part = part * part * (3 - 2 * part)
        part = part.reshape([-1 if i == axis else 1 for i in range(len(shape))])
        field = field.take(low, axis) * (1 - part) + field.take(low + 1, axis) * part
    return np.asarray(field / field.std())
