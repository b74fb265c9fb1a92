"""Orders of classes by similarity: those that are confused are neighbours, and nothing else decides."""

import numpy as np
import pytest

from segscore.scores.similarity import by_similarity


def order_of(counts):
    counts = np.array(counts)
    target, pred = np.nonzero(counts)
    return by_similarity(target, pred, counts[target, pred], counts.sum(axis=1))


def test_classes_that_are_not_confused_stay_in_their_order():
    assert order_of(np.diag([5, 6, 7, 8])) == [0, 1, 2, 3]
    assert order_of([[5, 0, 3], [0, 5, 2]]) == [0, 1]  # what is called no class is not taken for another


def test_a_chain_of_confusions_is_laid_out_along_it():
    counts = np.diag([100] * 5)
    for a, b, pixels in ((0, 3, 50), (3, 1, 40), (1, 4, 30), (4, 2, 20)):
        counts[a, b] = pixels
    assert order_of(counts) == [0, 3, 1, 4, 2]


def test_shares_of_both_count_not_pixels():
    # 60 of 1,000 pixels of class 0 are called 1; class 2 has 10 pixels, of which 5 are called 0.
    counts = [[940, 60, 0], [0, 1000, 0], [5, 0, 5]]
    assert order_of(counts) == [1, 0, 2]


def test_a_class_that_is_confused_with_two_stands_between_them():
    counts = np.diag([100] * 3)
    counts[0, 2] = counts[2, 1] = 9
    assert order_of(counts) == [0, 2, 1]


@pytest.mark.parametrize("seed", range(5))
def test_planted_groups_stand_together_whatever_the_order_of_the_cells(seed):
    random = np.random.default_rng(seed)
    group = random.permutation(np.repeat(np.arange(6), 5))
    counts = np.where(
        group[:, None] == group, random.integers(50, 100, (30, 30)), random.integers(0, 3, (30, 30))
    )
    np.fill_diagonal(counts, 1_000)
    found = order_of(counts)
    assert sorted(found) == list(range(30))
    assert np.count_nonzero(np.diff(group[found])) == 5
    target, pred = np.nonzero(counts)
    shuffled = random.permutation(len(target))
    target, pred = target[shuffled], pred[shuffled]
    assert by_similarity(target, pred, counts[target, pred], counts.sum(axis=1)) == found


def test_a_class_that_is_only_predicted_is_placed_by_what_is_called_so():
    counts = np.diag([9, 9, 9, 0])
    counts[0, 3] = 5
    assert order_of(counts) == [0, 3, 1, 2]
