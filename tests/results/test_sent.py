"""What is pickled: everything, in columns that are no wider than their numbers."""

import pickle

import numpy as np
import pytest

from segscore import Evaluation, Evaluator
from segscore.base.values import narrowed
from segscore.counts.counted import Counted
from segscore.counts.table import Table

IMAGES, CLASSES, ROWS = 2_000, 150, 115
MOST = 800 * IMAGES
"""Bytes: 8 MB of 10,000 images."""


@pytest.fixture(scope="module")
def judge() -> Evaluator:
    """An evaluator of many images of many classes, with pixels of masks of 512 x 512."""
    random = np.random.default_rng(0)
    pairs = np.sort(np.argsort(random.random((64, CLASSES**2)), axis=1)[:, :ROWS], axis=1)
    pairs = pairs[np.arange(IMAGES) % 64]
    pixels = random.integers(1, 512 * 512 // ROWS * 2, (IMAGES, ROWS))
    pixels[:, 0] += 1 << 16
    table = Table(
        np.arange(IMAGES + 1) * ROWS, pairs.ravel() // CLASSES, pairs.ravel() % CLASSES, pixels.ravel()
    )
    made = Evaluator(CLASSES)
    for i, own in enumerate(table.each()):
        made._named[f"val/frankfurt_{i:06}"] = Counted(f"val/frankfurt_{i:06}", own)
    return made


def test_an_evaluator_of_many_images_is_small(judge: Evaluator) -> None:
    sent = pickle.dumps(judge)
    assert IMAGES * ROWS * 6 < len(sent) < MOST
    again = pickle.loads(sent)
    assert again.result() == judge.result()
    assert len(again) == IMAGES
    assert pickle.dumps(again) == sent


def test_an_evaluation_of_many_images_is_small(judge: Evaluator) -> None:
    ev = judge.result()
    sent = pickle.dumps(ev)
    assert len(sent) < MOST
    again = pickle.loads(sent)
    assert again == ev
    for one, other in zip(again.table.columns().values(), ev.table.columns().values(), strict=True):
        assert one.dtype == other.dtype == np.int64
        assert not one.flags.writeable
        assert one.tolist() == other.tolist()
    assert isinstance(again, Evaluation)


def test_images_with_and_without_names_come_back_and_more_are_added() -> None:
    masks = [np.array([[0, 1, value]]) for value in (2, 255, -1, 1 << 40)]
    made = Evaluator(2, ignore_index=(2, 255, -1, 1 << 40))
    for i, mask in enumerate(masks):
        made.add(pred=[[1, 1, 0]], target=mask)
        made.add(pred=[[0, 1, 0]], target=mask, name=f"image {9 - i}")
    made.add(pred=[[0, 0, 0]], target=masks[0], name="slide", tile=True)
    again = pickle.loads(pickle.dumps(made))
    for judge in (made, again):
        judge.add(pred=[[0, 0, 0]], target=masks[0])
        judge.add(pred=[[1, 1, 1]], target=masks[1], name="slide", tile=True)
    assert again.result() == made.result()
    assert again.result().names == ("0", "1", "2", "3", "4", *sorted(made._named))
    assert again._unnamed == made._unnamed
    assert again._named == made._named


@pytest.mark.parametrize(
    ("numbers", "dtype"),
    [
        ([], "u1"),
        ([0, 255], "u1"),
        ([-1, 127], "i1"),
        ([-1, 128], "i2"),
        ([256], "u2"),
        ([65_536], "u4"),
        ([-32_769], "i4"),
        ([1 << 32], "i8"),
        ([-(1 << 63), (1 << 63) - 1], "i8"),
    ],
)
def test_columns_are_as_narrow_as_their_numbers(numbers: list[int], dtype: str) -> None:
    column = narrowed(np.array(numbers, dtype=np.int64))
    assert (column.dtype, column.tolist()) == (dtype, numbers)
