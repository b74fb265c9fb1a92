"""Areas of elements of surfaces: of all codes, against the faces of the cubes that they lie in."""

from collections.abc import Iterator
from itertools import permutations, product
from math import hypot, prod, sqrt

import numpy as np
import numpy.typing as npt
import pytest

from segscore.counts.areas import areas, sizes

Cube = npt.NDArray[np.bool_]
STEPS = (3.0, 0.8, 0.5)
PLACES = list(product((0, 1), repeat=3))


def cube(code: int) -> Cube:
    """Return the voxels around a corner that a code says are inside."""
    return np.array([code >> bit & 1 for bit in range(7, -1, -1)], dtype=bool).reshape(2, 2, 2)


def code_of(voxels: npt.NDArray[np.bool_]) -> int:
    """Return the code of voxels around a corner, in as many dimensions as they have."""
    return int("".join(str(int(one)) for one in voxels.ravel()), 2)


def parts(inside: Cube) -> Iterator[Cube]:
    """Yield the voxels that hang together by faces, in a cube of which at most half is inside."""
    left = set(map(tuple, np.argwhere(inside).tolist()))
    while left:
        found, ahead = set(), [left.pop()]
        while ahead:
            at = ahead.pop()
            found.add(at)
            near = {one for one in left if sum(a != b for a, b in zip(one, at, strict=True)) == 1}
            left -= near
            ahead += near
        yield np.array([place in found for place in PLACES]).reshape(2, 2, 2)


def face(inside: npt.NDArray[np.bool_]) -> float:
    """Return how much of a face of a cube is inside, where lines cut edges in their middles."""
    return {0: 0.0, 1: 1 / 8, 2: 1 / 2, 3: 7 / 8, 4: 1.0}[int(inside.sum())]


def area(inside: Cube, across: tuple[float, ...]) -> float:
    """Return the area of the surface around voxels that hang together."""
    voxels = np.argwhere(inside)
    lengths = [len(set(column)) for column in voxels.T.tolist()]
    if len(voxels) == 3:  # half of a plane, and three triangles as of a cut-off corner, of two sizes
        return 0.5 * across[lengths.index(1)] + 3 / 8 * hypot(*across)
    of_each = [sum(abs(voxels - voxel).sum(axis=1) == 1) for voxel in voxels]
    if sorted(of_each) == [1, 1, 2, 2] and lengths == [2, 2, 2]:  # a way through all dimensions
        one, other = voxels[np.array(of_each) == 2]
        (middle,) = np.flatnonzero(one != other)
        sides = [hypot(across[middle], across[axis]) for axis in range(3) if axis != middle]
        return 0.25 * sum(sides) + 0.5 * hypot(*across)
    # All others are flat. What closes a surface together with them is the inside of the cube's faces, so that
    # these tell how large it is in each direction.
    shares = (face(inside.take(1, axis)) - face(inside.take(0, axis)) for axis in range(3))
    return hypot(*(share * size for share, size in zip(shares, across, strict=True)))


@pytest.mark.parametrize("steps", [(1.0, 1.0, 1.0), STEPS])
def test_all_areas_are_those_of_surfaces_that_close_with_the_faces_of_the_cube(
    steps: tuple[float, float, float],
) -> None:
    across = tuple(prod(steps) / step for step in steps)
    expected = []
    for code in range(256):
        inside = cube(code) if bin(code).count("1") <= 4 else ~cube(code)
        expected.append(sum(area(part, across) for part in parts(inside)))
    assert areas(steps) == pytest.approx(expected, rel=1e-14, abs=0)


def test_areas_between_voxels_of_size_1_are_those_of_the_marching_cubes() -> None:
    found, corner = areas((1.0, 1.0, 1.0)), sqrt(3) / 8
    by_voxels = [
        sorted({float(found[c].round(6)) for c in range(256) if bin(c).count("1") == n}) for n in range(9)
    ]
    some = [corner, 2 * corner, sqrt(1 / 2)]
    assert by_voxels[:5] == [
        [0.0],
        [round(corner, 6)],
        sorted(round(one, 6) for one in some[1:]),
        sorted(round(one, 6) for one in (3 * corner, corner + sqrt(1 / 2), 0.5 + 3 * corner)),
        sorted(
            round(one, 6)
            for one in (
                4 * corner,
                1,
                2 * sqrt(1 / 2),
                0.5 + 4 * corner,
                6 * corner,
                sqrt(1 / 2) + 4 * corner,
            )
        ),
    ]
    assert by_voxels[5:] == by_voxels[3::-1]


