"""The rows of surface distances of the core, against all pairs of voxels."""

from collections import Counter

import numpy as np
import numpy.typing as npt
import pytest

from segscore import _core
from segscore.errors import ArgumentError, LabelError, ShapeError
from support.by_hand import border, squares
from support.refused import refused

Mask = npt.NDArray[np.integer]
Rows = Counter[tuple[int, int, float]]


def all_pairs(target: Mask, pred: Mask, spacing: tuple[float, ...]) -> Rows:
    """Return how many voxels of each surface are how far from the other one."""
    rows: Rows = Counter()
    for label in np.union1d(target, pred):
        surfaces = [border(mask == label) for mask in (target, pred)]
        for side in range(2):
            for square in squares(surfaces[side], surfaces[1 - side], spacing).tolist():
                rows[int(label), side, square] += 1
    return rows


def core(target: Mask, pred: Mask, spacing: tuple[float, ...], **options: object) -> Rows:
    """Return the same from the core."""
    rows = _core.surface_rows(target, pred, spacing=spacing, corners=False, **options)  # type: ignore[arg-type]
    labels, sides, codes, squares, counts = (column.tolist() for column in rows)
    assert not any(codes)
    return Counter(dict(zip(zip(labels, sides, squares, strict=True), counts, strict=True)))


@pytest.mark.parametrize("spacing", [(1.0, 1.0), (0.3, 2.0), (3.0, 0.8, 0.8), (1.0, 1.0, 1.0)])
@pytest.mark.parametrize("threads", [1, 2])
def test_every_voxel_is_as_far_as_the_nearest_of_the_other_surface(
    spacing: tuple[float, ...], threads: int
) -> None:
    random = np.random.default_rng(len(spacing))
    shape = (9, 70, 12)[-len(spacing) :]
    small = random.integers(0, 3, [length // 3 + 1 for length in shape])
    target = np.kron(small, np.ones((3,) * len(shape), int))[tuple(slice(length) for length in shape)]
    pred = np.where(random.random(shape) < 0.02, 5, np.roll(target, 1, -1))
    for maps in ((target, pred), (target.astype(np.uint8), np.asfortranarray(pred.astype(np.int16)))):
        assert core(*maps, spacing, threads=threads) == all_pairs(target, pred, spacing)


@pytest.mark.parametrize("shape", [(70, 12), (9, 40, 12), (12, 3, 70), (0, 3, 4)])
@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("corners", [False, True])
def test_pairs_are_counted_where_surfaces_are_found(
    shape: tuple[int, ...], threads: int, corners: bool
) -> None:
    random = np.random.default_rng(sum(shape))
    target = np.zeros(shape, np.uint8)
    target[shape[0] // 3 :, ..., 4:9] = 2
    pred = np.where(random.random(shape) < 0.01, 5, np.roll(target, 1, -1)).astype(np.int16)
    spacing = (1.0, 0.5, 2.0)[: len(shape)]
    pairs = Counter(zip(target.ravel().tolist(), pred.ravel().tolist(), strict=True))
    for maps in ((target, pred), (np.asfortranarray(target), pred), (target.astype(np.int64), pred)):
        for labels in ([2, 5], [0, 2], []):
            options = {"spacing": spacing, "corners": corners, "labels": labels, "threads": threads}
            rows, counted = _core.counted_surface_rows(*maps, within=3.0, **options)
            apart = _core.surface_rows(*maps, within=3.0, **options)
            assert [column.tolist() for column in rows] == [column.tolist() for column in apart]
            *keys, pixels = (column.tolist() for column in counted.columns())
            assert dict(zip(zip(*keys, strict=True), pixels, strict=True)) == pairs


def test_corners_have_codes_of_the_voxels_around_them() -> None:
    target = np.zeros((3, 4), np.uint8)
    target[1, 1:3] = 1
    rows = _core.surface_rows(target, target, spacing=(1, 1), corners=True, labels=[1])
    labels, sides, codes, squares, counts = rows
    assert set(labels) == {1}
    assert not squares.any()
    own = dict(zip(codes[sides == 0].tolist(), counts[sides == 0].tolist(), strict=True))
    assert own == {1: 1, 2: 1, 3: 1, 4: 1, 8: 1, 12: 1}


@pytest.mark.parametrize("threads", [1, 2])
def test_corners_of_a_kind_are_one_row(threads: int) -> None:
    random = np.random.default_rng(3)
    target, pred = (np.kron(random.integers(0, 3, (3, 9, 4)), np.ones((3, 3, 3), int)) for _ in range(2))
    kinds = bytes(code.bit_count() for code in range(256))
    options = {"spacing": (2.0, 0.5, 1.0), "corners": True, "labels": [1, 2], "threads": threads}
    expected: Counter[tuple[int, int, float, int]] = Counter()
    for label, side, code, squared, count in zip(*_core.surface_rows(target, pred, **options), strict=True):
        expected[int(label), int(side), float(squared), kinds[code]] += int(count)
    label, side, kind, squared, count = (
        column.tolist() for column in _core.surface_rows(target, pred, kinds=kinds, **options)
    )
    assert list(zip(label, side, squared, kind, strict=True)) == sorted(expected)
    assert count == [expected[key] for key in sorted(expected)]
    for wrong in (b"", kinds + kinds):
        with pytest.raises(ValueError, match="256"):
            _core.surface_rows(target, pred, kinds=wrong, **options)


def test_distances_up_to_a_bound_labels_and_what_is_ignored() -> None:
    target = np.zeros((5, 9), np.int16)
    pred = target.copy()
    target[2, 1], pred[2, 5], pred[2, 2] = 3, 3, 4
    assert core(target, pred, (1, 1), labels=[3]) == {(3, 0, 16.0): 1, (3, 1, 16.0): 1}
    assert core(target, pred, (1, 1), labels=[3, 4], within=2.0) == {
        (3, 0, np.inf): 1,
        (3, 1, np.inf): 1,
        (4, 1, np.inf): 1,
    }
    # Where the target is ignored, the prediction has no surface, and what is beside it has one.
    target[:, 4:] = -1
    assert core(target, pred, (1, 1), ignored=[-1], labels=[3]) == {(3, 0, np.inf): 1}
    assert core(target, np.zeros_like(pred), (1, 1), ignored=[-1], labels=[0])[0, 1, 0.0] == 14


def test_what_surfaces_refuse() -> None:
    mask = np.zeros((4, 5), np.uint8)
    options = {"spacing": (1.0, 1.0), "corners": False}
    assert refused(ArgumentError, _core.surface_rows, mask, mask, **options | {"spacing": (1.0, 0.0)}) == (
        "expected one positive number as spacing of each of 2 dimensions, found (1, 0)\n"
        "hint: such as (3, 0.8, 0.8), in the order of the axes of the array"
    )
    assert refused(ArgumentError, _core.surface_rows, mask, mask, **options, within=-1.0) == (
        "expected distances up to a positive number, found -1\nhint: such as 5.0, in the unit of the spacing"
    )
    with pytest.raises(ShapeError, match=r"expected 2 or 3 dimensions, found \(4, 5, 1, 1\)"):
        _core.surface_rows(mask[..., None, None], mask[..., None, None], spacing=(1, 1, 1, 1), corners=False)
    ids = np.arange(70_000).reshape(700, 100)
    assert refused(LabelError, _core.surface_rows, ids, ids, **options, threads=2) == (
        "more than 65536 different labels in one image\n"
        "hint: are these instance ids? segscore compares classes"
    )
