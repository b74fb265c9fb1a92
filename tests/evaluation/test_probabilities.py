"""Predictions that are probability maps or class scores, in files and arrays, give what their labels give."""

import io
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from segscore import ArgumentError, Evaluation, EvaluationError, audit, evaluate
from segscore.predict import resize_logits
from support import hints
from support.command_line import run
from support.masks_on_disk import Array, array_file, pillow, png, write
from support.refused import refused

RANDOM = np.random.default_rng(0)
TARGETS = RANDOM.integers(0, 2, (30, 6, 7))
SHARES = RANDOM.random((30, 6, 7)).astype(np.float32)
CLASSES = RANDOM.integers(0, 4, (30, 6, 7))
LOGITS = RANDOM.standard_normal((30, 4, 6, 7)).astype(np.float32)
LINE = "1 of 1 images could not be scored:\n  "


def npz(array: Array) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, array)
    return file.getvalue()


def scored(pred: object, target: object, classes: object = 2, **options: object) -> Evaluation:
    return evaluate(pred=pred, target=target, classes=classes, **options)


def said(pred: object, target: object, classes: object = 2, **options: object) -> str:
    return refused(EvaluationError, scored, pred, target, classes, **options)


@pytest.fixture
def targets(tmp_path: Path) -> Path:
    write(tmp_path, {f"t/{i:02d}.png": target for i, target in enumerate(TARGETS)})
    return tmp_path / "t"


# One channel, with a threshold


@pytest.mark.parametrize("images", [1, 3, 30])
@pytest.mark.parametrize("threshold", [0.5, 0.25, 51 / 255, 1.0, 1e-9])
@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_gray_values_are_shares_of_the_largest_one(
    tmp_path: Path, bits: int, threshold: float, images: int
) -> None:
    largest = 2**bits - 1
    values = RANDOM.integers(0, largest + 1, (images, 6, 7))
    values[0, 0, :3] = largest // 5, 0, largest
    files = {f"{i:02d}.png": png(value, bits) for i, value in enumerate(values)}
    write(tmp_path, {f"p/{name}": content for name, content in files.items()})
    write(tmp_path, {f"t/{name}": target for name, target in zip(files, TARGETS, strict=False)})
    found = scored(tmp_path / "p", tmp_path / "t", threshold=threshold)
    labels = [np.array(value / largest >= threshold, int) for value in values]
    assert found.table == scored(labels, list(TARGETS[:images])).table
    assert found.names == tuple(f"{i:02d}" for i in range(images))


FORMS = {"a.npy": array_file, "a.npz": npz, "F.npy": lambda values: array_file(np.asfortranarray(values))}


@pytest.mark.parametrize("dtype", ["f2", "f4", ">f4", "f8"])
@pytest.mark.parametrize("name", FORMS)
def test_floats_in_files_and_arrays(tmp_path: Path, targets: Path, name: str, dtype: str) -> None:
    shares = SHARES.astype(dtype)
    expected = scored([np.array(one >= one.dtype.type(0.3), int) for one in shares], list(TARGETS))
    write(tmp_path, {f"p/{i:02d}{name[1:]}": FORMS[name](one) for i, one in enumerate(shares)})
    write(tmp_path, {name: FORMS[name](shares), f"channel/{name}": FORMS[name](shares[:, None])})
    write(tmp_path, {"t.npy": TARGETS})
    for pred, target, options in (
        (tmp_path / "p", targets, {}),
        (list(shares), list(TARGETS), {}),
        (shares, TARGETS, {}),
        (shares[:, None], TARGETS, {"class_axis": 1}),
        (tmp_path / name, tmp_path / "t.npy", {}),
        (tmp_path / "channel" / name, tmp_path / "t.npy", {"class_axis": 1}),
        (tmp_path / "channel" / name, tmp_path / "t.npy", {"class_axis": -3}),
    ):
        assert scored(pred, target, threshold=0.3, **options).table == expected.table


def test_floats_in_tiff_and_through_read(tmp_path: Path, targets: Path) -> None:
    (tmp_path / "p").mkdir()
    for i, shares in enumerate(SHARES):
        tifffile.imwrite(tmp_path / f"p/{i:02d}.tif", shares)
    expected = scored([(shares >= 0.5).astype(int) for shares in SHARES], list(TARGETS))
    assert scored(tmp_path / "p", targets, threshold=0.5).table == expected.table

    def read(path: str) -> Array:
        return tifffile.imread(path) if path.endswith("tif") else np.asarray(Image.open(path))

    assert scored(tmp_path / "p", targets, threshold=0.5, read=read).table == expected.table


