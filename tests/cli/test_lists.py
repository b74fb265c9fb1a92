"""`--list`: the images that it names, and no other, are what each command sees; Python and forms alike."""

from pathlib import Path

import numpy as np
import pytest

from segscore import PairingError, Workspace, audit, evaluate, load
from segscore.app.faults import Faults
from segscore.app.forms import dataset_arguments, dataset_fields
from segscore.counts.labels_found import find_labels
from support.command_line import printed, run
from support.masks_on_disk import png, write
from support.refused import refused

RANDOM = np.random.default_rng(0)
TARGETS = RANDOM.integers(0, 2, (4, 5, 6))
PREDS = np.where(RANDOM.random(TARGETS.shape) < 0.3, 1 - TARGETS, TARGETS)
WHOLE = evaluate(pred=list(PREDS), target=list(TARGETS), classes=2)
PART = evaluate(pred=list(PREDS[:2]), target=list(TARGETS[:2]), classes=2)
SIDES = ("--pred", "pred", "--target", "gt")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four images, of which a list names two; a fifth target holds other labels and has no image."""
    for i, (pred, target) in enumerate(zip(PREDS, TARGETS, strict=True)):
        name = f"{'ab'[i % 2]}/{i}"
        write(tmp_path, {f"pred/{name}.png": pred, f"gt/{name}.png": target})
        write(tmp_path, {f"image/{name}.png": png(np.zeros((5, 6, 3), int), 8, 2)})
    write(tmp_path, {"gt/c/9.png": np.full((5, 6), 77), "pred/c/8.png": np.zeros((5, 6), int)})
    (tmp_path / "val.txt").write_text("# two of them\nb/1\na/0.png\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_evaluate_scores_the_images_of_a_list(folder: Path) -> None:
    found = evaluate(pred="pred", target="gt", classes=2, list="val.txt")
    assert (found.names, found.extra, found.requested) == (("a/0", "b/1"), (), 2)
    assert found.table == PART.table
    assert found.provenance["list"] == "val.txt"
    assert evaluate(pred="pred", target="gt", classes=2, list=["b/1", "a/0"]).table == PART.table
    text = printed("evaluate", *SIDES, "--classes", 2, "--list", "val.txt", "--save", "e.npz")
    assert "2 images scored" in text
    assert load("e.npz").table == PART.table
    assert PART.scores.mean_iou != WHOLE.scores.mean_iou


def test_without_classes_the_labels_of_the_list_are_shown(folder: Path) -> None:
    assert 77 in find_labels(pred=["pred/a/0.png"], target=["gt/c/9.png"]).target
    assert set(find_labels(pred="pred", target="gt", list="val.txt").target) == {0, 1}
    text = printed("evaluate", *SIDES, "--list", "val.txt")
    assert text.endswith("next: segscore classes new --from gt --list val.txt > classes.toml\n")


def test_audit_looks_at_the_images_of_a_list(folder: Path) -> None:
    found = audit(pred="pred", target="gt", classes=2, list="val.txt")
    assert (found.truth.images, found.findings) == (2, ())
    kinds = {finding.kind for finding in audit(pred="pred", target="gt", classes=2).findings}
    assert kinds == {"extra-predictions", "missing-predictions"}
    assert "2 images" in printed("audit", *SIDES, "--classes", 2, "--list", "val.txt")


def test_classes_new_takes_labels_from_the_images_of_a_list(folder: Path) -> None:
    assert 'label = 77, name = "class 77"' in printed("classes", "new", "--from", "gt")
    made = printed("classes", "new", "--from", "gt", "--list", "val.txt")
    assert [line.partition("#")[0].strip() for line in made.splitlines() if "label =" in line] == [
        '{ label = 0, name = "class 0" },',
        '{ label = 1, name = "class 1" },',
    ]
    assert run("classes", "--list", "val.txt").stderr == (
        "error: `--list` belongs to `classes new`\nhint: `segscore classes new --from DIR`\n"
    )


def test_a_dataset_keeps_its_list_and_runs_score_its_images(folder: Path) -> None:
    ws = Workspace.init(folder)
    adding = ("dataset", "add", "streets", "--images", "image", "--targets", "gt", "--classes", 2)
    assert "list of images: val.txt" in printed(*adding, "--list", "val.txt")
    dataset = Workspace(folder).datasets["streets"]
    assert (dataset.names, dataset.truth.images) == (("a/0", "b/1"), 2)
    Path("val.txt").write_text("a/0\n")
    dataset.check()
    ws.models.add("net", predictions="pred")
    done = ws.run("net", "streets", progress=False)
    assert done.evaluation.names == ("a/0", "b/1")
    assert ws.evaluation(done.id).table == PART.table
    whole = ws.datasets.add("all", images="image", targets="gt/[ab]/*.png", classes=2, progress=False)
    same = ws.datasets.add(
        "same", images="image", targets="gt", classes=2, list=["b/1", "a/0"], progress=False
    )
    assert whole.digest != dataset.digest == same.digest
    assert "list of images: 2 names" in str(same)


def test_a_dataset_without_photographs_keeps_its_list(folder: Path) -> None:
    made = Workspace.init(folder).datasets.add("d", targets="gt", classes=2, list="val.txt", progress=False)
    assert (made.names, made.truth.images) == (("a/0", "b/1"), 2)


def test_a_dataset_lacks_no_image_of_its_list(folder: Path) -> None:
    ws = Workspace.init(folder)
    Path("val.txt").write_text("a/0\nc/9\n")
    text = refused(
        PairingError, ws.datasets.add, "d", images="image", targets="gt", classes=2, list="val.txt"
    )
    assert text == (
        "1 of 2 targets has no image in image:\n  c/9\n"
        "hint: add what is missing, or take them out of the list"
    )


def test_the_form_of_datasets_takes_a_list(folder: Path) -> None:
    fields = {"images": "image", "targets": "gt", "classes": "2", "list": " val.txt "}
    arguments = dataset_arguments(fields, Faults())
    assert arguments["list"] == "val.txt"
    assert dataset_fields("new", arguments)["list"] == "val.txt"


def test_errors_of_a_list_are_spelled_as_the_command_line_does(folder: Path) -> None:
    Path("val.txt").write_text("a/0\nx\n")
    for command in ("evaluate", "audit"):
        assert run(command, *SIDES, "--classes", 2, "--list", "val.txt").stderr == (
            "error: `--list`: 1 of 2 names in val.txt is not in gt:\n  line 2: x\n"
            "hint: files there are called as a/0 is, with or without ending\n"
        )
    result = run("evaluate", *SIDES, "--classes", 2, "--list", "val.txt", "--json", "val.txt")
    assert result.stderr.startswith(
        "error: val.txt: expected a file to write, found one that the result is made"
    )


def test_a_listed_target_without_prediction_is_missing(folder: Path) -> None:
    Path("val.txt").write_text("a/0\nc/9\n")
    part = evaluate(pred="pred", target="gt", classes=2, list="val.txt", on_error="skip")
    assert (part.names, [failure.name for failure in part.failures]) == (("a/0",), ["c/9"])
    assert refused(PairingError, evaluate, pred="pred", target="gt", classes=2, list="val.txt") == (
        "1 of 2 targets has no prediction in pred:\n  c/9\n"
        'hint: add what is missing, or score the rest with `on_error="skip"`'
    )
