"""Label maps of class scores: NumPy's argmax, and what a count of the same scores counts."""

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from segscore import ArgumentError, Classes, ConfusionMatrix, DtypeError, ShapeError, _core
from segscore.counts.logits import labels_of_logits
from support.refused import refused

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
FLOATS = [np.dtype("f2"), np.dtype("f4"), np.dtype("f8"), BFLOAT16]
# Few values, so that there are ties; all of them are exact in every type.
VALUES = [-np.inf, -2.0, -0.5, -0.0, 0.0, 0.25, 1.0, 3.0, np.inf]


def as_read(logits):
    """Return scores as the core reads them, which knows bfloat16 by its bits."""
    return logits.view(np.uint16) if logits.dtype == BFLOAT16 else logits


def same(found, expected, dtype):
    """Return whether an array holds these labels in this type, and may be written to."""
    assert type(found) is np.ndarray
    assert found.flags.c_contiguous
    assert found.flags.writeable
    return found.dtype == dtype and np.array_equal(found, expected)


# The highest score wins


@settings(max_examples=400)
@given(data=st.data())
def test_labels_are_those_of_argmax_and_are_counted_like_their_scores(layouts, data):
    dtype = data.draw(st.sampled_from(FLOATS))
    number = data.draw(st.integers(1, 25))
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=9))
    axis = data.draw(st.integers(0, len(shape)))
    with_classes = np.moveaxis(np.empty((*shape, number)), -1, axis).shape
    logits = data.draw(hnp.arrays(np.float64, with_classes, elements=st.sampled_from(VALUES)))
    # Types of others have no second byte order.
    names = sorted(name for name in layouts if dtype != BFLOAT16 or "order" not in name)
    scores = as_read(layouts[data.draw(st.sampled_from(names))](logits.astype(dtype)))
    threads = data.draw(st.integers(1, 3))
    labels = _core.highest(scores, class_axis=axis, threads=threads)
    assert same(labels, logits.argmax(axis=axis), np.uint8)
    target = data.draw(hnp.arrays(np.uint8, shape, elements=st.integers(0, number - 1)))
    assert _core.count(target, labels) == _core.count_logits(target, scores, class_axis=axis)


@pytest.mark.parametrize("dtype", FLOATS, ids=lambda dtype: dtype.name)
@pytest.mark.parametrize("axis", [0, 1, 2, 3])
@pytest.mark.parametrize("threads", [1, 2, 7])
def test_large_images_with_classes_on_any_axis(dtype, axis, threads):
    random = np.random.default_rng(0)
    shape = [2, 90, 110]
    shape.insert(axis, 19)
    logits = random.integers(-9, 9, shape).astype(dtype)
    part = (slice(None), slice(None, None, -1), slice(1, None), slice(None, None, 2))
    for scores, at in ((logits, axis), (logits.T, 3 - axis), (logits[part], axis)):
        found = _core.highest(as_read(scores), class_axis=at, threads=threads)
        assert same(found, scores.astype(np.float64).argmax(axis=at), np.uint8)
        target = random.integers(0, 19, found.shape)
        counted = _core.count_logits(target, as_read(scores), class_axis=at, threads=threads)
        assert counted == _core.count(target, found)


@pytest.mark.parametrize("number", [1, 2, 255, 256, 257, 1000, 65536])
@pytest.mark.parametrize("axis", [0, 1])
def test_labels_are_as_wide_as_the_number_of_channels_asks_for(number, axis):
    logits = np.random.default_rng(2).standard_normal((number, 50), dtype=np.float32)
    logits[-1, 7] = 100
    scores = np.ascontiguousarray(np.moveaxis(logits, 0, axis))
    labels = _core.highest(scores, class_axis=axis)
    assert same(labels, logits.argmax(axis=0), np.uint8 if number <= 256 else np.uint16)
    assert labels[7] == number - 1
    assert _core.count_logits(labels, scores, class_axis=axis) == _core.count(labels, labels)
    assert same(labels_of_logits(Classes.of(number), scores, axis), labels, labels.dtype)


@pytest.mark.parametrize("threads", [1, 2])
def test_images_without_pixels_have_no_labels(threads):
    for shape, axis in (((3, 0), 0), ((0, 3), 1), ((2, 5, 0, 4), 1), ((300, 0, 0), 0)):
        labels = _core.highest(np.zeros(shape, np.float32), class_axis=axis, threads=threads)
        without = tuple(np.delete(shape, axis))
        assert (labels.shape, labels.dtype) == (without, np.uint16 if shape[axis] > 256 else np.uint8)


# What has no label


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("dtype", FLOATS, ids=lambda dtype: dtype.name)
def test_nan_is_the_error_of_a_count(dtype, threads):
    logits = np.ones((12, 40, 50)).astype(dtype)
    logits[9, 3, 1] = logits[9, 11, 7] = logits[10, 0, 0] = np.nan
    text = (
        "`logits` is NaN at index (9, 3, 1), class channel 9\n"
        "hint: NaN has no place among scores: look for a division by zero or an overflow in the model"
    )
    for call in (
        lambda: _core.highest(as_read(logits), class_axis=0, threads=threads),
        lambda: _core.count_logits(np.zeros((40, 50), int), as_read(logits), class_axis=0, threads=threads),
        lambda: labels_of_logits(Classes.of(12), logits, 0),
    ):
        assert refused(ArgumentError, call) == text


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("channels", [0, 65537])
@pytest.mark.parametrize("pixels", [0, 2])
def test_no_channels_or_too_many_are_refused(channels, pixels, threads):
    text = (
        f"`logits` has {channels} channels, expected 1 to 65536\n"
        "hint: channel k holds the scores of the k-th class"
    )
    scores = np.zeros((channels, pixels), np.float16)
    assert refused(ShapeError, _core.highest, scores, class_axis=0, threads=threads) == text


