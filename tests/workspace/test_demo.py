"""The workspaces of the demo where packages are missing: what stands for what, and what is said."""

import os
import signal
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from segscore import ArgumentError, SegscoreError, SegscoreWarning, WorkspaceError
from segscore.cli.ui import _workspace
from segscore.demo import cells, organs
from segscore.io.writing import write_file
from segscore.workspace import demo
from support.command_line import failed, run
from support.forked import children
from support.full_disk import Disk, full
from support.refused import refused


@pytest.fixture
def few(monkeypatch):
    """Two images a dataset, and one volume."""
    seeds = {name: dict(list(images.items())[:2]) for name, images in demo._SEEDS.items()}
    monkeypatch.setattr(demo, "_SEEDS", seeds)
    monkeypatch.setattr(organs, "VOLUMES", 1)
    monkeypatch.setattr(cells, "IMAGES", 2)


def absent(monkeypatch, *packages):
    """Let packages be as if they were not installed."""
    for package in packages:
        monkeypatch.setitem(sys.modules, package, None)


def broken(monkeypatch, folder, package):
    """Let a package be there, and fail when it is imported."""
    folder.mkdir()
    (folder / f"{package}.py").write_text("raise RuntimeError('built for another NumPy\\nand more')")
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))


@pytest.mark.usefixtures("few")
def test_predictions_stand_for_models_where_these_cannot_be_run(tmp_path, monkeypatch):
    absent(monkeypatch, "onnxruntime", "PIL", "nibabel")
    result = run("demo", "--workspace", "--dir", tmp_path / "a")
    assert result.exit_code == 0
    assert result.stderr == (
        "note: folders of predictions stand for the ONNX models, for want of onnxruntime and Pillow\n"
        "hint: `pip install 'segscore[run]'`\n"
        "note: volumes are `.npy` files, for want of nibabel\n"
        "hint: `pip install 'segscore[volumes]'`\n"
    )
    ws = demo.Workspace(tmp_path / "a" / "streets")
    assert {name: ws.models[name].form for name in ws.models} == {
        "cells": "predictions",
        "net": "predictions",
        "organs": "predictions",
    }
    runs = ws.runs()
    assert [(run.model, run.dataset, run.evaluation.requested) for run in runs] == [
        ("net:v1", "streets:v1", 2),
        ("net:v2", "streets:v1", 2),
        ("net:v2", "evenings:v1", 2),
        ("organs:v1", "organs:v1", 1),
        ("cells:v1", "cells:v1", 2),
        ("cells:v2", "cells:v1", 2),
    ]
    assert all(not run.evaluation.failures for run in runs)
    assert runs["r1"].metric("mean_iou") < runs["r2"].metric("mean_iou") < 1
    # Each is held against what was drawn for it: masks of other streets would have next to nothing in common.
    assert runs["r3"].metric("mean_iou") > 0.5
    assert runs["r4"].evaluation.measures.spacing == organs.SPACING_MM
    assert runs["r1"].note == "Borders are moved far, and many things are lost."


@pytest.mark.usefixtures("few")
def test_predictions_stand_for_models_where_a_package_is_broken(tmp_path, monkeypatch):
    broken(monkeypatch, tmp_path / "broken", "onnxruntime")
    why = "onnxruntime cannot be imported: RuntimeError: built for another NumPy"
    absent(monkeypatch, "nibabel")
    result = run("demo", "--workspace", "--dir", tmp_path / "a")
    assert (result.exit_code, result.stderr) == (
        0,
        f"note: folders of predictions stand for the ONNX models, as {why}\n"
        "hint: `pip install 'segscore[run]'`\n"
        "note: volumes are `.npy` files, for want of nibabel\n"
        "hint: `pip install 'segscore[volumes]'`\n",
    )
    ws = demo.Workspace(tmp_path / "a" / "streets")
    assert len(ws.runs()) == 6
    assert ws.models["net"].form == "predictions"
    # A model is added, as nobody knows better, and not run.
    file = Path(organs.__file__).parent / "net-v1.onnx"
    with pytest.warns(
        SegscoreWarning, match="model other: nobody knows whether it can run: onnxruntime cannot"
    ):
        ws.models.add("other", onnx=file, options={"scale": 1 / 255})
    assert ws.models["other"].untried == why
    assert refused(ArgumentError, ws.run, "other", "streets", progress=False) == (
        f"ONNX models are run by {why.replace(' cannot', ', which cannot')}\n"
        "hint: it is there, and broken: remove it, then `pip install 'segscore[run]'`"
    )


