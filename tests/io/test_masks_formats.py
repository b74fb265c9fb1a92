"""Masks in ``.npy`` files and through `read=`: what is labels, and what is refused with a reason."""

import io
import os
import pickle
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segscore import EvaluationError, audit, evaluate
from segscore.counts.new_classes import new_classes
from segscore.io.masks import read_mask
from support import hints
from support.masks_on_disk import Array, array_file, claim, pillow, png, refusal_of, write
from support.refused import refused
from support.tiff_files import tiff

LABELS = np.random.default_rng(0).integers(0, 5, (20, 30)).astype(np.uint8)
AGAIN = "\nhint: write or copy the file again"
NO_COLOURS = f"\nhint: {hints.COLOURS}"
LARGE = f"\nhint: {hints.LARGE}"


def failure(pred: object, target: object, **options: object) -> str:
    return refused(EvaluationError, evaluate, pred=pred, target=target, classes=5, **options)


# .npy


@pytest.mark.parametrize("dtype", ["?", "i1", "u1", ">i2", "<u2", "i4", "u4", "i8", ">u8"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_of_every_integer_type_and_order_are_read(tmp_path: Path, dtype: str, order: str) -> None:
    labels = np.asarray(LABELS.astype(dtype), order=order)
    write(tmp_path, {"p/a.npy": array_file(labels), "t/a.png": LABELS.astype(dtype)})
    found = evaluate(pred=tmp_path / "p", target=tmp_path / "t", classes=5)
    assert found.confusion == evaluate(pred=labels, target=LABELS.astype(dtype), classes=5).confusion


def test_negative_and_wide_labels_of_an_array_are_kept(tmp_path: Path) -> None:
    labels = np.array([[-100, -1, 2**40, -(2**63)]])
    np.save(tmp_path / "a.npy", labels)
    np.testing.assert_array_equal(read_mask(str(tmp_path / "a.npy"), colours=False), labels)


@pytest.mark.parametrize("shape", [(), (0, 5), (3,), (2, 3, 4)])
def test_arrays_of_any_shape_are_read(tmp_path: Path, shape: tuple[int, ...]) -> None:
    np.save(tmp_path / "a.npy", np.ones(shape, np.int64))
    assert read_mask(str(tmp_path / "a.npy"), colours=False).shape == shape


def test_float_labels_in_a_file_are_refused_like_those_in_memory(tmp_path: Path) -> None:
    write(tmp_path, {"p/a.npy": array_file(LABELS / 1), "t/a.png": LABELS})
    assert failure(tmp_path / "p", tmp_path / "t") == (
        "1 of 1 images could not be scored:\n"
        "  a: `pred` is float64, expected bools or integers\n"
        f"hint: {hints.FLOATS}"
    )


NO_ARRAY = "\nhint: save labels with `np.save`, or give `read=` a function that reads the file"
ARCHIVE = io.BytesIO()
np.savez(ARCHIVE, LABELS)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", f"expected a NumPy array file, found an empty file{NO_ARRAY}"),
        *(
            (other, f"expected a NumPy array file, found a file of another kind{NO_ARRAY}")
            for other in (b"\x93NUM", pickle.dumps([1]), ARCHIVE.getvalue(), png(LABELS))
        ),
        (
            array_file(np.array([[None, 1]]), allow_pickle=True),
            "expected an array of integers, found Python objects\n"
            "hint: objects are a pickle, which is never loaded: save `labels.astype(np.int64)`",
        ),
        (array_file(LABELS)[:-1], f"the array is truncated: 599 of 600 bytes can be read{AGAIN}"),
        (
            array_file(LABELS) + b"\0",
            f"the array is damaged: it holds more than the 600 bytes that its header promises{AGAIN}",
        ),
        (array_file(LABELS)[:128], f"the array is truncated: 0 of 600 bytes can be read{AGAIN}"),
        (
            array_file(LABELS)[:50],
            "the file is damaged: EOF: reading array header, expected 118 bytes got 40" + AGAIN,
        ),
        (claim((60_000, 60_000)), f"the array is truncated: 0 of 3,600,000,000 bytes can be read{AGAIN}"),
        (
            claim((1 << 31, 1 << 31, 1 << 31), "<i8") + bytes(9),
            "the array is truncated: 9 of 79,228,162,514,264,337,593,543,950,336 bytes can be read" + AGAIN,
        ),
        (claim((-3, 5)), f"the file is damaged: negative dimensions are not allowed{AGAIN}"),
    ],
)
def test_a_bad_array_file_says_what_is_wrong(tmp_path: Path, content: bytes, message: str) -> None:
    write(tmp_path, {"a.npy": content})
    assert refusal_of(tmp_path / "a.npy") == message


