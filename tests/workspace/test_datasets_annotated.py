"""Datasets whose targets are annotations: what is kept of them, and what tells that they have changed."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore import ArgumentError, FileFormatError, Workspace
from support.annotated import CAR, DOG, HEIGHT, WIDTH, coco, labels, written
from support.command_line import run
from support.refused import refused


def folders(root: Path) -> tuple[Workspace, str, Path]:
    """Return a workspace, annotations and a folder of photographs."""
    images = root / "images" / "sub"
    images.mkdir(parents=True)
    Image.new("RGB", (WIDTH, HEIGHT)).save(root / "images" / "a.jpg")
    Image.new("RGB", (3, 2)).save(images / "b.jpg")
    return Workspace.init(root), written(root, coco()), root / "images"


def test_label_maps_and_digests_are_kept(tmp_path: Path) -> None:
    ws, target, images = folders(tmp_path)
    made = ws.datasets.add("street", targets=target, images=images, progress=False)
    assert (made.classes.names, made.names) == (("background", "car", "dog"), ("a", "sub/b"))
    assert made.truth.class_pixels.tolist() == [38, 6, 10]
    assert np.asarray(Image.open(made.target_paths[0])).tolist() == labels((3, CAR), (7, DOG)).tolist()
    assert made.drawn is not None
    assert [file.path for file in made.drawn.files] == ["annotations.json"]
    text = str(made)
    assert "targets are annotations in `annotations.json`" in text
    assert "6 of 16 covered pixels are claimed by objects of several classes" in text
    again = ws.datasets["street"]
    assert (again.drawn, again.changes(verify=True)) == (made.drawn, {})
    (tmp_path / "annotations.json").write_text(json.dumps(coco(annotations=[])))
    assert list(again.changes(verify=True)) == ["annotations.json"]


def test_the_same_annotations_are_painted_once(tmp_path: Path) -> None:
    ws, target, _ = folders(tmp_path)
    first = ws.datasets.add("a", targets=target, progress=False)
    second = ws.datasets.add("b", targets=target, classes=first.classes, progress=False)
    assert first.target_paths == second.target_paths
    assert [path.name for path in (tmp_path / ".segscore" / "painted").iterdir()] == [
        Path(first.target_paths[0]).parent.name
    ]
    other = segscore.Classes(["bg", "dog", "car"])
    third = ws.datasets.add("c", targets=target, classes=other, progress=False)
    assert third.truth.class_pixels.tolist() == [38, 10, 6]
    assert third.digest != second.digest == first.digest


def test_what_is_wrong_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ws, target, _ = folders(tmp_path)
    assert refused(ArgumentError, lambda: ws.datasets.add("a", targets=tmp_path / "images")) == (
        "`classes` is not given\nhint: name the classes, or a preset of them"
    )
    bad = written(tmp_path, coco(annotations=[3]), "bad.json")
    assert refused(FileFormatError, lambda: ws.datasets.add("a", targets=bad)).startswith(
        f"{bad}, annotations[0]: "
    )
    monkeypatch.setattr("os.rename", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(segscore.OutputError, match="cannot be written: No space left on device"):
        ws.datasets.add("a", targets=target, progress=False)
    assert [*(tmp_path / ".segscore" / "painted").iterdir()] == []


def test_on_the_command_line(tmp_path: Path) -> None:
    _, target, images = folders(tmp_path)
    options = ("--workspace", str(tmp_path), "--no-progress")
    done = run("dataset", "add", "street", "--targets", target, "--images", str(images), *options)
    assert "targets are annotations in `annotations.json`" in done.stdout
    pred = tmp_path / "pred" / "sub"
    pred.mkdir(parents=True)
    Image.fromarray(labels((3, CAR)).astype(np.uint8)).save(pred.parent / "a.png")
    Image.new("L", (3, 2)).save(pred / "b.png")
    run("model", "add", "m", "--predictions", str(pred.parent), "--workspace", str(tmp_path))
    done = run("run", "m", "--on", "street", *options)
    assert "2 images scored" in done.stdout
    done = run("dataset", "add", "x", "--targets", str(images), "--workspace", str(tmp_path))
    assert (done.exit_code, done.stderr.splitlines()[0]) == (2, "error: `--classes` is not given")


def test_damaged_manifests_are_refused(tmp_path: Path) -> None:
    ws, target, _ = folders(tmp_path)
    ws.datasets.add("a", targets=target, progress=False)
    path = tmp_path / ".segscore" / "datasets" / "a" / "v1.json"
    manifest = json.loads(path.read_text())
    assert manifest["annotations"]["files"][0]["path"] == "annotations.json"
    for damaged in (3, {}, {"files": [3], "facts": []}, {"files": [], "facts": [3]}):
        path.write_text(json.dumps({**manifest, "annotations": damaged}))
        with pytest.raises(FileFormatError):
            str(Workspace(tmp_path).datasets["a"])
