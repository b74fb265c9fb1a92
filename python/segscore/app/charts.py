"""Lines over a row of places, laid out for a template that draws them in SVG.

Places across are in per cent of the width, so that a chart is as wide as there is room without any script;
heights are in pixels.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

TOP, BOTTOM, HEIGHT = 12, 228, 256
"""Where values end and begin, and the height with the names of places, in pixels."""
_ROOM = 56
"""Characters of the names of places that fit below a chart that is as narrow as a phone."""
_LONGEST = 12
"""Characters of such a name that are shown."""
_STEPS = 4
"""Lines across that are aimed at."""


@dataclass(frozen=True)
class Value:
    """What a line goes through, with the bounds of its interval, which is NaN where there is none."""

    place: int
    value: float
    low: float = math.nan
    high: float = math.nan
    run: str = ""
    """Which run it leads to."""
    text: str = ""
    """What it is, for those who point at it."""


@dataclass(frozen=True)
class Dot:
    """A value as it is drawn."""

    x: float
    y: float
    low: float | None
    high: float | None
    run: str
    text: str


@dataclass(frozen=True)
class Line:
    """Values of one kind, from left to right, and what stands between each and the next."""

    name: str
    number: int
    """Which of the lines it is, which decides how it looks."""
    dots: Sequence[Dot]

    @property
    def segments(self) -> list[tuple[Dot, Dot]]:
        """The pairs that are joined."""
        return list(zip(self.dots, self.dots[1:], strict=False))


@dataclass(frozen=True)
class Chart:
    """Lines with what stands around them."""

    lines: Sequence[Line]
    ticks: Sequence[tuple[float, str]]
    """Heights of lines across, from below, and their values."""
    places: Sequence[tuple[float, str]]
    """Where the names of places stand, of which some are left out where there are many."""
    marked: float | None
    """The place that is pointed out, if one is."""


def chart(places: Sequence[str], lines: Mapping[str, Iterable[Value]], *, marked: int | None) -> Chart | None:
    """Return lines over places, from left to right; None if no value is finite.

    Values that are infinite or undefined are left out, and their neighbours joined.
    """
    drawn = {name: [one for one in line if math.isfinite(one.value)] for name, line in lines.items()}
    ends = [
        end
        for line in drawn.values()
        for one in line
        for end in (one.value, one.low, one.high)
        if math.isfinite(end)
    ]
    if not ends:
        return None
    ticks = ticks_of(min(ends), max(ends))
    lowest, highest = ticks[0][0], ticks[-1][0]

    def height(value: float) -> float:
        return round(BOTTOM - (value - lowest) / (highest - lowest) * (BOTTOM - TOP), 2)

    def across(place: int) -> float:
        return round(100 * (place + 0.5) / len(places), 3)

    def dot(one: Value) -> Dot:
        known = math.isfinite(one.low) and math.isfinite(one.high)
        low, high = (height(one.low), height(one.high)) if known else (None, None)
        return Dot(across(one.place), height(one.value), low, high, one.run, one.text)

    return Chart(
        lines=[Line(name, i, [dot(one) for one in line]) for i, (name, line) in enumerate(drawn.items())],
        ticks=[(height(value), text) for value, text in ticks],
        places=[(across(i), _shortened(places[i])) for i in _named(places)],
        marked=None if marked is None else across(marked),
    )


def ticks_of(low: float, high: float) -> list[tuple[float, str]]:
    """Return round values from at most `low` to at least `high`, each with its text, two or more.

    Examples
    --------
    >>> ticks_of(0.612, 0.689)
    [(0.6, '0.60'), (0.62, '0.62'), (0.64, '0.64'), (0.66, '0.66'), (0.68, '0.68'), (0.7, '0.70')]
    >>> ticks_of(3.0, 3.0)
    [(2.8, '2.8'), (2.9, '2.9'), (3.0, '3.0'), (3.1, '3.1'), (3.2, '3.2')]
    """
    if high - low <= 1e-9 * max(abs(high), abs(low)):
        room = 0.05 * abs(high) or 0.05
        low, high = low - room, high + room
    rough = (high - low) / _STEPS
    power = math.floor(math.log10(rough))
    step = next(times * 10.0**power for times in (1, 2, 5, 10) if times * 10.0**power >= rough * (1 - 1e-9))
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    values = [round(i * step, digits + 1) for i in range(first, last + 1)]
    return [(value, f"{value:.{digits}f}") for value in values]


def _named(places: Sequence[str]) -> range:
    """Return the places whose names are shown: the last one, and back from it as many as fit."""
    longest = max(len(_shortened(place)) for place in places)
    fit = max(2, _ROOM // (longest + 2))
    return range(len(places) - 1, -1, -math.ceil(len(places) / fit))


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
