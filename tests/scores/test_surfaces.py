"""Distances of surfaces: right values against all pairs of voxels, and laws that hold of any."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segscore import ArgumentError, Evaluation, Evaluator
from segscore.counts.areas import areas
from segscore.scores.surfaces import SurfaceImages
from support.by_hand import Floats, Mask, corners, directed, painted, squares
from support.masks_on_disk import Array
from support.refused import refused

LABELS = 4
TOLERANCES = (0.0, 1.0, 1.5, 2.0, 3.0)
SHAPES = [(30, 41), (41, 30), (1, 67), (66, 1), (5, 63), (5, 64), (5, 65), (3, 127), (3, 128), (3, 129)]
VOLUMES = [(7, 9, 11), (1, 12, 13), (12, 1, 13), (12, 13, 1), (3, 4, 65), (1, 1, 30), (2, 2, 2)]


def judged(pred: Array, target: Array, **options: object) -> Evaluation:
    """Return the evaluation of one image."""
    judge = Evaluator(LABELS, **{"dims": target.ndim, "distances": True, **options})
    judge.add(pred=pred, target=target)
    return judge.result()


def images(pred: Array, target: Array, **options: object) -> SurfaceImages:
    """Return the distances of one image."""
    return judged(pred, target, **options).surface.images


def expected(
    pred: Array, target: Array, number: Callable[[Floats, Floats], float], **options: object
) -> Floats:
    """Return a number of the distances of each class; infinite where one side alone has it."""
    found = np.full(LABELS, np.nan)
    for label in range(LABELS):
        sides = directed(pred == label, target == label, **options)
        if all(map(len, sides)):
            found[label] = number(*sides)
        elif any(map(len, sides)):
            found[label] = np.inf
    return found


def higher(percentile: float) -> Callable[[Floats, Floats], float]:
    """Return a percentile of the distances of each direction, the higher one."""
    return lambda *sides: max(np.percentile(side, percentile) for side in sides)


@pytest.mark.parametrize("spacing", [None, (0.3, 2.0)])
@pytest.mark.parametrize("shape", SHAPES)
def test_distances_of_images_are_those_of_all_pairs_of_voxels(
    shape: tuple[int, ...], spacing: tuple[float, ...] | None
) -> None:
    check_distances(shape, spacing)


@pytest.mark.parametrize("spacing", [None, (3.0, 0.8, 0.8)])
@pytest.mark.parametrize("shape", VOLUMES)
def test_distances_of_volumes_are_those_of_all_pairs_of_voxels(
    shape: tuple[int, ...], spacing: tuple[float, ...] | None
) -> None:
    check_distances(shape, spacing)


def check_distances(shape: tuple[int, ...], spacing: tuple[float, ...] | None) -> None:
    for seed in range(3):
        pred, target = painted(seed, shape, LABELS)
        found = images(pred, target, spacing=spacing, surface="voxels")
        for percentile in (100, 95, 50, 12.5):
            wanted = expected(pred, target, higher(percentile), spacing=spacing)
            np.testing.assert_array_equal(found.hausdorff(percentile)[0], wanted)
        wanted = expected(pred, target, lambda *d: np.concatenate(d).mean(), spacing=spacing)
        np.testing.assert_allclose(found.assd()[0], wanted, rtol=1e-13)
        wanted = expected(pred, target, lambda *d: sum(map(np.mean, d)) / 2, spacing=spacing)
        np.testing.assert_allclose(found.masd()[0], wanted, rtol=1e-13)
        for label in range(LABELS):
            sides = directed(pred == label, target == label, spacing)
            assert found.weights[0, label].tolist() == [*map(len, sides)]
            for most in TOLERANCES:
                near = [int((side <= most).sum()) for side in sides]
                assert found.within(most)[0, label].tolist() == near
                dice = sum(near) / sum(map(len, sides)) if any(map(len, sides)) else np.nan
                np.testing.assert_array_equal(found.dice(most)[0, label], dice)


def sized(mask: Mask, spacing: tuple[float, ...]) -> tuple[Array, Floats]:
    """Return the corners on the surface of a mask, and the area of each."""
    places = corners(mask)
    padded = np.pad(mask, 1)
    codes = [
        int("".join(str(int(one)) for one in padded[tuple(slice(i, i + 2) for i in at)].ravel()), 2)
        for at in places
    ]
    return places, areas(spacing)[codes]


def first_from(distances: Floats, sizes: Floats, percentile: float) -> float:
    """Return the first distance up to which there is such a share of the areas."""
    order = np.argsort(distances)
    upto = np.cumsum(sizes[order])
    return float(distances[order][np.searchsorted(upto / upto[-1], percentile / 100)])


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (0.3, 2.0), (3.0, 0.8, 0.8)])
def test_distances_between_areas_are_those_of_all_pairs_of_corners(spacing: tuple[float, ...]) -> None:
    pred, target = painted(7, (23, 31) if len(spacing) == 2 else (6, 9, 11), LABELS)
    surface = images(pred, target, spacing=spacing)
    for label in range(LABELS):
        (ours, mine), (theirs, other) = (sized(mask == label, spacing) for mask in (target, pred))
        near, far = (np.sqrt(squares(*pair, spacing)) for pair in ((ours, theirs), (theirs, ours)))
        assert surface.hausdorff()[0, label] == max(near.max(), far.max())
        for percentile in (40, 70):
            wanted = max(first_from(near, mine, percentile), first_from(far, other, percentile))
            assert surface.hausdorff(percentile)[0, label] == wanted
        sums, sizes = ((near * mine).sum(), (far * other).sum()), (mine.sum(), other.sum())
        assert surface.assd()[0, label] == pytest.approx(sum(sums) / sum(sizes), rel=1e-13)
        wanted = (sums[0] / sizes[0] + sums[1] / sizes[1]) / 2
        assert surface.masd()[0, label] == pytest.approx(wanted, rel=1e-13)
        wanted = (mine[near <= 1].sum() + other[far <= 1].sum()) / sum(sizes)
        assert surface.dice(1)[0, label] == pytest.approx(wanted, rel=1e-13)


# Laws


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Array, Array]:
    """Draw a prediction and a target of two or three dimensions."""
    shape = draw(st.sampled_from([(9, 12), (1, 9), (6, 1), (4, 5, 6), (1, 5, 5), (3, 1, 70)]))
    size = draw(st.sampled_from([1, 2, 4]))
    return painted(draw(st.integers(0, 10**6)), shape, draw(st.integers(1, LABELS)), size=size)


KINDS = st.sampled_from(["voxels", "area"])


@given(pairs(), KINDS)
def test_sides_may_be_exchanged(given: tuple[Array, Array], surface: str) -> None:
    one, other = images(*given, surface=surface), images(*given[::-1], surface=surface)
    assert (one.weights == other.weights[..., ::-1]).all()
    assert (one.within(1) == other.within(1)[..., ::-1]).all()
    for kind in ("hd", "hd95", "assd", "masd"):
        np.testing.assert_array_equal(one.distance(kind), other.distance(kind))


@given(pairs(), KINDS)
def test_a_map_is_no_distance_from_itself(given: tuple[Array, Array], surface: str) -> None:
    found = images(given[1], given[1], surface=surface)
    there = found.there.all(axis=-1)
    assert (there == found.there.any(axis=-1)).all()
    assert (found.hausdorff()[there] == 0).all()
    assert (found.assd()[there] == 0).all()
    assert (found.dice(0)[there] == 1).all()


@given(pairs(), KINDS, st.integers(0, 2**32))
def test_a_place_in_the_image_changes_nothing(given: tuple[Array, Array], surface: str, seed: int) -> None:
    before, after = np.random.default_rng(seed).integers(0, 70, (2, given[0].ndim))
    room = list(zip(before + 1, after + 1, strict=True))
    # Label 0 would end where the image did; the others stay as they are wherever the image ends.
    small, large = (
        images(*(np.pad(side, around) for side in given), surface=surface) for around in (1, room)
    )
    assert (small.weights[:, 1:] == large.weights[:, 1:]).all()
    for kind in ("hd", "hd95", "assd", "masd"):
        np.testing.assert_array_equal(small.distance(kind)[:, 1:], large.distance(kind)[:, 1:])


@given(pairs(), KINDS)
def test_axes_are_exchanged_with_their_spacing(given: tuple[Array, Array], surface: str) -> None:
    spacing = (3.0, 0.75, 0.5)[-given[0].ndim :]
    one = images(*given, spacing=spacing, surface=surface)
    other = images(*(side.T for side in given), spacing=spacing[::-1], surface=surface)
    np.testing.assert_allclose(one.weights, other.weights, rtol=1e-13)
    np.testing.assert_allclose(one.hausdorff(), other.hausdorff(), rtol=1e-13)


@given(pairs(), KINDS, st.sampled_from([0.25, 2.0, 1024.0]))
def test_distances_are_in_the_unit_of_the_spacing(
    given: tuple[Array, Array], surface: str, unit: float
) -> None:
    steps = (3.0, 0.75, 0.5)[-given[0].ndim :]
    one, other = (
        images(*given, spacing=[step * by for step in steps], surface=surface) for by in (1.0, unit)
    )
    for kind in ("hd", "hd95", "assd", "masd"):
        np.testing.assert_array_equal(one.distance(kind) * unit, other.distance(kind))
    np.testing.assert_array_equal(one.dice(1.5), other.dice(1.5 * unit))


@given(pairs(), KINDS)
def test_more_is_within_a_larger_tolerance(given: tuple[Array, Array], surface: str) -> None:
    found = images(*given, surface=surface)
    shares = np.array([found.dice(tolerance)[0] for tolerance in TOLERANCES])
    assert (np.diff(shares[:, found.there[0].any(axis=-1)], axis=0) >= 0).all()


@given(pairs(), KINDS)
def test_the_hausdorff_distance_is_the_first_tolerance_with_all_of_both_surfaces(
    given: tuple[Array, Array], surface: str
) -> None:
    found = images(*given, surface=surface)
    for label, distance in enumerate(found.hausdorff()[0].tolist()):
        if np.isfinite(distance):
            assert found.dice(distance)[0, label] == 1
            assert distance == 0 or found.dice(distance * (1 - 1e-9))[0, label] < 1


@given(pairs(), KINDS)
def test_percentiles_rise_to_the_hausdorff_distance(given: tuple[Array, Array], surface: str) -> None:
    found = images(*given, surface=surface)
    shares = (1, 5, 50, 95, 99.9, 100)
    values = np.array([found.hausdorff(share)[0] for share in shares])
    np.testing.assert_array_equal(values[-1], found.hausdorff()[0])
    there = np.isfinite(values[-1])
    assert (np.isfinite(values) == there).all()
    assert (np.diff(values[:, there], axis=0) >= 0).all()
    assert (found.assd()[0, there] <= values[-1, there] * (1 + 1e-12)).all()


@given(pairs(), KINDS)
def test_a_bound_makes_what_is_beyond_it_infinitely_far(given: tuple[Array, Array], surface: str) -> None:
    every, bounded = images(*given, surface=surface), images(*given, surface=surface, within=2.0)
    # Areas are added up in the order of distances, which is another one.
    for tolerance, most in ((0, 0), (1, 1), (2, 2)):
        np.testing.assert_allclose(bounded.within(tolerance), every.within(most), rtol=1e-13)
    np.testing.assert_allclose(bounded.weights, every.weights, rtol=1e-13)
    far = every.hausdorff() > 2
    np.testing.assert_array_equal(bounded.hausdorff(), np.where(far, np.inf, every.hausdorff()))


# Objects of few voxels and of all


def objects() -> list[tuple[str, Mask]]:
    """Return masks that algorithms with words, blocks and borders go wrong at."""
    shape, found = (5, 6, 66), []
    for axis in range(3):
        for end in (0, -1):
            mask = np.zeros(shape, bool)
            mask.swapaxes(0, axis)[end] = True
            found.append((f"face {axis} {end}", mask))
    one = np.zeros(shape, bool)
    one[2, 3, 64] = True
    return [
        *found,
        ("all", np.ones(shape, bool)),
        ("one voxel", one),
        ("all but one voxel", ~one),
        ("checkerboard", np.indices(shape).sum(axis=0) % 2 == 0),
        ("half", np.indices(shape)[2] < 33),
    ]


@pytest.mark.parametrize(("name", "mask"), objects())
@pytest.mark.parametrize("spacing", [None, (3.0, 0.8, 0.8)])
def test_objects_of_any_form(name: str, mask: Mask, spacing: tuple[float, ...] | None) -> None:
    for other_name, other in objects():
        wanted = max(side.max() for side in directed(mask, other, spacing))
        found = images(mask.astype(np.uint8), other.astype(int), spacing=spacing, surface="voxels")
        assert found.hausdorff()[0, 1] == wanted, other_name


@pytest.mark.parametrize("surface", ["voxels", "area"])
def test_three_steps_of_a_tenth_are_within_three_tenths(surface: str) -> None:
    pred, target = np.zeros((2, 3, 9), int)
    pred[1, 1], target[1, 4] = 1, 1
    found = images(pred, target, spacing=(0.1, 0.1), surface=surface)
    assert found.hausdorff()[0, 1] != 0.3  # by rounding alone
    assert found.dice(0.3)[0, 1] == 1
    assert found.dice(0.29999)[0, 1] < 1


def test_a_percentile_before_what_is_infinitely_far_is_finite() -> None:
    """Of 21 voxels the 95th percentile is the 20th distance, and no part of the way to the last one."""
    target = np.zeros((3, 60), dtype=np.uint8)
    target[1, :20] = 1
    pred = target.copy()
    target[1, 50] = 1
    found = images(pred, target, within=5.0)
    assert found.hausdorff(95)[0, 1] == 0
    assert found.hausdorff(96)[0, 1] == np.inf


def test_a_tolerance_beyond_the_bound_of_distances_is_refused() -> None:
    target = np.zeros((20, 20), dtype=np.uint8)
    target[5:10, 5:10] = 1
    found = images(np.roll(target, 4, axis=0), target, within=2.0)
    assert refused(ArgumentError, found.dice, 5) == (
        "expected a tolerance up to 2, as distances were measured, found 5\n"
        "hint: measure with a larger `within`, or without"
    )
