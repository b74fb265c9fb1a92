"""COCO's files of annotations and results as an evaluation, and its average precision."""

import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore import ArgumentError, ClassesError, EvaluationError, FileFormatError, InstanceEvaluator
from segscore._core import Masks
from segscore.io.annotations.reading import read_annotations
from support.coco_files import SIZES, TWELVE, TWELVE_WITHOUT_IMAGE_2, annotations, results
from support.hostile_names import HOSTILE_NAMES
from support.refused import refused
from support.yolo_files import write_yolo


def files(folder: Path, target: object = None, pred: object = None) -> dict[str, Any]:
    """Write both files, and return the arguments that name them."""
    contents = {"target": target or annotations(), "pred": results() if pred is None else pred}
    for side, content in contents.items():
        (folder / f"{side}.json").write_text(json.dumps(content))
    sides = {side: str(folder / f"{side}.json") for side in contents}
    return {**sides, "instances": "coco", "progress": False}


def test_the_twelve_numbers_are_those_of_pycocotools(tmp_path: Path) -> None:
    ev = segscore.evaluate(**files(tmp_path))
    assert (ev.names, ev.classes.names, ev.classes.labels) == (("1", "2", "5"), ("dog", "cat"), (1, 3))
    assert ev.average_precision("coco").numbers.tolist() == list(TWELVE)
    assert str(ev.average_precision("coco")).splitlines()[0].endswith("maxDets=100 ] = 0.362")
    assert (len(ev.table.pixels), ev.findings, ev.doubts) == (0, (), ())
    assert ev.provenance == {"target": f"{tmp_path}/target.json", "pred": f"{tmp_path}/pred.json"}
    some = ev.select(["1", "5"])
    assert some.average_precision("coco").numbers.tolist() == list(TWELVE_WITHOUT_IMAGE_2)
    added = ev.select(["5"]) + ev.select(["1", "2"])
    assert added.average_precision("coco").numbers.tolist() == list(TWELVE)


def test_it_is_saved_and_read_as_it_was(tmp_path: Path) -> None:
    pred = [{**one, "id": 7} for one in results()]  # results need no ids, and may all have one
    ev = segscore.evaluate(**files(tmp_path, pred=pred), groups={"1": "a", "2": "b", "5": "a"})
    ev.save(tmp_path / "ev.npz")
    again = segscore.load(tmp_path / "ev.npz")
    assert again == ev
    assert again.groups == ("a", "b", "a")
    assert again.average_precision("coco").numbers.tolist() == list(TWELVE)


def test_classes_are_the_same_by_their_names(tmp_path: Path) -> None:
    own = segscore.evaluate(**files(tmp_path))
    ev = segscore.evaluate(**files(tmp_path), classes=["bird", "cat", "dog"])
    assert ev.metric("f1.dog@0.5") == own.metric("f1.dog@0.5") == 0.75
    assert np.isnan(ev.metric("f1.bird@0.5"))
    assert ev.average_precision("coco").numbers.round(12).tolist() == np.round(TWELVE, 12).tolist()
    assert refused(ClassesError, lambda: segscore.evaluate(**files(tmp_path), classes=["dog", "bird"])) == (
        f"{tmp_path}/target.json: 1 category is in no class of `classes`: cat\n"
        "hint: categories are classes by their names; without `classes` they are those of the file"
    )
    ignoring = segscore.Classes.of(["dog", "cat"], 0)
    assert refused(ArgumentError, lambda: segscore.evaluate(**files(tmp_path), classes=ignoring)) == (
        "`classes` ignores dog, and objects of files are of classes that count\n"
        "hint: leave such objects out of the files, or their class out of means: `not_in_mean`"
    )


@pytest.mark.parametrize(
    "names", [["a.jpg", "a.jpg", "b.jpg"], ["a.jpg", "a.png", "b.jpg"], ["a.jpg", "", "b"]]
)
def test_images_are_called_by_their_ids_where_names_do_not_tell_them(
    tmp_path: Path, names: list[str]
) -> None:
    target = annotations()
    for image, name in zip(target["images"], names, strict=True):
        image["file_name"] = name
    assert segscore.evaluate(**files(tmp_path, target)).names == ("1", "2", "5")


