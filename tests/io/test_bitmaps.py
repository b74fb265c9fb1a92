"""BMP, PNM, GIF and WebP masks: the labels that they hold, and what is refused with a reason."""

import struct
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segscore import EvaluationError, MaskError, evaluate
from segscore.io.arrays import pack_colours
from segscore.io.masks import read_mask, read_with_palette
from support import hints
from support.bitmap_files import bmp, digits, pnm
from support.masks_on_disk import Array, pillow, png, refusal_of, write
from support.painted import indexed
from support.refused import refused

RANDOM = np.random.default_rng(3)
LABELS = RANDOM.integers(0, 5, (7, 13)).astype(np.uint8)
BITS = LABELS % 2
WIDE = LABELS.astype(np.uint16) * 1000
PALETTE = RANDOM.integers(0, 256, (256, 3)).astype(np.uint8)
COLOURS = PALETTE[LABELS]
BGRA = (0xFF0000, 0xFF00, 0xFF, 0xFF000000)
GRAYS = [(i, i, i) for i in range(256)]
AS_PNG = "\nhint: save it as PNG"
AGAIN = "\nhint: write or copy the file again"


def of_pillow(pixels: Array, kind: str, **options: object) -> bytes:
    return pillow(Image.fromarray(pixels), kind, **options)


LABEL_FILES = {
    "8.bmp": bmp(LABELS, 8, GRAYS),
    "8-down.bmp": bmp(LABELS, 8, GRAYS, downwards=True),
    "8-two.bmp": bmp(BITS, 8, [(0, 0, 0), (255, 255, 255)]),
    "4.bmp": bmp(LABELS, 4, PALETTE[:16].tolist()),
    "4-gray.bmp": bmp(LABELS, 4, GRAYS[:16]),
    "1.bmp": bmp(BITS, 1, [(0, 0, 0), (255, 255, 255)]),
    "pillow.bmp": of_pillow(LABELS, "BMP"),
    "pillow.gif": of_pillow(LABELS, "GIF"),
    "palette.gif": pillow(indexed(LABELS, PALETTE), "GIF"),
    "pillow.pgm": of_pillow(LABELS, "PPM"),
    "wide.pgm": of_pillow(WIDE, "PPM"),
    "text.pgm": pnm(2, LABELS.shape, digits(LABELS), 255),
    "wide.pnm": pnm(2, WIDE.shape, digits(WIDE), 65_535),
    "pillow.pbm": of_pillow(BITS.astype(bool), "PPM"),
    "text.pbm": pnm(1, BITS.shape, digits(1 - BITS).replace(b" ", b"")),
}
HELD = {
    "8-two.bmp": BITS,
    "1.bmp": BITS,
    "pillow.pbm": BITS,
    "text.pbm": BITS,
    "wide.pgm": WIDE,
    "wide.pnm": WIDE,
}


@pytest.mark.parametrize("name", LABEL_FILES)
def test_labels_are_what_the_file_holds(tmp_path: Path, name: str) -> None:
    write(tmp_path, {name: LABEL_FILES[name]})
    np.testing.assert_array_equal(read_mask(str(tmp_path / name), colours=False), HELD.get(name, LABELS))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("24.bmp", bmp(COLOURS[..., ::-1], 24)),
        ("32.bmp", bmp(np.dstack([COLOURS[..., ::-1], LABELS]), 32)),
        ("pillow.ppm", of_pillow(COLOURS, "PPM")),
        ("text.ppm", pnm(3, LABELS.shape, digits(COLOURS), 255)),
        ("pillow.webp", of_pillow(COLOURS, "WEBP", lossless=True)),
    ],
)
def test_colours_are_what_the_file_holds(tmp_path: Path, name: str, content: bytes) -> None:
    write(tmp_path, {name: content})
    np.testing.assert_array_equal(read_mask(str(tmp_path / name), colours=True), pack_colours(COLOURS))


def test_alpha_of_bmp_and_webp_is_kept(tmp_path: Path) -> None:
    pixels = np.dstack([COLOURS, 255 - LABELS])
    for name, content in (
        ("a.bmp", bmp(pixels[..., [2, 1, 0, 3]], 32, compression=3, masks=BGRA)),
        ("a.webp", of_pillow(pixels, "WEBP", lossless=True, exact=True)),
    ):
        write(tmp_path, {name: content})
        found = read_mask(str(tmp_path / name), colours=True)
        np.testing.assert_array_equal(found, pack_colours(pixels))


