"""The options that measure shapes as texts: the one table that the command line and forms read.

Values are checked by `Measures.of`; here a text becomes one, and one becomes a text.
"""

from collections.abc import Mapping
from typing import Any, cast

import numpy as np

from segscore.base.limits import number, whole_number
from segscore.counts.measure_options import MeasureOptions
from segscore.counts.measures import HEADER
from segscore.text.option import Option, Values, values_of


def _split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")]


def _numbers(text: str) -> list[float]:
    return [number(part) for part in _split(text)]


def _spacing(text: str) -> str | list[float]:
    return HEADER if text == HEADER else _numbers(text)


def _number_or_word(text: str) -> float | str:
    try:
        return number(text)
    except ValueError:
        return text


_COMMAS = "finite numbers with commas between"
_ROWS = (
    Option(
        "boundary",
        "Bands along boundaries",
        "Score bands along boundaries, too: `2%` of the diagonal, or `5px`, or `1px,3px`.",
        "2%",
        Values("WIDTH,…", _split),
    ),
    Option(
        "segments",
        "Whole segments",
        "Tell whole segments that are missed or invented from other wrong pixels, with `--boundary`.",
        "",
        Values(""),
    ),
    Option(
        "distances",
        "Distances between surfaces",
        "Measure how far surfaces are apart: HD95, ASSD, surface Dice.",
        "",
        Values(""),
    ),
    Option(
        "spacing",
        "Spacing",
        "Millimetres between voxels, along each axis of the array; by default those of volumes in files, "
        "which are `header`.",
        "3,0.8,0.8",
        Values("NUMBER,…|header", _spacing, _COMMAS, "the distance along each axis"),
    ),
    Option(
        "surface",
        "What surfaces are",
        "What surfaces are made of: `voxels`, or `area`, which is the default with a spacing.",
        "area",
        Values("voxels|area"),
    ),
    Option(
        "within",
        "Looked for within",
        "How far the other surface is looked for, in the unit of distances; by default everywhere.",
        "20",
        Values("NUMBER", number, "a finite number", "it in digits"),
    ),
    Option(
        "tolerances",
        "Tolerances",
        "Of which the surface Dice is shown; `1,2` by default.",
        "1,2",
        Values("NUMBER,…", _numbers, _COMMAS, "each distance that is near enough"),
    ),
    Option(
        "empty",
        "Missed or invented",
        "How far a structure is that one side alone has: `inf`, the default, `skip`, `diagonal`, or a "
        "number.",
        "skip",
        Values("inf|skip|diagonal|NUMBER", _number_or_word),
    ),
    Option(
        "components",
        "Components as objects",
        "Tell connected components of a class apart, such as lesions: which are found, missed, invented.",
        "",
        Values(""),
    ),
    Option(
        "connectivity",
        "Neighbours",
        "How many neighbours hang together: 4 or 8 in images, 6, 18 or 26 in volumes; by default all around.",
        "26",
        Values("4|8|6|18|26", whole_number, "a number", "it in digits"),
    ),
    Option(
        "dilation",
        "Targets grown by",
        "By how many steps targets are grown to see which are one lesion, as BraTS does; by default none.",
        "3",
        Values("STEPS", whole_number, "a number", "it in digits"),
    ),
)
MEASURES: dict[str, Option] = {row.name: row for row in _ROWS}
"""Each option that measures shapes, by its name, in the order in which they are shown."""


def measures_read(texts: Mapping[str, Any]) -> MeasureOptions:
    """Return the options that texts stand for, of those that are there; others are passed over."""
    return cast(MeasureOptions, values_of(MEASURES, texts))


def measures_written(options: MeasureOptions) -> dict[str, str]:
    """Return the texts that `measures_read` reads as these options; that of a switch is empty.

    Examples
    --------
    >>> measures_written({"boundary": (0.02, 0.05), "distances": True, "spacing": (3.0, 0.8), "empty": 374.0})
    {'boundary': '0.02,0.05', 'distances': '', 'spacing': '3,0.8', 'empty': '374'}
    """
    return {name: _written(value) for name, value in options.items() if value not in (None, False)}


def _written(value: Any) -> str:
    if value is True:
        return ""
    if isinstance(value, list | tuple):
        return ",".join(map(_written, value))
    # Widths are read without an exponent, and those that are whole are pixels.
    return np.format_float_positional(value, trim="-") if isinstance(value, float) else str(value)
