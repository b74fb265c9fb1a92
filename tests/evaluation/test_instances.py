"""Files of ids: labels of cells, COCO's panoptic format, and ids of Cityscapes."""

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore import (
    ArgumentError,
    Evaluation,
    EvaluationError,
    FileFormatError,
    InstanceEvaluator,
    PairingError,
    evaluate,
)
from support.instances import NAMES, drawn
from support.refused import refused

IMAGES = {f"frame_{seed:02}": drawn(seed) for seed in range(8)}
CATEGORIES = [{"id": 10 * i + 3, "name": name, "isthing": int(name != "sky")} for i, name in enumerate(NAMES)]
IDS = {one["name"]: one["id"] for one in CATEGORIES}


def written(folder: Path, side: str, *, changed: Any = None) -> str:
    """Write one side of the images as COCO has them, and return the path of its JSON file."""
    (folder / side).mkdir()
    annotations = []
    for number, (name, image) in enumerate(IMAGES.items()):
        ids = image[side].astype(np.uint32)
        pixels = np.stack([ids & 255, ids >> 8 & 255, ids >> 16 & 255], axis=-1).astype(np.uint8)
        Image.fromarray(pixels).save(folder / side / f"{name}.png")
        infos = [
            {
                "id": one,
                "category_id": IDS[of[0] if isinstance(of, tuple) else of],
                "area": int((ids == one).sum()),
                "iscrowd": int(isinstance(of, tuple)),
            }
            for one, of in image[f"{side}_segments"].items()
        ]
        annotations.append({"image_id": number, "file_name": f"{name}.png", "segments_info": infos})
    content: dict[str, Any] = {"annotations": annotations}
    if side == "target":
        content["categories"] = CATEGORIES
    if changed is not None:
        changed(content)
    path = folder / f"{side}.json"
    path.write_text(json.dumps(content))
    return str(path)


def expected(boundary: str | None = None) -> Evaluation:
    judge = InstanceEvaluator(NAMES, things=["car", "person"], boundary=boundary)
    for name, image in IMAGES.items():
        judge.add(**image | {"scores": None}, name=name)
    return judge.result()


def coco(folder: Path, **changed: Any) -> dict[str, Any]:
    sides = {side: written(folder, side, changed=changed.get(side)) for side in ("target", "pred")}
    return {**sides, "instances": "coco-panoptic"}


def quality(ev: Evaluation) -> list[list[float]]:
    return [np.nan_to_num(getattr(ev.panoptic, name), nan=-1).tolist() for name in ("pq", "tp", "fp", "fn")]


def test_coco_panoptic_is_what_arrays_are(tmp_path: Path) -> None:
    ev = evaluate(**coco(tmp_path), progress=False)
    other = expected()
    assert ev.names == other.names
    assert quality(ev) == quality(other)
    assert ev.panoptic.stuff.mean_pq == other.panoptic.stuff.mean_pq
    assert ev.scores.iou.tolist() == other.scores.iou.tolist()
    assert ev.classes.labels == (3, 13, 23)
    assert ev.provenance["pred"] == str(tmp_path / "pred.json")
    assert ev.records["objects"].columns()["flags"].sum() > 0
    assert "another area" not in str(ev)


def test_other_folders_and_areas(tmp_path: Path) -> None:
    def areas(content: dict[str, Any]) -> None:
        next(one for one in content["annotations"] if one["segments_info"])["segments_info"][0]["area"] += 1

    given = coco(tmp_path, target=areas)
    (tmp_path / "pred").rename(tmp_path / "elsewhere")
    assert refused(FileFormatError, lambda: evaluate(**given, progress=False)).startswith(
        f"{tmp_path}/pred.json: 1 fault:\n"
        f"  its PNG files are looked for in {tmp_path}/pred, which is no folder\n"
    )
    given["pred"] = given["pred"], tmp_path / "elsewhere"
    ev = evaluate(**given, progress=False)
    assert quality(ev) == quality(expected())
    text = " ".join(str(ev).split())
    assert "1 target with another area in the file, by which COCO's own tool goes" in text


def test_images_without_a_partner(tmp_path: Path) -> None:
    def without(content: dict[str, Any]) -> None:
        content["annotations"][1]["image_id"] = "other"

    given = coco(tmp_path, pred=without)
    assert refused(PairingError, lambda: evaluate(**given, progress=False)) == (
        f"1 of 8 images has no prediction in {tmp_path}/pred.json:\n  frame_01\n"
        'hint: add what is missing, or score the rest with `on_error="skip"`'
    )
    ev = evaluate(**given, on_error="skip", progress=False)
    assert len(ev.names) == 7
    assert [failure.name for failure in ev.failures] == ["frame_01"]
    assert ev.extra == ("frame_01",)


