"""Averaging: one number from the counts of classes in images, by a rule that is a value.

A `Convention` says what is summed, divided and averaged in which order, and what counts where nothing is
there; `average` follows any of them. Which tool has which rule stands in `tools`; no name of a tool
is known here, and no branch is made for one.
"""

from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

import numpy as np

from segscore.base.values import Bools, Floats, Ints, readonly
from segscore.counts.cells import Cells
from segscore.scores.measured import Measured
from segscore.scores.metric import METRICS
from segscore.scores.metric_row import Counts

Undefined: TypeAlias = Literal["left out", "0", "1", "NaN"]
_VALUE = {"0": 0.0, "1": 1.0, "NaN": float("nan")}


@dataclass(frozen=True)
class Mean:
    """One step of averaging.

    Attributes
    ----------
    over : {"classes", "images", "cells"}
        What becomes one: the classes (of each image), the images (of each class), or every class in every
        image at once.
    undefined : {"left out", "0", "1", "NaN"}
        What a value that is undefined counts.
    by_target : bool
        Whether a value weighs as many pixels as its target has, an undefined one none; else all weigh the
        same.
    epsilon : float
        Added to the number of values.
    """

    over: Literal["classes", "images", "cells"]
    undefined: Undefined = "left out"
    by_target: bool = False
    epsilon: float = 0.0


@dataclass(frozen=True)
class Convention:
    """How a tool makes one number of counts.

    Attributes
    ----------
    name : str
        What users call it.
    tool, call : str
        The tool with its version, and what is called in it.
    source : str
        Where the rule was read: a file and its commit, or the package.
    checked : {"itself", "package", "file", "read"}
        Whether the values were compared with those of the package, with those of the one file, or the
        rule was only read; "itself" for segscore.
    metric : {"iou", "dice"}
        What is averaged.
    sums : tuple of {"images", "classes"}
        What is summed before anything is divided.
    means : tuple of Mean
        What is averaged afterwards, in this order.
    only_predicted : bool
        Whether a class that is predicted and not in the target counts, as 0; else it is left out.
    background : bool
        Whether the first class is in the mean.
    not_in_mean : bool
        Whether classes that the user leaves out of means are left out.
    missed : {"missed", "dropped", "refused"}
        What becomes of pixels whose prediction is no class: they count against their target's class, are
        dropped, or the tool cannot take them (then they count as missed here).
    epsilon : float
        Added to each denominator that is not 0.
    nothing : {"0", "NaN"}
        The value where there is nothing to average.
    per_class : {"not given", "0", "NaN"}
        Whether the tool gives values of classes beside the mean, and what it gives for an undefined one.
    scale : int
        1, or 100 for per cent.
    digits : int or None
        Decimals that the tool gives; None for all.
    float32 : bool
        Whether the tool computes with 32 bits; here it is always 64.
    note : str
        What else a user has to know, as one clause.
    """

    name: str
    tool: str
    call: str
    source: str = "the package"
    checked: Literal["itself", "package", "file", "read"] = "package"
    metric: Literal["iou", "dice"] = "iou"
    sums: tuple[Literal["images", "classes"], ...] = ("images",)
    means: tuple[Mean, ...] = (Mean("classes"),)
    only_predicted: bool = True
    background: bool = True
    not_in_mean: bool = False
    missed: Literal["missed", "dropped", "refused"] = "missed"
    epsilon: float = 0.0
    nothing: Literal["0", "NaN"] = "NaN"
    per_class: Literal["not given", "0", "NaN"] = "not given"
    scale: int = 1
    digits: int | None = None
    float32: bool = False
    note: str = ""

    @property
    def needs_images(self) -> bool:
        """Whether the counts of each image are needed."""
        return "images" not in self.sums


@dataclass(frozen=True)
class _Cells:
    # Counts of classes (columns) in images (rows), where there are any; sums have one row or one column.
    rows: int
    row: Ints
    column: Ints
    tp: Ints
    target: Ints
    pred: Ints

    def only(self, chosen: Bools) -> "_Cells":
        if chosen.all():
            return self
        columns, at = (self.row, self.column, self.tp, self.target, self.pred), np.flatnonzero(chosen)
        return _Cells(self.rows, *(column[at] for column in columns))

    def of_classes(self, among: Bools) -> "_Cells":
        """Return those of some classes, which are the columns from now on."""
        if among.all():
            return self
        chosen = self.only(among[self.column])
        return replace(chosen, column=(np.cumsum(among) - 1)[chosen.column])

    def summed_over_classes(self) -> "_Cells":
        sums = np.zeros((3, self.rows), np.int64)
        for total, part in zip(sums, (self.tp, self.target, self.pred), strict=True):
            np.add.at(total, self.row, part)
        return _Cells(self.rows, np.arange(self.rows), np.zeros(self.rows, np.int64), *sums)


@dataclass(frozen=True)
class _Values:
    # Those values of a table of `shape` that are defined, and what they weigh in a mean by target.
    shape: tuple[int, int]
    row: Ints
    column: Ints
    value: Floats
    weight: Ints


