"""`segscore evaluate --instances`: files of ids, gates, what is saved, and what does not go together."""

import json
from pathlib import Path

import numpy as np
from PIL import Image

import segscore
from support.coco_files import TWELVE, annotations, results
from support.command_line import run


def files(folder: Path) -> tuple[str, ...]:
    """Write a target with two cells, of which the prediction has one, and return the options."""
    cells = {"target": [[1, 1, 0, 0], [0, 0, 2, 2]], "pred": [[5, 5, 0, 0], [0, 0, 0, 0]]}
    for side, ids in cells.items():
        (folder / side).mkdir()
        Image.fromarray(np.array(ids, dtype=np.uint16)).save(folder / side / "a.png")
    return "--pred", str(folder / "pred"), "--target", str(folder / "target"), "--no-progress"


def coco(folder: Path) -> tuple[str, ...]:
    """Write one image as COCO has it, and return the options."""
    for side, ids in (("target", [[1, 1, 2, 2]]), ("pred", [[9, 9, 9, 9]])):
        (folder / side).mkdir()
        red = np.stack([np.array(ids), np.zeros((1, 4), int), np.zeros((1, 4), int)], axis=-1)
        Image.fromarray(red.astype(np.uint8)).save(folder / side / "a.png")
        segments = [{"id": one, "category_id": 4, "iscrowd": 0} for one in {*ids[0]}]
        content = {
            "annotations": [{"image_id": 7, "file_name": "a.png", "segments_info": segments}],
            "categories": [{"id": 4, "name": "car", "isthing": 1}],
        }
        (folder / f"{side}.json").write_text(json.dumps(content))
    return "--pred", f"{folder}/pred.json", "--target", f"{folder}/target.json", "--no-progress"


def test_labels_of_cells(tmp_path: Path) -> None:
    saved = str(tmp_path / "ev.npz")
    options = files(tmp_path)
    done = run(
        "evaluate",
        *options,
        "--instances",
        "ids",
        "--save",
        saved,
        "--fail-under",
        "pq.object=0.7,f1@0.5=0.6",
    )
    assert done.exit_code == 1
    assert "Mean F1 at IoU 0.5 0.67 (PQ 0.67). Foreground IoU 0.50." in done.stdout
    assert "gate failed: pq.object: 0.666667, 0.033333 below 0.7" in done.stdout
    assert "gate passed: f1@0.5: 0.666667, at least 0.6 is asked for" in done.stdout
    assert segscore.load(saved).panoptic.fn.tolist() == [0, 1]


def test_coco_names_its_classes(tmp_path: Path) -> None:
    out = tmp_path / "ev.json"
    options = coco(tmp_path)
    done = run("evaluate", *options, "--instances", "coco-panoptic", "--json", str(out))
    assert done.exit_code == 0, done.stderr
    found = json.loads(out.read_text())["panoptic"]["per_class"]
    assert [(one["name"], one["tp"], one["fp"], one["fn"]) for one in found] == [("car", 0, 1, 2)]
    wrong = run("evaluate", *options, "--instances", "coco-panoptic", "--fail-under", "pq.cat=1")
    assert wrong.exit_code == 2
    assert "there is no class `cat`" in wrong.stderr


def test_files_of_detections(tmp_path: Path) -> None:
    for name, content in (("target", annotations()), ("pred", results())):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    out, saved = tmp_path / "out.json", tmp_path / "ev.npz"
    options = "--pred", f"{tmp_path}/pred.json", "--target", f"{tmp_path}/target.json", "--instances", "coco"
    done = run(
        "evaluate",
        *options,
        "--json",
        str(out),
        "--save",
        str(saved),
        "--fail-under",
        "f1.dog@0.5=0.8,ap=0.35",
        "--no-progress",
    )
    assert done.exit_code == 1, done.stderr
    assert "gate failed: f1.dog@0.5: 0.750000, 0.050000 below 0.8" in done.stdout
    assert "gate passed: ap: 0.362228, at least 0.35 is asked for" in done.stdout
    assert "compares two models\n" in done.stdout
    assert json.loads(out.read_text())["images_scored"] == 3
    assert segscore.load(saved).average_precision("coco").numbers.tolist() == list(TWELVE)
    for more, said in (
        (
            ("--shard", "1/2", "--save", f"{tmp_path}/part.npz"),
            "error: `--instances coco` has no shards of detections, whose files are read in one piece\n"
            "hint: `segscore.evaluate` reads them, in several threads\n",
        ),
        (
            ("--ignore", "255"),
            "error: `--ignore` cannot be given with `--instances coco`\n"
            "hint: files of detections are read as they are, and say which images, classes and masks there "
            "are\n",
        ),
    ):
        done = run("evaluate", *options, *more)
        assert (done.exit_code, done.stderr) == (2, said)
    assert run("evaluate", *options, "--json", f"{tmp_path}/target.json").exit_code == 2  # which is read
    assert json.loads((tmp_path / "target.json").read_text()) == annotations()


