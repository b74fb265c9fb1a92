"""Annotations as targets of semantic tasks."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import segscore
from segscore import ArgumentError, ClassesError, PairingError
from segscore.io.annotations.reading import read_annotations
from support.annotated import CAR, HEIGHT, WIDTH, coco, corners, labels, pairs, written
from support.refused import refused


def predicted(folder: Path) -> dict[str, Any]:
    """Write annotations and predictions, of which the dog is lost in `a` and all is right in `b`."""
    (folder / "pred" / "sub").mkdir(parents=True)
    Image.fromarray(labels((3, CAR)).astype(np.uint8)).save(folder / "pred" / "a.png")
    Image.fromarray(np.zeros((2, 3), np.uint8)).save(folder / "pred" / "sub" / "b.png")
    return {"pred": str(folder / "pred"), "target": written(folder, coco()), "progress": False}


SAID = (
    "targets are annotations: 2 objects of 2 classes in 2 images (1 crowd among them), read as COCO's JSON; "
    "painted as COCO does, later ones of the file on top; "
    "6 of 16 covered pixels are claimed by objects of several classes; pixels of no object are `background`"
)


def test_classes_are_those_of_the_file(tmp_path: Path) -> None:
    ev = segscore.evaluate(**predicted(tmp_path))
    assert (ev.names, ev.classes.names, ev.classes.labels) == (
        ("a", "sub/b"),
        ("background", "car", "dog"),
        (0, 3, 7),
    )
    assert ev.confusion.counts.tolist() == [[38, 0, 0], [0, 6, 0], [4, 6, 0]]
    assert ev.provenance["annotations"] == SAID
    text = " ".join(str(ev).split())
    assert SAID in text


def test_other_classes_and_other_rules(tmp_path: Path) -> None:
    given = predicted(tmp_path)
    ev = segscore.evaluate(**given, classes=segscore.Classes(["dog", "car", "bg"], [7, 3, 0]))
    assert ev.confusion.counts.tolist() == [[0, 6, 4], [0, 6, 0], [0, 0, 38]]
    reverse = read_annotations(given["target"], order="area")
    ev = segscore.evaluate(**{**given, "target": reverse})
    assert ev.confusion.counts.tolist() == [[38, 0, 0], [0, 6, 0], [4, 6, 0]]
    assert refused(ClassesError, lambda: segscore.evaluate(**given, classes=["car", "dog"])).startswith(
        f"{tmp_path}/annotations.json: pixels of no object are of no class of `classes`\nhint: "
    )


def test_shards_and_plans_hold_what_was_painted(tmp_path: Path) -> None:
    given = predicted(tmp_path)
    whole = segscore.evaluate(**given)
    del given["progress"]
    plan = segscore.plan(**given)
    assert plan.digest == segscore.plan(**given).digest
    assert plan.merge(shard.evaluate(progress=False) for shard in plan.shards(2)) == whole


def test_images_without_a_prediction_are_told(tmp_path: Path) -> None:
    given = predicted(tmp_path)
    (tmp_path / "pred" / "a.png").unlink()
    said = refused(PairingError, lambda: segscore.evaluate(**given))
    assert said.splitlines()[0] == f"1 of 2 targets has no prediction in {tmp_path}/pred:"


def test_predictions_are_no_annotations(tmp_path: Path) -> None:
    given = predicted(tmp_path)
    assert refused(
        PairingError, lambda: segscore.evaluate(**{**given, "pred": given["target"]}, read=None)
    ) == (
        f"`pred`: expected a folder, found annotations at {tmp_path}/annotations.json\n"
        "hint: `segscore convert` writes them as label maps, one PNG an image"
    )
    given["target"] = str(tmp_path / "pred")
    assert refused(ArgumentError, lambda: segscore.evaluate(**given)) == (
        "`classes` is not given\nhint: name the classes, or a preset of them"
    )


def test_objects_are_of_images_by_their_names_which_need_not_be_those_of_their_files(tmp_path: Path) -> None:
    car = {"label": "car", "points": pairs(corners(*CAR)), "shape_type": "polygon"}
    file = {"imagePath": "IMG_07.jpg", "imageHeight": HEIGHT, "imageWidth": WIDTH, "shapes": [car]}
    for name in ("first", "second"):
        written(tmp_path / "target", file, f"{name}.json")
    corner = " ".join(str(n) for x, y in pairs(corners(*CAR)) for n in (x / WIDTH, y / HEIGHT))
    written(tmp_path / "pred", "names: [car]", "data.yaml")
    written(tmp_path / "pred", f"0 {corner} 0.5", "labels/first.txt")
    written(tmp_path / "pred", "", "labels/second.txt")
    pred = read_annotations(tmp_path / "pred", size=(WIDTH, HEIGHT))
    ev = segscore.evaluate(pred=pred, target=tmp_path / "target", instances="coco", progress=False)
    assert (ev.names, ev.metric("object_recall.car@0.5")) == (("first", "second"), 0.5)
