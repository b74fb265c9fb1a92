"""The formulas on examples that are worked out by hand, and on the largest counts and class numbers."""

import math
import tracemalloc

import numpy as np
import pytest

from segscore.scores import metrics

NAN = float("nan")


def arrays(matrix):
    """Return tp, target, pred and total of a matrix of K rows and K + 1 columns, the last one "none"."""
    matrix = np.array(matrix, dtype=np.int64)
    return np.diagonal(matrix), matrix.sum(axis=1), matrix[:, :-1].sum(axis=0), int(matrix.sum())


def test_three_classes_worked_out_by_hand():
    # target \ pred   a   b   c  none   sum
    # a              50  10   0    0     60
    # b               5  20   0    5     30
    # c               0   0   0   10     10
    # sum            55  30   0   15    100
    tp, target, pred, total = arrays([[50, 10, 0, 0], [5, 20, 0, 5], [0, 0, 0, 10]])
    # IoU: 50 / (60 + 55 - 50) = 50/65, 20 / (30 + 30 - 20) = 1/2, 0 / 10 = 0
    assert metrics.iou(tp, target, pred).tolist() == [50 / 65, 0.5, 0.0]
    # Dice: 100 / 115, 40 / 60, 0 / 10
    assert metrics.dice(tp, target, pred).tolist() == [100 / 115, 40 / 60, 0.0]
    # Precision: 50 / 55, 20 / 30, and c is never predicted
    np.testing.assert_array_equal(metrics.precision(tp, pred), [50 / 55, 20 / 30, NAN])
    # Recall: 50 / 60, 20 / 30, 0 / 10
    assert metrics.recall(tp, target).tolist() == [50 / 60, 20 / 30, 0.0]
    # Specificity: false positives are 5, 10 and 0, so 35 / 40, 60 / 70, 90 / 90
    assert metrics.specificity(tp, target, pred, total).tolist() == [35 / 40, 60 / 70, 1.0]
    # Accuracy: 70 / 100
    assert metrics.pixel_accuracy(tp, total) == 0.7
    # Frequency weighted: 0.6 * 50/65 + 0.3 * 1/2 + 0.1 * 0 = 0.611538...
    everywhere = np.ones(3, dtype=bool)
    weighted = metrics.frequency_weighted_iou(tp, target, pred, everywhere)
    assert weighted == pytest.approx(0.6 * 50 / 65 + 0.15, abs=1e-15)
    # Kappa: p_e = (60 * 55 + 30 * 30 + 10 * 0) / 10,000 = 0.42, so (0.70 - 0.42) / 0.58 = 28 / 58
    assert metrics.kappa(tp, target, pred, total) == pytest.approx(28 / 58, abs=1e-15)
    # MCC: numerator 70 * 100 - 4,200 = 2,800; 10,000 - (3,600 + 900 + 100) = 5,400;
    # 10,000 - (3,025 + 900 + 0 + 225) = 5,850
    assert metrics.mcc(tp, target, pred, total) == pytest.approx(2800 / math.sqrt(5400 * 5850), abs=1e-15)


def test_predictions_that_are_no_class_cost_as_much_as_wrong_ones():
    # 8 of 10 pixels of a are right; the other 2 are of b in one case, of no class in the other.
    wrong = arrays([[8, 2, 0], [0, 10, 0]])
    none = arrays([[8, 0, 2], [0, 10, 0]])
    assert metrics.pixel_accuracy(wrong[0], wrong[3]) == metrics.pixel_accuracy(none[0], none[3]) == 0.9
    assert metrics.iou(*wrong[:3])[0] == metrics.iou(*none[:3])[0] == 0.8
    assert metrics.recall(*none[:2])[0] == 0.8


def test_a_mean_over_no_class_is_undefined():
    nowhere = np.zeros(2, dtype=bool)
    tp, target, pred, _ = arrays([[1, 0, 0], [0, 1, 0]])
    assert np.isnan(metrics.class_mean(metrics.iou(tp, target, pred), nowhere))
    assert np.isnan(metrics.frequency_weighted_iou(tp, target, pred, nowhere))


@pytest.mark.parametrize(("matrix", "kappa"), [([[7, 0, 0], [0, 0, 0]], NAN), ([[4, 0, 0], [3, 0, 0]], 0)])
def test_one_class_on_both_sides_or_predicted_alone_is_no_agreement_beyond_chance(matrix, kappa):
    tp, target, pred, total = arrays(matrix)
    np.testing.assert_equal(float(metrics.kappa(tp, target, pred, total)), kappa)
    assert np.isnan(metrics.mcc(tp, target, pred, total))


def test_two_to_the_62_pixels_do_not_overflow():
    tp, target, pred, total = arrays([[2**61, 2**60, 0], [2**58, 2**60 - 2**58, 0]])
    assert total == 2**62
    # In units of 2**58: rows (8, 4) and (1, 3), so target (12, 4), pred (9, 7), 16 in all.
    assert metrics.iou(tp, target, pred).tolist() == [8 / 13, 3 / 8]
    assert metrics.dice(tp, target, pred).tolist() == [16 / 21, 6 / 11]
    assert metrics.specificity(tp, target, pred, total).tolist() == [3 / 4, 8 / 12]
    assert metrics.pixel_accuracy(tp, total) == 11 / 16
    # p_e = (12 * 9 + 4 * 7) / 256 = 136 / 256; (176 - 136) / (256 - 136) = 1/3
    assert metrics.kappa(tp, target, pred, total) == pytest.approx(1 / 3, abs=1e-15)
    # (8 * 3 - 4 * 1) / sqrt(12 * 4 * 9 * 7) = 20 / sqrt(3,024)
    assert metrics.mcc(tp, target, pred, total) == pytest.approx(20 / math.sqrt(3024), abs=1e-15)


@pytest.mark.parametrize("right", [0, 1, 500, 999, 1000])
def test_a_thousand_pixels_among_2_to_the_60_are_not_rounded_away(right):
    # Class 1 has 1,000 pixels and is predicted 1,000 times, `right` of them rightly. With n = 2**60 the
    # other class is so large that kappa and MCC are both (right - 1000**2 / n) / (1000 - 1000**2 / n).
    wrong = 1000 - right
    matrix = [[2**60 - 1000 - wrong, wrong, 0], [wrong, right, 0]]
    tp, target, pred, total = arrays(matrix)
    assert metrics.kappa(tp, target, pred, total) == pytest.approx(right / 1000, abs=1e-14)
    assert metrics.mcc(tp, target, pred, total) == pytest.approx(right / 1000, abs=1e-14)


def test_65_536_classes_need_vectors_only():
    count = 65_536
    tp, target = np.full(count, 3, dtype=np.int64), np.full(count, 4, dtype=np.int64)
    total = int(target.sum())
    tracemalloc.start()
    iou = metrics.iou(tp, target, target)
    kappa = metrics.kappa(tp, target, target, total)
    mcc = metrics.mcc(tp, target, target, total)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert iou.tolist() == [0.6] * count
    # Each class has the share 1/K of target and prediction, so p_e = 1/K.
    expected = (0.75 - 1 / count) / (1 - 1 / count)
    assert kappa == pytest.approx(expected, abs=1e-14)
    assert mcc == pytest.approx(expected, abs=1e-14)
    assert peak < 32 * count * 8
