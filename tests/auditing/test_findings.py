"""Audit: each planted fault is found by its kind, and nothing is suspected where nothing was planted."""

from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore import Audit, Classes, Finding
from segscore.auditing.results import SEVERITIES
from support.masks_on_disk import pillow, write
from support.planted import (
    CLASSES,
    IMAGES,
    NAMES,
    OTHER_IDS,
    Mask,
    Sides,
    binary,
    changed,
    jpeg,
    larger,
    mapped,
    scenes,
    smooth,
    spread,
)

CAMVID = Path(__file__).parents[3] / "shared" / "data" / "camvid"
UP = {label: label + 1 for label in range(5)}
ORDER = {0: 3, 1: 0, 2: 1, 3: 4, 4: 2}
NEXT = {label: (label + 1) % 5 for label in range(5)}
TEN = {label: 10 * label for label in range(5)}
DEEP = {label: 1000 * (label + 1) for label in range(5)}
DOWN = {label: label - 1 for label in range(5)}
TRAIN_IDS = dict(zip(range(5), (0, 1, 2, 13, 11), strict=True))
LABEL_IDS = dict(zip(range(5), (7, 8, 11, 26, 24), strict=True))
SPREAD = Classes(NAMES, [0, 40, 80, 120, 160], ignore=[255])
RIGHT = np.arange(128) >= 120


class Planted(NamedTuple):
    """A fault: what it does to the scenes, the classes given, and the errors and warnings it must give."""

    fault: Callable[[Sides], Sides]
    found: set[str]
    classes: object = CLASSES
    base: Callable[[Sides], Sides] = lambda sides: sides

    def sides(self, clean: Sides) -> Sides:
        """Return the scenes with the fault."""
        return self.fault(self.base(clean))


def on(side: str, change: Callable[[Mask], Mask]) -> Callable[[Sides], Sides]:
    """Return the fault that changes every mask of one side."""
    return lambda sides: changed(sides, side, change)


def to(side: str, labels: dict[int, int]) -> Callable[[Sides], Sides]:
    """Return the fault that gives one side other label values."""
    return on(side, lambda mask: mapped(mask, labels))


def of_cityscapes(sides: Sides) -> Sides:
    """Return predictions in train ids and targets in label ids."""
    preds = [mapped(mask, TRAIN_IDS) for mask in sides[0]]
    return preds, [mapped(mask, LABEL_IDS | {255: 0}) for mask in sides[1]]


