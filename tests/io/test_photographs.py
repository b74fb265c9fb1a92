"""Image files as red, green and blue: what is read, and what is refused and why."""

import sys
import zlib
from contextlib import suppress

import numpy as np
import pytest
import tifffile
from PIL import Image

from segscore import ArgumentError, ImageError, predict
from segscore.predict import read_image
from support.masks_on_disk import RGB, chunk, header
from support.refused import refused

PIXELS = np.random.default_rng(0).integers(0, 256, (4, 6, 3), np.uint8)
COLOUR = Image.fromarray(PIXELS)
GREY = Image.fromarray(PIXELS[..., 0])
BY_HAND = "convert it to RGB as it was done for training; a Python function that takes paths may do so"
LARGE = "raise `max_pixels` if the image is meant to be so large; else split it into tiles"


def saved(folder, name, image, **options):
    image.save(folder / name, **options)
    return folder / name


@pytest.mark.parametrize("name", ["a.png", "a.tiff", "a.bmp", "a.webp"])
def test_formats(tmp_path, name):
    path = saved(tmp_path, name, COLOUR, **({"lossless": True} if name == "a.webp" else {}))
    read = read_image(path)
    assert (read.dtype, read.shape) == (np.uint8, (4, 6, 3))
    np.testing.assert_array_equal(read, PIXELS)
    np.testing.assert_array_equal(read_image(str(path)), PIXELS)


def test_jpeg_and_what_cameras_make_of_it(tmp_path):
    path = saved(tmp_path, "a.jpg", COLOUR, quality=95)
    with Image.open(path) as image:
        np.testing.assert_array_equal(read_image(path), np.asarray(image))
    two = saved(tmp_path, "b.mpo", COLOUR, quality=95, save_all=True, append_images=[COLOUR.rotate(180)])
    np.testing.assert_array_equal(read_image(two), read_image(path))


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (GREY, np.repeat(PIXELS[..., :1], 3, axis=2)),
        (GREY.convert("LA"), np.repeat(PIXELS[..., :1], 3, axis=2)),
        (COLOUR.convert("RGBA"), PIXELS),
        (COLOUR.quantize(256), np.asarray(COLOUR.quantize(256).convert("RGB"))),
        (GREY.point(lambda value: value > 99 and 255, "1"), np.where(PIXELS[..., :1] > 99, 255, 0)),
    ],
    ids=["L", "LA", "RGBA", "P", "1"],
)
def test_modes_that_are_rgb_without_a_decision(tmp_path, image, expected):
    read = read_image(saved(tmp_path, "a.png", image))
    np.testing.assert_array_equal(read, np.broadcast_to(expected, (4, 6, 3)))


def deep_png(folder):
    rows = b"".join(b"\0" + bytes(2 * 6) for _ in range(2))
    path = folder / "deep.png"
    data = chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND")
    path.write_bytes(header(2, 2, 16, RGB) + data)
    return path


def deep_tiff(folder):
    tifffile.imwrite(folder / "deep.tiff", PIXELS.astype(np.uint16))
    return folder / "deep.tiff"


def with_alpha(folder):
    image = COLOUR.convert("RGBA")
    image.putpixel((1, 1), (1, 2, 3, 200))
    return saved(folder, "alpha.png", image)


EXIF = Image.Exif()
EXIF[0x112] = 6


def of(name, image, **options):
    return lambda folder: saved(folder, name, image, **options)


