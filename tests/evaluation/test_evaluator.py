"""Evaluator: images one by one give what all at once give, and parts add up to the whole."""

import copy
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from segscore import (
    ArgumentError,
    DtypeError,
    Evaluation,
    EvaluationError,
    Evaluator,
    LabelError,
    SegscoreError,
    SegscoreWarning,
    ShapeError,
    evaluate,
)
from support import hints
from support.masks_on_disk import Array
from support.refused import refused, warned

K = 4
RANDOM = np.random.default_rng(0)
PREDS = [RANDOM.integers(0, K, (5, 7)) for _ in range(12)]
TARGETS = [RANDOM.choice([0, 1, 2, 3, 255], (5, 7)) for _ in range(12)]
WHOLE = replace(
    evaluate(pred=PREDS, target=TARGETS, classes=K, ignore_index=255),
    names=tuple(f"{i:02d}" for i in range(12)),
)


def judge(**options: object) -> Evaluator:
    return Evaluator(K, ignore_index=255, **options)


def filled(which: range, *, named: bool = True) -> Evaluator:
    made = judge()
    for i in which:
        made.add(pred=PREDS[i], target=TARGETS[i], name=f"{i:02d}" if named else None)
    return made


# One by one


@pytest.mark.parametrize("order", [range(12), range(11, -1, -1)])
def test_streaming_equals_evaluate_in_any_order(order: range) -> None:
    assert filled(order).result() == WHOLE


def test_images_without_a_name_are_numbered_and_keep_their_names_as_more_come() -> None:
    made = filled(range(10), named=False)
    assert made.result().names == tuple(str(i) for i in range(10))
    for i in (10, 11):
        made.add(pred=PREDS[i], target=TARGETS[i])
    assert len(made) == 12
    assert made.result().names == tuple(str(i) for i in range(12))
    assert made.result().table == WHOLE.table
    assert repr(made) == "<Evaluator of 4 classes: 12 images>"


def test_a_result_is_not_changed_by_later_images() -> None:
    made = filled(range(5))
    before = made.result()
    made.add(pred=PREDS[9], target=TARGETS[9], name="later")
    assert len(before.names) == 5
    assert before == filled(range(5)).result()
    assert made.result().names == ("00", "01", "02", "03", "04", "later")


def test_predictions_are_resized_where_that_was_asked_for() -> None:
    made = judge(resize="nearest")
    made.add(pred=[[0, 1]], target=np.array([[0, 0, 1, 1]] * 3), name="a")
    made.add(pred=PREDS[0], target=TARGETS[0], name="b")
    assert made.result().resized == 1
    assert made.result().images.mean_image_iou[0] == 1
    (made + judge()).add(pred=[[0, 1]], target=np.array([[0, 0, 1, 1]]), name="c")


def test_an_evaluator_without_images_has_no_result() -> None:
    assert refused(EvaluationError, judge().result) == (
        "there are no images to score\nhint: add at least one image"
    )


def test_threads_may_add_at_the_same_time() -> None:
    made = judge()

    def add(part: int) -> None:
        for i in range(part, 12, 4):
            made.add(pred=PREDS[i], target=TARGETS[i], name=f"{i:02d}")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(4)))
    assert made.result() == WHOLE


# An image that raises


@pytest.mark.parametrize(
    ("arguments", "kind", "text"),
    [
        (
            {"target": [0]},
            ShapeError,
            f"`pred` and `target` differ in shape: (2,) and (1,)\nhint: {hints.SIZES}",
        ),
        (
            {"pred": [0.5, 1]},
            DtypeError,
            f"`pred` is float64, expected bools or integers\nhint: {hints.FLOATS}",
        ),
        (
            {"target": [0, 9], "name": "new"},
            LabelError,
            "`target` holds the label 9 (1 pixel): neither class nor ignored, first in new\n"
            f"hint: {hints.GIVE_LABELS}",
        ),
        (
            {"name": "03"},
            ArgumentError,
            "an image named `03` was added before\nhint: names are all different",
        ),
        ({"name": 3}, ArgumentError, "`name` is of type int\nhint: name images by texts"),
    ],
)
def test_an_image_that_raises_changes_nothing(
    arguments: dict[str, object], kind: type[SegscoreError], text: str
) -> None:
    made = filled(range(12))
    assert refused(kind, made.add, **{"pred": [0, 1], "target": [0, 0], **arguments}) == text
    assert len(made) == 12
    assert made.result() == WHOLE


def test_strict_refuses_the_image() -> None:
    made = judge(strict=True)
    assert refused(LabelError, made.add, pred=[0, 7], target=[0, 1], name="a") == (
        f"`pred` holds the label 7 (1 pixel): no class, first in a\nhint: {hints.OTHER_LABELS}"
    )
    assert len(made) == 0
    made.add(pred=[0, 7], target=[0, 255], name="a")


def test_a_prediction_that_is_no_class_is_warned_about_once_where_it_was_added() -> None:
    made = judge()
    said = "`pred` holds the label 7 (1 pixel): no class, first in a; counted as missed\n"
    with warned(f"{said}hint: {hints.OTHER_LABELS}", at=__file__):
        for name in "abc":
            made.add(pred=[0, 7], target=[0, 1], name=name)
    assert made.result().unknown_predictions == ((7, 3, "a"),)


