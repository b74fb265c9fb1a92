"""Arrays of integers that are no label map of one image: one-hot arrays, RGB pixels, and axes of length 1."""

from functools import partial

import numpy as np
import pytest

from segscore import ArgumentError, ConfusionMatrix, Evaluator, SegscoreWarning, ShapeError, evaluate
from segscore.base.naming import spelled
from segscore.cli.spelling import COMMAND_LINE
from segscore.io.shapes import checked_dims, one_hot_axis
from support.masks_on_disk import Array
from support.refused import refused

RANDOM = np.random.default_rng(0)
LABELS = RANDOM.integers(0, 3, (20, 30))
OTHERS = np.where(RANDOM.random(LABELS.shape) < 0.3, 0, LABELS)
COLOURS_IN_FILES = "; colours that are labels are read from files, where the classes have them"


def one_hot(labels: Array, classes: int, axis: int = 0) -> Array:
    return np.moveaxis((labels == np.arange(classes)[:, None, None]).astype(np.int64), 0, axis)


@pytest.mark.parametrize("dtype", ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"])
@pytest.mark.parametrize(("classes", "axis"), [(2, 0), (3, 0), (3, 1), (3, 2), (19, 0), (19, -1)])
def test_one_hot_arrays_of_any_type_are_refused_with_the_line_that_mends_them(
    dtype: str, classes: int, axis: int
) -> None:
    pred, target = (one_hot(labels % classes, classes, axis).astype(dtype) for labels in (OTHERS, LABELS))
    text = (
        f"`pred` of shape {pred.shape} is one-hot on axis {axis % 3}, expected one label a pixel\n"
        f"hint: `pred.argmax(axis={axis % 3})` is the label map"
    )
    cm, judge = ConfusionMatrix(classes), Evaluator(classes)
    for call in (cm.update, judge.add, partial(Evaluator(classes, dims=3).add), judge.add_batch):
        assert refused(ShapeError, call, pred=pred, target=target) == text
    assert refused(ShapeError, cm.update, pred=LABELS, target=target) == text.replace("pred", "target")
    assert not cm.pixels
    cm.update(pred=pred.argmax(axis=axis), target=target.argmax(axis=axis))
    assert cm.scores == evaluate(pred=OTHERS % classes, target=LABELS % classes, classes=classes).scores


def test_a_batch_of_one_hot_arrays_is_refused() -> None:
    batch = np.stack([one_hot(LABELS, 3), one_hot(OTHERS, 3)])
    for call in (ConfusionMatrix(3).update, Evaluator(3).add, Evaluator(3).add_batch):
        assert refused(ShapeError, call, pred=batch, target=batch) == (
            "`pred` of shape (2, 3, 20, 30) is one-hot on axis 1, expected one label a pixel\n"
            "hint: `pred.argmax(axis=1)` is the label map"
        )


def test_the_command_line_speaks_of_what_to_save() -> None:
    with pytest.raises(ShapeError) as caught:
        Evaluator(3).add(pred=one_hot(LABELS, 3), target=LABELS)
    assert spelled(caught.value.hint or "", COMMAND_LINE) == "save `labels.argmax(axis=0)`"


def test_a_batch_of_as_many_label_maps_as_classes_is_counted() -> None:
    batch = RANDOM.integers(0, 3, (3, 8, 9))
    tiles = np.stack([np.full((8, 9), label) for label in (0, 1, 0)])  # each pixel is 1 in one of them
    cm = ConfusionMatrix(3)
    cm.update(pred=batch, target=batch)
    with pytest.warns(SegscoreWarning, match="may be a mask for each class"):
        cm.update(pred=tiles, target=tiles)
    assert cm.counts.sum() == batch.size + tiles.size
    assert one_hot_axis(tiles, 3) is None
    assert one_hot_axis(np.array([[[0, 1]], [[1, 0]]]), 2) is None  # of so few pixels by chance


@pytest.mark.parametrize("dtype", ["u1", "i4", "i8"])
@pytest.mark.parametrize(("channels", "kind"), [(3, "RGB"), (4, "RGBA")])
def test_pixels_of_colours_are_refused_with_the_line_that_mends_them(
    dtype: str, channels: int, kind: str
) -> None:
    pred, target = (np.repeat(a[..., None], channels, -1).astype(dtype) for a in (OTHERS, LABELS))
    text = (
        f"`pred` of shape (20, 30, {channels}) looks like {kind} pixels, expected one label a pixel\n"
        f"hint: `pred[..., 0]` is the label map where all channels are equal{COLOURS_IN_FILES}"
    )
    for call in (ConfusionMatrix(5).update, Evaluator(5).add, Evaluator(5).add_batch):
        assert refused(ShapeError, call, pred=pred, target=target) == text


def test_small_pixels_of_colours_are_no_image_either_and_narrow_label_maps_are_a_batch() -> None:
    narrow = RANDOM.integers(0, 3, (6, 7, 3)).astype(np.uint8)
    with pytest.raises(ShapeError, match="looks like RGB pixels"):
        Evaluator(3).add(pred=narrow, target=narrow)
    cm = ConfusionMatrix(3)
    cm.update(pred=narrow, target=narrow)
    assert cm.pixels == narrow.size
    volume = Evaluator(3, dims=3)
    volume.add(pred=narrow, target=narrow)
    assert volume.result().scores.pixels == narrow.size


def test_a_matrix_takes_any_number_of_dimensions() -> None:
    cm = ConfusionMatrix(3)
    for shape in ((), (5,), (2, 5), (2, 3, 5), (2, 1, 3, 5), (2, 2, 3, 2, 5)):
        labels = RANDOM.integers(0, 3, shape)
        cm.update(pred=labels, target=labels)
    assert cm.pixels == 1 + 5 + 10 + 30 + 30 + 120


@pytest.mark.parametrize("dims", [1, 4, 0, True, 2.5, "2", None])
def test_images_have_two_or_three_dimensions(dims: object) -> None:
    text = f"`dims` is {dims!r}, expected 2 or 3\nhint: images have 2 dimensions, volumes 3"
    assert refused(ArgumentError, checked_dims, dims) == text
    assert refused(ArgumentError, Evaluator, 3, dims=dims) == text
    assert refused(ArgumentError, evaluate, pred=LABELS, target=LABELS, classes=3, dims=dims) == text


@pytest.mark.parametrize(
    ("pred", "target", "axes"),
    [
        ((6, 7, 1), (1, 6, 7), ("2", "0")),
        ((1, 6, 7), (6, 7, 1), ("0", "2")),
        ((6, 1, 7), (6, 7, 1), ("1", "2")),
        ((2, 6, 7, 1), (2, 1, 6, 7), ("3", "1")),
        ((1, 6, 7, 1), (1, 1, 6, 7), ("(0, 3)", "(0, 1)")),
    ],
)
def test_axes_of_length_1_in_other_places_are_taken_out_of_both_sides(
    pred: tuple[int, ...], target: tuple[int, ...], axes: tuple[str, str]
) -> None:
    sides = {"pred": RANDOM.integers(0, 3, pred), "target": RANDOM.integers(0, 3, target)}
    cm = ConfusionMatrix(3)
    with pytest.raises(ShapeError) as caught:
        cm.update(**sides)
    assert str(caught.value) == (
        f"`pred` and `target` differ in shape: {pred} and {target}\n"
        f"hint: `pred.squeeze({axes[0]})` and `target.squeeze({axes[1]})` are without axes of length 1"
    )
    assert spelled(caught.value.hint or "", COMMAND_LINE) == (
        f"save predictions as `labels.squeeze({axes[0]})`, and targets as `labels.squeeze({axes[1]})`"
    )
    # What the hint says works.
    taken = {name: eval(axis) for name, axis in zip(sides, axes, strict=True)}
    cm.update(**{name: labels.squeeze(taken[name]) for name, labels in sides.items()})
    assert cm.pixels


def test_a_row_and_a_column_are_of_other_shapes_and_have_no_axis_too_many() -> None:
    with pytest.raises(ShapeError) as caught:
        ConfusionMatrix(3).update(pred=np.zeros((6, 1), int), target=np.zeros((1, 6), int))
    assert "squeeze(" not in str(caught.value)
