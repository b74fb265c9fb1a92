"""What intervals are computed from: counts of images, and the groups that they come in."""

from typing import Protocol

from segscore.classes.classes import Classes
from segscore.counts.cells import Cells
from segscore.io.groups import Label


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
    def cells(self) -> Cells:
        """The counts of the images."""
