"""The rows of boundary bands of the core, against masks that are eroded class by class."""

import itertools

import numpy as np
import numpy.typing as npt
import pytest

from segscore import _core
from segscore.errors import ArgumentError, LabelError, ShapeError
from support.by_hand import band
from support.objects import numbered
from support.refused import refused

Mask = npt.NDArray[np.integer]


def pairs(seed: int) -> tuple[Mask, Mask]:
    """Return two masks of squares that differ in places."""
    random = np.random.default_rng(seed)
    size = (int(random.integers(1, 90)), int(random.integers(1, 150)))
    small = random.integers(0, 4, (size[0] // 9 + 1, size[1] // 9 + 1))
    target = np.kron(small, np.ones((9, 9), int))[: size[0], : size[1]]
    pred = np.where(random.random(size) < 0.02, 3, np.roll(target, 2, axis=1))
    return target.astype(np.uint8), pred.astype(random.choice([np.uint8, np.int16, np.int64]))


@pytest.mark.parametrize("seed", range(20))
def test_bands_are_what_erosion_takes_from_each_class(seed: int) -> None:
    target, pred = pairs(seed)
    widths = (1, 3, 4)
    rows, segments = _core.boundary_rows(target, pred, widths=widths, threads=1 + seed % 2)
    targets, preds, target_bins, pred_bins, unmet, pixels = rows
    assert not unmet.any()
    assert [len(column) for column in segments] == [0] * 4
    assert pixels.sum() == target.size
    for number, width in enumerate(widths):
        for label in range(4):
            ours = pixels[(targets == label) & (target_bins <= number)].sum()
            assert ours == band(target == label, width).sum()
            ours = pixels[(preds == label) & (pred_bins <= number)].sum()
            assert ours == band(pred == label, width).sum()
            both = (targets == label) & (target_bins <= number) & (preds == label) & (pred_bins <= number)
            assert pixels[both].sum() == (band(target == label, width) & band(pred == label, width)).sum()


def unmet_by_hand(own: Mask, other: Mask) -> Mask:
    """Return which pixels are of a segment at no pixel of which the other map has its label."""
    segments = numbered(own, 8, None)
    return ~np.isin(segments, segments[own == other])


@pytest.mark.parametrize("seed", range(12))
def test_segments_are_missed_or_invented_as_a_whole(seed: int) -> None:
    target, pred = pairs(seed)
    ignored = [[], [0], [1, 3], [99]][seed % 4]
    scored = ~np.isin(target, ignored)
    if seed % 3 == 0:
        pred = np.asfortranarray(pred)
    rows, segments = _core.boundary_rows(
        target, pred, widths=[2], ignored=ignored, segments=True, threads=1 + seed % 2
    )
    unmet = unmet_by_hand(target, pred) + 2 * unmet_by_hand(pred, target)
    found = dict.fromkeys(itertools.product(range(4), range(4), range(4)), 0)
    for label, called, kind, pixels in zip(rows[0], rows[1], rows[4], rows[5], strict=True):
        if label not in ignored:
            found[int(label), int(called), int(kind)] += int(pixels)
    for (label, called, kind), pixels in found.items():
        assert pixels == (scored & (target == label) & (pred == called) & (unmet == kind)).sum()
    counted = {(*key,): int(count) for *key, count in zip(*(map(int, one) for one in segments), strict=True)}
    expected: dict[tuple[int, ...], int] = {}
    for side, (own, other, there) in enumerate(((target, pred, target >= 0), (pred, target, scored))):
        lone, parts = unmet_by_hand(own, other), numbered(own, 8, None)
        for part in np.unique(parts[there]):
            first = np.flatnonzero(parts.ravel() == part)[0]
            key = int(own.ravel()[first]), side, int(not lone.ravel()[first])
            expected[key] = expected.get(key, 0) + 1
    assert counted == expected


def test_what_bands_refuse() -> None:
    mask = np.zeros((4, 5), np.uint8)
    assert refused(ArgumentError, _core.boundary_rows, mask, mask, widths=[3, 3]) == (
        "expected 1 to 15 widths of bands, each of at least one pixel and larger than the one before\n"
        "hint: such as 5, or (1, 3, 5)"
    )
    assert refused(ShapeError, _core.boundary_rows, mask[0], mask[0], widths=[1]) == (
        "expected 2 dimensions, found (5,)\n"
        "hint: pass images one by one, as (height, width), and volumes as (depth, height, width)"
    )
    huge = np.broadcast_to(np.uint8(0), (1 << 20, 1 << 20))
    assert refused(ShapeError, _core.boundary_rows, huge, huge, widths=[1]) == (
        "an array of shape (1048576, 1048576) has more than 2147483648 voxels\n"
        "hint: cut the array into parts, and score them as images of their own"
    )
    large = np.full((4, 5), 2**64 - 1, np.uint64)
    with pytest.raises(LabelError, match="`pred` holds the label 18446744073709551615"):
        _core.boundary_rows(mask, large, widths=[1], threads=2)
