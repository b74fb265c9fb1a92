"""Laws of counting: however pixels are split, ordered, sent and summed, the integers are the same."""

import copy
import functools
import operator
import pickle
import threading
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from segscore.classes.classes import Classes
from segscore.errors import SegscoreWarning
from segscore.results.confusion import ConfusionMatrix

pytestmark = pytest.mark.filterwarnings("ignore::segscore.errors.SegscoreWarning")

CLASSES = Classes(["road", "sky", "car"], ignore=[255])
TARGETS = st.sampled_from([0, 1, 2, 255])
PREDS = st.sampled_from([0, 1, 2, 255, 7, 100])
DTYPES = st.sampled_from(["u1", "i2", "<i8", ">u4"])


def matrix(*cases):
    """Return the matrix of these cases, (pred, target) each, one update after the other."""
    cm = ConfusionMatrix(CLASSES)
    for pred, target in cases:
        cm.update(pred=pred, target=target)
    return cm


def assert_same(one, other):
    """The same in every way there is to look at them, not only by ``==``."""
    assert one == other
    assert (one != other) is False
    np.testing.assert_array_equal(one.counts, other.counts)
    np.testing.assert_array_equal(one.missed, other.missed)
    assert (one.ignored, one.pixels) == (other.ignored, other.pixels)
    assert one.scores == other.scores
    np.testing.assert_array_equal(one.scores.iou, other.scores.iou)


@st.composite
def cases(draw, shape=None):
    """A prediction and its target."""
    shape = shape if shape is not None else draw(hnp.array_shapes(max_dims=3, min_side=0, max_side=12))
    pred = draw(hnp.arrays(draw(DTYPES), shape, elements=PREDS))
    return pred, draw(hnp.arrays(draw(DTYPES), shape, elements=TARGETS))


@given(st.data())
def test_parts_of_an_image_add_up_to_the_image(data):
    pred, target = data.draw(cases())
    axis = data.draw(st.integers(0, pred.ndim - 1))
    places = sorted(data.draw(st.lists(st.integers(0, pred.shape[axis]), max_size=4)))
    parts = list(zip(np.split(pred, places, axis), np.split(target, places, axis), strict=True))
    whole = matrix((pred, target))
    assert_same(matrix(*parts), whole)
    assert_same(sum(matrix(part) for part in parts), whole)
    at_once = ConfusionMatrix(CLASSES)
    at_once.update(pred=[part[0] for part in parts], target=[part[1] for part in parts])
    assert_same(at_once, whole)


@given(st.data())
def test_the_order_of_pixels_and_the_shape_do_not_matter(data):
    pred, target = data.draw(cases())
    order = np.random.default_rng(data.draw(st.integers(0, 100))).permutation(pred.size)
    shuffled = pred.ravel()[order], target.ravel()[order]
    assert_same(matrix(shuffled), matrix((pred, target)))


@given(st.lists(cases(), min_size=1, max_size=5), st.randoms(use_true_random=False))
def test_the_order_of_updates_and_of_sums_does_not_matter(images, random):
    shuffled = random.sample(images, len(images))
    parts = [matrix(image) for image in images]
    whole = matrix(*images)
    assert_same(matrix(*shuffled), whole)
    assert_same(sum(parts), whole)
    assert_same(sum(random.sample(parts, len(parts))), whole)
    assert_same(functools.reduce(operator.add, reversed(parts)), whole)
    assert_same(functools.reduce(lambda right, left: left + right, reversed(parts)), whole)
    assert all(part == matrix(image) for part, image in zip(parts, images, strict=True))


@given(cases(), cases(), cases())
def test_addition_is_that_of_numbers(a, b, c):
    one, two, three = matrix(a), matrix(b), matrix(c)
    assert_same(one + two, two + one)
    assert_same((one + two) + three, one + (two + three))
    assert_same(sum([one, two, three]), three + one + two)
    assert_same(one + ConfusionMatrix(CLASSES), one)
    assert_same(0 + one, one)
    total = one
    total += two
    assert_same(total, matrix(a, b))
    assert_same(one, matrix(a))


@given(hnp.array_shapes(max_side=12), st.data())
def test_exchanging_the_sides_transposes_the_counts(shape, data):
    labels = hnp.arrays(np.uint8, shape, elements=st.integers(0, 3))
    one, other = data.draw(labels), data.draw(labels)
    there, back = ConfusionMatrix(4), ConfusionMatrix(4)
    there.update(pred=one, target=other)
    back.update(pred=other, target=one)
    np.testing.assert_array_equal(there.counts, back.counts.T)
    np.testing.assert_array_equal(there.scores.iou, back.scores.iou)
    np.testing.assert_array_equal(there.scores.precision, back.scores.recall)


