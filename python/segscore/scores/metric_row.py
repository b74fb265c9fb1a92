"""One row of the table of metrics, and what the formulas of pixels read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import numpy as np

from segscore.base.values import Bools, Floats, Ints

NEITHER = "it is in neither target nor prediction"
ABSENT = "no class of the mean is present"


class Counts(NamedTuple):
    """What formulas read: pixels of K classes, int64 (..., K), with any leading axes.

    ``means``, bool (K,), says which classes means take in; where the counts are ``of_images``, only those in
    the target. ``background`` is the index of that of a binary task.
    """

    tp: Ints
    target: Ints
    pred: Ints
    means: Bools
    background: int | None = None
    of_images: bool = False

    @property
    def pixels(self) -> Ints:
        """Scored pixels, int64 (...)."""
        return np.asarray(self.target.sum(axis=-1))

    @property
    def in_mean(self) -> Bools:
        """Classes that means take in, bool (K,) or (..., K)."""
        return self.means & (self.target > 0) if self.of_images else self.means


Formula: TypeAlias = Callable[[Counts], Floats]
Better: TypeAlias = Literal["higher", "lower"]


@dataclass(frozen=True)
class Metric:
    """One row of the table."""

    name: str
    """As users write it: ``mean_iou``; a metric of a class is named with one, ``iou.car``."""
    label: str
    """What texts call it."""
    of: Literal["class", "whole"]
    """Whether there is a number for each class, or one for all."""
    formula: Formula
    """From `Counts` to float64 (..., K), or (...)."""
    undefined: str
    """Why it is NaN where it is."""
    explained: str
    """What it is, in one line."""
    better: Better = "higher"
    unit: str = ""
    """Empty for a share from 0 to 1 or a coefficient from -1 to 1; else such as "mm"."""
    mean_of: str = ""
    """The metric of a class that it is the mean of over classes, if it is."""
    over_images: bool = False
    """Whether it is the mean over images of what the formula gives for each; means over classes are then over
    those in the image's target."""
    of_sums: bool = False
    """Whether it is known of sums over classes, so that they need not be told apart."""
    binary: bool = False
    """Whether there is one only where one of two classes is the background."""
    in_target: bool = False
    """Whether there is one of the classes of targets only, not of those that are only predicted."""
    needs: Literal["pairs", "bands", "surfaces", "objects"] = "pairs"
    """What is measured of images for it: the kind of the record."""
    apart: bool = False
    """Whether it is of objects that share no pixel, so that masks which may overlap have none."""
    rational: bool = True
    """Whether it is a ratio of integers, which the formula is of counts that are fractions."""
    headline: bool = True
    """Whether summaries show it: as a number of the whole, or as a column of the table of classes."""
    card: bool = False
    """Whether pages show it as one of the few numbers that stand out."""
    column: bool = False
    """Whether tables of groups have a column of it, and those of images, see `image_metrics`; if it is of
    classes, files have one each."""

    @property
    def of_masks_apart(self) -> bool:
        """Whether masks that may overlap have none: it is of pixels with a class each, or of such objects."""
        return self.apart or self.needs == "pairs"

    @property
    def sign(self) -> int:
        """What a difference is multiplied by, so that more is better."""
        return sign(self.better)

    @property
    def digits(self) -> int:
        """Decimals in tables and on pages, where distances have fewer than shares."""
        return 2 if self.unit else 4


def sign(better: Better) -> int:
    """Return what a difference is multiplied by, so that more is better."""
    return 1 if better == "higher" else -1
