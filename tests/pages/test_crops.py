"""Pictures of missed, invented, split and merged objects, and what is said where there are none."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore import Evaluation, FileFormatError, InstanceEvaluator
from segscore.pages.crops import COLOURS, Crop, crops_of
from segscore.pages.pictures import picture_of
from segscore.pages.report import report_page
from support import detections
from support.masks_on_disk import pixels as shown
from support.pages import Page
from support.volumes import nifti

NONE, OTHER, THIS, ONE, TWO = COLOURS.values()


def ids(folder: Path, **maps: tuple[np.ndarray, np.ndarray]) -> dict[str, Any]:
    """Write target and prediction of each image, and return what evaluates them."""
    for side, at in (("target", 0), ("pred", 1)):
        (folder / side).mkdir()
        for name, both in maps.items():
            Image.fromarray(both[at].astype(np.uint16)).save(folder / side / f"{name}.png")
    return {
        "target": folder / "target",
        "pred": folder / "pred",
        "instances": "ids",
        "progress": False,
    }


def one_image() -> tuple[np.ndarray, np.ndarray]:
    """Return maps with objects that are missed, split, merged and invented."""
    target, pred = np.zeros((2, 60, 80), dtype=int)
    target[5:15, 5:25] = 1  # missed, with a corner of an invented one
    pred[13:23, 20:40] = 300
    target[30:40, 10:30] = 2
    pred[30:40, 10:20], pred[30:40, 20:30] = 7, 8
    target[30:40, 50:60], target[30:40, 60:72] = 3, 4
    pred[30:40, 50:72] = 9
    return target, pred


@pytest.fixture
def ev(tmp_path: Path) -> Evaluation:
    return segscore.evaluate(**ids(tmp_path, a=one_image(), b=(np.zeros((4, 4)), np.zeros((4, 4)))))


def colours(png: bytes) -> set[tuple[int, ...]]:
    return {tuple(colour) for colour in np.unique(shown(png).reshape(-1, 3), axis=0).tolist()}


def of_kind(crops: tuple[Crop, ...], kind: str) -> list[Crop]:
    return [one for one in crops if one.kind == kind]


def test_components_are_shown_where_they_lie(tmp_path: Path) -> None:
    target, pred = np.zeros((2, 40, 60), dtype=np.uint8)
    target[2:8, 2:12], target[20:30, 20:30], target[20:30, 30:40] = 1, 1, 2  # of two classes that touch
    pred[20:24, 20:30], pred[26:30, 20:30] = 1, 1
    target[0, :] = 255
    for side, mask in (("target", target), ("pred", pred)):
        (tmp_path / side).mkdir()
        Image.fromarray(mask).save(tmp_path / side / "a.png")
    given = {"target": tmp_path / "target", "pred": tmp_path / "pred", "ignore_index": 255}
    classes = ["background", "lesion", "cyst"]
    ev = segscore.evaluate(**given, classes=classes, components=True, progress=False)
    crops = crops_of(ev)
    told = [(one.kind, one.id, one.label, one.pixels, one.reason) for one in crops]
    assert told == [
        *(("missed", 2, 1, 100, ""), ("missed", 3, 2, 100, ""), ("missed", 1, 1, 60, "")),
        *(("invented", 1, 1, 40, ""), ("invented", 2, 1, 40, ""), ("split", 2, 1, 100, "")),
    ]
    assert (colours(crops[0].target), colours(crops[0].pred)) == ({NONE, OTHER, THIS}, {NONE, ONE, TWO})
    Image.fromarray(np.roll(target, 1, axis=0)).save(tmp_path / "target" / "a.png")
    assert {one.reason for one in crops_of(ev)} == {"the masks have changed since they were scored"}


def test_components_of_volumes_are_listed_alone(tmp_path: Path) -> None:
    labels = np.zeros((4, 5, 6), dtype=np.uint8)
    labels[1:3, 1:4, 2:4] = 1
    for side, mask in (("target", labels), ("pred", 0 * labels)):
        (tmp_path / side).mkdir()
        nifti(tmp_path / side / "a.nii", mask)
    given = {"target": tmp_path / "target", "pred": tmp_path / "pred", "dims": 3, "components": True}
    (one,) = crops_of(segscore.evaluate(**given, classes=["background", "lesion"], progress=False))
    assert (one.kind, one.pixels, one.target) == ("missed", 12, b"")
    assert one.reason == "components of volumes are not drawn"


def test_the_largest_of_each_kind_are_shown_with_what_is_around(ev: Evaluation) -> None:
    crops = crops_of(ev)
    told = {kind: [(one.id, one.pixels) for one in of_kind(crops, kind)] for kind in ("missed", "merged")}
    assert told == {"missed": [(1, 200), (2, 200), (3, 100)], "merged": [(9, 220)]}
    assert [one.over for one in crops if one.kind in ("missed", "split")] == [
        *(((1, 10),), ((1, 100), (1, 100)), ((1, 100),)),
        (),
    ]
    (missed, *_), (split,) = of_kind(crops, "missed"), of_kind(crops, "split")
    # Rows 5 to 14 and columns 5 to 24, with 8 around: rows 0 to 22, columns 0 to 32.
    assert (missed.size, missed.image) == ((176, round(176 * 23 / 33)), 0)
    picture = shown(missed.target)
    assert picture.shape[:2] == missed.size[::-1]
    at = ((np.arange(23) + 0.5) * picture.shape[0] / 23).astype(int)[:, None]
    across = ((np.arange(33) + 0.5) * 176 / 33).astype(int)
    expected = np.zeros((23, 33), dtype=bool)
    expected[5:15, 5:25] = True
    assert ((picture[at, across] == THIS).all(axis=-1) == expected).all()
    pred = (shown(missed.pred)[at, across] == ONE).all(axis=-1)
    assert pred.sum() == 10 * 13  # the invented one from row 13 and column 20 on, as far as is seen
    assert (colours(split.target), colours(split.pred)) == ({NONE, THIS}, {NONE, OTHER, ONE, TWO})
    (merged,) = of_kind(crops, "merged")
    assert (colours(merged.pred), colours(merged.target)) == ({NONE, THIS}, {NONE, ONE, TWO})
    (invented, *_) = of_kind(crops, "invented")
    assert (invented.id, THIS in colours(invented.pred)) == (300, True)
    assert [len(of_kind(crops_of(ev, 1), kind)) for kind in ("missed", "invented", "split")] == [1, 1, 1]
    assert crops_of(ev, 0) == ()


def panoptic(path: Path, ids: np.ndarray, segments: dict[int, int]) -> Path:
    """Write one image as files of COCO's panoptic format, of which the JSON file is returned."""
    path.with_suffix("").mkdir()
    red = np.stack([ids, 0 * ids, 0 * ids], axis=-1).astype(np.uint8)
    Image.fromarray(red).save(path.with_suffix("") / "a.png")
    told = [
        {"id": one, "category_id": label, "area": int((ids == one).sum()), "iscrowd": 0}
        for one, label in segments.items()
    ]
    content = {
        "images": [{"id": 1, "file_name": "a.jpg", "height": ids.shape[0], "width": ids.shape[1]}],
        "annotations": [{"image_id": 1, "file_name": "a.png", "segments_info": told}],
        "categories": [{"id": 1, "name": "car", "isthing": 1}, {"id": 2, "name": "road", "isthing": 0}],
    }
    path.write_text(json.dumps(content))
    return path


