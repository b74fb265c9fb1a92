"""Counted images as states of integers: what one evaluator makes of them, however they came together."""

import numpy as np
import pytest

from segscore import (
    ArgumentError,
    Classes,
    DtypeError,
    EvaluationError,
    Evaluator,
    LabelError,
    SegscoreWarning,
)
from segscore.integrations.states import METRICS, NO_ROWS, Counting, as_given, checked_metrics, values_of
from support.refused import refused, warned

NAMES = ["c", "a", "d", "b"]


def counting(**changed) -> Counting:
    options = {"class_axis": 1, "threshold": None, "dims": 2, "strict": False} | changed
    return Counting(Classes(["road", "sky"], ignore=[255]), **options)


def batch(*images: int, shape=(2, 4, 5)) -> dict[str, object]:
    """Return predictions and targets that hang on the images alone."""
    random = [np.random.default_rng(image) for image in images]
    return {
        "pred": np.stack([one.integers(0, 2, shape[1:]) for one in random]),
        "target": np.stack([one.choice([0, 1, 255], shape[1:]) for one in random]),
    }


def digest(one: Counting) -> list[int]:
    """Return what the state of an image says about its classes."""
    return one.rows(**batch(0), images=[0])[0, 1:3].tolist()


def whole(*images: int, named=str):
    judge = Evaluator(["road", "sky"], ignore_index=255)
    judge.add_batch(**batch(*images), names=None if named is None else [named(image) for image in images])
    return judge.result()


def test_a_state_has_a_row_that_begins_each_image():
    made = counting().rows(pred=[[[0, 0]], [[1, 0]]], target=[[[0, 1]], [[1, 1]]], images=[7, 3])
    # It also says with which classes it was counted.
    assert made[0, 1:3].tolist() == made[3, 1:3].tolist() == digest(counting())
    made[[0, 3], 1:3] = 0
    assert made.tolist() == [
        [7, 0, 0, 0],
        [7, 0, 0, 1],
        [7, 1, 0, 1],
        [3, 0, 0, 0],
        [3, 1, 0, 1],
        [3, 1, 1, 1],
    ]
    assert made.dtype == np.int64
    none = counting().rows(pred=[[[0, 0]]], target=[[[0, 1]]])
    assert none[:, 0].tolist() == [-1] * 3


SPLITS = [[[0, 1, 2, 3]], [[3], [2, 0], [1]], [[0, 1], [1, 2], [2, 3, 0]], [[3, 3], [0, 1, 2]]]


@pytest.mark.parametrize("split", SPLITS)
def test_images_count_once_in_whatever_order_they_came(split):
    one = counting()
    states = [one.rows(**batch(*images), images=images) for images in split]
    for order in (states, states[::-1]):
        assert one.evaluation(np.concatenate([NO_ROWS, *order])) == whole(0, 1, 2, 3)


@pytest.mark.parametrize("images", [[2, 0, 3], ["d", "c", "b"], np.array([2, 0, 3])])
def test_images_are_called_by_their_names(images):
    one = counting(names=NAMES)
    found = one.evaluation(one.rows(**batch(2, 0, 3), images=images))
    assert found.names == ("b", "c", "d")
    assert found == whole(2, 0, 3, named=NAMES.__getitem__)


def test_images_without_an_index_all_count_in_their_order():
    one = counting()
    states = [one.rows(**batch(*images)) for images in ([4] * 6, range(5), [9])]
    found = one.evaluation(np.concatenate(states))
    assert found == whole(*[4] * 6, *range(5), 9, named=None)
    assert found.names[-1] == "11"


def test_an_image_without_pixels_is_an_image():
    one = counting()
    empty = one.rows(pred=np.zeros((2, 0, 3), int), target=np.zeros((2, 0, 3), int), images=[0, 5])
    assert one.evaluation(np.concatenate([one.rows(**batch(2), images=[2]), empty])).names == ("0", "2", "5")


def test_class_scores_are_counted_as_an_evaluator_does():
    random = np.random.default_rng(0)
    scores, target = random.normal(size=(3, 2, 4, 5)).astype("f4"), random.integers(0, 2, (3, 8, 10))
    judge = Evaluator(["road", "sky"], ignore_index=255)
    judge.add_batch(logits=scores, target=target, class_axis=1)
    one = counting()
    assert one.evaluation(one.rows(logits=scores, target=target)) == judge.result()
    binary = counting(class_axis=None, threshold=0.25)
    judge = Evaluator(["road", "sky"], ignore_index=255)
    judge.add_batch(logits=scores[:, 0], target=target[:, :4, :5], threshold=0.25)
    assert binary.evaluation(binary.rows(logits=scores[:, 0], target=target[:, :4, :5])) == judge.result()


