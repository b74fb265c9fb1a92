"""PNG masks: every kind of pixels that holds labels is read exactly, from files and memory, or refused."""

import io
import tempfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segscore import Classes, LabelError, MaskError, evaluate
from segscore.classes.labels import colour_label
from segscore.errors import ImageError
from segscore.io.masks import decode_mask, read_with_palette
from segscore.io.photographs import decode_image
from support import hints
from support.masks_on_disk import (
    GRAY,
    GRAY_ALPHA,
    PALETTE,
    RGB,
    RGBA,
    Array,
    array_file,
    chunks,
    joined,
    pillow,
    png,
    read,
    refusal,
    write,
)
from support.refused import refused

NO_LABELS = f"\nhint: {hints.COLOURS}"
SHAPES = [(1, 1), (1, 2), (2, 1), (3, 5), (4, 4), (5, 8), (8, 9), (9, 17), (1, 65), (65, 1)]


def random_labels(shape: tuple[int, ...], bits: int = 8, seed: int = 0) -> Array:
    return np.random.default_rng(seed).integers(0, 1 << bits, shape)


# Labels


@pytest.mark.parametrize("interlaced", [False, True], ids=["plain", "interlaced"])
@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_gray_values_are_labels(tmp_path: Path, bits: int, interlaced: bool) -> None:
    for seed, shape in enumerate(SHAPES):
        labels = random_labels(shape, bits, seed)
        found = read(tmp_path, png(labels, bits, interlaced=interlaced, filters=(0, 1, 2, 3, 4)))
        assert found.dtype == (np.uint16 if bits == 16 else np.uint8)
        np.testing.assert_array_equal(found, labels)


@pytest.mark.parametrize("interlaced", [False, True], ids=["plain", "interlaced"])
@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_the_index_into_a_palette_is_the_label_whatever_its_colour_is(
    tmp_path: Path, bits: int, interlaced: bool
) -> None:
    colours = np.random.default_rng(bits).integers(0, 256, (1 << bits, 3)).tolist()
    clear = [0] * (1 << bits)  # every entry transparent: still an index
    for seed, shape in enumerate(SHAPES):
        labels = random_labels(shape, bits, seed)
        file = png(labels, bits, PALETTE, palette=colours, opacity=clear, interlaced=interlaced)
        np.testing.assert_array_equal(read(tmp_path, file), labels)
        np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(file))), labels)  # the file is right


def test_an_index_beyond_the_palette_is_still_a_label(tmp_path: Path) -> None:
    labels = np.array([[0, 1, 2, 200]])
    file = png(labels, 8, PALETTE, palette=[(0, 0, 0), (9, 9, 9)])
    np.testing.assert_array_equal(read(tmp_path, file), labels)


