"""InstanceEvaluator.add_masks: masks that may overlap, in every form, and all that may be wrong with them."""

import pickle
from typing import Any

import numpy as np
import pytest

from segscore import ArgumentError, InstanceEvaluator
from segscore._core import Masks
from segscore.counts.objects import CROWD
from support.coco_files import SIZES, TWELVE, annotations, results
from support.refused import refused

NAMES = {1: "dog", 3: "cat"}
HINT = (
    "\nhint: masks are bools (n, height, width); or a list of run lengths, {'size': [height, width], "
    "'counts': …}, of polygons, [[x, y, x, y, …], …], whose height and width `size` says, or of bools "
    "(height, width)"
)


def planes(size: tuple[int, int], masks: list[Any]) -> Any:
    """Return masks of COCO as bools."""
    content = [
        one["counts"].encode() if isinstance(one, dict) else [np.array(part, np.float64) for part in one]
        for one in masks
    ]
    return Masks.read(*size, content).planes()


def judged(form: str) -> InstanceEvaluator:
    """Return an evaluator of the images of the files of COCO, whose masks come in one form."""
    judge = InstanceEvaluator(["dog", "cat"])
    for image, size in SIZES.items():
        own = [one for one in annotations()["annotations"] if one["image_id"] == image]
        found = [one for one in results() if one["image_id"] == image]
        sides = [[one["segmentation"] for one in side] for side in (own, found)]
        if form != "files":
            sides = [planes(size, side) for side in sides]
        if form == "lists":
            sides = [list(side) for side in sides]
        if form == "numbers":
            counts = [Masks.of_planes(np.ascontiguousarray(side)).counts() for side in sides]
            sides = [[{"size": list(size), "counts": one.tolist()} for one in side] for side in counts]
        judge.add_masks(
            target=sides[0],
            pred=sides[1],
            target_classes=[
                (NAMES[one["category_id"]], "crowd") if one["iscrowd"] else NAMES[one["category_id"]]
                for one in own
            ],
            pred_classes=[NAMES[one["category_id"]] for one in found],
            scores=[one["score"] for one in found],
            size=size if form == "files" else None,
            name=str(image),
        )
    return judge


@pytest.mark.parametrize("form", ["files", "arrays", "lists", "numbers"])
def test_masks_come_in_every_form(form: str) -> None:
    ev = judged(form).result()
    found = ev.average_precision("coco")
    # Areas are those of masks, which the file says for all but some.
    assert found.mean(0.5) == TWELVE[1]
    assert found.mean() == TWELVE[0]
    assert ev.metric("f1.dog@0.5") == 0.75
    assert ev.shapes.matching.objects.flags[:3].tolist() == [0, 0, CROWD]
    assert refused(ArgumentError, lambda: ev.panoptic).startswith("masks of detections may overlap")


def test_evaluators_of_masks_add_up_and_are_sent() -> None:
    judge = judged("files")
    sent = pickle.loads(pickle.dumps(judge))
    assert sent.result() == judge.result()
    other = InstanceEvaluator(["dog", "cat"])
    other.add_masks(
        target=np.ones((1, 2, 3), bool), pred=[], target_classes=["cat"], pred_classes=[], name="more"
    )
    both = (judge + other).result()
    assert both.names == ("1", "2", "5", "more")
    assert both.metric("object_recall.cat@0.5") < judge.result().metric("object_recall.cat@0.5")


def test_maps_and_masks_do_not_go_together() -> None:
    said = (
        "images of maps and images of masks cannot be added to one evaluator\n"
        "hint: maps give a class to each pixel, and masks may overlap: make one evaluator for each"
    )
    ids = {"target": [[1]], "pred": [[1]], "target_segments": {1: "dog"}, "pred_segments": {1: "dog"}}
    judge = judged("files")
    assert refused(ArgumentError, lambda: judge.add(**ids)) == said
    of_maps = InstanceEvaluator(["dog", "cat"])
    of_maps.add(**ids)
    none = {"target": [], "pred": [], "target_classes": [], "pred_classes": [], "size": (2, 2)}
    assert refused(ArgumentError, lambda: of_maps.add_masks(**none)) == said
    assert len(of_maps) == 1
    assert refused(ArgumentError, lambda: judge.add_masks(**none, name="5")) == (
        "an image named `5` was added before\nhint: names are all different"
    )
    judge.add_masks(**none)
    assert judge.result().names == ("0", "1", "2", "5")


