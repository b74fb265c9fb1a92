"""Class scores: counted as NumPy's argmax of them would be."""

from threading import Event, Thread

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from segscore import (
    ArgumentError,
    Classes,
    ConfusionMatrix,
    Evaluator,
    LabelError,
    ShapeError,
)
from support import hints
from support.refused import refused, warned

BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
FLOATS = [np.dtype("f2"), np.dtype("f4"), np.dtype("f8"), BFLOAT16]
# Few values, so that there are ties; all of them are exact in every type.
VALUES = [-np.inf, -2.0, -0.5, -0.0, 0.0, 0.25, 1.0, 3.0, np.inf]


def by_argmax(number, target, logits, axis):
    cm = ConfusionMatrix(number)
    cm.update(pred=logits.astype(np.float64).argmax(axis=axis), target=target)
    return cm


@pytest.fixture(params=FLOATS, ids=lambda dtype: dtype.name)
def float_dtype(request):
    return request.param


# The highest score wins


@pytest.mark.filterwarnings("ignore:stacks of:segscore.SegscoreWarning")  # small ones may look like such
@settings(max_examples=300)
@given(data=st.data())
def test_counts_are_those_of_argmax(layouts, data):
    dtype = data.draw(st.sampled_from(FLOATS))
    number = data.draw(st.integers(1, 25))
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=9))
    axis = data.draw(st.integers(-len(shape) - 1, len(shape)))
    with_classes = np.moveaxis(np.empty((*shape, number)), -1, axis).shape
    logits = data.draw(hnp.arrays(np.float64, with_classes, elements=st.sampled_from(VALUES))).astype(dtype)
    target = data.draw(hnp.arrays(np.uint8, shape, elements=st.integers(0, number - 1)))
    # Types of others have no second byte order.
    names = sorted(name for name in layouts if dtype != BFLOAT16 or "order" not in name)
    cm = ConfusionMatrix(number)
    cm.update(
        logits=layouts[data.draw(st.sampled_from(names))](logits),
        target=layouts[data.draw(st.sampled_from(sorted(layouts)))](target),
        class_axis=axis,
    )
    assert cm == by_argmax(number, target, logits, axis)


def test_scores_that_are_repeated_are_not_copied():
    row = np.array([0.0, 2.0, 1.0], np.float32)[:, None, None]
    cm = ConfusionMatrix(3)
    cm.update(
        logits=np.broadcast_to(row, (3, 1 << 12, 1 << 12)),
        target=np.broadcast_to(np.uint8(2), (1 << 12, 1 << 12)),
        class_axis=0,
    )
    assert cm.counts[2].tolist() == [0, 1 << 24, 0]


@pytest.mark.parametrize("order", ["first", "last"])
def test_ties_go_to_the_lowest_class_and_zeros_have_no_sign(float_dtype, order):
    scores = np.array(
        [[1, 1, 1], [0, 2, 2], [-0.0, 0.0, 0.0], [0.0, -0.0, -1], [-np.inf] * 3, [0, np.inf, np.inf]]
    ).astype(float_dtype)
    cm = ConfusionMatrix(3)
    cm.update(
        logits=scores if order == "last" else scores.T.copy(),
        target=np.zeros(6, np.uint8),
        class_axis=1 if order == "last" else 0,
    )
    assert cm.counts[0].tolist() == [4, 2, 0]


def test_nested_lists_and_one_pixel_are_scores():
    cm = ConfusionMatrix(2)
    cm.update(logits=[[0.5, 2.0], [1.5, -1.0]], target=[1, 0], class_axis=0)
    cm.update(logits=[0.5, 2.0], target=0, class_axis=0)
    assert cm.counts.tolist() == [[1, 1], [0, 1]]


# Channels are classes, whatever their label values


def test_channel_k_is_the_kth_class():
    classes = Classes(["road", "sky", "car"], [7, 11, 26], ignore=[255])
    logits = np.eye(3)[:, [0, 1, 2, 1, 0]]
    target = [7, 11, 26, 26, 255]
    for pred_classes in (None, [3, 2, 1], 3):
        cm = ConfusionMatrix(classes, pred_classes=pred_classes)
        cm.update(logits=logits, target=target, class_axis=0)
        assert cm.counts.tolist() == [[1, 0, 0], [0, 1, 0], [0, 1, 1]]
        assert (cm.ignored, cm.missed.tolist()) == (1, [0, 0, 0])
        same = ConfusionMatrix(classes, pred_classes=pred_classes)
        labels = np.array(pred_classes if isinstance(pred_classes, list) else [0, 1, 2])
        labels = np.array(classes.labels) if pred_classes is None else labels
        same.update(pred=labels[[0, 1, 2, 1, 0]], target=target)
        assert cm == same


