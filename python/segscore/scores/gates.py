"""Gates: conditions that a result must meet, such as a mean IoU of at least 0.7.

What a gate comes to is a name, whether it was passed, and a sentence, whatever it was asked of: scores, or
a comparison of two models. What happens when one fails is the caller's to decide; nothing is printed here.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Real
from typing import TypeAlias

from segscore.base.wording import visible
from segscore.classes.classes import Classes
from segscore.errors import ArgumentError
from segscore.scores.measured import Measured
from segscore.scores.metric import Metric
from segscore.text.markdown import escape, table

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

    def check(self, scores: Measured) -> GateResult:
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


def check(scores: Measured, fail_under: Lowest) -> tuple[GateResult, ...]:
    """Return whether scores reach the lowest values of metrics; see `gates` for `fail_under`."""
    return tuple(gate.check(scores) for gate in gates(fail_under, scores.classes))


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


def of_gates(gates: "Sequence[GateResult]") -> tuple[str, ...]:
    """Return one sentence a gate; names and sentences are made visible."""
    return tuple(
        f"gate {'passed' if gate.passed else 'failed'}: {visible(gate.name)}: {visible(gate.sentence)}"
        for gate in gates
    )


def gates_markdown(gates: "Sequence[GateResult]") -> list[str]:
    """Return a table of gates as lines of Markdown; none for no gate."""
    judged = [
        (escape(gate.name), "passed" if gate.passed else "**failed**", escape(gate.sentence))
        for gate in gates
    ]
    return table(("gate", "result", "value"), judged, left=(0, 1, 2)) if judged else []
