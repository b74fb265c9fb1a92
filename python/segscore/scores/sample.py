"""What numbers are read from: the counts of images, of which an evaluation is one holder."""

from dataclasses import dataclass
from typing import Protocol

from segscore.base.values import lazy
from segscore.classes.classes import Classes
from segscore.counts.cells import Cells
from segscore.counts.rows import totals
from segscore.counts.table import Table
from segscore.io.groups import Label
from segscore.scores.fine_grained import FineGrained
from segscore.scores.measured import Measured
from segscore.scores.shapes import Shapes


class Sample(Protocol):
    """What is read of an evaluation."""

    @property
    def classes(self) -> Classes:
        """The classes."""

    @property
    def names(self) -> tuple[str, ...]:
        """The images."""

    @property
    def groups(self) -> tuple[Label, ...] | None:
        """The group of each image, where images of one group are alike."""

    @property
    def table(self) -> Table:
        """Their pair counts."""

    @property
    def cells(self) -> Cells:
        """Their counts of each class."""

    @property
    def fine_grained(self) -> FineGrained:
        """Their means by image and by class."""

    @property
    def shapes(self) -> Shapes:
        """What was measured of their shapes."""

    @property
    def scores(self) -> Measured:
        """What all images together come to."""


@dataclass(frozen=True, eq=False)
class Images:
    """Counts of images and nothing else."""

    classes: Classes
    names: tuple[str, ...]
    table: Table
    shapes: Shapes
    groups: None = None

    @lazy
    def cells(self) -> Cells:
        """Their counts of each class."""
        return Cells.of(self.classes, self.table)

    @lazy
    def fine_grained(self) -> FineGrained:
        """Their means by image and by class."""
        return FineGrained.of(self.classes, self.cells)

    @lazy
    def scores(self) -> Measured:
        """Scores of all images together."""
        return Measured(self.classes, **totals(self.classes, *self.table.rows)._asdict())