@pytest.mark.parametrize("version", [(0, 0), (1, 1), (4, 0), (255, 255)])
def test_unknown_versions_of_array_files_are_refused(tmp_path: Path, version: tuple[int, int]) -> None:
    content = bytearray(array_file(LABELS))
    content[6:8] = version
    write(tmp_path, {"a.npy": bytes(content)})
    assert refusal_of(tmp_path / "a.npy") == (
        f"expected version 1, 2 or 3 of NumPy's array files, found {version[0]}.{version[1]}\n"
        "hint: save labels with `np.save`"
    )


def test_known_versions_of_array_files_are_read(tmp_path: Path) -> None:
    for version in ((1, 0), (2, 0), (3, 0)):
        with open(tmp_path / "a.npy", "wb") as file:
            np.lib.format.write_array(file, LABELS, version=version)
        np.testing.assert_array_equal(read_mask(str(tmp_path / "a.npy"), colours=False), LABELS)


def test_a_header_that_is_longer_than_any_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    path.write_bytes(b"\x93NUMPY\x02\x00" + (1 << 31).to_bytes(4, "little"))
    os.truncate(path, 1 << 32)  # a hole: no room on the disk is used
    assert refusal_of(path) == f"the file is damaged: its header is longer than any{AGAIN}"


def test_an_array_file_cut_anywhere_is_refused(tmp_path: Path) -> None:
    content = array_file(LABELS[:2])
    for end in range(len(content)):
        write(tmp_path, {"a.npy": content[:end]})
        refusal_of(tmp_path / "a.npy")


