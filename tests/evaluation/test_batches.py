"""A batch is not an image: several at once give what they give one by one, and none is taken for one."""

import warnings
from collections.abc import Callable

import numpy as np
import pytest

from segscore import (
    ArgumentError,
    DtypeError,
    Evaluator,
    LabelError,
    SegscoreError,
    SegscoreWarning,
    ShapeError,
)
from support import hints
from support.masks_on_disk import Array
from support.refused import refused

RANDOM = np.random.default_rng(0)
TARGETS = RANDOM.choice([0, 1, 2, 3, 255], (30, 6, 7))
PREDS = np.where(RANDOM.random(TARGETS.shape) < 0.4, RANDOM.integers(0, 4, TARGETS.shape), TARGETS % 255)
LOGITS = RANDOM.standard_normal((30, 4, 6, 7)).astype(np.float32)
SEVERAL = (
    "hint: several images are a batch for `Evaluator.add_batch`, or a stack or list on both sides of "
    "`evaluate`"
)
VOLUMES = f"{SEVERAL}; `dims=3` is for volumes"


def judge(**options: object) -> Evaluator:
    return Evaluator(4, ignore_index=255, **options)


@pytest.mark.parametrize("images", [1, 3, 30])
@pytest.mark.parametrize("form", [np.asarray, list, tuple, lambda values: values.tolist()])
def test_a_batch_is_what_its_images_are(images: int, form: Callable[[Array], object]) -> None:
    one, batch = judge(), judge()
    for i in range(images):
        one.add(pred=PREDS[i], target=TARGETS[i], name=f"frame_{i}")
    batch.add_batch(
        pred=form(PREDS[:images]), target=form(TARGETS[:images]), names=[f"frame_{i}" for i in range(images)]
    )
    assert batch.result() == one.result()
    assert batch.result().mean_image_iou == one.result().mean_image_iou


@pytest.mark.parametrize("images", [1, 3, 30])
@pytest.mark.parametrize(("axis", "of_image"), [(1, 0), (-3, 0), (2, 1), (3, 2), (-1, 2)])
@pytest.mark.parametrize("form", [np.asarray, list])
def test_a_batch_of_class_scores_is_what_those_of_its_images_are(
    images: int, axis: int, of_image: int, form: Callable[[Array], object]
) -> None:
    logits = np.moveaxis(LOGITS[:images], 1, axis)
    one, batch = judge(), judge()
    for scores, target in zip(logits, TARGETS, strict=False):
        one.add(logits=scores, target=target, class_axis=of_image)
    batch.add_batch(logits=form(logits), target=form(TARGETS[:images]), class_axis=axis)
    assert batch.result() == one.result()


def test_single_channel_scores_of_a_batch() -> None:
    target = TARGETS % 2
    one, batch, with_axis = (Evaluator(2) for _ in range(3))
    for scores, labels in zip(LOGITS[:, 0], target, strict=True):
        one.add(logits=scores, target=labels, threshold=0)
    batch.add_batch(logits=LOGITS[:, 0], target=target, threshold=0)
    with_axis.add_batch(logits=LOGITS[:, :1], target=target, threshold=0, class_axis=1)
    assert batch.result() == with_axis.result() == one.result()


def test_volumes_are_images_of_three_dimensions() -> None:
    volumes = judge(dims=3)
    volumes.add(pred=PREDS[:10], target=TARGETS[:10], name="a")
    volumes.add_batch(
        pred=PREDS.reshape(3, 10, 6, 7)[1:], target=TARGETS.reshape(3, 10, 6, 7)[1:], names=["b", "c"]
    )
    slices = judge()
    slices.add_batch(pred=PREDS, target=TARGETS)
    found = volumes.result()
    assert found.names == ("a", "b", "c")
    assert found.confusion == slices.result().confusion
    assert found.mean_image_iou != slices.result().mean_image_iou
    assert refused(ShapeError, volumes.add, pred=PREDS[None], target=TARGETS[None]) == (
        "`pred` has the shape (1, 30, 6, 7), expected an image of 3 dimensions\n"
        "hint: `pred.squeeze(0)` is without the axis of length 1"
    )
    two = PREDS.reshape(2, 15, 6, 7)
    assert refused(ShapeError, volumes.add, pred=two, target=two) == (
        f"`pred` has the shape (2, 15, 6, 7), expected an image of 3 dimensions\n{SEVERAL}"
    )
    assert sum([volumes, judge(dims=3)]).result() == found
    assert refused(ArgumentError, volumes.__add__, judge()) == (
        "two evaluators of images of 3 and 2 dimensions cannot be added\nhint: make both with the same `dims`"
    )


