"""What the way in which masks were given says against how they are read.

The sentences are kept with an evaluation, by these names; what can be done about each is the same everywhere.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from segscore.classes.classes import Classes
from segscore.counts.counted import Counted
from segscore.counts.fits import TRANSPOSED_HINT, transposed_said
from segscore.counts.palettes import PALETTES_HINT, differing
from segscore.counts.settling import painted_images
from segscore.counts.stacked import (
    IMAGES_LAST_HINT,
    ONE_HOT_HINT,
    PER_CLASS_HINT,
    images_last,
    masks_of_classes,
    one_hot,
)
from segscore.counts.thresholds import SCALE_HINT, misfit
from segscore.io.stacks import Stack

PALETTES: Final = "palettes"
PER_CLASS: Final = "stacks"
TRANSPOSED: Final = "transposed"
IMAGES_LAST: Final = "images-last"
ONE_HOT: Final = "one-hot"


class Doubt(NamedTuple):
    """What a sentence is of."""

    kind: str
    """That of the finding."""
    hint: str


DOUBTS: Final[Mapping[str, Doubt]] = MappingProxyType(
    {
        PALETTES: Doubt("palettes-differ", PALETTES_HINT),
        TRANSPOSED: Doubt("transposed", TRANSPOSED_HINT),
        "scale": Doubt("threshold-scale", SCALE_HINT),
        IMAGES_LAST: Doubt("images-last", IMAGES_LAST_HINT),
        ONE_HOT: Doubt("one-hot", ONE_HOT_HINT),
        PER_CLASS: Doubt("mask-per-class", PER_CLASS_HINT),
    }
)
"""By the names of the sentences."""


def doubts_of(classes: Classes, images: Sequence[Counted], stacks: Sequence[Stack]) -> dict[str, str]:
    """Return what is to be said of images that were counted, by name; `stacks` are those of `unnamed`."""
    said = {
        PALETTES: differing(painted_images(images), classes),
        TRANSPOSED: transposed_said(image.fit for image in images),
        "scale": misfit(image.values for image in images),
        **_of_stacks(classes, images, stacks),
    }
    return {name: sentence for name, sentence in said.items() if sentence}


def _of_stacks(classes: Classes, images: Sequence[Counted], stacks: Sequence[Stack]) -> dict[str, str]:
    """Return what is to be said of stacks: the first sentence that there is of one of them, or of all."""
    if not stacks:
        return {}
    if said := next(filter(None, (images_last(stack.shape) for stack in stacks)), ""):
        return {IMAGES_LAST: said}
    rows = {image.name: image.pairs.columns() for image in images if image.pairs is not None}
    every = [one_hot(stack.shape, [rows[name] for name in stack.names if name in rows]) for stack in stacks]
    if all(every):
        return {ONE_HOT: every[0]}
    if any(stack.shape[0] != len(classes) for stack in stacks):
        return {}
    return {PER_CLASS: masks_of_classes(classes, (own for one in rows.values() for own in one[:2]))}
