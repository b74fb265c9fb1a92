"""Audits of targets alone, what fails them, and the hook that runs one before each commit."""

import json
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from segscore import Workspace
from support.command_line import printed, run
from support.documents import ROOT
from support.elsewhere import stored, tarred, zipped
from support.masks_on_disk import png

TARGETS = {"a": [[0, 1, 1, 0]], "b": [[0, 0, 1, 1]], "c": [[1, 0, 1, 0]]}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three targets of two classes in a folder `labels`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "labels").mkdir()
    for name, labels in TARGETS.items():
        (tmp_path / "labels" / f"{name}.png").write_bytes(png(labels))
    return tmp_path


ALONE = ("audit", "--target", "labels", "--classes", "2")


def kinds(*options: str) -> dict[str, str]:
    """Return what is found, with how bad it is."""
    found = json.loads(printed(*ALONE, *options, "--json", "-"))["findings"]
    return {one["kind"]: one["severity"] for one in found}


def test_targets_alone_are_audited_as_those_of_a_dataset(folder: Path) -> None:
    data = Workspace.init(".").datasets.add("d", targets="labels", classes=2, progress=False)
    assert json.loads(printed(*ALONE, "--json", "-")) == json.loads(json.dumps(data.audit().to_dict()))
    assert "ground truth of 3 images, 12 pixels" in printed(*ALONE)
    assert kinds() == {}


def _kinds_of_masks(folder: Path) -> list[tuple[str, ...]]:
    """Return where the same targets lie as other kinds of masks, as options of an audit."""
    files = {path.name: path.read_bytes() for path in (folder / "labels").iterdir()}
    zipped(folder / "labels.zip", files)
    tarred(folder / "labels.tar", files)
    there = stored("labels", files)
    places = ("labels.zip", "labels.tar", there, f"{there}/*.png", f"zip://::{folder}/labels.zip")
    return [("audit", "--target", place, "--classes", "2") for place in places]


def test_targets_of_all_kinds_are_audited_as_those_of_a_folder(folder: Path) -> None:
    (folder / "labels" / "e.png").write_bytes(png(TARGETS["a"]))
    (folder / "labels" / "d.png").write_bytes(png([[0, 7, 1, 0]]))
    expected = json.loads(printed(*ALONE, "--json", "-"))
    (doubled,) = [one for one in expected["findings"] if one["kind"] == "doubled-images"]
    assert doubled["evidence"]["files"] == ["a", "e"]
    # How masks are stored is not known of what is elsewhere.
    assert expected["truth"].pop("forms") == {"PNG gray 8 bits": 5}
    assert expected["truth"].pop("sizes") == [{"shape": [1, 4], "images": 5}]
    for options in _kinds_of_masks(folder):
        found = json.loads(printed(*options, "--json", "-"))
        assert (found["truth"].pop("forms"), found["truth"].pop("sizes")) == ({}, [])
        assert found == expected


def test_each_image_of_a_stack_is_audited(folder: Path) -> None:
    masks = np.random.default_rng(1).integers(0, 2, (4, 6, 5)).astype(np.uint8)
    masks[3] = masks[0]
    np.save("stack.npy", masks)
    found = json.loads(printed("audit", "--target", "stack.npy", "--classes", "2", "--json", "-"))
    assert found["truth"]["images"] == 4
    (doubled,) = found["findings"]
    assert (doubled["kind"], doubled["evidence"]["files"]) == ("doubled-images", ["stack[0]", "stack[3]"])


def test_labels_that_are_no_class_and_files_that_are_copies_or_none_are_found(folder: Path) -> None:
    (folder / "labels" / "d.png").write_bytes(png([[0, 7, 1, 0]]))
    (folder / "labels" / "e.png").write_bytes(png(TARGETS["a"]))
    (folder / "labels" / "f.jpg").write_bytes(b"\xff\xd8\xff")
    (folder / "labels" / "g.png").write_bytes(b"no picture")
    assert kinds().items() >= {
        ("unknown-labels", "error"),
        ("not-scored", "error"),
        ("doubled-images", "note"),
        ("left-out-files", "note"),
    }
    assert kinds("--ignore", "7").keys().isdisjoint({"unknown-labels"})


def test_findings_end_with_exit_code_1_where_that_is_asked_for(folder: Path) -> None:
    for severity in ("error", "warning", "note"):
        assert run(*ALONE, "--fail-on", severity).exit_code == 0
    (folder / "labels" / "e.png").write_bytes(png(TARGETS["a"]))
    assert run(*ALONE).exit_code == 0
    assert run(*ALONE, "--fail-on", "warning").exit_code == 0
    done = run(*ALONE, "--fail-on", "note")
    assert (done.exit_code, done.stderr) == (
        1,
        "gate failed: 1 finding, and `--fail-on note` lets none pass\n",
    )
    (folder / "labels" / "d.png").write_bytes(png([[0, 7, 1, 0]]))
    for severity in ("error", "warning", "note"):
        assert run(*ALONE, "--fail-on", severity).exit_code == 1
    both = ("--pred", "labels/a.png", "--target", "labels/d.png", "--classes", "2")
    assert run("audit", *both, "--fail-on", "error").exit_code == 1


def test_the_hook_fails_a_commit_of_wrong_labels(folder: Path) -> None:
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert (hook["id"], hook["language"], hook["pass_filenames"]) == ("segscore-audit", "system", False)
    name, *words = shlex.split(hook["entry"])
    assert name == "segscore"
    command = [sys.executable, "-m", name, *words, "--target=labels", "--classes=2"]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0
    (folder / "labels" / "d.png").write_bytes(png([[0, 7, 1, 0]]))
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (
        1,
        "gate failed: 1 finding, and `--fail-on error` lets none pass\n",
    )