def test_parts_of_a_split_object_stand_out_from_what_lies_around(tmp_path: Path) -> None:
    target, pred = np.full((2, 60, 80), 9)
    target[20:30, 20:50] = 1
    pred[20:30, 20:30], pred[20:30, 38:50] = 5, 6  # 100 and 120 of its 300 pixels, and road between them
    ev = segscore.evaluate(
        target=panoptic(tmp_path / "target.json", target, {1: 1, 9: 2}),
        pred=panoptic(tmp_path / "pred.json", pred, {5: 1, 6: 1, 9: 2}),
        instances="coco-panoptic",
        progress=False,
    )
    crops = crops_of(ev)
    assert [(one.kind, one.id) for one in crops] == [
        *(("missed", 1), ("invented", 6), ("invented", 5), ("split", 1))
    ]
    for one in (crops[0], crops[3]):
        # Rows 20 to 29 with 8 around, columns 20 to 49 with 9: 26 x 48 of 60 x 80 pixels.
        assert one.size == (176, round(176 * 26 / 48))
        assert colours(one.pred) == {OTHER, ONE, TWO}
        picture = shown(one.pred)
        first, second = (np.flatnonzero((picture == of).all(axis=-1).any(axis=0)) for of in (ONE, TWO))
        assert first.min() > second.max()  # the larger part is on the right


def test_the_classes_of_what_overlaps_are_named(tmp_path: Path) -> None:
    target, pred = np.zeros((2, 30, 40), dtype=int)
    target[5:15, 5:15], target[20:25, 20:30] = 1, 2  # a car that is called road, and one that is not seen
    pred[5:12, 5:15], pred[12:15, 5:15], pred[0:3, 30:40] = 5, 6, 7  # road, some of a car, one on void
    ev = segscore.evaluate(
        target=panoptic(tmp_path / "target.json", target, {1: 1, 2: 1}),
        pred=panoptic(tmp_path / "pred.json", pred, {5: 2, 6: 1, 7: 1}),
        instances="coco-panoptic",
        progress=False,
    )
    crops = crops_of(ev)
    assert [(one.kind, one.id, one.over) for one in crops] == [
        ("missed", 1, ((1, 70), (0, 30))),
        ("missed", 2, ()),
        ("invented", 5, ((0, 70),)),
        ("invented", 6, ((0, 30),)),
    ]
    page = Page(report_page(ev)).id("crops")
    assert [one.text for one in page.every("p", class_="over")] == [
        "Predicted there: road (70% of it) , car (30% of it)",
        "Nothing is predicted there.",
        *["Target there: car (100% of it)"] * 2,
    ]


