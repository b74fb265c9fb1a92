"""Stacks: arrays of several images, in memory and in files, give what their images give one by one."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
import tifffile

from segscore import (
    ArgumentError,
    Evaluation,
    EvaluationError,
    SegscoreError,
    audit,
    evaluate,
)
from segscore.counts.labels_found import find_labels
from segscore.io.stacks import MAX_IMAGES
from support import hints
from support.command_line import run
from support.masks_on_disk import Array, array_file, claim, write
from support.refused import refused

RANDOM = np.random.default_rng(0)
TARGETS = RANDOM.choice([0, 1, 2, 3, 255], (30, 6, 7)).astype(np.uint8)
PREDS = np.where(RANDOM.random(TARGETS.shape) < 0.4, RANDOM.integers(0, 4, TARGETS.shape), TARGETS % 255)


def scored(pred: object, target: object, **options: object) -> Evaluation:
    return evaluate(pred=pred, target=target, classes=4, ignore_index=255, **options)


def said(pred: object, target: object, kind: type[SegscoreError] = EvaluationError, **options: object) -> str:
    return refused(kind, scored, pred, target, **options)


WHOLE = scored(list(PREDS), list(TARGETS))


class OnDisk:
    """Hands out images one by one, as a dataset of h5py or an array of Zarr does."""

    def __init__(self, values: Array) -> None:
        self.values, self.shape, self.dtype = values, values.shape, values.dtype
        self.read: list[object] = []

    def __getitem__(self, index: int) -> Array:
        self.read.append(index)
        return self.values[index]

    def __array__(self, dtype: object = None, copy: object = None) -> Array:
        raise AssertionError("read as a whole")


def npz(array: Array, *, packed: bool = False, **others: Array) -> bytes:
    file = io.BytesIO()
    (np.savez_compressed if packed else np.savez)(file, array, **others)
    return file.getvalue()


FILES = {
    "plain.npy": array_file,
    "by column.npy": lambda array: array_file(np.asfortranarray(array)),
    "other order.npy": lambda array: array_file(array.astype(">i4")),
    "stored.npz": npz,
    "packed.npz": lambda array: npz(array, packed=True),
    "PACKED.NPZ": lambda array: npz(np.asfortranarray(array), packed=True),
}


@pytest.mark.parametrize("images", [1, 3, 30])
@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("kind", FILES)
def test_stacks_in_files_are_their_images(tmp_path: Path, kind: str, threads: int, images: int) -> None:
    write(tmp_path, {f"p/{kind}": FILES[kind](PREDS[:images]), f"t/{kind}": array_file(TARGETS[:images])})
    (tmp_path / f"t/{kind}").rename(tmp_path / "t/val.npy")
    found = scored(tmp_path / f"p/{kind}", tmp_path / "t/val.npy", threads=threads)
    expected = scored(list(PREDS[:images]), list(TARGETS[:images]))
    assert found.names == tuple(f"val[{i}]" for i in range(images))
    assert found.table == expected.table
    assert found.mean_image_iou == expected.mean_image_iou


@pytest.mark.parametrize("images", [1, 3, 30])
@pytest.mark.parametrize("form", [np.asarray, lambda a: a.tolist(), OnDisk, memoryview, np.asfortranarray])
def test_stacks_in_memory_are_their_images(images: int, form: type) -> None:
    found = scored(form(PREDS[:images].astype(np.uint8)), form(TARGETS[:images]))
    assert found.names == tuple(f"stack[{i}]" for i in range(images))
    assert found.table == scored(list(PREDS[:images]), list(TARGETS[:images])).table


def test_what_lies_on_a_disk_is_read_image_by_image() -> None:
    pred = OnDisk(PREDS)
    assert scored(pred, OnDisk(TARGETS), threads=1).table == WHOLE.table
    assert pred.read == list(range(30))


@pytest.mark.parametrize("error", [OSError, SystemExit])
def test_an_image_that_cannot_be_read_costs_itself_only(error: type[BaseException]) -> None:
    class Damaged(OnDisk):
        def __getitem__(self, index: int) -> Array:
            if index == 1:
                raise error("bad checksum")
            return super().__getitem__(index)

    assert said(Damaged(PREDS[:3]), TARGETS[:3]) == (
        "1 of 3 images could not be scored:\n"
        f"  stack[1]: image 1 of the stack cannot be read: {error.__name__}: bad checksum\n"
        "hint: check what it is read from\n"
        f"hint: {hints.SKIP}"
    )
    assert scored(Damaged(PREDS[:3]), TARGETS[:3], on_error="skip").names == ("stack[0]", "stack[2]")


def test_lists_and_folders_of_stacks(tmp_path: Path) -> None:
    found = scored([PREDS[:2], PREDS[2], PREDS[3:5]], [TARGETS[:2], TARGETS[2], TARGETS[3:5]])
    assert found.names == ("0[0]", "0[1]", "1", "2[0]", "2[1]")
    assert found.table == scored(list(PREDS[:5]), list(TARGETS[:5])).table
    for side, values in (("p", PREDS), ("t", TARGETS)):
        write(
            tmp_path, {f"{side}/a/x.npy": values[:2], f"{side}/y.npy": values[2], f"{side}/z.png": values[3]}
        )
    found = scored(tmp_path / "p", tmp_path / "t", groups=r"^([a-z])", threads=2)
    assert found.names == ("a/x[0]", "a/x[1]", "y", "z")
    assert found.groups == ("a", "a", "y", "z")
    assert found.table == scored(list(PREDS[:4]), list(TARGETS[:4])).table


def test_names_are_given_for_arrays_and_stacks_and_do_not_depend_on_how_many_there_are(
    tmp_path: Path,
) -> None:
    names = [f"frame_{i}" for i in range(30)]
    write(tmp_path, {"p.npy": PREDS, "t.npy": TARGETS})
    for pred, target in (
        (PREDS, TARGETS),
        (list(PREDS), list(TARGETS)),
        (tmp_path / "p.npy", tmp_path / "t.npy"),
    ):
        assert scored(pred, target, names=names).names == tuple(names)
    assert WHOLE.names[:3] == scored(list(PREDS[:3]), list(TARGETS[:3])).names
    assert scored(PREDS, TARGETS).names[:3] == scored(PREDS[:3], TARGETS[:3]).names
    assert said(PREDS, TARGETS, ArgumentError, names=names[:29]) == (
        "expected one name an image, found 29 for 30 images\nhint: name all of them"
    )
    write(tmp_path, {"a/0.png": PREDS[0], "a/1.png": PREDS[1]})
    write(tmp_path, {"b/0.png": PREDS[0], "b/1.png": PREDS[1]})
    assert said(tmp_path / "a", tmp_path / "b", ArgumentError, names=["x", "y"]) == (
        "`names` are given for 2 files, which have names\n"
        "hint: leave them out; they are for arrays, for two lists of paths, and for the images of a stack"
    )


def test_volumes(tmp_path: Path) -> None:
    volumes = PREDS.reshape(3, 10, 6, 7), TARGETS.reshape(3, 10, 6, 7)
    write(
        tmp_path, {"p.npy": volumes[0], "t.npy": volumes[1], "p/a.npy": PREDS[:10], "t/a.npy": TARGETS[:10]}
    )
    stack = scored(*volumes, dims=3)
    assert stack.names == ("stack[0]", "stack[1]", "stack[2]")
    assert stack.confusion == WHOLE.confusion
    assert scored(tmp_path / "p.npy", tmp_path / "t.npy", dims=3).table == stack.table
    one = scored(tmp_path / "p", tmp_path / "t", dims=3)
    assert one.names == ("a",)
    assert one.confusion == scored(PREDS[:10], TARGETS[:10]).confusion
    tifffile.imwrite(tmp_path / "p/a.tif", PREDS[:10].astype(np.uint8))
    assert scored(tmp_path / "p/a.tif", tmp_path / "t/a.npy", dims=3).table == one.table
    assert scored(PREDS[0], TARGETS[0], dims=3).names == ("0",)  # an image is a volume of one slice


# What is no stack


LINE = "1 of 1 images could not be scored:\n  "
SEVERAL = (
    "\nhint: several images are a batch for `Evaluator.add_batch`, or a stack or list on both sides of "
    "`evaluate`; `dims=3` is for volumes"
)


@pytest.mark.parametrize(
    ("pred", "target", "text"),
    [
        (
            PREDS,
            TARGETS[:29],
            "0: `pred` and `target` are stacks of 30 and 29 images\n"
            "hint: give one target for each prediction",
        ),
        (
            PREDS,
            TARGETS[0],
            f"0: `pred` has the shape (30, 6, 7), expected an image of 2 dimensions{SEVERAL}",
        ),
        (
            PREDS[:1],
            TARGETS[0],
            "0: `pred` has the shape (1, 6, 7), expected an image of 2 dimensions\n"
            "hint: `pred.squeeze(0)` is without the axis of length 1",
        ),
        (
            PREDS[:, None],
            TARGETS,
            "0: `pred` has the shape (30, 1, 6, 7), expected an image of 2 dimensions\n"
            "hint: `pred.squeeze(1)` is without the axis of length 1",
        ),
        (
            (np.arange(4)[:, None, None] == PREDS[0]).astype(np.int64),
            (np.arange(4)[:, None, None] == TARGETS[0]).astype(np.int64),
            "0: `pred` of shape (4, 6, 7) is one-hot on axis 0, expected one label a pixel\n"
            "hint: `pred.argmax(axis=0)` is the label map",
        ),
        (
            PREDS[0][..., None].repeat(3, -1).astype(np.uint8),
            TARGETS[0][..., None].repeat(3, -1),
            "0: `pred` of shape (6, 7, 3) looks like RGB pixels, expected one label a pixel\n"
            "hint: `pred[..., 0]` is the label map where all channels are equal; colours that are labels are "
            "read from files, where the classes have them",
        ),
        (
            np.zeros((MAX_IMAGES + 1, 1, 1), bool),
            np.zeros((MAX_IMAGES + 1, 1, 1), bool),
            "0: expected at most 1,048,576 images in a stack, found 1,048,577 of shape (1, 1)\n"
            "hint: split it, or put the axis of the images first",
        ),
    ],
)
def test_what_is_no_stack_is_refused_in_memory_and_in_files(
    tmp_path: Path, pred: Array, target: Array, text: str
) -> None:
    assert said(pred, target) == LINE + text
    found = audit(pred=pred, target=target, classes=4, ignore_index=255).findings
    assert [finding.kind for finding in found] in (["not-scored"], ["other-size"])
    for name, form in (("a.npy", array_file), ("a.npz", npz)):
        write(tmp_path, {f"p/{name}": form(pred), "t/a.npy": array_file(target)})
        assert said(tmp_path / "p" / name, tmp_path / "t") == LINE + text.replace("0", "a", 1)


def test_stacks_of_other_formats_are_refused(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    tifffile.imwrite(tmp_path / "p/a.tif", PREDS.astype(np.uint8))
    write(tmp_path, {"t/a.npy": TARGETS, "q/a.npy": PREDS})
    text = f"{LINE}a: `pred` has the shape (30, 6, 7), expected an image of 2 dimensions{SEVERAL}"
    assert said(tmp_path / "p", tmp_path / "t") == text
    assert said(tmp_path / "q", tmp_path / "t", read=np.load) == text
    lists = {"read": lambda path: list(np.load(path))}
    assert said(tmp_path / "q", tmp_path / "t", **lists) == text.replace(
        "has the shape (30, 6, 7)", "is a list of 30 arrays"
    )


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (
            npz(PREDS, b=TARGETS),
            "expected one array in the archive, found 2: b, arr_0\n"
            "hint: save each array in a file of its own",
        ),
        (
            array_file(PREDS),
            "expected a NumPy archive, found a file of another kind\n"
            "hint: save labels with `np.save`, or give `read=` a function that reads the file",
        ),
        (
            npz(np.array([None])),
            "expected an array of integers, found Python objects\nhint: objects are a pickle, "
            "which is never loaded: save `labels.astype(np.int64)`",
        ),
    ],
)
def test_archives_that_hold_something_else_say_what(tmp_path: Path, content: bytes, text: str) -> None:
    write(tmp_path, {"a.npz": content})
    expected = f"{LINE}0: {tmp_path}/a.npz: {text}"
    assert said(tmp_path / "a.npz", TARGETS) == expected


def zipped(content: bytes, *, kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", kind) as archive:
        archive.writestr("arr_0.npy", content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (zipped(array_file(PREDS)[:-100]), "the array is truncated: 9,980 of 10,080 bytes can be read"),
        (zipped(claim((1 << 31, 1 << 31))), "the array is truncated: 0 of 4,611,686,018,427,387,904 bytes"),
        (zipped(array_file(PREDS), kind=zipfile.ZIP_LZMA), "a compression that NumPy does not write"),
        (zipped(b"\x93NUMPY\x02\x00\xff\xff\xff\x7f" + bytes(1 << 16)), "its header is longer than any"),
        (zipped(array_file(PREDS))[:-60], "found a file of another kind"),
    ],
)
def test_damaged_archives_are_refused(tmp_path: Path, content: bytes, text: str) -> None:
    write(tmp_path, {"a.npz": content})
    assert text in said(tmp_path / "a.npz", TARGETS)


def test_a_stack_is_limited_image_by_image(tmp_path: Path) -> None:
    write(tmp_path, {"p.npy": PREDS, "q.npz": npz(PREDS, packed=True), "t.npy": TARGETS})
    for name in ("p.npy", "q.npz"):
        assert scored(tmp_path / name, tmp_path / "t.npy", max_pixels=42).table == WHOLE.table
        text = said(tmp_path / name, tmp_path / "t.npy", max_pixels=41)
        assert text.startswith("30 of 30 images could not be scored:\n  t[0]: ")
        assert "(6, 7) is more than max_pixels = 41" in text


def test_a_file_that_changes_meanwhile_is_not_read_by_its_former_header(tmp_path: Path) -> None:
    write(tmp_path, {"a.npy": PREDS.astype(np.int32)})

    class Writes(OnDisk):
        def __getitem__(self, index: int) -> Array:
            write(tmp_path, {"a.npy": PREDS.astype(np.int64)})
            return super().__getitem__(index)

    text = said(tmp_path / "a.npy", Writes(TARGETS), threads=1)
    assert text.startswith("29 of 30 images could not be scored:\n  stack[10]: ")
    assert f"{tmp_path}/a.npy: the file changed while it was read\n" in text


# Siblings


def test_the_audit_and_the_labels_found_see_the_images(tmp_path: Path) -> None:
    write(tmp_path, {"p.npy": PREDS, "t.npy": TARGETS})
    for sides in (
        {"pred": PREDS, "target": TARGETS},
        {"pred": tmp_path / "p.npy", "target": tmp_path / "t.npy"},
    ):
        found = audit(**sides, classes=4, ignore_index=255)
        assert found.truth.images == 30
        assert dict(found.truth.sizes) == {(6, 7): 30}
        assert not found.findings
        assert find_labels(**sides).images == 30


def test_the_command_line_takes_a_stack(tmp_path: Path) -> None:
    write(tmp_path, {"p.npy": PREDS, "t.npy": TARGETS, "v.npy": TARGETS[0]})
    sides = ["--pred", str(tmp_path / "p.npy"), "--target", str(tmp_path / "t.npy"), "--classes", "4"]
    done = run("evaluate", *sides, "--ignore", "255")
    assert done.stdout.startswith("30 images scored\n")
    assert f"mean image IoU {WHOLE.mean_image_iou:.6f}" in done.stdout
    done = run("evaluate", *sides, "--ignore", "255", "--dims", "3")
    assert done.stdout.startswith("1 image scored\n")