def test_numbers_are_those_of_the_evaluation():
    found = whole(1, 2)
    assert values_of(found, METRICS) == {name: found.metric(name) for name in METRICS}
    assert checked_metrics("iou.sky", found.classes) == ("iou.sky",)
    with pytest.raises(ArgumentError, match="there is no metric `mean_iuo`"):
        checked_metrics(["mean_iou", "mean_iuo"], found.classes)


# Errors


INTEGERS = "expected indices, which are integers, or names"
EACH = "expected an index or a name for each of 2 images"
WHICH = "they say which images of the data are in the batch; photographs are for the model alone"
INDEX = "the index is that of the image in the data, the same in each process and epoch"


@pytest.mark.parametrize(
    ("names", "images", "message", "hint"),
    [
        (None, [1], "expected one of `images` for each of 2, found 1",
         "they are the indices of images in the data, or their names"),
        (None, [1, -1], "an image has the index -1, expected 0 or more", INDEX),
        (None, [1, True], f"`images` holds True, {INTEGERS}", WHICH),
        (None, [1, 2.5], f"`images` holds 2.5, {INTEGERS}", WHICH),
        (None, np.array([1.0, 2.0]), f"`images` holds 1.0, {INTEGERS}", WHICH),
        (None, np.zeros((2, 3, 4, 5)), f"`images` is of shape (2, 3, 4, 5), {EACH}", WHICH),
        (None, np.array(3), f"`images` is of shape (), {EACH}", WHICH),
        (None, 3, f"`images` is of type int, {EACH}", WHICH),
        (NAMES, "ab", f"`images` is of type str, {EACH}", WHICH),
        (NAMES, [1, 4], "an image has the index 4, expected 0 to 3", INDEX),
        (NAMES, ["a", "e"], "there is no image e in `names`", "name all images of the data"),
        (None, ["a", "b"], "image a is told by its name, and the names of all images are not known",
         "give them as `names=` when the metric is made; or tell images by their indices"),
    ],
)  # fmt: skip
def test_images_that_are_none_are_refused(names, images, message, hint):
    one = counting(names=names)
    said = refused(ArgumentError, one.rows, **batch(0, 1), images=images)
    assert said == f"{message}\nhint: {hint}"


def test_an_image_that_came_with_other_counts_is_an_error():
    one = counting(names=NAMES)
    state = np.concatenate([one.rows(**batch(2), images=[1]), one.rows(**batch(3), images=[1])])
    assert refused(ArgumentError, one.evaluation, state) == (
        "image a came twice, with different counts\nhint: reset the metric at the end of an epoch; where it "
        "counts batches of training, `images=` is left out"
    )
    some = np.concatenate([one.rows(**batch(2)), one.rows(**batch(3), images=[1])])
    assert refused(ArgumentError, one.evaluation, some) == (
        "1 of 2 images came without their index\nhint: give `images=` with each batch, or with none"
    )
    assert refused(EvaluationError, one.evaluation, NO_ROWS) == (
        "there are no images to score\nhint: update the metric with at least one batch"
    )


