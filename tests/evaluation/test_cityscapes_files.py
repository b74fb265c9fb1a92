"""Texts of Cityscapes that name predicted masks, as an evaluation of objects.

`benches/peers_agree.py` compares random datasets with cityscapesScripts itself.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import segscore
from segscore import ArgumentError, Evaluation, EvaluationError, FileFormatError, PairingError
from segscore.counts.objects import CROWD
from support.pages import object_tooltips
from support.refused import refused

CAR, PERSON = 26, 24


def ids() -> Any:
    """Return ids of a target: two cars, a group of persons, road, and void of two kinds."""
    made = np.full((20, 40), 7, np.uint16)
    made[:10, :20] = CAR * 1000 + 3
    made[10:, :20] = CAR * 1000
    made[:6, 20:30] = PERSON
    made[6:, 20:30] = 3
    made[19, 39] = 0
    return made


def box(top: int, left: int, high: int, wide: int) -> Any:
    """Return a mask."""
    made = np.zeros((20, 40), np.uint8)
    made[top : top + high, left : left + wide] = 1
    return made


MASKS = [
    (box(0, 0, 10, 18), CAR, 0.9),
    (box(0, 20, 12, 10), PERSON, 0.75),
    (box(12, 0, 8, 19), CAR, 0.5),
    (box(0, 30, 4, 5), CAR, 0.6),
    (box(0, 0, 0, 0), CAR, 1.0),
    (box(0, 0, 9, 9), 7, 0.4),
    (box(0, 0, 9, 9), 3, 1.0),
]
"""The last three are of no pixel, of stuff, and of what is ignored."""


def files(folder: Path, masks: Any = MASKS, name: str = "a_1_2") -> dict[str, Any]:
    """Write a target, its text and masks, and return the arguments that name them."""
    (folder / "gt" / "a").mkdir(parents=True, exist_ok=True)
    (folder / "pred" / "m").mkdir(parents=True, exist_ok=True)
    Image.fromarray(ids()).save(folder / "gt" / "a" / f"{name}_gtFine_instanceIds.png")
    Image.fromarray(ids().astype(np.uint8)).save(folder / "gt" / "a" / f"{name}_gtFine_labelIds.png")
    lines = []
    for place, (mask, label, score) in enumerate(masks):
        one = folder / "pred" / "m" / f"{name}_{place}.png"
        Image.fromarray(mask * (255 if place % 2 else 1)).save(one)
        lines.append(f"m/{name}_{place}.png {label} {score}\n")
    (folder / "pred" / f"{name}_leftImg8bit.txt").write_text("".join(lines))
    return {"pred": folder / "pred", "target": folder / "gt", "instances": "cityscapes", "progress": False}


def evaluated(folder: Path, **options: Any) -> Evaluation:
    """Return the evaluation of one image, and of one without predictions."""
    files(folder, [], "a_1_3")
    return segscore.evaluate(**files(folder), **options)


def test_objects_are_those_of_ids_and_of_masks(tmp_path: Path) -> None:
    ev = evaluated(tmp_path, threads=2)
    objects, overlaps = ev.shapes.matching.objects, ev.shapes.matching.overlaps
    assert ev.names == ("a_1_2", "a_1_3")
    assert objects.offsets.tolist() == [0, 7, 10]
    assert objects.id[:7].tolist() == [PERSON, CAR * 1000, CAR * 1000 + 3, 0, 1, 2, 3]
    names = [ev.classes.names[i] for i in objects.label[:7].tolist()]
    assert names == ["person", "car", "car", "car", "person", "car", "car"]
    assert objects.pixels[:7].tolist() == [60, 200, 200, 180, 120, 152, 20]
    assert objects.flags.tolist() == [CROWD, *[0] * 6, CROWD, 0, 0]
    assert objects.void[:7].tolist() == [0, 0, 0, 0, 60, 0, 0]
    assert objects.score[3:7].tolist() == [0.9, 0.75, 0.5, 0.6]
    shared = np.stack([overlaps.image, overlaps.target, overlaps.pred, overlaps.pixels], 1)
    assert shared.tolist() == [[0, 0, 1, 60], [0, 1, 2, 152], [0, 2, 0, 180]]


def test_the_numbers_have_names_and_texts(tmp_path: Path) -> None:
    ev = evaluated(tmp_path)
    found = ev.average_precision("cityscapes")
    # Of four cars two are found, one before an error and one behind it: up to an IoU of 0.85, as 0.9 is not
    # above 0.9, and up to 0.75. A group and void excuse the person, and no person counts. Precisions
    # 2/3, 1/2, 1 and 1 are at recalls 1/2, 1/4, 1/4 and 0.
    assert found.mean(0.75) == pytest.approx((2 / 3 + 1 / 2 + 1 + 1) / 8)
    assert found.mean(0.85) == (1 + 1) / 8
    assert found.mean(0.9) == 0
    assert ev.metric("ap") == found.mean() == ev.metric("ap.car")
    assert ev.metric("ap50") == found.mean(0.5)
    assert np.isnan(ev.metric("ap.person"))
    assert ev.check({"ap50": 0.9})[0].passed is False
    assert ev.to_dict()["detections"]["cityscapes"][1] == {
        "name": "AP",
        "iou": "0.50",
        "value": found.mean(0.5),
    }
    text = " ".join(str(ev).split())
    assert "score IoU Cityscapes AP 0.50:0.95 0.2875 AP 0.50 0.3958" in text
    assert "1 on void and groups not counted" in text
    ev.write_report(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    said = object_tooltips(page)
    assert said["AP50"] == "the same at an IoU of 0.5, as Cityscapes has it"
    assert said["invented"] == "predictions that match no target, but for those on void and groups"
    assert page.count("as Cityscapes has it") == 1 + 3  # in words, and of AP, AP50 and AP75
    assert "as COCO" not in page
    # Parts and files of it have the same.
    parts = ev.select(["a_1_3"]) + ev.select(["a_1_2"])
    assert parts.average_precision("cityscapes").mean() == found.mean()
    ev.save(tmp_path / "ev.npz")
    assert segscore.load(tmp_path / "ev.npz") == ev
    assert ev.average_precision("coco").mean(0.5) > 0


def test_all_that_is_wrong_with_texts_is_said(tmp_path: Path) -> None:
    given = files(tmp_path)
    text = tmp_path / "pred" / "a_1_2_leftImg8bit.txt"
    lines = [
        "m/a.png 26",
        "/m/a.png 26 1",
        "../gt/a.png 26 1",
        "m/a.png x 1",
        "m/a.png 26 nan",
        "m/a.png 2.5 1",
    ]
    text.write_text("\n".join([*lines, "", "m/b.png 26.0 1e-1", "./m/b.png 26 0.5", "m/c.png 99 0.5"]))
    place = f"{text}, line"
    assert refused(FileFormatError, lambda: segscore.evaluate(**given)) == (
        f"{place} 1: expected a path, a label and a score, found 2 parts\n"
        f"{place} 2: expected a path below the folder of predictions, found '/m/a.png'\n"
        f"{place} 3: expected a path below the folder of predictions, found '../gt/a.png'\n"
        f"{place} 4: expected a label and a score, found 'x 1'\n"
        f"{place} 5: expected a label and a score, found '26 nan'\n"
        f"{place} 6: expected a label and a score, found '2.5 1'\n"
        f"{place} 9: {tmp_path}/pred/m/b.png is there twice\n"
        f"{text}: {tmp_path}/pred/m/c.png is of label 99, which is neither a class nor ignored\n"
        "hint: a line is `path label score` of one mask, such as `masks/0.png 26 0.93`"
    )
    text.write_bytes(b"\xff 26 1")
    said = refused(FileFormatError, lambda: segscore.evaluate(**given)).splitlines()[0]
    assert said == f"{text}: expected a text in UTF-8"


def test_masks_that_cannot_be_scored_are_all_named(tmp_path: Path) -> None:
    given = files(tmp_path)
    (tmp_path / "pred" / "m" / "a_1_2_0.png").unlink()
    Image.fromarray(np.zeros((5, 40), np.uint8)).save(tmp_path / "pred" / "m" / "a_1_2_2.png")
    said = refused(EvaluationError, lambda: segscore.evaluate(**given)).splitlines()
    assert said[0] == "masks cannot be scored:"
    assert said[1].startswith(f"  a_1_2: {tmp_path}/pred/m/a_1_2_0.png: ")
    path = f"{tmp_path}/pred/m/a_1_2_2.png"
    assert said[2] == f"  {path}: `pred` and `target` differ in shape: (5, 40) and (20, 40)"
    Image.fromarray(np.full((20, 40), 99, np.uint16)).save(
        tmp_path / "gt" / "a" / "a_1_2_gtFine_instanceIds.png"
    )
    files(tmp_path / "other")
    given["pred"] = tmp_path / "other" / "pred"
    assert refused(EvaluationError, lambda: segscore.evaluate(**given)).splitlines()[:2] == [
        "masks cannot be scored:",
        "  a_1_2: label 99 of ids is neither a class nor ignored",
    ]
    Image.new("RGB", (40, 20), (1, 2, 3)).save(tmp_path / "gt" / "a" / "a_1_2_gtFine_instanceIds.png")
    assert refused(EvaluationError, lambda: segscore.evaluate(**given)) == (
        "masks cannot be scored:\n  a_1_2: expected ids in one channel, found colours\n"
        "hint: targets are the files of Cityscapes that end in _instanceIds.png, as they are"
    )


def test_many_masks_that_cannot_be_scored_are_counted(tmp_path: Path) -> None:
    given = files(tmp_path, [(box(0, 0, 2, 2), CAR, 0.5)] * 24)
    for mask in (tmp_path / "pred" / "m").iterdir():
        mask.write_bytes(b"")
    said = refused(EvaluationError, lambda: segscore.evaluate(**given)).splitlines()
    assert said[20].startswith(f"  a_1_2: {tmp_path}/pred/m/a_1_2_")
    assert said[21] == "  and 4 more, in `failures` of this error"


def test_each_target_has_one_text(tmp_path: Path) -> None:
    given = files(tmp_path)
    files(tmp_path, [], "a_1_3")
    (tmp_path / "pred" / "a_1_3_leftImg8bit.txt").unlink()
    (tmp_path / "pred" / "a_1_2.txt").write_text("")
    (tmp_path / "pred" / "readme_of_all.txt").write_text("")
    assert refused(PairingError, lambda: segscore.evaluate(**given)) == (
        f"a_1_2: there are 2 texts: {tmp_path}/pred/a_1_2.txt, {tmp_path}/pred/a_1_2_leftImg8bit.txt\n"
        "a_1_3: there is no text of its predictions\n"
        "hint: each image has one text, which is empty where nothing was found"
    )
    (tmp_path / "pred" / "a_1_2.txt").rename(tmp_path / "pred" / "a_1_3.txt")
    ev = segscore.evaluate(**given)
    assert (ev.names, ev.extra) == (("a_1_2", "a_1_3"), ("readme_of_all.txt",))
    given["pred"] = [str(tmp_path / "pred" / name) for name in ("a_1_2_leftImg8bit.txt", "a_1_3.txt")]
    assert segscore.evaluate(**given).average_precision("cityscapes").mean() == 0.2875
    given["target"] = tmp_path / "pred"
    said = refused(PairingError, lambda: segscore.evaluate(**given)).splitlines()[0]
    assert said == f"there is no target of a name such as *_instanceIds.png in {tmp_path}/pred"


def test_texts_may_lie_in_folders(tmp_path: Path) -> None:
    given = files(tmp_path)
    (tmp_path / "pred").rename(tmp_path / "pred_of_city")
    (tmp_path / "pred").mkdir()
    (tmp_path / "pred_of_city").rename(tmp_path / "pred" / "city")
    ev = segscore.evaluate(**given)
    assert ev.average_precision("cityscapes").numbers.round(4).tolist() == [0.575, 0.7917]
    ev.write_report(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert "from which on an object is found, as Cityscapes has it." in page
    assert "<strong>Average precision</strong>" in page


def test_what_does_not_go_together(tmp_path: Path) -> None:
    given = files(tmp_path)
    assert refused(ArgumentError, lambda: segscore.evaluate(**given, pairing="{id}", strict=True)) == (
        '`pairing` and `strict` cannot be given with `instances="cityscapes"`\n'
        "hint: files of detections are read as they are, and say which images, classes and masks there are"
    )
    del given["progress"]
    assert refused(ArgumentError, lambda: segscore.plan(**given)) == (
        '`instances="cityscapes"` has no shards of detections, whose files are read in one piece\n'
        "hint: `segscore.evaluate` reads them, in several threads"
    )
    ev = segscore.evaluate(**given, things=["person"], progress=False)
    assert np.isnan(ev.average_precision("cityscapes").mean())
    for more, name in (({"thresholds": [0.5]}, "thresholds"), ({"detections": [5]}, "detections")):
        call = lambda more=more: ev.average_precision("cityscapes", **more)  # noqa: E731
        assert refused(ArgumentError, call) == (
            f"`{name}` cannot be given with Cityscapes' average precision, which is of all predictions, at "
            "its own IoU\nhint: COCO's is of as many of a class in an image as one likes, and at other IoU"
        )


def test_maps_of_ids_are_still_no_texts(tmp_path: Path) -> None:
    given = files(tmp_path)
    (tmp_path / "maps").mkdir()
    Image.fromarray(ids()).save(tmp_path / "maps" / "a_1_2_gtFine_instanceIds.png")
    (tmp_path / "maps" / "readme.txt").write_text("of maps")
    given["pred"], given["target"] = tmp_path / "maps", tmp_path / "gt" / "a"
    ev = segscore.evaluate(**given, pairing="{id}_gtFine_instanceIds:{id}_gtFine_instanceIds")
    assert ev.panoptic.mean_pq == 1


@pytest.mark.parametrize("name", ["<b>", "\u202e_1_2", "a b_1_2", "x" * 180])
def test_names_are_texts_and_nothing_else(tmp_path: Path, name: str) -> None:
    given = files(tmp_path, [], name)
    given["pred"] = [str(one) for one in (tmp_path / "pred").glob("*.txt")]
    ev = segscore.evaluate(**given)
    assert ev.names == (name,)
    assert all(line.isprintable() for line in str(ev).split("\n"))
