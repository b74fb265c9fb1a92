"""Gates of comparisons: whether the second model is not worse."""

import math
from numbers import Real

from segscore.base.naming import arg
from segscore.base.shown import brief
from segscore.base.wording import many
from segscore.errors import ArgumentError
from segscore.results.compared import Compared
from segscore.scores.gates import GateResult

_IDENTICAL = "both models have the same counts in every image"


def not_worse(comparison: Compared) -> GateResult:
    """Return whether nothing is worse beyond doubt in the second model, over all metrics compared.

    Too few images for any difference to be beyond doubt fail, unless both models have the same counts.
    """
    name, on = "not worse", _on(comparison)
    if comparison.identical:
        return GateResult(name, True, f"{_IDENTICAL}{on}")
    worse = [one for one in comparison.differences if one.significant and one.gain < 0]
    if worse:
        told = ", ".join(f"{comparison.title(one)} {one.difference:+.4f} (p {one.p:.4f})" for one in worse)
        return GateResult(name, False, f"worse beyond doubt: {told}{on}")
    detectable = comparison.headline.detectable
    by = comparison.main.label
    untold = comparison.untestable or (f"no image differs in {by}" if math.isnan(detectable) else None)
    if untold is not None:
        return GateResult(name, False, f"it cannot be told: {untold}{on}")
    least = f"a loss of {by} of {detectable:.4f} would be found in 4 of 5 cases"
    return GateResult(name, True, f"nothing is worse beyond doubt; {least}{on}")


def _on(comparison: Compared, *, mean: bool = True) -> str:
    """Return what a gate rests on: images, and, where means are unlike and not told yet, classes."""
    told = f"; {comparison.mean_told}" if mean and comparison.unlike else ""
    return f"{told}, on {many(len(comparison.names), 'image')}"


def not_worse_by(comparison: Compared, margin: float) -> GateResult:
    """Return whether the second model is surely not worse by a margin or more, above 0, at most 1.

    It is of the mean IoU, or of what models are judged by else. Too few data to be sure fail.
    """
    if isinstance(margin, bool) or not isinstance(margin, Real) or not 0 < margin <= 1:
        raise ArgumentError(
            f"expected {arg('margin')} above 0, at most 1, found {brief(margin)}",
            f"it is the loss of {comparison.main.label} that is too much, such as 0.01",
        )
    found, name, on = comparison.headline, f"not worse by {margin:g}", _on(comparison)
    if comparison.identical:
        return GateResult(name, True, f"{_IDENTICAL}{on}")
    if found.reason is not None:
        return GateResult(name, False, f"it cannot be told: {found.reason}{on}")
    share = f"{100 * comparison.level:g} %"
    told = f"{comparison.mean_told}, {share} interval {found.low:+.4f} to {found.high:+.4f}"
    least = (
        f"for equal models a margin of about {found.difference - found.low:.4f} can be shown with these data"
    )
    return GateResult(name, found.low > -margin, f"{told}; {least}{_on(comparison, mean=False)}")
