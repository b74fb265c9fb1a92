"""Slices of volumes: which are kept, and how they lie in pictures, beside what NumPy and nibabel say."""

from itertools import permutations, product

import nibabel as nib
import numpy as np
import pytest

from segscore import Classes
from segscore.io.grids import Grid
from segscore.pages.slices import counted, kept, most_foreground, views_of, wrong_voxels

SHAPE = (3, 4, 5)
ORIENTATIONS = ["".join(letters) for axes in permutations(("LR", "PA", "IS")) for letters in product(*axes)]


def along(marked):
    """Return the voxels of each slice, by NumPy."""
    return [marked.sum(axis=tuple({0, 1, 2} - {axis})) for axis in range(3)]


@pytest.mark.parametrize("order", ["C", "F", "turned"])
def test_marked_voxels_are_counted_in_each_slice(order):
    random = np.random.default_rng(0)
    one, two = random.integers(0, 3, (2, *SHAPE))
    laid = [
        np.moveaxis(v.copy().transpose(1, 2, 0), 2, 0) if order == "turned" else v.copy(order)
        for v in (one, two)
    ]
    assert laid[0].shape == SHAPE
    found = counted(laid, lambda a, b: [a != b, a == 1])
    for counts, marked in zip(found, (one != two, one == 1), strict=True):
        for axis, expected in enumerate(along(marked)):
            np.testing.assert_array_equal(counts[axis], expected)


@pytest.mark.parametrize(
    ("counts", "number", "expected"),
    [
        ([0, 3, 7, 7, 1], 1, [2]),  # of equal ones the first
        ([0, 3, 7, 7, 1, 2], 2, [2, 3]),
        ([5, 0, 0, 0, 0, 0, 0, 1, 9], 3, [0, 4, 8]),  # the middle of a part that has none
        ([0, 0, 0, 0], 2, [1, 3]),
        ([1, 2], 24, [0, 1]),
        ([4], 1, [0]),
        ([4, 5], 0, [1]),
    ],
)
def test_each_part_of_an_axis_keeps_the_slice_with_most(counts, number, expected):
    assert kept(np.array(counts), number) == expected


def test_the_slice_with_most_is_among_those_of_any_number_of_parts():
    random = np.random.default_rng(0)
    for _ in range(50):
        counts = random.integers(0, 9, random.integers(1, 40)) + 1
        for number in (2, 3, 7, 24):
            found = kept(counts, number)
            assert counts.argmax() in found
            assert found == sorted(set(found))
            assert len(found) == min(number, len(counts))


def test_voxels_are_wrong_as_scores_have_it():
    random = np.random.default_rng(0)
    target = random.choice([1, 2, 7, 255], SHAPE).astype(np.uint8)
    pred = random.choice([1, 2, 7, 9], SHAPE).astype(np.int16)
    pairs = target.ravel(), pred.ravel()

    def wrong(classes, *pairs):
        return wrong_voxels(classes, *pairs)(target, pred)

    plain = Classes(["a", "b", "c", "d"], [1, 2, 7, 255])
    assert wrong_voxels(plain, *pairs) is np.not_equal
    np.testing.assert_array_equal(wrong(plain, *pairs), target != pred)
    ignoring = Classes(["a", "b", "c"], [1, 2, 7], ignore=[255])
    np.testing.assert_array_equal(wrong(ignoring, *pairs), (target != pred) & (target != 255))
    together = Classes(["a", "b"], [(1, 2), 7], ignore=[255])
    low = (target < 7) & (pred < 7)
    np.testing.assert_array_equal(wrong(together, *pairs), (target != pred) & (target != 255) & ~low)
    # Only pairs that there are decide whether labels can be compared as they are.
    few = np.isin(pairs[0], [7]) & np.isin(pairs[1], [7, 9])
    assert wrong_voxels(together, *(labels[few] for labels in pairs)) is np.not_equal


