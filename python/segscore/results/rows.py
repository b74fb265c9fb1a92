"""Evaluations as rows of a data frame, one for each pair of labels of an image, and back again.

They are what engines and databases group, sum and keep: rows of parts under each other are those of the
whole. Rows that somebody gives are checked before they become an evaluation.
"""

import warnings
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from segscore.auditing.results import warning_text
from segscore.base.values import Ints
from segscore.base.wording import show
from segscore.classes.classes import Classes, ClassesLike
from segscore.counts.checks import check_labels
from segscore.counts.rows import rising
from segscore.counts.table import Table
from segscore.errors import ArgumentError, EvaluationError, SegscoreWarning, flag
from segscore.io.frames import Frame
from segscore.io.groups import Label
from segscore.results.evaluated import Evaluated
from segscore.text.frames import frame, texts

COLUMNS = ("name", "target", "pred", "pixels")
"""The columns of rows; `group` stands behind the name where images have groups."""
GROUP = "group"
_LIMIT = 1 << 63
_SHOWN = 10
"""Columns that an error names."""


def to_rows(evaluation: Evaluated, backend: str | None = None) -> Any:
    """Return the pair counts of all images as a data frame with a row for each pair of labels in an image.

    Parameters
    ----------
    evaluation : Evaluation
        Of any images.
    backend : "pandas", "polars" or "pyarrow", optional
        As for :meth:`segscore.Scores.to_frame`.

    Returns
    -------
    DataFrame, or Table of pyarrow
        Rows of an image are together, sorted by their labels, with these columns:

        - ``name``, text: the image. What is no valid UTF-8 has its undecodable bytes as escape sequences.
        - ``group``, text or int64: its group, where images have groups.
        - ``target``, int64: a label value of targets as masks hold it, that of void and other ignored pixels
          included.
        - ``pred``, int64: a label value of predictions, also one that is no class, whose pixels are missed.
        - ``pixels``, int64: how many pixels of the image have both; 0 in the one row of an image without
          pixels, else more.

    Raises
    ------
    ArgumentError
        If there is no such backend, a package is not installed, or two names become the same in UTF-8.

    Notes
    -----
    What rows do not hold is what was measured besides pair counts, failures, extra predictions, files and
    provenance: :meth:`segscore.Evaluation.save` keeps all of it.
    """
    names, (image, *counts) = encoded(evaluation.names), rows_of(evaluation.table, evaluation.classes)
    columns = {"name": names[image]}
    if evaluation.groups is not None:
        groups: Any = np.array(evaluation.groups)
        columns[GROUP] = (encoded(evaluation.groups) if groups.dtype.kind == "U" else groups)[image]
    return frame({**columns, **dict(zip(COLUMNS[1:], counts, strict=True))}, backend)


def encoded(names: Sequence[Any]) -> Any:
    """Return names as an array of texts in UTF-8, or raise ArgumentError where two become the same."""
    found = np.array([*texts(names), None], dtype=object)[:-1]
    if len(set(found)) != len(set(names)):
        raise ArgumentError(
            "two images have names that are the same as texts in UTF-8", "give them names that hold no bytes"
        )
    return found


def rows_of(table: Table, classes: Classes) -> tuple[Ints, Ints, Ints, Ints]:
    """Return image, labels and pixels of each row; an image without pixels has one that says so."""
    empty = np.flatnonzero(np.diff(table.offsets) == 0)
    if not len(empty):
        return table.image, *table.rows
    at, labels = table.offsets[empty], (classes.labels[0], classes.labels[0], 0)
    target, pred, pixels = (
        np.insert(column, at, label) for column, label in zip(table.rows, labels, strict=True)
    )
    return np.insert(table.image, at, empty), target, pred, pixels