FAULTS = {
    "unknown labels": Planted(to("target", {3: 77, 4: 78}), {"unknown-labels"}),
    "other ids predicted": Planted(to("pred", OTHER_IDS), {"other-ids"}),
    "targets in other ids": Planted(to("target", OTHER_IDS), {"unknown-labels", "other-ids"}),
    "train ids for label ids": Planted(of_cityscapes, {"other-ids"}, "cityscapes"),
    "label ids for train ids": Planted(
        lambda sides: to("target", TRAIN_IDS)(to("pred", LABEL_IDS)(sides)),
        {"other-ids"},
        "cityscapes-train-ids",
    ),
    "0/255 predicted for 0/1": Planted(to("pred", {1: 255}), {"other-ids"}, "binary", binary),
    "0/1 predicted for 0/255": Planted(
        to("pred", {255: 1}), {"other-ids"}, "binary-255", lambda sides: binary(sides, 255)
    ),
    "labels cut to bytes": Planted(
        on("pred", lambda mask: mask % 256),
        {"other-ids"},
        Classes(NAMES, list(DEEP.values()), ignore=[255]),
        lambda sides: to("pred", DEEP)(to("target", DEEP)(sides)),
    ),
    "predictions one too high": Planted(to("pred", UP), {"shifted"}),
    "predictions one too low": Planted(to("pred", DOWN), {"shifted"}),
    "predictions one too low, in bytes": Planted(to("pred", DOWN | {0: 255}), {"shifted"}),
    "targets one too high": Planted(to("target", UP), {"unknown-labels", "shifted"}),
    "predictions times ten": Planted(to("pred", TEN), {"scaled"}),
    "targets times ten": Planted(to("target", TEN), {"unknown-labels", "scaled"}),
    "255 predicted": Planted(on("pred", lambda mask: np.where(RIGHT, 255, mask)), {"void-predicted"}),
    "another label predicted": Planted(
        on("pred", lambda mask: np.where(RIGHT, 9, mask)), {"unknown-predictions"}
    ),
    "255 not ignored": Planted(lambda sides: sides, {"void-not-ignored"}, 5),
    "-1 not ignored": Planted(to("target", {255: -1}), {"void-not-ignored"}),
    "255 a class": Planted(
        lambda sides: sides, {"void-class"}, Classes([*NAMES, "void"], [0, 1, 2, 3, 4, 255])
    ),
    "targets resized with smoothing": Planted(
        lambda sides: ([larger(mask, 3) for mask in sides[0]], [smooth(mask, 3) for mask in sides[1]]),
        {"unknown-labels", "resized-mask"},
        "binary-255",
        lambda sides: binary(sides, 255),
    ),
    "predictions resized with smoothing": Planted(
        lambda sides: ([smooth(mask, 3) for mask in sides[0]], [larger(mask, 3) for mask in sides[1]]),
        {"resized-mask"},
        SPREAD,
        spread,
    ),
    "targets saved as JPEG": Planted(
        on("target", jpeg), {"unknown-labels", "jpeg-mask"}, "binary-255", lambda sides: binary(sides, 255)
    ),
    "predictions saved as JPEG": Planted(on("pred", jpeg), {"jpeg-mask"}, SPREAD, spread),
    "a constant prediction": Planted(on("pred", lambda mask: mask * 0 + 2), {"constant-prediction"}),
    "two classes swapped": Planted(to("pred", {1: 2, 2: 1}), {"swapped-classes"}),
    "classes in another order": Planted(to("pred", ORDER), {"other-order"}),
    "classes in the order of their neighbours": Planted(to("pred", NEXT), {"other-order"}),
    "folders swapped": Planted(lambda sides: (sides[1], sides[0]), {"void-only-predicted"}),
    "another size": Planted(
        lambda sides: ([mask[:90] for mask in sides[0][:3]] + sides[0][3:], sides[1]), {"other-size"}
    ),
    "a prediction twice": Planted(
        lambda sides: ([sides[0][1], *sides[0][1:]], sides[1]), {"doubled-predictions"}
    ),
    "inverted predictions": Planted(on("pred", lambda mask: 1 - mask), {"inverted"}, "binary", binary),
    "inverted targets": Planted(on("target", lambda mask: 1 - mask), {"inverted"}, "binary", binary),
    "targets as predictions": Planted(lambda sides: (sides[1], sides[1]), {"identical"}),
    "copies of targets": Planted(lambda sides: ([m.copy() for m in sides[1]], sides[1]), {"identical"}),
}


@pytest.fixture(scope="module")
def clean() -> Sides:
    """Scenes without a fault."""
    return scenes()


def audited(sides: Sides, classes: object) -> Audit:
    return segscore.audit(pred=sides[0], target=sides[1], classes=classes)


def kinds(audit: Audit) -> set[str]:
    return {finding.kind for finding in audit.findings if finding.severity != "note"}


@pytest.mark.parametrize("planted", FAULTS.values(), ids=FAULTS)
def test_a_planted_fault_is_found_by_its_kind_and_nothing_else_is(clean: Sides, planted: Planted) -> None:
    assert kinds(audited(planted.sides(clean), planted.classes)) == planted.found


REPAIRED = [
    name for name, planted in FAULTS.items() if planted.found & {"other-ids", "shifted", "scaled", "inverted"}
]


