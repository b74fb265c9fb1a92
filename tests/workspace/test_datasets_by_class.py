"""Datasets whose targets have one file for each class, and runs on them."""

import json
from pathlib import Path

import numpy as np
import pytest

from segscore import EvaluationError, FileFormatError, PairingError, Workspace, WorkspaceError, evaluate
from support.command_line import run
from support.masks_on_disk import write
from support.refused import refused

NAMES = ["background", "cat", "dog"]
RANDOM = np.random.default_rng(7)
TARGETS = RANDOM.integers(0, 3, (3, 6, 7))
PREDS = RANDOM.integers(0, 3, (3, 6, 7))
PAIRING = "{id}:{class}/{id}"


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.chdir(tmp_path)
    for i, (target, pred) in enumerate(zip(TARGETS, PREDS, strict=True)):
        write(tmp_path, {f"image/{i}.png": pred, f"pred/{i}.png": pred})
        for label, name in enumerate(NAMES[1:], start=1):
            write(tmp_path, {f"target/{name}/{i}.png": (target == label) * 255})
    return Workspace.init(tmp_path)


def add(ws: Workspace, **options: object) -> None:
    given = {"images": "image", "targets": "target", "classes": NAMES, "pairing": PAIRING, "progress": False}
    ws.datasets.add("animals", **{**given, **options})  # type: ignore[arg-type]


def test_a_version_holds_all_files_and_what_they_say(ws: Workspace) -> None:
    add(ws)
    found = Workspace(ws.path).datasets["animals"]
    assert found.names == ("0", "1", "2")
    assert [sorted(target) for target in found.targets] == [["cat", "dog"]] * 3
    assert found.truth.class_pixels.tolist() == [(i == TARGETS).sum() for i in range(3)]
    assert found.truth.sizes == {(6, 7): 3}
    assert "\npixels that no file claims are `background`\n" in str(found)
    assert found.changes(verify=True) == {}


def test_the_command_line_adds_them(ws: Workspace) -> None:
    given = ("--images", "image", "--targets", "target", "--pairing", PAIRING)
    new = run("classes", "new", "--from", "target", "--pairing", "{class}/{id}").stdout
    Path("classes.toml").write_text(new.replace("confirmed = false", "confirmed = true"))
    told = run("dataset", "add", "animals", *given, "--classes", "classes.toml")
    assert (told.stderr, told.stdout) == ("", run("dataset", "show", "animals").stdout)
    assert ws.datasets["animals"].classes.names == tuple(NAMES)


def test_a_run_reads_them_as_a_label_map(ws: Workspace) -> None:
    add(ws)
    ws.models.add("net", predictions="pred")
    found = ws.run("net", "animals", progress=False).evaluation
    whole = evaluate(pred=list(PREDS), target=list(TARGETS), classes=NAMES)
    assert found.confusion == whole.confusion


def test_predictions_may_be_files_of_classes_as_well(ws: Workspace, tmp_path: Path) -> None:
    for i, pred in enumerate(PREDS):
        files = {f"parts/{i}_{name}.png": pred == label for label, name in enumerate(NAMES) if label}
        write(tmp_path, files)
    add(ws)
    ws.models.add("net", predictions="parts", options={"pairing": "{id}_{class}:*/{id}"})
    whole = evaluate(pred=list(PREDS), target=list(TARGETS), classes=NAMES)
    assert ws.run("net", "animals", progress=False).evaluation.confusion == whole.confusion


def test_a_function_is_run_on_them(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "gray.py").write_text("def gray(image):\n    return image[..., 0]\n")
    add(ws)
    ws.models.add("net", python="gray:gray")
    whole = evaluate(pred=list(PREDS), target=list(TARGETS), classes=NAMES)
    assert ws.run("net", "animals", progress=False).evaluation.confusion == whole.confusion


def test_a_file_of_a_class_that_changes_is_named(ws: Workspace, tmp_path: Path) -> None:
    add(ws)
    ws.models.add("net", predictions="pred")
    write(tmp_path, {"target/dog/1.png": TARGETS[1] * 0})
    assert list(ws.datasets["animals"].changes(verify=True)) == ["target/dog/1.png"]
    with pytest.raises(WorkspaceError, match="1 of 9 files of dataset animals, version v1, changed"):
        ws.run("net", "animals", progress=False)
    add(ws)
    assert ws.datasets.diff("animals:v1", "animals:v2").targets_changed == ("1",)


def test_binary_classes_have_files_of_their_names(ws: Workspace, tmp_path: Path) -> None:
    for i, target in enumerate(TARGETS):
        write(tmp_path, {f"two/{i}_foreground.png": target == 1, f"two/{i}_background.png": target != 1})
    add(ws, targets="two", classes="binary", pairing="{id}:{id}_{class}")
    ones = int((TARGETS == 1).sum())
    assert ws.datasets["animals"].truth.class_pixels.tolist() == [TARGETS.size - ones, ones]


def test_classes_that_overlap_are_refused(ws: Workspace, tmp_path: Path) -> None:
    write(tmp_path, {"target/dog/1.png": TARGETS[1] * 0 + 1})
    both = int((TARGETS[1] == 1).sum())
    said = f"overlap: `cat` and `dog` in {both} pixels"
    with pytest.raises(EvaluationError, match=said):
        add(ws)


def test_a_target_without_any_file_is_a_damaged_manifest(ws: Workspace) -> None:
    add(ws)
    (path,) = ws.path.rglob("animals/v1.json")
    manifest = json.loads(path.read_text())
    manifest["images"][0]["target"]["classes"] = {}
    path.write_text(json.dumps(manifest))
    with pytest.raises(FileFormatError, match="manifest of dataset animals"):
        Workspace(ws.path).datasets["animals"]


def test_a_name_that_no_class_has_is_an_error(ws: Workspace) -> None:
    assert "cat: 3 files, such as cat/0.png" in refused(PairingError, add, ws, classes=["background", "dog"])
