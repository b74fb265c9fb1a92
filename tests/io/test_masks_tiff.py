"""Masks in TIFF files: what is labels, what is colours, and what is refused with a reason."""

import io
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from segscore.io.group4 import decode_group4
from segscore.io.masks import read_mask, read_with_palette
from segscore.io.tiff import read_tiff
from support import hints
from support.masks_on_disk import pillow, refusal_of, write
from support.tiff_files import BITS, COLOURS, HEIGHT, PHOTOMETRIC, WIDTH, tiff

LABELS = np.random.default_rng(0).integers(0, 5, (20, 30)).astype(np.uint8)
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


def test_the_palette_of_a_tiff_is_read(tmp_path: Path) -> None:
    colours = np.random.default_rng(1).integers(0, 256, (256, 3), np.uint8)
    image = Image.fromarray(LABELS)
    image.putpalette(colours.tobytes())
    tables = {1: colours.T.ravel(), 256: colours.T.astype(int).ravel() * 256}
    files = [pillow(image, "TIFF")]
    files += [tiff(LABELS, tags={PHOTOMETRIC: 3, COLOURS: table.tolist()}) for table in tables.values()]
    for content in files:
        write(tmp_path, {"a.tif": content})
        found, palette = read_with_palette(str(tmp_path / "a.tif"), colours=False)
        np.testing.assert_array_equal(found, LABELS)
        assert palette == colours.tobytes()
    write(tmp_path, {"a.tif": tiff(LABELS, tags={PHOTOMETRIC: 3, COLOURS: [0] * 765})})
    assert refusal_of(tmp_path / "a.tif") == (
        "the TIFF is damaged: its palette has 765 values for labels of 8 bits\n"
        "hint: write or copy the file again"
    )


