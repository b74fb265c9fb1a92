"""Numbers as people and programs read them. What they mean is said elsewhere."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

DASH = "—"
"""What stands where there is nothing, or nothing that is defined."""
_MOST_DIGITS = 6
"""Decimals that a short number may have at most."""


def number(value: float, digits: int = 4) -> str:
    """Return a number with so many decimals, or a dash for NaN, which is undefined.

    Examples
    --------
    >>> number(2 / 3), number(2 / 3, digits=6), number(float("nan"))
    ('0.6667', '0.666667', '—')
    """
    return DASH if math.isnan(value) else f"{value:.{digits}f}"


def worded(value: float, digits: int = 4) -> str:
    """Return a number as `number` does, but for what is infinite, which is a word.

    Examples
    --------
    >>> worded(float("inf")), worded(2.5, 2)
    ('infinite', '2.50')
    """
    return "infinite" if math.isinf(value) else number(value, digits)


def brief(value: float, digits: int = 2) -> str:
    """Return a share with few decimals that never reads as nothing or all unless it is; up to six are taken.

    Examples
    --------
    >>> brief(0.4249), brief(0.9973), brief(0.0004, 3), brief(1.0), brief(1 - 1e-9)
    ('0.42', '0.997', '0.0004', '1.00', '>0.999999')
    """
    for taken in range(digits, _MOST_DIGITS + 1):
        text = number(value, taken)
        if float(text) not in (0.0, 1.0):
            return text
    if value in (0.0, 1.0):
        return number(value, digits)
    least = 10.0**-_MOST_DIGITS
    return f"<{least:.{_MOST_DIGITS}f}" if value < 0.5 else f">{1 - least:.{_MOST_DIGITS}f}"


def percent(part: float, whole: float, digits: int = 2) -> str:
    """Return a share in percent that never reads as nothing or all unless it is.

    Examples
    --------
    >>> percent(1, 8), percent(1, 10**9), percent(10**9 - 1, 10**9), percent(0, 5)
    ('12.50%', '<0.01%', '>99.99%', '0.00%')
    >>> percent(1, 1000, digits=0)
    '<1%'
    """
    text, least = f"{part / whole:.{digits}%}", 10.0**-digits
    if part and text == f"{0:.{digits}%}":
        return f"<{least:.{digits}f}%"
    return f">{100 - least:.{digits}f}%" if part != whole and text == f"{1:.{digits}%}" else text


def signed(value: float, digits: int = 4) -> str:
    """Return a difference with its sign; one that is nothing in these digits has a plus, NaN is a dash.

    Examples
    --------
    >>> signed(0.12345), signed(-0.5, 2), signed(-1e-9), signed(float("nan"))
    ('+0.1235', '-0.50', '+0.0000', '—')
    """
    if math.isnan(value):
        return DASH
    text = f"{value:+.{digits}f}"
    return text.replace("-", "+") if not float(text) else text


_PLAIN = frozenset({str, int, bool, type(None)})


def plain(value: Any) -> Any:
    """Return a value, or all that it holds, in what JSON has: lists, dicts, numbers; None for NaN.

    An infinite number, for which it has none, is a text that `float` reads.

    Examples
    --------
    >>> plain({"iou": np.array([0.5, np.nan]), "pixels": (np.int64(3),)})
    {'iou': [0.5, None], 'pixels': [3]}
    >>> plain(float("inf"))
    'inf'
    """
    if type(value) in _PLAIN:  # most values of a page are these, and asking what else they are takes longest
        return value
    if isinstance(value, np.ndarray | np.generic):
        # Of arrays, such as those of matrices, numbers are not looked at one by one.
        if value.ndim and value.dtype.kind == "f" and not np.isfinite(value).all():
            found = value.astype(object)
            found[np.isnan(value)], found[value == np.inf], found[value == -np.inf] = None, "inf", "-inf"
            return found.tolist()
        looked_at, value = not value.ndim or value.dtype.kind not in "biufU", value.tolist()
        if not looked_at:
            return value
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and math.isinf(value):
        return str(value)
    return None if isinstance(value, float) and math.isnan(value) else value