def test_all_that_is_wrong_with_files_is_said_with_their_names(tmp_path: Path) -> None:
    target, pred = annotations(), results()
    target["annotations"][2]["image_id"] = 9
    del pred[0]["score"]
    assert refused(FileFormatError, lambda: segscore.evaluate(**files(tmp_path, target, pred))) == (
        f"{tmp_path}/target.json, annotations[2]: expected an `image_id` of `images`, found 9\n"
        f"{tmp_path}/pred.json, results[0]: expected a `score`, found none\n"
        "hint: export the file again with the tool that it is from"
    )
    target = annotations()
    target["annotations"][4]["area"] = -2
    assert refused(FileFormatError, lambda: segscore.evaluate(**files(tmp_path, target))) == (
        f"{tmp_path}/target.json, annotations[4]: expected an `area` of 0 or more, found -2.0\n"
        "hint: export the file again with the tool that it is from"
    )
    for one in target["annotations"]:
        one["area"] = -1
    target["annotations"] *= 4
    for number, one in enumerate(target["annotations"]):
        target["annotations"][number] = {**one, "id": number}
    said = refused(FileFormatError, lambda: segscore.evaluate(**files(tmp_path, target))).splitlines()
    assert (len(said), said[20]) == (22, "and 8 more findings")


@pytest.mark.parametrize(("no", "yes"), [(0, 1), (False, True), (0.0, 1.0), (None, 1)])
def test_crowds_are_true_or_false_as_tools_write_them(tmp_path: Path, no: object, yes: object) -> None:
    target = annotations()
    for one in target["annotations"]:
        one["iscrowd"] = yes if one["iscrowd"] else no
    ev = segscore.evaluate(**files(tmp_path, target))
    assert ev.average_precision("coco").numbers.tolist() == list(TWELVE)
    read = read_annotations(str(tmp_path / "target.json")).images
    crowds = {image.image.name: [one.crowd for one in image.objects] for image in read}
    assert crowds == {"1": [False, False, True], "2": [False] * 3, "5": [False]}
    target["annotations"][0]["iscrowd"], target["annotations"][1]["ignore"] = 2, -1
    target["annotations"][2]["id"] = -1
    assert refused(FileFormatError, lambda: segscore.evaluate(**files(tmp_path, target))) == (
        f"{tmp_path}/target.json, annotations[0]: expected 0 or 1 as `iscrowd`, found 2\n"
        f"{tmp_path}/target.json, annotations[1]: expected 0 or 1 as `ignore`, found -1\n"
        f"{tmp_path}/target.json, annotations[2]: expected an `id` of 0 or more, found -1\n"
        "hint: export the file again with the tool that it is from"
    )


def test_boxes_are_no_masks(tmp_path: Path) -> None:
    target, pred = annotations(), results()
    del target["annotations"][0]["segmentation"]
    for result in pred[7:9]:
        result["segmentation"] = []
    ev = segscore.evaluate(**files(tmp_path, target, pred))
    del target["annotations"][0], pred[7:9]
    without = segscore.evaluate(**files(tmp_path, target, pred))
    assert ev.average_precision("coco").numbers.tolist() == without.average_precision("coco").numbers.tolist()
    for name in ("f1.dog@0.5", "f1.cat@0.5", "object_recall@0.75", "object_precision@0.75"):
        assert ev.metric(name) == without.metric(name)
    assert "3 objects with a box and no mask left out" in " ".join(str(ev).split())
    assert "of 5 objects of targets matched" in str(ev)
    pred = [{**one, "segmentation": []} for one in results()]
    assert refused(FileFormatError, lambda: segscore.evaluate(**files(tmp_path, pred=pred))) == (
        f"{tmp_path}/pred.json: none of 10 results has a mask\nhint: scores are of masks, not of boxes"
    )


