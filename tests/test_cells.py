"""The cells of images and classes: what NumPy counts in the pixels of each image."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segscore import Classes, Evaluator, cells


@pytest.fixture(autouse=True)
def blocks_of_few_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "_BLOCK", 13)


@pytest.mark.filterwarnings("ignore:`pred` holds the label 9")
@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(1, 5))
def test_cells_are_counts_of_pixels(seed: int, images: int, number: int) -> None:
    random = np.random.default_rng(seed)
    judge = Evaluator(Classes([f"c{i}" for i in range(number)], ignore=[9]))
    labels = [*range(number), 9]
    masks = [(random.choice(labels, 8), random.choice(labels, 8)) for _ in range(images)]
    expected, pixels, ignored = [], [], []
    for i, (pred, target) in enumerate(masks):
        judge.add(pred=pred, target=target)
        scored = target != 9
        pixels.append(int(scored.sum()))
        ignored.append(int((~scored).sum()))
        for label in range(number):
            p, t = scored & (pred == label), scored & (target == label)
            row = [i, label, *(int(n.sum()) for n in (p & t, t, p))]
            if row[3] or row[4]:
                expected.append(row)
    found = judge.result().cells
    assert found.shape == (images, number)
    columns = (found.image, found.label, found.tp, found.target, found.pred)
    assert np.stack(columns, axis=1).tolist() == expected
    assert (found.pixels.tolist(), found.ignored.tolist()) == (pixels, ignored)
    assert not any(column.flags.writeable for column in (*columns, found.pixels, found.ignored))
