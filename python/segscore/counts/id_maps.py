"""Maps of ids in files: what datasets make of the class of a segment, and what pair counts of ids become."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

import numpy as np

from segscore._core import PairCounts
from segscore.base.shown import first
from segscore.base.values import Ints
from segscore.base.wording import many
from segscore.classes.classes import Classes
from segscore.classes.folding import is_background
from segscore.classes.labels import of_colours
from segscore.counts.counting import Counted
from segscore.counts.failures import Failure
from segscore.counts.instances import (
    NO_SEGMENT,
    Outside,
    Segmented,
    Sides,
    counted_segments,
    with_outside,
)
from segscore.errors import LabelError, SegscoreError

InstanceFormat: TypeAlias = Literal["ids", "coco-panoptic", "cityscapes"]
"""How files tell objects: ids alone, ids with a JSON file, or ids that hold the label of their class."""
FORMATS: tuple[InstanceFormat, ...] = ("ids", "coco-panoptic", "cityscapes")

_THOUSAND = 1000
"""From which id on those of Cityscapes are of one object, and what they hold the label of their class by."""
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
    segments: Mapping[str, Sides] = field(default_factory=dict, repr=False)
    """Those of each image, where a file says them."""
    stuff: tuple[int, ...] = ()
    """Label values of classes that are stuff."""

    @property
    def outside(self) -> Outside:
        """What pixels of targets are that belong to no segment."""
        return "background" if self.kind == "ids" else "void"

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

    def counted(self, image: Counted, classes: Classes) -> Counted:
        """Return an image whose pair counts are of ids as one whose pair counts are of classes."""
        if image.pairs is None:
            return image
        target, pred, pixels = image.pairs.columns()
        ids = PairCounts.from_columns(_ids(target), _ids(pred), pixels)
        try:
            sides = self.segments.get(image.name) or self._sides(ids, classes)
            pairs, both = counted_segments(classes, ids, sides, self.outside, [])
        except SegscoreError as error:
            wrong = LabelError(error.message, _HINTS[self.kind])
            return Counted(image.name, None, Failure.of(image.name, wrong))
        return Counted(image.name, pairs, fit=image.fit, measured=both)

    def _sides(self, ids: PairCounts, classes: Classes) -> Sides:
        target, pred, _ = ids.columns()
        if self.kind == "cityscapes":
            return of_codes(classes, target, self.stuff, crowds=True), of_codes(
                classes, pred, self.stuff, crowds=False
            )
        return _of_one_class(classes, target), _of_one_class(classes, pred)


def ids_with_outside(classes: Classes, kind: InstanceFormat) -> Classes:
    """Return the classes of files, in which pixels without a segment have a label."""
    return with_outside(classes, "background" if kind == "ids" else "void")


def _ids(labels: Ints) -> Ints:
    """Return the ids that labels are: of colours red + 256 * green + 65536 * blue."""
    colours = of_colours(labels)
    if not colours.any():
        return labels
    swapped = (labels & 0xFF) << 16 | labels & 0xFF00 | labels >> 16 & 0xFF
    return np.where(colours, swapped, labels)


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
        raise LabelError(f"{which}{shown} of ids is neither a class nor ignored")
    thing = (index >= 0) & ~np.isin(labels, np.array(stuff, dtype=np.int64))
    return Segmented(own, np.maximum(index, -1), thing & ~alone & crowds, np.zeros(len(own)))
