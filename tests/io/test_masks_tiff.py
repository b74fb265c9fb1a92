"""Masks in TIFF files: what is labels, what is colours, and what is refused with a reason."""

import struct
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from segscore.io.masks import read_mask
from support import hints
from support.masks_on_disk import pillow, refusal_of, write

LABELS = np.random.default_rng(0).integers(0, 5, (20, 30)).astype(np.uint8)
AGAIN = "\nhint: write or copy the file again"
NO_COLOURS = f"\nhint: {hints.COLOURS}"
LARGE = f"\nhint: {hints.LARGE}"


@pytest.mark.parametrize("dtype", ["u1", "i1", "u2", "i2", "u4", "i4", "i8"])
def test_tiff_labels_are_read(tmp_path: Path, dtype: str) -> None:
    for name in ("a.tif", "b.TIFF"):
        tifffile.imwrite(tmp_path / name, LABELS.astype(dtype))
        np.testing.assert_array_equal(read_mask(str(tmp_path / name), colours=False), LABELS)


def test_the_index_into_a_palette_of_a_tiff_is_the_label(tmp_path: Path) -> None:
    image = Image.fromarray(LABELS)
    image.putpalette(np.random.default_rng(1).integers(0, 256, 768).tolist())
    write(tmp_path, {"a.tif": pillow(image, "TIFF")})
    np.testing.assert_array_equal(read_mask(str(tmp_path / "a.tif"), colours=False), LABELS)


def test_tiff_colours(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((4, 5, 3), np.uint8), photometric="rgb")
    assert refusal_of(path) == f"expected a mask of labels, found colours of shape (4, 5, 3){NO_COLOURS}"
    assert read_mask(str(path), colours=True).shape == (4, 5)


ONE_FORM = "\nhint: save label values, or colours with three or four bytes a pixel one after the other"


@pytest.mark.parametrize("colours", [False, True])
def test_a_volume_of_a_tiff_is_no_colours(tmp_path: Path, colours: bool) -> None:
    volume = np.random.default_rng(2).integers(0, 5, (6, 7, 3)).astype(np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", volume, photometric="minisblack")
    np.testing.assert_array_equal(read_mask(str(tmp_path / "a.tif"), colours=colours), volume)


@pytest.mark.parametrize("colours", [False, True])
def test_rgb_of_a_tiff_in_another_form_is_refused(tmp_path: Path, colours: bool) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.zeros((3, 4, 5), np.uint8), photometric="rgb", planarconfig="separate")
    assert refusal_of(path, colours=colours) == (
        "expected labels, or RGB pixels of uint8, "
        f"found RGB in separate planes of uint8 and shape (3, 4, 5){ONE_FORM}"
    )
    tifffile.imwrite(path, np.zeros((4, 5, 3), np.uint16), photometric="rgb")
    assert refusal_of(path, colours=colours) == (
        f"expected labels, or RGB pixels of uint8, found RGB of uint16 and shape (4, 5, 3){ONE_FORM}"
    )


def test_a_tiff_of_several_images_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as file:
        file.write(LABELS)
        file.write(LABELS[:10, :15])
    assert refusal_of(path) == (
        "expected one image in the TIFF, found 2\n"
        "hint: save the labels alone, or give `read=` a function that picks the image"
    )


def test_a_tiff_larger_than_max_pixels_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, LABELS)
    assert refusal_of(path, max_pixels=599) == f"(20, 30) is more than max_pixels = 599{LARGE}"
    read_mask(str(path), colours=False, max_pixels=600)
    path.write_bytes(tiff(60_000, 60_000, b"not that much"))
    assert refusal_of(path) == f"(60000, 60000) is more than max_pixels = 268,435,456{LARGE}"


def tiff(width: int, height: int, strip: bytes) -> bytes:
    """Return a TIFF file of one uncompressed strip, which may be too short (TIFF 6.0, section 2)."""
    tags = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 273: 122, 277: 1, 278: height, 279: len(strip)}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    return struct.pack("<2sHIH", b"II", 42, 8, len(tags)) + entries + bytes(4) + strip


def test_a_tiff_made_by_hand(tmp_path: Path) -> None:
    write(tmp_path, {"a.tif": tiff(30, 20, LABELS.tobytes())})
    np.testing.assert_array_equal(read_mask(str(tmp_path / "a.tif"), colours=False), LABELS)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", f"the file is damaged: not a TIFF file: header=b''{AGAIN}"),
        (
            pillow(Image.fromarray(LABELS), "JPEG"),
            f"the file is damaged: not a TIFF file: header=b'\\xff\\xd8\\xff\\xe0'{AGAIN}",
        ),
        (b"II*\0\10\0\0\0", f"the TIFF holds no image{AGAIN}"),
        (tiff(30, 20, bytes(599)), f"the file is damaged: failed to read 600 bytes, got 599{AGAIN}"),
    ],
)
def test_a_bad_tiff_says_what_is_wrong(tmp_path: Path, content: bytes, message: str) -> None:
    write(tmp_path, {"a.tif": content})
    assert refusal_of(tmp_path / "a.tif") == message


def test_a_compression_that_needs_another_library_is_not_called_damage(tmp_path: Path) -> None:
    Image.fromarray(LABELS).save(tmp_path / "a.tif", compression="tiff_lzw")
    if find_spec("imagecodecs") is not None:
        assert np.array_equal(read_mask(str(tmp_path / "a.tif"), colours=False), LABELS)
        return
    assert refusal_of(tmp_path / "a.tif") == (
        "its compression is read with imagecodecs, which is not installed"
        "\nhint: `pip install imagecodecs`, or save the mask without compression or with Deflate"
    )
