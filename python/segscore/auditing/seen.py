"""What the rules of an audit read: pair counts in raw label values, and what they would be after a repair.

No rule and no threshold stands here, and no file is read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from segscore.auditing.results import Evidence
from segscore.base.values import Bools, Ints, lazy
from segscore.classes.classes import Classes
from segscore.classes.folding import UNKNOWN
from segscore.counts.cells import Cells
from segscore.counts.failures import Failure
from segscore.counts.palettes import Role
from segscore.counts.rows import Rows, by_label, totals
from segscore.counts.table import Table
from segscore.scores.scores import Scores

NOTHING = -(2**62)
"""A label value that no class has."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What is known of a dataset and its predictions."""

    classes: Classes
    """What labels may be."""
    names: tuple[str, ...]
    """Images that were counted."""
    table: Table
    """Their pair counts; label values may be unknown."""
    failures: tuple[Failure, ...] = ()
    """Images that could not be counted, those without a prediction left out."""
    missing: tuple[str, ...] = ()
    """Targets without a prediction."""
    extra: tuple[str, ...] = ()
    """Predictions without a target."""
    resized: int = 0
    """Images whose prediction was resized."""
    told: Mapping[str, str] = field(default_factory=dict)
    """What the way in which masks were given says against how they are read, by the names of `DOUBTS`."""
    provenance: Mapping[str, str] = field(default_factory=dict)
    """Where the masks came from."""
    nodata: frozenset[int] = frozenset()
    """Labels that files of targets call no data."""

    @staticmethod
    def of(
        classes: Classes,
        names: tuple[str, ...],
        table: Table,
        failures: Sequence[Failure],
        extra: tuple[str, ...],
        *,
        resized: int,
        told: Mapping[str, str],
        provenance: Mapping[str, str],
    ) -> "Seen":
        """Return what is known of images that were counted, and of those that could not be."""
        met = tuple(failure for failure in failures if failure.kind != "missing")
        missing = tuple(failure.name for failure in failures if failure.kind == "missing")
        return Seen(classes, names, table, met, missing, extra, resized, told, provenance)

    @lazy
    def rows(self) -> Rows:
        """Rows of all images together."""
        return self.table.sum.columns()

    @lazy
    def folded(self) -> tuple[Ints, Ints]:
        """Class indices of the target and the prediction of `rows`, as `Classes.fold` gives them."""
        return self.classes.fold(*self.rows[:2])

    @lazy
    def cells(self) -> Cells:
        """Pixels of each class in each image; those with unknown targets are not scored."""
        return Cells.of(self.classes, self.table)

    @lazy
    def scores(self) -> Scores:
        """Scores of `rows`, those with unknown targets left out."""
        return self._scored(self.rows)

    @lazy
    def missed(self) -> Bools:
        """bool (M,): rows with a known target that is scored, and a prediction that is no class."""
        target, pred = self.folded
        return np.asarray((target >= 0) & (pred == len(self.classes)))

    @lazy
    def unknown(self) -> Bools:
        """bool (M,): rows whose target is neither class nor ignored."""
        return np.asarray(self.folded[0] == UNKNOWN)

    def side(self, side: Role) -> Ints:
        """Return the label values of one side of `rows`."""
        return self.rows[0] if side == "target" else self.rows[1]

    def relabelled(self, side: Role, mapping: Mapping[int, int]) -> Scores:
        """Return the scores as they would be if one side had other label values.

        `mapping` leads from the values in the masks to those that they should be. Values without an entry
        stay if they are ignored, and are no class otherwise.
        """
        kept = set(self.classes.all_ignored)
        values, at = np.unique(self.side(side), return_inverse=True)
        new = [mapping.get(value, value if value in kept else NOTHING) for value in values.tolist()]
        changed = np.array(new, dtype=np.int64)[at]
        target, pred, pixels = self.rows
        return self._scored((changed, pred, pixels) if side == "target" else (target, changed, pixels))

    def exchanged(self) -> Scores:
        """Return the scores as they would be if predictions were targets and targets predictions."""
        target, pred, pixels = self.rows
        return self._scored((pred, target, pixels))

    def without(self, rows: Bools) -> Scores:
        """Return the scores as they would be if some rows were left out."""
        target, pred, pixels = (column[~rows] for column in self.rows)
        return self._scored((target, pred, pixels))

    def _scored(self, rows: Rows) -> Scores:
        known = self.classes.fold(*rows[:2])[0] != UNKNOWN
        return Scores(self.classes, **totals(self.classes, *(column[known] for column in rows))._asdict())

    def images_with(self, rows: Bools) -> list[int]:
        """Return the images that hold the pairs of labels of some of the summed rows, in order."""
        target, pred, _ = (column[rows] for column in self.rows)
        table = self.table
        near = np.flatnonzero(np.isin(table.target, target) & np.isin(table.pred, pred))
        # Rows (1, 2) and (2, 1) leave (1, 1) and (2, 2) in, so that pairs are compared, as one number each.
        labels = np.unique([target, pred])

        def pair(target: Ints, pred: Ints) -> Ints:
            return np.searchsorted(labels, target) * len(labels) + np.searchsorted(labels, pred)

        held = near[np.isin(pair(table.target[near], table.pred[near]), pair(target, pred))]
        found: list[int] = np.unique(table.image[held]).tolist()
        return found

    def evidence(self, side: Role, rows: Bools) -> dict[str, Evidence]:
        """Return which labels some of the summed rows have on one side, in how many pixels and images."""
        images = self.images_with(rows)
        labels = by_label(self.side(side), self.rows[2], rows)
        return {
            "values": tuple(labels),
            "pixels": sum(labels.values()),
            "images": len(images),
            "first": self.names[images[0]],
            "mean_iou": self.scores.mean_iou,
        }
