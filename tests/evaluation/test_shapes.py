"""Shapes through every door: images one by one, in batches, in parts, and single pairs of masks."""

import copy
import itertools
import json
import math
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import segscore
from segscore import (
    ArgumentError,
    Classes,
    DtypeError,
    Evaluation,
    Evaluator,
    LabelError,
    ShapeError,
    evaluate,
)
from support.by_hand import band_iou, directed, painted
from support.masks_on_disk import Array
from support.refused import refused

CLASSES = Classes(["background", "liver", "spleen"], ignore=[255], not_in_mean=[0])
OPTIONS: dict[str, Any] = {"boundary": (1, 3), "distances": True, "spacing": (2, 0.7)}
PREDS, TARGETS = map(np.stack, zip(*(painted(seed, (20, 24), 3) for seed in range(6)), strict=True))
NAMES = [f"case_{i}" for i in range(6)]


def judge(*images: int, **options: Any) -> Evaluator:
    made = Evaluator(CLASSES, **{**OPTIONS, **options})
    for i in images:
        made.add(pred=PREDS[i], target=TARGETS[i], name=NAMES[i])
    return made


@pytest.fixture(scope="module")
def ev() -> Evaluation:
    return judge(*range(6)).result()


def test_every_door_leads_to_the_same(ev: Evaluation) -> None:
    batch = Evaluator(CLASSES, **OPTIONS)
    batch.add_batch(pred=PREDS, target=TARGETS, names=NAMES)
    scores = Evaluator(CLASSES, **OPTIONS)
    scores.add_batch(logits=np.eye(3)[PREDS], target=TARGETS, class_axis=-1, names=NAMES)
    for found in (
        batch.result(),
        scores.result(),
        evaluate(pred=PREDS, target=TARGETS, classes=CLASSES, names=NAMES, threads=2, **OPTIONS),
        evaluate(pred=list(PREDS), target=list(TARGETS), classes=CLASSES, names=NAMES, threads=1, **OPTIONS),
    ):
        assert found.measured == ev.measured
        assert found == ev


def test_parts_add_up_in_any_order_and_number(ev: Evaluation) -> None:
    singles = [judge(i) for i in range(6)]
    for order in itertools.islice(itertools.permutations(range(6)), 0, 720, 97):
        assert sum(singles[i] for i in order).result() == ev  # type: ignore[union-attr]
    for at in range(7):
        one, other = judge(*range(at)), judge(*range(at, 6))
        assert (one + other).result() == (other + one).result() == ev
    sent = [pickle.loads(pickle.dumps(one)) for one in singles]
    assert sum(sent[::-1]).result() == ev  # type: ignore[union-attr]
    assert (judge() + judge(*range(6))).result() == ev


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"tolerances": 3}, "`tolerances` (1.0, 2.0) and (3.0,)"),
        ({"empty": "skip"}, "`empty` 'inf' and 'skip'"),
        ({"spacing": (1, 1)}, "`spacing` (2.0, 0.7) and (1.0, 1.0)"),
        ({"boundary": None, "within": 3}, "`boundary` (1, 3) and (), `within` None and 3.0"),
    ],
)
def test_evaluators_that_measure_something_else_are_not_added(options: dict[str, Any], told: str) -> None:
    assert refused(ArgumentError, judge(0).__add__, judge(1, **options)) == (
        f"two evaluators with {told} cannot be added\nhint: make both with the same options"
    )


def test_an_evaluator_without_shapes_is_not_added_to_one_with_them() -> None:
    found = refused(ArgumentError, judge(0).__add__, Evaluator(CLASSES))
    assert found.startswith("two evaluators with `boundary` (1, 3) and (), `distances` True and False")


def test_an_image_that_is_refused_leaves_no_shapes_behind(ev: Evaluation) -> None:
    made = judge(*range(6))
    refused(LabelError, made.add, pred=PREDS[0], target=TARGETS[0] + 9, name="bad")
    refused(ArgumentError, made.add, pred=PREDS[0], target=TARGETS[0], name="case_0")
    refused(ShapeError, made.add, pred=PREDS[0], target=TARGETS[0, 1:], name="other")
    assert made.result() == ev


