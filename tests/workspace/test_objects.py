"""Datasets of objects in a workspace: annotations and results as files, and what runs of them come to."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyarrow import parquet

import segscore
from segscore import ArgumentError, FileFormatError, PairingError, Workspace, WorkspaceError
from segscore.pages.crops import crops_of
from segscore.workspace.runs_text import runs_text
from segscore.workspace.several import compare_runs
from support import detections
from support.command_line import printed, run
from support.refused import refused


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return detections.workspace_of(tmp_path_factory.mktemp("pets"))


def test_a_run_has_what_evaluating_both_files_has(ws: Workspace) -> None:
    folder = ws.path
    ev = segscore.evaluate(
        target=folder / "annotations.json",
        pred=folder / "results_0.6.json",
        instances="coco",
        progress=False,
    )
    run = ws.runs()["r1"]
    assert run.evaluation == ev
    assert (run.main, run.score) == ("mean_ap", ev.metric("mean_ap"))
    assert [*run.metrics] == [
        *("mean_ap", "mean_ap50", "mean_ap75", "mean_f1@0.5", "mean_f1@0.75", "ap.dog", "ap.cat")
    ]
    assert repr(run) == f"<Run r1: detector:v1 on pets:v1, mean AP {run.score:.6f}>"
    interval = run.interval
    assert interval is not None
    assert (interval.metric, interval.low < run.score < interval.high) == ("mean_ap", True)
    assert f"95 % interval of mean AP: {interval.low:.4f}" in str(run)
    crops = crops_of(ws.evaluation("r1"))
    assert crops
    assert all(one.target and one.photograph for one in crops)


def test_objects_are_exported(ws: Workspace, tmp_path: Path) -> None:
    columns = ws.runs().columns(objects=True)
    known = {run.id: run.evaluation.listed_objects(0.5) for run in ws.runs()}
    for name, listed in known.items():
        own = listed.columns()
        rows = columns["run"] == name
        assert rows.sum() == len(own["id"]) > 40
        assert all(np.array_equal(columns[title][rows].astype(str), own[title].astype(str)) for title in own)
        assert (own["outcome"] == "missed").sum() == len(listed.missed)
    assert len(columns["run"]) == len(ws.runs().to_frame("polars", objects=True))
    for ending in (".csv", ".json", ".parquet"):
        path = tmp_path / f"objects{ending}"
        done = run("export", str(path), "--objects", "--workspace", str(ws.path))
        assert done.stdout == f"{len(columns['run']):,} rows of {len(columns)} columns written to {path}\n"
    table = parquet.read_table(tmp_path / "objects.parquet").to_pydict()
    assert (table["outcome"], table["id"]) == (columns["outcome"].tolist(), columns["id"].tolist())
    rows = json.loads((tmp_path / "objects.json").read_text())
    assert [row["crowd"] for row in rows] == columns["crowd"].tolist()
    assert refused(ArgumentError, lambda: ws.runs().columns(images=True, objects=True)) == (
        "`images` and `objects` are both given\nhint: a table has rows of one kind"
    )


def test_objects_of_a_damaged_run_are_left_out(ws: Workspace, tmp_path: Path) -> None:
    copied = tmp_path / "pets"
    shutil.copytree(ws.path, copied)
    columns = ws.runs().columns(objects=True)
    path = copied / ".segscore/runs/r1/evaluation.npz"
    path.write_bytes(b"garbage")
    said = f"{path}: expected the evaluation of run r1, found another kind of file or a damaged one"
    done = run("export", str(tmp_path / "objects.json"), "--objects", "--workspace", str(copied))
    assert done.stderr == (
        f"warning: run r1 is left out: {said}\n"
        "hint: bring it back from a copy; or `segscore rm r1` removes the run, and the same can be run anew\n"
    )
    rows = json.loads((tmp_path / "objects.json").read_text())
    assert {row["run"] for row in rows} == {"r2"}
    assert [row["id"] for row in rows] == columns["id"][columns["run"] == "r2"].tolist()


def test_a_dataset_says_what_it_holds(ws: Workspace) -> None:
    dataset = ws.datasets["pets"]
    target = detections.targets(40)
    assert (dataset.instances, dataset.classes.names, len(dataset.names)) == ("coco", ("dog", "cat"), 40)
    held = {(one["image_id"], one["category_id"]) for one in target["annotations"]}
    assert dataset.truth.class_images.tolist() == [sum(of == label for _, of in held) for label in (1, 2)]
    assert dataset.truth.class_pixels.sum() == sum(one["area"] for one in target["annotations"])
    assert (dataset.truth.pixels, dataset.truth.sizes) == (40 * 60 * 60, {(60, 60): 40})
    assert "objects, all of them in the annotations annotations.json" in " ".join(str(dataset).split())
    assert dataset.changes(verify=True) == {}


def test_runs_are_listed_and_compared_by_average_precision(ws: Workspace) -> None:
    runs = ws.runs()
    assert runs.main == "mean_ap"
    assert runs.grid().metric == runs.trend("detector").metric == "mean_ap"
    assert runs_text(runs).splitlines()[0].split()[3] == "mean_ap"
    several = compare_runs([runs["r1"], runs["r2"]])
    compared = segscore.compare(*(runs[one].evaluation for one in ("r1", "r2")))
    assert compared.headline.difference == runs["r2"].score - runs["r1"].score
    assert [row.metric for row in several.classes] == ["ap.dog", "ap.cat"]
    assert several.metrics[0].metric == "mean_ap"
    assert [row.split()[0] for row in str(several).splitlines() if row.startswith(("dog", "cat"))] == [
        *("dog", "cat")
    ]


def test_masks_and_results_do_not_go_together(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "masks").mkdir()
    np.save(tmp_path / "masks" / "0001.npy", np.zeros((4, 4), dtype=np.uint8))
    ws.models.add("masks", predictions=tmp_path / "masks")
    ws.datasets.add("streets", targets=tmp_path / "masks", classes=["road"], progress=False)
    hint = "hint: JSON files of results are run on datasets of annotations, and nothing else is"
    assert refused(ArgumentError, lambda: ws.run("masks", "pets", progress=False)) == (
        f"masks:v1 is no file of results, and pets:v1 has annotations\n{hint}"
    )
    assert refused(ArgumentError, lambda: ws.run("detector:v1", "streets", progress=False)) == (
        f"detector:v1 is a file of results, and streets:v1 has masks\n{hint}"
    )
    said = refused(ArgumentError, lambda: ws.run("detector:v1", "pets", resize="nearest", progress=False))
    assert said == (
        "`resize` and what is measured of shapes are for masks of classes, and pets:v1 has annotations of "
        "objects\nhint: leave them out"
    )


def test_what_cannot_be_added_is_said(ws: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "annotations.json"
    target = detections.targets(3)
    path.write_text(json.dumps(target))

    def add(**options: object) -> str:
        given: dict[str, Any] = {"targets": path, "instances": "coco", "progress": False, **options}
        with pytest.raises((ArgumentError, FileFormatError, PairingError)) as caught:
            ws.datasets.add("odd", **given)
        return str(caught.value)

    expected = '`instances="coco"`, `instances="ids"` or `instances="coco-panoptic"`'
    assert add(instances="lvis").startswith(f"`instances` is 'lvis', expected {expected}\n")
    assert add(targets=tmp_path).startswith("`targets`: expected a JSON file of annotations, found ")
    said = add(pairing="{id}", dims=3)
    assert said.startswith('`pairing` and `dims` cannot be given with `instances="coco"`')
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "0001.jpg").write_bytes(b"")
    assert add(images=tmp_path / "images").startswith(
        f"2 of 3 images of the annotations have no photograph in {tmp_path}/images, first 0002\n"
    )
    path.write_text("{")
    assert add().startswith(f"{path}")
    assert "odd" not in ws.datasets


def test_files_that_changed_are_no_run(tmp_path: Path) -> None:
    ws = detections.workspace_of(tmp_path, images=4)
    target = json.loads((tmp_path / "annotations.json").read_text())
    target["annotations"][0]["area"] += 1
    (tmp_path / "annotations.json").write_text(json.dumps(target))
    said = refused(WorkspaceError, lambda: ws.run("detector:v1", "pets", again=True, progress=False))
    assert said.startswith("1 of 5 files of dataset pets, version v1, changed since it was added:")


def test_the_command_line_adds_and_runs_them(tmp_path: Path) -> None:
    target = detections.targets(5)
    (tmp_path / "annotations.json").write_text(json.dumps(target))
    (tmp_path / "results.json").write_text(json.dumps(detections.results(target, 1, 1)))
    Workspace.init(tmp_path)
    at = ["--workspace", str(tmp_path)]
    annotations, results = tmp_path / "annotations.json", tmp_path / "results.json"
    given = ("--targets", annotations, "--instances", "coco", "--no-progress")
    assert "ground truth of 5 images" in printed("dataset", "add", "pets", *given, *at)
    printed("model", "add", "detector", "--predictions", results, *at)
    result = run("run", "detector", "--on", "pets", *at)
    assert (result.exit_code, "Mean AP" in result.stdout, "IoU" in result.stderr) == (0, True, False)
