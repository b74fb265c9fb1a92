"""Datasets of panoptic files in a workspace: what a version keeps, what runs come to, and what is refused."""

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore import (
    ArgumentError,
    EvaluationError,
    FileFormatError,
    PairingError,
    Workspace,
    WorkspaceError,
)
from segscore.pages.crops import crops_of
from segscore.workspace.registry.datasets import digest_of_content
from support.command_line import printed, run
from support.instances import NAMES, drawn
from support.refused import refused

CATEGORIES = [{"id": 10 * i, "name": name, "isthing": int(name != "sky")} for i, name in enumerate(NAMES, 1)]
IDS = {one["name"]: one["id"] for one in CATEGORIES}


def segment(key: int, of: Any, ids: np.ndarray) -> dict[str, Any]:
    name, crowd = (of, 0) if isinstance(of, str) else (of[0], 1)
    return {"id": key, "category_id": IDS[name], "iscrowd": crowd, "area": int((ids == key).sum())}


def write(folder: Path, name: str, side: str, images: dict[int, dict[str, Any]]) -> Path:
    """Write a panoptic file and its PNG files, and return its path."""
    (folder / name).mkdir()
    entries = []
    for key, image in images.items():
        ids = np.asarray(image[side]).astype(np.int64)
        colours = np.stack([ids & 255, ids >> 8 & 255, ids >> 16], axis=-1).astype(np.uint8)
        Image.fromarray(colours).save(folder / name / f"{side}_{key}.png")
        segments = [segment(one, of, ids) for one, of in image[f"{side}_segments"].items()]
        entries.append({"image_id": key, "file_name": f"{side}_{key}.png", "segments_info": segments})
    path = folder / f"{name}.json"
    path.write_text(json.dumps({"annotations": entries, "categories": CATEGORIES}))
    return path


@pytest.fixture
def ws(tmp_path: Path) -> Workspace:
    """Return a workspace with eight images in panoptic files: targets, and predictions of all but one."""
    images = {seed: drawn(seed) for seed in range(8)}
    target = write(tmp_path, "truth", "target", images)
    pred = write(tmp_path, "found", "pred", {key: images[key] for key in range(7)})
    made = Workspace.init(tmp_path)
    made.datasets.add("streets", targets=target, instances="coco-panoptic", progress=False)
    made.models.add("net", predictions=pred)
    return made


def test_a_run_has_what_evaluating_both_files_has(ws: Workspace) -> None:
    kept = ws.run("net", "streets", progress=False)
    sides = {"pred": ws.path / "found.json", "target": ws.path / "truth.json"}
    ev = segscore.evaluate(**sides, instances="coco-panoptic", on_error="skip", progress=False)
    assert kept.evaluation == ev
    assert kept.metrics["mean_pq"] == ev.metric("mean_pq") > 0
    assert [failure.name for failure in kept.evaluation.failures] == ["target_7"]
    assert len(crops_of(ws.evaluation(kept.id))) > 0
    with ThreadPoolExecutor(2) as pool:
        shared = ws.run("net", "streets", again=True, executor=pool, progress=False)
    assert shared.evaluation == ev
    bands = ws.run("net", "streets", boundary="1px", progress=False)
    ev = segscore.evaluate(
        **sides, instances="coco-panoptic", boundary="1px", on_error="skip", progress=False
    )
    assert bands.metrics["mean_boundary_pq"] == ev.metric("mean_boundary_pq")


