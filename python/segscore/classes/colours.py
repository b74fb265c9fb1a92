"""Colours for classes: those that the dataset gives them, and made-up ones; and for what is no class."""

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import count
from types import MappingProxyType

from segscore.classes.classes import Classes
from segscore.classes.folding import is_background
from segscore.classes.labels import Colour

ERRORS: Mapping[str, Colour] = MappingProxyType(
    {
        "correct": (222, 228, 232),
        "wrong": (214, 64, 24),
        "no class": (176, 72, 200),
        "ignored": (96, 106, 114),
    }
)
"""What a map of errors shows, and in which colour; none is a usual one of sky, road or building.

The first of them is seen through in pictures, so that what is behind them gives the ground, light or dark:
all others can be told from both.
"""
CHANGES: Mapping[str, Colour] = MappingProxyType(
    {
        "right in both": (222, 228, 232),
        "fixed": (22, 124, 168),
        "broken": (214, 64, 24),
        "wrong in both": (222, 158, 0),
        "ignored": (96, 106, 114),
    }
)
"""What a map of the changes from one model to another shows, and in which colour; the first one as there."""

_BACKGROUND: Colour = (205, 210, 214)
_NO_CLASS: Colour = (255, 0, 255)
_IGNORED: Colour = (20, 22, 24)
_GOLDEN = 137.507764
"""Degrees between two hues, so that any number of classes is spread around the circle."""
_LIGHTNESS = (0.62, 0.78, 0.48)
_CHROMA = 0.14


def class_colours(classes: Classes) -> tuple[Colour, ...]:
    """Return a colour for each class: its own, or one that looks unlike its neighbours'.

    It is the same for the same classes. A background is gray, so that what lies on it is seen.

    Examples
    --------
    >>> class_colours(Classes(["road", "sky"], colours={0: (128, 64, 128)}))[0]
    (128, 64, 128)
    """
    taken = {*classes.label_of_colour, *other_colours(classes).values()}
    colours = []
    for i, labels in enumerate(classes.all_labels):
        given = next((classes.colours[label] for label in labels if label in classes.colours), None)
        if given is None and is_background(classes.names[i]) and _BACKGROUND not in taken:
            given = _BACKGROUND
            taken.add(given)
        if given is not None:
            colours.append(given)
            continue
        colour = _made_up(i)
        for further in count(len(classes.labels)):
            if colour not in taken:
                break
            colour = _made_up(further)
        taken.add(colour)
        colours.append(colour)
    return tuple(colours)


def other_colours(classes: Classes) -> dict[str, Colour]:
    """Return the colours of predictions that are no class, and of ignored targets."""
    given = [classes.colours[label] for label in classes.ignore if label in classes.colours]
    return {"no class": _NO_CLASS, "ignored": given[0] if len(given) == 1 else _IGNORED}


def distinct(colours: Iterable[Colour]) -> list[Colour]:
    """Return colours no two of which are equal: what comes again is a shade off, which nobody sees.

    Examples
    --------
    >>> distinct([(0, 0, 0), (9, 9, 9), (0, 0, 0), (0, 0, 1)])
    [(0, 0, 0), (9, 9, 9), (0, 0, 2), (0, 0, 1)]
    """
    given = list(colours)
    taken, found = set(given), dict[Colour, None]()
    for one in given:
        free = one if one not in found else next(shade for shade in _shades(one) if shade not in taken)
        taken.add(free)
        found[free] = None
    return list(found)


def _shades(of: Colour) -> Iterator[Colour]:
    """Yield colours with other low bits of blue, then of green: near ones first, none twice."""
    for bits in count(1):
        red, green, blue = (int.from_bytes(of, "big") ^ bits).to_bytes(3, "big")
        yield red, green, blue


@lru_cache(4096)
def _made_up(index: int) -> Colour:
    """Return a colour by its lightness, chroma and hue in Oklab; what a screen cannot show is cut off.

    In this colour space by Björn Ottosson (2020) equal steps look equal.
    """
    hue = math.radians((index * _GOLDEN + 25) % 360)
    lightness = _LIGHTNESS[index % len(_LIGHTNESS)]
    a, b = _CHROMA * math.cos(hue), _CHROMA * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    red, green, blue = (round(255 * _gamma(min(max(value, 0.0), 1.0))) for value in linear)
    return red, green, blue


def _gamma(value: float) -> float:
    """Return a linear part as sRGB stores it (IEC 61966-2-1)."""
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def colour(value: Colour) -> str:
    """Return a colour as pages write it, such as ``#0a6a8a``."""
    return "#{:02x}{:02x}{:02x}".format(*value)