def test_images_without_names_are_measured_in_their_order() -> None:
    made = Evaluator(CLASSES, **OPTIONS)
    for i in (2, 0):
        made.add(pred=PREDS[i], target=TARGETS[i])
    found, named = made.result(), judge(2, 0).result()
    assert found.names == ("0", "1")
    np.testing.assert_array_equal(found.surface.images.hausdorff(), named.surface.images.hausdorff()[::-1])


# What is read of an evaluation


def test_parts_are_as_if_they_were_all(ev: Evaluation) -> None:
    assert ev.select(["case_4", "case_1"]) == judge(1, 4).result()
    groups = ev.group_by(lambda name: int(name[-1]) % 2)
    for key, images in ((0, (0, 2, 4)), (1, (1, 3, 5))):
        part = judge(*images).result()
        assert groups[key] == part
        for name in ("hd95.liver", "mean_assd", "surface_dice@1", "boundary_iou"):
            assert groups[key].metric(name) == part.metric(name)


def test_copies_are_whole(ev: Evaluation) -> None:
    for found in (pickle.loads(pickle.dumps(ev)), copy.deepcopy(ev), copy.copy(ev)):
        assert found == ev
        assert found.metric("hd95.liver") == ev.metric("hd95.liver")
    made = pickle.loads(pickle.dumps(judge(0, 1)))
    made.add(pred=PREDS[2], target=TARGETS[2], name=NAMES[2])
    assert made.result() == judge(0, 1, 2).result()


def test_results_are_equal_where_the_same_was_measured(ev: Evaluation) -> None:
    for options in ({"boundary": 1}, {"spacing": (2, 0.8)}, {"empty": "skip"}, {"surface": "voxels"}):
        assert judge(*range(6), **options).result() != ev
    assert judge(*range(6)).result() == ev


def test_classes_are_not_merged_after_they_were_measured(ev: Evaluation) -> None:
    assert refused(ArgumentError, ev.merge, {"organ": ["liver", "spleen"]}) == (
        "`bands` was measured of `liver` and `spleen`, which does not say what they are as one\n"
        "hint: merge classes in the masks, and evaluate these"
    )


def test_a_class_that_nobody_has_has_no_shape() -> None:
    made = Evaluator(Classes(["a", "b", "nobody"]), boundary=1, distances=True)
    made.add(pred=np.eye(9, dtype=int), target=np.eye(9, dtype=int)[::-1])
    found = made.result()
    for name in ("hd95.nobody", "assd.nobody", "surface_dice.nobody@2", "boundary_iou.nobody"):
        assert math.isnan(found.metric(name))
    both = [found.metric(f"hd95.{name}") for name in "ab"]
    assert found.metric("mean_hd95") == sum(both) / 2


def test_outputs_hold_no_number_that_json_lacks() -> None:
    made = judge(*range(3))
    made.add(pred=np.zeros((4, 4), int), target=np.ones((4, 4), int), name="missed")
    found = made.result()
    text = json.dumps(found.to_dict(), allow_nan=False)
    (first, *_), surface = json.loads(text)["boundary"], json.loads(text)["surface"]
    assert first["mean_iou"] == found.boundary.mean_iou
    assert (surface["mean_hd95"], surface["per_class"][1]["hd95"]) == ("inf", found.metric("hd95.spleen"))
    assert (surface["missed"], surface["invented"], surface["unit"]) == (1, 0, "mm")
    assert (surface["surface"], surface["spacing"], surface["empty"]) == ("area", [2.0, 0.7], "inf")
    assert [one["name"] for one in surface["per_class"]] == ["liver", "spleen"]
    for backend in ("pandas", "polars", "pyarrow"):
        frame = found.images.to_frame(backend)
        column = frame["hd95.liver"].to_pylist() if backend == "pyarrow" else list(frame["hd95.liver"])
        assert column[:3] == found.images.metric("hd95.liver")[:3].tolist()
        assert column[3] == math.inf
    for written in (str(found), found.to_markdown(), found._repr_html_()):
        assert "liver" in written
        assert "infinitely far" in " ".join(written.split())


