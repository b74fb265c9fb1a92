"""Shapes are of classes: whatever their labels are, and however arrays hold them, the same is measured."""

from contextlib import nullcontext
from typing import Any

import numpy as np
import pytest

from conftest import Layout
from segscore import Classes, Evaluator, SegscoreWarning
from segscore.counts.class_maps import ClassMaps
from segscore.counts.record import Record
from segscore.scores.boundaries import BoundaryScores
from support.by_hand import band, border, painted
from support.masks_on_disk import Array

NAMES = ["sky", "car", "bus", "road"]
PRED, TARGET = painted(3, (30, 70), 4)
VOID = np.where(np.indices(TARGET.shape).sum(axis=0) % 17 < 3, 255, TARGET)
"""The target with parts that are ignored."""


def measured(pred: object, target: object, classes: Any, **options: Any) -> tuple[Record, ...]:
    judge = Evaluator(classes, boundary=(1, 3), segments=True, distances=True, **options)
    judge.add(pred=pred, target=target)
    return judge.result().measured


PLAIN = measured(PRED, TARGET, NAMES)
WITH_VOID = measured(PRED, VOID, Classes(NAMES, ignore=[255]))


def relabelled(labels: Array, values: list[Any]) -> Array:
    """Return a map with the labels of classes; those of a class with several take turns."""
    turns = np.indices(labels.shape).sum(axis=0)
    made = labels.copy()
    for i, value in enumerate(values):
        own = np.atleast_1d(value)
        made = np.where(labels == i, own[turns % len(own)], made)
    return made


@pytest.mark.parametrize(
    ("classes", "of_target", "of_pred"),
    [
        (Classes(NAMES, [7, 3, 200, 0], ignore=[255]), [7, 3, 200, 0], [7, 3, 200, 0]),
        (Classes(NAMES, [7, 3, 200, 0], ignore=[255], pred_labels=[0, 1, 2, 3]), [7, 3, 200, 0], range(4)),
        # A label of the one side is another class on the other, or none there.
        (Classes(NAMES, [0, 1, 2, 3], ignore=[255], pred_labels=[1, 2, 3, 0]), range(4), [1, 2, 3, 0]),
        (Classes(NAMES, [0, 1, 2, 3], ignore=[255], pred_labels=[5, 6, 7, 255]), range(4), [5, 6, 7, 255]),
        (Classes(NAMES, [[0, 9], 1, [2, 8, 300], 3], ignore=[255]), [[0, 9], 1, [2, 8, 300], 3], range(4)),
        (
            Classes(NAMES, [[0, 9], 1, 2, 3], ignore=[255], pred_labels=[0, [1, 2], 3, 4]),
            [[0, 9], 1, 2, 3],
            [0, [1, 2], 3, 4],
        ),
        (Classes(NAMES, [-5, 1, -70_000, 3], ignore=[255]), [-5, 1, -70_000, 3], [-5, 1, -70_000, 3]),
        (Classes(NAMES, [0, 1, 2, 2**40], ignore=[255]), [0, 1, 2, 2**40], [0, 1, 2, 2**40]),
    ],
)
def test_labels_are_what_classes_are_called(classes: Classes, of_target: Any, of_pred: Any) -> None:
    pred = relabelled(PRED, list(of_pred))
    assert measured(pred, relabelled(TARGET, list(of_target)), classes) == PLAIN
    assert measured(pred, relabelled(VOID, list(of_target)), classes) == WITH_VOID


@pytest.mark.parametrize("labels", [[0, 1, 2, 3], [7, 3, 200, 0]])
@pytest.mark.parametrize("strange", [False, True], ids=["classes", "no class"])
def test_bands_are_the_same_where_no_segments_are_looked_for(labels: list[int], strange: bool) -> None:
    pred, target = relabelled(PRED, labels), relabelled(VOID, labels)
    if strange:
        pred[:9] = np.where(PRED[:9] == 2, 98, 99)
    found = []
    for segments in (False, True):
        judge = Evaluator(Classes(NAMES, labels, ignore=[255]), boundary=(1, 3), segments=segments)
        with pytest.warns(SegscoreWarning, match="no class") if strange else nullcontext():
            judge.add(pred=pred, target=target)
        bands = judge.result().measured[0]
        bands.check(judge.classes)
        *columns, unmet, pixels = list(bands.columns().values())[1:]
        assert segments or not unmet.any()
        sums: dict[tuple[int, ...], int] = {}
        for *place, number in zip(*(column.tolist() for column in (*columns, pixels)), strict=True):
            sums[tuple(place)] = sums.get(tuple(place), 0) + number
        found.append(sums)
    assert found[0] == found[1]
    assert any(place[1] == len(NAMES) for place in found[0]) == strange