def test_a_surface_has_the_same_size_from_both_sides() -> None:
    for steps in (STEPS, STEPS[:2]):
        found = areas(steps)
        assert (found == found[::-1]).all()


def test_a_mirror_image_has_the_same_area() -> None:
    found = areas(STEPS)
    for code, axis in product(range(256), range(3)):
        assert found[code_of(np.flip(cube(code), axis))] == found[code]


def test_axes_are_exchanged_with_their_spacing() -> None:
    for order in permutations(range(3)):
        found = areas(tuple(STEPS[axis] for axis in order))
        turned = [found[code_of(cube(code).transpose(order))] for code in range(256)]
        assert turned == pytest.approx(areas(STEPS), rel=1e-14)


@pytest.mark.parametrize("steps", [STEPS, STEPS[:2]])
def test_a_unit_is_another_one(steps: tuple[float, ...]) -> None:
    metres = areas(tuple(step / 1000 for step in steps))
    assert metres * 1000 ** (len(steps) - 1) == pytest.approx(areas(steps), rel=1e-12)


@pytest.mark.parametrize("axis", range(3))
def test_a_plane_between_voxels_is_as_large_as_they_are(axis: int) -> None:
    plane = np.zeros((2, 2, 2), bool)
    plane.swapaxes(0, axis)[0] = True
    assert areas(STEPS)[code_of(plane)] == pytest.approx(prod(STEPS) / STEPS[axis], rel=1e-15)


def test_lengths_in_two_dimensions() -> None:
    high, wide = 3.0, 4.0
    cut = 2.5  # half of the diagonal
    none, both = 0.0, 2 * cut
    # Of 0, 1, 2, …: voxels at the right below, at the left below, at the right above, at the left above.
    assert areas((high, wide)).tolist() == [
        none, cut, cut, wide, cut, high, both, cut, cut, both, high, cut, wide, cut, cut, none,
    ]  # fmt: skip


def total(inside: Cube, steps: tuple[float, ...]) -> float:
    """Return the area of the surface of an object between its voxels, without the ends of the image."""
    dims = inside.ndim
    windows = np.lib.stride_tricks.sliding_window_view(inside, (2,) * dims)
    codes = windows.reshape(*windows.shape[:dims], -1) @ (1 << np.arange(2**dims)[::-1])
    return float(areas(steps)[codes].sum())


def plane(down: float, right: float, steps: tuple[float, ...]) -> float:
    """Return the area of a plane of slopes in voxels, over that which it has."""
    size = 40
    z, y, x = np.indices((5 * size, size + 1, size + 1))
    found = total(z <= 100 + down * (y - size // 2) + right * (x - size // 2), steps)
    base = size * steps[1] * size * steps[2]
    return found / base / hypot(1, down * steps[0] / steps[1], right * steps[0] / steps[2])


@pytest.mark.parametrize("steps", [(1.0, 1.0, 1.0), STEPS])
@pytest.mark.parametrize("slopes", [(0, 0), (1, 0), (0, -1), (-1, 1)])
def test_a_plane_along_faces_and_their_diagonals_is_as_large_as_it_is(
    slopes: tuple[int, int], steps: tuple[float, ...]
) -> None:
    assert plane(*slopes, steps) == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize(("steps", "most"), [((1.0, 1.0, 1.0), 1.13), (STEPS, 1.25)])
@pytest.mark.parametrize("slopes", [(0.5, 0.3), (1.3, -0.4), (0.1, 0.9), (0, 2)])
def test_a_slanted_plane_is_about_as_large_as_it_is(
    slopes: tuple[float, float], steps: tuple[float, ...], most: float
) -> None:
    assert 1 < plane(*slopes, steps) < most


def test_a_sphere_is_about_as_large_as_it_is() -> None:
    radius, steps = 30.0, (1.25, 0.8, 1.0)
    places = np.indices((60, 90, 72)) - np.array([29.5, 44.5, 35.5])[:, None, None, None]
    distance = np.sqrt(sum((place * step) ** 2 for place, step in zip(places, steps, strict=True)))
    assert total(distance <= radius, steps) / (4 * np.pi * radius**2) == pytest.approx(1.09, abs=0.02)


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (0.8, 3.0), (1.0, 1.0, 1.0), STEPS])
def test_each_area_is_one_of_rising_sizes(spacing: tuple[float, ...]) -> None:
    values, kinds = sizes(spacing)
    assert (np.diff(values) > 0).all()
    assert len(kinds) == 256
    expected = areas(spacing)
    assert [values[kind] for kind in kinds[: len(expected)]] == expected.tolist()
