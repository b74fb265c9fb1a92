"""Sums of the pair counts of many images."""

import numpy as np
import pytest

from segscore.counts import rows as rows_of_counts
from segscore.counts.table import Table


@pytest.mark.parametrize("at_once", [1, 100, 1 << 18])
def test_sums_of_few_labels_are_those_of_the_core(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_of_counts, "_AT_ONCE", at_once)
    random = np.random.default_rng(3)
    for low, width, images in ((0, 4, 50), (-7, 30, 3), (1 << 40, 3, 40), (0, 3_000, 5)):
        target, pred = random.integers(low, low + width, (2, images, 9))
        found = [np.unique(np.stack([t, p], axis=1), axis=0) for t, p in zip(target, pred, strict=True)]
        offsets = np.cumsum([0, *map(len, found)])
        rows = np.concatenate(found).T
        pixels = random.integers(1, 1 << 45, rows.shape[1])
        table = Table(offsets, rows[0].copy(), rows[1].copy(), pixels)
        sums: dict[tuple[int, int], int] = {}
        for t, p, n in zip(*rows.tolist(), pixels.tolist(), strict=True):
            sums[t, p] = sums.get((t, p), 0) + n
        columns = [column.tolist() for column in table.sum.columns()]
        assert dict(zip(zip(*columns[:2], strict=True), columns[2], strict=True)) == sums