def test_a_version_keeps_the_segments(ws: Workspace) -> None:
    assert str(ws.models["net"]).splitlines()[2:] == ["predictions: found.json", "with 7 maps of ids"]
    dataset = Workspace(ws.path).datasets["streets"]
    assert (dataset.instances, dataset.classes.names[:3]) == ("coco-panoptic", NAMES)
    assert dataset.segments is not None
    assert (dataset.segments.stuff, dataset.segments.keys["target_3"]) == ((30,), 3)
    text = str(dataset).splitlines()
    assert "objects: a file says of which class each id of a target is" in text
    assert "targets are annotations in `truth.json`" in text
    pixels = [0, 0, 0]
    for seed in range(8):
        image = drawn(seed)
        for one, of in image["target_segments"].items():
            pixels[NAMES.index(of if isinstance(of, str) else of[0])] += int((image["target"] == one).sum())
    assert dataset.truth.class_pixels.tolist()[:3] == pixels
    assert dataset.changes(verify=True) == {}
    assert dataset.audit(progress=False).truth.class_pixels.tolist() == dataset.truth.class_pixels.tolist()
    content = json.loads((ws.path / "truth.json").read_text())
    crowd = next(one for image in content["annotations"] for one in image["segments_info"] if one["iscrowd"])
    crowd["iscrowd"] = 0
    (ws.path / "truth.json").write_text(json.dumps(content))
    assert [*dataset.changes()] == ["truth.json"]
    other = ws.datasets.add(
        "streets", targets=ws.path / "truth.json", instances="coco-panoptic", progress=False
    )
    assert (other.version, other.digest == dataset.digest) == ("v2", False)
    changed = ws.datasets.diff("streets:v1", "streets:v2")
    assert (len(changed.targets_changed), changed.same, changed.reading_changed) == (1, 7, ())
    content["categories"][0]["isthing"] = 0
    (ws.path / "truth.json").write_text(json.dumps(content))
    ws.datasets.add("streets", targets=ws.path / "truth.json", instances="coco-panoptic", progress=False)
    stuff = ws.datasets.diff("streets:v2", "streets:v3")
    assert (stuff.targets_changed, stuff.reading_changed) == ((), ("other classes are stuff",))


def test_a_damaged_manifest_is_refused(ws: Workspace) -> None:
    (path,) = ws.path.glob(".segscore/datasets/streets/*.json")
    manifest = json.loads(path.read_text())
    busy = next(i for i, one in enumerate(manifest["images"]) if len(one["segments"]["id"]) > 1)
    for damage in (
        {"class": [0]},
        {"id": [0] * len(manifest["images"][busy]["segments"]["id"])},
        {"area": [-1.0] * len(manifest["images"][busy]["segments"]["id"])},
    ):
        changed = json.loads(json.dumps(manifest))
        changed["images"][busy]["segments"] |= damage
        path.write_text(json.dumps(changed | {"digest": digest_of_content(changed)}))
        said = refused(FileFormatError, lambda: Workspace(ws.path).datasets["streets"])
        assert "the manifest of dataset streets, version v1" in said
    for head in ({"stuff": [7]}, {"images": [one | {"image_id": 1} for one in manifest["images"]]}):
        changed = manifest | head
        path.write_text(json.dumps(changed | {"digest": digest_of_content(changed)}))
        assert "damaged" in refused(FileFormatError, lambda: Workspace(ws.path).datasets["streets"])


def test_files_that_changed_are_no_run(ws: Workspace) -> None:
    (ws.path / "found.json").write_text((ws.path / "found.json").read_text() + " ")
    said = refused(WorkspaceError, lambda: ws.run("net", "streets", progress=False))
    assert said.startswith("1 of 8 files of model net, version v1, changed since it was added:")


def test_a_file_with_the_time_and_size_of_another_one_is_told(ws: Workspace) -> None:
    path = ws.path / "found.json"
    before = path.stat()
    path.write_text(path.read_text().replace('"iscrowd": 0', '"iscrowd": 1', 1))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    said = refused(WorkspaceError, lambda: ws.run("net", "streets", progress=False))
    assert said.startswith("1 of 8 files of model net, version v1, changed since it was added:")
    assert [*ws.runs()] == []


