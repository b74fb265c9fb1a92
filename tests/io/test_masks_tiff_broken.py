"""TIFF masks that are damaged, lie about their size, or mean two things: one clear refusal."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segscore import evaluate
from support import hints
from support.masks_on_disk import pillow, refusal_of, write
from support.processes import PEAK, python
from support.tiff_files import (
    COMPRESSION,
    DESCRIPTION,
    FILL,
    FORMAT,
    HEIGHT,
    ORIENTATION,
    PHOTOMETRIC,
    PREDICTOR,
    ROWS,
    SAMPLES,
    STRIP_BYTES,
    STRIPS,
    TILE_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    TILES,
    WIDTH,
    tiff,
)

LABELS = np.random.default_rng(0).integers(1, 5, (20, 30)).astype(np.uint8)
AGAIN = "\nhint: write or copy the file again"
SPARSE = (
    "\nhint: readers fill them with different values: write the mask again, and whole "
    "(GDAL: without `SPARSE_OK`)"
)


def said_of(folder: Path, content: bytes, **options: object) -> str:
    write(folder, {"a.tif": content})
    return refusal_of(folder / "a.tif", **options)


@pytest.mark.parametrize("compression", [1, 8])
@pytest.mark.parametrize("missing", ["offset", "bytes", "both"])
def test_blocks_that_are_missing_are_not_class_0(tmp_path: Path, compression: int, missing: str) -> None:
    for layout, places, lengths in (
        ({"rows": 5}, STRIPS, STRIP_BYTES),
        ({"tile": (16, 16)}, TILES, TILE_BYTES),
    ):
        whole = tiff(LABELS, compression=compression, **layout)
        tables = {places: _table(whole, places), lengths: _table(whole, lengths)}
        for i in range(4):
            if missing != "bytes":
                tables[places][i] = 0
            if missing != "offset":
                tables[lengths][i] = 0
            text = said_of(tmp_path, tiff(LABELS, compression=compression, **layout, tags=tables))
            assert text == f"{i + 1} of 4 blocks of pixels are missing from the TIFF{SPARSE}"


def _table(content: bytes, code: int) -> list[int]:
    import io

    import tifffile

    with tifffile.TiffFile(io.BytesIO(content)) as file:
        return list(file.pages[0].tags[code].value)


STORED = ({}, {"rows": 5}, {"tile": (16, 16)})


@pytest.mark.parametrize("compression", [1, 8])
@pytest.mark.parametrize("layout", STORED)
@pytest.mark.parametrize("big", [False, True])
def test_a_tiff_cut_anywhere_is_refused(
    tmp_path: Path, compression: int, layout: dict[str, object], big: bool
) -> None:
    content = tiff(LABELS, compression=compression, big=big, **layout)
    for end in range(len(content)):
        text = said_of(tmp_path, content[:end])
        assert text.startswith(("the TIFF is ", "expected a TIFF, found "))


@pytest.mark.parametrize("compression", [1, 8])
def test_a_tiff_without_its_end_is_refused_as_truncated(tmp_path: Path, compression: int) -> None:
    content = tiff(LABELS, compression=compression)
    assert said_of(tmp_path, content[:-1]) == (
        f"the TIFF is truncated: a directory ends at byte {len(content):,} of {len(content) - 1:,}{AGAIN}"
    )


DAMAGED = [
    ({HEIGHT: 0}, "it claims 0 x 30 pixels"),
    ({WIDTH: None}, "it has no tag 256"),
    ({WIDTH: [30, 30]}, "tag 256 has 2 values, expected 1"),
    ({WIDTH: b"30\0\0"}, "tag 256 is of type 2"),
    ({PHOTOMETRIC: None}, "it has no tag 262"),
    ({ROWS: 0}, "its blocks have 0 x 30 pixels"),
    ({ROWS: 2}, "it lists 4 blocks of pixels, expected 10"),
    ({STRIPS: [8] * 4}, "blocks of pixels overlap: 3 of 4 begin within another one"),
    ({STRIP_BYTES: None}, "it has no tag 279"),
    ({STRIP_BYTES: [150, 150, 150, 149]}, "a block of pixels has 149 bytes, and needs 150 at least"),
    ({TILES: [8]}, "it has both strips and tiles"),
    ({TILE_WIDTH: 16}, "it has tiles without a table of them"),
    ({HEIGHT: 21, ROWS: 6}, "a block of pixels has 150 bytes, and needs 180 at least"),
    ({FORMAT: [1, 2]}, "tag 339 is [1, 2] for 1 sample a pixel"),
]


@pytest.mark.parametrize(("tags", "said"), DAMAGED)
def test_directories_that_do_not_fit_are_refused(tmp_path: Path, tags: dict[int, object], said: str) -> None:
    assert said_of(tmp_path, tiff(LABELS, rows=5, tags=tags)) == f"the TIFF is damaged: {said}{AGAIN}"


def test_a_block_beyond_the_file_is_refused(tmp_path: Path) -> None:
    for offset in (500_000, (1 << 32) - 1, (1 << 64) - 1):
        content = tiff(LABELS, rows=10, tags={STRIPS: [16, offset]}, big=offset > 1 << 32)
        assert said_of(tmp_path, content) == (
            f"the TIFF is truncated: 1 of 2 blocks of pixels end beyond it{AGAIN}"
        )


def test_directories_in_a_circle_are_refused(tmp_path: Path) -> None:
    content = bytearray(tiff(LABELS))
    content[-4:] = content[4:8]
    assert said_of(tmp_path, bytes(content)) == f"the TIFF is damaged: its directories form a circle{AGAIN}"


def test_compressed_blocks_that_are_damaged_say_so(tmp_path: Path) -> None:
    import zlib

    rows = zlib.compress(LABELS.tobytes())
    for data, said in (
        (rows[:-1] + bytes([rows[-1] ^ 1]), "cannot be decompressed: Error -3 while decompressing data"),
        (rows[:-4], "cannot be decompressed: it ends too early"),
        (rows[:-40], "cannot be decompressed: it ends too early"),
        (
            zlib.compress(LABELS.tobytes() + b"\0"),
            "cannot be decompressed: it holds more pixels than it should",
        ),
        (zlib.compress(LABELS.tobytes()[:-1]), "has 599 bytes, expected 600"),
        (zlib.compress(b""), "has 0 bytes, expected 600"),
    ):
        content = tiff(np.frombuffer(data, np.uint8)[None], tags=_deflated(data))
        text = said_of(tmp_path, content)
        assert text.startswith(f"the TIFF is damaged: a block of pixels {said}"), text
        assert text.endswith(AGAIN)


def _deflated(data: bytes) -> dict[int, object]:
    """Return the tags of a file whose strip is compressed already."""
    return {WIDTH: 30, HEIGHT: 20, ROWS: 20, COMPRESSION: 8, STRIP_BYTES: len(data)}


READERS = "\nhint: some readers "


@pytest.mark.parametrize("orientation", [0, 2, 3, 4, 5, 6, 7, 8, 9])
def test_an_orientation_is_refused(tmp_path: Path, orientation: int) -> None:
    assert said_of(tmp_path, tiff(LABELS, tags={ORIENTATION: orientation})) == (
        f"the orientation of the TIFF is {orientation}, expected 1 (as stored) or none{READERS}turn such "
        "pixels, others do not: turn them as they are to be read, and save them without the tag, or give "
        "`read=` a function that does"
    )


def test_white_as_zero_is_refused(tmp_path: Path) -> None:
    assert said_of(tmp_path, tiff(LABELS, tags={PHOTOMETRIC: 0})) == (
        f"zero is white in the TIFF (WhiteIsZero), expected BlackIsZero{READERS}invert such labels, others "
        "do not: save them as BlackIsZero, or give `read=` a function that knows which are meant"
    )


LABELS_OR_RGB = "expected labels, or RGB pixels of uint8, found "


@pytest.mark.parametrize(
    ("photometric", "found"),
    [(4, "a transparency mask"), (5, "CMYK"), (6, "YCbCr"), (8, "CIELab"), (32803, "the colour space 32803")],
)
def test_other_colour_spaces_are_refused(tmp_path: Path, photometric: int, found: str) -> None:
    text = said_of(tmp_path, tiff(LABELS, tags={PHOTOMETRIC: photometric}))
    assert text == f"{LABELS_OR_RGB}{found}\nhint: save label values, or colours as RGB"


WAYS = "\nhint: save the mask without compression, or with Deflate, LZW, PackBits, Group 4 or Zstandard"


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ({COMPRESSION: 2}, "compression 2"),
        ({COMPRESSION: 34887}, "compression 34887"),
        ({PREDICTOR: 2}, "predictor 2"),
        ({PREDICTOR: 3, COMPRESSION: 8}, "compression 8, predictor 3"),
        ({FILL: 2}, "fill order 2"),
        ({COMPRESSION: 4}, "compression 4"),
    ],
)
def test_other_ways_to_store_pixels_are_refused(tmp_path: Path, tags: dict[int, int], found: str) -> None:
    text = said_of(tmp_path, tiff(LABELS, tags=tags))
    assert text == f"the TIFF is stored in a way that is not read: {found}{WAYS}"


@pytest.mark.parametrize("compression", [6, 7, 34892])
def test_jpeg_within_a_tiff_is_no_mask(tmp_path: Path, compression: int) -> None:
    assert said_of(tmp_path, tiff(LABELS, tags={COMPRESSION: compression})) == (
        "expected a mask of labels, found a TIFF with JPEG compression\n"
        "hint: JPEG changes label values, so it cannot hold a mask: export the masks as PNG"
    )


def test_stacks_with_one_directory_are_refused(tmp_path: Path) -> None:
    stack = np.concatenate([LABELS] * 3)
    for description in (
        b"ImageJ=1.11a\nimages=3\nslices=3\n\0",
        b'{"shape": [3, 20, 30], "truncated": true}\0',
    ):
        tags = {HEIGHT: 20, ROWS: 20, STRIP_BYTES: 600, DESCRIPTION: description}
        assert said_of(tmp_path, tiff(stack, tags=tags)) == (
            "the TIFF is a stack with a directory for its first image alone\n"
            "hint: save the volume with a directory for each image, or as `.npy`"
        )


# Size


def bombs() -> dict[str, bytes]:
    """Return small files that claim much."""
    import zlib

    zeros = zlib.compress(bytes(1 << 20))
    claims = {HEIGHT: 9_100, WIDTH: 9_100}
    return {
        "no strips": tiff(LABELS, compression=8, tags=claims),
        "one tile": tiff(LABELS, compression=8, tile=(16, 16), tags=claims),
        "small tiles": tiff(
            LABELS, compression=8, tile=(16, 16), tags={**claims, TILE_HEIGHT: 1, TILE_WIDTH: 1}
        ),
        "sparse": tiff(LABELS, compression=8, tags={**claims, STRIPS: 0, STRIP_BYTES: 0, ROWS: 9_100}),
        "large tile": tiff(LABELS, tile=(20, 30), tags={TILE_HEIGHT: 65_520, TILE_WIDTH: 65_520}),
        "rows of 8 bytes": tiff(
            LABELS, compression=8, tags={258: 64, WIDTH: 1 << 14, HEIGHT: 1 << 14, ROWS: 1 << 14}
        ),
        "shared strips": tiff(
            np.frombuffer(zeros, np.uint8)[None],
            tags={
                COMPRESSION: 8,
                WIDTH: 1 << 14,
                HEIGHT: 1 << 14,
                ROWS: 64,
                STRIPS: [8] * 256,
                STRIP_BYTES: [len(zeros)] * 256,
            },
        ),
        "many samples": tiff(LABELS, tags={SAMPLES: 65_535}),
    }


def test_small_files_that_claim_much_are_refused_before_memory_is_taken(tmp_path: Path) -> None:
    write(tmp_path, {f"{name}.tif": content for name, content in bombs().items()})
    code = f"""{PEAK}
