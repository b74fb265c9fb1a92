"""The formulas against their definitions, worked out in exact arithmetic from a full confusion matrix."""

import math
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from segscore.scores import metrics

NAN = float("nan")
LARGEST_TOTAL = 2**62


# The definitions. A matrix is a list of K rows of K + 1 Python integers; the last column is "none".


def margins(matrix):
    """Return tp, target, pred and total of a matrix."""
    count = len(matrix)
    tp = [matrix[k][k] for k in range(count)]
    target = [sum(matrix[k]) for k in range(count)]
    pred = [sum(matrix[j][k] for j in range(count)) for k in range(count)]
    return tp, target, pred, sum(target)


def ratio(part, whole):
    return Fraction(part, whole) if whole else None


def per_class_by_definition(matrix):
    """Return the per-class scores of a matrix, None where undefined, cell by cell."""
    count = len(matrix)
    names = ("iou", "dice", "precision", "recall", "specificity", "f2")
    scores = {name: [] for name in names}
    for k in range(count):
        true_pos = false_pos = false_neg = true_neg = 0
        for i in range(count):
            for j in range(count + 1):
                if i == k and j == k:
                    true_pos += matrix[i][j]
                elif i == k:
                    false_neg += matrix[i][j]
                elif j == k:
                    false_pos += matrix[i][j]
                else:
                    true_neg += matrix[i][j]
        scores["iou"].append(ratio(true_pos, true_pos + false_pos + false_neg))
        scores["dice"].append(ratio(2 * true_pos, 2 * true_pos + false_pos + false_neg))
        scores["precision"].append(ratio(true_pos, true_pos + false_pos))
        scores["recall"].append(ratio(true_pos, true_pos + false_neg))
        scores["specificity"].append(ratio(true_neg, true_neg + false_pos))
        scores["f2"].append(ratio(5 * true_pos, 5 * true_pos + 4 * false_neg + false_pos))
    return scores


def mean_by_definition(values, chosen):
    kept = [value for value, wanted in zip(values, chosen, strict=True) if wanted and value is not None]
    return ratio(sum(kept), len(kept))


def frequency_weighted_by_definition(matrix, chosen):
    _, target, _, _ = margins(matrix)
    iou = per_class_by_definition(matrix)["iou"]
    kept = [(n, v) for n, v, wanted in zip(target, iou, chosen, strict=True) if wanted and n]
    return sum(n * v for n, v in kept) / sum(n for n, _ in kept) if kept else None


def kappa_by_definition(matrix):
    tp, target, pred, total = margins(matrix)
    if not total:
        return None
    observed = Fraction(sum(tp), total)
    expected = Fraction(sum(t * p for t, p in zip(target, pred, strict=True)), total**2)
    return (observed - expected) / (1 - expected) if expected != 1 else None


def mcc_by_definition(matrix):
    tp, target, pred, total = margins(matrix)
    columns = [*pred, total - sum(pred)]
    numerator = sum(tp) * total - sum(t * p for t, p in zip(target, pred, strict=True))
    of_target = total**2 - sum(t * t for t in target)
    of_pred = total**2 - sum(p * p for p in columns)
    if not of_target * of_pred:
        return None
    with localcontext(prec=80):
        return Decimal(numerator) / Decimal(of_target * of_pred).sqrt()


def as_float(value):
    return NAN if value is None else float(value)


def arrays(matrix):
    """Return tp, target and pred as int64 arrays, and the total."""
    *vectors, total = margins(matrix)
    return *(np.array(v, dtype=np.int64) for v in vectors), total


def assert_close(found, expected):
    __tracebackhide__ = True
    expected = np.array([as_float(v) for v in expected]) if isinstance(expected, list) else as_float(expected)
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-14)