HINT = "load the state of a metric that was made with the same classes and names"
OF_NONE = "its rows are none of images"
BROKEN = {
    "other classes": ([[0, 0, 0, 0], [0, 7, 0, 5]], "a target label is neither class nor ignored"),
    "no image": ([[0, 1, 1, 5]], OF_NONE),
    "another image": ([[0, 0, 0, 0], [1, 1, 1, 5]], OF_NONE),
    "an image that there is not": ([[4, 0, 0, 0]], OF_NONE),
    "a negative image": ([[-2, 0, 0, 0]], OF_NONE),
    "negative pixels": ([[0, 0, 0, 0], [0, 1, 1, -5]], "its columns do not fit together"),
    "rows that are not sorted": (
        [[0, 0, 0, 0], [0, 1, 1, 5], [0, 0, 1, 5]], "its rows are not sorted, or two are of the same labels"
    ),
    "floats": ([[0.0, 0, 0, 0]], "float64 of shape (1, 4) in place of int64 (M, 4)"),
    "three columns": ([[0, 0, 0]], "int64 of shape (1, 3) in place of int64 (M, 4)"),
    "no rows": ([0, 0, 0, 0], "int64 of shape (4,) in place of int64 (M, 4)"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
def test_a_state_that_nobody_has_made_is_refused(kind):
    rows, why = BROKEN[kind]
    state = np.array(rows)
    if state.shape[1:] == (4,) and state.dtype == np.int64:
        state[state[:, 3] == 0, 1:3] = digest(counting())
    assert refused(ArgumentError, counting(names=NAMES).evaluation, state) == (
        f"the state of the metric does not fit its classes: {why}\nhint: {HINT}"
    )


@pytest.mark.parametrize("classes", [["sky", "road"], ["road", "sky", "car"], Classes(["road", "sky"])])
def test_a_state_of_other_classes_is_refused(classes):
    other = Counting(Classes.of(classes), class_axis=1, threshold=None, dims=2, strict=False)
    state = other.rows(pred=[[[0, 1]]], target=[[[1, 1]]])
    assert refused(ArgumentError, counting().evaluation, state) == (
        f"the state of the metric does not fit its classes: its images were counted with others\nhint: {HINT}"
    )
    titled = Classes(["road", "sky"], ignore=[255], title="Streets", note="for people")
    same = Counting(titled, class_axis=1, threshold=None, dims=2, strict=False)
    assert same.evaluation(counting().rows(**batch(1))) == whole(1, named=None)


def test_labels_are_checked_with_each_batch():
    said = refused(LabelError, counting().rows, pred=[[[0]]], target=[[[7]]], images=[4])
    assert said.startswith("`target` holds the label 7 (1 pixel): neither class nor ignored, first in 4")
    one = counting()
    missed = {"pred": [[[0]], [[9]]], "target": [[[0]], [[1]]]}
    with pytest.warns(SegscoreWarning) as caught:
        one.rows(**missed)
    assert [str(said.message).splitlines()[0] for said in caught] == [
        "`pred` holds the label 9 (1 pixel): no class, first in image 1 of the batch; counted as missed"
    ]
    one.rows(**missed)  # it is said once
    assert refused(LabelError, counting(strict=True).rows, pred=[[[9]]], target=[[[1]]]).startswith(
        "`pred` holds the label 9 (1 pixel): no class"
    )


def test_what_all_images_say_against_how_they_are_read_is_warned_of_once():
    one = counting()
    images = np.array([[[0, 255], [255, 255]]])
    state = one.rows(pred=images % 2, target=images)
    said = (
        "255 is the only value of the targets beside 0: it is the foreground, and it is ignored\n"
        'hint: score with `classes="binary-255"` and `pred_classes="binary"`, and do not ignore 255'
    )
    with warned(said):
        assert one.evaluation(state) == one.evaluation(state)


def test_indices_may_be_those_of_numpy():
    one = counting()
    given = (np.array([3, 1], np.uint8), [np.int64(3), np.int64(1)], iter([3, 1]))
    states = [one.rows(**batch(3, 1), images=images).tolist() for images in given]
    assert states[0] == states[1] == states[2] == one.rows(**batch(3, 1), images=[3, 1]).tolist()


def test_predictions_are_told_by_their_type():
    labels = batch(0, 1)["pred"]
    assert as_given(labels)["pred"] is labels
    assert as_given(labels.tolist())["pred"].tolist() == labels.tolist()
    scores = np.zeros((2, 2, 4, 5), np.float32)
    assert as_given(scores)["logits"] is scores


def test_label_maps_that_became_floats_are_told_from_class_scores():
    target = batch(0, 1)["target"]
    for dims, shape, expected in (
        (2, (2, 4, 5), "(N, K, H, W), or label values (N, H, W)"),
        (3, (2, 3, 4, 5), "(N, K, D, H, W), or label values (N, D, H, W)"),
    ):
        made = counting(dims=dims)
        assert refused(DtypeError, made.rows, target=target, logits=np.zeros(shape)) == (
            f"predictions are floats of shape {shape}, expected class scores {expected} as integers\n"
            "hint: label maps that became floats are made integers again, as by `.long()`; scores of one "
            "channel need `class_axis=None` and `threshold=0.5`"
        )
    last = refused(DtypeError, counting(class_axis=-1).rows, target=target, logits=np.zeros((2, 4, 5)))
    assert "expected class scores (N, H, W, K), or label values (N, H, W) as integers\n" in last
    one = counting(class_axis=None, threshold=0.5)
    assert len(one.rows(target=target, logits=np.zeros((2, 4, 5)))) > 2


def test_strict_is_a_switch():
    said = refused(ArgumentError, counting, strict="no")
    assert said == "`strict` is 'no', expected True or False\nhint: such as `strict=True`"
