"""Organs of images, one of which may be missed, and what is measured of them. Nothing here is a test."""

from typing import Any

import numpy as np

from segscore import Classes, Evaluation, Evaluator
from support.by_hand import painted
from support.masks_on_disk import Array

ORGANS = Classes(["background", "liver", "spleen"], not_in_mean=[0])
EMPTY = np.zeros((20, 24), int)


def judged(pairs: list[tuple[Array, Array]], **options: Any) -> Evaluation:
    judge = Evaluator(ORGANS, **{"distances": True, "boundary": (1, 3), **options})
    for i, (pred, target) in enumerate(pairs):
        judge.add(pred=pred, target=target, name=f"case_{i:02}")
    return judge.result()


def cases(count: int) -> list[tuple[Array, Array]]:
    return [painted(seed, (20, 24), 3) for seed in range(count)]


def with_missed(count: int) -> list[tuple[Array, Array]]:
    """Return cases of which the last one has predictions of nothing."""
    *first, (_, target) = cases(count)
    return [*first, (EMPTY, target)]