@pytest.mark.usefixtures("few")
def test_workspaces_are_never_made_over_anything(tmp_path, monkeypatch):
    absent(monkeypatch, "onnxruntime")
    made = demo.write_workspaces(tmp_path)
    assert made.instead == (
        (
            "folders of predictions stand for the ONNX models, for want of onnxruntime",
            "`pip install 'segscore[run]'`",
        ),
    )
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    result = run("demo", "--workspace", "--dir", tmp_path)
    assert (result.exit_code, result.stderr) == (
        2,
        f"error: {tmp_path}: is not empty, and the workspaces of the demo are always new\n"
        "hint: name another folder with `--dir`\n",
    )
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


@pytest.mark.usefixtures("few")
def test_workspaces_that_cannot_be_made_whole_are_not_there_and_can_be_made_later(tmp_path, monkeypatch):
    absent(monkeypatch, "onnxruntime", "nibabel")
    volume = "streets/volumes/patient_0.npy"
    (tmp_path / "mine").mkdir()
    for folder in (tmp_path / "mine", tmp_path / "new" / "er"):
        with monkeypatch.context() as now:
            now.setattr(organs, "write_file", lambda path, _: write_file(path / "x", b""))
            assert failed(run("demo", "--workspace", "--dir", folder)) == (
                f"{folder}/.segscore-demo-unfinished/{volume}/x: cannot be written: No such file or "
                "directory\n"
                "hint: choose a folder that is there, writable, and on a disk with room"
            )
        # What was there before stays, and nothing else does.
        assert [*tmp_path.rglob("*")] == [tmp_path / "mine"]
    assert run("demo", "--workspace", "--dir", tmp_path / "new" / "er").exit_code == 0
    assert (tmp_path / "new" / "er" / volume).is_file()


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_workspaces_on_a_disk_that_is_full_leave_nothing(tmp_path, monkeypatch, share):
    absent(monkeypatch, "onnxruntime")
    with full(Disk(tmp_path)) as disk:
        demo.write_workspaces(tmp_path / "a")
    with full(Disk(tmp_path, int(share * len(disk.moments)))), pytest.raises(SegscoreError):
        demo.write_workspaces(tmp_path / "b")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("last", ["_add_images", "_add_organs", "move_up"])
def test_workspaces_of_a_process_that_was_killed_are_not_taken_for_whole_ones(tmp_path, monkeypatch, last):
    absent(monkeypatch, "onnxruntime", "nibabel")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SEGSCORE_WORKSPACE", raising=False)
    folder = tmp_path / demo.FOLDER

    def killed(*of):
        getattr(before, last)(*of)
        os.kill(os.getpid(), signal.SIGKILL)

    before = SimpleNamespace(**vars(demo))
    with monkeypatch.context() as now:
        now.setattr(demo, last, killed)
        assert children(1, lambda: demo.write_workspaces(folder)) == 0
    assert (folder / ".segscore-demo-unfinished").is_dir()
    assert not (folder / "streets").exists()
    with pytest.raises(WorkspaceError):
        _workspace(None)
    if last != "move_up":
        made = demo.write_workspaces(folder)
        assert [path.name for path in sorted(folder.iterdir())] == ["evenings", "streets"]
        assert [run.evaluation.requested for run in made.workspace.runs()] == [2, 2, 2, 1, 2, 2]
        assert made.workspace.datasets["evenings"].workspace == folder / "evenings"


@pytest.mark.usefixtures("few")
def test_an_interrupt_leaves_no_workspaces_but_what_others_have_put_beside_them(tmp_path, monkeypatch):
    absent(monkeypatch, "onnxruntime")

    def interrupted(ws):
        (tmp_path / "new" / "thesis.txt").touch()
        raise KeyboardInterrupt

    monkeypatch.setattr(demo, "_add_organs", interrupted)
    with pytest.raises(KeyboardInterrupt):
        demo.write_workspaces(tmp_path / "new" / "a")
    assert [*tmp_path.rglob("*")] == [tmp_path / "new", tmp_path / "new" / "thesis.txt"]
