"""Bands along the borders of objects: pixels of each, and how many of them two objects share.

Rows are those of `objects` and `overlaps`. The band of an object is those of its pixels that have one that is
not its own, or what is outside of the image, within so many rows and columns.
"""

from dataclasses import dataclass
from typing import TypeAlias

from segscore.base.values import Ints
from segscore.classes.classes import Classes
from segscore.counts.measures import Measures
from segscore.counts.objects import Objects, Overlaps
from segscore.counts.record import NO_FIT, Record
from segscore.errors import FileFormatError


@dataclass(frozen=True, eq=False, repr=False)
class ObjectBands(Record):
    """Pixels of the bands of objects of images, int64 (M,)."""

    kind = "object_bands"

    pixels: Ints
    void: Ints
    """Those of predictions that are on void."""

    def check(self, classes: Classes) -> None:  # noqa: ARG002 - no class is named here
        """Raise FileFormatError if there are rows that no band can have."""
        if (self.void < 0).any() or (self.pixels < self.void).any():
            raise FileFormatError(NO_FIT)

    def fits(self, measures: Measures) -> bool:
        """Whether bands of objects are measured."""
        return measures.band is not None

    def are_of(self, objects: Objects) -> bool:
        """Whether these are bands of all objects, each of which has pixels where the object has some."""
        return (
            self.offsets.tolist() == objects.offsets.tolist()
            and not (self.pixels > objects.pixels).any()
            and not ((self.pixels == 0) & (objects.pixels > 0)).any()
        )


@dataclass(frozen=True, eq=False, repr=False)
class OverlapBands(Record):
    """Pixels that the bands of two objects share, of pairs that share pixels: int64 (M,)."""

    kind = "overlap_bands"

    pixels: Ints

    def check(self, classes: Classes) -> None:  # noqa: ARG002 - no class is named here
        """Raise FileFormatError if there are rows that no bands can have."""
        if (self.pixels < 0).any():
            raise FileFormatError(NO_FIT)

    def fits(self, measures: Measures) -> bool:
        """Whether bands of objects are measured."""
        return measures.band is not None

    def are_of(self, overlaps: Overlaps, objects: Objects, bands: ObjectBands) -> bool:
        """Whether these are of all pairs, whose bands have as many pixels off void as they share."""
        off_void = bands.pixels - bands.void
        return self.offsets.tolist() == overlaps.offsets.tolist() and not any(
            (self.pixels > off_void[rows]).any() for rows in overlaps.rows_in(objects)
        )


PairBands: TypeAlias = tuple[ObjectBands, OverlapBands]
"""The bands of the objects of some images, and what they share."""
