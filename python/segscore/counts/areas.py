"""Areas of elements of surfaces, at the corners between voxels: those of the marching cubes.

Eight voxels meet at a corner, four in two dimensions; which of them are of a class is its code. Where the
class ends, a surface runs through the middles of the edges between voxels inside and outside of it. W. E.
Lorensen and H. E. Cline, "Marching cubes", SIGGRAPH 1987; as elements of surfaces: S. Nikolov et al.,
"Clinically applicable segmentation of head and neck anatomy", JMIR 23 (2021), whose program
`surface-distance` has the same areas.
"""

from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import product
from math import fsum, hypot, prod

import numpy as np

from segscore.base.values import Floats, readonly

_Point = tuple[int, ...]
_VOXELS = 8
_PAIR = 4
"""Voxels around a corner in two dimensions."""


@lru_cache(64)
def areas(spacing: tuple[float, ...]) -> Floats:
    """Return the area of the element of each code, float64 (256,), or its length, float64 (16,).

    The highest bit of a code is of the voxel before the corner along all axes. Areas are in the square of the
    unit of the spacing.

    Examples
    --------
    >>> areas((1.0, 1.0)).round(3).tolist()[:8]  # nothing, one voxel, another, both: a straight edge
    [0.0, 0.707, 0.707, 1.0, 0.707, 1.0, 1.414, 0.707]
    """
    if len(spacing) == 2:
        return readonly(np.array([_length(code, spacing) for code in range(1 << _PAIR)]))
    across = [prod(spacing) / step for step in spacing]
    sizes = [
        # Without rounding on the way, so that a surface is as large from both sides, and in a mirror.
        fsum(hypot(*(part * side for part, side in zip(normal, across, strict=True))) for normal in normals)
        for normals in map(_normals, range(1 << _VOXELS))
    ]
    return readonly(np.array(sizes))


@lru_cache(64)
def sizes(spacing: tuple[float, ...]) -> tuple[Floats, bytes]:
    """Return the areas of codes, each once and rising, and for each of 256 codes the number of its area."""
    values, kinds = np.unique(areas(spacing), return_inverse=True)
    return readonly(values), bytes(kinds.tolist()).ljust(1 << _VOXELS, b"\0")


def _length(code: int, spacing: tuple[float, ...]) -> float:
    """Return the length of the line through a square, which cuts off the voxels that are alone."""
    high, wide = spacing
    inside = [bool(code & 1 << bit) for bit in (3, 2, 1, 0)]
    if inside in ([True, True, False, False], [False, False, True, True]):
        return wide
    if inside in ([True, False, True, False], [False, True, False, True]):
        return high
    cut_off = {0: 0, 1: 1, 2: 2, 3: 1, 4: 0}[sum(inside)]
    return cut_off * 0.5 * hypot(high, wide)


@cache
def _normals(code: int) -> tuple[tuple[float, ...], ...]:
    """Return the normals of the triangles of a code, as long as these are large, between voxels of size 1."""
    inside = {point: bool(code & 1 << _VOXELS - 1 - i) for i, point in enumerate(product((0, 2), repeat=3))}
    if 2 * sum(inside.values()) > _VOXELS:  # a surface has two sides, and is the same from both
        inside = {point: not one for point, one in inside.items()}
    return tuple(normal for loop in _loops(inside) for normal in _triangles(loop))


def _loops(inside: dict[_Point, bool]) -> Iterator[list[_Point]]:
    """Yield the lines in which a surface meets the faces of a cube, each a loop of middles of edges."""
    following: dict[_Point, list[_Point]] = {}
    for axis, side in product(range(3), (0, 2)):
        corners = [_inserted(axis, side, ends) for ends in ((0, 0), (0, 2), (2, 2), (2, 0))]
        middles = [_middle(corners[i - 1], corners[i]) for i in range(_PAIR)]  # before each corner
        cut = [i for i in range(_PAIR) if inside[corners[i - 1]] != inside[corners[i]]]
        if len(cut) == 2:
            pairs = [(cut[0], cut[1])]
        else:  # two voxels meet in an edge, and do not touch: each is cut off on its own
            pairs = [(i, (i + 1) % _PAIR) for i in cut if inside[corners[i]]]
        for a, b in pairs:
            following.setdefault(middles[a], []).append(middles[b])
            following.setdefault(middles[b], []).append(middles[a])
    while following:
        at = min(following)
        loop: list[_Point] = []
        while at in following:
            loop.append(at)
            ends = following.pop(at)
            at = next((end for end in ends if end in following), loop[0])
        yield loop


def _triangles(loop: list[_Point]) -> Iterator[tuple[float, ...]]:
    """Yield the normals of triangles that fill a loop, all with sides as steep as those of a cut-off corner.

    A loop is filled from its first point that leaves no other triangle, which all such points do alike.
    """
    for first in range(len(loop)):
        own = loop[first:] + loop[:first]
        normals = [_normal(own[0], own[i], own[i + 1]) for i in range(1, len(own) - 1)]
        if all(len({abs(part) for part in normal if part}) <= 1 for normal in normals):
            yield from normals
            return
    raise AssertionError(loop)


def _normal(a: _Point, b: _Point, c: _Point) -> tuple[float, ...]:
    """Return half of the cross product of two sides, of points at twice their places."""
    u, v = ([end - start for start, end in zip(a, other, strict=True)] for other in (b, c))
    return tuple((u[i - 2] * v[i - 1] - u[i - 1] * v[i - 2]) / 8 for i in range(3))


def _inserted(axis: int, side: int, ends: _Point) -> _Point:
    return (*ends[:axis], side, *ends[axis:])


def _middle(a: _Point, b: _Point) -> _Point:
    return tuple((x + y) // 2 for x, y in zip(a, b, strict=True))
