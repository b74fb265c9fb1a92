"""Which class stands for which: the assignment of rows to columns with the highest sum."""

import numpy as np
import numpy.typing as npt

from segscore.base.values import Ints


def best_assignment(gain: npt.NDArray[np.float64]) -> Ints:
    """Return the column of each row of a square matrix, all different, with the highest sum of gains.

    Rows are taken in one after the other, each along the cheapest path of exchanges (R. Jonker, A. Volgenant,
    Computing 38 (1987)); time grows with the third power of the size.
    """
    count = len(gain)
    # Row and column 0 stand for what is not assigned yet.
    cost = np.zeros((count + 1, count + 1))
    cost[1:, 1:] = gain.max(initial=0) - gain
    of_row, of_column = np.zeros(count + 1), np.zeros(count + 1)
    row_at = np.zeros(count + 1, dtype=np.int64)
    for row in range(1, count + 1):
        row_at[0], at = row, 0
        least, before = np.full(count + 1, np.inf), np.zeros(count + 1, dtype=np.int64)
        done = np.zeros(count + 1, dtype=np.bool_)
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
    columns = np.empty(count, dtype=np.int64)
    columns[row_at[1:] - 1] = np.arange(count)
    return columns