def test_an_ignored_class_keeps_its_channel_and_predictions_of_it_are_misses():
    cm = ConfusionMatrix(3, ignore_index=[1, 255])
    said = (
        "`pred` holds the label 1 (1 pixel): no class; counted as missed\n"
        "hint: only a target can be ignored: a prediction of an ignored label is wrong where a class is right"
    )
    with warned(said, at=__file__):
        cm.update(logits=np.eye(3)[:, [0, 1, 2, 0, 1]], target=[0, 0, 2, 1, 255], class_axis=0)
    assert cm.counts.tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 1]]
    assert (cm.missed.tolist(), cm.ignored) == ([1, 0, 0], 2)
    with pytest.raises(LabelError, match=r"^`pred` holds the label 1 \(1 pixel\): no class\n"):
        ConfusionMatrix(3, ignore_index=1, strict=True).update(logits=[0.0, 1.0, 0.0], target=0, class_axis=0)


def test_targets_are_checked_as_ever_and_nothing_is_counted():
    cm = ConfusionMatrix(2)
    with pytest.raises(
        LabelError, match=r"^`target` holds the label 5 \(1 pixel\): neither class nor ignored"
    ):
        cm.update(logits=np.zeros((2, 3)), target=[0, 1, 5], class_axis=0)
    assert cm == ConfusionMatrix(2)


# A threshold


@pytest.mark.filterwarnings("ignore:the values of predictions:segscore.SegscoreWarning")
@pytest.mark.parametrize(
    "threshold", [0.5, 0.1, 0, -2, np.float32(0.3), np.float64(0.7), 1e300, -1e300, 1e-50]
)
@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", ">f4", "<f8"])
def test_a_threshold_is_compared_as_numpy_compares_a_float(dtype, threshold, layouts):
    exact = float(threshold)
    with np.errstate(over="ignore"):
        near = np.array(exact).astype(dtype)
        inf = near.dtype.type(np.inf)
        beside = (np.nextafter(near, inf), np.nextafter(near, -inf))
        values = [0, 1, -3, 0.1, 0.3, exact, inf, -inf, near, *beside]
        scores = np.array(values).astype(dtype)[np.arange(32).reshape(4, 8) % len(values)]
        expected = scores >= exact
    target = np.arange(32).reshape(4, 8) % 2
    same = ConfusionMatrix(2)
    same.update(pred=expected, target=target)
    for name, lay_out in layouts.items():
        cm = ConfusionMatrix(2)
        cm.update(logits=lay_out(scores), target=target, threshold=threshold)
        assert cm == same, name


@pytest.mark.filterwarnings("ignore:the values of predictions:segscore.SegscoreWarning")
@pytest.mark.parametrize("threshold", [0.5, 0.1, 0.3, -7.77, 0.0, 1e300, 1e-50, 1 / 256 + 1])
def test_a_threshold_is_rounded_to_bfloat16(threshold):
    every = np.arange(1 << 16, dtype=np.uint16).view(BFLOAT16)
    every = every[~np.isnan(every.astype(np.float32))]
    with np.errstate(over="ignore"):
        expected = every.astype(np.float32) >= np.array(threshold).astype(BFLOAT16).astype(np.float32)
    cm = ConfusionMatrix(2)
    cm.update(logits=every, target=np.zeros(every.shape, bool), threshold=threshold)
    assert cm.counts[0].tolist() == [(~expected).sum(), expected.sum()]


def test_a_float32_score_of_a_tenth_reaches_a_threshold_of_a_tenth():
    # float32(0.1) is above 0.1 and float32(0.7) below 0.7; NumPy takes both as equal.
    cm = ConfusionMatrix(2)
    cm.update(logits=np.float32([0.1, 0.09]), target=[1, 0], threshold=0.1)
    cm.update(logits=np.float32([0.7, 0.69]), target=[1, 0], threshold=0.7)
    assert cm.counts.tolist() == [[2, 0], [0, 2]]