def test_an_archive_that_cannot_hold_what_it_says_is_refused_before_memory_is_taken(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", claim((1 << 14, 1 << 14)) + bytes(1000))
    content = bytearray(packed.getvalue())
    entry = content.find(b"PK\x01\x02")  # of the central directory
    compressed = int.from_bytes(content[entry + 20 : entry + 24], "little")
    content[entry + 24 : entry + 28] = (0x7FFF_FFF0).to_bytes(4, "little")
    write(tmp_path, {"a.npz": bytes(content)})
    assert refusal_of(tmp_path / "a.npz") == (
        f"the array is truncated: {1032 * compressed - 128:,} of 268,435,456 bytes can be read{AGAIN}"
    )


def test_a_pipe_is_never_waited_for(tmp_path: Path) -> None:
    kinds = {"png": "a PNG", "npy": "a NumPy array file", "tif": "a TIFF", "TIFF": "a TIFF"}
    for ending, what in kinds.items():
        pipe = tmp_path / f"a.{ending}"
        os.mkfifo(pipe)
        said = f"{pipe}: expected {what}, found a pipe or a device"
        assert said in failure([pipe], [pipe])
        assert said in refused(EvaluationError, new_classes, str(pipe))
        (finding,) = audit(pred=[pipe], target=[pipe], classes=5).findings
        assert finding.kind == "not-scored"


def test_an_array_larger_than_max_pixels_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    path.write_bytes(claim((60_000, 60_000)))
    os.truncate(path, 128 + 60_000 * 60_000)  # a hole: no room on the disk is used
    assert refusal_of(path) == f"(60000, 60000) is more than max_pixels = 268,435,456{LARGE}"
    np.save(path, LABELS)
    assert refusal_of(path, max_pixels=599) == f"(20, 30) is more than max_pixels = 599{LARGE}"
    read_mask(str(path), colours=False, max_pixels=600)
    np.save(path, np.zeros((20, 30, 3), np.uint8))
    assert (
        refusal_of(path, max_pixels=599, colours=True) == f"(20, 30, 3) is more than max_pixels = 599{LARGE}"
    )
    read_mask(str(path), colours=True, max_pixels=600)


def test_an_array_file_that_is_written_anew_meanwhile_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.npy"
    np.save(path, LABELS)
    found = read_mask(str(path), colours=False)
    os.truncate(path, 0)
    np.testing.assert_array_equal(found, LABELS)  # nothing of it is still in the file
    np.save(path, LABELS)
    fromfile = np.fromfile

    def cut_before(*arguments: object) -> Array:
        os.truncate(path, 200)
        return fromfile(*arguments)

    monkeypatch.setattr(np, "fromfile", cut_before)
    assert refusal_of(path) == f"the array is truncated: 72 of 600 bytes can be read{AGAIN}"


def test_a_volume_of_labels_that_looks_like_colours_is_scored(tmp_path: Path) -> None:
    volume = np.random.default_rng(2).integers(0, 5, (6, 7, 3)).astype(np.uint8)
    write(tmp_path, {"p/a.npy": array_file(volume), "t/a.npy": array_file(volume[::-1])})
    found = evaluate(pred=tmp_path / "p", target=tmp_path / "t", classes=5, dims=3)
    assert found.confusion == evaluate(pred=volume, target=volume[::-1], classes=5, dims=3).confusion
    assert evaluate(pred=tmp_path / "p", target=tmp_path / "t", classes=5, dims=3, read=np.load) == found


def test_colours_in_an_array_file(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.array([[[1, 2, 3], [255, 0, 9]]], np.uint8))
    volume = read_mask(str(path), colours=False)
    np.testing.assert_array_equal(volume, [[[1, 2, 3], [255, 0, 9]]])
    write(tmp_path, {"b.png": png([[[1, 2, 3], [255, 0, 9]]], 8, 2)})
    in_array, in_png = (read_mask(str(tmp_path / name), colours=True) for name in ("a.npy", "b.png"))
    np.testing.assert_array_equal(in_array, in_png)


# read=


def test_without_imagecodecs_the_hint_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = pillow(Image.fromarray(LABELS), "TIFF", compression="tiff_lzw")
    write(tmp_path, {"p/a.png": LABELS, "p/b.png": LABELS, "t/a.png": LABELS, "t/b.tif": packed})
    monkeypatch.setitem(sys.modules, "imagecodecs", None)
    assert failure(tmp_path / "p", tmp_path / "t") == (
        "1 of 2 images could not be scored:\n"
        f"  b: {tmp_path}/t/b.tif: LZW in TIFF is read with imagecodecs, which is not installed\n"
        "hint: `pip install 'segscore[tiff]'`, or save the mask without compression or with Deflate\n"
        f"hint: {hints.SKIP}"
    )


def test_read_gets_every_file_and_may_return_whatever_is_an_array(tmp_path: Path) -> None:
    write(tmp_path, {"p/a.txt": b"0 1", "p/b.txt": b"2 3", "t/a.txt": b"0 1", "t/b.txt": b"2 4"})
    seen = []

    def as_lists(path: str) -> list[list[int]]:
        seen.append(path)
        return [[int(word) for word in Path(path).read_text().split()]]

    kinds: list[Callable[[list[list[int]]], object]] = [list, np.array, np.asfortranarray, np.int16, tuple]
    for kind in kinds:
        found = evaluate(
            pred=tmp_path / "p",
            target=tmp_path / "t",
            classes=5,
            read=lambda path: kind(as_lists(path)),  # noqa: B023
        )
        assert found.scores.pixel_accuracy == 0.75
    assert sorted(seen) == sorted([f"{tmp_path}/{side}/{name}.txt" for side in "pt" for name in "ab"] * 5)


def test_read_may_return_images_of_pillow(tmp_path: Path) -> None:
    palette = Image.fromarray(LABELS)
    palette.putpalette(np.random.default_rng(1).integers(0, 256, 768).tolist())
    write(tmp_path, {"p/a.tif": pillow(palette, "TIFF"), "t/a.bmp": pillow(Image.fromarray(LABELS), "BMP")})
    found = evaluate(pred=tmp_path / "p", target=tmp_path / "t", classes=5, read=Image.open)
    assert found.scores.pixel_accuracy == 1


def test_an_image_of_pillow_says_by_its_mode_whether_it_is_colours(tmp_path: Path) -> None:
    colours = Image.fromarray(np.arange(60, dtype=np.uint8).reshape(4, 5, 3))
    write(tmp_path, {"a.bmp": pillow(colours, "BMP")})
    message = f"expected a mask of labels, found colours of shape (4, 5, 3){NO_COLOURS}"
    assert refusal_of(tmp_path / "a.bmp", read=Image.open) == message
    assert read_mask(str(tmp_path / "a.bmp"), read=Image.open, colours=True).shape == (4, 5)

    def bare(path: str) -> Array:
        return np.asarray(Image.open(path))

    assert read_mask(str(tmp_path / "a.bmp"), read=bare, colours=False).shape == (4, 5, 3)
    assert read_mask(str(tmp_path / "a.bmp"), read=bare, colours=True).shape == (4, 5)


@pytest.mark.parametrize("mode", ["La", "CMYK", "YCbCr"])
@pytest.mark.parametrize("colours", [False, True])
def test_images_of_pillow_in_other_modes_are_refused(tmp_path: Path, mode: str, colours: bool) -> None:
    message = refusal_of(tmp_path / "a.x", read=lambda path: Image.new(mode, (5, 4)), colours=colours)
    assert message == (
        f"expected an image of labels, RGB or RGBA, found the mode {mode}\n"
        'hint: convert it in the reader: `image.convert("RGB")` for colours'
    )


class Lazy:
    """Reads its pixels only when they are wanted, as Pillow's images do."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __array__(self, dtype: object = None, copy: object = None) -> Array:
        if not os.path.getsize(self.path):
            raise OSError("there are no pixels")
        return np.zeros((2, 2), np.uint8)


def test_a_failing_read_costs_its_own_image_only(tmp_path: Path) -> None:
    names = ["a", "b", "c", "d", "e"]
    write(tmp_path, {f"{side}/{name}.png": LABELS for side in "pt" for name in names})
    (tmp_path / "p/d.png").write_bytes(b"")

    def read(path: str) -> object:
        if path.endswith("p/a.png"):
            raise KeyError("no such band")
        if path.endswith("t/b.png"):
            return LABELS / 2
        if path.endswith("t/e.png"):
            return None
        return Lazy(path)

    for threads in (1, 4):
        text = failure(tmp_path / "p", tmp_path / "t", read=read, threads=threads)
        assert text == (
            "4 of 5 images could not be scored:\n"
            f"  a: {tmp_path}/p/a.png: the reader failed: KeyError: 'no such band'\n"
            "  b: `target` is float64, expected bools or integers\n"
            f"  d: {tmp_path}/p/d.png: the reader failed: OSError: there are no pixels\n"
            "  e: `target` is of type NoneType, expected bools or integers\n"
            "hint: check the function on this file\n"
            f"hint: {hints.FLOAT_TARGET}\n"
            f"hint: {hints.INTEGERS}\n"
            f"hint: {hints.SKIP}"
        )


NO_MEMORY = "there is no memory "
LESS = "use fewer threads, or a lower `max_pixels`"


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize(
    ("ending", "where", "said"),
    [
        ("tif", "segscore.io.tiff.read_tiff", f"{{path}}: {NO_MEMORY}for its pixels"),
        ("npy", "numpy.fromfile", f"{{path}}: {NO_MEMORY}for its pixels"),
        ("npy", "segscore.counts.counting.count", f"{NO_MEMORY}to count it"),
    ],
)
def test_a_lack_of_memory_costs_its_own_image_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, threads: int, ending: str, where: str, said: str
) -> None:
    content = array_file(LABELS) if ending == "npy" else tiff(LABELS)
    # The image that is too large has no room, of three.
    wide = np.zeros((20, 31), np.uint8)
    for side in "pt":
        write(tmp_path, {f"{side}/{name}.{ending}": content for name in "ac"})
        write(tmp_path, {f"{side}/b.{ending}": array_file(wide) if ending == "npy" else tiff(wide)})
    module, _, name = where.rpartition(".")
    usual = getattr(sys.modules[module], name)

    def lacking(*arguments: object, **options: object) -> object:
        found = usual(*arguments, **options)
        first = arguments[0] if name == "count" else found[0] if name == "read_tiff" else found
        if np.size(first) == 620:
            raise MemoryError("Unable to allocate 8 GiB")
        return found

    monkeypatch.setattr(sys.modules[module], name, lacking)
    sides = {"pred": tmp_path / "p", "target": tmp_path / "t"}
    found = evaluate(**sides, classes=5, on_error="skip", threads=threads, progress=False)
    assert found.names == ("a", "c")
    (failed,) = found.failures
    assert (failed.message, failed.hint) == (said.format(path=f"{tmp_path}/p/b.{ending}"), LESS)


def test_other_formats_ask_for_read(tmp_path: Path) -> None:
    write(tmp_path, {"a.jpg": pillow(Image.fromarray(LABELS), "JPEG"), "a": b"", "a.dcm": b""})
    hint = "save masks as PNG, or give `read=` a function that takes a path and returns an array of labels"
    assert refusal_of(tmp_path / "a") == f"expected a mask, found a file of another kind\nhint: {hint}"
    assert refusal_of(tmp_path / "a.dcm") == f"expected a mask, found DICOM\nhint: {hint}"
    assert refusal_of(tmp_path / "a.jpg") == (
        "expected a mask, found JPEG\n"
        "hint: label values change in such files, so they cannot hold a mask: export the masks as PNG"
    )


def test_a_path_with_characters_that_would_garble_a_line_is_shown_as_a_literal(tmp_path: Path) -> None:
    write(tmp_path, {"p/a\n\x1b[2J.npy": b"", "t/a\n\x1b[2J.npy": array_file(LABELS)})
    assert failure(tmp_path / "p", tmp_path / "t") == (
        "1 of 1 images could not be scored:\n"
        f"  'a\\n\\x1b[2J': '{tmp_path}/p/a\\n\\x1b[2J.npy': "
        f"expected a NumPy array file, found an empty file{NO_ARRAY}"
    )