def test_tiff_colours(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, np.arange(60, dtype=np.uint8).reshape(4, 5, 3), photometric="rgb")
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
    path.write_bytes(tiff(LABELS, tags={WIDTH: 60_000, HEIGHT: 60_000}))
    assert refusal_of(path) == f"(60000, 60000) is more than max_pixels = 268,435,456{LARGE}"


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("compression", [1, 8])
def test_every_layout_is_read(tmp_path: Path, order: str, big: bool, compression: int) -> None:
    for dtype in ("u1", "i1", "u2", "i4", "u8", "i8"):
        labels = LABELS.astype(dtype) * (-1 if dtype[0] == "i" else 1)
        for layout in (
            {},
            {"rows": 7},
            {"rows": 1},
            {"tile": (16, 16)},
            {"tile": (16, 32)},
            {"tile": (64, 64)},
        ):
            content = tiff(labels, order=order, big=big, compression=compression, **layout)
            write(tmp_path, {"a.tif": content})
            found = read_mask(str(tmp_path / "a.tif"), colours=False)
            np.testing.assert_array_equal(found, labels)
            assert found.dtype == labels.dtype


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_labels_that_share_a_byte_are_read(tmp_path: Path, bits: int) -> None:
    labels = np.random.default_rng(3).integers(0, 1 << bits, (7, 13))
    padded = np.pad(labels, [(0, 0), (0, -13 % (8 // bits))])
    shifts = np.arange(8 - bits, -1, -bits)
    packed = (padded.reshape(7, -1, 8 // bits) << shifts).sum(axis=2).astype(np.uint8)
    write(tmp_path, {"a.tif": tiff(packed, rows=3, tags={WIDTH: 13, BITS: bits})})
    np.testing.assert_array_equal(read_mask(str(tmp_path / "a.tif"), colours=False), labels)


@pytest.mark.parametrize("dtype", ["u1", "u2", ">u2", "u4"])
@pytest.mark.parametrize("layout", [{"rowsperstrip": 7}, {"tile": (16, 16)}])
def test_differences_to_the_pixel_before_are_undone(
    tmp_path: Path, dtype: str, layout: dict[str, object]
) -> None:
    labels = LABELS.astype(dtype) * 37
    options = {"compression": "zlib", "predictor": 2, "photometric": "minisblack", **layout}
    tifffile.imwrite(tmp_path / "a.tif", labels, **options)
    np.testing.assert_array_equal(read_mask(str(tmp_path / "a.tif"), colours=False), labels)
    rgb = np.stack([LABELS, LABELS * 2, LABELS * 3], axis=-1)
    tifffile.imwrite(tmp_path / "a.tif", rgb, **{**options, "photometric": "rgb"})
    np.testing.assert_array_equal(read_tiff(str(tmp_path / "a.tif"), max_pixels=600)[0], rgb)


def test_a_last_strip_with_rows_to_spare_is_read(tmp_path: Path) -> None:
    for compression in (1, 8):
        padded = np.vstack([LABELS, np.full((1, 30), 9, np.uint8)])
        content = tiff(padded, rows=7, compression=compression, tags={HEIGHT: 20})
        write(tmp_path, {"a.tif": content})
        np.testing.assert_array_equal(read_mask(str(tmp_path / "a.tif"), colours=False), LABELS)


def test_smaller_copies_of_an_image_are_passed_over(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "a.tif") as file:
        file.write(LABELS, metadata=None)
        file.write(LABELS[::2, ::2], subfiletype=1, metadata=None)
        file.write(LABELS[::4, ::4], subfiletype=1, metadata=None)
    np.testing.assert_array_equal(read_mask(str(tmp_path / "a.tif"), colours=False), LABELS)


def test_images_of_one_kind_are_a_volume(tmp_path: Path) -> None:
    for count in (2, 3, 30):
        volume = np.random.default_rng(count).integers(0, 5, (count, 6, 7)).astype(np.uint16)
        write(tmp_path, {"a.tif": tiff(*volume)})
        np.testing.assert_array_equal(read_mask(str(tmp_path / "a.tif"), colours=False), volume)
        for imagej in (False, True):
            tifffile.imwrite(tmp_path / "b.tif", volume, imagej=imagej, photometric="minisblack")
            np.testing.assert_array_equal(read_mask(str(tmp_path / "b.tif"), colours=False), volume)


# Group 4


@pytest.mark.parametrize("options", [{}, {266: 2}])
def test_group_4_is_read(tmp_path: Path, options: dict[int, int]) -> None:
    random = np.random.default_rng(4)
    for shape in ((1, 1), (3, 5), (20, 30), (64, 65)):
        for share in (0.0, 0.02, 0.3, 0.5, 0.98, 1.0):
            pixels = random.random(shape) < share
            content = pillow(Image.fromarray(pixels), "TIFF", compression="group4", tiffinfo=options)
            write(tmp_path, {"a.tif": content})
            np.testing.assert_array_equal(read_mask(str(tmp_path / "a.tif"), colours=False), pixels)


def test_runs_of_every_length_are_read_from_group_4(tmp_path: Path) -> None:
    width = 5_300
    lengths = [*range(1, 200), *range(200, width, 59)]
    for first in (0, 1):
        rows = [np.repeat([first, 1 - first, first], [n, 2 * n % 977 + 1, width])[:width] for n in lengths]
        pixels = np.zeros((2 * len(rows), width), bool)
        pixels[::2] = rows
        pixels[1::2, ::7] = first  # so that every other row is told by its runs
        content = pillow(Image.fromarray(pixels), "TIFF", compression="group4")
        write(tmp_path, {"a.tif": content})
        found = read_mask(str(tmp_path / "a.tif"), colours=False)
        assert np.array_equal(found, pixels)


def test_group_4_that_is_cut_is_never_filled_with_white(tmp_path: Path) -> None:
    pixels = np.random.default_rng(5).random((20, 30)) < 0.3
    strip = _strip_of(pillow(Image.fromarray(pixels), "TIFF", compression="group4"))
    for end in range(1, len(strip) - 3):  # its last bytes say only that it ends
        with pytest.raises(ValueError, match="it ends too early"):
            decode_group4(strip[:end], 20, 30)
    np.testing.assert_array_equal(decode_group4(strip, 20, 30), pixels)


def test_group_4_with_a_bit_that_flips_is_mostly_refused_and_never_stops(tmp_path: Path) -> None:
    pixels = np.random.default_rng(6).random((20, 30)) < 0.3
    strip = _strip_of(pillow(Image.fromarray(pixels), "TIFF", compression="group4"))
    refused = 0
    for i in range(8 * len(strip)):
        file = bytearray(strip)
        file[i // 8] ^= 1 << i % 8
        try:
            assert decode_group4(bytes(file), 20, 30).shape == (20, 30)
        except ValueError:
            refused += 1
    assert refused > 6 * len(strip)


def _strip_of(content: bytes) -> bytes:
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        (offset,), (count,) = file.pages[0].dataoffsets, file.pages[0].databytecounts
    return content[offset : offset + count]


# The extra `tiff`


@pytest.mark.skipif(find_spec("imagecodecs") is None, reason="imagecodecs is not installed: `.[test]` has it")
@pytest.mark.parametrize("compression", ["tiff_lzw", "packbits", "zstd"])
def test_what_the_extra_brings_is_read(tmp_path: Path, compression: str) -> None:
    for labels in (LABELS, LABELS.astype(np.uint16) * 300, np.zeros((400, 300), np.uint8)):
        write(tmp_path, {"a.tif": pillow(Image.fromarray(labels), "TIFF", compression=compression)})
        np.testing.assert_array_equal(read_mask(str(tmp_path / "a.tif"), colours=False), labels)
        strips = _strips_of(tmp_path / "a.tif")
        for where, length in strips:
            content = bytearray((tmp_path / "a.tif").read_bytes())
            content[where + length // 2 : where + length] = bytes(length - length // 2)
            write(tmp_path, {"b.tif": bytes(content)})
            assert refusal_of(tmp_path / "b.tif").startswith("the TIFF is damaged: a block of pixels ")


def _strips_of(path: Path) -> list[tuple[int, int]]:
    with tifffile.TiffFile(path) as file:
        return list(zip(file.pages[0].dataoffsets, file.pages[0].databytecounts, strict=True))


def test_lzw_is_read_or_says_what_reads_it(tmp_path: Path) -> None:
    Image.fromarray(LABELS).save(tmp_path / "a.tif", compression="tiff_lzw")
    if find_spec("imagecodecs") is not None:
        assert np.array_equal(read_mask(str(tmp_path / "a.tif"), colours=False), LABELS)
        return
    assert refusal_of(tmp_path / "a.tif") == (
        "LZW in TIFF is read with imagecodecs, which is not installed"
        "\nhint: `pip install 'segscore[tiff]'`, or save the mask without compression or with Deflate"
    )