def test_foreground_is_what_means_take_in_and_no_background():
    target = np.random.default_rng(0).choice([0, 1, 2, 3, 255], SHAPE)
    classes = Classes(["background", "liver", "bed", "rib"], ignore=[255], not_in_mean=[2])
    for counts, expected in zip(
        most_foreground(classes, target), along(np.isin(target, [1, 3])), strict=True
    ):
        np.testing.assert_array_equal(counts, expected)
    without_names = most_foreground(Classes.of(5, [255]), target)
    np.testing.assert_array_equal(without_names[2], along(np.isin(target, [1, 2, 3]))[2])


@pytest.mark.parametrize(
    ("shape", "spacing", "side", "sizes"),
    [
        ((128, 256, 256), (3.0, 0.8, 0.8), 480, [(256, 256), (256, 480), (256, 480)]),
        ((128, 256, 256), None, 480, [(256, 256), (256, 128), (256, 128)]),
        ((600, 30, 20), (1.0, 2.0, 4.0), 300, [(40, 30), (40, 300), (30, 300)]),
        ((5, 5, 5), (1e-30, 1.0, 1e30), 100, [(100, 1), (100, 1), (100, 1)]),
    ],
)
def test_pictures_have_the_proportions_of_the_volume(shape, spacing, side, sizes):
    assert [view.size for view in views_of(Grid(shape, spacing), side)] == sizes


def test_without_directions_the_earlier_axis_is_upright():
    volume = np.arange(60).reshape(SHAPE)
    for axis, view in enumerate(views_of(Grid(SHAPE), 100)):
        np.testing.assert_array_equal(view.of(volume, 2), volume.take(2, axis))
        assert not view.upright
    assert [view.said(2, 1_000) for view in views_of(Grid(SHAPE, (1, 2.5, 1 / 3)), 9)] == [
        "Slice 3 of 1,000 along the first axis, 1 mm apart",
        "Slice 3 of 1,000 along the second axis, 2.5 mm apart",
        "Slice 3 of 1,000 along the third axis, 0.3333 mm apart",
    ]


@pytest.mark.parametrize("letters", ORIENTATIONS)
def test_a_patient_is_drawn_upright_however_a_file_is_laid(letters):
    canonical = np.random.default_rng(0).integers(0, 100, SHAPE)  # goes on to the right, to the front, up
    turn = nib.orientations.axcodes2ornt(letters)
    to_file = nib.orientations.ornt_transform(nib.orientations.axcodes2ornt("RAS"), turn)
    volume = nib.orientations.apply_orientation(canonical, to_file)
    signs = {"R": (0, 1), "L": (0, -1), "A": (1, 1), "P": (1, -1), "S": (2, 1), "I": (2, -1)}
    directions = np.zeros((3, 3))
    for axis, letter in enumerate(letters):
        directions[axis, signs[letter][0]] = signs[letter][1]
    grid = Grid(volume.shape, (1.0, 1.0, 1.0), tuple(map(tuple, directions.tolist())))
    for axis, (letter, view) in enumerate(zip(letters, views_of(grid, 100), strict=True)):
        across, sign = signs[letter]
        index = 1 if sign > 0 else volume.shape[axis] - 2
        plane = canonical.take(1, across)
        # The later axis of space leads up, and the earlier one, to the right or to the front, leads left.
        np.testing.assert_array_equal(view.of(volume, index), plane[::-1, ::-1].T)
        plane_name = ("sagittal", "coronal", "axial")[across]
        assert view.title == f"{('first', 'second', 'third')[axis]} axis ({plane_name})"
        assert view.size == plane.shape
        assert view.upright


def test_directions_between_two_axes_say_nothing():
    cosine = 0.5**0.5
    grid = Grid(SHAPE, (1.0, 1.0, 1.0), ((1.0, 0.0, 0.0), (cosine, cosine, 0.0), (0.0, 0.0, 1.0)))
    assert [view.title for view in views_of(grid, 9)] == ["first axis", "second axis", "third axis"]
    assert not any(view.turned or any(view.flipped) for view in views_of(grid, 9))
