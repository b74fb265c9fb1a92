"""The elements of surfaces and bands, against the programs that define them: every distance, area and pixel.

Each function returns how many it compared and the largest difference; none averages anything.
"""

from collections.abc import Iterator, Mapping
from math import ceil, hypot
from pathlib import Path

import numpy as np
import numpy.typing as npt

import segscore
from segscore import _core
from segscore.counts.areas import areas
from surface_peers import Labels, Spacing, module

EXACT = {
    2: ((1.0, 1.0), (0.5, 0.5), (2.5, 0.75), (0.25, 3.0), (2**-10, 2**-10), (1e3, 1.0)),
    3: (
        (1.0, 1.0, 1.0),
        (0.5, 0.5, 0.5),
        (3.0, 0.75, 0.75),
        (0.75, 2.5, 1.25),
        (2**-10, 2**-10, 2**-10),
        (1.0, 1e3, 1.0),
    ),
}
"""Distances between voxels along each axis of images and volumes, whose multiples have no rounding."""
ROUNDED = {
    2: ((0.1, 0.3), (2.5, 0.7), (1e-3, 1e-3)),
    3: ((3.0, 0.8, 0.8), (0.7, 2.5, 1.2), (1e-3, 1e-3, 1e-3)),
}
"""Those whose multiples are rounded: SciPy takes any of several points that are as near but for rounding."""
_LONGEST = {2: 200, 3: 40}
_LABEL = 1
_WIDTHS = (1, 2, 3, 5, 8)
_DAVIS = 0.008
"""The tolerance of DAVIS, a share of the diagonal."""

Rows = tuple[npt.NDArray[np.float64], ...]
"""Distances of the elements of one surface, and their sizes."""


def pairs(count: int, seed: int, dims: tuple[int, ...] = (2, 3)) -> Iterator[tuple[Labels, Labels]]:
    """Yield pairs of masks of many shapes: noise, lumps, single voxels, axes of one, and full ones."""
    random = np.random.default_rng(seed)
    for number in range(count):
        of = dims[number % len(dims)]
        shape = random.integers(1, _LONGEST[of] + 1, of)
        if number % 10 == 0:
            shape[int(random.integers(of))] = 1
        found = [_mask(random, tuple(shape.tolist()), number % 4) for _ in range(2)]
        if number % 4:  # the second is like the first but for some of its voxels
            near = np.roll(found[0], random.integers(-3, 4, of), range(of))
            found[1] = np.where(random.random(near.shape) < 0.02, found[1], near)
        yield found[0], found[1]