def test_gray_values_of_another_size_are_resized_as_scores_are(tmp_path: Path, targets: Path) -> None:
    values = RANDOM.integers(0, 256, (3, 4))
    resized = resize_logits((values / 255)[None], (6, 7), class_axis=0)[0]
    write(tmp_path, {"p/00.png": values})
    found = scored(tmp_path / "p", tmp_path / "t/00.png", threshold=0.5)
    assert found.table == scored([(resized >= 0.5).astype(int)], [TARGETS[0]]).table


def test_gray_jpegs_are_probabilities_and_never_labels(tmp_path: Path, targets: Path) -> None:
    pictures = [Image.fromarray((shares * 255).astype(np.uint8)) for shares in SHARES]
    for i, picture in enumerate(pictures):
        write(tmp_path, {f"p/{i:02d}.{('jpg', 'JPEG')[i % 2]}": pillow(picture, "JPEG", quality=95)})
    labels = [
        (np.asarray(Image.open(path)) / 255 >= 0.4).astype(int) for path in sorted((tmp_path / "p").iterdir())
    ]
    found = scored(tmp_path / "p", targets, threshold=0.4)
    assert found.table == scored(labels, list(TARGETS)).table
    sides = ["--pred", tmp_path / "p", "--target", targets, "--classes", "2"]
    done = run("evaluate", *sides, "--threshold", "0.4", "--json", "-")
    assert f'"mean_iou": {found.scores.mean_iou}' in done.stdout
    assert run("audit", *sides, "--threshold", "0.4").exit_code == 0
    assert run("evaluate", *sides).stderr.startswith("error: `--pred`: expected mask files")
    write(tmp_path, {"c.jpg": pillow(Image.new("RGB", (7, 6), (200, 10, 10)), "JPEG")})
    assert said(tmp_path / "c.jpg", targets / "00.png", threshold=0.4) == (
        f"{LINE}00: {tmp_path}/c.jpg: expected gray values, found colours\n"
        "hint: save probabilities as gray PNG of 8 or 16 bits, or as floats in `.npy`"
    )


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (
            pillow(Image.new("P", (7, 6))),
            "expected gray values, found a palette\n"
            "hint: save probabilities as gray PNG of 8 or 16 bits, or as floats in `.npy`",
        ),
        (
            png(np.zeros((6, 7, 3), int), 8, 2),
            "expected gray values, found several channels\n"
            "hint: save probabilities as gray PNG of 8 or 16 bits, or as floats in `.npy`",
        ),
        (
            png(np.arange(126).reshape(6, 7, 3), 8, 2),
            f"expected a mask of labels (gray or palette), found RGB\nhint: {hints.COLOURS}",
        ),
        (b"", "expected a PNG, found an empty file\nhint: write or copy the file again"),
    ],
)
def test_what_holds_no_gray_values_is_refused(
    tmp_path: Path, targets: Path, content: bytes, text: str
) -> None:
    write(tmp_path, {"p/00.png": content})
    expected = f"{LINE}00: {tmp_path}/p/00.png: {text}"
    assert said(tmp_path / "p", targets / "00.png", threshold=0.5) == expected


@pytest.mark.parametrize(("threshold", "bits", "largest"), [(128, 8, 255), (0, 8, 255), (-1.5, 16, 65_535)])
def test_a_threshold_in_gray_values_is_refused(
    tmp_path: Path, targets: Path, threshold: float, bits: int, largest: int
) -> None:
    write(tmp_path, {"p/00.png": png(TARGETS[0], bits)})
    assert said(tmp_path / "p", targets / "00.png", threshold=threshold) == (
        f"{LINE}00: {tmp_path}/p/00.png: gray values are shares of {largest:,}, expected a threshold above 0 "
        f"and up to 1, found {threshold:g}\nhint: divide it by {largest}, as in `threshold=0.5`"
    )