def of_rows(
    classes: ClassesLike,
    rows: object,
    *,
    ignore_index: int | Iterable[int] | None,
    pred_classes: ClassesLike | Sequence[int] | None,
    strict: bool,
) -> dict[str, Any]:
    """Return the fields of the evaluation of rows, for `Evaluation.from_rows`.

    Parameters
    ----------
    classes, ignore_index, pred_classes, strict
        As for :class:`segscore.ConfusionMatrix`.
    rows : data frame, stream of Arrow, or mapping of str to columns
        With the columns of `to_rows`, in any order; ``group`` may be left out, others are passed over.
        Integers may have any number of bits.

    Returns
    -------
    dict
        Fields of an evaluation of the images that rows name, sorted by name; rows of an evaluator whose
        images had no names keep their order.

    Raises
    ------
    LabelError
        If a target is neither class nor ignored; or, with `strict`, a prediction is no class.
    DtypeError
        If labels or pixels are no integers, or names no texts.
    ArgumentError
        If a column or a value is missing; pixels are negative, or more than 64 bits hold; two rows are of the
        same image and labels, which would count it twice; or an image is in two groups.
    EvaluationError
        If there are no rows.
    """
    known = Classes.of(classes, ignore_index, pred_classes)
    strict = flag("strict", strict)
    given = Frame(rows, (*COLUMNS, GROUP))
    if absent := [name for name in COLUMNS if name not in given.names]:
        raise ArgumentError(
            f"rows have no column `{absent[0]}`, only {_listed(given.names)}",
            f"they have {', '.join(COLUMNS[:-1])} and {COLUMNS[-1]}: rename columns, or compute them",
        )
    each = given.texts("name")
    target, pred, pixels = (given.integers(name) for name in COLUMNS[1:])
    groups = given.labels(GROUP) if GROUP in given.names else None
    if len({len(each), len(target), len(pred), len(pixels)}) > 1:
        raise ArgumentError("columns of rows differ in length", "give one value a row in each")
    _check_pixels(each, pixels)
    names, image = _images(each)
    table = _table(names, image, (target, pred, pixels))
    if not names:
        raise EvaluationError("there are no images to score", "give at least one row")
    _check(known, names, table, strict=strict)
    kept = None if groups is None else tuple(_group_of(names, image, groups))
    return {"classes": known, "names": names, "table": table, "groups": kept}


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{show(str(name))}`" for name in names[:_SHOWN]) or "none"


def _check_pixels(names: Sequence[str], pixels: Ints) -> None:
    if len(pixels) and pixels.min() < 0:
        row = int(np.argmax(pixels < 0))
        raise ArgumentError(
            f"row {row:,}, of image {show(names[row])}, has {int(pixels[row]):,} pixels, expected 0 or more",
            "pixels are counts",
        )
    # Floats cannot hold such sums exactly, but tell which are near the limit.
    if pixels.sum(dtype=np.float64) > _LIMIT / 2 and sum(pixels.tolist()) >= _LIMIT:
        raise ArgumentError(
            f"{sum(pixels.tolist()):,} pixels are more than 64 bits hold", "evaluate fewer at once"
        )


def _images(each: Sequence[str]) -> tuple[tuple[str, ...], Ints]:
    """Return the names of images in their order, and the image of each row."""
    seen: dict[str, int] = {}
    image = np.array([seen.setdefault(name, len(seen)) for name in each], dtype=np.int64)
    names = list(seen)
    # Rows of an evaluator whose images have no names are in the order of numbers, which is kept.
    if names != sorted(names, key=_numbered(seen)):
        names = sorted(names)
    place = np.empty(len(names), dtype=np.int64)
    place[[seen[name] for name in names]] = np.arange(len(names))
    return tuple(names), place[image]


def _numbered(names: Iterable[str]) -> Any:
    """Return the key by which an evaluator sorts images: those that it numbered first, by their number."""
    known = set(names)
    count = next(i for i in range(len(known) + 1) if str(i) not in known)
    numbers = {str(i): i for i in range(count)}
    return lambda name: (numbers.get(name, count), name)


def _table(names: Sequence[str], image: Ints, rows: Sequence[Ints]) -> Table:
    """Return the table of rows in any order, without those that have no pixels."""
    columns = [image, *rows]
    if not rising(columns[:3]):
        order = np.lexsort(columns[2::-1])
        columns = [column[order] for column in columns]
        same = np.ones(max(len(order) - 1, 0), dtype=np.bool_)
        for column in columns[:3]:
            same &= column[1:] == column[:-1]
        if same.any():
            one, other = sorted(order[np.argmax(same) :][:2].tolist())
            raise ArgumentError(
                f"rows {one:,} and {other:,} are both of image {show(names[image[one]])}, target "
                f"{rows[0][one]} and prediction {rows[1][one]}",
                "where they are parts of one image, add up their pixels first; otherwise give images "
                "different names",
            )
    counted = columns[3] > 0
    image, *rest = (column[counted] for column in columns)
    return Table(np.searchsorted(image, np.arange(len(names) + 1)), *rest)


def _check(classes: Classes, names: Sequence[str], table: Table, *, strict: bool) -> None:
    """Warn of predictions that are no class; a target that is neither class nor ignored is a LabelError."""
    warning = check_labels(
        classes, table.sum.columns(), where=lambda rows: names[table.first_image(rows)], strict=strict
    )
    if warning:
        warnings.warn(SegscoreWarning(warning), stacklevel=4)


def warn_of_doubts(evaluation: Evaluated) -> None:
    """Warn of what labels were taken for, where they may mean something else."""
    for finding in evaluation.doubts:
        warnings.warn(SegscoreWarning(warning_text(finding)), stacklevel=3)


def _group_of(names: Sequence[str], image: Ints, groups: Sequence[Label]) -> list[Label]:
    """Return the group of each image, of which all rows must have the same."""
    found: dict[int, Label] = {}
    for one, group in zip(image.tolist(), groups, strict=True):
        if found.setdefault(one, group) != group:
            raise ArgumentError(
                f"image {show(names[one])} is in the groups {found[one]!r} and {group!r}",
                "each image is in one group",
            )
    return [found[one] for one in range(len(names))]
