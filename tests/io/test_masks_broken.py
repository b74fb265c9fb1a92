"""PNG masks that are damaged, lie about their size or are no PNG: one clear refusal, never a wrong label."""

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segscore import EvaluationError, MaskError, evaluate
from support import hints
from support.masks_on_disk import chunk, chunks, header, joined, pillow, png, read, refusal, refusal_of, write
from support.processes import AS_NOBODY, python
from support.refused import refused

AGAIN = "\nhint: write or copy the file again"
LABELS = np.random.default_rng(0).integers(0, 16, (20, 30))
GOOD = png(LABELS)
START, (_, DATA), END = chunks(GOOD)
STORED = zlib.compress(zlib.decompress(DATA), 0)  # so that it is known which row ends where


def test_a_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    file = with_pixels(STORED)
    messages = {refusal(tmp_path, file[:end]) for end in range(1, len(file))}
    for message in messages:
        assert message.endswith(AGAIN)
        assert message.startswith(
            ("the PNG is truncated: ", "the PNG is damaged: it ends before its pixels begin")
        )


@pytest.mark.parametrize("interlaced", [False, True], ids=["plain", "interlaced"])
def test_a_bit_that_flips_anywhere_never_changes_a_label(tmp_path: Path, interlaced: bool) -> None:
    good = png(LABELS[:5, :6], 4, interlaced=interlaced)
    for i in range(len(good)):
        for bit in (0, 3, 5, 7):
            file = bytearray(good)
            file[i] ^= 1 << bit
            try:
                found = read(tmp_path, bytes(file))
            except MaskError:
                continue
            np.testing.assert_array_equal(found, LABELS[:5, :6])


def flipped(content: bytes, at: int) -> bytes:
    file = bytearray(content)
    file[at] ^= 1
    return bytes(file)


def with_pixels(data: bytes) -> bytes:
    return joined([START, (b"IDAT", data), END])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (with_pixels(STORED)[:-330], "truncated: 10 of 20 rows can be read"),
        (joined([START, (b"IDAT", DATA)]), "truncated: it ends after its pixels"),
        *((flipped(GOOD, at), "damaged: the checksum of a chunk is wrong") for at in (29, -14, -1)),
        (with_pixels(flipped(DATA, -1)), "damaged: the checksum of the pixels is wrong or missing"),
        (GOOD[:20], "damaged: it ends before its pixels begin"),
        (joined([START, END]), "damaged: IDAT or fdAT chunk is missing"),
        (with_pixels(STORED[:379]), "damaged: its pixels cannot be decompressed"),
        (
            joined([START, (b"ABCD", b""), (b"IDAT", DATA), END]),
            "damaged: a chunk is where it may not be, or has the wrong length",
        ),
        (with_pixels(zlib.compress(bytes(600))), "damaged: its pixels end too early"),
        (header(0, 5), "damaged: Invalid image dimensions"),
        (header(5, 5, 3), "damaged: Invalid bit depth 3"),
        (with_pixels(zlib.compress(b"\7" + bytes(619))), "damaged: Unknown filter method 7"),
    ],
)
def test_a_damaged_file_says_what_is_wrong(tmp_path: Path, content: bytes, message: str) -> None:
    assert refusal(tmp_path, content) == f"the PNG is {message}{AGAIN}"


MISSING = "the PNG is damaged: the checksum of the pixels is wrong or missing" + AGAIN
MORE = "the PNG is damaged: it holds more pixels than its header says" + AGAIN


@pytest.mark.parametrize("interlaced", [False, True], ids=["plain", "interlaced"])
def test_pixels_without_their_checksum_are_refused(tmp_path: Path, interlaced: bool) -> None:
    start, *_, (_, data), end = chunks(png(LABELS[:5, :6], interlaced=interlaced))
    for cut in (1, 2, 4):
        assert refusal(tmp_path, joined([start, (b"IDAT", data[:-cut]), end])) == MISSING
    halves = [(b"IDAT", data[:-3]), (b"IDAT", data[-3:])]
    np.testing.assert_array_equal(read(tmp_path, joined([start, *halves, end])), LABELS[:5, :6])
    halves[1] = (b"IDAT", flipped(data[-3:], -1))
    assert refusal(tmp_path, joined([start, *halves, end])) == MISSING


def test_more_pixels_than_the_header_says_are_refused(tmp_path: Path) -> None:
    rows = zlib.decompress(DATA)
    for more in (b"\0", bytes(31), bytes(10_000)):
        assert refusal(tmp_path, with_pixels(zlib.compress(rows + more))) == MORE


def test_bytes_after_the_end_are_passed_over(tmp_path: Path) -> None:
    for file in (GOOD + b"more", with_pixels(DATA + b"more")):
        np.testing.assert_array_equal(read(tmp_path, file), LABELS)


def test_a_file_far_larger_than_its_pixels_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "mask.png"
    path.write_bytes(GOOD)
    os.truncate(path, 1 << 40)
    assert refusal_of(path).startswith(
        "the PNG is damaged: it has 1099511627776 bytes, far more than its pixels need\n"
    )


