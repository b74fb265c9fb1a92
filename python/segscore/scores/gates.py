"""Gates: conditions that a result must meet, such as a mean IoU of at least 0.7.

What a gate comes to is a name, whether it was passed, and a sentence, whatever it was asked of: scores, or
a comparison of two models. What happens when one fails is the caller's to decide; nothing is printed here.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Real
from typing import Protocol, TypeAlias

from segscore.base import limits
from segscore.base.naming import arg
from segscore.base.shown import Shown, brief
from segscore.base.values import is_int, one_or_several
from segscore.base.wording import many, shortened, visible
from segscore.classes.classes import Classes
from segscore.errors import ArgumentError
from segscore.scores import exact
from segscore.scores.measured import Measured
from segscore.scores.named import is_number, number_of
from segscore.scores.numbers import Number
from segscore.scores.sample import Sample
from segscore.text.markdown import escape, table

Asked: TypeAlias = "Gate | LeastImages"
Lowest: TypeAlias = Mapping[str, float] | str | Iterable[str]
"""Lowest values of metrics: `{"mean_iou": 0.7}`, or as texts, `"mean_iou=0.7,iou.car=0.6"`."""

_INFINITE = "infinite, as structures are missed, invented or farther than was looked for"
_DIGITS = 6
_WITH_UNIT = re.compile(r"(\d+(?:\.\d+)?) *(?:mm|px)", re.ASCII)
_COMPARED = re.compile(r"([^<>:]+?) *[<>:] *([-+.\d]+)")


@dataclass(frozen=True)
class GateResult(Shown):
    """What became of one gate; true if it was passed.

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

    def __bool__(self) -> bool:
        return self.passed