@pytest.mark.parametrize("name", [*REPAIRED, "two classes swapped", "classes in another order"])
def test_the_score_after_the_repair_is_that_of_the_scenes_without_the_fault(clean: Sides, name: str) -> None:
    planted = FAULTS[name]
    (finding,) = audited(planted.sides(clean), planted.classes).suspicions
    (pred, target), classes = planted.base(clean), planted.classes
    if name == "inverted targets":
        pred, target = ([1 - mask for mask in side] for side in (pred, target))
    elif classes in ("cityscapes", "cityscapes-train-ids"):
        classes = CLASSES
    expected = segscore.evaluate(pred=pred, target=target, classes=classes).scores.mean_iou
    before, after = finding.evidence["mean_iou"], finding.evidence["repaired_mean_iou"]
    assert after == pytest.approx(expected)
    assert isinstance(before, float)
    assert before < expected - 0.1


def test_a_finding_says_what_it_was_told_from_and_what_to_do(clean: Sides) -> None:
    finding, note = audited(FAULTS["predictions one too high"].fault(clean), CLASSES).findings
    cm = segscore.ConfusionMatrix(CLASSES)
    with pytest.warns(segscore.SegscoreWarning, match="holds the label 5"):
        cm.update(pred=[mapped(mask, UP) for mask in clean[0]], target=clean[1])
    repaired = segscore.evaluate(pred=clean[0], target=clean[1], classes=CLASSES)
    assert finding == Finding(
        "shifted",
        "the predictions look shifted up by one",
        {
            "values": (1, 2, 3, 4, 5),
            "pixels": IMAGES * 96 * 128,
            "images": IMAGES,
            "mean_iou": cm.scores.mean_iou,
            "repaired_mean_iou": repaired.scores.mean_iou,
        },
        "subtract 1 from the labels of the predictions, or `pred_classes=[1, 2, 3, 4, 5]`",
    )
    assert (note.kind, note.severity, note.evidence["classes"]) == ("never-predicted", "note", ("sky",))


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("other ids predicted", '`pred_classes="other"`'),
        ("train ids for label ids", '`pred_classes="train-ids"`'),
        ("0/255 predicted for 0/1", '`pred_classes="binary-255"`'),
        (
            "predictions times ten",
            "divide the labels of the predictions by 10, or `pred_classes=[0, 10, 20, 30, 40]`",
        ),
        (
            "predictions one too low, in bytes",
            "add 1 to the labels of the predictions, or `pred_classes=[255, 0, 1, 2, 3]`",
        ),
        (
            "labels cut to bytes",
            "write the labels of the predictions with 16 bits, or `pred_classes=[232, 208, 184, 160, 136]`",
        ),
        ("255 a class", "`ignore_index=255` leaves these pixels out"),
        ("inverted predictions", "exchange 0 and 1 in the predictions, or `pred_classes=[1, 0]`"),
        (
            "two classes swapped",
            "exchange 1 and 2 in the predictions, or `pred_classes=[0, 2, 1, 3, 4]`",
        ),
        (
            "classes in another order",
            "give the classes the numbers of the model's channels, or `pred_classes=[3, 0, 1, 4, 2]`",
        ),
    ],
)
def test_hints_name_what_the_user_types(clean: Sides, name: str, hint: str) -> None:
    planted = FAULTS[name]
    (finding,) = audited(planted.sides(clean), planted.classes).suspicions
    assert finding.hint == hint


