"""Grids: where the voxels of a volume lie, and whether those of two volumes lie in the same places.

All places are in millimetres, and point right, anterior and superior, whatever a file's format prefers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import acos, degrees, hypot, isfinite

from segscore.errors import ShapeError

Vector = tuple[float, ...]

_RELATIVE = 1e-3
"""By which steps, and cosines of directions, may differ: formats and programs round them."""
_APART = 0.1
"""How far apart two first voxels may be, in voxels."""
_LETTERS = ("RL", "AP", "SI")
"""Where each axis of space leads, and the opposite."""
_RESAMPLE = (
    "resample predictions to the grids of their targets, with nearest neighbours: "
    "`nibabel.processing.resample_from_to(pred, target, order=0)`"
)
_REORDER = (
    "bring both to one order of axes, in which no voxel changes, and save them: "
    "`nibabel.as_closest_canonical(image)`"
)


@dataclass(frozen=True)
class Grid:
    """Where the voxels of a volume lie, as far as its header says."""

    shape: tuple[int, ...]
    spacing: Vector | None = None
    """The distance between two voxels along each axis, in mm."""
    directions: tuple[Vector, ...] | None = None
    """Where each axis leads: vectors of length 1."""
    origin: Vector | None = None
    """Where the first voxel is."""

    @classmethod
    def of(
        cls,
        shape: tuple[int, ...],
        steps: Sequence[Sequence[float]],
        origin: Sequence[float] | None,
        *,
        lps: bool = False,
        unit: float = 1.0,
    ) -> "Grid":
        """Return the grid in which each axis goes on by such a step, in a unit of so many mm.

        `lps` says that space points left, posterior and superior. Steps that lead nowhere, and a first voxel
        that is nowhere, are a ValueError: where both volumes of an image lie could not be compared.
        """
        signs = (-unit, -unit, unit) if lps else (unit,) * 3
        leading = [[s * part for s, part in zip(signs, step, strict=False)] for step in steps]
        lengths = [hypot(*parts) for parts in leading]
        for step, length in zip(steps, lengths, strict=True):
            if not (isfinite(length) and length > 0):
                raise ValueError(f"one of its axes goes on by {vector(step)}, which leads nowhere")
        if origin is not None and not all(map(isfinite, origin)):
            raise ValueError(f"its first voxel lies at {vector(origin)}, which is nowhere")
        directions = tuple(
            tuple(part / length for part in parts) for parts, length in zip(leading, lengths, strict=True)
        )
        place = None if origin is None else tuple(s * x for s, x in zip(signs, origin, strict=False))
        return cls(shape, tuple(map(rounded, lengths)), directions, place)

    @property
    def skewed(self) -> bool:
        """Whether axes are not at right angles to each other."""
        axes = self.directions or ()
        return any(abs(_dot(a, b)) > _RELATIVE for i, a in enumerate(axes) for b in axes[:i])


def rounded(length: float) -> float:
    """Return a length as it was meant: most are kept in 32 bits, in which 0.8 is 0.800000012."""
    return float(f"{length:.7g}")


def alike(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether steps are the same, but for how they are rounded."""
    return len(one) == len(other) and all(
        abs(a - b) <= _RELATIVE * max(abs(a), abs(b)) for a, b in zip(one, other, strict=True)
    )


def check_same(pred: Grid, target: Grid, names: tuple[str, str] = ("`pred`", "`target`")) -> None:
    """Raise ShapeError where two volumes do not lie in the same places, as far as both say."""
    if len(pred.shape) != len(target.shape):
        return  # said of any arrays
    _check_directions(pred.directions, target.directions, names)
    if pred.spacing is not None and target.spacing is not None and not alike(pred.spacing, target.spacing):
        raise _differ(names, f"in spacing: {vector(pred.spacing)} and {vector(target.spacing)} mm", _RESAMPLE)
    if pred.shape != target.shape:
        raise _differ(names, f"in shape: {pred.shape} and {target.shape}", _RESAMPLE)
    if pred.origin is None or target.origin is None or target.spacing is None:
        return
    apart = hypot(*(a - b for a, b in zip(pred.origin, target.origin, strict=False)))
    if apart > _APART * min(target.spacing):
        raise _differ(
            names,
            f"in place: their first voxels are {apart:.4g} mm apart, at {vector(pred.origin)} and "
            f"{vector(target.origin)}",
            _RESAMPLE,
        )


def _check_directions(
    pred: tuple[Vector, ...] | None, target: tuple[Vector, ...] | None, names: tuple[str, str]
) -> None:
    if pred is None or target is None or len(pred[0]) != len(target[0]):
        return
    both = [(a, b) for one, other in zip(pred, target, strict=True) for a, b in zip(one, other, strict=True)]
    if max(abs(a - b) for a, b in both) <= _RELATIVE:
        return
    one, other = orientation(pred), orientation(target)
    if one != other:
        raise _differ(names, f"in orientation: axes lead to {one} and {other}", _REORDER)
    cosines = [_dot(a, b) for a, b in zip(pred, target, strict=True)]
    angle = degrees(acos(max(-1.0, min(1.0, *cosines))))
    raise _differ(names, f"in orientation: axes to {one} are {angle:.3g} degrees apart", _RESAMPLE)


def orientation(directions: tuple[Vector, ...]) -> str:
    """Return where axes lead, as a letter each: RAS, LPS."""
    found = ""
    for vector in directions:
        sizes = [abs(part) for part in vector]
        axis = sizes.index(max(sizes))
        found += _LETTERS[axis][vector[axis] < 0]
    return found


def _dot(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


def vector(numbers: Sequence[float]) -> str:
    """Return numbers in the words of messages, where -0 is 0."""
    return f"({', '.join(f'{number + 0.0:.7g}' for number in numbers)})"


def _differ(names: tuple[str, str], how: str, hint: str) -> ShapeError:
    return ShapeError(f"{names[0]} and {names[1]} differ {how}", hint, kind="")
