"""What the way in which masks were given says against how they are read.

The sentences are kept with an evaluation, by these names; what can be done about each is the same everywhere.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from segscore.classes.classes import Classes
from segscore.counts.checks import PER_CLASS_HINT, masks_of_classes
from segscore.counts.counting import Counted, painted_images
from segscore.counts.fits import TRANSPOSED_HINT, transposed_said
from segscore.counts.palettes import PALETTES_HINT, differing
from segscore.counts.table import Table
from segscore.counts.thresholds import SCALE_HINT, misfit

PALETTES: Final = "palettes"
PER_CLASS: Final = "stacks"
TRANSPOSED: Final = "transposed"


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
        PER_CLASS: Doubt("mask-per-class", PER_CLASS_HINT),
    }
)
"""By the names of the sentences."""


def doubts_of(
    classes: Classes, images: Sequence[Counted], table: Table, *, per_class: bool
) -> dict[str, str]:
    """Return what is to be said of images that were counted, by name.

    Images `per_class` are of stacks that may hold a mask for each class.
    """
    said = {
        PALETTES: differing(painted_images(images), classes),
        TRANSPOSED: transposed_said(image.fit for image in images),
        "scale": misfit(image.values for image in images),
        PER_CLASS: masks_of_classes(classes, table.rows[:2]) if per_class else "",
    }
    return {name: sentence for name, sentence in said.items() if sentence}