def test_what_does_not_go_together(tmp_path: Path) -> None:
    options = files(tmp_path)
    for more, said in (
        (
            ("--things", "cell"),
            "error: `--things` is given without `--instances`\n"
            "hint: objects are told apart with `--instances ids`\n",
        ),
        (
            ("--instances", "ids", "--distances"),
            "error: `--distances` cannot be given with `--instances`\n"
            "hint: maps of ids hold no class scores, and their segments name their classes\n",
        ),
        (
            ("--instances", "masks"),
            "error: there is no format of instances `masks`\n"
            "hint: the nearest are `ids`, `coco-panoptic`, `cityscapes`\n",
        ),
    ):
        done = run("evaluate", *options, *more)
        assert (done.exit_code, done.stderr) == (2, said)


def test_bands_of_maps_of_ids(tmp_path: Path) -> None:
    for side in ("target", "pred"):
        (tmp_path / side).mkdir()
        np.save(tmp_path / side / "a.npy", np.kron([[1, 0], [2, 2]], np.ones((8, 8), np.uint16)))
    sides = ("--pred", f"{tmp_path}/pred", "--target", f"{tmp_path}/target", "--no-progress")
    gate = ("--fail-under", "boundary_pq=1")
    done = run("evaluate", *sides, "--instances", "ids", "--boundary", "2px", *gate)
    assert done.exit_code == 0
    assert "gate passed: boundary_pq: 1.000000" in done.stdout


def test_a_file_of_one_class_names_what_ids_are(tmp_path: Path) -> None:
    for side, ids in (("target", [[1, 1, 2, 0]]), ("pred", [[4, 4, 0, 5]])):
        (tmp_path / side).mkdir()
        np.save(tmp_path / side / "a.npy", np.array(ids, np.uint16))
    (tmp_path / "cells.toml").write_text('classes = [{ label = 0, name = "cell" }]\n')
    sides = {side: f"{tmp_path}/{side}" for side in ("pred", "target")}
    options = ("--instances", "ids", "--classes", f"{tmp_path}/cells.toml", "--save", f"{tmp_path}/ev.npz")
    given = [part for side, path in sides.items() for part in (f"--{side}", path)]
    assert run("evaluate", *given, *options, "--no-progress").exit_code == 0
    ev = segscore.evaluate(**sides, instances="ids", classes=["cell"], progress=False)
    assert segscore.load(tmp_path / "ev.npz") == ev
    assert ev.metric("pq.cell") == 1 / 2  # one of two is found as it is, and one is invented


def test_files_of_coco_are_read_as_is_asked_for(tmp_path: Path) -> None:
    target = annotations()
    target["annotations"][0] |= {"area": 5000, "ignore": 1}
    for side, content in (("target", target), ("pred", results())):
        (tmp_path / f"{side}.json").write_text(json.dumps(content))
    sides = ("--pred", f"{tmp_path}/pred.json", "--target", f"{tmp_path}/target.json", "--no-progress")
    options = ("--instances", "coco", "--area-from", "mask", "--ignore-flag", "--boundary", "2%")
    saved = ("--save", f"{tmp_path}/ev.npz", "--fail-under", "boundary_ap50=0.1")
    assert run("evaluate", *sides, *options, *saved).exit_code == 0
    ev = segscore.load(tmp_path / "ev.npz")
    assert (ev.measures.rules, ev.measures.band) == (("mask-area", "ignore"), 0.02)
    assert run("evaluate", *sides[:4], "--classes", "2", "--ignore-flag").stderr == (
        "error: `--ignore-flag` is given without `--instances coco`\n"
        "hint: annotations of COCO and LVIS have an area and `ignore`\n"
    )


def test_texts_of_cityscapes_are_detections(tmp_path: Path) -> None:
    ids = np.full((12, 20), 26_001, np.uint16)
    ids[:, 12:] = 7
    for folder, name, pixels in (
        ("gt", "a_1_2_gtFine_instanceIds.png", ids),
        ("pred", "mask.png", (ids > 7).astype(np.uint8)),
    ):
        (tmp_path / folder).mkdir()
        Image.fromarray(pixels).save(tmp_path / folder / name)
    (tmp_path / "pred" / "a_1_2.txt").write_text("mask.png 26 0.5")
    sides = ("--pred", f"{tmp_path}/pred", "--target", f"{tmp_path}/gt", "--no-progress")
    done = run("evaluate", *sides, "--instances", "cityscapes", "--fail-under", "ap.car=1,ap50=1")
    assert done.exit_code == 0
    assert "Mean AP 1.00 (AP50 1.00, AP75 1.00)." in done.stdout
    done = run(
        "evaluate", *sides, "--instances", "cityscapes", "--shard", "1/2", "--save", f"{tmp_path}/a.npz"
    )
    assert done.stderr.startswith("error: `--instances cityscapes` has no shards of detections")