@pytest.mark.parametrize("several", [(254, 255), (255,), (254, 255, 256, 300)])
def test_several_ignored_labels_are_as_one(several: tuple[int, ...]) -> None:
    turns = np.array(several)[np.indices(VOID.shape)[1] % len(several)]
    target = np.where(VOID == 255, turns, VOID)
    assert measured(PRED, target, Classes(NAMES, ignore=several)) == WITH_VOID


def test_maps_of_labels_that_are_alike_stay_as_they_are() -> None:
    values = np.arange(4), np.arange(4)
    kept = ClassMaps.of(Classes.of(4), TARGET, PRED, values)
    assert (kept.target is TARGET, kept.pred is PRED) == (True, True)
    labelled = Classes(NAMES, [4, 3, 2, 1], pred_labels=[0, 1, 2, 3])
    other = ClassMaps.of(labelled, 4 - TARGET, PRED, (values[0] + 1, values[1]))
    assert (other.target.dtype, other.target.tolist()) == (np.uint8, TARGET.tolist())


@pytest.mark.parametrize("count", [253, 254, 255, 256, 1_000])
@pytest.mark.parametrize("apart", [False, True])
def test_classes_of_any_number(count: int, apart: bool) -> None:
    pred, target = (np.where(side == 3, count - 1, side) for side in (PRED, VOID % 254))
    void = np.where(VOID == 255, -1, target)
    labels = None if not apart else range(1, count + 1)
    classes = Classes([str(i) for i in range(count)], ignore=[-1], pred_labels=labels)
    found = measured(pred + apart, void, classes)
    wanted = measured(PRED, np.where(VOID == 255, 255, VOID), Classes(NAMES, ignore=[255]))
    for record, other in zip(found, wanted, strict=True):
        columns, others = record.columns(), other.columns()
        for name in ("label", "target", "pred"):
            if name in others:
                others[name] = np.where(others[name] == 3, count - 1, others[name])
                others[name] = np.where(others[name] == 4, count, others[name])
        assert {name: column.tolist() for name, column in columns.items()} == {
            name: column.tolist() for name, column in others.items()
        }


@pytest.mark.parametrize("dtype", ["u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8"])
@pytest.mark.parametrize("pred_labels", [None, [1, 2, 3, 4]])
def test_arrays_of_any_type_and_layout(
    dtype: str, pred_labels: list[int] | None, layouts: dict[str, Layout]
) -> None:
    classes = Classes(NAMES, ignore=[100], pred_labels=pred_labels)
    target = np.where(VOID == 255, 100, VOID).astype(dtype)
    pred = (PRED + (pred_labels is not None)).astype(dtype)
    for name, layout in layouts.items():
        assert measured(layout(pred), layout(target), classes) == WITH_VOID, name


@pytest.mark.parametrize("pred_labels", [None, [1, 0]])
def test_masks_of_bools_and_lists(pred_labels: list[int] | None) -> None:
    pred, target = PRED > 1, TARGET > 1
    classes = Classes(["this", "that"], pred_labels=pred_labels)
    wanted = measured(pred.astype(int), target.astype(int), 2)
    given = pred if pred_labels is None else ~pred
    assert measured(given, target, classes) == wanted
    assert measured(given.astype(int).tolist(), target.tolist(), classes) == wanted


def test_what_is_predicted_and_no_class_is_beside_all_classes() -> None:
    stray = PRED.copy()
    stray[10:20, 20:30] = 77
    with pytest.warns(SegscoreWarning, match="holds the label 77"):
        found = measured(stray, TARGET, NAMES)
    judge = Evaluator([*NAMES, "stray"], boundary=(1, 3), segments=True, distances=True)
    judge.add(pred=np.where(stray == 77, 4, stray), target=TARGET)
    result = judge.result()
    _, segments, surfaces = result.measured
    scores = BoundaryScores(Classes(NAMES), ("0",), 1, (1, 3), *found[:2])
    for width in (1, 3):
        pixels = result.boundary.at(width).pixels
        np.testing.assert_array_equal(scores.at(width).pixels, pixels[:, :, :4])
    for ours, theirs in zip(found[1:], (segments, surfaces), strict=True):
        kept = theirs.columns()["label"] < 4
        for name, column in theirs.columns().items():
            if name != "offsets":
                assert ours.columns()[name].tolist() == column[kept].tolist()


