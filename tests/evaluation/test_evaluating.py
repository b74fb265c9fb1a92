"""`evaluate`: whatever names two sets of masks gives the counts of the same arrays in memory."""

import io
import itertools
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

import segscore
from segscore import ConfusionMatrix, SegscoreWarning, ShapeError, evaluate
from segscore.text.progress import Progress
from support import hints
from support.masks_on_disk import PALETTE, Array, png, write
from support.refused import refused

K = 5

Sides = tuple[list[Array], list[Array]]


def masks(number: int, seed: int = 0, shape: tuple[int, int] = (9, 13)) -> list[Array]:
    random = np.random.default_rng(seed)
    return [random.integers(0, K, shape).astype(np.uint8) for _ in range(number)]


def summed(preds: list[Array], targets: list[Array], **options: object) -> ConfusionMatrix:
    total = ConfusionMatrix(K, **options)
    for pred, target in zip(preds, targets, strict=True):
        total.update(pred=pred, target=target)
    return total


@pytest.fixture
def sides(tmp_path: Path) -> Sides:
    """Twelve pairs as arrays and, below `tmp_path`, as files of every format, in folders of folders."""
    preds, targets = masks(12, 1), masks(12, 2)
    for i, (pred, target) in enumerate(zip(preds, targets, strict=True)):
        place = f"{'ab'[i % 2]}/{i}"
        palette = png(pred, 4, PALETTE, palette=[(i, 9, 9) for i in range(16)], interlaced=i % 3 == 0)
        write(tmp_path / "pred", {f"{place}.npy": pred} if i % 4 == 1 else {f"{place}.png": palette})
        write(tmp_path / "target", {f"{place}.PNG": png(target, 16)})
        write(tmp_path / "labels", {f"{place}_gt.png": target, f"{place}_colour.png": target})
    write(tmp_path / "pred", {"notes.txt": b"not a mask", ".hidden.png": b""})
    return preds, targets


# Where masks come from


def test_folders_patterns_and_lists_of_paths_are_the_same_dataset(tmp_path: Path, sides: Sides) -> None:
    preds, targets = sides
    expected = summed(preds, targets)
    paths = [f"{'ab'[i % 2]}/{i}" for i in range(12)]
    pred_paths = [
        tmp_path / "pred" / f"{path}.{'npy' if i % 4 == 1 else 'png'}" for i, path in enumerate(paths)
    ]
    found = [
        evaluate(pred=tmp_path / "pred", target=f"{tmp_path}/target", classes=K),
        evaluate(pred=f"{tmp_path}/pred/**/*.*", target=f"{tmp_path}/target/*/*", classes=K),
        evaluate(pred=tmp_path / "pred", target=tmp_path / "labels", pairing="{id}_gt", classes=K),
        evaluate(pred=pred_paths, target=f"{tmp_path}/target", classes=K),
    ]
    for evaluation in found:
        assert evaluation.confusion == expected
        assert evaluation.table == found[0].table
        assert evaluation.names == tuple(sorted(paths))
        assert evaluation.requested == 12
    assert found[0].provenance == {"pred": f"{tmp_path}/pred", "target": f"{tmp_path}/target"}
    assert found[2].provenance["pairing"] == "{id}_gt"
    assert found[3].provenance == {"pred": "12 paths", "target": f"{tmp_path}/target"}


def test_arrays_and_lists_of_arrays(tmp_path: Path, sides: Sides) -> None:
    preds, targets = sides
    expected = summed(preds, targets)
    found = evaluate(pred=preds, target=targets, classes=K)
    assert found.confusion == expected
    assert found.names == tuple(str(i) for i in range(12))
    assert evaluate(pred=[[0, 1], [2, 3]], target=[[0, 1], [2, 4]], classes=K).scores.pixel_accuracy == 0.75


def test_paths_and_arrays_may_be_mixed(tmp_path: Path) -> None:
    pred, target = masks(2)
    write(tmp_path, {"a.png": pred, "b.npy": pred})
    expected = summed([pred], [target])
    for path in (tmp_path / "a.png", f"{tmp_path}/a.png", tmp_path / "b.npy", f"{tmp_path}/b.npy"):
        assert evaluate(pred=path, target=target, classes=K).confusion == expected
        assert evaluate(pred=[path], target=[target], classes=K).confusion == expected
        found = evaluate(pred=[path, pred], target=[target, target], classes=K)
        assert found.confusion == expected + expected


def test_a_generator_of_arrays_is_not_taken_for_an_array() -> None:
    sides = {"pred": (mask for mask in masks(2)), "target": masks(2)[0]}
    assert refused(segscore.ArgumentError, evaluate, **sides, classes=K) == (
        "`pred` is of type generator, expected a folder, an address, a glob pattern, an array, or a list of "
        "paths, arrays or what opens as bytes\nhint: make a list: `[*pred]`"
    )


@pytest.mark.parametrize(
    ("pred", "found"), [([], "0 and 3"), (masks(2), "2 and 3"), (masks(1)[0], "1 and 3")]
)
def test_lists_of_different_length(pred: object, found: str) -> None:
    assert refused(ShapeError, evaluate, pred=pred, target=masks(3), classes=K) == (
        f"`pred` and `target` differ in length: {found}\nhint: {hints.ONE_TARGET}"
    )


# The same result for every way to get there


def test_threads_and_order_change_nothing(tmp_path: Path, sides: Sides) -> None:
    first = evaluate(pred=tmp_path / "pred", target=tmp_path / "target", classes=K, threads=1)
    for threads in (2, 3, 4):
        again = evaluate(pred=tmp_path / "pred", target=tmp_path / "target", classes=K, threads=threads)
        assert again == first
        assert str(again) == str(first)
        assert again.to_dict() == first.to_dict()
        assert (
            evaluate(pred=sides[0], target=sides[1], classes=K, threads=threads).confusion == first.confusion
        )