@pytest.mark.parametrize("name", ["a.bmp", "a.gif"])
def test_palettes_are_beside_their_indices(tmp_path: Path, name: str) -> None:
    write(tmp_path, {name: pillow(indexed(LABELS, PALETTE), name[2:].upper())})
    labels, palette = read_with_palette(str(tmp_path / name), colours=False)
    np.testing.assert_array_equal(labels, LABELS)
    assert palette is not None
    assert palette[:15] == PALETTE[:5].tobytes()


@pytest.mark.parametrize("kind", ["bmp", "gif", "webp", "pgm"])
@pytest.mark.parametrize("side", ["pred", "target"])
@pytest.mark.parametrize("images", [1, 3])
def test_masks_of_every_kind_are_scored_as_png_are(tmp_path: Path, kind: str, side: str, images: int) -> None:
    other = {"pred": "target", "target": "pred"}[side]
    options = {"lossless": True} if kind == "webp" else {}
    form = "PPM" if kind == "pgm" else kind.upper()
    for i in range(images):
        labels = np.roll(LABELS, i)
        write(tmp_path / side, {f"{i}.{kind}": of_pillow(labels, form, **options)})
        write(tmp_path / other, {f"{i}.png": LABELS})
        write(tmp_path / "png", {f"{i}.png": labels})
    found = evaluate(**{side: tmp_path / side, other: tmp_path / other}, classes=5)
    as_png = evaluate(**{side: tmp_path / "png", other: tmp_path / other}, classes=5)
    assert found.names == tuple(map(str, range(images)))
    assert found.confusion == as_png.confusion