def test_a_predicted_label_that_targets_ignore_is_no_class() -> None:
    pred = PRED.copy()
    pred[10:20, 20:30] = 255
    with pytest.warns(SegscoreWarning, match="holds the label 255"):
        found = measured(pred, VOID, Classes(NAMES, ignore=[255]))
    with pytest.warns(SegscoreWarning, match="holds the label 77"):
        other = measured(np.where(pred == 255, 77, pred), VOID, Classes(NAMES, ignore=[255]))
    assert found == other


def test_the_border_to_what_is_ignored_is_a_border_and_what_is_predicted_there_is_not_seen() -> None:
    judge = Evaluator(Classes(NAMES, ignore=[255]), boundary=2, segments=True, distances=True)
    judge.add(pred=PRED, target=VOID)
    found = judge.result()
    seen = VOID != 255
    for i in range(4):
        of_pred, of_target = np.equal(PRED, i), np.equal(VOID, i)
        sizes = [len(border(of_target)), len(border(of_pred & seen))]
        assert found.surface.images.weights[0, i].tolist() == sizes
        bands = band(of_target, 2), band(of_pred & seen, 2)
        pixels = [np.count_nonzero(one) for one in (bands[0] & bands[1], *bands)]
        assert found.boundary.pixels[0, :, i].tolist() == pixels


@pytest.mark.parametrize("axis", [0, -1])
def test_class_scores_are_measured_as_the_labels_that_win(axis: int) -> None:
    scores = np.moveaxis((np.arange(4)[:, None, None] == PRED).astype(np.float32), 0, axis)
    judge = Evaluator(Classes(NAMES, ignore=[255]), boundary=(1, 3), segments=True, distances=True)
    judge.add(logits=scores, class_axis=axis, target=VOID)
    assert judge.result().measured == WITH_VOID


def test_class_scores_of_classes_with_other_labels() -> None:
    scores = (np.arange(4)[:, None, None] == PRED).astype(np.float64)
    classes = Classes(NAMES, [40, 30, 20, 10], ignore=[255])
    judge = Evaluator(classes, boundary=(1, 3), segments=True, distances=True)
    judge.add(logits=scores, class_axis=0, target=relabelled(VOID, [40, 30, 20, 10]))
    assert judge.result().measured == WITH_VOID


def test_probabilities_are_measured_as_the_mask_that_they_make() -> None:
    shares = np.where(PRED > 1, 0.7, 0.3).astype(np.float32)
    judge = Evaluator(2, boundary=(1, 3), segments=True, distances=True)
    judge.add(logits=shares, threshold=0.5, target=TARGET > 1)
    assert judge.result().measured == measured(PRED > 1, TARGET > 1, 2)


def test_a_prediction_of_another_size_is_measured_as_it_is_scored() -> None:
    small = PRED[::2, ::2]
    judge = Evaluator(NAMES, boundary=(1, 3), segments=True, distances=True, resize="nearest")
    judge.add(pred=small, target=TARGET)
    found = judge.result()
    resized = np.kron(small, np.ones((2, 2), int))
    other = Evaluator(NAMES, boundary=(1, 3), segments=True, distances=True)
    other.add(pred=resized, target=TARGET)
    assert found.measured == other.result().measured
    assert found.table == other.result().table


@pytest.mark.parametrize("size", [(7, 90), (61, 11), (1, 1), (30, 71), (200, 3)])
def test_resized_bands_have_the_pixels_of_pair_counts(size: tuple[int, int]) -> None:
    pred, _ = painted(5, size, 4)
    judge = Evaluator(NAMES, boundary=1, segments=True, resize="nearest")
    judge.add(pred=pred, target=TARGET)
    found = judge.result()
    columns = found.measured[0].columns()
    sums = np.zeros((4, 4), int)
    np.add.at(sums, (columns["target"], columns["pred"]), columns["pixels"])
    assert sums.tolist() == found.confusion.counts[:, :4].tolist()