def test_what_is_wrong_with_a_file_is_said_at_once(tmp_path: Path) -> None:
    def broken(content: dict[str, Any]) -> None:
        first, second, third, fourth, fifth, *_ = content["annotations"]
        first["segments_info"] = [
            {"id": 0, "category_id": 3},
            {"id": 5, "category_id": "3"},
            {"id": 5, "category_id": 3, "iscrowd": 2},
            {"id": 5, "category_id": 3, "area": -1},
            {"id": 5, "category_id": 3},
            {"id": 5, "category_id": 3},
            7,
        ]
        second["image_id"] = 0
        third["file_name"] = "../frame_02.png"
        fourth["file_name"] = "frame_00.png"
        fifth["segments_info"] = None
        content["annotations"].append(None)

    given = coco(tmp_path, pred=broken)
    said = refused(FileFormatError, lambda: evaluate(**given, progress=False))
    assert said.split("\nhint")[0] == (
        f"{tmp_path}/pred.json: 11 faults:\n"
        "  `annotations[0].segments_info[0].id` is 0, expected 1 to 16,777,215, as 0 is void\n"
        "  `annotations[0].segments_info[1].category_id` is '3', expected an integer\n"
        "  `annotations[0].segments_info[2].iscrowd` is 2, expected 0 or 1\n"
        "  `annotations[0].segments_info[3].area` is -1, expected a number of 0 or more\n"
        "  `annotations[0].segments_info[5].id` is 5, which is that of a segment before\n"
        "  `annotations[0].segments_info[6]` is 7, expected an object\n"
        "  `annotations[1].image_id` is 0, which is that of an image before\n"
        "  `annotations[2].file_name` is '../frame_02.png', expected the name of a file\n"
        "  `annotations[3].file_name` is 'frame_00.png', which is that of an image before\n"
        "  `annotations[4].segments_info` is None, expected a list\n"
        "  `annotations[8]` is None, expected an object"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[1]", "expected an object, found [1]"),
        (b"{", "cannot be read: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (b"{}", "1 fault:\n  `annotations` is None, expected a list"),
        (b'{"annotations": [], "categories": 3}', "1 fault:\n  `categories` is 3, expected a list"),
        (b'{"annotations": [], "categories": [{"id": 3, "name": "a", "isthing": 7}, '
         b'{"id": 4, "name": "b", "isthing": "1"}, {"id": 5, "name": "c", "isthing": null}]}',
         "3 faults:\n  `categories[0].isthing` is 7, expected 0 or 1\n"
         "  `categories[1].isthing` is '1', expected 0 or 1\n"
         "  `categories[2].isthing` is None, expected 0 or 1"),
        (b'{"annotations": [], "categories": [{"id": 3}]}', "1 fault:\n  `categories[0]` is {'id': 3}, "
         "expected an id of its own and a name"),
        (b'{"annotations": []}', "there are no `categories`"),
        (b"[" * 100_000, "cannot be read: its brackets are nested too deep"),
    ],
)  # fmt: skip
def test_what_is_no_panoptic_file(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a.json").write_bytes(content)
    path = str(tmp_path / "a.json")
    text = refused(FileFormatError, lambda: evaluate(target=path, pred=path, instances="coco-panoptic"))
    assert text.split("\nhint")[0] == f"{path}: {said}"


@pytest.mark.parametrize(
    "content", [{"images": [], "annotations": [{"segmentation": []}]}, [{"segmentation": []}]]
)
def test_files_of_objects_are_named_as_such(tmp_path: Path, content: object) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(content))
    assert refused(FileFormatError, lambda: evaluate(target=path, pred=path, instances="coco-panoptic")) == (
        f"{path}: expected COCO's panoptic format, found objects with masks of their own\n"
        'hint: files of annotations and of results of objects are read with `instances="coco"`'
    )


def test_categories_that_there_are_not(tmp_path: Path) -> None:
    def strange(content: dict[str, Any]) -> None:
        name = next(i for i, one in enumerate(content["annotations"]) if one["segments_info"])
        content["annotations"][name]["segments_info"][0]["category_id"] = 4

    given = coco(tmp_path, pred=strange)
    said = refused(FileFormatError, lambda: evaluate(**given, progress=False))
    first = next(name for name, image in IMAGES.items() if image["pred_segments"])
    one = next(iter(IMAGES[first]["pred_segments"]))
    assert said == (
        f"{tmp_path}/pred.json: 1 fault:\n"
        f"  image {first}: segment {one} is of category 4, which there is not\n"
        "hint: categories are those of `target`"
    )