def test_images_of_a_list_may_differ_in_size() -> None:
    made = judge()
    made.add_batch(pred=[PREDS[0], PREDS[1, :3]], target=[TARGETS[0], TARGETS[1, :3]])
    assert made.result().images.pixels.sum() == made.result().scores.pixels
    assert made.result().names == ("0", "1")


def test_a_batch_of_no_images_adds_none() -> None:
    made = judge()
    made.add_batch(pred=PREDS[:0], target=TARGETS[:0], names=[])
    made.add_batch(logits=LOGITS[:0], target=TARGETS[:0], class_axis=1)
    assert len(made) == 0


# What is no image, and what is no batch


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            {"pred": PREDS, "target": TARGETS},
            f"`pred` has the shape (30, 6, 7), expected an image of 2 dimensions\n{VOLUMES}",
        ),
        (
            {"pred": PREDS[:1], "target": TARGETS[:1]},
            "`pred` has the shape (1, 6, 7), expected an image of 2 dimensions\n"
            "hint: `pred.squeeze(0)` is without the axis of length 1",
        ),
        (
            {"pred": PREDS[0], "target": TARGETS[:1]},
            "`target` has the shape (1, 6, 7), expected an image of 2 dimensions\n"
            "hint: `target.squeeze(0)` is without the axis of length 1",
        ),
        (
            {"pred": PREDS[:, None], "target": TARGETS[:, None]},
            "`pred` has the shape (30, 1, 6, 7), expected an image of 2 dimensions\n"
            "hint: `pred.squeeze(1)` is without the axis of length 1",
        ),
        (
            {"pred": list(PREDS), "target": list(TARGETS)},
            f"`pred` is a list of 30 arrays, expected an image of 2 dimensions\n{VOLUMES}",
        ),
        (
            {"pred": PREDS[0], "target": [TARGETS[0]]},
            f"`target` is a list of 1 array, expected an image of 2 dimensions\n{VOLUMES}",
        ),
        (
            {"logits": LOGITS, "target": TARGETS, "class_axis": 1},
            f"`target` has the shape (30, 6, 7), expected an image of 2 dimensions\n{VOLUMES}",
        ),
        (
            {"logits": LOGITS[:1], "target": TARGETS[0], "class_axis": 1},
            "`logits` has the shape (1, 4, 6, 7), expected class scores of an image of 2 dimensions\n"
            f"{VOLUMES}",
        ),
        (
            {"logits": list(LOGITS), "target": list(TARGETS), "class_axis": 0},
            f"`logits` is a list of 30 arrays, expected an image of 2 dimensions\n{VOLUMES}",
        ),
    ],
)
def test_several_images_are_not_scored_as_one(given: dict[str, object], text: str) -> None:
    made = judge()
    assert refused(ShapeError, made.add, **given) == text
    assert len(made) == 0


ONE = "hint: one image goes to `add`"


