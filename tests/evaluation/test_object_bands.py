"""Bands along the borders of objects in files of COCO, and the average precision that is of them.

`benches/peers_agree.py` compares random datasets with the API of Boundary IoU itself.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

import segscore
from segscore import ArgumentError, Evaluation, FileFormatError, InstanceEvaluator, ShapeError
from segscore._core import Masks
from segscore.counts.measures import Measures
from segscore.counts.object_bands import ObjectBands, OverlapBands
from support.coco_files import TWELVE, TWELVE_OF_BOUNDARIES, annotations, results
from support.refused import refused


def evaluated(folder: Path, **options: Any) -> Evaluation:
    """Return the evaluation of files in a folder."""
    for side, content in (("target", annotations()), ("pred", results())):
        (folder / f"{side}.json").write_text(json.dumps(content))
    sides = {side: folder / f"{side}.json" for side in ("target", "pred")}
    return segscore.evaluate(**sides, **{"instances": "coco", "progress": False, **options})


@pytest.mark.parametrize("width", [1, 3, 8])
def test_bands_are_what_erosion_takes_away(width: int) -> None:
    random = np.random.default_rng(width)
    planes = ndimage.uniform_filter(random.random((5, 70, 130)), (0, 9, 9)) > 0.48
    planes[3:] = [np.ones((70, 130)), np.zeros((70, 130))]
    square = np.ones((1, 2 * width + 1, 2 * width + 1), bool)
    bands = Masks.of_planes(planes).bands(width)
    np.testing.assert_array_equal(bands.planes(), planes & ~ndimage.binary_erosion(planes, square))


def test_the_twelve_numbers_are_those_of_the_api(tmp_path: Path) -> None:
    ev = evaluated(tmp_path, boundary=0.02)
    assert ev.average_precision("boundary-coco").numbers.tolist() == list(TWELVE_OF_BOUNDARIES)
    assert ev.average_precision("coco").numbers.tolist() == list(TWELVE)
    told = ev.average_precision("boundary-coco").to_dict()
    assert told["convention"] == "boundary-coco"
    assert [one["value"] for one in told["lines"]] == list(TWELVE_OF_BOUNDARIES)
    assert list(told["lines"][0]) == ["name", "iou", "area", "detections", "value"]
    parts = ev.select(["5"]) + ev.select(["1", "2"])
    assert parts.average_precision("boundary-coco").numbers.tolist() == list(TWELVE_OF_BOUNDARIES)
    ev.save(tmp_path / "ev.npz")
    again = segscore.load(tmp_path / "ev.npz")
    assert again == ev
    assert again.metric("boundary_ap") == TWELVE_OF_BOUNDARIES[0]


def test_they_have_names_and_stand_in_outputs(tmp_path: Path) -> None:
    ev = evaluated(tmp_path, boundary="2%")
    names = ("boundary_ap", "mean_boundary_ap50", "boundary_ap75")
    assert [ev.metric(name) for name in names] == list(TWELVE_OF_BOUNDARIES[:3])
    precision = ev.average_precision("boundary-coco").precision[..., 0, 2]
    assert ev.metric("boundary_ap50.dog") == precision[0, :, 0].mean()
    assert [one.passed for one in ev.check({"boundary_ap": 0.1, "boundary_ap.cat": 0.9})] == [True, False]
    text = str(ev)
    assert "mean boundary AP 0.105693" in text
    assert f"{ev.metric('boundary_ap.dog'):.4f}" in text
    rows = ev.to_dict()["detections"]["per_class"]
    assert rows[0]["boundary_ap50"] == ev.metric("boundary_ap50.dog")
    ev.write_report(tmp_path / "report.html")
    assert "boundary AP75" in (tmp_path / "report.html").read_text()
    # Where only one side has them, or another width, they are not compared.
    other = evaluated(tmp_path, boundary=3)
    assert not any("boundary" in one.name for one in segscore.compare(ev, other).differences)
    same = segscore.compare(ev, ev.select(["1", "5"]), on="common").differences
    found = {one.name: one.a for one in same}
    assert found["mean_boundary_ap"] == ev.select(["1", "5"]).metric("boundary_ap")


def test_widths_are_pixels_or_a_share_of_each_image(tmp_path: Path) -> None:
    ev = evaluated(tmp_path, boundary=2)
    bands = next(one for one in ev.measured if isinstance(one, ObjectBands))
    shared = next(one for one in ev.measured if isinstance(one, OverlapBands))
    objects = ev.shapes.matching.objects
    assert objects.pixels[:2].tolist() == [400, 600]
    assert bands.pixels[:2].tolist() == [400 - 16 * 16, 600 - 16 * 26]
    # Of the first target and prediction, boxes of 20 x 20 and 20 x 18 at one corner: left, top and right.
    assert shared.pixels[0] == 2 * 20 + 2 * 2 * 16
    third = evaluated(tmp_path, boundary=0.02)
    of_image = next(one for one in third.measured if isinstance(one, ObjectBands)).pixels[-3]
    assert of_image == 100 * 100 - 94 * 94  # of an image whose diagonal is 156


def judged(boundary: int | None) -> InstanceEvaluator:
    """Return an evaluator of a map: a car of 10 x 10 that is found without a corner, one on void, road."""
    target = np.full((20, 30), 9)
    target[:10, :10] = 1
    target[12:, 20:] = 0
    pred = target.copy()
    pred[:4, :4] = 9
    pred[12:, 20:] = 3
    pred[10:12, 20:] = 3
    judge = InstanceEvaluator(["car", "road"], things=["car"], boundary=boundary)
    judge.add(
        target=target,
        pred=pred,
        target_segments={1: "car", 9: "road"},
        pred_segments={1: "car", 3: "car", 9: "road"},
        scores={1: 0.5, 3: 0.9, 9: 1},
        name="a",
    )
    return judge


def iou_of_bands(target: NDArray[np.bool_], pred: NDArray[np.bool_]) -> float:
    """Return the IoU of the bands of two pixels along the borders of two masks, by erosion."""
    a, b = (one & ~ndimage.binary_erosion(one, np.ones((5, 5), bool)) for one in (target, pred))
    return float((a & b).sum() / (a | b).sum())


def test_panoptic_quality_is_of_bands_where_these_fit_less() -> None:
    ev = judged(2).result()
    assert ev.metric("pq.car") == 84 / 100  # what lies on void is no error
    # The band of the car has 100 - 36 pixels in the target; in the prediction all but a square of the middle
    # of 6 x 6 without what is near the corner that is cut off, 2 rows and columns more.
    inside = np.zeros((20, 30), bool)
    inside[:10, :10] = True
    cut = inside.copy()
    cut[:4, :4] = False
    iou = iou_of_bands(inside, cut)
    assert 0.5 < iou < 0.84
    assert ev.metric("boundary_pq.car") == ev.metric("mean_boundary_pq_things") == iou
    assert ev.metric("boundary_pq.road") < ev.metric("pq.road")
    assert ev.metric("boundary_pq") == (iou + ev.metric("boundary_pq.road")) / 2
    assert dict(ev.worst(1, by="boundary_pq.car")) == {"a": iou}
    # The last 8 of 10 rows of the other prediction lie on void, and its band is all but 6 x 6 of them.
    found = next(one for one in ev.measured if isinstance(one, ObjectBands))
    assert found.void.tolist() == [0, 0, 0, 8 * 10 - 6 * 6, 0]
    assert ev.average_precision("boundary-coco").mean(0.5, label=0) > 0
    assert refused(ArgumentError, lambda: judged(None).result().metric("boundary_pq")).startswith(
        "bands along the borders of objects were not measured"
    )


def test_panoptic_quality_of_bands_stands_beside_that_of_masks(tmp_path: Path) -> None:
    ev = judged(2).result()
    cut = np.zeros((20, 30), bool)
    cut[:10, :10], cut[:4, :4] = True, False
    whole = np.zeros((20, 30), bool)
    whole[:10, :10] = True
    car, road = iou_of_bands(whole, cut), ev.metric("boundary_pq.road")
    text = str(ev)
    assert f"          mean boundary PQ {(car + road) / 2:.6f}\n" in text
    assert f"mean boundary PQ of things {car:.6f}\n" in text
    assert "class      PQ      SQ      RQ  boundary PQ  F1@0.5" in text
    assert f"car    0.8400  0.8400  1.0000       {car:.4f}  1.0000" in text
    told = ev.to_dict()["panoptic"]
    assert [told[part]["mean_boundary_pq"] for part in ("all", "things", "stuff")] == [
        (car + road) / 2,
        car,
        road,
    ]
    assert [row["boundary_pq"] for row in told["per_class"]] == [car, road]
    assert ev.to_metrics()["segscore/mean_boundary_pq"] == (car + road) / 2
    assert f"| mean boundary PQ | {(car + road) / 2:.6f} |" in ev.to_markdown()
    columns = ev.images.columns()
    assert columns["mean_boundary_pq"].tolist() == [(car + road) / 2]
    assert columns["boundary_pq.car"].tolist() == [car]
    ev.write_report(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert "mean boundary PQ of things" in page
    assert "that of the bands along their borders, if that is less" in page
    found = {one.name: one.a for one in segscore.compare(ev, ev).differences}
    assert found["mean_boundary_pq_things"] == car
    # Without bands, and where one side has them alone, there are none.
    without = judged(None).result()
    for told_of in (str(without), str(without.to_dict()), str(without.images.columns())):
        assert "boundary" not in told_of
    assert not any("boundary" in one.name for one in segscore.compare(ev, without).differences)


def test_bands_of_objects_are_none_of_classes(tmp_path: Path) -> None:
    said = (
        "bands along the borders of objects were measured, and none along the boundaries of classes\n"
        'hint: `ev.metric("{}")` reads those of objects'
    )
    segments, detections = judged(2).result(), evaluated(tmp_path, boundary=2)
    assert refused(ArgumentError, lambda: segments.boundary) == said.format("boundary_pq")
    assert refused(ArgumentError, lambda: segments.metric("boundary_iou.car")) == said.format("boundary_pq")
    assert refused(ArgumentError, lambda: detections.boundary) == said.format("boundary_ap")
    assert refused(ArgumentError, lambda: judged(None).result().boundary) == (
        "bands along boundaries were not measured\n"
        "hint: evaluate with `boundary=0.02`: counts of pixels do not say where these are"
    )


def test_evaluators_with_bands_add_up_and_are_saved(tmp_path: Path) -> None:
    other = InstanceEvaluator(["car", "road"], things=["car"], boundary=2)
    other.add(target=[[0, 4]], pred=[[7, 7]], target_segments={4: "car"}, pred_segments={7: "car"})
    ev = (judged(2) + other).result()
    ev.save(tmp_path / "ev.npz")
    assert segscore.load(tmp_path / "ev.npz") == ev
    assert ev.select(["a"]).metric("boundary_pq") == judged(2).result().metric("boundary_pq")
    said = refused(ArgumentError, lambda: judged(2) + InstanceEvaluator(["car", "road"], things=["car"]))
    assert said.endswith("cannot be added\nhint: make both with the same options")
    masks = InstanceEvaluator(["car"], boundary=1)
    masks.add_masks(
        target=np.ones((1, 9, 9), bool),
        pred=np.ones((1, 9, 9), bool),
        target_classes=["car"],
        pred_classes=["car"],
        scores=[1],
    )
    bands = next(one for one in masks.result().measured if isinstance(one, ObjectBands))
    assert (bands.pixels.tolist(), bands.void.tolist()) == ([32, 32], [0, 0])
    volumes = InstanceEvaluator(["car"], boundary=1, outside="background")
    assert refused(ShapeError, lambda: volumes.add(target=[[[1]]], pred=[[[1]]])) == (
        "`boundary` is given, and maps of ids have 3 dimensions\n"
        "hint: bands of objects are measured in images of 2"
    )
    volumes.add(target=[[1, 0]], pred=[[1, 1]])
    assert volumes.result().metric("boundary_pq.car") == 0


def test_what_was_not_measured_is_said(tmp_path: Path) -> None:
    ev = evaluated(tmp_path)
    hint = "hint: give `boundary=0.02` with files of detections, or to `InstanceEvaluator`"
    said = f"bands along the borders of objects were not measured\n{hint}"
    assert refused(ArgumentError, lambda: ev.average_precision("boundary-coco")) == said
    assert refused(ArgumentError, lambda: ev.metric("boundary_ap.dog")) == said
    assert refused(ArgumentError, lambda: evaluated(tmp_path, boundary=(1, 2))) == (
        "`boundary` is (1, 2), and bands of objects have one width\nhint: such as 0.02"
    )
    with_objects = Measures().with_objects
    assert refused(ArgumentError, with_objects, "", (), (), 0.02) == (
        "there are no objects of '' with a band of 0.02"
    )
    widths = "hint: 5 or 5px are pixels, 0.02 or 2% are a share of the diagonal of the image, less than 1"
    for band in (1.5, [3]):
        said = refused(ArgumentError, with_objects, "detections", (), (), band)
        assert said == f"{band} is no width of a band\n{widths}"


@pytest.mark.parametrize("kind", ["object_bands", "overlap_bands"])
@pytest.mark.parametrize("value", [-1, 1 << 30])
def test_bands_that_no_object_has_are_refused(tmp_path: Path, kind: str, value: int) -> None:
    evaluated(tmp_path, boundary=2).save(tmp_path / "ev.npz")
    with np.load(tmp_path / "ev.npz") as found:
        content = dict(found)
    name = next(name for name in content if kind in name and "pixels" in name)
    content[name] = content[name].astype(np.int64)
    content[name][1] = value
    np.savez(tmp_path / "ev.npz", **content)
    # Below 0 no row can be; more pixels than its object has are seen beside the other records alone.
    wrong = f"`{kind}`: its columns do not fit together"
    assert refused(FileFormatError, segscore.load, tmp_path / "ev.npz") == (
        f"{tmp_path}/ev.npz: {wrong if value < 0 else 'its records are not those of what was measured'}\n"
        "hint: `Evaluation.save` and `segscore evaluate --save` write such files"
    )
