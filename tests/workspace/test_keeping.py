"""Predictions that a run keeps: where they may be written, and that they are there whole or not at all."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segscore import FileFormatError, OutputError, Workspace
from segscore.workspace.registry.datasets import digest_of_content
from segscore.workspace.runs.keeping import keep_prediction, kept_prediction
from support import hints
from support.refused import refused
from support.some_runs import add_function, add_images, kept, names_of, run, write_images, ws

__all__ = ["ws"]
LABELS = np.ones((2, 3), np.uint8)


@pytest.mark.parametrize(
    "name", ["../../../escaped", "city/../../escaped", "/escaped", "city//a", "a\0b", "..", ""]
)
def test_a_linked_dataset_cannot_name_files_elsewhere(tmp_path: Path, ws: Workspace, name: str) -> None:
    there = tmp_path / "there"
    write_images(there, names_of(2))
    other = Workspace.init(there)
    add_images(other, "theirs")
    ws.link(there, "theirs")
    (path,) = other.path.glob(".segscore/datasets/theirs/*.json")
    content = json.loads(path.read_text())
    content["images"][0]["name"] = name
    content["digest"] = digest_of_content(content)
    path.chmod(0o644)
    path.write_text(json.dumps(content))
    add_function(ws)
    assert refused(FileFormatError, run, ws, dataset="theirs") == (
        f"{path}: expected the manifest of dataset theirs, version v1, found another kind of file or a "
        "damaged one\n"
        f"hint: {hints.BRING_BACK}"
    )


@pytest.mark.parametrize("name", ["../escaped", "away/escaped", "a/../../escaped"])
def test_nothing_is_written_outside_the_folder_of_a_run(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "predictions"
    folder.mkdir()
    (tmp_path / "elsewhere").mkdir()
    (folder / "away").symlink_to(tmp_path / "elsewhere")
    assert refused(OutputError, keep_prediction, folder, name, LABELS) == (
        f"{folder / name}.png: the prediction cannot be kept: its name leads out of the folder of the run\n"
        "hint: add the dataset anew with names of files within its folders"
    )
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["away", "elsewhere", "predictions"]


def test_a_prediction_that_cannot_be_written_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_prediction(tmp_path, "city/a", LABELS)
    path = tmp_path / "city/a.png"
    before = path.read_bytes()

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert refused(OutputError, keep_prediction, tmp_path, "city/a", LABELS * 2) == (
        f"{path}: the prediction cannot be kept: No space left on device\n"
        "hint: free some room and run the same again, which goes on here; or add `--no-keep-predictions`"
    )
    assert path.read_bytes() == before
    assert os.listdir(path.parent) == ["a.png"]


def test_a_prediction_of_the_other_kind_takes_the_place_of_the_first(tmp_path: Path) -> None:
    for labels, suffix in ((LABELS, ".png"), (-LABELS.astype(int), ".npy"), (LABELS, ".png")):
        keep_prediction(tmp_path, "a", labels)
        assert os.listdir(tmp_path) == [f"a{suffix}"]
        assert kept_prediction(tmp_path, "a") == tmp_path / f"a{suffix}"


def test_what_a_kill_left_of_a_prediction_is_removed(ws: Workspace) -> None:
    add_function(ws)

    def stop(_: Any) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        run(ws, progress=stop)
    folder = ws.path / ".segscore/runs/r1/predictions/city"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".001.png.0123456789abcdef.part").write_bytes(b"half")
    assert len(kept(run(ws))) == 7
    assert not list(folder.glob(".*"))
