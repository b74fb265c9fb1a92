"""Lists of single objects: those that are missed, invented, split and merged."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from segscore.base.values import Frozen, Ints
from segscore.base.wording import many
from segscore.scores.matching import Matching, Threshold


class FoundObject(NamedTuple):
    """An object of an image, as lists of them have it."""

    image: str
    id: int
    """Its number in the map of ids, or of its annotation."""
    name: str
    """Of its class."""
    pixels: int


@dataclass(frozen=True, eq=False, repr=False)
class ListedObjects(Frozen):
    """The objects that are wrong where those match that reach an IoU, each list the largest first."""

    classes: tuple[str, ...]
    names: tuple[str, ...]
    threshold: Threshold
    _matching: Matching = field(repr=False)

    def __repr__(self) -> str:
        """Return a short form with how many are missed and invented."""
        return f"<ListedObjects: {many(len(self.missed), 'object')} missed, {len(self.invented):,} invented>"

    @property
    def missed(self) -> tuple[FoundObject, ...]:
        """Targets that no prediction matches."""
        return self._listed(self._matching.at(self.threshold).missed)

    @property
    def invented(self) -> tuple[FoundObject, ...]:
        """Predictions that match no target, but for those that are excused, such as on void and crowds."""
        return self._listed(self._matching.at(self.threshold).invented)

    @property
    def split(self) -> tuple[FoundObject, ...]:
        """Targets that have most of the pixels of several predictions of their class."""
        return self._listed(self._matching.split())

    @property
    def merged(self) -> tuple[FoundObject, ...]:
        """Predictions that have most of the pixels of several targets of their class."""
        return self._listed(self._matching.merged())

    def _listed(self, rows: Ints) -> tuple[FoundObject, ...]:
        objects = self._matching.objects
        rows = rows[np.argsort(-objects.pixels[rows], kind="stable")]
        columns = (of[rows].tolist() for of in (objects.image, objects.id, objects.label, objects.pixels))
        return tuple(
            FoundObject(self.names[image], number_of, self.classes[label], pixels)
            for image, number_of, label, pixels in zip(*columns, strict=True)
        )
