"""Scores: which classes count, what a mean covers, and that nothing about them can change."""

import json
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from segscore.classes.classes import Classes
from segscore.errors import ArgumentError
from segscore.scores.scores import Scores
from support.refused import refused
from support.results import scores_of

PER_CLASS = ("iou", "dice", "precision", "recall", "specificity")
OF_THE_WHOLE = (
    "mean_iou",
    "mean_dice",
    "mean_accuracy",
    "pixel_accuracy",
    "frequency_weighted_iou",
    "kappa",
    "mcc",
)


@pytest.fixture
def three():
    # IoU: 50/65, 20/40 = 0.5, 0/10 = 0; Dice: 100/115, 40/60, 0; recall: 50/60, 20/30, 0
    return scores_of(
        Classes(["a", "b", "c"], ignore=[255]),
        [[50, 10, 0, 0], [5, 20, 0, 5], [0, 0, 0, 10]],
        ignored=25,
        images=4,
    )


def test_scores_are_those_of_the_counts(three):
    assert three.iou.tolist() == [50 / 65, 0.5, 0.0]
    assert three.dice.tolist() == [100 / 115, 40 / 60, 0.0]
    np.testing.assert_array_equal(three.precision, [50 / 55, 20 / 30, np.nan])
    assert three.recall.tolist() == [50 / 60, 20 / 30, 0.0]
    assert three.specificity.tolist() == [35 / 40, 60 / 70, 1.0]
    # 5 TP / (5 TP + 4 FN + FP): 250 / (250 + 40 + 5), 100 / (100 + 40 + 10), 0
    np.testing.assert_allclose(three.f_beta(2), [250 / 295, 100 / 150, 0.0], rtol=1e-15)
    assert three.mean_iou == pytest.approx((50 / 65 + 0.5) / 3, abs=1e-15)
    assert three.mean_dice == pytest.approx((100 / 115 + 40 / 60) / 3, abs=1e-15)
    assert three.mean_accuracy == pytest.approx((50 / 60 + 20 / 30) / 3, abs=1e-15)
    assert three.pixel_accuracy == 0.7
    assert three.frequency_weighted_iou == pytest.approx(0.6 * 50 / 65 + 0.3 * 0.5, abs=1e-15)
    assert three.kappa == pytest.approx(28 / 58, abs=1e-15)
    assert three.mcc == pytest.approx(2800 / (5400 * 5850) ** 0.5, abs=1e-15)
    assert (three.pixels, three.ignored, three.images) == (100, 25, 4)
    assert three.foreground_iou is None
    assert three.foreground_dice is None


def test_a_class_that_is_nowhere_is_undefined_and_not_in_the_mean():
    scores = scores_of(Classes(["a", "b"]), [[3, 0, 1], [0, 0, 0]])
    assert scores.present.tolist() == [True, False]
    assert scores.absent == ("b",)
    assert scores.only_predicted == ()
    assert all(np.isnan(getattr(scores, name)[1]) for name in PER_CLASS)
    assert np.isnan(scores.f_beta(1)[1])
    assert scores.mean_iou == scores.mean_accuracy == 0.75


def test_a_class_that_is_only_predicted_has_iou_zero_in_the_mean():
    scores = scores_of(Classes(["a", "b"]), [[3, 1, 0], [0, 0, 0]])
    assert scores.absent == ()
    assert scores.only_predicted == ("b",)
    assert scores.iou.tolist() == [0.75, 0.0]
    assert scores.mean_iou == 0.375
    assert np.isnan(scores.recall[1])
    assert scores.mean_accuracy == 0.75


def test_a_class_not_in_the_mean_still_counts_for_the_others():
    scores = scores_of(
        Classes(["background", "a", "b"], not_in_mean=[0]), [[5, 1, 0, 0], [0, 3, 0, 0], [0, 0, 2, 0]]
    )
    # a: 3 / (3 + 4 - 3); b: 1. The background's false positives on a are in a's union.
    assert scores.mean_iou == (0.75 + 1.0) / 2
    # Weights 3/5 and 2/5: the pixels of the background weigh nothing.
    assert scores.frequency_weighted_iou == pytest.approx(0.6 * 0.75 + 0.4, abs=1e-15)
    assert scores.pixel_accuracy == 10 / 11
    assert scores.present.all()