def given(**more: Any) -> dict[str, Any]:
    """Return one mask on each side, with other arguments."""
    mask = np.ones((1, 4, 5), bool)
    return {"target": mask, "pred": mask, "target_classes": ["dog"], "pred_classes": ["cat"], **more}


@pytest.mark.parametrize(("more", "said"), [
    ({"target": np.ones((1, 4, 5), np.uint8)}, "`target` is of dtype uint8, expected bool"),
    ({"pred": np.ones((1, 4, 6), bool)}, "`pred` is of 4 x 6 pixels, expected 4 x 5"),
    ({"pred": [np.ones((3, 5), bool)]}, "`pred[0]` is of 3 x 5 pixels, expected 4 x 5"),
    ({"pred": [{"size": [5, 4], "counts": [20]}]}, "`pred[0]` is of 5 x 4 pixels, expected 4 x 5"),
    ({"pred": [{"size": [4, 5], "counts": [21]}]},
     "`pred`, mask 0: expected run lengths that add up to 4 x 5 = 20 pixels, found 21"),
    ({"pred": [[[0, 0, 1, 1]]]},
     "`pred`, mask 0: expected polygons of three points or more, found 4 numbers"),
    ({"pred": [{"size": [4, 5], "counts": [2.5, 18]}]},
     "`pred[0]` is {'counts': [2.5, 18], 'size': [4, 5]}, which is no mask"),
    ({"pred": [7]}, "`pred[0]` is 7, which is no mask"),
    ({"pred": ["55X1"]}, "`pred[0]` is '55X1', which is no mask"),
    ({"pred": [{"counts": "55X1"}]}, "`pred[0]` is {'counts': '55X1'}, which is no mask"),
    ({"pred": [np.ones((1, 2))]}, "`pred[0]` is array([[1., 1.]]), which is no mask"),
    ({"pred_classes": []}, "`pred_classes` has 0 classes, expected one for each of 1 mask"),
    ({"pred_classes": "cat"}, "`pred_classes` has 0 classes, expected one for each of 1 mask"),
    ({"pred_classes": ["owl"]}, "`pred_classes[0]` is 'owl', which is no class"),
    ({"pred_classes": [("cat", "crowd")]}, "`pred_classes[0]` is a crowd, which only targets have"),
    ({"target_classes": [255]}, "`target_classes[0]` is 255, which is ignored"),
    ({"scores": [1, 2]}, "`scores` has 2 numbers, expected one for each of 1 mask"),
    ({"scores": [float("nan")]}, "`scores[0]` is nan, which is no finite number"),
    ({"pred_classes": ["owl"], "scores": ["x"]},
     "2 faults of one image:\n  `pred_classes[0]` is 'owl', which is no class\n"
     "  `scores[0]` is 'x', which is no finite number"),
])  # fmt: skip
def test_what_is_wrong_with_an_image_is_said(more: dict[str, Any], said: str) -> None:
    judge = InstanceEvaluator(["dog", "cat"], ignore_index=255)
    assert refused(ArgumentError, lambda: judge.add_masks(**given(**more))) == said + HINT
    assert len(judge) == 0


def test_what_is_no_list_or_size_is_refused() -> None:
    judge = InstanceEvaluator(["dog", "cat"])
    for wrong, said in (
        ({"pred": 7}, "`pred` is of type int, expected masks"),
        ({"pred": {"size": [4, 5], "counts": [20]}}, "`pred` is of type dict, expected masks"),
        ({"target": [], "pred": []}, "there is no mask that says the size of the image, and no `size`"),
    ):
        assert refused(ArgumentError, lambda wrong=wrong: judge.add_masks(**given(**wrong))) == said + HINT
    for size in (7, (1, 2, 3), (-1, 4), "ab"):
        assert refused(ArgumentError, lambda size=size: judge.add_masks(**given(size=size))) == (
            f"`size` is {size!r}\nhint: expected the height and the width, such as (480, 640)"
        )
