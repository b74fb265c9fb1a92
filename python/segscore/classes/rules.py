"""Rules that take labels out of codes that hold more than a class: ids of instances, or an index in a colour.

A rule is a line of arithmetic. It is checked once, with the bounds of all that it can come to, and then
computed of the few label values that were counted; no pixel is ever seen here.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from segscore.base.limits import whole_number
from segscore.base.values import Ints
from segscore.base.wording import shortened
from segscore.classes.labels import COLOUR_TAG
from segscore.errors import ClassesError

_CODES = 1 << 48
"""Codes are below this, so that no rule of theirs overflows unseen; larger values stay as they are."""
_MOST_TEXT = 200
_MOST_BRACKETS = 20
_CHANNELS = {"red": 16, "green": 8, "blue": 0}
"""Where the parts of a colour are in its label."""
_TOKEN = re.compile(r"\s*(\d+|//|[-+*%()]|[a-z]+)")
_DIVISION = re.compile(r"value // (\d+)")
_WHERE = re.compile(r"\s*(?:value\s*)?>=\s*(\d+)\s*")
_HINT = (
    'write "value // 1000 where value >= 1000", "value // 256" or "red // 10 * 256 + green": '
    "whole numbers, + - * // % and brackets"
)


class _Part(NamedTuple):
    """A part of a rule: how it is computed, and between which numbers it is."""

    of: Callable[[Mapping[str, Ints]], Ints]
    low: int
    high: int


@dataclass(frozen=True)
class LabelRule:
    """What a label is, computed of the code that pixels have."""

    text: str
    """As it is written."""
    of_colours: bool
    """Whether codes are colours; all other labels stay as they are then."""
    least: int
    """The smallest number that is a code; others stay as they are."""
    part: _Part
    divisor: int | None = None
    """By what a mere division divides, of which nobody said from which number on values are codes."""

    def __call__(self, labels: Ints) -> Ints:
        """Return the labels of codes; what is none stays."""
        labels = labels.astype(np.int64, copy=False)
        if self.of_colours:
            codes = labels >> 32 == COLOUR_TAG >> 32
            parts = {name: labels >> bits & 255 for name, bits in _CHANNELS.items()}
        else:
            codes = (labels >= self.least) & (labels < _CODES)
            parts = {"value": np.where(codes, labels, self.least)}
        return np.where(codes, self.part.of(parts), labels)


def rule_of(text: object) -> LabelRule:
    """Return the rule that a text says, or raise ClassesError."""
    if not isinstance(text, str) or not text.isascii() or not 0 < len(text) <= _MOST_TEXT:
        found = shortened(repr(text), _MOST_TEXT)
        raise ClassesError(f"expected a label rule in {_MOST_TEXT} characters, found {found}", _HINT)
    return _parsed(text)


@lru_cache(maxsize=256)
def _parsed(text: str) -> LabelRule:
    try:
        return _rule(text)
    except ValueError as error:
        raise ClassesError(f"label rule `{text}`: {error}", _HINT) from error


def _rule(text: str) -> LabelRule:
    if text.count("(") > _MOST_BRACKETS:
        raise ValueError(f"it has more than {_MOST_BRACKETS} brackets")
    formula, where, condition = text.partition("where")
    least = _least(condition) if where else 0
    reader = _Reader(formula, least)
    part = reader.sum()
    of_colours = "value" not in reader.names
    for wrong, message in (
        (reader.tokens, f"`{''.join(reader.tokens[:1])}` is too much"),
        (not reader.names, "it names neither `value` nor `red`, `green` and `blue`"),
        (not of_colours and len(reader.names) > 1, "a code is a number, `value`, or a colour, and not both"),
        (of_colours and where, "colours have no smallest one"),
        (part.high >= COLOUR_TAG, f"it may come to {part.high:,}, and labels are below 2**56"),
    ):
        if wrong:
            raise ValueError(message)
    written = " ".join(reader.read).replace("( ", "(").replace(" )", ")")
    written += f" where value >= {least}" if where else ""
    divided = _DIVISION.fullmatch(written)
    divisor = None if divided is None else int(divided[1])
    return LabelRule(written, of_colours=of_colours, least=least, part=part, divisor=divisor)


def _least(condition: str) -> int:
    found = _WHERE.fullmatch(condition)
    if found is None:
        raise ValueError(f"expected `where value >= 1000`, found `where{condition}`")
    least = whole_number(found[1])
    if least >= _CODES:
        raise ValueError(f"codes are numbers below {_CODES:,}")
    return least


class _Reader:
    """Reads a formula from left to right."""

    def __init__(self, text: str, least: int) -> None:
        self.least = least
        self.tokens: list[str] = []
        self.read: list[str] = []
        self.names: set[str] = set()
        at = 0
        while at < len(text.rstrip()):
            found = _TOKEN.match(text, at)
            if found is None:
                raise ValueError(f"`{text[at:].strip()[0]}` means nothing")
            self.tokens.append(found[1])
            at = found.end()

    def _next(self, *known: str) -> str:
        """Return the next token if it is one of these, or nothing."""
        if not self.tokens or (known and self.tokens[0] not in known):
            return ""
        self.read.append(self.tokens.pop(0))
        return self.read[-1]

    def sum(self) -> _Part:
        """Return what is added up."""
        part = self._product()
        while sign := self._next("+", "-"):
            part = _combined(sign, part, self._product())
        return part

    def _product(self) -> _Part:
        part = self._single()
        while sign := self._next("*", "//", "%"):
            part = _combined(sign, part, self._single())
        return part

    def _single(self) -> _Part:
        word = self._next()
        if word == "(":
            part = self.sum()
            if not self._next(")"):
                raise ValueError("a bracket is not closed")
            return part
        if word.isdigit():
            number = whole_number(word)
            return _bounded(lambda _: np.array(number), number, number)
        if word != "value" and word not in _CHANNELS:
            raise ValueError(f"`{word}` means nothing there" if word else "something is missing at its end")
        self.names.add(word)
        low, high = (0, 255) if word in _CHANNELS else (self.least, _CODES - 1)
        return _Part(lambda parts: parts[word], low, high)


def _bounded(of: Callable[[Mapping[str, Ints]], Ints], low: int, high: int) -> _Part:
    if max(-low, high) >= 1 << 62:
        raise ValueError(f"a number in it may be {max(-low, high):,}, which is too large")
    return _Part(of, low, high)


def _combined(sign: str, a: _Part, b: _Part) -> _Part:
    """Return two parts with a sign between them; no number that it can come to has more than 64 bits."""
    if sign in ("//", "%"):
        if b.low != b.high or b.low < 1:
            raise ValueError(f"`{sign}` is followed by a whole number of 1 or more, which divides")
        by = b.low
        if sign == "//":
            return _bounded(lambda parts: a.of(parts) // by, a.low // by, a.high // by)
        return _bounded(lambda parts: a.of(parts) % by, 0, by - 1)
    if sign == "*":
        ends = [x * y for x in (a.low, a.high) for y in (b.low, b.high)]
        return _bounded(lambda parts: a.of(parts) * b.of(parts), min(ends), max(ends))
    if sign == "+":
        return _bounded(lambda parts: a.of(parts) + b.of(parts), a.low + b.low, a.high + b.high)
    return _bounded(lambda parts: a.of(parts) - b.of(parts), a.low - b.high, a.high - b.low)
