"""Bars that go out from the middle: to the right what is better, to the left what is worse."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

_LEAST = 1e-12


@dataclass(frozen=True)
class Bar:
    """A difference in per cent of the width, whose middle is none; an interval that it lacks has no ends."""

    x: float
    width: float
    low: float | None
    high: float | None


def limit_of(values: Iterable[float]) -> float:
    """Return the largest size of the finite values, above 0: what half the width of a bar stands for."""
    return max([_LEAST, *(abs(value) for value in values if math.isfinite(value))])


def bar(value: float, limit: float, low: float = math.nan, high: float = math.nan) -> Bar | None:
    """Return the bar of a difference, None where it is undefined.

    The limit is the size of a difference that fills half the width; ends of the interval are NaN where there
    is none.

    Examples
    --------
    >>> bar(-0.1, 0.2, -0.2, 0.0)
    Bar(x=25.0, width=25.0, low=0.0, high=50.0)
    """
    if math.isnan(value):
        return None
    end, ends = 50 * value / limit, [50 + 50 * at / limit for at in (low, high)]
    known = not any(math.isnan(at) for at in ends)
    return Bar(50 + min(end, 0.0), abs(end), ends[0] if known else None, ends[1] if known else None)
