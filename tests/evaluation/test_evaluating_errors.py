"""What `evaluate` does with bad input: one error that lists all of it, or a score of the rest, and a note."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from segscore import (
    ArgumentError,
    Classes,
    ClassesError,
    EvaluationError,
    Failure,
    LabelError,
    PairingError,
    SegscoreError,
    SegscoreWarning,
    evaluate,
)
from segscore.counts.labels_found import find_labels
from support import hints
from support.masks_on_disk import Array, png, write
from support.refused import refused, warned

ZERO, ONE = np.zeros((2, 3), np.uint8), np.ones((2, 3), np.uint8)
AGAIN = "write or copy the file again"
SKIP = f"hint: {hints.SKIP}"


def refusal(kind: type[SegscoreError] = EvaluationError, **arguments: object) -> str:
    return refused(kind, evaluate, **{"classes": 2, **arguments})


@pytest.fixture
def ten(tmp_path: Path) -> dict[str, object]:
    """Ten pairs in two folders: seven bad ones, each for another reason, and a prediction too many."""
    cut = png(np.arange(6).reshape(2, 3))[:-20]
    write(tmp_path / "t", {f"{i}.png": ZERO for i in range(10)})
    write(tmp_path / "p", {f"{i}.png": ZERO for i in (0, 4, 8)})
    write(
        tmp_path / "p",
        {
            "1.png": cut,
            "2.npy": b"",
            "3.png": ZERO.T,
            "5.npy": ZERO / 2,
            "6.png": b"GIF89a",
            "more.png": ZERO,
        },
    )
    write(tmp_path, {"t/7.png": 9 * ONE, "p/7.png": ZERO, "p/9.png": ZERO})
    (tmp_path / "t/9.png").unlink()
    (tmp_path / "t/9.png").symlink_to("nowhere")
    return {"pred": tmp_path / "p", "target": tmp_path / "t"}


def expected(folder: Path) -> list[Failure]:
    no_array = "save labels with `np.save`, or give `read=` a function that reads the file"
    no_png = "rename the file to its true type, or give `read=` a function that reads it"
    return [
        Failure("1", f"{folder}/p/1.png: the PNG is truncated: it ends after its pixels", AGAIN),
        Failure("2", f"{folder}/p/2.npy: expected a NumPy array file, found an empty file", no_array),
        Failure("3", "`pred` and `target` differ in shape: (3, 2) and (2, 3)", hints.TRANSPOSED),
        Failure("5", "`pred` is float64, expected bools or integers", hints.FLOATS),
        Failure("6", f"{folder}/p/6.png: expected a PNG, found a GIF", no_png),
        Failure("7", "`target` holds the label 9 (6 pixels): neither class nor ignored", hints.GIVE_LABELS),
        Failure("9", f"{folder}/t/9.png: cannot be read: No such file or directory", hints.READABLE),
    ]


@pytest.mark.parametrize("threads", [1, 3])
def test_all_failures_are_reported_together(tmp_path: Path, ten: dict[str, object], threads: int) -> None:
    with pytest.raises(EvaluationError) as caught:
        evaluate(**ten, classes=2, threads=threads)
    failures = expected(tmp_path)
    assert caught.value.failures == tuple(failures)
    lines = "".join(f"\n  {failure.name}: {failure.message}" for failure in failures)
    said = "".join(f"\nhint: {hint}" for hint in dict.fromkeys(failure.hint for failure in failures))
    assert str(caught.value) == f"7 of 10 images could not be scored:{lines}{said}\n{SKIP}"


@pytest.mark.parametrize("threads", [1, 3])
def test_skip_scores_the_rest_and_says_so_first(tmp_path: Path, ten: dict[str, object], threads: int) -> None:
    found = evaluate(**ten, classes=2, threads=threads, on_error="skip")
    assert found.names == ("0", "4", "8")
    assert found.failures == tuple(expected(tmp_path))
    assert found.requested == 10
    assert found.extra == ("more.png",)
    assert found.confusion.counts.tolist() == [[18, 0], [0, 0]]
    assert str(found).startswith("3 of 10 images scored\n")
    assert repr(found) == "<Evaluation of 2 classes: 3 of 10 images, mean IoU 1.000000>"


def test_skip_with_nothing_left_is_an_error_that_does_not_propose_to_skip(tmp_path: Path) -> None:
    write(tmp_path, {"p/a.png": b"", "t/a.png": ZERO})
    text = refusal(pred=tmp_path / "p", target=tmp_path / "t", on_error="skip")
    assert text.startswith(
        f"1 of 1 images could not be scored:\n  a: {tmp_path}/p/a.png: expected a PNG, found an empty file\n"
    )
    assert SKIP not in text


def test_skip_with_nothing_bad_is_the_same(tmp_path: Path) -> None:
    assert evaluate(pred=[ZERO], target=[ONE], classes=2, on_error="skip") == evaluate(
        pred=[ZERO], target=[ONE], classes=2
    )


# Missing and extra


def test_targets_without_a_prediction_are_listed(tmp_path: Path) -> None:
    write(tmp_path / "p", {"b.png": ZERO, "z.png": ZERO})
    write(tmp_path / "t", {f"{name}.png": ZERO for name in "abcd"})
    folders = {"pred": tmp_path / "p", "target": tmp_path / "t"}
    assert refusal(PairingError, **folders) == (
        f"3 of 4 targets have no prediction in {tmp_path}/p:\n  a\n  c\n  d\n"
        'hint: add what is missing, or score the rest with `on_error="skip"`'
    )
    read: list[str] = []
    with pytest.raises(PairingError):
        evaluate(**folders, classes=2, read=read.append)
    assert not read  # a wrong pattern costs no run
    found = evaluate(**folders, classes=2, on_error="skip")
    assert found.names == ("b",)
    assert found.failures == tuple(
        Failure(name, "there is no prediction of this name") for name in ("a", "c", "d")
    )
    assert found.extra == ("z.png",)
    assert str(found).startswith("1 of 4 images scored\n")


def test_a_prediction_without_a_target_is_a_note(tmp_path: Path) -> None:
    write(tmp_path, {"p/a.png": ZERO, "p/b/c.png": ZERO, "t/a.png": ZERO})
    found = evaluate(pred=tmp_path / "p", target=tmp_path / "t", classes=2)
    assert found.extra == ("b/c.png",)
    assert found.failures == ()
    assert "1 prediction has no target and no score" in str(found)


# Labels


def labelled(*labels: int) -> Array:
    return np.array([labels], np.int64)


@pytest.mark.parametrize("on_disk", [False, True])
def test_an_unknown_target_label_names_value_pixels_and_the_first_image_by_name(
    tmp_path: Path, on_disk: bool
) -> None:
    targets = {
        "b": labelled(0, 1, 1),
        "c": labelled(7, 0, 9),
        "a/d": labelled(0, 0, 1),
        "d": labelled(7, 7, 0),
    }
    if on_disk:
        write(tmp_path / "t", {f"{name}.png": labels for name, labels in targets.items()})
        write(tmp_path / "p", {f"{name}.png": np.zeros((1, 3)) for name in targets})
        text = refusal(LabelError, pred=tmp_path / "p", target=tmp_path / "t")
        first = "c"
    else:
        text = refusal(LabelError, pred=[labelled(0, 0, 0)] * 4, target=list(targets.values()))
        first = "1"
    assert text == (
        f"`target` holds the labels 7 (3 pixels), 9 (1 pixel): neither class nor ignored, first in {first}\n"
        f"hint: {hints.GIVE_LABELS}"
    )


def test_unknown_labels_beside_other_failures_are_one_report() -> None:
    text = refusal(pred=[labelled(0), labelled(0), ZERO], target=[labelled(0), labelled(5), labelled(0)])
    assert text == (
        "2 of 3 images could not be scored:\n"
        "  1: `target` holds the label 5 (1 pixel): neither class nor ignored\n"
        "  2: `pred` and `target` differ in shape: (2, 3) and (1, 1)\n"
        f"hint: {hints.GIVE_LABELS}\n"
        f"hint: {hints.SIZES}\n"
        f"{SKIP}"
    )


PREDS = [labelled(0, 9, 1), labelled(0, 8, 8), labelled(7, 8, 8), labelled(0, 0, 0)]
TARGETS = [labelled(0, 0, 1), labelled(0, 0, 0), labelled(255, 0, 1), labelled(0, 0, 0)]
NO_CLASS = "`pred` holds the labels 8 (4 pixels), 9 (1 pixel): no class, first in 0"
NO_CLASS_HINT = f"hint: {hints.OTHER_LABELS}"


def test_a_prediction_that_is_no_class_is_missed_and_warned_about_once() -> None:
    with warned(f"{NO_CLASS}; counted as missed\n{NO_CLASS_HINT}", at=__file__):
        found = evaluate(pred=PREDS, target=TARGETS, classes=2, ignore_index=255)
    assert found.unknown_predictions == (
        (8, 4, "1"),
        (9, 1, "0"),
    )  # most pixels first; 7 is on an ignored pixel
    assert found.confusion.missed.tolist() == [4, 1]


def test_strict_makes_it_an_error() -> None:
    sides = {"pred": PREDS, "target": TARGETS, "ignore_index": 255, "strict": True}
    assert refusal(LabelError, **sides) == f"{NO_CLASS}\n{NO_CLASS_HINT}"
    found = evaluate(**sides, classes=2, on_error="skip")
    assert found.names == ("3",)
    assert [str(failure) for failure in found.failures] == [
        "0: `pred` holds the label 9 (1 pixel): no class",
        "1: `pred` holds the label 8 (2 pixels): no class",
        "2: `pred` holds the label 8 (2 pixels): no class",
    ]


def test_unknown_predictions_of_many_values_take_no_time() -> None:
    pred = np.arange(40_000, dtype=np.uint16).reshape(200, 200) + np.uint16(2)
    with pytest.warns(SegscoreWarning, match="and 39,995 more labels: no class, first in 0;"):
        found = evaluate(pred=[pred] * 20, target=[np.zeros_like(pred)] * 20, classes=2)
    assert len(found.unknown_predictions) == 40_000
    assert found.unknown_predictions[0] == (2, 20, "0")


# Arguments


RESIZE = 'hint: it is "nearest", or left out'
PIXELS = "hint: it is a number of pixels, 1 to 2**62 - 1"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"on_error": "ignore"}, '`on_error` is \'ignore\'\nhint: it is "raise" or "skip"'),
        *(({"resize": how}, f"`resize` is {how!r}\n{RESIZE}") for how in ("bilinear", True)),
        *(({"max_pixels": n}, f"`max_pixels` is {n!r}\n{PIXELS}") for n in (0, -1, 1.5, True, None, 1 << 62)),
        ({"threads": 0}, "`threads` is 0, expected 1 to 1,024\nhint: leave it out for the default"),
    ],
)
def test_a_bad_argument(arguments: dict[str, object], text: str) -> None:
    assert refusal(ArgumentError, **{"pred": [ZERO], "target": [ZERO], **arguments}) == text


def test_no_classes_and_no_masks() -> None:
    assert refusal(ClassesError, pred=[ZERO], target=[ZERO], classes=0).startswith("expected 1 to 65,536")
    text = "`pred`: expected at least one path, found an empty list"
    assert refusal(PairingError, pred=[], target=[]) == text


def test_max_pixels_holds_for_files_and_not_for_arrays(tmp_path: Path) -> None:
    write(tmp_path, {"p/a.png": ZERO, "t/a.png": ZERO, "p/b.npy": ZERO, "t/b.npy": ZERO})
    large = f"hint: {hints.LARGE}"
    assert refusal(pred=tmp_path / "p", target=tmp_path / "t", max_pixels=5) == (
        "2 of 2 images could not be scored:\n"
        f"  a: {tmp_path}/t/a.png: claims 3 x 2 pixels, more than max_pixels = 5\n"
        f"  b: {tmp_path}/p/b.npy: (2, 3) is more than max_pixels = 5\n{large}"
    )
    assert evaluate(pred=tmp_path / "p", target=tmp_path / "t", max_pixels=np.int64(6), classes=2).names
    assert evaluate(pred=[ZERO], target=[ZERO], max_pixels=1, classes=2).names


# Labels of a dataset whose classes are not known yet


def test_find_labels_counts_every_label(tmp_path: Path, ten: dict[str, object]) -> None:
    found = find_labels(**ten)
    assert found.target == {0: 18, 9: 6}
    assert found.pred == {0: 24}
    assert found.images == 4
    known = {"1", "2", "3", "5", "6", "9"}
    assert {failure.name for failure in found.failures} == known
    assert found.presets == []  # nothing but the range of labels speaks for any


def test_find_labels_gives_colours_as_labels(tmp_path: Path) -> None:
    write(tmp_path, {"p/a.png": ZERO[:, :1], "t/a.png": png([[[1, 2, 3]], [[1, 2, 4]]], 8, 2)})
    classes = Classes(["x", "y"], colours={0: (1, 2, 3), 1: (1, 2, 4)})
    found = find_labels(pred=tmp_path / "p", target=tmp_path / "t")
    target, _ = classes.fold(np.array(sorted(found.target)), np.array([0, 0]))
    assert target.tolist() == [0, 1]
    assert found.presets == []


@pytest.mark.parametrize("strict", [False, True])
def test_what_was_counted_beside_unknown_labels_is_not_lost(strict: bool) -> None:
    good, bad = np.array([[0, 1, 1]]), np.array([[0, 7, 1]])
    pred, target = (bad, good) if strict else (good, bad)
    sides = {"pred": [good, pred, 1 - good], "target": [good, target, good]}
    options = {**sides, "classes": 2, "strict": strict, "names": ["a", "b", "c"], "groups": [*"xyx"]}
    with pytest.raises(LabelError) as caught:
        evaluate(**options)
    kept = caught.value.evaluation
    assert (kept.names, kept.confusion.counts.tolist()) == (("a", "c"), [[1, 1], [2, 2]])
    assert kept == evaluate(**options, on_error="skip")
    assert [failure.name for failure in kept.failures] == ["b"]
    of_executor = {"executor": ThreadPoolExecutor(1), "shards": 2}
    with pytest.raises(LabelError) as caught:
        evaluate(**options, **of_executor)
    assert caught.value.evaluation == kept
    with pytest.raises(LabelError) as caught:
        evaluate(pred=[pred], target=[target], classes=2, strict=strict)
    assert caught.value.evaluation is None