import sys, time
from segscore import MaskError
from segscore.io.masks import read_mask
before, begin = peak(), time.monotonic()
for path in sys.argv[1:]:
    try:
        read_mask(path, colours=False)
    except MaskError as error:
        continue
    print(path, "was read")
print(peak() - before)
"""
    assert int(python(code, *sorted(tmp_path.iterdir()))) < 30_000


def test_one_bad_tiff_costs_its_own_image_only(tmp_path: Path) -> None:
    for count in (1, 3, 30):
        folder = tmp_path / str(count)
        write(folder, {f"{side}/{i:02}.tif": tiff(LABELS) for side in "pt" for i in range(count + 1)})
        write(folder, {"p/00.tif": bombs()["large tile"]})
        sides = {"pred": folder / "p", "target": folder / "t"}
        found = evaluate(**sides, classes=5, on_error="skip", progress=False)
        assert found.names == tuple(f"{i:02}" for i in range(1, count + 1))
        (failure,) = found.failures
        assert failure.message == (
            f"{folder}/p/00.tif: the TIFF is damaged: a block of pixels has 600 bytes, and needs "
            "4,292,870,400 at least"
        )


def test_places_where_no_tiff_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "folder.tif").mkdir()
    os.mkfifo(tmp_path / "pipe.tif")
    assert refusal_of(tmp_path / "pipe.tif").startswith("expected a TIFF, found a pipe or a device\nhint: ")
    for name, reason in (("folder", "Is a directory"), ("none", "No such file or directory")):
        text = f"cannot be read: {reason}\nhint: {hints.READABLE}"
        assert refusal_of(tmp_path / f"{name}.tif") == text


RENAME = "\nhint: rename the file to its true type, or give `read=` a function that reads it"


def test_files_of_another_kind_are_named(tmp_path: Path) -> None:
    assert said_of(tmp_path, b"") == f"expected a TIFF, found an empty file{AGAIN}"
    for other in (pillow(Image.fromarray(LABELS)), b"hello", b"II", b"II*"):
        assert said_of(tmp_path, other) == f"expected a TIFF, found a file of another kind{RENAME}"
    assert said_of(tmp_path, b"II*\0\10\0\0") == f"the TIFF is truncated: it ends within its header{AGAIN}"
    assert said_of(tmp_path, b"II*\0\0\0\0\0") == f"the TIFF is damaged: it holds no image{AGAIN}"
