"""The most matches that there can be, and of these the ones of the highest sum: an assignment problem."""

from collections.abc import Iterator

import numpy as np

from segscore.base.values import Floats, Ints


def assigned(target: Ints, pred: Ints, iou: Floats, *, most: bool = True) -> Ints:
    """Return the numbers of pairs, int64 (m,), that match as many objects as can, by the highest sum of IoU.

    Where not the `most` are to match, the sum alone is the highest. Pairs are of rows of one table, so that
    no number is on both sides.
    """
    if most:
        return _assigned(target, pred, iou, 1)
    sure = _sure(target, pred, iou)
    left = np.flatnonzero(~np.isin(target, target[sure]) & ~np.isin(pred, pred[sure]))
    return np.sort(np.append(sure, left[_assigned(target[left], pred[left], iou[left], 0)]))


def _sure(target: Ints, pred: Ints, iou: Floats) -> Ints:
    """Return the numbers of pairs that are in some assignment of the highest sum, int64 (m,).

    Without such a pair, its objects are in one other pair each at most, and these sum to no more than it.
    """
    others = np.zeros(len(iou))
    for of in (target, pred):
        order = np.lexsort((-iou, of))
        first = np.ones(len(of), dtype=np.bool_)
        first[1:] = np.diff(of[order]) > 0
        best = iou[order[first]][np.cumsum(first) - 1]
        second = 1 + np.flatnonzero(~first[1:] & first[:-1])
        of_first = np.zeros(len(iou))
        of_first[second - 1] = iou[order[second]]
        others[order] += np.where(first, of_first, best)
    # Of equal ones that share an object, one is taken.
    sure = np.flatnonzero(iou >= others)
    for of in (target, pred):
        sure = sure[np.unique(of[sure], return_index=True)[1]]
    return sure


def _assigned(target: Ints, pred: Ints, iou: Floats, match: int) -> Ints:
    """Return the numbers of pairs of the highest sum of IoU, beside what a match is worth by itself."""
    found: list[int] = []
    for part in _connected(target, pred):
        rows, at_row = np.unique(target[part], return_inverse=True)
        columns, at_column = np.unique(pred[part], return_inverse=True)
        gain = np.zeros((len(rows), len(columns)))
        # One match more weighs more than any IoU of the others.
        gain[at_row, at_column] = match + iou[part] / (2 * min(gain.shape))
        number = np.full(gain.shape, -1)
        number[at_row, at_column] = part
        wide = gain.shape[0] <= gain.shape[1]
        chosen = best_assignment(gain if wide else gain.T)
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


def best_assignment(gain: Floats) -> Ints:
    """Return the column of each row, all different, with the highest sum of gains, float64 (n, m), n <= m.

    Rows are taken in one after the other, each along the cheapest path of exchanges (H. W. Kuhn, 1955; R.
    Jonker, A. Volgenant, Computing 38 (1987)); time grows with n**2 m.
    """
    rows, columns = gain.shape
    # Row and column 0 stand for what is not assigned yet.
    cost = np.zeros((rows + 1, columns + 1))
    cost[1:, 1:] = gain.max(initial=0) - gain
    of_row, of_column = np.zeros(rows + 1), np.zeros(columns + 1)
    row_at = np.zeros(columns + 1, dtype=np.int64)
    for row in range(1, rows + 1):
        row_at[0], at = row, 0
        least, before = np.full(columns + 1, np.inf), np.zeros(columns + 1, dtype=np.int64)
        done = np.zeros(columns + 1, dtype=np.bool_)
        while row_at[at]:
            done[at] = True
            reduced = cost[row_at[at]] - of_row[row_at[at]] - of_column
            nearer = ~done & (reduced < least)
            least[nearer], before[nearer] = reduced[nearer], at
            at = int(np.where(done, np.inf, least).argmin())
            step = least[at]
            of_row[row_at[done]] += step
            of_column[done] -= step
            least[~done] -= step
        while at:
            row_at[at] = row_at[before[at]]
            at = int(before[at])
    taken = np.flatnonzero(row_at[1:])
    found = np.empty(rows, dtype=np.int64)
    found[row_at[1:][taken] - 1] = taken
    return found
