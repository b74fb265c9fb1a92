"""The best assignment is that which a look at all of them finds."""

from itertools import permutations

import numpy as np
import pytest

from segscore.scores.assignment import best_assignment


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