# Single pairs


A, B = (side[0] == 1 for side in (PREDS, TARGETS))


@pytest.mark.parametrize("spacing", [None, (2.0, 0.7)])
def test_single_pairs_are_scored_as_by_hand(spacing: tuple[float, ...] | None) -> None:
    options: dict[str, Any] = {"spacing": spacing, "surface": "voxels"}
    ours, theirs = directed(A, B, spacing)
    assert segscore.hausdorff(A, B, **options) == max(ours.max(), theirs.max())
    wanted = max(np.percentile(ours, 95), np.percentile(theirs, 95))
    assert segscore.hausdorff(A, B, percentile=95, **options) == wanted
    both = np.concatenate([ours, theirs])
    assert segscore.assd(A, B, **options) == pytest.approx(both.mean(), rel=1e-13)
    assert segscore.masd(A, B, **options) == pytest.approx((ours.mean() + theirs.mean()) / 2, rel=1e-13)
    assert segscore.surface_dice(A, B, 1.0, **options) == (both <= 1).mean()


@pytest.mark.parametrize("width", [1, "3px", 0.1, "10%"])
def test_single_boundary_iou_is_that_of_eroded_masks(width: Any) -> None:
    pixels = 3 if width in (0.1, "10%", "3px") else 1
    assert segscore.boundary_iou(A, B, width=width) == band_iou(A, B, pixels)


@pytest.mark.parametrize("width", [None, [1, 2], (), 0, -3, "wide"])
def test_the_boundary_iou_of_two_masks_has_one_width(width: Any) -> None:
    with pytest.raises(ArgumentError, match="is no width of a band"):
        segscore.boundary_iou(A, B, width=width)


def test_one_label_of_a_map_is_a_mask(ev: Evaluation) -> None:
    options: dict[str, Any] = {"spacing": (2, 0.7)}
    for label, name in ((1, "liver"), (2, "spleen")):
        own, given = ev.images.metric(f"hd95.{name}")[0], (PREDS[0] + 5, TARGETS[0] + 5)
        assert segscore.hausdorff(*given, percentile=95, label=label + 5, **options) == own
        found = segscore.boundary_iou(*given, width=1, label=np.int8(label + 5))
        assert found == ev.images.metric(f"boundary_iou.{name}")[0]


PLAIN: list[Any] = [segscore.hausdorff, segscore.assd, segscore.masd, segscore.boundary_iou]


@pytest.mark.parametrize("plain", PLAIN)
@pytest.mark.parametrize("threads", [0, -1, 1.5, "x", 10**9, True])
def test_threads_of_two_masks_are_checked_however_small_they_are(plain: Any, threads: object) -> None:
    assert refused(ArgumentError, plain, A, B, threads=threads) == (
        f"`threads` is {threads!r}, expected 1 to 1,024\nhint: leave it out for the default"
    )


def test_empty_masks_are_infinitely_far_from_others_and_nowhere_from_each_other() -> None:
    nothing = np.zeros_like(A)
    for call in PLAIN[:3]:
        assert call(A, nothing) == call(nothing, A) == math.inf
        assert math.isnan(call(nothing, nothing))
    assert segscore.surface_dice(A, nothing, 9) == segscore.boundary_iou(nothing, A) == 0
    assert math.isnan(segscore.surface_dice(nothing, nothing, 9))
    assert math.isnan(segscore.boundary_iou(nothing, nothing))