def test_an_ignored_class_has_no_score_and_is_not_called_absent():
    classes = Classes(["a", "b"]).ignoring(1)
    scores = scores_of(classes, [[3, 0, 1], [0, 0, 0]], ignored=9)
    assert scores.present.tolist() == [True, False]
    assert scores.absent == scores.only_predicted == ()
    assert all(np.isnan(getattr(scores, name)[1]) for name in PER_CLASS)
    assert scores.mean_iou == 0.75


@pytest.mark.parametrize(("names", "foreground"), [(["background", "cell"], 1), (["cell", "Background"], 0)])
def test_a_binary_task_has_a_foreground(names, foreground):
    scores = scores_of(Classes(names), [[3, 1, 0], [0, 4, 0]])
    assert scores.foreground_iou == scores.iou[foreground]
    assert scores.foreground_dice == scores.dice[foreground]


def test_without_pixels_everything_is_nan():
    scores = scores_of(Classes(["background", "cell"]), np.zeros((2, 3)), ignored=7)
    assert all(np.isnan(getattr(scores, name)).all() for name in PER_CLASS)
    assert all(np.isnan(getattr(scores, name)) for name in OF_THE_WHOLE)
    assert np.isnan(scores.foreground_iou)
    assert scores.absent == ("background", "cell")


def test_nothing_about_scores_can_be_changed(three):
    target = np.array([2, 3])
    scores = Scores(Classes(["a", "b"]), tp=[2, 3], target=target, pred=[2, 3], missed=[0, 0])
    target[0] = 9
    assert scores.target.tolist() == [2, 3]
    for name in (*PER_CLASS, "tp", "target", "pred", "missed", "present"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(three, name)[0] = 0
    with pytest.raises(ValueError, match="read-only"):
        three.f_beta(2)[0] = 0
    with pytest.raises(FrozenInstanceError):
        three.ignored = 3


def test_per_class_scores_are_computed_once(three):
    assert all(getattr(three, name) is getattr(three, name) for name in PER_CLASS)


def test_scores_are_equal_where_the_counts_are():
    classes = Classes(["a", "b"])
    matrix = [[3, 1, 0], [0, 4, 1]]
    scores = scores_of(classes, matrix, ignored=5, images=2)
    same = scores_of(classes, matrix, ignored=5)
    assert scores == same
    assert hash(scores) == hash(same)
    assert scores != scores_of(classes, matrix, ignored=6)
    assert scores != scores_of(Classes(["a", "c"]), matrix, ignored=5)
    assert scores != scores_of(classes, [[3, 0, 1], [0, 4, 1]], ignored=5)
    assert scores != "scores"


def test_the_short_form_ends_in_a_fact(three):
    assert repr(three) == "<Scores of 3 classes: 100 pixels, mean IoU 0.423077>"


def test_the_dictionary_is_valid_json_as_it_is(three):
    values = three.to_dict()
    assert json.loads(json.dumps(values, allow_nan=False)) == values
    assert values["mean_iou"] == three.mean_iou
    assert values["per_class"][2]["precision"] is None


def test_65_536_classes():
    count = 65_536
    classes = Classes([str(i) for i in range(count)])
    scores = Scores(
        classes, tp=[3] * count, target=[4] * count, pred=[4] * count, missed=np.zeros(count, dtype=np.uint8)
    )
    assert scores.mean_iou == pytest.approx(0.6, abs=1e-12)
    assert scores.pixel_accuracy == 0.75
    assert len(scores.to_dict()["per_class"]) == count


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (np.array([2**63 + 5, 0], np.uint64), "9,223,372,036,854,775,813"),
        (np.array([2**62, 2**62]), "9,223,372,036,854,775,808"),
        (np.array([2**64 - 1, 1], np.uint64), "18,446,744,073,709,551,616"),
    ],
)
def test_more_pixels_than_int64_holds_are_refused(given, found):
    counts = {"tp": given, "target": given, "pred": given, "missed": [0, 0]}
    assert refused(ArgumentError, Scores, Classes.of(2), **counts) == (
        f"expected fewer than 2**63 pixels in `tp`, found {found}\n"
        "hint: sums of counts are int64; add up fewer images"
    )