class GateResults(tuple[GateResult, ...]):
    """What became of several gates; true if all of them were passed, so that it can be asserted."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return all(self)


class Tried(Sample, Protocol):
    """Images that gates are asked of, some of which may have failed."""

    @property
    def requested(self) -> int:
        """How many should have been scored."""

    @property
    def shard(self) -> str:
        """Of which shards of a plan they are, in words; empty for all images that there are."""


@dataclass(frozen=True)
class Gate:
    """The worst value that a number may have: the lowest, or the highest where lower is better.

    An undefined one does not pass; ``limit`` itself does. A ratio of integers is held to it without rounding,
    any other number, such as MCC or a mean over images, within 1e-12.
    """

    number: Number
    limit: float

    def of(self, images: Tried) -> GateResult:
        """Return whether the number of images is good enough, and how many it rests on."""
        number = self.number.checked(images.shapes.measures)
        judged = self.judged(number.read(images), images.scores, unit=images.shapes.measures.unit)
        return replace(judged, sentence=f"{judged.sentence}, on {self._rests_on(images)}")

    def _rests_on(self, images: Tried) -> str:
        # Sums take in every image; distances are averaged over images also within a mean over classes.
        if not (self.number.of_some_images or self.number.metric.unit):
            return _scored(images)
        on = int(self.number.rests_on(images).sum())
        left = len(images.names) - on
        if not left:
            return _scored(images)
        lack = "has no such number and is" if left == 1 else "have no such number and are"
        return f"{on:,} of {many(images.requested, 'image')}{_of_shard(images)}: {left:,} {lack} left out"

    def judged(self, found: float, scores: Measured, *, unit: str = "") -> GateResult:
        """Return whether what was found of scores is good enough; `unit` is that of distances.

        Examples
        --------
        >>> from segscore import ConfusionMatrix
        >>> cm = ConfusionMatrix(["road", "sky"])
        >>> cm.update(pred=[0, 1], target=[1, 1])
        >>> Gate(number_of("iou.sky", cm.classes), 0.6).judged(0.5, cm.scores)
        GateResult(name='iou.sky', passed=False, sentence='0.500000, 0.100000 below 0.6')
        """
        name, metric = self.number.name, self.number.metric
        lowest = metric.sign > 0
        limit = repr(self.limit).removesuffix(".0") + (f" {unit or metric.unit}" if metric.unit else "")
        asked = f"at {'least' if lowest else 'most'} {limit} is asked for"
        if math.isnan(found):
            return GateResult(name, False, f"undefined, {asked}")
        if exact.near(found, self.limit):
            found = self.number.beside(self.limit, found, scores)
        gap = metric.sign * (self.limit - found)
        # Unrounded where rounding would hide on which side of the limit it is.
        close = 0 < abs(gap) < 10**-_DIGITS
        shown = repr(found) if close else f"{found:.{_DIGITS}f}"
        if gap <= 0:
            return GateResult(name, True, f"{shown}, {asked}")
        if math.isinf(found):
            return GateResult(name, False, f"{_INFINITE}, {asked}")
        beyond = f"{gap:.1e}" if close else f"{gap:.{_DIGITS}f}"
        return GateResult(name, False, f"{shown}, {beyond} {'below' if lowest else 'above'} {limit}")


@dataclass(frozen=True)
class LeastImages:
    """The least number of images that must have been scored."""

    number: int

    def of(self, images: Tried) -> GateResult:
        """Return whether there are so many."""
        return self.judged(len(images.names), f"{_scored(images)} scored")

    def judged(self, found: int, told: str) -> GateResult:
        """Return whether so many are enough; `told` says how many they are."""
        return GateResult("images", found >= self.number, f"{told}, at least {self.number:,} asked for")


def _scored(images: Tried) -> str:
    scored, requested = len(images.names), images.requested
    said = many(scored, "image") if scored == requested else f"{scored:,} of {many(requested, 'image')}"
    return f"{said}{_of_shard(images)}"


def _of_shard(images: Tried) -> str:
    return f" of {images.shard}" if images.shard else ""


def least_images(number: int | None) -> tuple[LeastImages, ...]:
    """Return the gate for a least number of images, if one is asked for."""
    if number is None:
        return ()
    if not is_int(number) or number < 1:
        raise ArgumentError(
            f"expected {arg('min_images')} of 1 or more, found {brief(number)}",
            "it is how many images must have been scored",
        )
    return (LeastImages(int(number)),)


def gates(fail_under: Lowest, classes: Classes) -> tuple[Gate, ...]:
    """Return the gates for the lowest values of metrics, in the order given; see `Scores.check`.

    Names of classes may hold commas. Names that are unknown or given twice, values that a metric cannot have,
    and no name at all are an ArgumentError.
    """
    if isinstance(fail_under, Mapping):
        given = list(fail_under.items())
    else:
        given = [pair for text in one_or_several(fail_under) for pair in _pairs(text, classes)]
    if not given:
        raise ArgumentError(f"{arg('fail_under')} names no metric", "write `mean_iou=0.7`")
    found: dict[str, Gate] = {}
    for named, value in given:
        name, number = _asked(named, classes)
        gate = Gate(number, _limit(number, value))
        if name in found:
            raise ArgumentError(f"{arg('fail_under')} names `{name}` twice", "give each metric one limit")
        found[name] = gate
    return tuple(found.values())


def _asked(name: object, classes: Classes) -> tuple[str, Number]:
    """Return what is asked about, with ``<`` or ``>`` of ``hd95.liver<=5`` taken off if it is so."""
    written = str(name)
    if not written.endswith(("<", ">")) or is_number(written, classes):
        return written, number_of(name, classes)
    asked = written[:-1].rstrip()
    number = number_of(asked, classes)
    if (number.metric.sign < 0) != written.endswith("<"):
        raise ArgumentError(
            f"{arg('fail_under')} holds `{written}=`, but {number.metric.better} is better",
            f"such as `{asked}{'<' if number.metric.sign < 0 else '>'}=…`",
        )
    return asked, number


def check(fail_under: Lowest, scores: Measured) -> GateResults:
    """Return whether numbers of scores are good enough; see `gates` for `fail_under`."""
    asked = gates(fail_under, scores.classes)
    return GateResults(gate.judged(gate.number.of_scores(scores), scores) for gate in asked)


def _pairs(text: object, classes: Classes) -> list[tuple[str, str]]:
    if not isinstance(text, str):
        raise ArgumentError(
            f"{arg('fail_under')} holds {text!r}, expected a text or a mapping of names to numbers",
            "write `mean_iou=0.7`",
        )
    pairs: list[tuple[str, str]] = []
    name = ""
    for part in text.split(","):
        if pairs and not name and part.strip().isdecimal():
            metric, value = pairs[-1]
            raise ArgumentError(
                f"{arg('fail_under')} is `{value},{part.strip()}` for `{metric}`, expected a decimal point",
                f"write `{metric}={value}.{part.strip()}`",
            )
        # A comma before the next value is part of a class's name.
        name += part if name else part.lstrip()
        before, equals, value = name.rpartition("=")
        if equals:
            pairs.append((before.strip(), value.strip()))
            name = ""
        elif is_number(name.strip(), classes):
            break
        elif name:
            name += ","
    if name:
        missing = name.strip(", ")
        compared = _COMPARED.fullmatch(missing)
        if compared is not None:
            raise ArgumentError(
                f"{arg('fail_under')} holds `{missing}`, expected `=` and the worst value that passes",
                f"write `{compared[1]}={compared[2]}`",
            )
        lengths = is_number(missing, classes) and number_of(missing, classes).metric.unit
        raise ArgumentError(
            f"{arg('fail_under')} has no number for `{missing}`",
            f"write `{missing}=5`, the largest that passes, in {lengths}"
            if lengths
            else f"write `{missing}=0.7`",
        )
    return pairs


def _limit(number: Number, value: object) -> float:
    try:
        if isinstance(value, str):
            limit = limits.number(value)
        else:
            limit = float(value) if isinstance(value, Real) else math.nan
    except (ValueError, OverflowError):
        limit = math.nan
    unit = number.metric.unit
    low, high = (0.0, math.inf) if unit else (-1.0, 1.0)
    if isinstance(value, bool) or not low <= limit <= high or math.isinf(limit):
        shown = shortened(value if isinstance(value, str) else repr(value))
        expected = f"a number of {unit}, 0 or more" if unit else "a number from -1 to 1"
        hint = f"such as 2.5, in {unit}" if unit else "scores are shares: 70 % is 0.7"
        if unit and isinstance(value, str) and (measured := _WITH_UNIT.fullmatch(value.strip())):
            hint = f"write `{measured[1]}`, without its unit"
        raise ArgumentError(
            f"{arg('fail_under')} is `{shown}` for `{number.name}`, expected {expected}", hint
        )
    return limit


def of_gates(gates: Sequence[GateResult]) -> tuple[str, ...]:
    """Return one sentence a gate; names and sentences are made visible."""
    return tuple(
        f"gate {'passed' if gate.passed else 'failed'}: {visible(gate.name)}: {visible(gate.sentence)}"
        for gate in gates
    )


def gates_markdown(gates: Sequence[GateResult]) -> list[str]:
    """Return a table of gates as lines of Markdown; none for no gate."""
    judged = [
        (escape(gate.name), "passed" if gate.passed else "**failed**", escape(gate.sentence))
        for gate in gates
    ]
    return table(("gate", "result", "value"), judged, left=(0, 1, 2)) if judged else []