def test_areas_may_be_those_of_masks(tmp_path: Path) -> None:
    target = annotations()
    target["annotations"][0]["area"] = 5000.0  # of a mask of 400 pixels
    ev = segscore.evaluate(**files(tmp_path, target))
    text = " ".join(str(ev).split())
    said = "of another size by the mask than by the area of the file, which counts"
    assert f"3 targets {said}" in text
    by_mask = segscore.evaluate(**files(tmp_path, target), area_from="mask")
    for one in target["annotations"]:
        one["area"] = segscore_area(one["segmentation"], one["image_id"])
    own = segscore.evaluate(**files(tmp_path, target)).average_precision("coco").numbers
    np.testing.assert_array_equal(by_mask.average_precision("coco").numbers, own)
    assert by_mask.metric("ap") == own[0]
    assert said not in " ".join(str(by_mask).split())
    for side, more in (("area_from", {"area_from": "mask"}), ("ignore_flag", {"ignore_flag": True})):
        call = lambda more=more: segscore.evaluate(pred=[[0]], target=[[0]], classes=2, **more)  # noqa: E731
        assert refused(ArgumentError, call) == (
            f'`{side}` is given without `instances="coco"`\n'
            "hint: annotations of COCO and LVIS have an area and `ignore`"
        )
    said = refused(ArgumentError, lambda: segscore.evaluate(**files(tmp_path), area_from="box"))
    assert said == "there is no origin of areas `box`\nhint: the nearest are `file`, `mask`"


def segscore_area(polygons: Any, image: int) -> int:
    """Return the pixels of polygons."""
    points = [[np.array(one, np.float64) for one in polygons]]
    return int(Masks.read(*SIZES[image], points).pixels()[0])


def test_targets_may_be_ignored_as_their_file_says(tmp_path: Path) -> None:
    target = annotations()
    target["annotations"][0]["ignore"] = 1
    ev = segscore.evaluate(**files(tmp_path, target), ignore_flag=True)
    # What finds it is neither right nor wrong, as if both were not there.
    del target["annotations"][0]
    pred = results()[1:]
    without = segscore.evaluate(**files(tmp_path, target, pred))
    for name in ("ap50.dog", "ap75.dog", "f1.dog@0.5", "object_recall.dog@0.75"):
        assert ev.metric(name) == without.metric(name)
    text = " ".join(str(ev).split())
    assert "1 target with `ignore` not counted" in text
    assert "COCO's own tool does not heed" not in text
    ev.save(tmp_path / "ev.npz")
    assert segscore.load(tmp_path / "ev.npz").metric("ap") == ev.metric("ap")


def test_what_average_precision_leaves_out_is_said(tmp_path: Path) -> None:
    target = annotations()
    target["annotations"][0]["ignore"] = 1
    text = " ".join(str(segscore.evaluate(**files(tmp_path, target, results() * 40))).split())
    assert "1 target with `ignore` counted, as COCO's own tool does not heed it" in text
    # Of dogs in image 1 there are 120, and of no other class as many.
    assert (
        "20 predictions beyond the first 100 of a class in an image not scored, as by COCO's own tool" in text
    )


def test_names_of_files_are_texts_and_nothing_else(tmp_path: Path) -> None:
    # JSON cannot hold halves of characters, classes have names, and no file is called as its ending alone.
    unfit = re.compile("[\ud800-\udfff]|^\\s*$|/$")
    names = [one for one in HOSTILE_NAMES.values() if not unfit.search(one)]
    assert len(names) > 50
    target = annotations()
    target["categories"] += [{"id": 100 + i, "name": name} for i, name in enumerate(names)]
    size = {"height": 1, "width": 1}
    target["images"] += [{**size, "id": 100 + i, "file_name": f"{one}.jpg"} for i, one in enumerate(names)]
    ev = segscore.evaluate(**files(tmp_path, target))
    assert (ev.names[3:], ev.classes.names[2:]) == (tuple(names), tuple(names))
    assert ev.average_precision("coco").numbers.tolist() == list(TWELVE)
    assert all(line.isprintable() for line in str(ev).split("\n"))
    ev.save(tmp_path / "ev.npz")
    assert segscore.load(tmp_path / "ev.npz") == ev
    said = refused(ClassesError, lambda: segscore.evaluate(**files(tmp_path, target), classes=["cat"]))
    assert all(line.isprintable() for line in said.split("\n"))