def test_ignored_labels_and_prediction_spaces(tmp_path: Path) -> None:
    preds, targets = masks(3, 1), masks(3, 2)
    options = {"ignore_index": [1, 3], "pred_classes": [4, 3, 2, 1, 0]}
    with pytest.warns(SegscoreWarning, match=r"`pred` holds the labels 1 .*, 3 .*: no class"):
        found = evaluate(pred=[mask.astype(int) for mask in preds], target=targets, classes=K, **options)
    with pytest.warns(SegscoreWarning):
        assert found.confusion == summed(preds, targets, **options)
    assert found.confusion.ignored == sum(int(np.isin(target, [1, 3]).sum()) for target in targets)


# Single images


def test_the_worst_images_come_worst_first_and_equal_ones_by_name() -> None:
    targets = [np.zeros((1, 4), int)] * 4 + [np.full((1, 4), 254)]
    preds = [np.array([[0, 0, 0, k]]) for k in (1, 0, 1, 0)] + [targets[0]]
    preds[2] = np.array([[1, 1, 1, 0]])
    found = evaluate(pred=preds, target=targets, classes=2, ignore_index=254)
    assert found.worst() == (("2", 0.25), ("0", 0.75), ("1", 1.0), ("3", 1.0))
    assert found.worst(3) == found.worst()[:3]
    assert found.worst(0) == ()
    for n in (-1, "x", 1.5, None, True):
        assert refused(segscore.ArgumentError, found.worst, n) == (
            f"`n` is {n!r}\nhint: it is a number of images, 0 or more"
        )


# Resizing, size


@pytest.mark.parametrize("kind", ["png", "npy", "array"])
def test_predictions_are_resized_only_where_that_was_asked_for(tmp_path: Path, kind: str) -> None:
    pred, target = masks(1, 1, (4, 3))[0], masks(1, 2, (8, 9))[0]
    same = masks(1, 3, (8, 9))[0]
    large = pred.repeat(2, axis=0).repeat(3, axis=1)
    if kind == "array":
        sides: dict[str, object] = {"pred": [pred, same], "target": [target, target]}
    else:
        write(
            tmp_path, {f"p/0.{kind}": pred, f"p/1.{kind}": same, f"t/0.{kind}": target, f"t/1.{kind}": target}
        )
        sides = {"pred": tmp_path / "p", "target": tmp_path / "t"}
    assert refused(segscore.EvaluationError, evaluate, **sides, classes=K) == (
        "1 of 2 images could not be scored:\n"
        "  0: `pred` and `target` differ in shape: (4, 3) and (8, 9)\n"
        f"hint: {hints.SIZES}\n"
        f"hint: {hints.SKIP}"
    )
    found = evaluate(**sides, classes=K, resize="nearest")
    assert found.resized == 1
    assert found.confusion == summed([large, same], [target, target])
    assert "resized" in str(found)


# Progress


def test_progress_is_told_every_step_up_to_the_total(tmp_path: Path, sides: Sides) -> None:
    for options in ({}, {"read": lambda path: sides[0][0]}, {"threads": 1}):
        calls: list[tuple[int, int]] = []
        evaluate(
            pred=tmp_path / "pred",
            target=tmp_path / "target",
            classes=K,
            progress=lambda done, total: calls.append((done, total)),  # noqa: B023
            **options,
        )
        assert calls[-1] == (12, 12)
        assert {total for _, total in calls} == {12}
        assert [done for done, _ in calls] == sorted(done for done, _ in calls)


def test_an_exception_of_progress_ends_the_run(tmp_path: Path, sides: Sides) -> None:
    class Enough(Exception):
        pass

    def progress(done: int, total: int) -> None:
        raise Enough

    for pred, target in ((tmp_path / "pred", tmp_path / "target"), sides):
        with pytest.raises(Enough):
            evaluate(pred=pred, target=target, classes=K, progress=progress)


def test_a_short_run_shows_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    begin = iter([0.0])
    monkeypatch.setattr("segscore.text.progress.time.monotonic", lambda: next(begin, 0.9))
    evaluate(pred=masks(3), target=masks(3), classes=K, progress=True)
    assert capfd.readouterr() == ("", "")


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every look at the clock finds that half a minute has passed."""
    seconds = itertools.count(step=30.0)
    monkeypatch.setattr("segscore.text.progress.time.monotonic", lambda: next(seconds))


@pytest.mark.usefixtures("slow")
def test_a_long_run_shows_lines_where_there_is_no_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    with Progress(5000) as progress:
        progress(0)
        progress(1500)
        progress(5000)
    assert capfd.readouterr() == (
        "",
        "0 of 5,000 images, 0.0 images/s\n1,500 of 5,000 images, 25.0 images/s, 140 s left\n",
    )


@pytest.mark.usefixtures("slow")
@pytest.mark.parametrize("interrupted", [False, True])
def test_a_long_run_on_a_terminal_leaves_it_clean(monkeypatch: pytest.MonkeyPatch, interrupted: bool) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm")
    with suppress(KeyboardInterrupt), Progress(5000) as progress:
        progress(0)
        progress(1500)
        if interrupted:
            raise KeyboardInterrupt
    written = terminal.getvalue()
    assert "/5000" in written
    assert "images/s" in written
    assert written.count("\x1b[?25l") == written.count("\x1b[?25h") == 1  # the cursor is back
    assert written.endswith("\x1b[2K")  # the line is wiped