def test_the_one_channel_may_have_an_axis_of_its_own():
    scores = np.random.default_rng(3).random((4, 5, 6))
    target = scores > 0.4
    for axis, logits in ((1, scores[:, None]), (-1, scores[..., None]), (0, scores[None])):
        cm = ConfusionMatrix("binary-255")
        cm.update(logits=logits, target=target * np.uint8(255), threshold=0.4, class_axis=axis)
        assert cm.counts.tolist() == [[(~target).sum(), 0], [0, target.sum()]]


# Not a number


@pytest.mark.parametrize("ignored", [False, True])
@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_nan_is_an_error_that_says_where_and_changes_nothing(float_dtype, axis, ignored):
    shape = [40, 50]
    shape.insert(axis if axis >= 0 else 2, 12)
    logits = np.full(shape, 1.0).astype(float_dtype)
    place = (9, 11, 7)
    logits[place] = np.nan
    cm = ConfusionMatrix(12, ignore_index=255)
    cm.update(pred=[0, 1], target=[0, 0])
    before = cm.copy()
    target = np.full(np.delete(shape, axis), 255 if ignored else 3, np.uint8)
    assert refused(ArgumentError, cm.update, logits=logits, target=target, class_axis=axis) == (
        f"`logits` is NaN at index (9, 11, 7), class channel {place[axis]}\n"
        "hint: NaN has no place among scores: look for a division by zero or an overflow in the model"
    )
    assert cm == before


def test_nan_is_an_error_with_a_threshold_too():
    cm = ConfusionMatrix(2)
    text = "^at index 1: `logits` is NaN at index {}\n"
    logits = np.float32([[0.1, 0.2], [np.nan, np.nan]])
    with pytest.raises(ArgumentError, match=text.format(r"\(1, 0\)")):
        cm.update(logits=[np.ones_like(logits), logits], target=[np.eye(2) > 0] * 2, threshold=0.5)
    assert cm == ConfusionMatrix(2)


# Several cases, one by one or together


def test_lists_of_arrays_are_several_cases():
    random = np.random.default_rng(4)
    logits = [random.standard_normal((3, n, 5)) for n in (4, 0, 7)]
    target = tuple(random.integers(0, 3, (n, 5)) for n in (4, 0, 7))
    cm, same = ConfusionMatrix(3), ConfusionMatrix(3)
    cm.update(logits=logits, target=target, class_axis=0)
    for one, labels in zip(logits, target, strict=True):
        same.update(pred=one.argmax(axis=0), target=labels)
    assert cm == same
    assert refused(ShapeError, cm.update, logits=logits, target=target[:2], class_axis=0) == (
        f"`logits` and `target` differ in length: 3 and 2 arrays\nhint: {hints.ONE_TARGET}"
    )
    assert cm == same


def test_evaluator_takes_scores_as_well():
    logits = np.random.default_rng(5).standard_normal((3, 3, 6, 7))
    target = np.random.default_rng(6).integers(0, 3, (3, 6, 7))
    one, other = Evaluator(3), Evaluator(3)
    for i, (scores, labels) in enumerate(zip(logits, target, strict=True)):
        one.add(logits=scores, target=labels, class_axis=0, name=f"frame {i}")
        other.add(pred=scores.argmax(axis=0), target=labels, name=f"frame {i}")
    assert one.result() == other.result()
    binary = Evaluator("binary")
    binary.add(logits=np.float16([0.2, 0.5]), target=[0, 1], threshold=0.5)
    assert binary.result().scores.pixel_accuracy == 1


# Memory of others


def test_scores_that_are_written_to_meanwhile_still_count_every_pixel_once():
    logits = np.zeros((5, 400, 500), np.float32)
    target = np.zeros((400, 500), np.uint8)
    stop = Event()

    def write():
        random = np.random.default_rng(8)
        while not stop.is_set():
            logits[random.integers(5), random.integers(400)] = random.random()

    writer = Thread(target=write)
    writer.start()
    try:
        cm = ConfusionMatrix(5)
        for _ in range(30):
            cm.update(logits=logits, target=target, class_axis=0)
    finally:
        stop.set()
        writer.join()
    assert cm.counts[0].sum() == cm.pixels == 30 * target.size