def test_files_without_images_or_classes(tmp_path: Path) -> None:
    target = {**annotations(), "categories": []}
    said = refused(FileFormatError, lambda: segscore.evaluate(**files(tmp_path, target)))
    assert said.startswith(f"{tmp_path}/target.json: there are no `categories`\nhint: targets are ")
    target = {**annotations(), "images": []}
    assert refused(EvaluationError, lambda: segscore.evaluate(**files(tmp_path, target))) == (
        f"{tmp_path}/target.json: there are no images to score\nhint: add at least one image"
    )


def test_categories_have_names_that_differ(tmp_path: Path) -> None:
    target = annotations()
    target["categories"] += [{"id": 8, "name": "dog"}, {"id": 9, "name": "cow"}]
    assert refused(FileFormatError, lambda: segscore.evaluate(**files(tmp_path, target))) == (
        f"{tmp_path}/target.json, `categories`: expected names that differ, found dog as 1, 8\n"
        "hint: give each category a name of its own"
    )


def test_panoptic_files_are_named_as_such(tmp_path: Path) -> None:
    given = files(tmp_path)
    for side, path in (("pred", given["pred"]), ("target", given["target"])):
        Path(path).write_text(json.dumps({**annotations(), "annotations": [{"segments_info": []}]}))
        assert refused(FileFormatError, lambda: segscore.evaluate(**given)) == (
            f"{path}: expected annotations of objects, found COCO's panoptic format, whose pixels are in PNG "
            'files\nhint: `segscore.evaluate` reads them with `instances="coco-panoptic"`; '
            "or give the files of objects"
        ), side
        Path(path).write_text(json.dumps(results() if side == "pred" else annotations()))


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    given = files(tmp_path)
    os.truncate(given["pred"], (4 << 30) + 1)  # which takes no room on a disk
    assert refused(FileFormatError, lambda: segscore.evaluate(**given)) == (
        f"{tmp_path}/pred.json: expected at most 4,294,967,296 bytes, found 4,294,967,297\n"
        "hint: make a file of some of the images"
    )
    (tmp_path / "pred.json").unlink()
    said = refused(FileFormatError, lambda: segscore.evaluate(**given))
    assert said.startswith(f"{tmp_path}/pred.json: cannot be read: ")


def test_what_does_not_go_together(tmp_path: Path) -> None:
    given = files(tmp_path)
    alone = '` cannot be given with `instances="coco"`\nhint: files of detections are read as they are, '
    alone += "and say which images, classes and masks there are"
    for more, names in (
        ({"ignore_index": 255}, "ignore_index"),
        ({"pairing": "{id}", "resize": "nearest"}, "pairing` and `resize"),
        ({"on_error": "skip", "distances": True}, "on_error` and `distances"),
        ({"dims": 3, "shards": 2}, "dims` and `shards"),
        ({"things": ["dog"], "strict": True}, "strict` and `things"),
    ):
        assert (
            refused(ArgumentError, lambda more=more: segscore.evaluate(**given, **more)) == f"`{names}{alone}"
        )
    del given["progress"]
    assert refused(ArgumentError, lambda: segscore.plan(**given)) == (
        '`instances="coco"` has no shards of detections, whose files are read in one piece\n'
        "hint: `segscore.evaluate` reads them, in several threads"
    )
    said = refused(ArgumentError, lambda: segscore.evaluate(**{**given, "pred": results()}))
    assert said.startswith("`pred` is of type list, expected the path of a JSON file\nhint: targets are ")


