"""Widths of bands along boundaries: pixels, or a share of the diagonal of the image."""

import re
from collections.abc import Iterable
from itertools import pairwise
from math import hypot, inf
from typing import TypeAlias

from segscore.base.limits import number
from segscore.base.naming import arg
from segscore.base.shown import brief
from segscore.base.values import is_int, one_or_several, real
from segscore.base.wording import shortened
from segscore.errors import ArgumentError

Width: TypeAlias = int | float
"""The width of a band: pixels, or a share of the diagonal of the image."""
Widths: TypeAlias = Width | str | Iterable[Width | str]

_WIDTH = re.compile(r"\s*([\d.]+)\s*(px|%|)\s*", re.ASCII)
_MOST = (1 << 16) - 1
"""Pixels of a band, at most."""
_LONG = 10**30
"""Pixels that are written in few of their digits."""
_MOST_WIDTHS = 15
"""What the core can tell apart in one pass."""


def checked_widths(boundary: Widths, dims: int) -> tuple[Width, ...]:
    """Return the widths of bands of images of so many dimensions, or raise ArgumentError."""
    if dims != 2:
        raise ArgumentError(
            f"{arg('boundary')} is given for images of {dims} dimensions, and bands are measured of 2",
            f"the borders of volumes are compared with {arg('distances', True)}",
        )
    widths = tuple(map(width_of, one_or_several(boundary)))
    rising = all(a < b for a, b in pairwise(widths))
    if not widths or len(widths) > _MOST_WIDTHS or not rising or len({*map(type, widths)}) > 1:
        found = shortened(", ".join(map(shown_width, widths))) or "empty"
        raise ArgumentError(
            f"{arg('boundary')} is {found}, expected 1 to {_MOST_WIDTHS} widths, rising, all in pixels or "
            "all shares of the diagonal",
            f"such as {arg('boundary', 0.02)} or {arg('boundary', [1, 3, 5])}",
        )
    return widths


def width_of(width: object) -> Width:
    """Return the width of a band: pixels as an integer, a share of the diagonal as a fraction.

    Examples
    --------
    >>> width_of("2%"), width_of("5px"), width_of(0.02), width_of(3)
    (0.02, 5, 0.02, 3)
    """
    found: object = width
    if isinstance(width, str) and (parts := _WIDTH.fullmatch(width)):
        try:
            value = number(parts[1])
        except ValueError:
            value = inf
        whole = parts[2] == "px" or (not parts[2] and "." not in parts[1])
        if parts[2] == "%":
            value /= 100
        found = int(value) if whole and value % 1 == 0 else value
        if parts[2] == "px" and not is_int(found):
            found = None
    if is_int(found) and 0 < found <= _MOST:
        return int(found)
    if is_int(found) and found > _MOST:
        pixels = f"{found:,}" if found < _LONG else brief(found)
        raise ArgumentError(
            f"a band of {pixels} px is wider than any, expected at most {_MOST:,} px",
            "a band that is wider than objects holds all of their pixels: such as 5, or 2% of the diagonal",
        )
    share = None if is_int(found) else real(found)
    if share is not None and 0 < share < 1:
        return float(f"{share:.6g}")  # 0.7 % and 0.007 are one width, and so is float32's
    raise ArgumentError(
        f"{brief(width)} is no width of a band",
        "5 or 5px are pixels, 0.02 or 2% are a share of the diagonal of the image, less than 1",
    )


def shown_width(width: Width) -> str:
    """Return a width in words.

    Examples
    --------
    >>> shown_width(0.02), shown_width(5)
    ('2 % of the diagonal', '5 px')
    """
    return f"{width} px" if is_int(width) else f"{100 * width:g} % of the diagonal"


def pixels_of(widths: tuple[Width, ...], height: int, columns: int) -> tuple[int, ...]:
    """Return widths in pixels for an image of a size: a share is rounded, and at least one pixel.

    ``max(1, round(share * diagonal))``, of B. Cheng et al., "Boundary IoU", CVPR 2021.
    """
    diagonal = hypot(height, columns)
    return tuple([width if is_int(width) else max(1, round(width * diagonal)) for width in widths])


def band_of(widths: tuple[Width, ...]) -> Width | None:
    """Return the width of bands of objects, if any is asked for, or raise ArgumentError for several."""
    if len(widths) > 1:
        raise ArgumentError(
            f"{arg('boundary')} is {brief(widths)}, and bands of objects have one width", "such as 0.02"
        )
    return widths[0] if widths else None