@pytest.mark.parametrize(
    ("given", "kind", "text"),
    [
        (
            {"pred": PREDS[0], "target": TARGETS[0]},
            ShapeError,
            f"`pred` has the shape (6, 7), expected a batch of images of 2 dimensions, 3 in all\n{ONE}",
        ),
        (
            {"pred": PREDS, "target": TARGETS[0]},
            ShapeError,
            f"`target` has the shape (6, 7), expected a batch of images of 2 dimensions, 3 in all\n{ONE}",
        ),
        (
            {"pred": PREDS[:, None], "target": TARGETS},
            ShapeError,
            "`pred` has the shape (30, 1, 6, 7), expected a batch of images of 2 dimensions, 3 in all\n"
            "hint: `pred.squeeze(1)` is without the axis of length 1",
        ),
        (
            {"pred": PREDS[:1, None], "target": TARGETS[:1]},
            ShapeError,
            "`pred` has the shape (1, 1, 6, 7), expected a batch of images of 2 dimensions, 3 in all\n"
            "hint: `pred.squeeze(1)` is without the axis of length 1",
        ),
        (
            {"pred": PREDS[..., None].repeat(3, -1), "target": TARGETS},
            ShapeError,
            "`pred` has the shape (30, 6, 7, 3), expected a batch of images of 2 dimensions, 3 in all\n"
            "hint: `pred[..., 0]` is the label map where all channels are equal; colours that are labels are "
            "read from files, where the classes have them",
        ),
        (
            {"logits": LOGITS[0], "target": TARGETS, "class_axis": 0},
            ShapeError,
            f"`logits` has the shape (4, 6, 7), expected a batch of images of 2 dimensions, 4 in all\n{ONE}",
        ),
        (
            {"logits": LOGITS, "target": TARGETS, "class_axis": 0},
            ArgumentError,
            "`class_axis` is 0, but axis 0 of a batch counts its images\n"
            "hint: `class_axis=1` for (N, K, H, W), `class_axis=-1` for (N, H, W, K)",
        ),
        (
            {"logits": list(LOGITS), "target": TARGETS, "class_axis": 4},
            ArgumentError,
            "`class_axis` is 4, but the batch has 4 axes\n"
            "hint: axes are counted from 0, or from -1 at the end",
        ),
        (
            {"pred": PREDS[:29], "target": TARGETS},
            ShapeError,
            f"`pred` and `target` differ in length: 29 and 30 images\nhint: {hints.ONE_TARGET}",
        ),
        *(
            (
                {"logits": LOGITS[:, :channels], "target": TARGETS, **threshold},
                ArgumentError,
                f"`class_axis` is missing for `logits` of shape (30, {channels}, 6, 7), and is never guessed "
                "from it\nhint: `class_axis=1` for (N, K, H, W), `class_axis=-1` for (N, H, W, K)",
            )
            for channels, threshold in ((4, {}), (1, {"threshold": 0.5}))
        ),
        (
            {"target": TARGETS},
            ArgumentError,
            "expected either `pred` or `logits`, found neither\n"
            "hint: label maps are `pred=`; class scores are `logits=`, with `class_axis=`",
        ),
        (
            {"pred": [PREDS[0], PREDS[1] / 2], "target": TARGETS[:2]},
            DtypeError,
            f"at index 1: `pred` is float64, expected bools or integers\nhint: {hints.FLOATS}",
        ),
        (
            {"pred": PREDS[:3] % 4, "target": np.stack([TARGETS[0], TARGETS[1], np.full((6, 7), 9)])},
            LabelError,
            "`target` holds the label 9 (42 pixels): neither class nor ignored, "
            "first in image 2 of the batch\n"
            f"hint: {hints.GIVE_LABELS}",
        ),
    ],
)
def test_a_batch_that_raises_adds_nothing(
    given: dict[str, object], kind: type[SegscoreError], text: str
) -> None:
    made = judge()
    made.add(pred=PREDS[0], target=TARGETS[0], name="before")
    before = made.result()
    assert refused(kind, made.add_batch, **given) == text
    assert made.result() == before


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["a"], "expected one name an image, found 1 for 3 images\nhint: name all of them"),
        ("abc", "`names` is of type str\nhint: give a list of texts, one an image"),
        (3, "`names` is of type int\nhint: give a list of texts, one an image"),
        (["a", 1, "b"], "`names` holds one of type int\nhint: name images by texts"),
        (["a", "b", "a"], "`names` holds `a` twice\nhint: names are all different"),
        (["a", "b", "x"], "an image named `x` was added before\nhint: names are all different"),
    ],
)
def test_names_of_a_batch_are_all_different_texts(names: object, text: str) -> None:
    made = judge()
    made.add(pred=PREDS[0], target=TARGETS[0], name="x")
    sides = {"pred": PREDS[:3], "target": TARGETS[:3]}
    assert refused(ArgumentError, made.add_batch, **sides, names=names) == text
    assert len(made) == 1
    made.add_batch(**sides, names=iter("abc"))
    assert made.result().names == ("a", "b", "c", "x")


def test_predictions_that_are_no_class_are_warned_of_once_where_the_batch_was_added() -> None:
    made = judge()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            made.add_batch(pred=np.full((2, 1, 1), 7), target=np.zeros((2, 1, 1), int))
    assert [(warning.category, warning.filename) for warning in caught] == [(SegscoreWarning, __file__)]
    assert str(caught[0].message) == (
        "`pred` holds the label 7 (1 pixel): no class, first in image 0 of the batch; counted as missed\n"
        f"hint: {hints.OTHER_LABELS}"
    )
    strict = judge(strict=True)
    with pytest.raises(LabelError):
        strict.add_batch(pred=np.full((2, 1, 1), 7), target=np.zeros((2, 1, 1), int))
    assert len(strict) == 0