@st.composite
def matrices(draw, missed=True, largest=LARGEST_TOTAL):
    """Matrices of 1 to 6 classes: mostly empty, small, large, and as large as they may be."""
    count = draw(st.integers(1, 6))
    cell = st.one_of(
        st.just(0),
        st.integers(0, 3),
        st.integers(0, 10**6),
        st.integers(0, largest // (count * (count + 1))),
    )
    rows = [draw(st.lists(cell, min_size=count, max_size=count)) for _ in range(count)]
    return [[*row, draw(cell) if missed else 0] for row in rows]


def per_class(tp, target, pred, total):
    """Return the scores of classes by name."""
    return {
        "iou": metrics.iou(tp, target, pred),
        "dice": metrics.dice(tp, target, pred),
        "precision": metrics.precision(tp, pred),
        "recall": metrics.recall(tp, target),
        "specificity": metrics.specificity(tp, target, pred, total),
        "f2": metrics.f_beta(tp, target, pred, 2.0),
    }


def of_the_whole(tp, target, pred, total, in_mean):
    """Return the scores of the whole by name."""
    return {
        "mean_iou": metrics.class_mean(metrics.iou(tp, target, pred), in_mean),
        "mean_recall": metrics.class_mean(metrics.recall(tp, target), in_mean),
        "frequency_weighted_iou": metrics.frequency_weighted_iou(tp, target, pred, in_mean),
        "pixel_accuracy": metrics.pixel_accuracy(tp, total),
        "kappa": metrics.kappa(tp, target, pred, total),
        "mcc": metrics.mcc(tp, target, pred, total),
    }


@given(matrices(), st.data())
def test_scores_are_what_their_definitions_give(matrix, data):
    chosen = data.draw(st.lists(st.booleans(), min_size=len(matrix), max_size=len(matrix)))
    expected = per_class_by_definition(matrix)
    expected |= {
        "mean_iou": mean_by_definition(expected["iou"], chosen),
        "mean_recall": mean_by_definition(expected["recall"], chosen),
        "frequency_weighted_iou": frequency_weighted_by_definition(matrix, chosen),
        "pixel_accuracy": ratio(sum(margins(matrix)[0]), margins(matrix)[3]),
        "kappa": kappa_by_definition(matrix),
        "mcc": mcc_by_definition(matrix),
    }
    found = per_class(*arrays(matrix)) | of_the_whole(*arrays(matrix), np.array(chosen))
    assert found.keys() == expected.keys()
    for name, values in found.items():
        assert_close(values, expected[name])


@given(matrices())
def test_every_score_is_in_its_range(matrix):
    everywhere = np.ones(len(matrix), dtype=bool)
    for name, values in (per_class(*arrays(matrix)) | of_the_whole(*arrays(matrix), everywhere)).items():
        least = -1 if name in ("kappa", "mcc") else 0
        assert np.all(np.isnan(values) | ((values >= least) & (values <= 1))), name


@pytest.mark.parametrize("count", [1, 2, 19])
def test_without_pixels_everything_is_undefined(count):
    zero, everywhere = np.zeros(count, dtype=np.int64), np.ones(count, dtype=bool)
    nothing = (zero, zero, zero, 0)
    for name, values in (per_class(*nothing) | of_the_whole(*nothing, everywhere)).items():
        assert values.dtype == np.float64, name
        assert np.isnan(values).all(), name


@given(matrices())
def test_dice_follows_from_iou(matrix):
    tp, target, pred, _ = arrays(matrix)
    iou = metrics.iou(tp, target, pred)
    np.testing.assert_allclose(metrics.dice(tp, target, pred), 2 * iou / (1 + iou), rtol=1e-14)


@given(matrices())
def test_f_beta_runs_from_precision_over_dice_to_recall(matrix):
    tp, target, pred, _ = arrays(matrix)
    both = (target > 0) & (pred > 0)
    f_0, f_1, f_inf = (metrics.f_beta(tp, target, pred, beta) for beta in (0.0, 1.0, math.inf))
    np.testing.assert_allclose(f_0[both], metrics.precision(tp, pred)[both], rtol=1e-14)
    np.testing.assert_allclose(f_1, metrics.dice(tp, target, pred), rtol=1e-14)
    np.testing.assert_allclose(f_inf[both], metrics.recall(tp, target)[both], rtol=1e-14)


@given(hnp.arrays(np.int64, st.integers(1, 8), elements=st.integers(0, LARGEST_TOTAL // 8)))
def test_a_perfect_prediction_scores_exactly_one(target):
    perfect = (target, target, target, int(target.sum()))
    one_if_present = np.where(target > 0, 1.0, NAN)
    for name, values in per_class(*perfect).items():
        if name != "specificity":
            np.testing.assert_array_equal(values, one_if_present, err_msg=name)
    beyond_chance = 1.0 if (target > 0).sum() > 1 else NAN
    for name, value in of_the_whole(*perfect, np.ones(target.size, dtype=bool)).items():
        somewhere = beyond_chance if name in ("kappa", "mcc") else 1.0
        np.testing.assert_array_equal(value, somewhere if target.any() else NAN, err_msg=name)


@given(matrices(missed=False))
def test_kappa_and_mcc_do_not_tell_target_from_prediction(matrix):
    tp, target, pred, total = arrays(matrix)
    for score in (metrics.kappa, metrics.mcc):
        np.testing.assert_allclose(
            score(tp, target, pred, total), score(tp, pred, target, total), rtol=0, atol=1e-14
        )


@given(matrices(largest=10**9), st.integers(2, 1000), st.randoms())
def test_kappa_and_mcc_depend_on_shares_and_not_on_order(matrix, factor, random):
    tp, target, pred, total = arrays(matrix)
    order = list(range(len(matrix)))
    random.shuffle(order)
    for score in (metrics.kappa, metrics.mcc):
        np.testing.assert_allclose(
            score(tp[order] * factor, target[order] * factor, pred[order] * factor, total * factor),
            score(tp, target, pred, total),
            rtol=0,
            atol=1e-13,
        )


@given(
    st.lists(st.integers(1, 10**6), min_size=2, max_size=5),
    st.lists(st.integers(1, 10**6), min_size=5, max_size=5),
)
def test_kappa_and_mcc_of_independent_maps_are_zero(rows, columns):
    matrix = [[row * column for column in columns[: len(rows)]] + [0] for row in rows]
    tp, target, pred, total = arrays(matrix)
    assert metrics.kappa(tp, target, pred, total) == pytest.approx(0.0, abs=1e-14)
    assert metrics.mcc(tp, target, pred, total) == pytest.approx(0.0, abs=1e-14)


@given(st.tuples(*[st.integers(0, 10**6)] * 4))
def test_mcc_of_two_classes_is_matthews_coefficient(cells):
    true_neg, false_pos, false_neg, true_pos = cells
    tp, target, pred, total = arrays([[true_neg, false_pos, 0], [false_neg, true_pos, 0]])
    product = (
        (true_pos + false_pos) * (true_pos + false_neg) * (true_neg + false_pos) * (true_neg + false_neg)
    )
    numerator = true_pos * true_neg - false_pos * false_neg
    expected = numerator / math.sqrt(product) if product else NAN
    np.testing.assert_allclose(metrics.mcc(tp, target, pred, total), expected, rtol=0, atol=1e-13)


@given(st.data())
def test_a_leading_axis_is_a_loop(data):
    count, cases = data.draw(st.integers(1, 5)), data.draw(st.integers(0, 4))
    cells = hnp.arrays(np.int64, (cases, 2, count, count + 1), elements=st.integers(0, 5))
    stack = data.draw(cells)
    in_mean = data.draw(hnp.arrays(bool, count))
    tp = np.diagonal(stack, axis1=-2, axis2=-1)
    target, pred = stack.sum(axis=-1), stack[..., :count].sum(axis=-2)
    total = target.sum(axis=-1)

    def every_score(*counts):
        return per_class(*counts) | of_the_whole(*counts, in_mean)

    batches = every_score(tp, target, pred, total)
    assert all(batch.shape[:2] == (cases, 2) for batch in batches.values())
    for index in np.ndindex(cases, 2):
        each = every_score(tp[index], target[index], pred[index], total[index])
        for name, batch in batches.items():
            np.testing.assert_array_equal(batch[index], each[name], err_msg=name)