def test_files_of_pillow_are_read(tmp_path: Path) -> None:
    labels = random_labels((33, 47)).astype(np.uint8)
    gray = Image.fromarray(labels)
    palette = gray.copy()
    palette.putpalette(np.random.default_rng(1).integers(0, 256, 768).tolist())  # now its mode is P
    few = Image.fromarray(labels % 4)
    few.putpalette([9, 9, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    np.testing.assert_array_equal(read(tmp_path, pillow(gray)), labels)
    np.testing.assert_array_equal(read(tmp_path, pillow(gray, optimize=True)), labels)
    np.testing.assert_array_equal(read(tmp_path, pillow(palette)), labels)
    np.testing.assert_array_equal(read(tmp_path, pillow(palette, transparency=3)), labels)
    np.testing.assert_array_equal(read(tmp_path, pillow(few, bits=2)), labels % 4)
    np.testing.assert_array_equal(read(tmp_path, pillow(Image.fromarray(labels > 99))), labels > 99)  # 1 bit
    wide = random_labels((5, 6), 16).astype(np.uint16)
    np.testing.assert_array_equal(read(tmp_path, pillow(Image.fromarray(wide))), wide)


def test_every_16_bit_label_survives(tmp_path: Path) -> None:
    labels = np.arange(1 << 16).reshape(256, 256)
    np.testing.assert_array_equal(read(tmp_path, png(labels, 16, filters=(2,))), labels)


def test_pixels_may_be_spread_over_many_chunks_and_text_may_stand_between(tmp_path: Path) -> None:
    labels = random_labels((20, 30))
    start, (_, data), end = chunks(png(labels))
    parts = [(b"IDAT", data[i : i + 1]) for i in range(len(data))]
    text = (b"tEXt", b"Comment\0" + b"x" * 5000)
    file = joined([start, text, *parts[:9], (b"IDAT", b""), *parts[9:], text, end]) + b"what follows the end"
    np.testing.assert_array_equal(read(tmp_path, file), labels)


def test_files_counted_by_the_core_equal_arrays_that_were_read(tmp_path: Path) -> None:
    gray, palette = random_labels((9, 17), 4, 1), random_labels((9, 17), 2, 2)
    files = {
        "pred/a.png": png(gray, 4, interlaced=True),
        "target/a.png": png(palette, 2, PALETTE, palette=[(i, 0, 0) for i in range(4)]),
    }
    write(tmp_path, files)
    found = evaluate(pred=tmp_path / "pred", target=tmp_path / "target", classes=16)
    assert found.confusion == evaluate(pred=gray, target=palette, classes=16).confusion


def test_the_palette_of_a_mask(tmp_path: Path) -> None:
    colours = [[1, 2, 3], [255, 254, 253]]
    write(tmp_path, {"a.png": png([[0, 1]], 8, PALETTE, palette=colours), "b.png": png([[0, 1]], 8, GRAY)})
    write(tmp_path, {"c.png": png([[[1, 2, 3]]], 8, RGB, palette=colours)})  # a mere suggestion
    found = [read_with_palette(str(tmp_path / f"{name}.png"), colours=True)[1] for name in "abc"]
    assert found == [bytes([1, 2, 3, 255, 254, 253]), None, None]


# Colours

STREET = Classes(
    ["road", "sky"], [7, 9], ignore=[255], colours={7: (128, 64, 128), 9: (0, 0, 0), 255: (1, 2, 3)}
)


def painted(labels: Array) -> Array:
    return np.array([STREET.colours[label] for label in labels.ravel().tolist()]).reshape(*labels.shape, 3)


def test_rgb_pixels_are_colours_of_classes(tmp_path: Path) -> None:
    target = np.array([[7, 9, 255], [9, 9, 7]])
    pred = np.array([[7, 7, 9], [9, 9, 9]])
    opaque = np.dstack([painted(pred), np.full(pred.shape, 255)])
    write(tmp_path / "target", {"a.png": png(painted(target), 8, RGB, interlaced=True)})
    write(tmp_path / "rgba", {"a.png": png(opaque, 8, RGBA)})
    write(tmp_path / "gray", {"a.png": png(pred)})
    for folder in ("rgba", "gray"):
        found = evaluate(pred=tmp_path / folder, target=tmp_path / "target", classes=STREET)
        assert found.confusion.counts.tolist() == [[1, 1], [1, 2]]
        assert found.confusion.ignored == 1


def test_a_colour_that_is_no_class_is_reported_as_a_colour(tmp_path: Path) -> None:
    target = painted(np.array([[7, 9], [9, 9]]))
    target[0, 0] = target[1, 1] = (128, 64, 127)
    files = {"b.png": painted(np.full((2, 2), 7)), "c.png": target}
    write(tmp_path / "t", {name: png(mask, 8, RGB) for name, mask in files.items()})
    write(tmp_path / "p", {name: np.full((2, 2), 7) for name in ("b.png", "c.png")})
    assert refused(LabelError, evaluate, pred=tmp_path / "p", target=tmp_path / "t", classes=STREET) == (
        "`target` holds the label colour (128, 64, 127) (2 pixels): neither class nor ignored, first in c\n"
        "hint: RGB masks need the colours of the classes, exactly; was the mask resized or saved as JPEG?"
    )


def test_a_transparent_pixel_is_the_colour_of_no_class(tmp_path: Path) -> None:
    clear = np.dstack([painted(np.array([[7, 9]])), [[255, 0]]])
    assert read(tmp_path, png(clear, 8, RGBA), colours=True).tolist() == [
        [colour_label((128, 64, 128)), colour_label((0, 0, 0)) + (255 << 24)]
    ]
    write(tmp_path / "t", {"a.png": png(clear, 8, RGBA)})
    sides = {"pred": [np.array([[7, 9]])], "target": [str(tmp_path / "t/a.png")]}
    assert refused(LabelError, evaluate, **sides, classes=STREET) == (
        "`target` holds the label colour (0, 0, 0) with alpha 0 (1 pixel): neither class nor ignored, "
        "first in 0\n"
        "hint: RGB masks need the colours of the classes, exactly; was the mask resized or saved as JPEG?"
    )


@pytest.mark.parametrize(
    ("colour", "bits", "name", "colours"),
    [
        (RGB, 8, "RGB", False),
        (RGBA, 8, "RGBA", False),
        (GRAY_ALPHA, 8, "gray with alpha", False),
        *((RGB, 16, "RGB with 16 bits", colours) for colours in (False, True)),
        *((RGBA, 16, "RGBA with 16 bits", colours) for colours in (False, True)),
        *((GRAY_ALPHA, 16, "gray with alpha and 16 bits", colours) for colours in (False, True)),
    ],
)
def test_pixels_that_are_no_labels(tmp_path: Path, colour: int, bits: int, name: str, colours: bool) -> None:
    channels = {RGB: 3, RGBA: 4, GRAY_ALPHA: 2}[colour]
    file = png(np.arange(4 * channels).reshape(2, 2, channels), bits, colour)
    hint = "\nhint: save the labels as gray or palette, 1 to 16 bits" if "16" in name else NO_LABELS
    message = f"expected a mask of labels (gray or palette), found {name}{hint}"
    assert refusal(tmp_path, file, colours=colours) == message


def test_rgb_with_a_transparent_colour_is_refused(tmp_path: Path) -> None:
    file = png([[[1, 2, 3]]], 8, RGB, opacity=[0, 1, 0, 2, 0, 3])
    message = "expected a mask of labels (gray or palette), found RGB with a transparent colour"
    for colours in (False, True):
        assert refusal(tmp_path, file, colours=colours).startswith(message if colours else message[:52])


LABELS = np.arange(12, dtype=np.uint8).reshape(3, 4)


@pytest.mark.parametrize(("ending", "content"), [("png", png(LABELS)), ("npy", array_file(LABELS))])
def test_a_mask_is_decoded_whatever_lies_at_its_path(tmp_path, ending, content):
    path = tmp_path / f"mask.{ending}"
    path.write_bytes(b"something else")
    assert np.array_equal(decode_mask(content, str(path), colours=False)[0], LABELS)
    assert path.read_bytes() == b"something else"


def test_a_png_is_decoded_from_memory_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    found = decode_mask(png(LABELS), "masks/a.png", colours=False)
    assert np.array_equal(found[0], LABELS)
    text = refused(MaskError, decode_mask, png(LABELS)[:-30], "masks/a.png", colours=False)
    assert text.startswith("masks/a.png: ")


@pytest.mark.parametrize("ending", ["png", "npy"])
def test_a_message_names_the_file_that_was_read(ending):
    text = refused(MaskError, decode_mask, b"no mask", f"masks/a.{ending}", colours=False)
    assert text.startswith(f"masks/a.{ending}: ")
    assert "segscore-" not in text


def test_a_photograph_is_decoded_from_memory():
    image = np.full((2, 3, 3), 7, np.uint8)
    assert np.array_equal(decode_image(pillow(Image.fromarray(image)), "a.png"), image)
    assert refused(ImageError, decode_image, b"no image", "images/a.png").startswith(
        "images/a.png: expected an image (BMP, JPEG, PNG, TIFF, WEBP), found something else\n"
    )
