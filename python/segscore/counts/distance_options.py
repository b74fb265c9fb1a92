"""Options of distances between surfaces: steps of voxels, tolerances, what a missing structure counts."""

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

from segscore.base.naming import arg
from segscore.base.shown import brief
from segscore.base.values import is_ordered, one_or_several, real
from segscore.errors import ArgumentError

Spacing: TypeAlias = Iterable[float] | Literal["header"]
"""The distance between two voxels along each axis of an image, or that which each image has of its own."""
Empty: TypeAlias = Literal["inf", "skip", "diagonal"] | float
"""What the distance of a structure is that is missed or invented."""

_EMPTY: Final = ("inf", "skip", "diagonal")
TOLERANCES: Final = (1.0, 2.0)
"""Those that are usual."""
LEAST_STEP, MOST_STEP = 1e-30, 1e30
"""Between which spacings are, so that squares of distances and areas of any image are numbers."""
_MOST = 15
"""Tolerances."""


def checked_spacing(spacing: object, dims: int) -> tuple[float, ...]:
    """Return the spacing of images of so many dimensions, or raise ArgumentError."""
    steps = tuple(spacing) if is_ordered(spacing) else (spacing,)
    found = [real(step) for step in steps]
    if len(steps) != dims or not all(step is not None and step > 0 for step in found):
        raise ArgumentError(
            f"expected one positive number as {arg('spacing')} of each of {dims} axes, "
            f"found {brief(spacing)}",
            f"in the order of the axes of the array, such as {arg('spacing', [3.0, 0.8, 0.8][-dims:])}",
        )
    known = tuple(step for step in found if step is not None)
    if not all(LEAST_STEP <= step <= MOST_STEP for step in known):
        raise ArgumentError(
            f"{arg('spacing')} is {brief(known)}, expected numbers from {LEAST_STEP:g} to {MOST_STEP:g}",
            "in a unit in which voxels of the image have some size, such as mm",
        )
    return known


def checked_empty(empty: object) -> Empty:
    """Return what missed and invented structures are taken for, or raise ArgumentError."""
    if empty in _EMPTY and isinstance(empty, str):
        return empty
    distance = real(empty)
    if distance is not None and distance >= 0:
        return distance
    raise ArgumentError(
        f"{arg('empty')} is {brief(empty)}",
        'it is "inf", "skip", "diagonal", or a distance, such as 374.0',
    )


def shown_number(number: float) -> str:
    """Return a number as names and texts have it, which `float` reads as the same.

    Examples
    --------
    >>> shown_number(2.0), shown_number(0.123456789)
    ('2', '0.123456789')
    """
    return repr(float(number)).removesuffix(".0")


def tolerance_of(tolerance: object) -> float:
    """Return a tolerance, 0 or more, or raise ArgumentError."""
    found = real(tolerance)
    if found is None or found < 0:
        raise ArgumentError(
            f"expected a tolerance of 0 or more, found {brief(tolerance)}",
            "in the unit of the spacing, such as 2.0",
        )
    return found


def checked_tolerances(tolerances: object, bound: float | None) -> tuple[float, ...]:
    """Return tolerances, rising, up to the bound of distances."""
    if tolerances is None:
        usual = tuple(one for one in TOLERANCES if bound is None or one <= bound)
        return usual or (TOLERANCES[:1] if bound is None else (bound,))
    found = tuple(sorted(set(map(tolerance_of, one_or_several(tolerances)))))
    if not 0 < len(found) <= _MOST:
        raise ArgumentError(
            f"expected 1 to {_MOST} {arg('tolerances')}, found {len(found):,}",
            "such as (1.0, 2.0)",
        )
    if bound is not None and found[-1] > bound:
        raise ArgumentError(
            f"{arg('tolerances')} has {shown_number(found[-1])}, but distances are measured up to "
            f"{shown_number(bound)}",
            f"give {arg('within')} as much as the largest tolerance, or leave it out",
        )
    return found


def positive(name: str, value: object) -> float:
    """Return a distance above 0, or raise ArgumentError."""
    found = real(value)
    if found is not None and found > 0:
        return found
    raise ArgumentError(
        f"{arg(name)} is {brief(value)}, expected a number above 0",
        "in the unit of the spacing, such as 5.0",
    )