def test_an_animation_is_no_mask(tmp_path: Path) -> None:
    control = [
        (b"acTL", struct.pack(">II", 2, 0)),
        (b"fcTL", struct.pack(">IIIIIHHBB", 0, 30, 20, 0, 0, 1, 1, 0, 0)),
    ]
    message = refusal(tmp_path, joined([START, *control, (b"IDAT", DATA), END]))
    assert message.startswith("expected a mask of labels (gray or palette), found an animation\nhint: ")


RENAME = "\nhint: rename the file to its true type, or give `read=` a function that reads it"


def saved_as(kind: str) -> bytes:
    return pillow(Image.fromarray(LABELS.astype(np.uint8)), kind)


@pytest.mark.parametrize(
    ("content", "found", "hint"),
    [
        (
            saved_as("JPEG"),
            "a JPEG",
            "\nhint: JPEG changes label values, so it cannot hold a mask: export the masks as PNG",
        ),
        *((saved_as(kind), f"a {kind}", RENAME) for kind in ("GIF", "BMP", "TIFF")),
        (b"\x93NUMPY\x01\x00", "a NumPy array file", RENAME),
        (
            b"version https://git-lfs.github.com",
            "a Git LFS pointer, not the file itself",
            "\nhint: `git lfs pull` brings the file",
        ),
        (
            GOOD.replace(b"\r\n", b"\n"),
            "a PNG whose line ends were converted",
            "\nhint: copy the file again, as binary",
        ),
        (b"hello", "a file of another kind", RENAME),
        (b"", "an empty file", AGAIN),
    ],
)
def test_another_format_in_disguise_is_named(tmp_path: Path, content: bytes, found: str, hint: str) -> None:
    assert refusal(tmp_path, content) == f"expected a PNG, found {found}{hint}"


# Size


def test_a_header_that_claims_too_much_is_not_believed(tmp_path: Path) -> None:
    file = header(60_000, 60_000) + chunk(b"IDAT", DATA) + chunk(b"IEND")
    raised = f"\nhint: {hints.LARGE}"
    assert refusal(tmp_path, file) == (
        f"claims 60000 x 60000 pixels, more than max_pixels = 268435456{raised}"
    )
    assert (
        refusal(tmp_path, GOOD, max_pixels=599)
        == f"claims 30 x 20 pixels, more than max_pixels = 599{raised}"
    )
    np.testing.assert_array_equal(read(tmp_path, GOOD, max_pixels=600), LABELS)


def test_one_row_may_be_as_long_as_an_image(tmp_path: Path) -> None:
    width = 70_000_000
    data = zlib.compress(bytes(width + 1), 1)
    file = header(width, 1, 1) + chunk(b"IDAT", zlib.compress(bytes(width // 8 + 1))) + chunk(b"IEND")
    assert read(tmp_path, file).shape == (1, width)
    assert read(tmp_path, header(width, 1) + chunk(b"IDAT", data) + chunk(b"IEND")).shape == (1, width)


# Places


def test_a_path_where_nothing_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    os.mkfifo(tmp_path / "pipe.png")
    assert refusal_of(tmp_path / "pipe.png").startswith("expected a PNG, found a pipe or a device")
    for name, reason in (("folder", "Is a directory"), ("none", "No such file or directory")):
        text = f"cannot be read: {reason}\nhint: {hints.READABLE}"
        assert refusal_of(tmp_path / f"{name}.png") == text


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    write(tmp_path, {"p/a.png": np.zeros((2, 2)), "t/a.png": np.zeros((2, 2)), "t/b.png": np.zeros((2, 2))})
    write(tmp_path, {"p/b.npy": np.zeros((2, 2), int)})
    for folder in (tmp_path, tmp_path / "p", tmp_path / "t"):
        folder.chmod(0o755)
    for name in ("t/a.png", "p/b.npy"):
        (tmp_path / name).chmod(0)
    code = f"""
import segscore
segscore.evaluate, segscore.EvaluationError  # what they import may not be readable later
{AS_NOBODY}
try:
    segscore.evaluate(pred="p", target="t", classes=1, progress=False)
except segscore.EvaluationError as error:
    print(error, end="")
"""
    assert python(code, cwd=tmp_path) == (
        "2 of 2 images could not be scored:\n"
        "  a: t/a.png: cannot be read: Permission denied\n"
        "  b: p/b.npy: cannot be read: Permission denied\n"
        "hint: check the file's permissions\n"
        f"hint: {hints.READABLE}"
    )


def test_both_files_of_a_pair_are_named_when_they_fail(tmp_path: Path) -> None:
    write(tmp_path, {"p/a.png": GOOD, "p/b.png": GOOD[:-20], "p/c.png": GOOD})
    write(tmp_path, {"t/a.png": GOOD[:-20], "t/b.png": GOOD, "t/c.png": png(LABELS.T)})
    assert refused(EvaluationError, evaluate, pred=tmp_path / "p", target=tmp_path / "t", classes=16) == (
        "3 of 3 images could not be scored:\n"
        f"  a: {tmp_path}/t/a.png: the PNG is truncated: it ends after its pixels\n"
        f"  b: {tmp_path}/p/b.png: the PNG is truncated: it ends after its pixels\n"
        "  c: `pred` and `target` differ in shape: (20, 30) and (30, 20)\n"
        "hint: write or copy the file again\n"
        f"hint: {hints.TRANSPOSED}"
    )