@dataclass(frozen=True)
class Known:
    """What several conventions read of the same counts, by what they differ by."""

    counts: dict[tuple[object, ...], _Cells] = field(default_factory=dict)
    """Those of classes that are averaged, and of images if these are kept apart."""
    values: dict[tuple[object, ...], _Values] = field(default_factory=dict)
    """What is averaged of them."""


def average(
    convention: Convention, scores: Measured, cells: Cells | None = None, known: Known | None = None
) -> tuple[float, Floats | None]:
    """Return the value of counts under a convention, and those of the classes.

    Both are 0 to 1, neither scaled nor rounded. The value is NaN where undefined; those of the classes,
    float64 (K,), read-only, for classes that the mean does not take in; they are None where the tool gives
    none. Cells are needed where the convention needs images. `known` is of the same counts.
    """
    among = taken_in(convention, scores)
    known = Known() if known is None else known
    summed = "classes" in convention.sums
    dropped = convention.missed == "dropped"
    of = (convention.needs_images, dropped, summed, convention.only_predicted, among.tobytes())
    if of not in known.counts:
        known.counts[of] = _counted(convention, scores, cells, among)
    key = (*of, convention.metric, convention.epsilon)
    if key not in known.values:
        columns = 1 if summed else int(among.sum())
        known.values[key] = _values(convention, known.counts[of], columns)
    values, per_class = known.values[key], None
    for mean in convention.means:
        if mean.over == "classes" and convention.per_class != "not given":
            per_class = np.where(among, _VALUE[convention.per_class], np.nan)
            per_class[np.flatnonzero(among)[values.column]] = values.value
            readonly(per_class)
        values = _mean(mean, values)
    return float(values.value[0]) if len(values.value) else _VALUE[convention.nothing], per_class


def _counted(convention: Convention, scores: Measured, cells: Cells | None, among: Bools) -> _Cells:
    """Return the counts of which a convention averages something, of classes among others."""
    if convention.needs_images:
        assert cells is not None, "a convention over images has the counts of images"
        counts = _Cells(cells.shape[0], cells.image, cells.label, cells.tp, cells.target, cells.pred)
    else:
        target = scores.target - scores.missed if convention.missed == "dropped" else scores.target
        label = np.arange(len(among))
        counts = _Cells(1, np.zeros_like(label), label, scores.tp, target, scores.pred)
    counts = counts.of_classes(among)
    if "classes" in convention.sums:
        counts = counts.summed_over_classes()
    return counts if convention.only_predicted else counts.only(counts.target > 0)


def taken_in(convention: Convention, scores: Measured) -> Bools:
    """Return bool (K,), the classes that a convention averages; a class that is ignored has no counts."""
    classes = scores.classes
    among = classes.in_mean.copy() if convention.not_in_mean else ~classes.ignored_classes
    among[0] &= convention.background
    return among


def _values(convention: Convention, counts: _Cells, columns: int) -> _Values:
    every = np.ones_like(counts.tp, dtype=np.bool_)
    value = METRICS[convention.metric].formula(Counts(counts.tp, counts.target, counts.pred, every))
    if convention.epsilon:
        union = counts.target + (counts.pred - counts.tp)
        value = value * (union / (union + convention.epsilon))
    defined = ~np.isnan(value)
    counts = counts.only(defined)
    return _Values((counts.rows, columns), counts.row, counts.column, value[defined], counts.target)


def _mean(mean: Mean, values: _Values) -> _Values:
    rows, columns = values.shape
    group, groups, size = {
        "classes": (values.row, rows, columns),
        "images": (values.column, columns, rows),
        "cells": (None, 1, rows * columns),
    }[mean.over]
    if mean.by_target:
        total = _sums(group, groups, values.weight * values.value)
        count = _sums(group, groups, values.weight)
    else:
        total, count = _sums(group, groups, values.value), _numbers(group, groups, len(values.value))
    if mean.undefined != "left out" and not mean.by_target:
        undefined = size - count
        total = total + np.where(undefined > 0, undefined * _VALUE[mean.undefined], 0.0)
        count = count + undefined
    at = np.flatnonzero(count > 0)
    result = total[at] / (count[at] + mean.epsilon)
    none, ones = np.zeros_like(at), np.ones_like(at)
    if mean.over == "images":
        return _Values((1, columns), none, at, result, ones)
    return _Values((rows if mean.over == "classes" else 1, 1), at, none, result, ones)


def _numbers(group: Ints | None, groups: int, every: int) -> Floats:
    """Return how many values each group has."""
    if group is None or groups == 1:
        return np.array([every], dtype=np.float64)
    return np.bincount(group, minlength=groups).astype(np.float64)


def _sums(group: Ints | None, groups: int, values: Floats | Ints) -> Floats:
    if group is None or groups == 1:  # summed in pairs, as the mean of `Scores` is
        return np.array([values.sum()], dtype=np.float64)
    return np.asarray(np.bincount(group, weights=values, minlength=groups), dtype=np.float64)
