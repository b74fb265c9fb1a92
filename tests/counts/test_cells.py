"""The cells of images and classes: what NumPy counts in the pixels of each image."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segscore import Classes, Evaluator
from segscore.counts import cells
from segscore.counts.table import Table


@pytest.fixture(autouse=True)
def blocks_of_few_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "_BLOCK", 13)


@pytest.mark.filterwarnings("ignore:`pred` holds the label 99")
@settings(max_examples=50)
@given(st.integers(0, 2**32), st.integers(1, 6), st.sampled_from([1, 2, 3, 5, 30]))
def test_cells_are_counts_of_pixels(seed: int, images: int, number: int) -> None:
    random = np.random.default_rng(seed)
    judge = Evaluator(Classes([f"c{i}" for i in range(number)], ignore=[99]))
    labels = [*range(number), 99]
    masks = [(random.choice(labels, 8), random.choice(labels, 8)) for _ in range(images)]
    expected, pixels, ignored = [], [], []
    for i, (pred, target) in enumerate(masks):
        judge.add(pred=pred, target=target)
        scored = target != 99
        pixels.append(int(scored.sum()))
        ignored.append(int((~scored).sum()))
        for label in range(number):
            p, t = scored & (pred == label), scored & (target == label)
            row = [i, label, *(int(n.sum()) for n in (p & t, t, p))]
            if row[3] or row[4]:
                expected.append(row)
    ev = judge.result()
    found = ev.cells
    assert found.shape == (images, number)
    columns = (found.image, found.label, found.tp, found.target, found.pred)
    assert np.stack(columns, axis=1).tolist() == expected
    assert (found.pixels.tolist(), found.ignored.tolist()) == (pixels, ignored)
    assert not any(column.flags.writeable for column in (*columns, found.pixels, found.ignored))
    dense = [np.concatenate(parts) for parts in zip(*found.blocks(), strict=True)]
    assert [counts[found.image, found.label].tolist() for counts in dense] == [
        column.tolist() for column in (found.tp, found.target, found.pred)
    ]
    assert [counts.sum() for counts in dense] == [c.sum() for c in (found.tp, found.target, found.pred)]


def test_no_image_has_no_cell() -> None:
    none = np.empty(0, np.int64)
    found = cells.Cells.of(Classes.of(3), Table(np.zeros(1, np.int64), none, none, none))
    assert (found.shape, len(found.image), len(found.tp), len(found.pixels)) == ((0, 3), 0, 0, 0)


def test_few_cells_of_many_classes_take_little_memory() -> None:
    judge, number, images = Evaluator(50_000), 50_000, 100
    random = np.random.default_rng(0)
    for _ in range(images):
        judge.add(pred=random.integers(number, size=70), target=random.integers(number, size=70))
    ev = judge.result()
    tracemalloc.start()
    try:
        found = ev.cells
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (int(found.target.sum()), int(found.pred.sum())) == (7_000, 7_000)
    assert peak < 8e6, "an array of images times classes is 40 MB"
