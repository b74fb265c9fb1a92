"""Connected components against numbers that spread by hand, and their overlaps against `numpy.unique`."""

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

import segscore
from segscore import ArgumentError, DtypeError, ShapeError, _core
from support.by_hand import painted
from support.objects import numbered
from support.refused import refused

SHAPES: dict[int, list[tuple[int, ...]]] = {
    2: [(1, 1), (1, 70), (40, 1), (12, 65)],
    3: [(1, 1, 1), (4, 5, 6), (2, 5, 64)],
}
CONNECTIVITIES = [(2, 4), (2, 8), (3, 6), (3, 18), (3, 26)]
TYPES = ["u1", "i1", "u2", ">i2", "i4", ">u4", "i8", "u8"]


@pytest.mark.parametrize(("dims", "connectivity"), CONNECTIVITIES)
def test_components_are_those_of_each_label(dims: int, connectivity: Any) -> None:
    for seed, shape in enumerate(SHAPES[dims]):
        pred, target = painted(seed, shape, 3, size=2)
        noise = np.random.default_rng(seed).integers(0, 4, shape)
        for number, labels in enumerate((pred, target, noise)):
            for background in (0, 2, None):
                expected = numbered(labels, connectivity, background)
                given = labels.astype(TYPES[(seed + number) % len(TYPES)])
                backwards = given[..., ::-1].copy()[..., ::-1]
                for lying in (given, np.asfortranarray(given), backwards):
                    found = segscore.components(lying, connectivity=connectivity, background=background)
                    np.testing.assert_array_equal(found, expected)
                    assert found.dtype == np.min_scalar_type(expected.max())


def test_bools_lists_and_parts_of_arrays_are_read_as_they_are() -> None:
    mask = np.zeros((6, 80), bool)
    mask[1:3, 4:70] = mask[5, 60:] = True
    expected = np.where(mask, [[1]] * 5 + [[2]], 0)
    for given in (mask, mask.tolist(), np.repeat(mask, 2, axis=1)[:, ::2], mask.view(np.int8)):
        np.testing.assert_array_equal(segscore.components(given), expected)
    large = np.array([[2**64 - 1, 0, 2**63, 2**63]], np.uint64)
    np.testing.assert_array_equal(segscore.components(large), [[1, 0, 2, 2]])


def test_all_around_is_the_default() -> None:
    crossed = np.eye(3, dtype=int)
    assert segscore.components(crossed).max() == 1
    assert segscore.components(crossed, connectivity=4).max() == 3
    assert segscore.components(crossed, dims=2, background=1).max() == 1
    volume = np.zeros((2, 2, 2), int)
    volume[0, 0, 0] = volume[1, 1, 1] = 1
    assert segscore.components(volume, dims=3).max() == 1
    assert segscore.components(volume, connectivity=18).max() == 2
    assert segscore.components(volume, connectivity=26, dims=3).max() == 1


@pytest.mark.parametrize(("count", "dtype"), [(255, "u1"), (256, "u2"), (65_535, "u2"), (65_536, "u4")])
def test_numbers_are_of_the_smallest_type(count: int, dtype: str) -> None:
    labels = np.zeros((1, 2 * count), np.uint8)
    labels[0, ::2] = 1
    found = segscore.components(labels)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found[0, ::2], np.arange(1, count + 1))
    assert not found[0, 1::2].any()


def test_numbers_lie_in_memory_as_labels_do() -> None:
    volume = np.asfortranarray(np.ones((3, 4, 5), int))
    assert segscore.components(volume, dims=3).flags.f_contiguous
    assert segscore.components(volume.copy("C"), dims=3).flags.c_contiguous


@pytest.mark.parametrize(("dims", "connectivity"), CONNECTIVITIES)
def test_overlaps_are_what_unique_counts(dims: int, connectivity: Any) -> None:
    for seed, shape in enumerate(SHAPES[dims]):
        pred, target = painted(seed, shape, 3, size=3)
        for background in (0, None):
            ours, theirs = (numbered(one, connectivity, background) for one in (target, pred))
            pairs, pixels = np.unique(np.stack([ours.ravel(), theirs.ravel()], 1), axis=0, return_counts=True)
            given = pred.astype(np.int16), np.asfortranarray(target)
            options: dict[str, Any] = {"connectivity": connectivity, "background": background}
            found = segscore.component_overlaps(*given, **options)
            np.testing.assert_array_equal(found, np.column_stack([pairs, pixels]))
            assert found.dtype == np.int64


@pytest.mark.skipif(
    find_spec("cc3d") is None, reason="connected-components-3d is not installed: the group `bench` has it"
)
@pytest.mark.parametrize(("dims", "connectivity"), CONNECTIVITIES)
def test_components_are_those_of_cc3d(dims: int, connectivity: Any) -> None:
    import cc3d

    for seed, shape in enumerate(SHAPES[dims]):
        labels, _ = painted(seed, shape, 4, size=2)
        ours = segscore.components(labels, connectivity=connectivity)
        theirs = cc3d.connected_components(labels, connectivity=connectivity)
        pairs = np.unique(np.stack([ours.ravel(), theirs.ravel()]), axis=1)
        assert pairs.shape[1] == len(np.unique(ours)) == len(np.unique(theirs))
        np.testing.assert_array_equal(ours > 0, theirs > 0)


def test_what_has_no_components_is_refused() -> None:
    of = segscore.components
    assert refused(ShapeError, of, np.zeros((2, 3, 4), int)) == (
        "`labels` has the shape (2, 3, 4), expected labels of 2 dimensions\n"
        "hint: volumes are told by `dims=3` or by their connectivity, such as 26; images of a batch are "
        "given one by one"
    )
    assert refused(ShapeError, of, [[1]], connectivity=6).startswith(
        "`labels` has the shape (1, 1), expected labels of 3 dimensions\n"
    )
    assert refused(ArgumentError, of, [[1]], connectivity=5) == (
        "`connectivity` is 5, expected 4 or 8 for images, or 6, 18 or 26 for volumes\n"
        "hint: it is how many neighbours a pixel has"
    )
    assert refused(ArgumentError, of, [[1]], connectivity=4.0).startswith("`connectivity` is 4.0, expected 4")
    for eight in (8, np.int64(8)):
        assert refused(ArgumentError, of, [[1]], connectivity=eight, dims=3) == (
            "`connectivity=8` and `dims=3` do not fit together\n"
            "hint: 4 and 8 are of images, 6, 18 and 26 of volumes"
        )
    assert refused(ArgumentError, of, [[1]], dims=1).startswith("`dims` is 1, expected 2 or 3")
    assert refused(ArgumentError, of, [[1]], background=0.5) == (
        "`background` is 0.5, expected a label\n"
        "hint: it is the label of what is no object, or `None` if all labels are objects"
    )
    assert refused(ArgumentError, of, [[1]], background=2**63).startswith(
        "`background` is 9223372036854775808"
    )
    assert refused(DtypeError, of, [[0.5]]).startswith("`labels` is float64, expected bools or integers\n")
    assert refused(ShapeError, segscore.component_overlaps, [[1]], [[1, 2]]).startswith(
        "`pred` and `target` differ in shape: (1, 1) and (1, 2)\n"
    )


def test_what_the_core_refuses() -> None:
    assert refused(ArgumentError, _core.components, np.zeros((1, 1), int), connectivity=26, background=0) == (
        "expected a connectivity of 4 or 8 in 2 dimensions, found 26\n"
        "hint: it is how many neighbours a voxel has"
    )
