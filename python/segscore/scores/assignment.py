"""The most matches that there can be, and of these the ones of the highest sum: an assignment problem."""

from collections.abc import Iterator

import numpy as np

from segscore.base.values import Floats, Ints


def assigned(target: Ints, pred: Ints, iou: Floats) -> Ints:
    """Return the numbers of pairs, int64 (m,), that match as many objects as can, by the highest IoU.

    Pairs are of rows of one table, so that no number is on both sides.
    """
    found: list[int] = []
    for part in _connected(target, pred):
        rows, at_row = np.unique(target[part], return_inverse=True)
        columns, at_column = np.unique(pred[part], return_inverse=True)
        # One match more weighs more than any IoU of the others.
        gain = np.zeros((len(rows), len(columns)))
        gain[at_row, at_column] = 1 + iou[part] / (2 * min(gain.shape))
        number = np.full(gain.shape, -1)
        number[at_row, at_column] = part
        wide = gain.shape[0] <= gain.shape[1]
        chosen = _hungarian(-gain if wide else -gain.T)
        pairs = enumerate(chosen) if wide else ((row, column) for column, row in enumerate(chosen))
        found += [int(number[row, column]) for row, column in pairs if number[row, column] >= 0]
    return np.array(sorted(found), dtype=np.int64)


def _connected(target: Ints, pred: Ints) -> Iterator[Ints]:
    """Yield the numbers of pairs that hang together by an object."""
    parent: dict[int, int] = {}

    def root(row: int) -> int:
        while parent.setdefault(row, row) != row:
            parent[row] = row = parent[parent[row]]
        return row

    for one, other in zip(target.tolist(), pred.tolist(), strict=True):
        parent[root(one)] = root(other)
    roots = np.array([root(row) for row in target.tolist()], dtype=np.int64)
    order = np.argsort(roots, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(roots[order])) + 1)


def _hungarian(cost: Floats) -> list[int]:
    """Return the column of each row at the lowest sum of costs, float64 (n, m) with n <= m.

    It adds row by row along shortest paths (H. W. Kuhn, "The Hungarian method for the assignment problem",
    1955; in O(n**2 m), after R. Jonker and A. Volgenant, 1987).
    """
    rows, columns = cost.shape
    of_row, of_column = np.zeros(rows + 1), np.zeros(columns + 1)
    owner = [rows] * (columns + 1)  # the row of each column; behind the last one stands that to be placed
    for row in range(rows):
        owner[columns] = row
        at = columns
        least = np.full(columns, np.inf)
        before = np.full(columns, columns)
        used = np.zeros(columns + 1, dtype=np.bool_)
        while owner[at] != rows:
            used[at] = True
            reduced = cost[owner[at]] - of_row[owner[at]] - of_column[:columns]
            better = ~used[:columns] & (reduced < least)
            least[better], before[better] = reduced[better], at
            free = np.where(used[:columns], np.inf, least)
            nearest = int(free.argmin())
            step = free[nearest]
            for column in np.flatnonzero(used).tolist():
                of_row[owner[column]] += step
                of_column[column] -= step
            least[~used[:columns]] -= step
            at = nearest
        while at != columns:
            previous = int(before[at])
            owner[at] = owner[previous]
            at = previous
    found = [0] * rows
    for column in range(columns):
        if owner[column] != rows:
            found[owner[column]] = column
    return found
