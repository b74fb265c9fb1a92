"""The sentences that sum up an evaluation, for results of all kinds."""

from dataclasses import replace

import numpy as np
import pytest

from segscore import Classes, Evaluation
from segscore.results.verdict import verdict
from segscore.statistics.intervals import Interval
from segscore.text.numbers import brief
from support.results import HOSTILE, evaluated

FOUR = Classes(["road", "sky", "car", "pole"])


def of_counts(classes, counts) -> Evaluation:
    """Return an evaluation of one image with these counts, (K, K) or (K, K + 1) with predictions of 99."""
    counts = np.array(counts)
    called = [*range(len(counts)), 99][: counts.shape[1]]
    target = np.repeat(np.repeat(np.arange(len(counts)), counts.shape[1]), counts.ravel())
    pred = np.repeat(np.tile(called, len(counts)), counts.ravel())
    return evaluated(classes, [(pred, target)])


def interval(low=0.416, high=0.434, **changes) -> Interval:
    return Interval("mean_iou", 0.5, low, high, 0.95, 30, "images", **changes)


def test_the_number_the_weakest_classes_and_the_largest_confusion():
    # 24 of 139 pixels are wrong.
    ev = of_counts(FOUR, [[80, 5, 7, 2], [1, 30, 0, 0], [4, 0, 4, 0], [5, 0, 0, 1]])
    found = [80 / 104, 30 / 36, 4 / 15, 1 / 8]
    assert verdict(ev) == (
        f"Mean IoU {np.mean(found):.2f}. Weakest: `pole` 0.12, `car` 0.27. "
        "29% of the wrong pixels are `road` called `car`."
    )
    assert verdict(ev, interval()).startswith(f"Mean IoU {np.mean(found):.3f} (0.416 to 0.434). Weakest: ")


@pytest.mark.parametrize(
    "given", [interval(reason="too few images (7)"), replace(interval(), metric="iou.car")]
)
def test_an_interval_without_ends_or_of_another_number_is_left_out(given):
    ev = of_counts(FOUR, np.diag([3, 3, 3, 3]))
    assert verdict(ev, given) == verdict(ev) == "Mean IoU 1.00. No scored pixel is wrong."
    assert verdict(ev, interval()).startswith("Mean IoU 1.000 (0.416 to 0.434). ")


def test_equal_classes_are_in_their_order_and_those_without_room_are_counted():
    names = [f"c{i}" for i in range(8)]
    counts = np.diag([9] * 8)
    counts[:6] = 0
    counts[:6, 7] = 2
    assert verdict(of_counts(Classes(names), counts)) == (
        f"Mean IoU {(1 + 9 / 21) / 8:.2f}. Weakest: `c0` 0.00, `c1` 0.00, `c2` 0.00 and 3 more at 0.00. "
        "17% of the wrong pixels are `c0` called `c7`."
    )


def test_where_all_classes_are_equal_none_is_weakest():
    assert verdict(of_counts(Classes(["road", "sky"]), [[5, 1], [1, 5]])) == (
        "Mean IoU 0.71. 50% of the wrong pixels are `road` called `sky`."
    )


def test_a_class_that_is_only_predicted_says_so():
    ev = of_counts(FOUR, [[7, 0, 0, 2], [0, 5, 0, 0], [0, 0, 5, 0], [0, 0, 0, 0]])
    assert verdict(ev) == (
        f"Mean IoU {(7 / 9 + 2) / 4:.2f}. Weakest: `pole` 0.00 (only predicted), `road` 0.78. "
        "All wrong pixels are `road` called `pole`."
    )


def test_classes_outside_the_mean_are_not_weakest():
    classes = Classes(["void", "road", "sky"], not_in_mean=[0])
    ev = of_counts(classes, [[0, 3, 0], [0, 5, 0], [1, 0, 5]])
    assert verdict(ev) == (
        f"Mean IoU {(5 / 8 + 5 / 6) / 2:.2f}. Weakest: `road` 0.62. "
        "75% of the wrong pixels are `void` called `road`."
    )


def test_a_binary_task_begins_with_its_foreground():
    assert verdict(of_counts("binary", [[6, 0], [1, 2]])) == (
        "Foreground IoU 0.67. The only wrong pixel is `foreground` called `background`."
    )


@pytest.mark.filterwarnings("ignore::segscore.SegscoreWarning")
def test_predictions_that_are_no_class_are_a_confusion():
    ev = of_counts(FOUR, [[7, 0, 0, 0, 3], [0, 5, 0, 0, 0], [0, 0, 5, 0, 0], [0, 1, 0, 5, 0]])
    assert verdict(ev).endswith(" 75% of the wrong pixels are `road` called no class.")


@pytest.mark.filterwarnings("ignore::segscore.SegscoreWarning")
def test_the_score_of_the_only_class_is_explained():
    assert verdict(of_counts(Classes(["cell"]), [[3, 1]])) == (
        "Mean IoU 0.75. `cell` is the only class: its IoU is its recall, as false positives cost nothing."
    )


@pytest.mark.parametrize(
    ("target", "said"), [([99, 99], "no pixel is scored"), ([0, 0], "no class of the mean is present")]
)
def test_what_is_undefined_has_its_reason(target, said):
    classes = Classes(["void", "road"], ignore=[99], not_in_mean=[0])
    assert verdict(evaluated(classes, [([0, 0], target)])) == f"Mean IoU is undefined: {said}."


@pytest.mark.parametrize(
    ("pixels", "said"),
    [(26, ". 5% of the wrong pixels are `c0` called `c1`."), (25, " and 21 more at 0.93.")],
)
def test_a_confusion_that_is_next_to_nothing_is_not_named(pixels, said):
    counts = np.diag([500] * 26)
    counts[np.arange(25), np.arange(1, 26)] = [pixels, *[20] * 24]  # of 506 or of 505 wrong pixels
    assert verdict(of_counts(Classes([f"c{i}" for i in range(26)]), counts)).endswith(said)


def test_names_stay_on_one_line_and_are_cut():
    names = HOSTILE[:4]
    said = verdict(of_counts(Classes(names), [[5, 0, 0, 0], [0, 5, 0, 9], [0, 0, 5, 9], [0, 0, 0, 5]]))
    assert said.isprintable()
    assert "`[bold]x[/bold]` 0.36" in said
    assert len(said) < 200


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.00"),
        (1e-9, "<0.000001"),
        (0.0004, "0.0004"),
        (0.996, "0.996"),
        (1 - 1e-9, ">0.999999"),
        (1.0, "1.00"),
    ],
)
def test_short_numbers_never_read_as_nothing_or_all_unless_they_are(value, text):
    assert brief(value) == text


def test_every_output_has_them_behind_the_number_of_images():
    ev = of_counts(FOUR, [[80, 5, 7, 2], [1, 30, 0, 0], [4, 0, 4, 0], [5, 0, 0, 1]])
    told = verdict(ev)
    assert ev.to_dict()["verdict"] == told
    assert " ".join(str(ev).split()).startswith(f"1 image scored {told} class IoU")
    assert f"\n\n1 image scored\n\n{told.replace('`', chr(92) + '`')}\n\n" in ev.to_markdown()
    assert ev._repr_html_().startswith(f"<div><p>1 image scored<br>{told}</p>")
