"""Datasets of maps of ids in a workspace: what a version keeps, what runs come to, and what is refused."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore import ArgumentError, FileFormatError, Workspace, WorkspaceError
from segscore.pages.crops import crops_of
from segscore.workspace.registry.datasets import digest_of_content
from support.command_line import printed
from support.refused import refused

SIDE = 20


def cells(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return three cells of an image, and what a model makes of them: one is lost, the others are moved."""
    random = np.random.default_rng(seed)
    target = np.zeros((SIDE, SIDE), np.uint16)
    for i in range(3):
        top = int(random.integers(2, 12))
        target[top : top + 6, 6 * i : 6 * i + 5] = 300 * (i + 1)
    pred = np.roll(target, 1, axis=0) + 7
    pred[np.isin(pred, [7, 307])] = 0
    return target, pred


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    """Return a workspace with four images of cells and a folder of predictions."""
    for name in ("images", "target", "pred"):
        (tmp_path / name).mkdir()
    for i in range(4):
        for side, labels in zip(("target", "pred"), cells(i), strict=True):
            Image.fromarray(labels).save(tmp_path / side / f"c{i}.png")
        Image.new("L", (SIDE, SIDE), i).save(tmp_path / "images" / f"c{i}.png")
    made = Workspace.init(tmp_path)
    made.models.add("net", predictions=tmp_path / "pred")
    made.datasets.add(
        "cells",
        targets=tmp_path / "target",
        images=tmp_path / "images",
        classes=["cell"],
        groups=r"c(\d)",
        instances="ids",
        progress=False,
    )
    return made


def test_a_run_has_what_evaluating_the_folders_has(ws: Workspace) -> None:
    run = ws.run("net", "cells", progress=False)
    sides = {"pred": ws.path / "pred", "target": ws.path / "target"}
    ev = segscore.evaluate(**sides, instances="ids", classes=["cell"], groups=r"c(\d)", progress=False)
    assert run.evaluation == ev
    assert (run.metrics["mean_pq"], run.metrics["mean_f1@0.5"]) == (ev.metric("mean_pq"), 0.8)
    assert ev.panoptic.tp.tolist() == [0, 8]
    assert ev.panoptic.fn.tolist() == [0, 4]
    assert len(crops_of(ws.evaluation("r1"))) > 0
    with ThreadPoolExecutor(2) as pool:
        shared = ws.run("net", "cells", again=True, executor=pool, progress=False)
    assert shared.evaluation == ev
    bands = ws.run("net", "cells", boundary="1px", progress=False)
    ev = segscore.evaluate(**sides, instances="ids", classes=["cell"], boundary="1px", progress=False)
    assert bands.metrics["mean_boundary_pq"] == ev.metric("mean_boundary_pq") < run.metrics["mean_pq"]
    assert [one.id for one in ws.runs()] == ["r1", "r2", "r3"]
    assert ws.run("net", "cells", progress=False).id == "r2"


def test_a_version_keeps_that_its_targets_are_ids(ws: Workspace) -> None:
    dataset = Workspace(ws.path).datasets["cells"]
    assert (dataset.instances, dataset.classes.names) == ("ids", ("background", "cell"))
    assert dataset.truth.class_images.tolist() == [4, 4]
    assert dataset.truth.class_pixels.tolist() == [4 * (SIDE**2 - 90), 4 * 90]
    assert "objects: each id of a target but 0 is one" in str(dataset).splitlines()
    assert dataset.changes(verify=True) == {}
    audit = dataset.audit(progress=False)
    assert [finding.kind for finding in audit.findings] == []
    of_classes = ws.datasets.add(
        "masks",
        targets=ws.path / "target",
        images=ws.path / "images",
        classes=segscore.Classes(["background", "cell"], [0, (300, 600, 900)]),
        groups=r"c(\d)",
        progress=False,
    )
    assert of_classes.digest != dataset.digest
    assert of_classes.instances == ""
    assert ws.datasets.diff("cells", "masks").reading_changed == (
        "targets are masks of classes, were maps of ids",
    )


def test_a_manifest_without_the_one_class_is_damaged(ws: Workspace) -> None:
    (path,) = ws.path.glob(".segscore/datasets/cells/*.json")
    manifest = json.loads(path.read_text())
    manifest["classes"]["names"] = ["background", "bg"]
    path.write_text(json.dumps(manifest | {"digest": digest_of_content(manifest)}))
    said = refused(FileFormatError, lambda: Workspace(ws.path).datasets["cells"])
    assert "the manifest of dataset cells, version v1" in said


def test_targets_that_changed_are_no_run(ws: Workspace) -> None:
    Image.fromarray(cells(9)[0]).save(ws.path / "target" / "c2.png")
    said = refused(WorkspaceError, lambda: ws.run("net", "cells", progress=False))
    assert said.startswith("1 of 8 files of dataset cells, version v1, changed since it was added:")


def test_what_is_refused(ws: Workspace) -> None:
    (ws.path / "results.json").write_text("[]")
    (ws.path / "net.py").write_text("def net(image):\n    return image\n")
    ws.models.add("results", predictions=ws.path / "results.json")
    ws.models.add("function", python="net:net")
    hint = "hint: a folder of predictions is run on such datasets, and nothing else is"
    for name, what in (("results", "a file of results"), ("function", "a Python function")):
        assert refused(ArgumentError, lambda name=name: ws.run(name, "cells", progress=False)) == (
            f"{name}:v1 is {what}, and cells:v1 has maps of ids\n{hint}"
        )
    assert refused(ArgumentError, lambda: ws.run("net", "cells", distances=True, progress=False)).startswith(
        "`distances` cannot be given with `instances`\n"
    )
    add = {"targets": ws.path / "target", "instances": "ids", "progress": False}
    assert refused(ArgumentError, lambda: ws.datasets.add("odd", **add, classes=["a", "b"])) == (
        '`instances="ids"` needs one class that each id is an object of, found 2 classes\n'
        "hint: `InstanceEvaluator` takes the class of each id"
    )
    (ws.path / "parts" / "cell").mkdir(parents=True)
    Image.fromarray(cells(0)[0]).save(ws.path / "parts" / "cell" / "c0.png")
    parts = {**add, "targets": ws.path / "parts", "pairing": "{class}/{id}", "classes": ["cell"]}
    assert refused(ArgumentError, lambda: ws.datasets.add("odd", **parts)) == (
        "`pairing` names a file for each class, and ids of objects are in one file of each image\n"
        "hint: leave `{class}` out of the pattern"
    )
    assert "odd" not in ws.datasets


def test_the_command_line_adds_and_runs_them(ws: Workspace) -> None:
    at = ("--workspace", ws.path)
    added = printed(
        "dataset", "add", "all", "--targets", ws.path / "target", "--instances", "ids", "--no-progress", *at
    )
    assert "objects: each id of a target but 0 is one" in added.splitlines()
    assert ws.datasets["all"].classes.names == ("background", "object")
    assert "matched above an IoU of 0.5" in printed("run", "net", "--on", "all", "--no-progress", *at)