TRANSPARENT = (
    "the image has transparent pixels (alpha down to {}), expected none\n"
    "hint: put it on the background that the model was trained with, and save it without alpha"
)
MODE = "expected 8 bits of grey, palette, RGB or RGBA, found the mode {}\nhint: " + BY_HAND
TURNED = (
    "the EXIF orientation is 6, expected 1 (as stored) or none\n"
    "hint: labels do not carry it: turn the pixels as the labels are, and remove the tag"
)
SEVERAL = "expected one picture, found 2 (an animation or several pages)\nhint: save each as a file"
OTHER = (
    "expected an image (BMP, JPEG, PNG, TIFF, WEBP), found something else\n"
    "hint: save it as PNG; a Python function that takes paths reads any format"
)


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (of("a.jpg", COLOUR.convert("CMYK")), MODE.format("CMYK")),
        *((of("a.tiff", COLOUR.convert(mode)), MODE.format(mode)) for mode in ("LAB", "YCbCr")),
        *((of("a.tiff", GREY.convert(mode)), MODE.format(mode)) for mode in ("F", "I")),
        (of("a.png", Image.fromarray(PIXELS[..., 0].astype(np.uint16))), MODE.format("I;16 with 16 bits")),
        (deep_png, MODE.format("RGB with 16 bits")),
        (deep_tiff, MODE.format("RGB with 16 bits")),
        (with_alpha, TRANSPARENT.format(200)),
        (of("a.png", COLOUR, transparency=tuple(PIXELS[0, 0].tolist())), TRANSPARENT.format(0)),
        (of("a.png", GREY, transparency=int(PIXELS[0, 0, 0])), TRANSPARENT.format(0)),
        *((of(f"a.{kind}", COLOUR, exif=EXIF), TURNED) for kind in ("jpg", "png", "tiff", "webp")),
        (of("a.png", COLOUR, save_all=True, append_images=[COLOUR.rotate(180)]), SEVERAL),
        (of("a.tiff", COLOUR, save_all=True, append_images=[COLOUR]), SEVERAL),
        (of("a.webp", COLOUR, save_all=True, append_images=[COLOUR.rotate(180)]), SEVERAL),
        (of("a.gif", COLOUR), OTHER),
        (of("a.eps", COLOUR), OTHER),
    ],
)
def test_what_is_refused(tmp_path, make, expected):
    path = make(tmp_path)
    assert refused(ImageError, read_image, path) == f"{path}: {expected}"


def test_too_many_pixels(tmp_path):
    path = saved(tmp_path, "a.png", COLOUR)
    assert read_image(path, max_pixels=24).shape == (4, 6, 3)
    assert refused(ImageError, read_image, path, max_pixels=23) == (
        f"{path}: expected at most 23 pixels, found 24 (6 x 4)\nhint: {LARGE}"
    )


@pytest.mark.parametrize("sides", [(1 << 15, 1 << 15), (1 << 14, 6000), (1 << 31 - 1, 1)])
def test_a_header_that_promises_too_much(tmp_path, sides):
    path = tmp_path / "a.png"
    path.write_bytes(header(*sides, 8, RGB) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND"))
    text = refused(ImageError, read_image, path)
    assert text.startswith(f"{path}: the image is too large for Pillow: ")
    assert text.endswith(f"\nhint: {LARGE}")


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tiff", "a.bmp", "a.webp"])
def test_damaged_files_are_an_error_or_other_pixels(tmp_path, name):
    image = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8))
    path = saved(tmp_path, name, image)
    whole = path.read_bytes()
    for length in range(0, len(whole) * 9 // 10, max(1, len(whole) // 40)):
        path.write_bytes(whole[:length])
        assert refused(ImageError, read_image, path).startswith(f"{path}: ")
    random = np.random.default_rng(1)
    for _ in range(100):
        data = bytearray(whole)
        for at in random.integers(0, min(len(whole), 300), 3):
            data[at] = random.integers(0, 256)
        path.write_bytes(data)
        with suppress(ImageError):  # and nothing else
            assert read_image(path).shape[2] == 3


def test_a_truncated_file(tmp_path):
    path = saved(tmp_path, "a.png", Image.effect_noise((64, 64), 50))
    path.write_bytes(path.read_bytes()[:1000])
    assert refused(ImageError, read_image, path) == (
        f"{path}: the image is damaged: image file is truncated\nhint: save or copy it again"
    )


def test_a_lack_of_memory_is_no_damage(tmp_path, monkeypatch):
    def no_room(image):
        raise MemoryError("Unable to allocate 8 GiB")

    path = saved(tmp_path, "a.png", COLOUR)
    monkeypatch.setattr("PIL.PngImagePlugin.PngImageFile.load", no_room)
    assert refused(ImageError, read_image, path) == (
        f"{path}: there is no memory for its pixels\n"
        "hint: use smaller images, or a lower `max_pixels` to refuse them by their size"
    )


def test_no_file(tmp_path):
    path = str(tmp_path / "a\n.png")
    text = f"{path!r}: cannot be opened: No such file or directory\nhint: check the path"
    assert refused(ImageError, read_image, path) == text


def test_without_pillow(monkeypatch):
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert refused(ArgumentError, read_image, "a.png") == (
        "images are read with Pillow, which is not installed\nhint: `pip install 'segscore[run]'`"
    )


def test_a_folder_of_predictions(tmp_path):
    assert predict.folder(tmp_path) == str(tmp_path)
    hint = "hint: one mask an image, with names that match those of the targets"
    for path, what in ((tmp_path / "none", "nothing"), (saved(tmp_path, "a.png", GREY), "a file")):
        text = f"expected a folder of predictions, found {what} at {path}\n{hint}"
        assert refused(ArgumentError, predict.folder, path) == text