def test_integers_in_arrays_are_no_probabilities() -> None:
    text = (
        "0: `pred` is int64, expected float16, bfloat16, float32 or float64\n"
        "hint: class scores are floats; for label maps leave `class_axis` and `threshold` out"
    )
    assert said([TARGETS[0]], [TARGETS[0]], threshold=0.5) == LINE + text
    assert said([TARGETS[0]], [TARGETS[0]], class_axis=0) == LINE + text


def test_floats_without_a_threshold_say_what_is_missing(tmp_path: Path, targets: Path) -> None:
    write(tmp_path, {"p/00.npy": SHARES[0]})
    assert said(tmp_path / "p", targets / "00.png") == (
        f"{LINE}00: `pred` is float32, expected bools or integers\nhint: {hints.FLOATS}"
    )
    failed = run("evaluate", "--pred", tmp_path / "p", "--target", targets / "00.png", "--classes", 2)
    assert failed.stderr.endswith(
        "hint: save labels as integers: `labels.astype(int)`; class scores need `--class-axis`, "
        "probabilities `--threshold`\n"
    )


@pytest.mark.parametrize(
    ("classes", "options", "text"),
    [
        (
            3,
            {"threshold": 0.5},
            "`threshold` tells two classes apart, found 3 classes\n"
            "hint: leave it out: the highest of the scores of all classes wins",
        ),
        (
            2,
            {"threshold": float("nan")},
            "`threshold` is nan, expected a finite number\n"
            "hint: 0.5 for probabilities, 0 for logits before a sigmoid",
        ),
        (
            2,
            {"class_axis": "last"},
            "`class_axis` is 'last', expected an integer\n"
            "hint: `class_axis=0` for (K, H, W), `class_axis=-1` for (H, W, K)",
        ),
    ],
)
def test_what_can_never_be_is_refused_before_any_file_is_read(
    targets: Path, classes: int, options: dict[str, object], text: str
) -> None:
    for call in (evaluate, audit):
        given = {"pred": [SHARES[0]], "target": [TARGETS[0]], "classes": classes, **options}
        assert refused(ArgumentError, call, **given) == text


# Class scores


@pytest.mark.parametrize("images", [1, 3, 30])
@pytest.mark.parametrize("axis", [0, 1, 2, -1])
@pytest.mark.parametrize("form", [array_file, npz])
def test_class_scores_in_files_and_arrays(tmp_path: Path, form: object, axis: int, images: int) -> None:
    logits = np.moveaxis(LOGITS[:images], 1, axis if axis < 0 else axis + 1)
    suffix = "npy" if form is array_file else "npz"
    for i, (scores, target) in enumerate(zip(logits, CLASSES, strict=False)):
        write(tmp_path, {f"p/{i:02d}.{suffix}": form(scores), f"t/{i:02d}.png": target})  # type: ignore[operator]
    write(tmp_path, {f"s.{suffix}": form(logits), "t.npy": CLASSES[:images]})  # type: ignore[operator]
    expected = scored(list(LOGITS[:images].argmax(axis=1)), list(CLASSES[:images]), 4)
    one = scored(tmp_path / "p", tmp_path / "t", 4, class_axis=axis)
    of_stack = axis if axis < 0 else axis + 1
    stack = scored(tmp_path / f"s.{suffix}", tmp_path / "t.npy", 4, class_axis=of_stack)
    arrays = scored(logits, CLASSES[:images], 4, class_axis=of_stack)
    assert one.table == stack.table == arrays.table == expected.table
    assert stack.names == tuple(f"t[{i}]" for i in range(images))
    assert one.provenance["class_axis"] == str(axis)
    assert one.mean_image_iou == expected.mean_image_iou


def test_class_scores_of_another_size_are_resized() -> None:
    found = scored([LOGITS[0]], [RANDOM.integers(0, 4, (12, 15))], 4, class_axis=0)
    assert found.scores.pixels == 180


def test_scores_of_many_classes_are_limited_by_their_pixels(tmp_path: Path) -> None:
    write(tmp_path, {"p.npy": LOGITS[0], "s.npz": npz(LOGITS), "t.npy": CLASSES[0], "ts.npy": CLASSES})
    assert scored(tmp_path / "p.npy", tmp_path / "t.npy", 4, class_axis=0, max_pixels=42).scores.pixels == 42
    assert len(scored(tmp_path / "s.npz", tmp_path / "ts.npy", 4, class_axis=1, max_pixels=42).names) == 30
    text = said(tmp_path / "p.npy", tmp_path / "t.npy", 4, class_axis=0, max_pixels=41)
    assert "(4, 6, 7) is more than max_pixels = 41" in text