REFUSED = {
    "rle.bmp": (
        bmp(LABELS, 8, GRAYS, compression=1),
        "expected a BMP of 1, 4, 8, 24 or 32 bits a pixel that is not compressed, found compression 1 of "
        "8 bits" + AS_PNG,
    ),
    "cut.bmp": (bmp(LABELS, 8, GRAYS)[:-20], f"the file is truncated: 92 of 112 bytes can be read{AGAIN}"),
    "large.bmp": (
        bmp(LABELS, 8, GRAYS, size=(1 << 20, 1 << 20)),
        f"(1048576, 1048576) is more than max_pixels = 268,435,456\nhint: {hints.LARGE}",
    ),
    "empty.bmp": (
        bmp(LABELS, 8, GRAYS, size=(0, 13)),
        f"the file is damaged: it claims 0 x 13 pixels{AGAIN}",
    ),
    "head.bmp": (b"BM", f"the file is truncated: 2 of 26 bytes can be read{AGAIN}"),
    "scaled.pgm": (
        pnm(5, LABELS.shape, LABELS.tobytes(), 4),
        "the largest value is said to be 4, expected 255 or 65,535\n"
        "hint: some readers scale such values to 255, others do not: save it as PNG",
    ),
    "deep.ppm": (
        pnm(6, LABELS.shape, bytes(6 * LABELS.size), 65_535),
        "the largest value is said to be 65,535, expected 255\n"
        "hint: some readers scale such values to 255, others do not: save it as PNG",
    ),
    "two.pgm": (of_pillow(LABELS, "PPM") * 2, "expected one image, found several\nhint: save each as a file"),
    "long.pgm": (
        of_pillow(LABELS, "PPM") + b"\0",
        f"the file is damaged: it holds more than the 91 bytes that its header promises{AGAIN}",
    ),
    "cut.pgm": (
        of_pillow(LABELS, "PPM")[:-1],
        f"the file is truncated: 90 of 91 bytes can be read{AGAIN}",
    ),
    "short.pgm": (
        pnm(2, LABELS.shape, b" " * 200, 255),
        f"the file is truncated: 0 of 91 bytes can be read{AGAIN}",
    ),
    "over.pgm": (
        pnm(2, LABELS.shape, digits(WIDE), 255),
        f"the file is damaged: it holds 4,000, more than its largest value 255{AGAIN}",
    ),
    "word.pgm": (
        pnm(2, LABELS.shape, b"-1 " * 100, 255),
        f"the file is damaged: something else than numbers is among its pixels{AGAIN}",
    ),
    "png.bmp": (
        png(LABELS),
        "expected a BMP or PNM file, found something else\n"
        "hint: rename the file to its true type, or give `read=` a function that reads it",
    ),
    "png.gif": (
        png(LABELS),
        "expected a GIF or WebP file, found something else\n"
        "hint: rename the file to its true type, or give `read=` a function that reads it",
    ),
    "nothing.ppm": (b"", f"the file is empty{AGAIN}"),
    "nothing.webp": (b"", f"the file is empty{AGAIN}"),
    "lossy.webp": (
        of_pillow(COLOURS, "WEBP"),
        "expected a lossless WebP, found a lossy one\n"
        "hint: lossy compression changes label values: export the masks as PNG or as lossless WebP",
    ),
    "moving.webp": (
        of_pillow(
            COLOURS, "WEBP", lossless=True, save_all=True, append_images=[Image.fromarray(255 - COLOURS)]
        ),
        "expected one picture, found an animation\nhint: save each picture as a file",
    ),
    "moving.gif": (
        of_pillow(LABELS, "GIF", save_all=True, append_images=[Image.fromarray(LABELS + 1)]),
        "expected one picture, found an animation\nhint: save each picture as a file",
    ),
    "part.gif": (
        (whole := of_pillow(LABELS, "GIF"))[:6] + struct.pack("<HH", 20, 20) + whole[10:],
        "the picture does not cover the whole GIF" + AS_PNG,
    ),
    "large.gif": (
        whole[:6] + struct.pack("<HH", 10_000, 10_000) + whole[10:],
        "expected at most 16,777,216 pixels in a GIF or WebP, found 10,000 x 10,000" + AS_PNG,
    ),
    "broken.webp": (b"RIFF\4\0\0\0WEBPVP8X", f"the file is damaged: it holds no picture{AGAIN}"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_readers_see_differently_or_cannot_see_is_refused(tmp_path: Path, name: str) -> None:
    content, message = REFUSED[name]
    write(tmp_path, {name: content})
    assert refusal_of(tmp_path / name, colours=True) == message


def test_a_canvas_larger_than_the_picture_costs_no_memory(tmp_path: Path) -> None:
    content = of_pillow(np.dstack([COLOURS, 255 - LABELS]), "WEBP", lossless=True, exif=b"Exif\0\0MM")
    at = content.index(b"VP8X") + 12
    write(tmp_path, {"a.webp": content[:at] + b"\xff" * 6 + content[at + 6 :]})
    message = f"the file is damaged: it holds no picture{AGAIN}"
    assert refusal_of(tmp_path / "a.webp", colours=True) == message


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.bmp", "a.ppm"])
def test_damaged_files_are_refused_or_read_whatever_byte_is_changed(tmp_path: Path, name: str) -> None:
    kind = {"webp": "WEBP", "ppm": "PPM"}.get(name[2:], name[2:].upper())
    pixels = LABELS if kind in ("GIF", "BMP") else COLOURS
    content = of_pillow(pixels, kind, **({"lossless": True} if kind == "WEBP" else {}))
    path = tmp_path / name
    for at in RANDOM.integers(0, len(content), 300).tolist():
        changed = bytearray(content)
        changed[at] = RANDOM.integers(256)
        path.write_bytes(changed if at % 5 else changed[:at])
        with suppress(MaskError):
            read_mask(str(path), colours=True)


def test_a_picture_without_pillow_is_a_failure_that_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(
        tmp_path,
        {"p/a.gif": of_pillow(LABELS, "GIF"), "p/b.png": LABELS, "t/a.png": LABELS, "t/b.png": LABELS},
    )
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert refused(EvaluationError, evaluate, pred=tmp_path / "p", target=tmp_path / "t", classes=5) == (
        "1 of 2 images could not be scored:\n"
        f"  a: {tmp_path}/p/a.gif: GIF and WebP are read with Pillow, which is not installed\n"
        "hint: `pip install 'segscore[pillow]'`\n"
        f"hint: {hints.SKIP}"
    )