def test_masks_in_colours_are_audited_like_labels(tmp_path: Path, clean: Sides) -> None:
    palette = np.random.default_rng(0).integers(256, size=(256, 3), dtype=np.uint8)
    classes = Classes(NAMES, ignore=[255], colours={i: palette[i].tolist() for i in (0, 1, 2, 3, 4, 255)})
    swapped = FAULTS["two classes swapped"].fault(clean)[0]
    for folder, masks in (("pred", clean[0]), ("swapped", swapped), ("target", clean[1])):
        painted = [pillow(Image.fromarray(palette[mask])) for mask in masks]
        write(tmp_path / folder, {f"{i:02d}.png": file for i, file in enumerate(painted)})
    pred, target = tmp_path / "pred", tmp_path / "target"
    assert segscore.audit(pred=pred, target=target, classes=classes).findings == ()
    (finding,) = segscore.audit(pred=tmp_path / "swapped", target=target, classes=classes).findings
    expected = segscore.evaluate(pred=pred, target=target, classes=classes).scores.mean_iou
    assert (finding.kind, finding.evidence["repaired_mean_iou"]) == ("swapped-classes", expected)


def test_an_evaluation_has_the_findings_that_need_no_file(clean: Sides) -> None:
    for name in ("predictions one too high", "a prediction twice", "copies of targets"):
        preds, targets = FAULTS[name].fault(clean)
        judge = segscore.Evaluator(CLASSES)
        with pytest.warns(segscore.SegscoreWarning) if name == "predictions one too high" else nullcontext():
            for pred, target in zip(preds, targets, strict=True):
                judge.add(pred=pred, target=target)
        assert kinds(judge.result().audit()) == FAULTS[name].found


def test_files_that_have_no_partner_or_cannot_be_read_are_found_together(
    tmp_path: Path, clean: Sides
) -> None:
    preds, targets = clean
    shown = [f"{i:02d}.png" for i in range(IMAGES)]
    write(tmp_path / "t", dict(zip(shown, targets, strict=True)))
    write(tmp_path / "p", dict(zip(shown[2:], preds[2:], strict=True)))
    write(tmp_path / "p", {"03.png": b"no png", "04.png": preds[4][:50], "extra.png": preds[0]})
    audit = segscore.audit(pred=tmp_path / "p", target=tmp_path / "t", classes=CLASSES)
    assert [(f.severity, f.kind, f.evidence["images"]) for f in audit.findings] == [
        ("error", "missing-predictions", 2),
        ("error", "other-size", 1),
        ("error", "not-scored", 1),
        ("note", "extra-predictions", 1),
    ]
    assert audit.findings[1].message == (
        "1 prediction of another size than the target: 50 x 128 for 96 x 128 in 1"
    )
    resized = segscore.audit(pred=tmp_path / "p", target=tmp_path / "t", classes=CLASSES, resize="nearest")
    assert "resized-predictions" in {f.kind for f in resized.findings}
    skipped = segscore.evaluate(
        pred=tmp_path / "p", target=tmp_path / "t", classes=CLASSES, on_error="skip"
    ).audit()
    assert [(f.kind, f.evidence["images"]) for f in skipped.findings] == [
        ("missing-predictions", 2),
        ("not-scored", 2),
        ("extra-predictions", 1),
    ]


def test_nothing_that_can_be_read_is_an_audit_too(tmp_path: Path) -> None:
    write(tmp_path, {"p/a.png": b"", "t/a.png": b""})
    audit = segscore.audit(pred=tmp_path / "p", target=tmp_path / "t", classes=CLASSES)
    assert [finding.kind for finding in audit.findings] == ["not-scored"]
    assert (audit.truth.images, audit.truth.pixels, audit.truth.one_value) == (0, 0, ())


def test_an_image_that_is_in_the_dataset_twice_is_a_note(clean: Sides) -> None:
    audit = audited(([clean[0][1], *clean[0][1:]], [clean[1][1], *clean[1][1:]]), CLASSES)
    assert [(f.kind, f.evidence["files"]) for f in audit.findings] == [("doubled-images", ("0", "1"))]


def test_classes_that_are_nowhere_are_notes(clean: Sides) -> None:
    sides = [mapped(mask, {4: 2}) for mask in clean[0]], [mapped(mask, {0: 1}) for mask in clean[1]]
    audit = audited(sides, CLASSES)
    assert [(f.kind, f.evidence["classes"]) for f in audit.findings] == [
        ("never-predicted", ("person",)),
        ("never-present", ("sky",)),
    ]