def test_images_that_do_not_fit_fail_alone(tmp_path: Path) -> None:
    def lost(content: dict[str, Any]) -> None:
        (number,) = [i for i, one in enumerate(content["annotations"]) if one["file_name"] == "frame_05.png"]
        content["annotations"][number]["segments_info"] = []

    given = coco(tmp_path, pred=lost)
    ev = evaluate(**given, on_error="skip", progress=False)
    (failure,) = ev.failures
    assert failure.name == "frame_05"
    assert "without a segment" in failure.message
    assert failure.hint == (
        "each id of a PNG file but 0 is that of a segment of its image in the JSON file, and each segment "
        "there has pixels"
    )
    with pytest.raises(EvaluationError) as error:
        evaluate(**given, progress=False)
    assert len(error.value.evaluation.names) == 7


def test_shards_come_to_the_same(tmp_path: Path) -> None:
    given = coco(tmp_path)
    plan = segscore.plan(**given)
    shards = pickle.loads(pickle.dumps(plan.shards(3)))
    parts = [shard.evaluate() for shard in shards]
    parts[1].save(tmp_path / "one.npz")
    parts[1] = segscore.load(tmp_path / "one.npz")
    assert plan.merge(reversed(parts)) == evaluate(**given, progress=False)
    assert segscore.plan(**given).digest == plan.digest


def test_bands_of_files_are_those_of_arrays(tmp_path: Path) -> None:
    given = coco(tmp_path)
    other = expected(boundary="10%")
    ev = evaluate(**given, boundary=0.1, progress=False)
    assert ev.metric("boundary_pq") == other.metric("boundary_pq")
    assert 0 < ev.metric("boundary_pq") < ev.metric("pq")
    for kind in ("object_bands", "overlap_bands"):
        for name, column in other.records[kind].columns().items():
            assert ev.records[kind].columns()[name].tolist() == column.tolist()
    plan = segscore.plan(**given, boundary=0.1)
    assert plan.digest != segscore.plan(**given).digest
    assert plan.merge([shard.evaluate(threads=2) for shard in plan.shards(3)]) == ev
    ev.save(tmp_path / "ev.npz")
    assert segscore.load(tmp_path / "ev.npz") == ev
    assert refused(ArgumentError, lambda: evaluate(**given, boundary=(1, 3), progress=False)) == (
        "`boundary` is (1, 3), and bands of objects have one width\nhint: such as 0.02"
    )


def test_bands_of_labels_and_codes(tmp_path: Path) -> None:
    pred = [[7, 7, 26001, 26001], [26002, 26002, 26001, 26001], [0, 23, 23, 23]]
    target = [[7, 7, 7, 26001], [26002, 26002, 7, 26], [0, 0, 23, 23]]
    ev = evaluate(**saved(tmp_path, ".png", target, pred), instances="cityscapes", boundary=1, progress=False)
    judge = InstanceEvaluator(ev.classes, things=["car"], boundary=1)
    stuff, cars = {7: "road", 23: "sky"}, {26001: "car", 26002: "car"}
    judge.add(
        target=target,
        pred=pred,
        target_segments={**stuff, 26: ("car", "crowd"), **cars},
        pred_segments={**stuff, **cars},
        name="a",
    )
    assert ev.records["object_bands"].columns()["pixels"].sum() > 0
    for kind in ("object_bands", "overlap_bands"):
        for name, column in judge.result().records[kind].columns().items():
            assert ev.records[kind].columns()[name].tolist() == column.tolist()
    cells, smaller = tmp_path / "cells", tmp_path / "smaller"
    cells.mkdir()
    folders = saved(cells, ".png", np.kron(CELLS[0], np.ones((4, 4))), np.kron(CELLS[1], np.ones((4, 4))))
    options: dict[str, Any] = {"instances": "ids", "boundary": 2, "progress": False}
    whole = evaluate(**folders, **options)
    smaller.mkdir()
    halved = saved(smaller, ".png", np.kron(CELLS[0], np.ones((4, 4))), np.kron(CELLS[1], np.ones((2, 2))))
    assert whole.metric("boundary_pq.object") == evaluate(**halved, **options, resize="nearest").metric(
        "boundary_pq.object"
    )
    said = refused(ArgumentError, lambda: evaluate(**folders, **options, dims=3))
    assert said.startswith("`boundary` is given for images of 3 dimensions")


def saved(folder: Path, suffix: str, target: Any, pred: Any) -> dict[str, Any]:
    """Write one image of each side, and return their folders."""
    for side, ids in (("target", target), ("pred", pred)):
        (folder / side).mkdir()
        path = folder / side / f"a{suffix}"
        if suffix == ".npy":
            np.save(path, np.array(ids))
        else:
            Image.fromarray(np.array(ids, dtype=np.uint16)).save(path)
    return {"target": str(folder / "target"), "pred": str(folder / "pred")}


