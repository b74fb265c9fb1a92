"""Masks that are written as PNG: read again they are what was written; what no PNG can hold is refused."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from segscore import MaskError, _core
from support.refused import refused

SHAPES = [(1, 1), (1, 65), (65, 1), (3, 5), (33, 47)]
INTEGERS = ("i1", "u1", "<i2", ">u2", "i4", ">u4", "i8", "u8")


def read_again(folder: Path, file: bytes) -> npt.NDArray[Any]:
    """Return the labels that the core reads, which are those that Pillow reads."""
    path = folder / "mask.png"
    path.write_bytes(file)
    labels, _ = _core.read_mask(path, max_pixels=1 << 20, colours=False)
    np.testing.assert_array_equal(np.asarray(Image.open(path)), labels)
    return labels


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype", INTEGERS)
def test_labels_of_every_type_come_back(tmp_path: Path, dtype: str, shape: tuple[int, int]) -> None:
    most = min(np.iinfo(dtype).max, 65_535)
    labels = np.random.default_rng(0).integers(0, most, (*shape, 2), endpoint=True).astype(dtype)
    labels[0, 0] = most
    width = np.uint8 if most < 256 else np.uint16
    for array in (labels[..., 0].copy("C"), labels[..., 0].copy("F"), labels[::-1, ::-1, 1]):
        found = read_again(tmp_path, _core.encode_mask(array))
        assert found.dtype == width
        np.testing.assert_array_equal(found, array)


def test_bools_are_labels_0_and_1(tmp_path: Path) -> None:
    mask = np.random.default_rng(0).random((20, 30)) > 0.5
    np.testing.assert_array_equal(read_again(tmp_path, _core.encode_mask(mask)), mask)


@pytest.mark.parametrize(("most", "dtype"), [(255, np.uint8), (256, np.uint16), (65_535, np.uint16)])
@pytest.mark.parametrize("y", [0, 6])
def test_one_label_above_255_makes_16_bits(tmp_path: Path, most: int, dtype: type, y: int) -> None:
    labels = np.arange(63).reshape(7, 9)
    labels[y, 4] = most
    found = read_again(tmp_path, _core.encode_mask(labels))
    assert found.dtype == dtype
    np.testing.assert_array_equal(found, labels)


def test_every_16_bit_label_is_written(tmp_path: Path) -> None:
    labels = np.random.default_rng(0).permutation(1 << 16).reshape(256, 256)
    np.testing.assert_array_equal(read_again(tmp_path, _core.encode_mask(labels)), labels)


def test_a_palette_goes_with_indices_of_8_bits(tmp_path: Path) -> None:
    palette = [(i, 255 - i, i // 2) for i in range(256)]
    labels = np.random.default_rng(0).permutation(1 << 8).reshape(8, 32)
    file = _core.encode_mask(labels, palette=palette)
    np.testing.assert_array_equal(read_again(tmp_path, file), labels)
    _, found = _core.read_mask(tmp_path / "mask.png", max_pixels=256, colours=False)
    assert found == bytes(part for colour in palette for part in colour)
    shown = np.asarray(Image.open(tmp_path / "mask.png").convert("RGB"))
    np.testing.assert_array_equal(shown, np.array(palette)[labels])


@pytest.mark.parametrize(
    ("labels", "palette", "said"),
    [
        ([[0], [-1]], None, "row 1 holds a label that is not 0 to 65535"),
        ([[0], [256], [65_536]], None, "row 2 holds a label that is not 0 to 65535"),
        (np.array([[2**64 - 1]], "u8"), None, "row 0 holds a label that is not 0 to 65535"),
        ([[0], [256]], [(0, 0, 0)], "row 1 holds a label that is not 0 to 255"),
        ([[0], [-1]], [(0, 0, 0)], "row 1 holds a label that is not 0 to 255"),
        ([[0, 2]], [(0, 0, 0), (9, 9, 9)], "2 colours for labels up to 2"),
        ([[0]], [(0, 0, 0)] * 257, "257 colours for labels up to 0"),
        ([0, 1], None, "1 dimensions, not 2"),
        ([[[0]]], None, "3 dimensions, not 2"),
        (np.empty((0, 4), int), None, "0 rows of 4 pixels"),
        (np.empty((4, 0), int), None, "4 rows of 0 pixels"),
        (np.broadcast_to(np.uint8(0), (1, 1 << 32)), None, "1 rows of 4294967296 pixels"),
    ],
)
def test_what_no_png_can_hold_is_refused(labels: Any, palette: Any, said: str) -> None:
    text = refused(MaskError, _core.encode_mask, np.asarray(labels), palette=palette)
    assert text == f"cannot be written as a PNG: {said}"


def test_floats_are_no_labels() -> None:
    assert refused(TypeError, _core.encode_mask, np.zeros((2, 2))) == "labels are bools or integers"


def test_more_pixels_than_memory_holds_are_refused() -> None:
    side = (1 << 31) - 1
    assert refused(MaskError, _core.encode_mask, np.broadcast_to(np.uint8(0), (side, side))) == (
        f"not enough memory for a mask of {side * side} bytes\n"
        "hint: use fewer threads, or a lower `max_pixels`"
    )
