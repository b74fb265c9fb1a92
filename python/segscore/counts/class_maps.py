"""Label maps of one image in which both sides have the same labels, one for each class.

What is measured of shapes compares a class with itself, whatever its labels are on either side.
"""

from dataclasses import dataclass

import numpy as np

from segscore.base.values import Ints
from segscore.classes.classes import Classes
from segscore.classes.folding import IGNORED
from segscore.io.arrays import Array


@dataclass(frozen=True)
class ClassMaps:
    """A target and a prediction of one shape, and which of their labels are which classes."""

    classes: Classes
    target: Array
    pred: Array
    labels: Ints
    """Labels of classes, rising, int64 (m,)."""
    index: Ints
    """The class of each."""
    ignored: list[int]
    """Labels of targets that are not scored."""

    @classmethod
    def of(cls, classes: Classes, target: Array, pred: Array, found: tuple[Ints, Ints]) -> "ClassMaps":
        """Return the maps of label maps that hold these label values, int64, which were checked.

        They stay as they are where no label means something else on the other side, and no class has two.
        """
        values = np.unique(found[0]), np.unique(found[1])
        of_target, of_pred = classes.fold(*values)
        void = values[0][of_target == IGNORED].tolist()
        sides = [
            dict(zip(labels[there].tolist(), index[there].tolist(), strict=True))
            for labels, index, there in (
                (values[0], of_target, of_target >= 0),
                (values[1], of_pred, of_pred < len(classes)),
            )
        ]
        both = sides[0] | sides[1]
        none = set(values[1][of_pred == len(classes)].tolist())
        alike = all(both[label] == index for label, index in sides[0].items())
        alike &= none.isdisjoint(sides[0]) and sides[1].keys().isdisjoint(void)
        if alike and len({*both.values()}) == len(both):
            labels = np.array(sorted(both), dtype=np.int64)
            index = np.array([both[label] for label in labels.tolist()], dtype=np.int64)
            return cls(classes, target, pred, labels, index, void)
        nothing = len(classes) + 1
        as_target = _mapped(target, values[0], np.where(of_target == IGNORED, nothing, of_target), nothing)
        as_pred = _mapped(pred, values[1], of_pred, nothing)
        own = np.arange(len(classes))
        return cls(classes, as_target, as_pred, own, own, [nothing])

    def labels_of(self, classes: Ints) -> list[int]:
        """Return the labels that these classes have here; classes that are on neither side have none."""
        return self.labels[np.isin(self.index, classes)].tolist()  # type: ignore[no-any-return]

    def classes_of(self, target: Ints, pred: Ints) -> tuple[Ints, Ints]:
        """Return the classes of labels of either side, as `Classes.fold` does."""
        of_target, of_pred = (self._class_of(labels) for labels in (target, pred))
        return np.where(np.isin(target, self.ignored), IGNORED, of_target), of_pred

    def _class_of(self, labels: Ints) -> Ints:
        none = len(self.classes)
        if not len(self.labels):
            return np.full(len(labels), none)
        at = self.labels.searchsorted(labels).clip(max=len(self.labels) - 1)
        return np.where(self.labels[at] == labels, self.index[at], none)


def _mapped(labels: Array, values: Ints, index: Ints, largest: int) -> Array:
    """Return class indices in place of labels, all of which are among the sorted values."""
    dtype = np.uint8 if largest < 1 << 8 else np.uint32
    if labels.dtype in (np.uint8, np.uint16, np.bool_):
        table = np.zeros(int(values[-1]) + 1 if len(values) else 1, dtype)
        table[values] = index
        return np.asarray(table.take(labels))
    return np.asarray(index.astype(dtype).take(np.searchsorted(values, labels)))
