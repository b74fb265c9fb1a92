"""Label maps of one image in which both sides have the same labels, one for each class.

What is measured of shapes compares a class with itself, whatever its labels are on either side.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np

from segscore.base.values import Ints, lazy
from segscore.classes.classes import Classes
from segscore.classes.folding import IGNORED
from segscore.classes.labels import any_colour
from segscore.io.arrays import Array

_OF_COLOURS = 8
"""Bytes of a label that may be a colour."""

_Fold: TypeAlias = Callable[[Ints, Ints], tuple[Ints, Ints]]


@dataclass(frozen=True)
class ClassMaps:
    """A target and a prediction of one shape, and which of their labels are which classes."""

    classes: Classes
    target: Array
    pred: Array
    labels: tuple[int, ...]
    """The label of each class."""
    target_labels: Ints
    """Labels that this target has, in which one may come several times."""
    all_ignored: tuple[int, ...]
    """Labels that are not scored, of whatever target."""
    fold: _Fold
    """From labels of targets and of predictions to their classes, as `Classes.fold` does."""
    rising: bool
    """Whether classes have the order of their labels."""

    @classmethod
    def of(cls, classes: Classes, target: Array, pred: Array, found: tuple[Ints, Ints]) -> "ClassMaps":
        """Return the maps of label maps that hold these label values, int64, which were checked.

        They stay as they are where each class has one label, the same on both sides.
        """
        if plain(classes) and not (hold_colours(target, pred) and any_colour(*found)):
            ignored, fold = classes.all_ignored, classes.fold
            return cls(classes, target, pred, classes.labels, found[0], ignored, fold, classes.labels_rise)
        values = np.unique(found[0]), np.unique(found[1])
        of_target, of_pred = classes.fold(*values)
        count = len(classes)
        nothing = count + 1
        # A label that is no class so far may be told from all images together: this one is refused then.
        of_target = np.where(of_target < 0, nothing, of_target)
        as_target = _mapped(target, values[0], of_target, nothing)
        as_pred = _mapped(pred, values[1], of_pred, nothing)
        labels, fold = tuple(range(count)), partial(_fold, nothing)
        return cls(classes, as_target, as_pred, labels, of_target, (nothing,), fold, True)

    @lazy
    def ignored(self) -> tuple[int, ...]:
        """Labels of the target that are not scored."""
        there = set(self.target_labels.tolist())
        return tuple(label for label in self.all_ignored if label in there)

    def labels_of(self, classes: Ints) -> list[int]:
        """Return the labels of some classes."""
        return [self.labels[i] for i in classes.tolist()]


def hold_colours(*maps: Array) -> bool:
    """Whether one of some label maps is of a type that has room for colours, as few are."""
    return _OF_COLOURS in [labels.dtype.itemsize for labels in maps]


def plain(classes: Classes) -> bool:
    """Whether each class has one label, the same on both sides, so that maps stay as they are."""
    return not classes.further_labels and classes.pred_labels is None


def _fold(nothing: int, target: Ints, pred: Ints) -> tuple[Ints, Ints]:
    """Return class indices where maps have them as labels, and another one where the target is ignored."""
    return np.where(target == nothing, IGNORED, target), pred


def _mapped(labels: Array, values: Ints, index: Ints, largest: int) -> Array:
    """Return class indices in place of labels, all of which are among the sorted values."""
    dtype = np.uint8 if largest < 1 << 8 else np.uint32
    if labels.dtype in (np.uint8, np.uint16, np.bool_):
        table = np.zeros(int(values[-1]) + 1 if len(values) else 1, dtype)
        table[values] = index
        return np.asarray(table.take(labels))
    return np.asarray(index.astype(dtype).take(np.searchsorted(values, labels)))
