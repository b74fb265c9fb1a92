"""Maps of ids in files: what datasets make of the class of a segment, and what pair counts of ids become."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import Literal, TypeAlias

import numpy as np

from segscore._core import Masks, PairCounts
from segscore.base.shown import first
from segscore.base.values import Ints
from segscore.base.wording import many
from segscore.classes.classes import Classes
from segscore.classes.folding import is_background
from segscore.classes.labels import any_colour, of_colours
from segscore.counts.banding import bands_of_maps
from segscore.counts.counted import Counted
from segscore.counts.failures import Failure
from segscore.counts.fits import fitted
from segscore.counts.instances import (
    NO_SEGMENT,
    Outside,
    Segmented,
    Sides,
    counted_segments,
    void_ids,
    with_outside,
)
from segscore.counts.measures import NOTHING, Measures
from segscore.counts.widths import Width
from segscore.errors import LabelError, SegscoreError
from segscore.io.arrays import Array

InstanceFormat: TypeAlias = Literal["ids", "coco-panoptic", "cityscapes"]
"""How files tell objects: ids alone, ids with a JSON file, or ids that hold the label of their class."""
FORMATS: tuple[InstanceFormat, ...] = ("ids", "coco-panoptic", "cityscapes")

_THOUSAND = 1000
"""From which id on those of Cityscapes are of one object, and what they hold the label of their class by."""
_OF_COLOURS = ": it has colours, which are read as red + 256 * green + 65536 * blue"
_HINTS = {
    "ids": "each id but 0 is an object",
    "coco-panoptic": "each id of a PNG file but 0 is that of a segment of its image in the JSON file, and "
    "each segment there has pixels",
    "cityscapes": "ids are the label of a class, or that times 1000 and a number, as in *_instanceIds.png",
}


@dataclass(frozen=True)
class IdMaps:
    """What ids in files are, and how they become objects."""

    kind: InstanceFormat
    classes: Classes
    """Those with a label for pixels without a segment, see `ids_with_outside`."""
    segments: Mapping[str, Sides] = field(default_factory=dict, repr=False)
    """Those of each image, where a file says them."""
    stuff: tuple[int, ...] = ()
    """Label values of classes that are stuff."""
    band: Width | None = None
    """The width of bands along the borders of objects, if these are measured."""

    @property
    def outside(self) -> Outside:
        """What pixels of targets are that belong to no segment."""
        return "background" if self.kind == "ids" else "void"

    @property
    def measures(self) -> Measures:
        """What is measured of objects: segments that share no pixel, and bands along their borders."""
        return NOTHING.with_objects("panoptic", self.stuff, (), self.band)

    def of(self, names: Iterable[str]) -> "IdMaps":
        """Return the same of some images."""
        return replace(self, segments={name: self.segments[name] for name in names if name in self.segments})

    def told(self) -> list[object]:
        """Return what tells it from others, as JSON can say it."""
        sides = {
            name: [[None if column is None else column.tolist() for column in side] for side in both]
            for name, both in self.segments.items()
        }
        return [self.kind, self.stuff, sides]

    def counted(self, image: Counted, maps: tuple[Array, Array] | None = None) -> Counted:
        """Return an image whose pair counts are of ids as one whose pair counts are of classes.

        `maps` are those of target and prediction, from which bands are read.
        """
        if image.pairs is None:
            return image
        target, pred, pixels = image.pairs.columns()
        ids = PairCounts.from_columns(ids_of(target), ids_of(pred), pixels)
        try:
            sides = self.segments.get(image.name) or self._sides(ids)
            pairs, both = counted_segments(self.classes, ids, sides, self.outside, [])
        except SegscoreError as error:
            read = self.kind == "cityscapes" and any_colour(target, pred)
            said = f"{error.message}{_OF_COLOURS}" if read else error.message
            wrong = LabelError(said, _HINTS[self.kind])
            return Counted(image.name, None, Failure.of(image.name, wrong))
        if self.band is None or maps is None:
            return Counted(image.name, pairs, fit=image.fit, measured=both)
        of_maps = ids_of(maps[0]), ids_of(fitted(maps[1], maps[0].shape))
        bands = bands_of_maps(of_maps, both, void_ids(sides[0], self.outside), self.band)
        return Counted(image.name, pairs, fit=image.fit, measured=(*both, *bands))

    def _sides(self, ids: PairCounts) -> Sides:
        classes = self.classes
        target, pred, _ = ids.columns()
        if self.kind == "cityscapes":
            return of_codes(classes, target, self.stuff, crowds=True), of_codes(
                classes, pred, self.stuff, crowds=False
            )
        return _of_one_class(classes, target), _of_one_class(classes, pred)


def ids_with_outside(classes: Classes, kind: InstanceFormat) -> Classes:
    """Return the classes of files, in which pixels without a segment have a label."""
    return with_outside(classes, "background" if kind == "ids" else "void")


def ids_of(labels: Ints) -> Ints:
    """Return the ids that labels of any shape are: of colours red + 256 * green + 65536 * blue."""
    colours = of_colours(labels)
    if not colours.any():
        return labels
    swapped = (labels & 0xFF) << 16 | labels & 0xFF00 | labels >> 16 & 0xFF
    return np.where(colours, swapped, labels)


def masks_of_ids(ids: Ints, known: Ints) -> Masks:
    """Return the mask of each of some ids of a map (H, W); of one that is nowhere it is empty."""
    return Masks.of_labels(ids, known)


def relabelled(ids: Ints, known: Ints, labels: Sequence[int], rest: int) -> Ints:
    """Return a map of ids of any shape with a label for each of some ids, and one for the rest.

    It is of the shortest type that holds them.
    """
    masks = masks_of_ids(ids.reshape(len(ids), prod(ids.shape[1:])), known)
    painted, _, _ = masks.paint(range(len(labels)), labels, background=rest)
    return np.asarray(painted).reshape(ids.shape)


def _of_one_class(classes: Classes, ids: Ints) -> Segmented:
    own = np.unique(ids)
    own = own[own != NO_SEGMENT]
    (index,) = (i for i, name in enumerate(classes.names) if not is_background(name))
    return Segmented(own, np.full(len(own), index), np.zeros(len(own), np.bool_), np.zeros(len(own)))


def of_codes(classes: Classes, ids: Ints, stuff: tuple[int, ...], *, crowds: bool) -> Segmented:
    """Return the segments of ids that are the label of a class, or that times 1000 and a number."""
    own = np.unique(ids)
    own = own[own != NO_SEGMENT]
    alone = own >= _THOUSAND
    labels = np.where(alone, own // _THOUSAND, own)
    index, _ = classes.fold(labels, labels[:0])
    strange = np.unique(labels[index < -1]).tolist()
    if strange:
        which = f"label {strange[0]}" if len(strange) == 1 else many(len(strange), "label")
        shown = "" if len(strange) == 1 else f" {first(list(map(str, strange)))}"
        verb = "is" if len(strange) == 1 else "are"
        raise LabelError(f"{which}{shown} of ids {verb} neither a class nor ignored")
    thing = (index >= 0) & ~np.isin(labels, np.array(stuff, dtype=np.int64))
    return Segmented(own, np.maximum(index, -1), thing & ~alone & crowds, np.zeros(len(own)))
