"""Noise, in which all is a border: what it takes rises with the size of the image, and nothing hangs."""

import time
from collections.abc import Callable

import numpy as np
import pytest

import segscore
from segscore import Evaluation, Evaluator
from support.by_hand import border
from support.masks_on_disk import Array

pytestmark = pytest.mark.slow

MOST = 30.0
"""Seconds of processors that a volume may take, where four million voxels take less than five: no hang."""


def noise(shape: tuple[int, ...], labels: int, seed: int = 0) -> tuple[Array, Array]:
    random = np.random.default_rng(seed)
    pred, target = random.integers(0, labels, (2, *shape), dtype=np.uint8)
    return pred, target


def measured(pred: Array, target: Array, labels: int, **options: object) -> Evaluation:
    judge = Evaluator(labels, dims=target.ndim, distances=True, **options)  # type: ignore[arg-type]
    judge.add(pred=pred, target=target)
    return judge.result()


def timed(call: Callable[[], Evaluation]) -> Evaluation:
    before = time.process_time()
    found = call()
    spent = time.process_time() - before
    print(f"{spent:.2f} s")  # noqa: T201 - the figure that is looked at
    assert spent < MOST
    return found


@pytest.mark.parametrize("shape", [(512, 512), (64, 256, 256)])
@pytest.mark.parametrize("labels", [2, 9])
@pytest.mark.parametrize("surface", ["voxels", "area"])
def test_noise_beside_noise(shape: tuple[int, ...], labels: int, surface: str) -> None:
    pred, target = noise(shape, labels)
    every = timed(lambda: measured(pred, target, labels, surface=surface))
    bounded = timed(lambda: measured(pred, target, labels, surface=surface, within=3.0))
    near = every.surface.images.within(3), bounded.surface.images.within(3)
    np.testing.assert_allclose(near[0], near[1], rtol=1e-12)
    if surface == "voxels":
        wanted = [[len(border(np.equal(side, label))) for side in (target, pred)] for label in range(labels)]
        assert every.surface.images.weights[0].tolist() == wanted


@pytest.mark.parametrize("shape", [(512, 512), (64, 256, 256)])
@pytest.mark.parametrize("within", [None, 3.0])
def test_noise_far_from_one_voxel(shape: tuple[int, ...], within: float | None) -> None:
    pred, _ = noise(shape, 2)
    target = np.zeros_like(pred)
    target[(0,) * len(shape)] = 1
    spacing = (3.1, 0.77, 0.83)[-len(shape) :]
    found = timed(lambda: measured(pred, target, 2, spacing=spacing, surface="voxels", within=within))
    places = np.argwhere(pred) * np.array(spacing)
    farthest = np.sqrt((places**2).sum(axis=1)).max()
    values = found.surface.images.hausdorff()[0]
    assert values[1] == (np.inf if within else pytest.approx(farthest, rel=1e-14))


def test_bands_of_noise() -> None:
    pred, target = noise((2048, 2048), 2)
    before = time.process_time()
    assert segscore.boundary_iou(pred, target, width=40) == pytest.approx(1 / 3, abs=0.01)
    assert time.process_time() - before < MOST