CELLS = [[1, 1, 0, 0], [0, 0, 700, 700]], [[5, 5, 0, 9], [0, 0, 9, 9]]


@pytest.mark.parametrize("suffix", [".png", ".npy", ".tif"])
def test_labels_of_cells(tmp_path: Path, suffix: str) -> None:
    folders = saved(tmp_path, suffix, *CELLS)
    ev = evaluate(**folders, instances="ids", classes=["cell"], progress=False)
    assert ev.classes.names == ("background", "cell")
    assert [int(one[1]) for one in (ev.panoptic.tp, ev.panoptic.fp, ev.panoptic.fn)] == [2, 0, 0]
    assert ev.metric("sq.cell") == pytest.approx((1 + 2 / 3) / 2)
    assert ev.metric("f1.cell@0.7") == 0.5
    assert ev.metric("foreground_iou") == pytest.approx(4 / 5)
    assert [path and Path(path).parent.name for path in (ev.files["a"].pred, ev.files["a"].target)] == [
        *("pred", "target")
    ]
    plain = evaluate(**folders, instances="ids", progress=False)
    assert plain.classes.names == ("background", "object")
    assert quality(plain) == quality(ev)


def test_ids_of_cityscapes(tmp_path: Path) -> None:
    target = [[7, 7, 26001, 26001], [26002, 26002, 26, 26], [0, 0, 23, 23]]
    pred = [[7, 7, 26000, 26000], [26005, 7, 26001, 26001], [26009, 0, 23, 23]]
    ev = evaluate(**saved(tmp_path, ".png", target, pred), instances="cityscapes", progress=False)
    names = ev.classes.names
    found = {
        name: tuple(
            int(column[names.index(name)]) for column in (ev.panoptic.tp, ev.panoptic.fp, ev.panoptic.fn)
        )
        for name in ("road", "car", "sky")
    }
    # One car is found, one half of the other is no match; what lies on the group and on void is not counted.
    assert found == {"road": (1, 0, 0), "car": (1, 1, 1), "sky": (1, 0, 0)}
    assert ev.panoptic.things.classes == 1
    assert ev.panoptic.stuff.classes == 2
    bad = tmp_path / "bad"
    bad.mkdir()
    wrong = saved(bad, ".png", [[7, 60001]], [[7, 7]])
    said = refused(
        EvaluationError,
        lambda: evaluate(**wrong, instances="cityscapes", classes="cityscapes", progress=False),
    )
    assert said == (
        "1 of 1 images could not be scored:\n  a: label 60 of ids is neither a class nor ignored\n"
        "hint: ids are the label of a class, or that times 1000 and a number, as in *_instanceIds.png"
    )
    Image.new("RGB", (2, 1), (100, 1, 1)).save(bad / "target" / "a.png")
    said = refused(
        EvaluationError,
        lambda: evaluate(**wrong, instances="cityscapes", classes="cityscapes", progress=False),
    )
    assert said == (
        "1 of 1 images could not be scored:\n  a: label 65 of ids is neither a class nor ignored: "
        "it has colours, which are read as red + 256 * green + 65536 * blue\n"
        "hint: ids are the label of a class, or that times 1000 and a number, as in *_instanceIds.png"
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"instances": "masks"},
            "there is no format of instances `masks`\n"
            "hint: the nearest are `ids`, `coco-panoptic`, `cityscapes`",
        ),
        (
            {"instances": "ids", "classes": ["cell", "debris"]},
            '`instances="ids"` needs one class that each id is an object of, found 2 classes\n'
            "hint: `InstanceEvaluator` takes the class of each id",
        ),
        (
            {"instances": "coco-panoptic", "classes": 3},
            '`classes` is given with `instances="coco-panoptic"`\n'
            "hint: the file names its classes: leave it out",
        ),
        (
            {"instances": "ids", "classes": ["cell"], "strict": True, "boundary": 1, "segments": True},
            "`strict` and `segments` cannot be given with `instances`\n"
            "hint: maps of ids hold no class scores, and their segments name their classes",
        ),
        (
            {"classes": 2, "things": ["a"]},
            '`things` is given without `instances`\nhint: objects are told apart with `instances="ids"`',
        ),
        ({}, "`classes` is not given\nhint: name the classes, or a preset of them"),
    ],
)
def test_options_that_do_not_fit(options: dict[str, Any], said: str) -> None:
    assert refused(ArgumentError, lambda: evaluate(target=[], pred=[], **options)) == said
