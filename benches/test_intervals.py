"""Intervals and comparisons of a large dataset: 5,000 images of 150 classes, 15 of them in each image."""

from typing import Any

import numpy as np
import pytest

from segscore import Classes, Evaluation, compare
from segscore.counts.table import Table
from segscore.statistics.intervals import confidence_intervals

_IMAGES, _CLASSES, _IN_IMAGE = 5_000, 150, 15


def made(seed: int) -> Evaluation:
    """Return an evaluation in which a class has TP, and FP and FN with the next class of its image."""
    random = np.random.default_rng(7)
    label = np.sort(
        random.permuted(np.tile(np.arange(_CLASSES), (_IMAGES, 1)), axis=1)[:, :_IN_IMAGE], axis=1
    )
    pixels = np.random.default_rng(8).integers(100, 9_000, (_IMAGES, _IN_IMAGE))
    share = np.random.default_rng(seed).uniform(0.01, 1, (_IMAGES, _IN_IMAGE))
    right = (pixels * share).astype(np.int64)  # some pixels of each are right, and some are not
    target = np.repeat(label, 2, axis=1)
    pred = np.stack([label, np.roll(label, 1, axis=1)], axis=2).reshape(_IMAGES, -1)
    counts = np.stack([right, pixels - right], axis=2).reshape(_IMAGES, -1)
    offsets = 2 * _IN_IMAGE * np.arange(_IMAGES + 1)
    table = Table(offsets, *(column.ravel().astype(np.int64) for column in (target, pred, counts)))
    return Evaluation(
        Classes([f"class {i}" for i in range(_CLASSES)]), tuple(f"{i:05}" for i in range(_IMAGES)), table
    )


@pytest.fixture(scope="module")
def models() -> tuple[Evaluation, Evaluation]:
    both = made(1), made(2)
    for ev in both:
        assert len(ev.cells.image) == _IMAGES * _IN_IMAGE
    return both


def test_intervals_of_all_classes(models: tuple[Evaluation, Evaluation], benchmark: Any) -> None:
    names = ["mean_iou", "mean_dice", "pixel_accuracy", *(f"iou.class {i}" for i in range(_CLASSES))]
    found = benchmark.pedantic(confidence_intervals, (models[0], names), rounds=3)
    assert all(interval.low < interval.value < interval.high for interval in found.values())


def test_comparison_of_two_models(models: tuple[Evaluation, Evaluation], benchmark: Any) -> None:
    found = benchmark.pedantic(compare, models, rounds=3)
    assert len(found.differences) == 7 + _CLASSES
