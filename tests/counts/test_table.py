"""Tables: which image has rows that are found among those of all images together."""

import numpy as np
import pytest

from segscore.counts import table as tables
from segscore.counts.table import Table

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