def test_2_to_the_62_pixels():
    scores = scores_of(Classes(["a", "b"]), [[2**61, 2**60, 0], [0, 2**60, 0]], ignored=2**60)
    assert scores.pixels == 2**62
    assert scores.iou.tolist() == [2 / 3, 0.5]
    assert scores.to_dict()["pixels"] == 2**62


GOOD = {"tp": [2, 3], "target": [4, 3], "pred": [2, 4], "missed": [1, 0]}


def no_counts(name, found):
    return (
        f"expected `{name}` to be integers of shape (2,), found {found}\n"
        "hint: give one count of pixels, 0 or more, for each class"
    )


def no_row(tp, pred):
    return (
        f"class `a` has {tp} pixels in `tp`, 4 in `target`, {pred} in `pred` and 1 in `missed`, "
        "which no confusion matrix has\n"
        "hint: `tp` is its diagonal, `target` and `pred` are the sums of its rows and columns"
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tp": [2]}, no_counts("tp", "shape (1,)")),
        ({"pred": [2.0, 4.0]}, no_counts("pred", "float64")),
        ({"missed": [-1, 0]}, no_counts("missed", "-1")),
        (
            {"missed": [0, 0]},
            "expected as many predictions as the 7 pixels of `target`, found 6 in `pred` and 0 in `missed`\n"
            "hint: `target` and `pred` are the sums of the rows and columns of one confusion matrix",
        ),
        ({"tp": [4, 3]}, no_row(4, 2)),
        # Nothing but b could be predicted as a, and all of b's pixels are right.
        ({"pred": [3, 3]}, no_row(2, 3)),
    ],
)
def test_counts_that_no_matrix_has_are_refused(changes, message):
    classes = Classes(["a", "b"])
    assert Scores(classes, **GOOD).pixels == 7
    assert refused(ArgumentError, Scores, classes, **(GOOD | changes)) == message


@pytest.mark.parametrize("beta", [-1, float("nan"), "x", None, 1j, [2]])
def test_beta_is_not_negative(three, beta):
    assert refused(ArgumentError, three.f_beta, beta) == (
        f"expected `beta` of 0 or more, found {beta!r}\n"
        "hint: 2 weighs recall twice as much as precision, 0.5 half as much"
    )


@pytest.mark.parametrize(("right", "told"), [(5_100, True), (5_500, False)])
def test_a_mean_near_chance_says_so_beside_it(right, told):
    wrong = 10_000 - right
    scores = scores_of(Classes(["a", "b"]), [[right, wrong, 0], [wrong, right, 0]])
    line = next(line for line in str(scores).split("\n") if "mean IoU" in line)
    assert scores.kappa == pytest.approx(right / 5_000 - 1)
    said = "hardly more than by chance: kappa is 0.0200"
    assert (said in line) == (said in scores._repr_html_()) == told
    few = scores_of(Classes(["a", "b"]), [[51, 49, 0], [49, 51, 0]])
    assert said not in str(few)


EXCHANGED = "; it would be {:.4f} with the two classes exchanged"


@pytest.mark.parametrize(
    ("classes", "counts", "told"),
    [
        (["a", "b"], [[100, 8_900, 0], [900, 100, 0]], EXCHANGED.format((8_900 / 9_100 + 900 / 1_100) / 2)),
        (["a", "b"], [[100, 8_800, 100], [900, 100, 0]], EXCHANGED.format((8_800 / 9_100 + 900 / 1_100) / 2)),
        (["a", "b"], [[4_000, 6_000, 0], [6_000, 4_000, 0]], ""),  # it would be poor, too
        (["a", "b", "c"], [[0, 5_000, 0, 0], [5_000, 0, 0, 0], [0, 0, 100, 0]], ""),
    ],
)
def test_a_mean_below_chance_says_what_it_would_be_with_the_classes_exchanged(classes, counts, told):
    scores = scores_of(Classes(classes), counts)
    assert f"(less than by chance: kappa is {scores.kappa:.4f}{told})" in " ".join(str(scores).split())


def test_exchanged_classes_are_judged_by_those_that_are_in_the_mean():
    scores = scores_of(Classes(["a", "b"], not_in_mean=[0]), [[100, 8_900, 0], [900, 100, 0]])
    assert EXCHANGED.format(900 / 1_100) in " ".join(str(scores).split())
