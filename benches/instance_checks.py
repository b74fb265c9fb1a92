"""Masks of objects against pycocotools: how many differ, of many kinds of them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from segscore._core import Masks

SIZES = [(1, 1), (1, 37), (29, 1), (17, 23), (64, 48), (120, 160)]
"""Height and width of images, in turn."""


@dataclass(frozen=True)
class Difference:
    """What was compared: how many, and how many of them differ."""

    what: str
    compared: int
    differ: int


def polygon(rng: np.random.Generator, height: int, width: int) -> npt.NDArray[np.float64]:
    """Return x and y of some points in turn: whole, half or any numbers, outside, at edges, or twice."""
    points = rng.random((rng.integers(3, 12), 2)) * (width, height)
    kind = rng.integers(8)
    if kind == 0:
        points = points.round()
    elif kind == 1:
        points = (points * 2).round() / 2
    elif kind == 2:
        points = points * 3 - (width, height)
    elif kind == 3:
        points = (points / (width, height) * 3).round() * (width / 3, height / 3)
    elif kind == 4:
        points = points.round(1)
    elif kind == 5:
        points[:, 0] = points[0, 0]
    elif kind == 6:
        points = np.repeat(points, 2, axis=0)
    return points.ravel()


def bitmap(rng: np.random.Generator, height: int, width: int) -> npt.NDArray[np.bool_]:
    """Return a mask: nothing, all, noise, some pixels, boxes, or a blob."""
    kind = rng.integers(6)
    if kind == 0:
        return np.full((height, width), rng.integers(2) == 1)
    if kind == 1:
        return rng.random((height, width)) < rng.random()
    if kind == 2:
        return rng.random((height, width)) < 2 / (height * width)
    mask = np.zeros((height, width), bool)
    for _ in range(rng.integers(1, 4)):
        top, left = rng.integers(height), rng.integers(width)
        mask[top : top + rng.integers(1, height + 1), left : left + rng.integers(1, width + 1)] ^= kind != 4
    return mask


def masks_differ(rounds: int, seed: int) -> list[Difference]:
    """Compare polygons, run lengths, boxes and shared pixels with those of pycocotools."""
    from pycocotools import mask as coco

    rng = np.random.default_rng(seed)
    names = ("polygons", "strings", "pixels", "boxes", "run lengths", "shared pixels", "masks of bools")
    differ: dict[str, list[bool]] = {name: [] for name in names}
    for number in range(rounds):
        height, width = SIZES[number % len(SIZES)]
        polygons = [[polygon(rng, height, width) for _ in range(rng.integers(1, 4))] for _ in range(4)]
        theirs = [coco.merge(coco.frPyObjects([p.tolist() for p in one], height, width)) for one in polygons]
        differ["polygons"] += unlike(Masks.read(height, width, polygons).strings(), theirs)
        planes = np.stack([bitmap(rng, height, width) for _ in range(4)])
        theirs += [coco.encode(np.asfortranarray(plane, np.uint8)) for plane in planes]
        ours = Masks.read(height, width, [one["counts"] for one in theirs])
        differ["masks of bools"] += [not np.array_equal(ours.planes()[4:], planes)]
        differ["strings"] += unlike(Masks.of_planes(ours.planes()).strings(), theirs)
        differ["run lengths"] += unlike(Masks.read(height, width, ours.counts()).strings(), theirs)
        differ["pixels"] += (ours.pixels() != coco.area(theirs)).tolist()
        filled = ours.pixels() > 0  # of an empty mask pycocotools has a box where its run of no length is
        differ["boxes"] += (ours.boxes() != coco.toBbox(theirs))[filled].any(axis=1).tolist()
        shared = np.zeros((len(theirs), len(theirs)), np.int64)
        shared[ours.overlaps(ours)[:2]] = ours.overlaps(ours)[2]
        union = ours.pixels()[:, None] + ours.pixels() - shared
        iou = np.divide(shared, union, out=np.zeros(shared.shape), where=union > 0)
        differ["shared pixels"] += (iou != coco.iou(theirs, theirs, [0] * len(theirs))).ravel().tolist()
    return [Difference(name, len(found), sum(found)) for name, found in differ.items()]


def unlike(ours: list[bytes], theirs: list[Any]) -> list[bool]:
    """Return which strings differ."""
    return [mine != other["counts"] for mine, other in zip(ours, theirs, strict=True)]
