"""Tables: which image has rows that are found among those of all images together."""

from itertools import pairwise

import numpy as np
import pytest

from segscore.counts import table as tables
from segscore.counts.table import Table
from segscore.errors import FileFormatError
from support.refused import refused

IMAGES = [[(0, 0), (1, 9)], [], [(1, 0), (7, 0)], [(0, 0), (1, 9), (7, 1)]]
"""Labels of targets and predictions in each image."""


@pytest.mark.parametrize("at_once", [1, 2, 3, 100])
@pytest.mark.parametrize("pair", sorted({pair for image in IMAGES for pair in image}))
def test_the_first_image_with_a_row_of_the_sum(
    monkeypatch: pytest.MonkeyPatch, pair: tuple[int, int], at_once: int
) -> None:
    monkeypatch.setattr(tables, "_ROWS", at_once)
    target, pred = np.array([pair for image in IMAGES for pair in image]).T
    table = Table(np.cumsum([0, *map(len, IMAGES)]), target, pred, np.ones_like(target))
    one, other, _ = table.sum.columns()
    rows = (one == pair[0]) & (other == pair[1])
    assert table.first_image(rows) == next(i for i, image in enumerate(IMAGES) if pair in image)


@pytest.mark.parametrize("at_once", [1, 2, 3, 7, 100])
def test_rows_are_checked_wherever_the_parts_end_that_are_looked_at(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_ROWS", at_once)
    rows = [[(0, 0), (0, 2), (1, 1)], [(0, 0)], [], [(0, 2), (1, 0), (1, 1), (2, 0)]]
    offsets = np.cumsum([0, *map(len, rows)])
    pairs = [pair for image in rows for pair in image]

    def check(pairs: list[tuple[int, int]], pixels: list[int]) -> None:
        target, pred = np.array(pairs).T
        Table(offsets, target, pred, np.array(pixels)).check_rows()

    check(pairs, [1] * 8)
    for i in range(8):
        for pair in ((0, 0), (0, 2), (1, 0), (1, 1), (2, 0)):
            changed = [*pairs[:i], pair, *pairs[i + 1 :]]
            images = [changed[start:end] for start, end in pairwise(offsets)]
            if all(image == sorted({*image}) for image in images):
                check(changed, [1] * 8)
                continue
            assert refused(FileFormatError, check, changed, [1] * 8) == (
                "its rows are not sorted, or two are of the same labels"
            )
        assert refused(FileFormatError, check, pairs, [*[1] * i, 0, *[1] * (7 - i)]) == (
            "its columns do not fit together"
        )
    Table(np.zeros(1, int), *np.zeros((3, 0), int)).check_rows()