def test_every_kind_is_tested() -> None:
    tested = set().union(*(planted.found for planted in FAULTS.values()))
    of_files = {"missing-predictions", "not-scored", "extra-predictions", "left-out-files"}
    of_files |= {"resized-predictions"}
    of_meaning = {
        "palette-colours",
        "palettes-differ",
        "threshold-scale",
        "transposed",
        "images-last",
        "one-hot",
        "mask-per-class",
        "misplaced",
        "unconfirmed-labels",
        "void-by-name",
        "labels-of-models",
        "foreground-ignored",
        "void-in-class",
        "one-class",
        "no-data-scored",
    }
    assert set(SEVERITIES) == tested | of_files | of_meaning | {
        "doubled-images",
        "never-predicted",
        "never-present",
    }


# Silence


@pytest.mark.parametrize(
    ("name", "images", "found"),
    [
        ("predictions one too high", 5, {"shifted"}),
        ("predictions one too high", 1, {"shifted"}),
        ("other ids predicted", 1, {"other-ids"}),
        ("0/255 predicted for 0/1", 1, {"other-ids"}),
        ("0/1 predicted for 0/255", 1, {"other-ids"}),
        ("predictions times ten", 1, {"scaled"}),
        ("classes in the order of their neighbours", 3, {"other-order"}),
        ("classes in another order", 5, {"other-order"}),
        ("classes in another order", 1, {"other-order"}),
        ("two classes swapped", 5, {"swapped-classes"}),
        ("two classes swapped", 4, set()),
        ("inverted predictions", 10, {"inverted"}),
        ("inverted predictions", 5, {"inverted"}),
        ("inverted predictions", 4, set()),
        ("a constant prediction", 10, {"constant-prediction"}),
        ("a constant prediction", 9, set()),
        ("255 a class", 5, {"void-class"}),
        ("255 a class", 4, set()),
    ],
)
def test_a_few_images_are_no_evidence(clean: Sides, name: str, images: int, found: set[str]) -> None:
    planted = FAULTS[name]
    preds, targets = planted.sides(clean)
    assert kinds(audited((preds[:images], targets[:images]), planted.classes)) == found


@pytest.mark.parametrize(("size", "found"), [(22, set()), (23, {"identical"})])
def test_a_few_pixels_may_all_be_right(clean: Sides, size: int, found: set[str]) -> None:
    masks = [mask[20 : 20 + size, :size] for mask in clean[1]]
    assert kinds(audited((masks, masks), CLASSES)) == found


@pytest.mark.parametrize(("columns", "found"), [(12, {"void-predicted"}), (13, {"void-only-predicted"})])
def test_a_little_void_tells_no_swapped_folders(clean: Sides, columns: int, found: set[str]) -> None:
    preds, targets = (mapped(np.stack(side), {255: 2}) for side in clean)
    preds[:, 0, :columns] = 255
    assert kinds(audited((list(preds), list(targets)), CLASSES)) == found


@pytest.mark.shared
@pytest.mark.skipif(not (CAMVID / "target").exists(), reason=f"needs {CAMVID}")
def test_real_folders_that_were_swapped_are_found() -> None:
    audit = segscore.audit(pred=CAMVID / "target", target=CAMVID / "pred-v2", classes="camvid-11")
    assert [finding.kind for finding in audit.findings] == ["void-only-predicted"]


def test_labels_that_are_all_explained_need_no_model_that_is_good(clean: Sides) -> None:
    preds, targets = binary(clean)
    poor = [np.where(np.roll(mask, 24, axis=1), 255, 0) for mask in preds[:1]]
    assert kinds(audited((poor, targets[:1]), "binary")) == {"other-ids"}