def test_a_warning_that_is_an_error_adds_nothing() -> None:
    made = judge()
    for _ in range(2):
        with pytest.raises(SegscoreWarning):
            made.add(pred=[0, 7], target=[0, 1], name="a")
    assert len(made) == 0


# Parts


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("cuts", [(4, 8), (0, 12), (1, 1), (11, 12)])
def test_parts_add_up_to_the_whole(cuts: tuple[int, int], named: bool) -> None:
    first, second = cuts
    parts = [filled(part, named=named) for part in (range(first), range(first, second), range(second, 12))]
    whole = filled(range(12), named=named).result()
    assert whole.table == WHOLE.table
    assert sum(parts).result() == whole
    assert (parts[0] + (parts[1] + parts[2])).result() == whole
    sent = [pickle.loads(pickle.dumps(part)) for part in parts]
    assert sum(sent[1:], sent[0]).result() == whole
    assert len(parts[0]) == first  # the parts are as they were
    if named:
        assert (parts[2] + parts[0] + parts[1]).result() == WHOLE


def test_a_sum_goes_its_own_way() -> None:
    part = filled(range(3))
    both = part + judge()
    both.add(pred=[0], target=[0], name="more")
    part.add(pred=[0], target=[0], name="other")
    assert both.result().names == ("00", "01", "02", "more")
    assert part.result().names == ("00", "01", "02", "other")
    copied = copy.deepcopy(part)
    copied.add(pred=[0], target=[0], name="copy")
    assert len(part) == 4


def test_named_and_unnamed_images_of_two_parts() -> None:
    named, unnamed = filled(range(6)), filled(range(6, 12), named=False)
    both = (named + unnamed).result()
    assert both.names == ("0", "1", "2", "3", "4", "5", "00", "01", "02", "03", "04", "05")
    assert both.confusion == WHOLE.confusion


def test_a_name_in_two_parts_is_refused() -> None:
    made = judge()
    made.add(pred=[0], target=[0])
    made.add(pred=[0], target=[0], name="0")
    for name, call in (("03", lambda: filled(range(5)) + filled(range(3, 7))), ("0", made.result)):
        assert refused(ArgumentError, call) == (
            f"an image named `{name}` was added before\nhint: names are all different"
        )


def test_parts_with_different_classes_are_refused() -> None:
    assert refused(ArgumentError, judge().__add__, Evaluator(K)) == (
        "two evaluators with different classes cannot be added: `ignore` has 1 and 0 entries, and the first "
        "begins with 255\n"
        "hint: make both with the same classes"
    )
    with pytest.raises(TypeError):
        judge() + 1
    with pytest.raises(TypeError):
        sum([judge()], 1)


def test_a_part_keeps_its_rules() -> None:
    strict = judge(strict=True) + judge()
    for made in (strict, pickle.loads(pickle.dumps(strict)), sum([strict])):
        with pytest.raises(LabelError):
            made.add(pred=[7], target=[0], name="a")


def test_the_provenance_and_the_matrix_are_copies() -> None:
    assert WHOLE.confusion is not WHOLE.confusion  # so that updates of one change nothing here
    given = {"pred": "a"}
    made = Evaluation(WHOLE.classes, WHOLE.names, WHOLE.table, provenance=given)
    given["pred"] = "b"
    assert made.provenance == {"pred": "a"}


def test_images_of_any_size_and_none() -> None:
    made = judge()
    empty: Array = np.zeros((0, 4), int)
    made.add(pred=empty, target=empty, name="empty")
    made.add(pred=[255], target=[255], name="ignored")
    with pytest.warns(SegscoreWarning, match="255 is the only value of the targets beside 0"):
        found = made.result()
    assert np.isnan(found.mean_image_iou)
    assert np.isnan(found.scores.mean_iou)
    assert found.worst() == ()
    assert found.images.pixels.tolist() == [0, 0]
    assert "2 images scored" in str(found)


class Meanwhile(str):
    """A name at which, while it is copied, another thread adds images."""

    __slots__ = ()

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        for name in (None, f"later {len(adding)}"):
            adding.add(pred=[0, 1], target=[0, 1], name=name)
        return str, (str(self),)


adding = Evaluator(2)


@pytest.mark.parametrize(
    "copied",
    [lambda evaluator: pickle.loads(pickle.dumps(evaluator)), copy.deepcopy, copy.copy],
    ids=["pickle", "deepcopy", "copy"],
)
def test_a_copy_is_of_one_moment_while_others_add(copied: Callable[[Evaluator], Evaluator]) -> None:
    for name in (Meanwhile(f"first of {len(adding)}"), f"second of {len(adding)}", None):
        adding.add(pred=[0, 1], target=[0, 1], name=name)
    before = adding.result()
    made = copied(adding)
    assert made.result() == before
    adding.add(pred=[0, 1], target=[0, 1])
    assert made.result() == before