def test_progress_is_told_once_all_is_read(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    segscore.evaluate(**{**files(tmp_path), "progress": lambda *both: told.append(both)})
    assert told == [(3, 3)]


def judged(scores: dict[int, float] | None, *, also: bool = False) -> segscore.Evaluation:
    """Return the evaluation of a map of two cells, of which one is found; of another one without scores."""
    judge = InstanceEvaluator(["cell"], outside="background")
    judge.add(target=[[1, 1, 0, 2]], pred=[[3, 3, 4, 0]], scores=scores, name="a")
    if also:
        judge.add(target=[[1]], pred=[[1]], name="b")
    judge.add(target=[[1]], pred=[[0]], name="c")
    return judge.result()


def test_maps_of_ids_have_an_average_precision_where_they_have_scores() -> None:
    # Of three cells one is found, before what is invented or behind it: the precision up to a recall of 1/3,
    # which 34 of 101 points are at, is 1 or a half.
    first = judged({3: 0.9, 4: 0.1}).average_precision("coco").mean()
    second = judged({3: 0.1, 4: 0.9}).average_precision("coco").mean()
    assert (first, second) == (pytest.approx(34 / 101), pytest.approx(17 / 101))


def test_objects_without_scores_have_none() -> None:
    hint = "hint: give `scores` to `InstanceEvaluator.add`, or files of detections to `evaluate`"
    said = "predicted objects have no scores, by which average precision ranks them, in 1 image, such as "
    assert refused(ArgumentError, lambda: judged(None).average_precision("coco")) == f"{said}a\n{hint}"
    mixed = judged({3: 0.9, 4: 0.1}, also=True)
    assert refused(ArgumentError, lambda: mixed.average_precision("coco")) == f"{said}b\n{hint}"
    assert refused(ArgumentError, lambda: mixed.average_precision("cooc")) == (
        "there is no convention of average precision `cooc`\nhint: the nearest is `coco`"
    )
    pixels = segscore.evaluate(pred=[np.zeros((2, 2), int)], target=[np.zeros((2, 2), int)], classes=2)
    assert refused(ArgumentError, lambda: pixels.average_precision("coco")) == (
        "objects were not told apart\n"
        "hint: `components=True` tells those of masks of classes apart that do not touch, and "
        "`InstanceEvaluator` takes maps of ids"
    )


def test_a_report_is_of_objects(tmp_path: Path) -> None:
    ev = segscore.evaluate(**files(tmp_path))
    ev.write_report(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert "5 of 6 objects of targets matched from an IoU of 0.5" in page
    assert not any(word in page for word in ("Panoptic quality", "mean IoU", 'id="matrix"'))


def test_other_formats_are_read_as_coco_would_have_them(tmp_path: Path) -> None:
    own = segscore.evaluate(**files(tmp_path))
    target, pred = annotations(), results()
    folder = tmp_path / "yolo"
    write_yolo(folder, target, pred)
    # Predictions of one score are in the order of images, which other formats have as their files do.
    target["images"].sort(key=lambda image: image["id"])
    given = files(tmp_path, target)
    ev = segscore.evaluate(**{**given, "pred": folder})
    assert ev.average_precision("coco").numbers.tolist() == own.average_precision("coco").numbers.tolist()
    said = "predictions are annotations: 10 objects of 2 classes in 3 images, read as YOLO's text files"
    assert ev.provenance["annotations"] == f"{said}; painted as COCO does"
    both = segscore.evaluate(**{**given, "target": read_annotations(given["target"]), "pred": folder})
    for one in target["annotations"]:  # areas are those of pixels then
        x, y, *_, right, bottom = np.array(one["segmentation"][0])[[0, 1, 4, 5]].tolist()
        one["area"] = (right - x) * (bottom - y)
    (tmp_path / "pixels").mkdir()
    same = segscore.evaluate(**files(tmp_path / "pixels", target))
    assert both.average_precision("coco").numbers.tolist() == same.average_precision("coco").numbers.tolist()
    assert both.classes.names == own.classes.names
    first = (folder / "labels" / "1.txt").read_text().splitlines()[0]
    (folder / "labels" / "1.txt").write_text(first.rsplit(" ", 1)[0])
    (folder / "labels" / "7.txt").write_text("")
    Image.new("L", (3, 3)).save(folder / "images" / "7.png")
    assert refused(FileFormatError, lambda: segscore.evaluate(**{**given, "pred": folder})) == (
        f"{folder}/labels/1.txt, line 1: expected a score, found none\n"
        f"{folder}/labels/7.txt: expected an image of the targets, found 7\n"
        "hint: export the file again with the tool that it is from"
    )
    (folder / "data.yaml").write_text("names: [cow, dog]")
    said = refused(FileFormatError, lambda: segscore.evaluate(**{**given, "pred": folder}))
    assert f"{folder}/labels/2.txt, line 2: expected a class of the targets, found cow" in said.splitlines()
