"""The rows of boundary bands of the core, against masks that are eroded class by class."""

import numpy as np
import numpy.typing as npt
import pytest

from segscore import _core
from segscore.errors import ArgumentError, LabelError, ShapeError
from support.by_hand import band
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
    rows = _core.boundary_rows(target, pred, widths=widths, threads=1 + seed % 2)
    targets, preds, target_bins, pred_bins, pixels = rows
    assert pixels.sum() == target.size
    for number, width in enumerate(widths):
        for label in range(4):
            ours = pixels[(targets == label) & (target_bins <= number)].sum()
            assert ours == band(target == label, width).sum()
            ours = pixels[(preds == label) & (pred_bins <= number)].sum()
            assert ours == band(pred == label, width).sum()
            both = (targets == label) & (target_bins <= number) & (preds == label) & (pred_bins <= number)
            assert pixels[both].sum() == (band(target == label, width) & band(pred == label, width)).sum()


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
