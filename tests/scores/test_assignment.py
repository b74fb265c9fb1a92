"""The best assignment is that which a look at all of them finds."""

from itertools import permutations

import numpy as np
import pytest

from segscore.scores.assignment import assigned, best_assignment


@pytest.mark.parametrize("size", range(7))
def test_no_other_assignment_has_a_higher_sum(size: int) -> None:
    rng = np.random.default_rng(size)
    rows = np.arange(size)
    for number in range(30):
        # Every other one has many that are equally good.
        gain = rng.random((size, size)) if number % 2 else rng.integers(3, size=(size, size)).astype(float)
        found = best_assignment(gain)
        assert sorted(found.tolist()) == rows.tolist()
        best = max(gain[rows, list(order)].sum() for order in permutations(range(size)))
        assert gain[rows, found].sum() == pytest.approx(best)


def test_an_assignment_of_many_is_found() -> None:
    rng = np.random.default_rng(0)
    order = rng.permutation(300)
    gain = rng.random((300, 300)) / 20
    gain[np.arange(300), order] += 0.5
    assert best_assignment(gain).tolist() == order.tolist()


@pytest.mark.parametrize("seed", range(60))
def test_pairs_have_the_highest_sum_where_not_the_most_are_asked_for(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, columns = rng.integers(0, 6, 2).tolist()
    there = np.argwhere(rng.random((rows, columns)) < 0.6)
    # Few values tie often.
    iou = rng.integers(1, 5, len(there)) / 4 if seed % 2 else rng.random(len(there))
    chosen = assigned(there[:, 0], there[:, 1] + 100, iou, most=False)
    assert chosen.tolist() == sorted({*chosen.tolist()})
    for side in there[chosen].T:
        assert len({*side.tolist()}) == len(chosen)
    gain = np.zeros((rows, columns + rows))
    gain[there[:, 0], there[:, 1]] = iou
    at = np.arange(rows)
    best = max(gain[at, list(order)].sum() for order in permutations(range(columns + rows), rows))
    assert iou[chosen].sum() == pytest.approx(best, abs=1e-12)
