"""Whether a threshold is on the scale of the values that it parts, told from the values of all images."""

from collections.abc import Iterable
from typing import NamedTuple

from segscore.base.naming import arg
from segscore.counts.logits import as_compared
from segscore.io.arrays import as_floats, as_scores
from segscore.io.devices import Away

SCALE_HINT = (
    f"a threshold is on the scale of the values: {arg('threshold', 0.5)} for probabilities from 0 to 1, 50 "
    "for percents and 0 for logits, all of them as floats; of gray pictures it is a share of the largest "
    "value that they can hold. Masks of labels take none"
)
"""What to do where a threshold looks like one of another scale."""
_USED = 0.4
"""Share of the largest value that some gray value has: percents reach 100 of 255, and labels less."""
_ROUNDED = 1.01
"""What probabilities may come to, as they are rounded."""
_OF_PROBABILITIES = 0.5
"""The threshold that nobody means for logits."""


class ScoreRange(NamedTuple):
    """The lowest and the highest score of one channel, of one image or of many, and what parts them."""

    low: float
    high: float
    threshold: float
    """As scores of its type are compared with it."""
    largest: int
    """What a gray picture could hold, of which scores are shares; 0 for floats."""

    def shown(self, value: float) -> str:
        """Return a value as it was in the file or array."""
        return f"{round(value * self.largest):,} of {self.largest:,}" if self.largest else f"{value:.4g}"


def values_of(scores: object, threshold: float | None, largest: int = 0) -> ScoreRange | None:
    """Return what a threshold parts in one image, if there is one; NaN was refused before."""
    array = None if threshold is None else as_scores(scores)
    if threshold is None or array is None or not array.size:
        return None
    compared = as_compared(threshold, array)
    if isinstance(array, Away):
        return ScoreRange(*array.score_range(), compared, largest)
    array = as_floats(array)
    return ScoreRange(float(array.min()), float(array.max()), compared, largest)


def misfit(images: Iterable[ScoreRange | None], *, all_there_are: bool = True) -> str:
    """Return the sentence that says why a threshold looks like one of another scale; else nothing.

    Of some images alone, the values may tell of what kind they are, but not whether others reach it.
    """
    found: dict[tuple[float, int], ScoreRange] = {}
    for one in images:
        if one is not None:
            both = found.setdefault((one.threshold, one.largest), one)
            low, high = min(one.low, both.low), max(one.high, both.high)
            found[one.threshold, one.largest] = one._replace(low=low, high=high)
    return next((said for seen in found.values() if (said := _misfit(seen, all_there_are))), "")


def _misfit(seen: ScoreRange, all_there_are: bool) -> str:
    low, high, threshold, largest = seen
    if all_there_are and high < threshold:
        return (
            f"no value of any prediction reaches the threshold {threshold:g}: the highest is "
            f"{seen.shown(high)}"
        )
    if all_there_are and low >= threshold:
        return (
            f"every value of all predictions reaches the threshold {threshold:g}: the lowest is "
            f"{seen.shown(low)}"
        )
    if largest > 1 and high <= _USED:
        return (
            f"the highest value of all predictions is {seen.shown(high)}, so that they look like labels or "
            f"percents, and not like shares of which {threshold:g} is one"
        )
    of_logits = low < 0 and threshold != _OF_PROBABILITIES
    if not largest and high > _ROUNDED and 0 < threshold <= 1 and not of_logits:
        return (
            f"the values of predictions go from {seen.shown(low)} to {seen.shown(high)}, and the threshold "
            f"{threshold:g} looks like one of probabilities"
        )
    if not largest and low >= 0 and high <= _ROUNDED < threshold:
        return (
            f"the values of predictions go from {seen.shown(low)} to {seen.shown(high)}, and the threshold "
            f"{threshold:g} looks like one of percents"
        )
    return ""