def test_the_core_checks_what_it_could_not_read():
    with pytest.raises(IndexError, match=r"^the class axis is a dimension of the scores$"):
        _core.highest(np.zeros((2, 3)), class_axis=2)
    with pytest.raises(TypeError, match=r"^class scores are floats$"):
        _core.highest(np.zeros((2, 3), int), class_axis=0)


def test_labels_that_no_memory_can_hold_are_an_error_of_memory():
    endless = np.broadcast_to(np.float32(0), (1, 1 << 58))
    with pytest.raises(MemoryError):
        _core.highest(endless, class_axis=0)


# Channels are classes, whatever their label values


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([0, 1, 2], np.uint8),
        ([2, 1, 0], np.uint8),
        ([7, 11, 255], np.uint8),
        ([7, 256, 3], np.uint16),
        ([0, 65535, 3], np.uint16),
        ([0, 65536, 3], np.int64),
        ([5, -1, 3], np.int64),
        ([5, -(1 << 63), (1 << 56) - 1], np.int64),
    ],
)
@pytest.mark.parametrize("of_predictions", [False, True])
@pytest.mark.parametrize("axis", [0, -1])
def test_labels_are_those_that_a_count_tells(values, dtype, of_predictions, axis):
    names = ["road", "sky", "car"]
    classes = Classes(names, None, pred_labels=values) if of_predictions else Classes(names, values)
    logits = np.random.default_rng(3).standard_normal((3, 20, 30))
    expected = np.array(values)[logits.argmax(axis=0)]
    scores = np.moveaxis(logits, 0, axis)
    labels = labels_of_logits(classes, scores, axis)
    assert same(labels, expected, dtype)
    target = np.array(classes.labels)[np.random.default_rng(4).integers(0, 3, (20, 30))]
    cm, counted = ConfusionMatrix(classes), ConfusionMatrix(classes)
    cm.update(pred=labels, target=target)
    counted.update(logits=scores, target=target, class_axis=axis)
    assert cm == counted


def test_the_label_of_one_pixel_is_an_array_too():
    assert same(labels_of_logits(Classes.of(3), [0.0, 2.0, 1.0], 0), 1, np.uint8)
    classes = Classes(["road", "sky", "car"], [7, 300, 26])
    assert same(labels_of_logits(classes, [0.0, 2.0, 1.0], -1), 300, np.uint16)


def test_bfloat16_and_the_other_byte_order_are_read():
    logits = np.random.default_rng(5).integers(-9, 9, (5, 40, 30))
    for dtype in (BFLOAT16, np.dtype(">f4"), np.dtype("<f4"), np.dtype(">f2"), np.dtype(">f8")):
        labels = labels_of_logits(Classes.of(5), logits.astype(dtype), 0)
        assert same(labels, logits.argmax(axis=0), np.uint8)


@pytest.mark.filterwarnings("ignore:the values of predictions:segscore.SegscoreWarning")
@settings(max_examples=300)
@given(data=st.data())
def test_labels_at_a_threshold_are_counted_like_their_scores(layouts, data):
    dtype = data.draw(st.sampled_from(FLOATS))
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=9))
    axis = data.draw(st.none() | st.integers(-len(shape) - 1, len(shape)))
    # Among them numbers that a narrow type rounds, to zero and to infinity, too.
    values = [*VALUES, 0.1, -0.1, np.nextafter(0.5, 0), 1e-40, 1e300]
    threshold = data.draw(st.sampled_from([value for value in values if np.isfinite(value)]))
    with np.errstate(over="ignore"):
        scores = data.draw(hnp.arrays(np.float64, shape, elements=st.sampled_from(values))).astype(dtype)
    scores = scores if axis is None else np.expand_dims(scores, axis)
    names = sorted(name for name in layouts if dtype != BFLOAT16 or "order" not in name)
    scores = layouts[data.draw(st.sampled_from(names))](scores)
    classes = data.draw(
        st.sampled_from([Classes.of(2), Classes(["road", "sky"], [7, 3]), Classes(["a", "b"], [300, 2])])
    )
    labels = labels_of_logits(classes, scores, axis, threshold, threads=2)
    assert same(labels, labels, np.uint16 if 300 in classes.labels else np.uint8)
    counted, drawn = ConfusionMatrix(classes), ConfusionMatrix(classes)
    target = np.full(shape, classes.labels[1], np.uint16)
    counted.update(logits=scores, target=target, class_axis=axis, threshold=threshold)
    drawn.update(pred=labels, target=target)
    assert counted == drawn


def test_scores_of_other_classes_are_refused_as_a_count_refuses_them():
    scores = np.zeros((2, 3), np.float32)
    for kind, text, classes, *arguments in (
        (ArgumentError, "`logits` is NaN at index (0, 0)", 2, scores[0] * np.nan, None, 0.5),
        (ArgumentError, "`threshold` tells two classes apart, found 3 classes", 3, scores[0], None, 0.5),
        (ShapeError, "`threshold` is for one channel, found 2 on axis 0", 2, scores, 0, 0.5),
        (ArgumentError, "`class_axis` is missing, and is never guessed from the shape", 2, scores, None),
        (DtypeError, "`logits` is int64, expected float16, bfloat16, ", 2, scores.astype(int), 0),
    ):
        assert refused(kind, labels_of_logits, Classes.of(classes), *arguments).startswith(text)