@pytest.mark.parametrize(
    ("pred", "target", "axis", "text"),
    [
        (
            LOGITS[0],
            CLASSES[0],
            2,
            "`pred` needs one channel for each of 4 classes, found 7 on axis 2 of (4, 6, 7)\n"
            f"hint: {hints.CHANNELS}",
        ),
        (
            LOGITS[0],
            CLASSES[0],
            3,
            "`class_axis` is 3, but `pred` has the shape (4, 6, 7)\n"
            "hint: axes are counted from 0, or from -1 at the end",
        ),
        (
            LOGITS,
            CLASSES,
            0,
            "`class_axis` is 0, but axis 0 of a batch counts its images\n"
            "hint: `class_axis=1` for (N, K, H, W), `class_axis=-1` for (N, H, W, K)",
        ),
        (
            LOGITS,
            CLASSES[:29],
            1,
            "`pred` and `target` are stacks of 30 and 29 images\nhint: give one target for each prediction",
        ),
        (
            np.where(LOGITS[0] > 2, np.nan, LOGITS[0]),
            CLASSES[0],
            0,
            f"`pred` is NaN at index {tuple(np.argwhere(LOGITS[0] > 2)[0].tolist())}",
        ),
    ],
)
def test_class_scores_that_do_not_fit_are_refused(pred: Array, target: Array, axis: int, text: str) -> None:
    assert said(pred, target, 4, class_axis=axis).startswith(f"{LINE}0: {text}"[:120])


def test_a_png_holds_no_class_scores(tmp_path: Path, targets: Path) -> None:
    assert said(targets / "00.png", [TARGETS[0]], class_axis=0) == (
        f"{LINE}0: {targets}/00.png: expected class scores, found a picture\n"
        "hint: class scores are floats in `.npy` or `.npz`; for label maps leave `class_axis` out"
    )


# Siblings


def test_the_audit_reads_what_is_scored(tmp_path: Path, targets: Path) -> None:
    write(tmp_path, {f"p/{i:02d}.png": target * 255 for i, target in enumerate(TARGETS)})
    found = audit(pred=tmp_path / "p", target=targets, classes=2, threshold=0.5)
    assert not found.findings
    assert found.truth.images == 30


def test_the_command_line_takes_probabilities_and_class_scores(tmp_path: Path, targets: Path) -> None:
    write(tmp_path, {f"p/{i:02d}.png": (shares * 255).astype(int) for i, shares in enumerate(SHARES)})
    write(tmp_path, {"l.npy": LOGITS, "c.npy": CLASSES})
    sides = ["--pred", tmp_path / "p", "--target", targets]
    done = run("evaluate", *sides, "--classes", "2", "--threshold", "0.5")
    found = scored(tmp_path / "p", targets, threshold=0.5)
    assert f"mean image IoU {found.mean_image_iou:.6f}" in done.stdout
    assert run("audit", *sides, "--classes", "2", "--threshold", "0.5").exit_code == 0
    scores = ["--pred", tmp_path / "l.npy", "--target", tmp_path / "c.npy"]
    done = run("evaluate", *scores, "--classes", "4", "--class-axis", "1")
    assert f"{scored(LOGITS, CLASSES, 4, class_axis=1).scores.mean_iou:.6f}" in done.stdout
    failed = run("evaluate", *scores, "--class-axis", "0")
    assert failed.stderr == (
        "error: `--class-axis` needs `--classes`\nhint: name the classes with `--classes`\n"
    )


def test_a_page_of_probabilities_shows_the_targets(tmp_path: Path, targets: Path) -> None:
    write(tmp_path, {f"p/{i:02d}.png": (shares * 255).astype(int) for i, shares in enumerate(SHARES)})
    found = scored(tmp_path / "p", targets, threshold=0.5)
    assert found.provenance["threshold"] == "0.5"
    assert {files.pred for files in found.files.values()} == {None}
    found.write_report(tmp_path / "r.html")
    assert "have changed" not in (tmp_path / "r.html").read_text()
