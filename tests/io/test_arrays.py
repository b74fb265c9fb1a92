"""Arrays in memory: every type and every layout is read as it is, without a copy."""

import threading
from collections import Counter
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from segscore.counts.pairs import count
from segscore.io.arrays import as_labels
from segscore.results.confusion import ConfusionMatrix
from support.processes import python

DTYPES = tuple(map(np.dtype, ("?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8")))
SHAPES = [
    (),
    (1,),
    (7,),
    (0,),
    (3, 0),
    (0, 3),
    (5, 4),
    (1, 1, 1),
    (2, 3, 4),
    (2, 1, 3, 2),
    (2,) * 9,
    (1,) * 63 + (2,),  # as many dimensions as NumPy allows
]
EXTREMES = [
    -(2**63),
    -(2**31),
    -129,
    -128,
    -100,
    -1,
    0,
    1,
    127,
    128,
    255,
    256,
    65_535,
    65_536,
    2**32,
    2**63 - 1,
]


def rows(pred, target):
    """Return the pair counts of two arrays: {(target, pred): pixels}."""
    pairs, _ = count(pred, target, None)
    target_labels, pred_labels, pixels = (column.tolist() for column in pairs.columns())
    return dict(zip(zip(target_labels, pred_labels, strict=True), pixels, strict=True))


def rows_by_definition(pred, target):
    return Counter(zip(np.ravel(target).tolist(), np.ravel(pred).tolist(), strict=True))


def extremes(dtype):
    """Return an array of the labels of a type at which something could go wrong."""
    if dtype.kind == "b":
        return np.array([False, True])
    limits = np.iinfo(dtype)
    return np.array([label for label in EXTREMES if limits.min <= label <= limits.max], dtype=dtype)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "x".join(map(str, shape[:9])))
def test_every_type_layout_and_shape_is_read_as_it_is(layouts, shape):
    random = np.random.default_rng(len(shape))
    for dtype, (name, lay_out) in product(DTYPES, layouts.items()):
        pred, target = (np.asarray(random.choice(extremes(dtype), size=shape), dtype=dtype) for _ in range(2))
        expected = rows_by_definition(pred, target)
        assert rows(lay_out(pred), lay_out(target)) == expected, (dtype, name)
        assert rows(lay_out(pred), target) == expected, (dtype, name)
        assert rows(pred, lay_out(target)) == expected, (dtype, name)


def test_both_sides_may_have_types_of_their_own():
    for of_pred, of_target in product(DTYPES, repeat=2):
        pred, target = np.meshgrid(extremes(of_pred), extremes(of_target))
        assert (pred.dtype, target.dtype) == (of_pred, of_target)
        found = rows(pred, target)
        assert found == rows_by_definition(pred, target), (of_pred, of_target)
        assert set(found.values()) == {1}, (of_pred, of_target)


@given(st.data())
def test_slices_of_transposed_arrays_are_read_as_numpy_reads_them(data):
    shape = data.draw(hnp.array_shapes(max_dims=4, max_side=9))
    order = data.draw(st.permutations(range(len(shape))))
    index = data.draw(hnp.basic_indices(tuple(shape[axis] for axis in order), allow_newaxis=True))

    def side():
        dtype = data.draw(st.sampled_from(DTYPES))
        labels = st.integers(0, 1 if dtype.kind == "b" else 100)
        view = data.draw(hnp.arrays(dtype, shape, elements=labels)).transpose(order)[index]
        return view if data.draw(st.booleans()) else view.copy()

    pred, target = side(), side()
    assert rows(pred, target) == rows_by_definition(pred, target)


def test_labels_beyond_the_range_of_the_first_block_are_found_in_later_ones():
    """Types wider than a byte are narrowed block by block, and a block may not fit as the last one did."""
    target = np.zeros(10_000, dtype=np.int32)
    pred = np.zeros(10_000, dtype=np.int64)
    target[[1023, 1024, 5000, 9999]] = [255, -128, 70_000, -1]
    pred[[1024, 1025, 9999]] = [-100, 2**40, 127]
    assert rows(pred, target) == rows_by_definition(pred, target)


@pytest.mark.parametrize("dtype", DTYPES)
def test_strides_of_zero_read_one_pixel_again_and_again(dtype):
    row = np.array([0, 1, 1], dtype=dtype)
    full = np.array([[0, 1, 1], [1, 1, 0], [0, 0, 0], [1, 0, 1]], dtype=dtype)
    for same in (np.broadcast_to(row, full.shape), np.broadcast_to(row[1], full.shape)):
        assert rows(same, full) == rows_by_definition(same, full)
        assert rows(full, same) == rows_by_definition(full, same)
        assert rows(same[::-1, ::-1], same) == rows_by_definition(same[::-1, ::-1], same)
    column = np.broadcast_to(full[:, :1], full.shape)
    assert rows(column, np.broadcast_to(row, full.shape)) == {(0, 0): 2, (0, 1): 2, (1, 0): 4, (1, 1): 4}


