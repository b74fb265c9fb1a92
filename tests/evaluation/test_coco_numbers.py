"""Average precision among the numbers that can be asked for: by name, gates, texts, JSON, comparisons."""

import json
from pathlib import Path

import numpy as np
import pytest

import segscore
from segscore import ArgumentError, Classes, Evaluation
from support.coco_files import TWELVE, TWELVE_WITHOUT_IMAGE_2, annotations, results
from support.refused import refused


@pytest.fixture(scope="module")
def ev(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    """The evaluation of two files."""
    return evaluated(tmp_path_factory.mktemp("files"))


def evaluated(folder: Path, classes: Classes | None = None) -> Evaluation:
    """Return the evaluation of files in a folder."""
    for side, content in (("target", annotations()), ("pred", results())):
        (folder / f"{side}.json").write_text(json.dumps(content))
    sides = {side: folder / f"{side}.json" for side in ("target", "pred")}
    return segscore.evaluate(**sides, instances="coco", classes=classes, progress=False)


def test_numbers_have_names(ev: Evaluation) -> None:
    assert [ev.metric(name) for name in ("ap", "ap50", "mean_ap75")] == list(TWELVE[:3])
    precision = ev.average_precision("coco").precision[..., 0, 2]
    assert ev.metric("ap.dog") == precision[:, :, 0].mean()
    assert ev.metric("ap50.cat") == precision[0, :, 1].mean()
    assert ev.metric("ap75.cat") == precision[5, :, 1].mean()
    assert refused(ArgumentError, lambda: ev.metric("ap@0.5")) == (
        "`ap@0.5` has no IoU from which on objects match\nhint: `ap50` and `ap75` are at one"
    )
    assert refused(ArgumentError, lambda: ev.metric("ap.bird")) == (
        "there is no class `bird`\nhint: the nearest are `dog`, `cat`"
    )


def test_means_leave_out_what_classes_say(tmp_path: Path) -> None:
    ev = evaluated(tmp_path, Classes(["cat", "dog", "bird"], not_in_mean=[0]))
    assert ev.metric("ap") == ev.metric("ap.dog") == ev.average_precision("coco").mean(label=1)
    assert np.isnan(ev.metric("ap.bird"))
    assert ev.average_precision("coco").mean() == pytest.approx(TWELVE[0], abs=1e-15)


def test_gates_are_held_to_them(ev: Evaluation) -> None:
    held = ev.check({"ap": 0.35, "ap50.dog": 0.7})
    assert [(one.passed, one.sentence) for one in held] == [
        (True, "0.362228, at least 0.35 is asked for, on 3 images"),
        (False, "0.644224, 0.055776 below 0.7, on 3 images"),
    ]


def test_no_image_has_one_of_its_own(ev: Evaluation) -> None:
    assert refused(ArgumentError, lambda: ev.worst(1, by="ap.dog")) == (
        "`ap.dog` is of all images together, and no image has one of its own\n"
        "hint: images are ranked by `f1@0.5`, and `ev.select` has the number of some of them"
    )


def test_comparisons_of_some_images_are_of_these(ev: Evaluation) -> None:
    compared = segscore.compare(ev, ev.select(["1", "5"]), on="common")
    found = {difference.name: difference for difference in compared.differences}
    assert (found["mean_ap"].a, found["mean_ap"].b) == (TWELVE_WITHOUT_IMAGE_2[0],) * 2


def test_rules_for_pixels_have_nothing_to_go_by(ev: Evaluation) -> None:
    said = (
        "masks of detections may overlap, and rules are of masks that do not\n"
        "hint: their numbers are `ap` and `f1@0.5`; maps with one id in each pixel have the others"
    )
    assert refused(ArgumentError, ev.explain) == refused(ArgumentError, ev.scores_as, "mmseg") == said


OF_PIXELS = ("mean_iou", "iou.dog", "mean_image_iou", "iou[dog+cat]", "pixel_accuracy")
OF_SEGMENTS = ("pq", "mean_pq_things", "sq.dog", "mean_rq", "boundary_pq", "boundary_pq.dog")
OF_BOTH = ("iiou", "iiou.dog", "aji", "aji.dog", "mean_aji_plus")


@pytest.mark.parametrize("name", [*OF_PIXELS, *OF_SEGMENTS, *OF_BOTH])
def test_numbers_of_masks_that_do_not_overlap_are_refused(ev: Evaluation, name: str) -> None:
    said = (
        f"masks of detections may overlap, and `{name}` is of masks that do not\n"
        "hint: their numbers are `ap` and `f1@0.5`; maps with one id in each pixel have the others"
    )
    assert refused(ArgumentError, lambda: ev.metric(name)) == said
    assert refused(ArgumentError, lambda: ev.check({name: 0.5})) == said
    assert refused(ArgumentError, lambda: segscore.compare(ev, ev, metrics=[name])) == said
    assert refused(ArgumentError, lambda: ev.confidence_interval(name)) == said
    assert refused(ArgumentError, ev.images.metric, name) == said


def test_what_is_left_has_numbers(ev: Evaluation) -> None:
    said = refused(ArgumentError, lambda: ev.panoptic)
    assert said.startswith("masks of detections may overlap, and panoptic quality is of masks that do not\n")
    assert ev.images.metric("mean_f1@0.5").shape == (3,)
    assert refused(ArgumentError, ev.worst, 1, by="mean_iou").startswith("masks of detections may overlap")
    assert ev.to_dict()["mean_image_iou"] is None


def test_objects_are_listed(ev: Evaluation) -> None:
    listed = ev.listed_objects(0.5)
    assert listed.missed == (("2", 6, "cat", 1200),)
    invented = [("2", 6, "cat", 1200), ("1", 2, "dog", 600), ("1", 4, "cat", 240), ("5", 9, "dog", 81)]
    assert [*listed.invented] == invented
    assert listed.split == (("2", 5, "cat", 1200), ("1", 2, "dog", 600))
    assert listed.merged == (("2", 6, "cat", 1200),)
    assert repr(listed) == "<ListedObjects: 1 object missed, 4 invented>"
    # Where any overlap will do, more is found; a higher IoU leaves more out.
    found = [ev.listed_objects(iou) for iou in ("any", 0.95)]
    assert len(found[0].missed) <= 1 < len(found[1].missed)
    assert refused(ArgumentError, ev.listed_objects, 0.3).startswith("below an IoU of 0.5")


def test_texts_lead_with_them(ev: Evaluation) -> None:
    lines = str(ev).splitlines()
    assert lines[2] == "Mean AP 0.36 (AP50 0.49, AP75 0.39)."
    assert [line.split() for line in lines[4:7]] == [
        ["mean", name, f"{value:.6f}"] for name, value in zip(("AP", "AP50", "AP75"), TWELVE, strict=False)
    ]
    assert "AR     0.50:0.95     all           1  0.3167" in lines
    assert "dog    0.4698  0.6442  0.4422  0.7500   0.5000        3       0         2" in lines
    assert repr(ev) == "<Evaluation of 2 classes: 3 images, mean AP 0.362228>"
    assert "| AR | 0.50\\:0.95 | medium | 100 | 0.7667 |" in ev.to_markdown().splitlines()
    assert ev.to_metrics("", metrics=["ap50.dog"])["ap50.dog"] == ev.metric("ap50.dog")


def test_json_has_all_twelve(ev: Evaluation) -> None:
    found = ev.to_dict()["detections"]
    assert [one["value"] for one in found["coco"]] == list(TWELVE)
    assert found["coco"][9] == {
        "name": "AR",
        "iou": "0.50:0.95",
        "area": "small",
        "detections": 100,
        "value": TWELVE[9],
    }
    assert found["per_class"][1] == {
        "name": "cat",
        "ap": ev.metric("ap.cat"),
        "ap50": ev.metric("ap50.cat"),
        "ap75": ev.metric("ap75.cat"),
        "f1@0.5": 4 / 7,
        "f1@0.75": 4 / 7,
        "tp": 2,
        "fp": 2,
        "fn": 1,
    }
    assert (found["split"], found["merged"]) == (2, 1)


def test_a_report_shows_them(ev: Evaluation, tmp_path: Path) -> None:
    ev.write_report(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert "Mean AP 0.36 (AP50 0.49, AP75 0.39)." in page
    assert "<strong>Average precision</strong>" in page
    assert 'data-value="0.6442' in page


def test_crowds_alone_are_said_to_be_so(tmp_path: Path) -> None:
    target = annotations()
    for one in target["annotations"]:
        one["iscrowd"] = 1
    number = len(target["annotations"])
    for name, content in (("target", target), ("pred", results())):
        (tmp_path / f"{name}.json").write_text(json.dumps(content))
    sides = {name: tmp_path / f"{name}.json" for name in ("target", "pred")}
    text = " ".join(str(segscore.evaluate(**sides, instances="coco", progress=False)).split())
    assert f"All {number} objects of targets are crowds, which do not count." in text
    assert f"{number} crowds in targets, and nothing else: a single object has `iscrowd` 0" in text
    target["annotations"] = target["annotations"][:1]
    sides["target"].write_text(json.dumps(target))
    text = str(segscore.evaluate(**sides, instances="coco", progress=False))
    assert "The only object of targets is a crowd, which does not count." in text
    sides["target"].write_text(json.dumps(target | {"annotations": []}))
    text = str(segscore.evaluate(**sides, instances="coco", progress=False))
    assert "There are no objects." in text
    assert "crowd" not in text
