"""Compared: two models on the same images, with intervals of the differences and p-values.

`segscore.evaluation.comparing` makes one; it never changes afterwards. Its texts are in `compared_text`.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from segscore.base.shown import Shown, brief
from segscore.base.values import Floats, Frozen, lazy
from segscore.base.wording import many, visible
from segscore.errors import unknown
from segscore.io.groups import Label
from segscore.results.evaluated import Evaluated
from segscore.scores.alike import extent
from segscore.scores.main import MAIN_PIXELS, Main, main_of
from segscore.scores.metric_row import Better, sign
from segscore.statistics.units import untestable
from segscore.text.numbers import signed


@dataclass(frozen=True)
class Difference(Shown):
    """What one metric is in two models, and whether that can be chance.

    Attributes
    ----------
    name : str
        The metric, such as ``mean_iou`` or ``iou.car``.
    a, b : float
        In the first and in the second model.
    difference : float
        ``b - a``.
    low, high : float
        Interval of the difference; NaN where there is a `reason`.
    p : float
        Probability of a difference as large as this, in any of the metrics compared, if the models were
        equally good; 1 where the difference is 0 or undefined, NaN where no test is possible, as of what is
        infinite.
    reason : str or None
        Why there is no interval, such as "too few images (7)".
    detectable : float
        The smallest difference that would have been found with a probability of 80 %; NaN where none
        could be, because images are too few or do not differ.
    significant : bool
        Whether `p` is at most one minus the level.
    better : "higher" or "lower"
        Which values of the metric are better.
    """

    name: str
    a: float
    b: float
    difference: float
    low: float
    high: float
    p: float
    reason: str | None
    detectable: float
    significant: bool
    better: Better = "higher"

    @property
    def sign(self) -> int:
        """What a difference is multiplied by, so that more is better."""
        return sign(self.better)

    @property
    def gain(self) -> float:
        """The difference, above 0 where the second model is better."""
        return self.sign * self.difference


BEING_COMPUTED = "being computed"
"""The reason of a difference whose interval and p-value are still to come."""


class Unlike(NamedTuple):
    """A mean that is over other classes in one model than in the other."""

    name: str
    """Of the mean, such as ``mean_iou``."""
    judged: str
    """The name of the mean over the classes that both have, by which they are judged."""
    covers: tuple[int, int]
    """Over how many classes it is in each model."""
    shared: int
    """Over how many classes that is that they are judged by."""
    only: tuple[tuple[str, ...], tuple[str, ...]]
    """The classes that only one of the means is over."""


class Uneven(NamedTuple):
    """A mean over images of which some have a number in one model alone."""

    name: str
    """Of the mean, such as ``mean_image_foreground_iou``."""
    covers: tuple[int, int]
    """Over how many images it is in each model."""
    shared: int
    """How many images have it in both."""
    values: tuple[float, float]
    """The mean over those in each model; NaN where there is none."""


class Change(NamedTuple):
    """An image and its mean IoU in both models, or what images are ranked by else."""

    name: str
    a: float
    b: float


def main_of_both(evaluations: tuple[Evaluated, Evaluated]) -> Main:
    """Return the main measure of two models: that of pixels unless both tell the same objects apart."""
    one, two = (side.measures for side in evaluations)
    alike = (one.told_apart, one.stuff) == (two.told_apart, two.stuff)
    return main_of(one, evaluations[0].classes) if alike else MAIN_PIXELS


@dataclass(frozen=True, eq=False, repr=False)
class Compared(Frozen):
    """Two models on the same images.

    Attributes
    ----------
    labels : (str, str)
        What the models are called.
    names : tuple of str
        The images that were compared, sorted.
    differences : tuple of Difference
        Headline metrics, those asked for, then the IoU of each class that is in a target; of objects,
        panoptic quality, F1 or average precision in its place.
    level : float
        Of the intervals.
    kind : str
        "images" or "groups": what was drawn and swapped.
    units : int
        How many of them there are.
    only : (tuple of str, tuple of str)
        Images that only one of the evaluations has, and that were left out (``on="common"``).
    note : str or None
        What is taken for granted.
    identical : bool
        Whether both models have the same counts in every image.
    a, b : float64 (n,)
        Mean IoU of each image, or what images are ranked by else; NaN where it is undefined.
    groups : tuple of str or int, or None
        The group of each image that was compared, where groups were drawn and swapped.
    evaluations : (Evaluation, Evaluation)
        What was compared, with the images that were left out.
    unlike : tuple of Unlike
        Means over classes that are not the same in both models: in `differences` they have no p-value, and
        behind what they are judged by.
    uneven : tuple of Uneven
        Means over images that are not the same in both models, with those over the images that both have.
    shape_notes : tuple of str
        What was measured of shapes and is not compared, and which distances are infinite.
    """

    labels: tuple[str, str]
    names: tuple[str, ...]
    differences: tuple[Difference, ...]
    level: float
    kind: str
    units: int
    only: tuple[tuple[str, ...], tuple[str, ...]]
    note: str | None
    identical: bool
    a: Floats
    b: Floats
    groups: tuple[Label, ...] | None
    evaluations: tuple[Evaluated, Evaluated]
    unlike: tuple[Unlike, ...] = ()
    uneven: tuple[Uneven, ...] = ()
    shape_notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Return a short form that ends in the difference that they are judged by."""
        one, two = map(brief, self.labels)
        found = f"{visible(self.title(self.headline))} {signed(self.headline.difference)}"
        return f"<{type(self).__name__} of {one} and {two} on {many(len(self.names), 'image')}: {found}>"

    def __getitem__(self, name: str) -> Difference:
        """Return the difference of a metric by its name.

        Raises
        ------
        ArgumentError
            If it was not compared; it names the nearest ones.
        """
        known = {difference.name: difference for difference in self.differences}
        if name not in known:
            raise unknown("compared metric", name, known)
        return known[name]

    @property
    def main(self) -> Main:
        """What the models are judged by: mean IoU, or that of objects where both have the same."""
        return main_of_both(self.evaluations)

    @property
    def headline(self) -> Difference:
        """The difference by which the models are judged: of means over the classes that both have."""
        whole = self.main.whole
        return self[next((one.judged for one in self.unlike if one.name == whole), whole)]

    @property
    def judged(self) -> tuple[Difference, ...]:
        """The differences but those of means over unlike classes, and of infinite distances."""
        beside = {one.name for one in self.unlike}
        infinite = {one.name for one in self.differences if math.isinf(one.a) or math.isinf(one.b)}
        return tuple(one for one in self.differences if one.name not in beside | infinite)

    def title(self, one: Difference) -> str:
        """Return what a difference is called in tables: with the number of classes where means are unlike."""
        for mean in self.unlike:
            if one.name == mean.judged:
                return f"{mean.name}, {mean.shared:,} {'class' if mean.shared == 1 else 'classes'}"
            if one.name == mean.name:
                return f"{mean.name}, {extent(mean.covers)}"
        return one.name

    @property
    def mean_told(self) -> str:
        """The difference that they are judged by, which classes it covers, and that over all beside it."""
        told = f"{self.main.label} {signed(self.headline.difference)}"
        if self.headline.name == self.main.whole:
            return told
        mean = next(one for one in self.unlike if one.judged == self.headline.name)
        beside = f"{signed(self[self.main.whole].difference)} over {extent(mean.covers)}"
        return f"{told} over the {many(mean.shared, 'class')} that both have ({beside})"

    @property
    def untestable(self) -> str | None:
        """Why no difference can be told from chance, such as "with 2 groups no p-value is below 0.5"."""
        return untestable(self.units, self.kind, self.level)

    @property
    def classes(self) -> tuple[Difference, ...]:
        """The differences of the IoU of single classes, or of what they are judged by else."""
        return tuple(one for one in self.differences if self.main.is_of_class(one.name))

    @lazy
    def better(self) -> tuple[Change, ...]:
        """Return images that are better in the second model, those that gained most first."""
        return self._changed(self.b - self.a)

    @lazy
    def worse(self) -> tuple[Change, ...]:
        """Return images that are worse in the second model, those that lost most first."""
        return self._changed(self.a - self.b)

    def _changed(self, gain: Floats) -> tuple[Change, ...]:
        order = np.argsort(-gain, kind="stable")[: np.count_nonzero(gain > 0)]
        columns = order.tolist(), self.a[order].tolist(), self.b[order].tolist()
        return tuple(Change(self.names[i], a, b) for i, a, b in zip(*columns, strict=True))