def test_photographs_are_cut_as_the_masks_are(ev: Evaluation, tmp_path: Path) -> None:
    (tmp_path / "photographs").mkdir()
    photograph = np.zeros((120, 160, 3), dtype=np.uint8)
    photograph[10:30, 10:50] = 255  # twice as large: where the missed object is
    Image.fromarray(photograph).save(tmp_path / "photographs" / "a.png")
    page = report_page(ev, images=str(tmp_path / "photographs"))
    first = Page(page).id("crops").every("img")
    assert next(iter(first)).attributes["src"].startswith("data:image/jpeg")


def test_a_page_leads_from_objects_to_their_image(ev: Evaluation) -> None:
    page = Page(report_page(ev))
    assert page.panels[:3] == ["summary", "objects", "crops"]
    panel = page.id("crops")
    assert [link.attributes["href"] for link in panel.every("a")][:4] == [
        *("#objects-missed", "#objects-invented", "#objects-split", "#objects-merged")
    ]
    assert "image=0" in page.data("pictures")["behind"]
    links = [link.attributes["data-behind"] for link in panel.every("a", **{"class": "behind"})]
    assert set(links) == {"image=0"}


def test_masks_that_changed_or_are_gone_are_said(ev: Evaluation, tmp_path: Path) -> None:
    Image.fromarray(np.ones((60, 80), dtype=np.uint16)).save(tmp_path / "pred" / "a.png")
    assert {one.reason for one in crops_of(ev)} == {"the masks have changed since they were scored"}
    (tmp_path / "pred" / "a.png").unlink()
    assert {one.reason for one in crops_of(ev)} == {"the masks are no longer where they were"}
    said = f"{len(crops_of(ev))} objects cannot be shown: the masks are no longer where they were."
    assert said in Page(report_page(ev)).id("crops").text
    judge = InstanceEvaluator(["cell"], outside="background")
    judge.add(target=[[1, 0]], pred=[[0, 2]])
    assert {one.reason for one in crops_of(judge.result())} == {"no picture is made of arrays"}


def test_masks_of_files_of_coco_are_read_anew(tmp_path: Path) -> None:
    target = detections.targets(6)
    ev = detections.evaluated(tmp_path, target, detections.results(target, 0.6, 1))
    some = ev.select(ev.names[::-2])
    crops = crops_of(some)
    assert crops
    assert all(one.target and one.pred and THIS in colours(one.target) | colours(one.pred) for one in crops)
    (missed, *_) = of_kind(crops, "missed")
    x, y, width, height = next(one["bbox"] for one in target["annotations"] if one["id"] == missed.id)
    share = (shown(missed.target) == THIS).all(axis=-1).mean()
    across, down = (min(60, at + size + 8) - max(0, at - 8) for at, size in ((x, width), (y, height)))
    assert share == pytest.approx(width * height / (across * down), rel=0.1)
    target["annotations"][0]["segmentation"] = detections.polygon(0, 0, 3, 3)
    (tmp_path / "target.json").write_text(json.dumps(target))
    assert "the masks have changed since they were scored" in {one.reason for one in crops_of(ev)}
    (tmp_path / "pred.json").write_text("[")
    assert all(one.reason for one in crops_of(ev))
    (tmp_path / "pred.json").unlink()
    assert {one.reason for one in crops_of(ev)} == {
        "the files of annotations and results are no longer where they were"
    }


def test_objects_outside_of_their_image_are_said_to_be_so(tmp_path: Path) -> None:
    target = detections.targets(1)
    away = {**target["annotations"][0], "iscrowd": 0, "segmentation": [[900, 900, 950, 900, 950, 950]]}
    for name, content in (("target", {**target, "annotations": [away]}), ("pred", [])):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    sides = {name: tmp_path / f"{name}.json" for name in ("target", "pred")}
    (one,) = crops_of(segscore.evaluate(**sides, instances="coco", progress=False))
    assert (one.kind, one.pixels, one.target) == ("missed", 0, b"")
    assert one.reason == "no pixel of it is within the image"


def test_files_that_can_be_scored_can_be_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = detections.targets(6)
    content = json.dumps(target).encode()
    monkeypatch.setattr("segscore.counts.coco._MOST_BYTES", len(content))
    ev = detections.evaluated(tmp_path, target, detections.results(target, 0.6, 1))
    assert all(one.target for one in crops_of(ev))
    (tmp_path / "target.json").write_bytes(content + b" ")
    said = f"expected at most {len(content):,} bytes, found {len(content) + 1:,}"
    assert {one.reason for one in crops_of(ev)} == {f"{tmp_path}/target.json: {said}"}
    with pytest.raises(FileFormatError, match=said):
        segscore.evaluate(
            target=tmp_path / "target.json",
            pred=tmp_path / "pred.json",
            instances="coco",
            progress=False,
        )


def test_maps_of_ids_are_shown_in_the_colours_of_classes(ev: Evaluation) -> None:
    picture = picture_of(ev, "a")
    assert picture.reason == ""
    assert len(colours(picture.target)) == 2
    wrong = (shown(picture.errors) != shown(picture.errors)[0, 0]).any(axis=-1)
    target, pred = one_image()
    assert (wrong == ((target > 0) != (pred > 0))).all()
