"""The rule on predictions that hold what their targets hold, at other places of the image.

No pixel is read: it is told from how many pixels of each class an image has, and how many of them are right.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from segscore.auditing.results import Finding
from segscore.auditing.seen import Seen
from segscore.text.numbers import number

KIND: Final = "misplaced"
IMAGES = 10
"""Images in which shares of classes that follow those of the targets tell something: those of models that
learned nothing do so by chance in five, once in a thousand times."""
_RIGHT = 0.25
"""Part of the kappa that the shares of classes allow, below which a prediction does not know the places. Real
street scenes that are transposed or upside down have 0.2 at most, mirrored ones more, as roads are below."""
_ALLOWED = 0.5
"""Kappa that the shares allow, at least: where they allow less, it is the model that does not fit."""
FOLLOWS = 0.2
"""How much less of the shares of its own image a prediction misses than of those of the others. Predictions
of other images and those of models that learned shares alone miss no less; thin classes that a weak model
puts beside their place are below 0.1."""


class Placement(NamedTuple):
    """How far predictions are right within their images, beside what the shares of classes allow."""

    kappa: float
    """Cohen's, with the chance of each image by itself."""
    allowed: float
    """The highest that images with these shares can have."""
    follows: float
    """Part of the pixels that would be missed with the shares of all other images, not with its own."""

    @staticmethod
    def of(seen: Seen) -> "Placement":
        """Return the placement of all images; NaN where there is nothing to tell it from."""
        cells = seen.cells
        pixels = cells.pixels[cells.image].astype(np.float64)
        both = np.minimum(cells.target, cells.pred).sum()
        chance = (cells.target / pixels * cells.pred).sum()
        # Shares of the other images: what all have without this one.
        of_all, every = cells.sums[1][cells.label], cells.pixels.sum()
        with np.errstate(divide="ignore", invalid="ignore"):
            others = (of_all - cells.target) / (every - pixels) * pixels
            by_others = np.minimum(others, cells.pred).sum()
            return Placement(
                float((cells.tp.sum() - chance) / (every - chance)),
                float((both - chance) / (every - chance)),
                float((both - by_others) / (every - by_others)),
            )

    @property
    def by_chance(self) -> bool:
        """Whether the shares of classes allow far more than is right."""
        return self.allowed >= _ALLOWED and self.kappa <= _RIGHT * self.allowed


def untold(seen: Seen) -> bool:
    """Whether little is in place, and too little follows the targets to say that it lies elsewhere."""
    found = Placement.of(seen)
    return found.by_chance and not _elsewhere(seen, found)


def misplaced(seen: Seen) -> Iterator[Finding]:
    """Yield the warning that classes lie elsewhere than in the targets, as of masks that are transposed."""
    found = Placement.of(seen)
    if found.by_chance and _elsewhere(seen, found):
        yield Finding(
            KIND,
            "predictions hold the classes of their images, hardly more of them in place than by chance: "
            f"kappa within images is {number(found.kappa)}, and their shares allow {number(found.allowed)}",
            {"pixels": seen.scores.pixels, "images": len(seen.names), "mean_iou": seen.scores.mean_iou},
            "look at one beside its target: is it transposed, which no shape tells of square images, or "
            "flipped, or rotated?",
        )


def _elsewhere(seen: Seen, found: Placement) -> bool:
    """Whether what is not in place follows the targets, as far as so few images can tell."""
    return len(seen.names) >= IMAGES and found.follows >= FOLLOWS