def _mask(random: np.random.Generator, shape: tuple[int, ...], kind: int) -> Labels:
    if kind == 0:
        return (random.random(shape) < random.choice([0.02, 0.5, 1.0])).astype(np.uint8)
    if kind == 1:
        return (random.random(shape) < 1.5 / np.prod(shape)).astype(np.uint8)
    side = int(random.integers(3, 12))
    few = random.random([-(-length // side) for length in shape]) < 0.4
    lumps = np.kron(few, np.ones((side,) * len(shape), np.uint8))
    return np.asarray(lumps[tuple(slice(length) for length in shape)], np.uint8)


def rows(target: Labels, pred: Labels, spacing: Spacing, *, corners: bool) -> list[Rows]:
    """Return distances and sizes of both surfaces, the target's first, each in rising order."""
    _, side, code, squared, count = _core.surface_rows(
        target, pred, spacing=spacing, corners=corners, labels=[_LABEL]
    )
    size = areas(spacing)[code] if corners else np.ones(len(code))
    found: list[Rows] = []
    for one in (0, 1):
        chosen = side == one
        values = np.sqrt(squared[chosen]), size[chosen]
        found.append(tuple(np.sort(np.repeat(column, count[chosen])) for column in values))
    return found


def _difference(ours: npt.NDArray[np.float64], theirs: npt.NDArray[np.float64]) -> float:
    if len(ours) != len(theirs):
        return float("inf")
    with np.errstate(invalid="ignore"):
        apart = np.abs(ours - theirs) / np.maximum(1, np.abs(theirs))
    apart[ours == theirs] = 0
    return float(apart.max(initial=0))


def voxels(count: int, seed: int, spacings: Mapping[int, tuple[Spacing, ...]]) -> tuple[int, float]:
    """Compare each distance of voxels with SciPy's distance transform."""
    from scipy.ndimage import binary_erosion, distance_transform_edt

    compared, largest = 0, 0.0
    for target, pred in pairs(count, seed):
        borders = [mask ^ binary_erosion(mask) for mask in (target == _LABEL, pred == _LABEL)]
        for spacing in spacings[target.ndim]:
            ours = rows(target, pred, spacing, corners=False)
            for side in (0, 1):
                away = np.full(target.shape, np.inf)
                if borders[1 - side].any():
                    away = distance_transform_edt(~borders[1 - side], sampling=spacing)
                theirs = np.sort(away[borders[side]])
                compared += len(theirs)
                largest = max(largest, _difference(ours[side][0], theirs))
    return compared, largest


def corners(count: int, seed: int, folder: Path) -> tuple[int, float]:
    """Compare each distance and area with those of surface-distance."""
    script = module(folder / "google-deepmind/surface-distance", "surface_distance.metrics")
    compared, largest = 0, 0.0
    for target, pred in pairs(count, seed):
        for spacing in ROUNDED[target.ndim]:
            said = script.compute_surface_distances(target == _LABEL, pred == _LABEL, spacing)
            ours = rows(target, pred, spacing, corners=True)
            for side, (distance, area) in enumerate(
                (("distances_gt_to_pred", "surfel_areas_gt"), ("distances_pred_to_gt", "surfel_areas_pred"))
            ):
                theirs = np.sort(said[distance]), np.sort(said[area])
                compared += len(theirs[0])
                largest = max(largest, *(_difference(a, b) for a, b in zip(ours[side], theirs, strict=True)))
    return compared, largest


def bands(count: int, seed: int) -> tuple[int, float]:
    """Compare the pixels of bands with those that OpenCV's erosion leaves, of five widths."""
    import cv2

    compared, largest = 0, 0
    square = np.ones((3, 3), np.uint8)
    for target, pred in pairs(count, seed, dims=(2,)):
        judge = segscore.Evaluator(["background", "object"], boundary=_WIDTHS)
        judge.add(pred=pred, target=target)
        boundary = judge.result().boundary
        for width in _WIDTHS:
            sides = []
            for mask in (target, pred):
                padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
                sides.append(mask - cv2.erode(padded, square, iterations=width)[1:-1, 1:-1])
            theirs = [int((sides[0] & sides[1]).sum()), *(int(side.sum()) for side in sides)]
            apart = np.abs(boundary.at(width).pixels[0, :, 1] - theirs)
            compared, largest = compared + 3, max(largest, int(apart.max()))
    return compared, float(largest)


def davis(count: int, seed: int, folder: Path) -> tuple[int, float]:
    """Compare F of the boundary with DAVIS' own, where no object touches the end of the image.

    Its boundary is where right, lower and diagonal neighbour are not alike: the corners of segscore's areas,
    each of which counts one.
    """
    script = module(folder / "davisvideochallenge/davis2017-evaluation", "davis2017.metrics")
    compared, largest = 0, 0.0
    for masks in pairs(count, seed, dims=(2,)):
        target, pred = (np.pad(mask, 1) for mask in masks)
        near = ceil(_DAVIS * hypot(*target.shape))
        shares = [
            float((distance <= near).mean()) if len(distance) else None
            for distance, _ in rows(target, pred, (1.0, 1.0), corners=True)
        ]
        theirs = float(script.f_measure(pred == _LABEL, target == _LABEL))
        compared, largest = compared + 1, max(largest, abs(_f(*shares) - theirs))
    return compared, largest


def _f(recall: float | None, precision: float | None) -> float:
    """Return the harmonic mean of both, in DAVIS' reading of empty masks."""
    if recall is None or precision is None:
        return float(recall is None and precision is None)
    return 0.0 if recall + precision == 0 else 2 * recall * precision / (recall + precision)
