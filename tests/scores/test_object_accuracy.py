"""Average precision of microscopy and aggregated Jaccard indices, against SciPy's assignment and masks."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.optimize import linear_sum_assignment

from segscore import ArgumentError, Evaluation, InstanceEvaluator
from support.instances import drawn
from support.refused import refused

Labels = npt.NDArray[Any]
THRESHOLDS = (0.3, 0.5, 0.7, 0.75, 0.9)
CELL = 1
"""The class, behind the background."""


def cells(seed: int) -> tuple[Labels, Labels]:
    """Return labels of one kind, of which some images have none; few, so that they meet often."""
    image = drawn(seed, 1, crowds=False)
    target, pred = image["target"] % 7, image["pred"] % 7
    return target * (seed % 5 != 0), pred * (seed % 6 != 0)


def evaluated(seeds: range) -> Evaluation:
    judge = InstanceEvaluator(["cell"], outside="background")
    for seed in seeds:
        target, pred = cells(seed)
        judge.add(target=target, pred=pred, name=f"well_{seed:02}")
    return judge.result()


def ious(target: Labels, pred: Labels) -> npt.NDArray[np.float64]:
    """Return the IoU of all targets and predictions."""
    sides = [[side == one for one in np.unique(side[side > 0])] for side in (target, pred)]
    found = [[(one & other).sum() / (one | other).sum() for other in sides[1]] for one in sides[0]]
    return np.array(found, dtype=float).reshape(len(sides[0]), len(sides[1]))


def counts(target: Labels, pred: Labels, threshold: float) -> tuple[int, int, int]:
    """Return TP, FP and FN where as many match as can."""
    iou = ious(target, pred)
    tp = int((iou >= threshold)[linear_sum_assignment(-1.0 * (iou >= threshold))].sum())
    return tp, iou.shape[1] - tp, iou.shape[0] - tp


@pytest.mark.parametrize("name", ["stardist", "stardist-by-image", "cellpose"])
def test_matches_are_the_most_that_there_can_be(name: Any) -> None:
    found = evaluated(range(40)).average_precision(name, thresholds=THRESHOLDS)
    empty = np.nan if name == "cellpose" else 0.0
    for place, threshold in enumerate(THRESHOLDS):
        expected = np.array([counts(*cells(seed), threshold) for seed in range(40)])
        for one, column in zip((found.tp, found.fp, found.fn), expected.T, strict=True):
            assert one[:, CELL, place].tolist() == column.tolist()
        there = expected.sum(axis=1)
        of_images = np.where(there > 0, expected[:, 0] / np.maximum(there, 1), empty)
        np.testing.assert_array_equal(found.images[:, CELL, place], of_images)
        value = found.of_classes[CELL, place]
        if name == "stardist":
            assert value == expected[:, 0].sum() / expected.sum()
        else:
            assert value == pytest.approx(np.nanmean(of_images), abs=1e-15)
        assert found.at(threshold) == value
    assert found.at() == pytest.approx(found.of_classes[CELL].mean(), abs=1e-15)
    assert (there == 0).any()


def test_numbers_of_the_table_are_of_the_same_matches() -> None:
    ev = evaluated(range(40))
    found = ev.average_precision("stardist")
    assert found.thresholds.tolist() == [0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9]
    assert ev.metric("object_accuracy.cell@0.65") == found.at(0.65)
    assert ev.metric("mean_object_accuracy@0.5") == found.at(0.5)
    assert ev.images.metric("object_accuracy.cell@0.5")[1] == found.images[1, CELL, 0]
    assert ev.check({"object_accuracy.cell@0.5": found.at(0.5) - 1e-9, "aji.cell": 0.0})
    assert not ev.check({"object_accuracy.cell@0.5": found.at(0.5) + 1e-9})


def aji(target: Labels, pred: Labels, *, once: bool) -> tuple[int, int]:
    """Return the pixels that matched objects share, and those of all unions."""
    iou = ious(target, pred)
    sides = [[side == one for one in np.unique(side[side > 0])] for side in (target, pred)]
    if once:
        pairs = [pair for pair in zip(*linear_sum_assignment(-iou), strict=True) if iou[pair] > 0]
    else:
        # Of equal IoU that of the larger union, and then the first.
        size = [[int((one | other).sum()) for other in sides[1]] for one in sides[0]]
        order = range(0, -iou.shape[1], -1)
        best = [max(zip(*of, order, strict=True), default=(0, 0, 0)) for of in zip(iou, size, strict=True)]
        pairs = [(i, -int(j)) for i, (of, _, j) in enumerate(best) if of > 0]
    shared = sum(int((sides[0][i] & sides[1][j]).sum()) for i, j in pairs)
    union = sum(int((sides[0][i] | sides[1][j]).sum()) for i, j in pairs)
    left = [
        int(one.sum())
        for side in (0, 1)
        for i, one in enumerate(sides[side])
        if i not in {int(pair[side]) for pair in pairs}
    ]
    return shared, union + sum(left)


@pytest.mark.parametrize(("name", "once"), [("aji", False), ("aji_plus", True)])
def test_aggregated_jaccard_indices_are_those_of_masks(name: str, once: bool) -> None:
    ev = evaluated(range(40))
    expected = np.array([aji(*cells(seed), once=once) for seed in range(40)])
    of_all = expected[:, 0].sum() / expected[:, 1].sum()
    assert ev.metric(f"{name}.cell") == ev.metric(f"mean_{name}") == of_all
    with np.errstate(invalid="ignore"):
        of_images = expected[:, 0] / expected[:, 1]
    np.testing.assert_array_equal(ev.images.metric(f"{name}.cell"), of_images)
    assert np.isnan(of_images).any()
    assert ev.metric("aji.cell") != ev.metric("aji_plus.cell")


def test_void_and_crowds_are_in_no_union() -> None:
    judge = InstanceEvaluator(["cell"])
    judge.add(
        target=[[1, 1, 1, 0, 0, 0, 2, 2]],
        pred=[[3, 3, 0, 3, 4, 4, 5, 5]],
        target_segments={1: "cell", 2: ("cell", "crowd")},
        pred_segments=dict.fromkeys((3, 4, 5), "cell"),
    )
    # What lies on void leaves the union of 3, and neither 4 nor 5 is an error.
    assert judge.result().metric("aji.cell") == 2 / 3


def test_what_is_shown() -> None:
    found = evaluated(range(12)).average_precision("cellpose")
    values = [f"{found.at(one):.4f}" for one in (0.5, 0.75, 0.9)]
    assert str(found) == "\n".join(
        f" AP @[ IoU={one:<4} ] = {value}" for one, value in zip(("0.5", "0.75", "0.9"), values, strict=True)
    )
    assert repr(found) == f"<ObjectAccuracy as cellpose: {found.at():.4f}>"
    told = found.to_dict()
    assert told["thresholds"] == [0.5, 0.75, 0.9]
    assert told["per_class"][CELL] == {"name": "cell", "ap": found.of_classes[CELL].tolist()}
    assert told["per_class"][0]["ap"] == [None] * 3
    assert told["mean"] == found.at()
    assert told["differences"][0].startswith("It counts one object less")


def test_where_there_is_no_object() -> None:
    judge = InstanceEvaluator(["cell"], outside="background")
    judge.add(target=[[0, 0]], pred=[[0, 0]])
    of = judge.result().average_precision
    assert (of("stardist").at(), of("stardist-by-image").at()) == (0.0, 0.0)
    assert np.isnan(of("cellpose").at())
    assert np.isnan(judge.result().metric("aji.cell"))


def test_what_cannot_be_asked_for() -> None:
    ev = evaluated(range(4))
    assert refused(ArgumentError, ev.average_precision, "cellpost") == (
        "there is no convention of average precision `cellpost`\nhint: the nearest is `cellpose`"
    )
    assert refused(ArgumentError, ev.average_precision, "stardist", detections=10) == (
        "`detections` cannot be given with `stardist`, which is of all predictions\n"
        "hint: COCO's is of as many of a class in an image as one likes"
    )
    assert refused(ArgumentError, ev.average_precision, "stardist", thresholds=()) == (
        "`thresholds` is (), expected 1 to 100 numbers\nhint: such as (0.5, 0.75)"
    )
    assert refused(ArgumentError, ev.average_precision, "stardist", thresholds="0.5").startswith(
        "`thresholds` is '0.5', expected 1 to 100 numbers"
    )
    assert refused(ArgumentError, ev.average_precision, "stardist", thresholds={0.5: 1}).startswith(
        "`thresholds` is {0.5: 1}, expected 1 to 100 numbers"
    )
    assert refused(ArgumentError, ev.average_precision, "stardist", thresholds=(0.5, 2)) == (
        '2 is no IoU from which on objects match\nhint: it is above 0, and 1 at most, such as 0.5, or "any"'
    )
    assert refused(ArgumentError, ev.average_precision("cellpose").at, 0.6) == (
        "there is no average precision at an IoU of 0.6\nhint: it is at 0.5, 0.75 and 0.9"
    )
    assert refused(ArgumentError, ev.metric, "aji.cell@0.5") == (
        "`aji.cell@0.5` has no IoU from which on objects match\nhint: `aji.cell` takes any"
    )