def test_overlapping_windows_are_read_as_many_pixels():
    windows = np.lib.stride_tricks.sliding_window_view(np.arange(12, dtype=np.int16), 5)
    assert windows.shape == (8, 5)
    assert rows(windows, windows[::-1]) == rows_by_definition(windows, windows[::-1])


def test_prediction_and_target_may_be_one_array():
    labels = np.arange(6, dtype=np.uint8).reshape(2, 3)
    assert rows(labels, labels) == {(i, i): 1 for i in range(6)}


def test_no_dimension_is_one_pixel():
    cm = ConfusionMatrix(2)
    cm.update(pred=np.uint8(1), target=1)
    cm.update(pred=True, target=np.array(0, dtype=">i4"))
    assert cm.counts.tolist() == [[0, 1], [0, 1]]


@pytest.mark.parametrize(
    "empty", [[], [[]], [[], []], (), np.zeros((0, 5), dtype=np.uint8), np.zeros((5, 0), bool)]
)
def test_no_pixels_count_nothing(empty):
    cm = ConfusionMatrix(2)
    cm.update(pred=empty, target=empty)
    assert cm.counts.tolist() == [[0, 0], [0, 0]]
    assert cm.pixels == 0
    assert cm.ignored == 0
    assert np.isnan(cm.scores.mean_iou)


def test_subclasses_and_mapped_files_are_arrays(tmp_path):
    np.array([[0, 1], [1, 1]], dtype=np.uint8).tofile(tmp_path / "labels")
    mapped = np.memmap(tmp_path / "labels", dtype=np.uint8, mode="r", shape=(2, 2))

    class Labels(np.ndarray):
        pass

    labels = np.array([[0, 1], [0, 1]]).view(Labels)
    assert rows(mapped, labels) == {(0, 0): 1, (1, 1): 2, (0, 1): 1}


def test_every_byte_but_zero_is_true():
    """NumPy takes any byte for a bool: views of 0/255 masks hold others than 0 and 1."""
    held = np.array([[0, 1, 2], [255, 0, 128]], dtype=np.uint8)
    assert rows(held.view(bool), held.view(bool)[:, ::-1]) == {(0, 0): 1, (0, 1): 1, (1, 0): 1, (1, 1): 3}
    assert rows(held[1, 0].view(bool), held.view(bool)[1, 0, ...]) == {(1, 1): 1}


def test_numpy_arrays_are_not_copied(layouts):
    for dtype, (name, lay_out) in product(DTYPES, layouts.items()):
        labels = lay_out(np.ones((4, 6), dtype=dtype))
        assert as_labels(labels, "pred") is labels, (dtype, name)


@pytest.mark.slow
@pytest.mark.parametrize(
    "arrays",
    [
        "np.ones((2, 1 << 26), dtype=np.uint8)",
        "np.ones((2, 1 << 26), dtype=bool)",
        "np.ones((2, 1 << 25), dtype=np.uint16)",
        "np.ones((2, 1 << 23), dtype=np.int64)",
        "np.ones((2, 1 << 23), dtype='>i8')",
        "np.ones((2, 1 << 13, 1 << 13), dtype=np.uint8)[:, ::-1, ::-1]",
        "np.ones((1 << 13, 1 << 13, 2), dtype=np.uint8).T",
    ],
)
def test_counting_takes_no_memory_that_grows_with_the_arrays(arrays):
    """Each side has 64 MB, and the process grows by less than half of one; Linux does not tell it exactly."""
    code = f"""
import resource
import numpy as np
import segscore

pred, target = {arrays}
cm = segscore.ConfusionMatrix(2)
cm.update(pred=pred[:1], target=target[:1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
cm.update(pred=pred, target=target)
assert cm.counts[1, 1] > 1 << 22
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    assert int(python(code)) < 32 << 10  # KiB


def test_an_array_that_is_written_to_meanwhile_still_counts_every_pixel_once():
    labels = np.zeros((512, 512), dtype=np.uint8)
    wide = np.zeros((512, 512), dtype=np.int64)
    stop = threading.Event()

    def write():
        value = 0
        while not stop.is_set():
            value = (value + 1) % 256
            labels.fill(value)
            wide.fill(value * 1000)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(50):
            assert sum(rows(labels, wide).values()) == labels.size
            assert sum(rows(labels[::-1, ::2], labels[:, ::2]).values()) == labels.size // 2
    finally:
        stop.set()
        writer.join()
