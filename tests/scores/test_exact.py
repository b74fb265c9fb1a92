"""Numbers beside a limit: what is a ratio of integers is never on the wrong side of it by rounding."""

from fractions import Fraction

import numpy as np
import pytest

from segscore import Classes, Evaluation, GateResult, Scores
from segscore.scores.exact import nearest
from segscore.scores.metric import METRICS, whole_metrics
from support import results
from support.results import scores_of

BINARY = Classes(["background", "some"])


def naive(matrix: np.ndarray) -> dict[str, Fraction]:
    """Return the numbers of a matrix in which every class has target and predicted pixels."""
    rows = [[Fraction(n) for n in row] for row in matrix.tolist()]
    tp = [row[i] for i, row in enumerate(rows)]
    target, pred = [sum(row) for row in rows], [sum(column) for column in zip(*rows, strict=True)]
    total, classes = sum(target), len(rows)
    iou = [t / (a + b - t) for t, a, b in zip(tp, target, pred, strict=True)]
    dice = [2 * t / (a + b) for t, a, b in zip(tp, target, pred, strict=True)]
    chance = sum(a * b for a, b in zip(target, pred, strict=True)) / total**2
    return {
        "mean_iou": sum(iou) / classes,
        "mean_dice": sum(dice) / classes,
        "mean_accuracy": sum(t / a for t, a in zip(tp, target, strict=True)) / classes,
        "pixel_accuracy": sum(tp) / total,
        "frequency_weighted_iou": sum(a * x for a, x in zip(target, iou, strict=True)) / total,
        "kappa": (sum(tp) / total - chance) / (1 - chance),
        "foreground_iou": iou[-1],
        "foreground_dice": dice[-1],
    }


@pytest.mark.parametrize("seed", range(20))
def test_metrics_of_fractions_are_rounded_once(seed: int) -> None:
    random = np.random.default_rng(seed)
    matrix = random.integers(1, 10 ** random.integers(1, 15), (2, 2) if seed % 2 else (7, 7))
    classes = BINARY if len(matrix) == 2 else Classes.of(len(matrix))
    counts = scores_of(classes, np.pad(matrix, ((0, 0), (0, 1)))).counts
    rational = [one for one in whole_metrics(classes, of_images=False) if one.rational]
    expected = naive(matrix)
    assert {one.name: nearest(one, counts) for one in rational} == {
        one.name: float(expected[one.name]) for one in rational
    }
    assert nearest(METRICS["mcc"], counts) is None


@pytest.mark.parametrize("tp", [(5, 9, 7), (9, 5, 7), (7, 6, 8), (1, 9, 9, 9, 9, 5)])
def test_means_that_rounding_puts_below_their_limit_pass(tp: tuple[int, ...]) -> None:
    count = len(tp)
    wrong = 10 - np.array(tp)
    scores = Scores(Classes.of(count), tp=tp, target=[10] * count, pred=tp, missed=wrong)
    assert scores.mean_accuracy == 0.6999999999999998
    for name in ("mean_accuracy", "mean_iou"):
        passed = GateResult(name, True, "0.700000, at least 0.7 is asked for")
        assert scores.check(f"{name}=0.7") == scores.check({name: 0.7}) == (passed,)


def below(total: int) -> Scores:
    """Return scores of one pixel less than 7 of 10."""
    tp = 7 * total // 10 - 1
    return Scores(Classes(["a"]), tp=[tp], target=[total], pred=[tp], missed=[total - tp])


@pytest.mark.parametrize("digits", [2, 6, 12, 15])
def test_a_pixel_less_fails(digits: int) -> None:
    (gate,) = below(10**digits).check({"mean_accuracy": 0.7})
    assert not gate.passed


def test_a_number_passes_as_its_own_limit() -> None:
    random = np.random.default_rng(0)
    for _ in range(50):
        matrix = random.integers(1, 1000, (5, 5))
        scores = scores_of(Classes.of(5), np.pad(matrix, ((0, 0), (0, 1))))
        for metric in whole_metrics(scores.classes, of_images=False):
            found = nearest(metric, scores.counts)
            limit = getattr(scores, metric.name) if found is None else found
            assert scores.check({metric.name: limit}), metric.name


def test_what_is_no_ratio_has_a_tolerance() -> None:
    wrong = 0
    for a, b in ((3, 2), (6, 4), (12, 8), (15, 10), (21, 14), (27, 18)):  # MCC and kappa are 0.2
        scores = scores_of(BINARY, [[a, b, 0], [b, a, 0]])
        wrong += scores.mcc < 0.2
        assert scores.check({"mcc": 0.2, "kappa": 0.2}) == (
            GateResult("mcc", True, "0.200000, at least 0.2 is asked for"),
            GateResult("kappa", True, "0.200000, at least 0.2 is asked for"),
        )
        assert not scores.check({"mcc": 0.2 + 1e-11})
    assert wrong


def images(*ious: tuple[tuple[int, int], ...]) -> Evaluation:
    """Return images whose classes have so many right pixels of so many; the others are of no target."""
    count = max(map(len, ious))
    pairs = []
    for image in ious:
        target = np.repeat(np.arange(len(image)), [whole for _, whole in image])
        right = np.concatenate([np.arange(whole) < tp for tp, whole in image])
        pairs.append((np.where(right, target, count), target))
    return results.evaluated(Classes.of(count + 1), pairs)


def test_images_at_a_threshold_are_right() -> None:
    ev = images(
        ((5, 10), (9, 10), (7, 10)),
        ((7, 10), (6, 10), (8, 10)),
        ((1, 10), (9, 10), (9, 10), (9, 10), (9, 10), (5, 10)),
        ((3, 5), (4, 5)),
        ((7, 10),),
        ((69, 100),),
    )
    assert (ev.images.mean_image_iou[:3] < 0.7).all()
    assert ev.correct_at(0.7).images == 5
    assert ev.correct_curve([0.1, 0.7, 0.9]).images.tolist() == [6, 5, 0]
    assert ev.correct_curve().images[70] == 5
    assert ev.metric("correct_at(0.7).image_share") == 5 / 6
    assert ev.select(ev.names[:5]).check({"mean_image_iou": 0.7})
    (share,) = ev.check({"correct_at(0.7).image_share": 0.83})
    assert share.sentence == "0.833333, at least 0.83 is asked for, on 6 images"


def test_means_over_very_many_classes_have_the_tolerance() -> None:
    tp = np.array([1, 9, 8, 8, 9] * 819 + [7, 7])  # 0.7 but for rounding
    scores = Scores(Classes.of(4097), tp=tp, target=[10] * 4097, pred=tp, missed=10 - tp)
    assert nearest(METRICS["mean_accuracy"], scores.counts) is None
    assert scores.check({"mean_accuracy": 0.7})
