"""Gates: conditions that a result must meet, such as a mean IoU of at least 0.7.

What a gate comes to is a name, whether it was passed, and a sentence, whatever it was asked of: scores, or
a comparison of two models. What happens when one fails is the caller's to decide; nothing is printed here.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, TypeAlias

from segscore.classes.classes import Classes
from segscore.errors import ArgumentError
from segscore.scores.metric import Metric

if TYPE_CHECKING:
    from segscore.results.compared import Comparison
    from segscore.scores.measured import Scores

Lowest: TypeAlias = Mapping[str, float] | str | Iterable[str]
"""Lowest values of metrics: `{"mean_iou": 0.7}`, or as texts, `"mean_iou=0.7,iou.car=0.6"`."""

_DIGITS = 6


@dataclass(frozen=True)
class GateResult:
    """What became of one gate.

    Attributes
    ----------
    name : str
        What was asked about, such as ``mean_iou`` or ``iou.car``.
    passed : bool
        Whether it is as was asked for.
    sentence : str
        What was found and how it compares with what was asked for.
    """

    name: str
    passed: bool
    sentence: str


@dataclass(frozen=True)
class Gate:
    """The lowest value that a metric may have; an undefined one is not high enough.

    Attributes
    ----------
    metric : Metric
        The metric.
    lowest : float
        From -1 to 1; this value itself passes.

    Examples
    --------
    >>> from segscore import Classes, Scores
    >>> scores = Scores(Classes(["road", "sky"]), tp=[6, 3], target=[8, 4], pred=[7, 5], missed=[0, 0])
    >>> Gate(Metric.of("iou.sky", scores.classes), 0.6).check(scores)
    GateResult(name='iou.sky', passed=False, sentence='0.500000, 0.100000 below 0.6')
    """

    metric: Metric
    lowest: float

    def check(self, scores: "Scores") -> GateResult:
        """Return whether the scores are high enough."""
        found = self.metric.read(scores)
        lowest = repr(self.lowest).removesuffix(".0")
        if math.isnan(found):
            return GateResult(self.metric.name, False, f"undefined, at least {lowest} is asked for")
        gap = self.lowest - found
        # Unrounded where rounding would hide on which side of the lowest value it is.
        close = 0 < abs(gap) < 10**-_DIGITS
        shown = repr(found) if close else f"{found:.{_DIGITS}f}"
        if gap <= 0:
            return GateResult(self.metric.name, True, f"{shown}, at least {lowest} is asked for")
        below = f"{gap:.1e}" if close else f"{gap:.{_DIGITS}f}"
        return GateResult(self.metric.name, False, f"{shown}, {below} below {lowest}")


def gates(fail_under: Lowest, classes: Classes) -> tuple[Gate, ...]:
    """Return the gates for the lowest values of metrics, in the order given.

    Parameters
    ----------
    fail_under : mapping of str to float, str, or iterable of str
        Lowest values by the name of the metric. A text holds names and values as
        ``mean_iou=0.7,iou.car=0.6``; names of classes may hold commas.
    classes : Classes
        The classes that names such as ``iou.car`` refer to.

    Raises
    ------
    ArgumentError
        If a metric or class is unknown, named twice or has no value from -1 to 1; or if there is none.
    """
    if isinstance(fail_under, Mapping):
        given = list(fail_under.items())
    else:
        several = isinstance(fail_under, Iterable) and not isinstance(fail_under, str)
        texts = fail_under if several else [fail_under]
        given = [pair for text in texts for pair in _pairs(text, classes)]
    if not given:
        raise ArgumentError("`fail_under` names no metric", "write `mean_iou=0.7`")
    found: dict[str, Gate] = {}
    for name, value in given:
        gate = Gate(Metric.of(name, classes), _number(name, value))
        if name in found:
            raise ArgumentError(f"`fail_under` names `{name}` twice", "give each metric one lowest value")
        found[name] = gate
    return tuple(found.values())


def check(scores: "Scores", fail_under: Lowest) -> tuple[GateResult, ...]:
    """Return whether scores reach the lowest values of metrics; see `gates` for `fail_under`."""
    return tuple(gate.check(scores) for gate in gates(fail_under, scores.classes))


def not_worse(comparison: "Comparison") -> GateResult:
    """Return whether nothing is worse beyond doubt in the second model, over all metrics compared.

    Too few images for any difference to be beyond doubt fail, unless both models have the same counts.
    """
    name, detectable = "not worse", comparison["mean_iou"].detectable
    if comparison.identical:
        return GateResult(name, True, _IDENTICAL)
    worse = [one for one in comparison.differences if one.significant and one.difference < 0]
    if worse:
        told = ", ".join(f"{one.name} {one.difference:+.4f} (p {one.p:.4f})" for one in worse)
        return GateResult(name, False, f"worse beyond doubt: {told}")
    if math.isnan(detectable):
        return GateResult(name, False, f"it cannot be told: too few {comparison.kind} ({comparison.units})")
    least = f"a loss of mean IoU of {detectable:.4f} would be found in 4 of 5 cases"
    return GateResult(name, True, f"nothing is worse beyond doubt; {least}")


def not_worse_by(comparison: "Comparison", margin: float) -> GateResult:
    """Return whether the second model's mean IoU is surely not lower by a margin or more.

    Parameters
    ----------
    comparison : Comparison
        Of two models.
    margin : float
        Above 0, at most 1. Too few data to be sure fail.

    Raises
    ------
    ArgumentError
        If the margin is no such number.
    """
    if isinstance(margin, bool) or not isinstance(margin, Real) or not 0 < margin <= 1:
        raise ArgumentError(
            f"expected `margin` above 0, at most 1, found {margin!r}",
            "it is the loss of mean IoU that is too much, such as 0.01",
        )
    found, name = comparison["mean_iou"], f"not worse by {margin:g}"
    if comparison.identical:
        return GateResult(name, True, _IDENTICAL)
    if found.reason is not None:
        return GateResult(name, False, f"it cannot be told: {found.reason}")
    share = f"{100 * comparison.level:g} %"
    told = f"mean IoU {found.difference:+.4f}, {share} interval {found.low:+.4f} to {found.high:+.4f}"
    least = (
        f"for equal models a margin of about {found.difference - found.low:.4f} can be shown with these data"
    )
    return GateResult(name, found.low > -margin, f"{told}; {least}")


_IDENTICAL = "both models have the same counts in every image"


def _pairs(text: object, classes: Classes) -> list[tuple[str, str]]:
    if not isinstance(text, str):
        raise ArgumentError(
            f"`fail_under` holds {text!r}, expected a text or a mapping of names to numbers",
            "write `mean_iou=0.7`",
        )
    pairs, name = [], ""
    for part in text.split(","):
        # A comma before the next value is part of a class's name.
        name += part if name else part.lstrip()
        before, equals, value = name.rpartition("=")
        if equals:
            pairs.append((before.strip(), value.strip()))
            name = ""
        elif _is_metric(name.strip(), classes):
            break
        elif name:
            name += ","
    if name:
        missing = name.strip(", ")
        raise ArgumentError(f"`fail_under` has no number for `{missing}`", f"write `{missing}=0.7`")
    return pairs


def _is_metric(name: str, classes: Classes) -> bool:
    try:
        Metric.of(name, classes)
    except ArgumentError:
        return False
    return True


def _number(name: str, value: object) -> float:
    try:
        number = float(value) if isinstance(value, str | Real) else math.nan
    except ValueError:
        number = math.nan
    if isinstance(value, bool) or not -1 <= number <= 1:
        shown = value if isinstance(value, str) else repr(value)
        raise ArgumentError(
            f"`fail_under` is `{shown}` for `{name}`, expected a number from -1 to 1",
            "scores are shares: 70 % is 0.7",
        )
    return number
