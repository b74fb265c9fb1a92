"""ConfusionMatrix at the ends of its range: very many classes, very many pixels, very many updates."""

import pickle
import subprocess
import sys
import time
import tracemalloc

import numpy as np
import pytest

from segscore.errors import LabelError, SegscoreError
from segscore.results.confusion import ConfusionMatrix
from support.refused import refused
from support.results import evaluated

MANY = 65_536


@pytest.mark.slow
def test_many_classes_are_scored_without_a_matrix_of_their_square():
    """A matrix of 65,536 x 65,536 counts would have 32 GB."""
    cm = ConfusionMatrix(MANY, ignore_index=[3, 70_000])
    target = np.arange(MANY, dtype=np.int32)
    pred = target.copy()
    pred[-10:] = 0
    tracemalloc.start()
    cm.update(pred=pred, target=target)
    cm.update(pred=target, target=np.full(MANY, 70_000))
    scores = cm.scores
    values = (scores.mean_iou, scores.mean_dice, scores.kappa, scores.mcc, scores.iou, str(scores), repr(cm))
    total = pickle.loads(pickle.dumps(cm + cm)).scores
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 256 << 20
    # Classes 1 to 65,525 without 3 are right, 0 is right once in eleven, the last ten are never found.
    assert values[0] == pytest.approx((MANY - 12 + 1 / 11) / (MANY - 1), abs=1e-15)
    assert np.isnan(scores.iou[3])
    assert scores.pixel_accuracy == (MANY - 11) / (MANY - 1)
    assert cm.ignored == MANY + 1
    assert total.pixels == 2 * scores.pixels
    assert total.mean_iou == scores.mean_iou


def test_a_matrix_that_memory_does_not_hold_is_refused_and_rows_are_not():
    code = """
import resource, segscore
resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
cm = segscore.ConfusionMatrix(65_536, ignore_index=70_000)
cm.update(pred=[0, 0, 65_535], target=[0, 70_000, 65_535])
print([column.tolist() for column in cm.to_rows()])
cm.counts
"""
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert process.stdout == "[[0, 65535, 70000], [0, 65535, 0], [1, 1, 1]]\n"
    assert process.stderr.endswith(
        "segscore.errors.ArgumentError: a matrix of 65,536 x 65,536 classes takes 32.0 GiB\n"
        "hint: `to_rows()` returns its entries that are not 0\n"
    )


@pytest.mark.slow
def test_the_interval_of_one_number_of_many_classes_takes_no_sums_of_each():
    """Sums of 2,000 draws of all classes would be 3 GB, and took half a minute."""
    random = np.random.default_rng(0)
    pairs = [(random.integers(0, MANY, 5_000), random.integers(0, MANY, 5_000)) for _ in range(40)]
    ev = evaluated(MANY, pairs)
    begin = time.process_time()
    assert ev.confidence_interval("pixel_accuracy").reason is None
    assert time.process_time() - begin < 5


def test_labels_just_outside_many_classes_are_unknown():
    cm = ConfusionMatrix(MANY)
    for label in (-1, MANY):
        with pytest.raises(LabelError):
            cm.update(pred=[0], target=[label])
    cm.update(pred=[MANY - 1, 0], target=[MANY - 1, MANY - 1])
    assert cm.scores.iou[-1] == 0.5


def test_a_cell_above_32_bits_is_exact():
    """An array with a stride of 0 has 4.3 billion pixels and 64 KB."""
    row = np.zeros(MANY, dtype=np.uint8)
    row[0] = 1
    target = np.broadcast_to(row, (MANY + 1, MANY))
    cm = ConfusionMatrix(2)
    cm.update(pred=np.broadcast_to(row * 0, target.shape), target=target)
    assert cm.counts.tolist() == [[(MANY - 1) * (MANY + 1), 0], [MANY + 1, 0]]
    assert cm.counts[0, 0] == 2**32 - 1
    cm.update(pred=[0], target=[0])
    assert cm.counts[0, 0] == 2**32
    assert cm.scores.iou[0] == 2**32 / (2**32 + MANY + 1)


def test_sums_far_above_what_float64_counts_are_exact():
    one = ConfusionMatrix(2)
    one.update(pred=[0, 1], target=[0, 0])
    total, expected = one.copy(), 1
    for _ in range(61):
        total, expected = total + total + one, 2 * expected + 1
    assert total.counts.tolist() == [[expected, expected], [0, 0]]
    assert expected == 2**62 - 1
    assert total.pixels == 2**63 - 2
    assert total.scores.iou.tolist() == [0.5, 0]


def test_a_sum_that_leaves_64_bits_is_an_error_that_changes_nothing():
    one = ConfusionMatrix(2)
    one.update(pred=[0], target=[0])
    total = one
    for _ in range(62):
        total = total + total
    before = total.copy()
    assert total.pixels == 2**62
    with pytest.raises(SegscoreError, match="2\\*\\*63 pixels or more"):
        total + total
    assert total == before
    most = one
    for _ in range(61):
        most = most + most + one
    nearly = total + most  # of 2**62 - 1 pixels more
    assert nearly.pixels == 2**63 - 1
    with pytest.raises(SegscoreError, match="2\\*\\*63 pixels or more"):
        nearly.update(pred=[1], target=[0])
    assert nearly.pixels == 2**63 - 1
    assert nearly.counts.tolist() == [[2**63 - 1, 0], [0, 0]]


def test_more_pairs_than_classes_can_have_are_an_error_that_changes_nothing():
    shape = (2049, 2048)
    instances = np.arange(shape[0] * shape[1], dtype=np.int64).reshape(shape)
    cm = ConfusionMatrix(2)
    assert refused(LabelError, cm.update, pred=instances, target=instances) == (
        "more than 4194304 different pairs of labels in one image\n"
        "hint: are these instance ids? segscore compares classes"
    )
    assert cm.pixels == 0
