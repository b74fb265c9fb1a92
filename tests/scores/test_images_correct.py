"""How much is right at a threshold: what a loop over images and classes counts in pixels."""

import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segscore import ArgumentError, Evaluator
from support.random_masks import IGNORED, classes_of, evaluation_of, masks


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(1, 4), st.booleans())
def test_counts_at_every_hundredth_are_those_of_exact_fractions(
    seed: int, images: int, number: int, outside: bool
) -> None:
    classes = classes_of(number, not_in_mean=[10] if outside else [])
    pairs = masks(seed, images, classes, 10)
    ev = evaluation_of(pairs, classes)
    curve = ev.correct_curve()
    per_class = np.zeros((101, number), int)
    of_class = np.zeros(number, int)
    for pred, target in pairs:
        scored = target != IGNORED
        for k, label in enumerate(classes.labels):
            p, t = scored & (pred == label), target == label
            if t.any():
                iou = Fraction(int((p & t).sum()), int((p | t).sum()))
                of_class[k] += 1
                per_class[:, k] += [iou >= Fraction(i, 100) for i in range(101)]
    means = ev.images.mean_iou[~np.isnan(ev.images.mean_iou)]
    assert curve.class_cells.tolist() == per_class.tolist()
    assert curve.of_class_cells.tolist() == of_class.tolist()
    assert curve.cells.tolist() == per_class[:, classes.in_mean].sum(axis=1).tolist()
    assert curve.of_cells == of_class[classes.in_mean].sum()
    assert curve.images.tolist() == [int((means >= i / 100).sum()) for i in range(101)]
    assert curve.of_images == len(means)
    for i in (0, 30, 50, 100):
        one = ev.correct_at(i / 100)
        assert (one.threshold, one.images, one.of_images) == (i / 100, curve.images[i], len(means))
        assert (one.cells, one.of_cells) == (curve.cells[i], curve.of_cells)
        assert all(type(n) is int for n in (one.images, one.of_images, one.cells, one.of_cells))
        np.testing.assert_array_equal(one.class_cells, curve.class_cells[i])
        np.testing.assert_array_equal(one.class_share, curve.class_share[i])
        np.testing.assert_array_equal(
            [one.image_share, one.cell_share], [curve.image_share[i], curve.cell_share[i]]
        )


def test_shares_by_hand() -> None:
    judge = Evaluator(["road", "sky", "car"], ignore_index=255)
    judge.add(pred=[0, 0, 1, 1], target=[0, 0, 0, 1])  # road 2/3, sky 1/2
    judge.add(pred=[0, 0, 0, 2], target=[0, 0, 0, 0])  # road 3/4; car only predicted
    judge.add(pred=[0, 0], target=[255, 255])
    ev = judge.result()
    found = ev.correct_at(2 / 3)
    assert (found.images, found.of_images, found.image_share) == (1, 2, 0.5)
    assert (found.cells, found.of_cells, found.cell_share) == (2, 3, 2 / 3)
    assert (found.class_cells.tolist(), found.of_class_cells.tolist()) == ([2, 0, 0], [2, 1, 0])
    np.testing.assert_array_equal(found.class_share, [1.0, 0.0, np.nan])
    assert repr(found) == "<Correct at IoU 0.666667: 1 of 2 images, 2 of 3 classes in images>"
    assert ev.correct_at().images == 2
    curve = ev.correct_curve([0.5, 0.51, 0.7])
    assert (curve.cells.tolist(), curve.cell_share.tolist()) == ([3, 2, 1], [1.0, 2 / 3, 1 / 3])
    assert repr(curve) == "<CorrectCurve of 2 images: 3 thresholds from 0.5 to 0.7>"
    arrays = (curve.thresholds, curve.images, curve.cells, curve.class_cells, curve.class_share)
    assert not any(array.flags.writeable for array in (*arrays, found.class_cells, found.class_share))
    sent = pickle.loads(pickle.dumps(curve))
    assert (sent.images.tolist(), sent.images.flags.writeable) == (curve.images.tolist(), False)


def test_nothing_to_count_has_no_share() -> None:
    judge = Evaluator(2, ignore_index=255)
    judge.add(pred=[0], target=[255])
    found = judge.result().correct_at(0)
    assert (found.images, found.of_images, found.cells, found.of_cells) == (0, 0, 0, 0)
    assert np.isnan([found.image_share, found.cell_share, *found.class_share]).all()


def test_a_caller_keeps_the_thresholds_writable() -> None:
    given = np.array([0.25, 0.5])
    curve = evaluation_of(masks(1, 2, classes_of(2)), classes_of(2)).correct_curve(given)
    given[0] = 0.4
    assert curve.thresholds.tolist() == [0.25, 0.5]


EV = evaluation_of([(np.array([10]), np.array([10]))], classes_of(1))


@pytest.mark.parametrize("threshold", [-0.1, 1.01, float("nan"), "0.5", True, None, [0.5], 50])
def test_a_bad_threshold_is_an_error(threshold: object) -> None:
    with pytest.raises(ArgumentError) as caught:
        EV.correct_at(threshold)  # type: ignore[arg-type]
    assert str(caught.value) == (
        f"expected a threshold of IoU from 0 to 1, found {threshold!r}\n"
        "hint: such as 0.5; `correct_curve` takes several"
    )


@pytest.mark.parametrize(
    "thresholds",
    [
        0.5,
        [],
        [0.5, 0.5],
        [0.6, 0.5],
        [0, 2],
        [-1, 0],
        [0, float("nan"), 1],
        ["a"],
        [True],
        [[0.5]],
        [[1], [0, 1]],
    ],
)
def test_bad_thresholds_are_an_error(thresholds: object) -> None:
    with pytest.raises(ArgumentError) as caught:
        EV.correct_curve(thresholds)  # type: ignore[arg-type]
    assert str(caught.value) == (
        f"expected thresholds of IoU from 0 to 1 in rising order, found {thresholds!r}\n"
        "hint: such as [0.5, 0.75, 0.9]"
    )
