"""iIoU: pixels of objects by the mean size of their class in Cityscapes, of maps that are known by hand.

`benches/peers_agree.py` compares random datasets with cityscapesScripts itself.
"""

import json
from pathlib import Path

import numpy as np
import pytest

import segscore
from segscore import ArgumentError, Evaluation, Evaluator, InstanceEvaluator
from segscore.scores.weighted_iou import MEAN_SIZES
from support.coco_files import annotations, results
from support.refused import refused

CAR, PERSON = MEAN_SIZES["car"], MEAN_SIZES["person"]


def judged() -> Evaluation:
    """Return the evaluation of two images: cars of 4 and 2 pixels, a crowd of cars, a person, and road."""
    judge = InstanceEvaluator(["car", "person", "road"], things=["car", "person"])
    judge.add(
        target=[[1, 1, 1, 1, 2, 2, 9, 9, 9, 0]],
        pred=[[7, 7, 7, 5, 7, 5, 7, 7, 5, 7]],
        target_segments={1: "car", 2: "car", 9: "road"},
        pred_segments={7: "car", 5: "road"},
        name="a",
    )
    judge.add(
        target=[[3, 3, 3, 8, 8, 4, 4, 4, 4, 4]],
        pred=[[7, 6, 6, 7, 6, 6, 5, 6, 6, 6]],
        target_segments={3: ("car", "crowd"), 8: "person", 4: "car"},
        pred_segments={7: "car", 6: "person", 5: "car"},
        name="b",
    )
    return judge.result()


def test_objects_weigh_the_same() -> None:
    ev = judged()
    # Of the cars 3/4, 1/2 and 1/5 are right. Two pixels of road and one of the person are none, those of void
    # and of the crowd do not count.
    right, missed = (3 / 4 + 1 / 2 + 1 / 5) * CAR, (1 / 4 + 1 / 2 + 4 / 5) * CAR
    car = right / (right + 3 + missed)
    assert ev.metric("iiou.car") == pytest.approx(car, rel=1e-14)
    # Of the person a half is right; 2 pixels of the crowd and 4 of the car are none.
    person = PERSON / 2 / (PERSON + 2 + 4)
    assert ev.metric("iiou.person") == pytest.approx(person, rel=1e-14)
    assert ev.metric("iiou") == ev.metric("mean_iiou") == pytest.approx((car + person) / 2, rel=1e-14)
    assert np.isnan(ev.metric("iiou.road"))


def test_components_of_classes_are_objects() -> None:
    judge = Evaluator(["background", "car"], components=True)
    judge.add(target=[[1, 1, 1, 1, 0, 1, 1]], pred=[[1, 1, 1, 0, 1, 1, 0]])
    right, missed = (3 / 4 + 1 / 2) * CAR, (1 / 4 + 1 / 2) * CAR
    assert judge.result().metric("iiou.car") == pytest.approx(right / (right + 1 + missed), rel=1e-14)


def test_each_image_has_one_of_its_own() -> None:
    ev = judged()
    ranked = dict(ev.worst(2, by="iiou.car"))
    assert ranked == {name: pytest.approx(ev.select([name]).metric("iiou.car")) for name in "ab"}
    assert [one.passed for one in ev.check({"iiou.car": 0.4, "mean_iiou": 0.5})] == [True, False]
    assert ev.confidence_interval("iiou.car", resamples=50).value == ev.metric("iiou.car")


def test_what_has_none_says_so(tmp_path: Path) -> None:
    for side, content in (("target", annotations()), ("pred", results())):
        (tmp_path / f"{side}.json").write_text(json.dumps(content))
    sides = {side: tmp_path / f"{side}.json" for side in ("target", "pred")}
    ev = segscore.evaluate(**sides, instances="coco", progress=False)
    assert refused(ArgumentError, lambda: ev.metric("iiou.dog")) == (
        "masks of detections may overlap, and `iiou.dog` is of masks that do not\n"
        "hint: their numbers are `ap` and `f1@0.5`; maps with one id in each pixel have the others"
    )
    assert refused(ArgumentError, lambda: judged().metric("iiou@0.5")) == (
        "`iiou@0.5` has no IoU from which on objects match\nhint: `iiou` is of pixels"
    )