@pytest.mark.parametrize(
    ("pred", "target", "kind", "told"),
    [
        (A, B[:3], ShapeError, "`pred` and `target` differ in shape: (20, 24) and (3, 24)"),
        (A[None], B, ShapeError, "`pred` has the shape (1, 20, 24), expected an image of 2 dimensions"),
        (A / 2, B, DtypeError, "`pred` is float64, expected bools or integers"),
        (A, "mask", DtypeError, "`target` is a text or a path, expected an array"),
        (A, B * 7, LabelError, "`target` holds the label 7, expected a mask of 0 and 1"),
        (A * -1, B, LabelError, "`pred` holds the label -1, expected a mask of 0 and 1"),
    ],
)  # fmt: skip
def test_pairs_that_are_none(pred: Array, target: Array, kind: type[Exception], told: str) -> None:
    for call in PLAIN:
        assert refused(kind, call, pred, target).splitlines()[0] == told


def test_masks_have_the_dimensions_that_can_be_measured() -> None:
    for shape, mask in (((2,), A[0, :2]), ((1, 1, 20, 24), A[None, None])):
        told = f"`pred` has the shape {shape}, expected a mask of"
        for call in PLAIN:
            expected = "2 dimensions" if call is segscore.boundary_iou else "2 or 3 dimensions"
            assert refused(ShapeError, call, mask, mask).splitlines()[0] == f"{told} {expected}"
        said = refused(ShapeError, segscore.hausdorff, mask, mask, dims=3)
        assert said.splitlines()[0] == f"{told} 3 dimensions"
    assert refused(ArgumentError, segscore.hausdorff, A, A, dims=7).startswith("`dims` is 7, expected 2")


@pytest.mark.parametrize("label", [1.0, "1", True, [1]])
def test_labels_that_are_none(label: Any) -> None:
    for call in PLAIN:
        assert refused(ArgumentError, call, A, B, label=label) == (
            f"`label` is {label!r}, expected an integer\nhint: it is the label of the object"
        )


def test_what_is_true_is_the_label_1_whatever_its_byte_is() -> None:
    masks = [np.array(mask, np.uint8).view(np.bool_) for mask in ([[0, 255, 2]], [[0, 0, 1]])]
    for options in ({}, {"label": 1}):
        assert segscore.hausdorff(*masks, **options) == 1
        assert segscore.boundary_iou(*masks, **options) == 0.5
    assert segscore.hausdorff(*masks, label=0) == 1


@pytest.mark.parametrize("dtype", ["?", "u1", "i1", ">u2", "i8", "u8"])
@pytest.mark.parametrize("label", [300, -1, 2**63, -(2**63) - 1, 2**70])
def test_a_label_of_any_size_may_be_nowhere(dtype: str, label: int) -> None:
    masks = [np.array(mask, dtype) for mask in ([[0, 1, 1]], [[0, 0, 1]])]
    assert segscore.hausdorff(*masks, label=1) == 1
    for function in (segscore.hausdorff, segscore.assd, segscore.masd, segscore.boundary_iou):
        assert math.isnan(function(*masks, label=label))


def test_volumes_have_distances_and_no_bands() -> None:
    pred, target = painted(2, (6, 8, 9), 2)
    ours, theirs = directed(pred == 1, target == 1)
    farthest = max(ours.max(), theirs.max())
    assert segscore.hausdorff(pred, target, dims=3) == farthest
    assert segscore.hausdorff(pred, target, spacing=(1, 1, 1), surface="voxels") == farthest


@pytest.mark.parametrize("score", [segscore.hausdorff, segscore.assd, segscore.masd])
def test_what_has_three_axes_is_no_volume_unless_it_is_said(score: Callable[..., float]) -> None:
    """It may be a batch, an image with an axis too many, or gray saved as colours."""
    for shape in ((4, 40, 40), (1, 20, 20), (20, 20, 3)):
        mask = np.zeros(shape, dtype=np.uint8)
        assert refused(ShapeError, score, mask, mask) == (
            f"`target` has the shape {shape}, expected a mask of 2 dimensions\n"
            "hint: `dims=3` is for volumes; masks of a batch are given one by one"
        )
        with pytest.raises(ShapeError, match="hint: masks of a batch are given one by one"):
            segscore.boundary_iou(mask, mask)