@given(cases(), st.permutations(range(3)))
def test_renaming_labels_renames_classes_and_changes_nothing_else(case, order):
    to = np.arange(256)
    to[:3] = order
    renamed = Classes(["road", "sky", "car"], order, ignore=[255])
    cm = ConfusionMatrix(renamed)
    cm.update(pred=to[case[0].astype(int)], target=to[case[1].astype(int)])
    np.testing.assert_array_equal(cm.counts, matrix(case).counts)
    np.testing.assert_array_equal(cm.missed, matrix(case).missed)


@given(st.lists(cases(), max_size=3), cases(), st.integers(0, pickle.HIGHEST_PROTOCOL))
def test_copies_of_any_kind_are_the_same_and_go_on_alone(images, later, protocol):
    whole = matrix(*images)
    copies = [
        pickle.loads(pickle.dumps(whole, protocol)),
        copy.copy(whole),
        copy.deepcopy(whole),
        whole.copy(),
    ]
    for other in copies:
        assert_same(other, whole)
        other.update(pred=later[0], target=later[1])
        assert_same(other, matrix(*images, later))
    assert_same(whole, matrix(*images))


def test_pickles_keep_everything_that_was_asked_for():
    cm = ConfusionMatrix("cityscapes", pred_classes="train-ids", ignore_index=[7, 255], strict=True)
    cm.update(pred=[1, 2], target=[8, 255])
    again = pickle.loads(pickle.dumps(cm))
    assert again.classes == cm.classes
    assert again.classes.pred_labels == tuple(range(19))
    with pytest.raises(ValueError, match="`pred` holds the label 77"):
        again.update(pred=[77], target=[8])
    again.update(pred=[1], target=[8])
    assert again.counts[1, 1] == 2


def test_a_pickle_of_a_matrix_that_warned_does_not_warn_again():
    again = pickle.loads(pickle.dumps(matrix(([7], [0]))))
    with warnings.catch_warnings():
        warnings.simplefilter("error", SegscoreWarning)
        again.update(pred=[8], target=[0])
    assert again.missed.tolist() == [2, 0, 0]


def test_only_the_same_counts_of_the_same_classes_are_equal():
    cm = matrix(([0, 1], [0, 0]))
    assert cm == matrix(([1, 0], [0, 0]))
    assert cm != matrix(([0, 1], [0, 1]))
    assert cm != matrix(([0, 1, 0], [0, 0, 255]))
    assert matrix(([7], [0])) != matrix(([8], [0])), "which label missed is part of what was counted"
    other = ConfusionMatrix(3, ignore_index=255)
    other.update(pred=[0, 1], target=[0, 0])
    assert cm != other
    assert cm.counts.tolist() == other.counts.tolist()
    assert cm != 5
    assert cm != cm.counts.tolist()


@pytest.mark.parametrize("threads", [2, 3, 8])
def test_updates_of_many_threads_are_exact_and_whole(threads):
    random = np.random.default_rng(threads)
    choices = np.array([0, 1, 2, 255, 7])
    images = [
        (random.choice(choices, (40, 50)).astype("u1"), random.choice(choices[:4], (40, 50)).astype(">i4"))
        for _ in range(12)
    ]
    shared, rounds = ConfusionMatrix(CLASSES), 25
    seen, start = [], threading.Barrier(threads + 1)

    def work(own):
        start.wait()
        for _ in range(rounds):
            for pred, target in own:
                shared.update(pred=pred, target=target)

    def look():
        start.wait()
        while any(worker.is_alive() for worker in workers):
            scores = shared.scores
            seen.append((scores.pixels + scores.ignored, int(shared.counts.sum())))

    workers = [threading.Thread(target=work, args=(images[i::threads],)) for i in range(threads)]
    reader = threading.Thread(target=look)
    for thread in (*workers, reader):
        thread.start()
    for thread in (*workers, reader):
        thread.join()
    assert_same(shared, matrix(*images * rounds))
    # No reader ever saw half an update: each image has 2,000 pixels.
    assert all(total % 2000 == 0 for total, _ in seen)
    assert seen == sorted(seen)


def test_threads_that_add_reset_and_copy_meanwhile_never_see_half_a_sum():
    cm, stop = ConfusionMatrix(CLASSES), threading.Event()
    pred, target = np.array([[0, 1], [2, 7]]), np.array([[0, 0], [2, 2]])
    wrong = []

    def update():
        while not stop.is_set():
            cm.update(pred=pred, target=target)

    def reset():
        while not stop.is_set():
            cm.reset()

    threads = [threading.Thread(target=kind) for kind in (update, update, reset)]
    for thread in threads:
        thread.start()
    for _ in range(300):
        scores = (cm.copy() + pickle.loads(pickle.dumps(cm))).scores
        if (
            len({*scores.target.tolist(), scores.pixels // 2} - {0}) > 1
            or scores.missed[2] * 2 != scores.target[2]
        ):
            wrong.append(scores)
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong
