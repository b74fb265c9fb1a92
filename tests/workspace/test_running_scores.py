"""Folders of predictions that are probability maps or class scores, as models of a workspace."""

from pathlib import Path

import numpy as np
import pytest

from segscore import ArgumentError, EvaluationError, Workspace, evaluate
from support.command_line import run
from support.masks_on_disk import write
from support.refused import refused
from support.workspaces import TARGETS, add_dataset, write_project

RANDOM = np.random.default_rng(0)
SHARES = {name: RANDOM.integers(0, 256, (2, 3)) for name in TARGETS}
LOGITS = {name: RANDOM.standard_normal((2, 2, 3)).astype(np.float32) for name in TARGETS}


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    folder = tmp_path / "project"
    write_project(folder)
    write(folder, {f"gray/{name}.png": values for name, values in SHARES.items()})
    write(folder, {f"scores/{name}.npy": values for name, values in LOGITS.items()})
    monkeypatch.chdir(folder)
    made = Workspace.init(folder)
    add_dataset(made)
    return made


def test_a_folder_of_probability_maps_is_run_with_its_threshold(ws: Workspace) -> None:
    done = run("model", "add", "gray", "--predictions", "gray", "--threshold", "0.4")
    assert done.exit_code == 0, done.stderr
    found = ws.run("gray", "streets", progress=False)
    labels = [(values / 255 >= 0.4).astype(int) for values in SHARES.values()]
    expected = evaluate(
        pred=labels, target=list(map(np.array, TARGETS.values())), classes=2, ignore_index=255
    )
    assert ws.evaluation(found.id).table == expected.table
    assert {files.pred for files in ws.evaluation(found.id).files.values()} == {None}


def test_a_folder_of_class_scores_is_run_with_its_axis(ws: Workspace) -> None:
    ws.models.add("net", predictions="scores", options={"class_axis": 0})
    found = ws.run("net", "streets", progress=False)
    labels = [scores.argmax(axis=0) for scores in LOGITS.values()]
    expected = evaluate(
        pred=labels, target=list(map(np.array, TARGETS.values())), classes=2, ignore_index=255
    )
    assert ws.evaluation(found.id).table == expected.table
    ws.models.add("plain", predictions="scores")
    assert "`pred` is float32, expected bools or integers" in refused(
        EvaluationError, ws.run, "plain", "streets", progress=False
    )
    assert refused(ArgumentError, ws.models.add, "x", predictions="scores", options={"class_axis": 1}) == (
        "`class_axis` is 1\nhint: it is 1 for (n, K, h, w) or -1 for (n, h, w, K) of an ONNX output, 0 for "
        "(K, h, w) or -1 for (h, w, K) of a function or a file"
    )
