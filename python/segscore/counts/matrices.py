"""Matrices of counts that others have made, such as the metric class of a training loop, as rows."""

import numpy as np
import numpy.typing as npt

from segscore.base.shown import brief
from segscore.base.values import Ints, is_int
from segscore.classes.classes import Classes
from segscore.counts.rows import Rows
from segscore.errors import ArgumentError, DtypeError, ShapeError

_LIMIT = 1 << 63


def rows_of_counts(classes: Classes, counts: object, missed: object = None, ignored: int = 0) -> Rows:
    """Return pixels of target classes (rows) called predicted ones (columns) under labels that classes have.

    `missed` has the pixels of each target class that were called no class; they get a label that is none.
    What is raised is said by `ConfusionMatrix.from_counts`.
    """
    count = len(classes)
    matrix = _checked(counts, "`counts`", (count, count))
    outside = _checked(np.zeros(count, np.int64) if missed is None else missed, "`missed`", (count,))
    if not is_int(ignored) or not 0 <= ignored < _LIMIT:
        raise ArgumentError(
            f"`ignored` is {brief(ignored)}, expected a number of pixels", "leave it out for none"
        )
    if ignored and not classes.ignore:
        raise ArgumentError(
            f"{ignored:,} pixels are ignored, and the classes have no label for these",
            "name the label that is ignored, such as `ignore_index=255`",
        )
    total = sum(map(int, matrix.ravel())) + sum(map(int, outside)) + int(ignored)
    if total >= _LIMIT:
        raise ArgumentError(f"{total:,} pixels are more than 64 bits hold", "count fewer at once")
    labels = np.array(classes.labels, dtype=np.int64)
    pred_labels = np.array([own[0] for own in classes.all_pred_labels], dtype=np.int64)
    target, pred = np.nonzero(matrix)
    lost = np.flatnonzero(outside)
    rows = [
        (labels[target], pred_labels[pred], matrix[target, pred]),
        (labels[lost], np.full(len(lost), _no_class(classes)), outside[lost]),
    ]
    if ignored:
        rows.append((np.array(classes.ignore[:1]), pred_labels[:1], np.array([ignored])))
    columns = [np.concatenate(column).astype(np.int64) for column in zip(*rows, strict=True)]
    return columns[0], columns[1], columns[2]


def _no_class(classes: Classes) -> int:
    """Return the least label from 0 on that predictions of no class have."""
    held = {label for own in classes.all_pred_labels for label in own}
    return next(label for label in range(len(held) + 1) if label not in held)


def _checked(given: object, what: str, shape: tuple[int, ...]) -> Ints:
    """Return numbers of pixels of this shape, or raise what says what is wrong with them."""
    found: npt.NDArray[np.generic] = np.asarray(given)
    if found.dtype.kind not in "iu":
        raise DtypeError(
            f"{what} has the type {found.dtype}, expected integers",
            "counts are whole numbers of pixels: shares, as of a normalised matrix, cannot be used",
        )
    if found.shape != shape:
        raise ShapeError(
            f"{what} has the shape {found.shape}, expected {shape}",
            "one row a target class and one column a predicted one, in the order of the classes"
            if len(shape) > 1
            else "one number a target class, in their order",
        )
    if found.size and (int(found.min()) < 0 or int(found.max()) >= _LIMIT):
        raise ArgumentError(
            f"{what} holds {int(found.min() if int(found.min()) < 0 else found.max()):,}, "
            "expected numbers of pixels",
            "they are 0 or more",
        )
    return found.astype(np.int64)
