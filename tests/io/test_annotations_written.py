"""Annotations written as label maps, maps of ids and COCO's JSON."""

import json
from pathlib import Path
from shutil import copytree

import numpy as np
import pytest
from PIL import Image

from segscore import ArgumentError, Classes, OutputError, Workspace, evaluate
from segscore.io.annotations.reading import read_annotations
from segscore.io.annotations.writing import write_annotations
from support.annotated import CAR, DOG, bits, classes_of, coco, corners, labels, planes, written
from support.refused import refused, warned


def pixels(path: Path) -> list[list[int]]:
    return np.asarray(Image.open(path)).astype(int).tolist()


def test_label_maps(tmp_path: Path) -> None:
    found = read_annotations(written(tmp_path, coco()))
    said = write_annotations(found, "masks", tmp_path / "new" / "out")
    assert said == (f"2 label maps written to {tmp_path}/new/out", *found.label_maps().facts)
    assert pixels(tmp_path / "new/out/a.png") == labels((3, CAR), (7, DOG)).tolist()
    assert pixels(tmp_path / "new/out/sub/b.png") == [[0] * 3] * 2
    write_annotations(found, "masks", tmp_path / "other", Classes(["dog", "car"], [300, 1], ignore=[9]))
    image = labels((1, CAR), (300, DOG))
    assert pixels(tmp_path / "other/a.png") == np.where(image == 0, 9, image).tolist()


def test_maps_of_ids(tmp_path: Path) -> None:
    hidden = {"image_id": 4, "category_id": 3, "segmentation": [corners(3, 0, 1, 1)]}
    content = coco()
    content["annotations"].insert(0, hidden)
    found = read_annotations(written(tmp_path, content))
    said = write_annotations(found, "ids", tmp_path / "out")
    assert said == (
        f"2 maps of ids written to {tmp_path}/out",
        *found.facts,
        "1 left out: objects of which others cover all pixels",
    )
    assert pixels(tmp_path / "out/a.png") == labels((2, CAR), (3, DOG)).tolist()
    assert json.loads((tmp_path / "out/objects.json").read_text()) == {
        "a": {"2": {"class": "car"}, "3": {"class": "dog", "crowd": True}},
        "sub/b": {},
    }


def test_maps_of_ids_in_folders_are_scored(tmp_path: Path) -> None:
    content = coco()
    content["images"][0]["file_name"] = "sub/a.jpg"
    write_annotations(read_annotations(written(tmp_path, content)), "ids", tmp_path / "ids")
    copytree(tmp_path / "ids", tmp_path / "pred")
    pred, target = tmp_path / "pred", tmp_path / "ids"
    told = (
        f'`instances="ids"` takes each id for an object of one class: what {target}/objects.json tells of 2 '
        "classes (car, dog) and crowds is not heeded\n"
        'hint: score the annotations that the maps were made of, with `instances="coco"`; '
        "`InstanceEvaluator` takes the class of each id"
    )
    with warned(told, __file__):
        ev = evaluate(pred=pred, target=target, instances="ids", progress=False)
    with warned(told, __file__):
        Workspace.init(tmp_path).datasets.add("cells", targets=target, instances="ids", progress=False)
    of_one_class = '{"a": {"1": {"class": "car"}, "2": {"class": "car"}}}'
    for other in (of_one_class, "[1]", "{", '{"a": [1], "b": 2}'):
        (target / "objects.json").write_text(other)
        assert evaluate(pred=pred, target=target, instances="ids", progress=False) == ev
    assert (ev.names, ev.panoptic.tp.tolist(), ev.panoptic.mean_pq) == (("sub/a", "sub/b"), [0, 2], 1.0)
    crowds = told.replace("2 classes (car, dog) and crowds", "crowds")
    for classes in ("", '"class": "car", '):
        (target / "objects.json").write_text(f'{{"a": {{"1": {{{classes}"crowd": true}}}}}}')
        with warned(crowds, __file__):
            assert evaluate(pred=pred, target=target, instances="ids", progress=False) == ev
    (target / "objects.json").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    pointer = (
        f"{target}/objects.json is a Git LFS pointer, not the file itself: whether it tells classes or "
        "crowds apart is not known\nhint: `git lfs pull` brings the file"
    )
    with warned(pointer, __file__):
        assert evaluate(pred=pred, target=target, instances="ids", progress=False) == ev


@pytest.mark.parametrize("to", ["coco", "rle"])
def test_json_of_coco(tmp_path: Path, to: str) -> None:
    found = read_annotations(written(tmp_path, coco()))
    said = write_annotations(found, to, tmp_path / "out")
    assert said == (f"annotations.json written to {tmp_path}/out", *found.facts)
    path = tmp_path / "out" / "annotations.json"
    content = json.loads(path.read_text())
    assert content["categories"] == [{"id": 3, "name": "car"}, {"id": 7, "name": "dog"}]
    assert [one["file_name"] for one in content["images"]] == ["a.jpg", "sub/b.jpg"]
    keys = ("id", "image_id", "category_id", "area", "bbox", "iscrowd")
    assert [[one[key] for key in keys] for one in content["annotations"]] == [
        [1, 1, 3, 12, [1, 1, 4, 3], 0],
        [2, 1, 7, 10, [3, 0, 2, 5], 1],
    ]
    masks = [one["segmentation"] for one in content["annotations"]]
    assert masks == [[corners(*CAR)], [corners(*DOG)]] or all(one["size"] == [6, 8] for one in masks)
    assert isinstance(masks[0], list) == (to == "coco")
    again = read_annotations(path)
    assert [one.tolist() for one in planes(again)] == [bits(CAR).tolist(), bits(DOG).tolist()]
    assert (classes_of(again), again.images[0].objects[1].crowd) == (["car", "dog"], True)


def test_outlines_that_another_rule_has_painted_are_written_as_run_lengths(tmp_path: Path) -> None:
    found = read_annotations(written(tmp_path, coco()), paint="pillow")
    write_annotations(found, "coco", tmp_path / "out")
    again = read_annotations(tmp_path / "out" / "annotations.json")
    assert [one.tolist() for one in planes(again)] == [one.tolist() for one in planes(found)]
    assert planes(found)[0].tolist() == bits((1, 1, 5, 4)).tolist()


def test_nothing_is_replaced(tmp_path: Path) -> None:
    found = read_annotations(written(tmp_path, coco()))
    assert refused(OutputError, write_annotations, found, "coco", tmp_path) == (
        f"{tmp_path}: expected a new or an empty folder, found annotations.json in it\n"
        "hint: name a new one, so that no file of before is taken for one of these"
    )
    assert refused(OutputError, write_annotations, found, "coco", tmp_path / "annotations.json").startswith(
        f"{tmp_path}/annotations.json: cannot be made a folder: "
    )
    assert refused(ArgumentError, write_annotations, found, "mask", tmp_path) == (
        "there is no form of annotations `mask`\nhint: the nearest is `masks`"
    )
    assert refused(ArgumentError, write_annotations, found, "coco", tmp_path, Classes(["car"])) == (
        '`classes` is given with `to="coco"`\nhint: labels of classes are those of masks'
    )


def test_ids_of_16_bits(tmp_path: Path) -> None:
    one = {"image_id": 9, "category_id": 3, "segmentation": {"size": [2, 3], "counts": [6]}}
    content = coco(annotations=[one] * 65_536)
    found = read_annotations(written(tmp_path, content))
    assert refused(ArgumentError, write_annotations, found, "ids", tmp_path / "out") == (
        "sub/b: expected at most 65,535 objects for ids, found 65,536\n"
        "hint: write COCO's JSON, which has no such limit"
    )