def test_what_is_refused(ws: Workspace) -> None:
    (ws.path / "results.json").write_text("[]")
    ws.models.add("results", predictions=ws.path / "results.json")
    ws.models.add("maps", predictions=ws.path / "found")
    hint = "hint: a panoptic file is run on such datasets, and nothing else is"
    for name, what in (("results", "a file of results"), ("maps", "a folder of predictions")):
        assert refused(ArgumentError, lambda name=name: ws.run(name, "streets", progress=False)) == (
            f"{name}:v1 is {what}, and streets:v1 has panoptic targets\n{hint}"
        )
    ws.datasets.add("cells", targets=ws.path / "truth", instances="ids", progress=False)
    assert refused(ArgumentError, lambda: ws.run("net", "cells", progress=False)).startswith(
        "net:v1 is a panoptic file, and cells:v1 has maps of ids\n"
    )
    np.save(ws.path / "target_1.npy", np.zeros((2, 2), np.uint8))
    ws.datasets.add("masks", targets=ws.path / "target_1.npy", classes=["a"], progress=False)
    assert refused(ArgumentError, lambda: ws.run("net", "masks", progress=False)).startswith(
        "net:v1 is a panoptic file, and masks:v1 has masks\n"
    )
    add = {"targets": ws.path / "truth.json", "instances": "coco-panoptic", "progress": False}
    assert refused(ArgumentError, lambda: ws.datasets.add("odd", **add, classes=["a"])) == (
        '`classes` is given with `instances="coco-panoptic"`\nhint: the file names its classes: leave it out'
    )
    assert refused(ArgumentError, lambda: ws.datasets.add("odd", **add, pairing="{id}", dims=3)).startswith(
        '`pairing` and `dims` cannot be given with `instances="coco-panoptic"`\n'
    )
    assert refused(ArgumentError, lambda: ws.datasets.add("odd", **{**add, "targets": ["a.png"]})) == (
        "`targets`: expected a JSON file of panoptic targets, found ['a.png']\n"
        "hint: one file says of which classes the ids of all images are"
    )
    other = json.loads((ws.path / "found.json").read_text())
    for i, one in enumerate(other["annotations"]):
        one["image_id"] = 100 + i
    (ws.path / "found.json").write_text(json.dumps(other))
    ws.models.add("net", predictions=ws.path / "found.json")
    assert refused(PairingError, lambda: ws.run("net", "streets", progress=False)) == (
        f"no image of {ws.path}/found.json is in streets:v1\nhint: images are the same by `image_id`"
    )
    assert "odd" not in ws.datasets


def test_a_pipe_among_the_maps_is_not_waited_for(ws: Workspace) -> None:
    one, other = (ws.path / "found" / f"pred_{key}.png" for key in (0, 1))
    for path in (one, other):
        path.unlink()
    os.mkfifo(one)
    other.mkdir()
    assert refused(ArgumentError, lambda: ws.models.add("net", predictions=ws.path / "found.json")) == (
        f"2 files cannot be read:\n  {one}: expected a file, found a pipe or a device\n"
        f"  {other}: Is a directory\nhint: check that they are there and readable"
    )


def test_the_command_line_adds_and_runs_them(ws: Workspace) -> None:
    at = ("--workspace", ws.path)
    given = ("--targets", ws.path / "truth.json", "--instances", "coco-panoptic", "--no-progress")
    assert "targets are annotations in `truth.json`" in printed("dataset", "add", "all", *given, *at)
    printed("model", "add", "other", "--predictions", ws.path / "found.json", *at)
    done = run("run", "other", "--on", "all", "--no-progress", *map(str, at))
    assert "7 of 8 images scored" in done.stdout
    assert "matched above an IoU of 0.5" in done.stdout


def test_a_category_has_one_name_in_both_files(ws: Workspace) -> None:
    content = json.loads((ws.path / "found.json").read_text())
    content["categories"][0]["name"], content["categories"][1]["name"] = "tree", "a\nb"
    other = ws.path / "other.json"
    other.write_text(json.dumps(content))
    shutil.copytree(ws.path / "found", ws.path / "other")
    (first, a), (second, b) = ((one["id"], one["name"]) for one in CATEGORIES[:2])
    said = (
        f"{other}: 2 faults:\n"
        f"  category {first} is tree, but {a} in the targets\n"
        f"  category {second} is 'a\\nb', but {b} in the targets\n"
        "hint: an id has one name in both files: which of them is right?"
    )
    sides = {"pred": other, "target": ws.path / "truth.json"}
    assert refused(FileFormatError, segscore.evaluate, **sides, instances="coco-panoptic") == said
    ws.models.add("other", predictions=other)
    assert refused(FileFormatError, ws.run, "other", "streets", progress=False) == said
    # Those of predictions need no names.
    del content["categories"]
    other.write_text(json.dumps(content))
    assert len(segscore.evaluate(**sides, instances="coco-panoptic", on_error="skip").names) == 7


def test_what_is_wrong_with_targets_is_told_once(ws: Workspace) -> None:
    content = json.loads((ws.path / "truth.json").read_text())
    content["annotations"][0]["segments_info"].append({"id": 77, "category_id": CATEGORIES[0]["id"]})
    (ws.path / "truth.json").write_text(json.dumps(content))
    said = refused(
        EvaluationError,
        ws.datasets.add,
        "worse",
        targets=ws.path / "truth.json",
        instances="coco-panoptic",
        progress=False,
    )
    assert "`target` has no pixel of segment 77\n" in said
    assert "`pred`" not in said
    assert "faults" not in said
