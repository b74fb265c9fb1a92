"""Stacks whose images may be something else: a mask for each class, channels of one label map, or rows."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from segscore import ConfusionMatrix, Evaluator, audit, evaluate, load
from support.command_line import run
from support.masks_on_disk import write
from support.refused import warned

RANDOM = np.random.default_rng(7)


def per_class(images: int, way_out: str) -> str:
    return (
        f"stacks of {images} images, as many as there are classes, hold 0 and 1 alone: they are scored as "
        "labels of images, and may be a mask for each class\n"
        "hint: score masks that may overlap one class at a time, with two classes; where these are images, "
        + way_out
    )


IN_PYTHON = "give their `names`, or a list of them"


@pytest.mark.parametrize("classes", [2, 3, 30])
def test_a_stack_that_may_hold_a_mask_for_each_class_is_said(tmp_path: Path, classes: int) -> None:
    pred, target = RANDOM.integers(0, 2, (2, classes, 6, 7))
    for side, masks in (("pred", pred), ("target", target)):
        write(tmp_path / side, {"a.npy": masks, "b.npy": masks})
    folders = {"pred": tmp_path / "pred", "target": tmp_path / "target"}
    given: list[dict[str, object]] = [{"pred": pred, "target": target}, folders]
    for sides in given:
        with warned(per_class(classes, IN_PYTHON), __file__):
            evaluate(**sides, classes=classes)
    options = [part for side, path in folders.items() for part in (f"--{side}", str(path))]
    assert "mask-per-class" in {finding.kind for finding in audit(**folders, classes=classes).findings}
    told = run("evaluate", *options, "--classes", str(classes)).stderr
    assert " ".join(per_class(classes, "save one a file").split()) in " ".join(told.split())
    # What is known to be images, or cannot be such masks, needs no word.
    evaluate(pred=pred, target=target, classes=classes, names=map(str, range(classes)))
    evaluate(pred=[*pred], target=[*target], classes=classes)
    evaluate(pred=pred, target=target, classes=classes + 1)
    evaluate(pred=pred[:1], target=target[:1], classes=classes)


def test_an_update_with_what_may_be_a_mask_for_each_class_is_said_once() -> None:
    pred, target = RANDOM.integers(0, 2, (2, 3, 6, 7))
    matrix = ConfusionMatrix(3)
    with warned(per_class(3, "give a list of them"), __file__):
        matrix.update(pred=pred, target=target)
    for one in (matrix, matrix.copy(), matrix + ConfusionMatrix(3), pickle.loads(pickle.dumps(matrix))):
        one.update(pred=pred, target=target)  # a warning is an error here
        assert one.scores.pixels == 2 * target.size
    matrix.reset()
    with warned(per_class(3, "give a list of them"), __file__):
        matrix.update(pred=pred, target=target)
    for classes, images in ((2, slice(2)), (4, slice(3)), (3, slice(2))):
        ConfusionMatrix(classes).update(pred=pred[images], target=target[images])
    ConfusionMatrix(3).update(pred=[*pred], target=[*target])
    ConfusionMatrix(3).update(pred=pred * 2, target=target)
    ConfusionMatrix(3).update(pred=pred * 0, target=target * 0)  # three tiles of background


def test_a_batch_that_may_hold_a_mask_for_each_class_is_said_once() -> None:
    pred, target = RANDOM.integers(0, 2, (2, 3, 6, 7))
    judge = Evaluator(3)
    with warned(per_class(3, IN_PYTHON), __file__):
        judge.add_batch(pred=pred, target=target)
    judge.add_batch(pred=pred, target=target)
    assert len(judge) == 6
    for classes, images, options in (
        (2, slice(2), {}),
        (3, slice(3), {"names": [*"abc"]}),
        (4, slice(3), {}),
    ):
        Evaluator(classes).add_batch(pred=pred[images], target=target[images], **options)
    Evaluator(3).add_batch(pred=[*pred], target=[*target])
    Evaluator(3).add_batch(pred=pred * 2, target=target)


def one_hot(way_out: str, shape: tuple[int, ...] = (3, 6, 7)) -> str:
    return (
        f"a stack of shape {shape} holds 0 and 1 alone, and as many 1 as one image has pixels: it is "
        f"scored as labels of {shape[0]} images, and may be one label map that is one-hot\n"
        f"hint: {way_out}"
    )


ARGMAX = f"`stack.argmax(axis=0)` is the label map; where these are images, {IN_PYTHON}"


def in_channels(labels: np.ndarray, channels: int = 3) -> np.ndarray:
    return np.moveaxis(np.eye(channels, dtype=np.uint8)[labels], -1, 0)


def test_channels_of_one_label_map_are_said(tmp_path: Path) -> None:
    pred, target = (in_channels(labels) for labels in RANDOM.integers(0, 3, (2, 6, 7)))
    sides = {
        "pred": write(tmp_path / "pred", {"a.npy": pred}),
        "target": write(tmp_path / "t", {"a.npy": target}),
    }
    for given in ({"pred": pred, "target": target}, sides):
        for classes in (2, 5):
            with warned(one_hot(ARGMAX), __file__):
                found = evaluate(**given, classes=classes)
            assert [one.kind for one in found.doubts] == ["one-hot"]
            assert "one-hot" in {one.kind for one in audit(**given, classes=classes).findings}
    found.save(tmp_path / "ev.npz")
    assert load(tmp_path / "ev.npz").doubts == found.doubts
    options = [part for side, folder in sides.items() for part in (f"--{side}", folder)]
    told = run("evaluate", *options, "--classes", "binary").stderr
    line = "save `stack.argmax(axis=0)`, the label map; where these are images, save one a file"
    assert " ".join(one_hot(line).split()) in " ".join(told.split())
    judge = Evaluator(2)
    with warned(one_hot(ARGMAX), __file__):
        judge.add_batch(pred=pred, target=target)
    matrix = ConfusionMatrix(2)
    with warned(
        one_hot("`stack.argmax(axis=0)` is the label map; where these are images, give a list of them"),
        __file__,
    ):
        matrix.update(pred=pred, target=target)
    matrix.update(pred=pred, target=target)


def test_images_that_are_no_channels_need_no_word() -> None:
    pred, target = (in_channels(labels) for labels in RANDOM.integers(0, 3, (2, 6, 7)))
    another = target.copy()
    another[0, 0, 0] ^= 1
    tiles = np.zeros((3, 6, 7), np.uint8)
    tiles[1] = 1  # as many 1 as one image has, in one that is all 1
    for one, other in ((pred, another), (another, target), (tiles, tiles)):
        evaluate(pred=one, target=other, classes=2)
        Evaluator(2).add_batch(pred=one, target=other)
        ConfusionMatrix(2).update(pred=one, target=other)
    evaluate(pred=pred, target=target, classes=2, names=[*"abc"])
    Evaluator(2).add_batch(pred=pred, target=target, names=[*"abc"])
    evaluate(pred=[*pred], target=[*target], classes=2)
    ConfusionMatrix(2).update(pred=[*pred], target=[*target])


def images_last(shape: tuple[int, int, int], way_out: str = IN_PYTHON) -> str:
    rows, columns, images = shape
    return (
        f"a stack of shape {shape} is scored as {rows} images of shape {(columns, images)}, and may be "
        f"{images} images of shape {(rows, columns)}\n"
        "hint: `np.moveaxis(stack, -1, 0)` puts the axis of the images first; where these are images, "
        + way_out
    )


@pytest.mark.parametrize("shape", [(48, 64, 2), (64, 48, 6), (40, 40, 5)])
@pytest.mark.parametrize("classes", [2, 4, 40])
def test_stacks_whose_images_lie_along_the_last_axis_are_said(
    tmp_path: Path, shape: tuple[int, int, int], classes: int
) -> None:
    pred, target = RANDOM.integers(0, 2, (2, *shape))
    folders = {
        side: write(tmp_path / side, {"a.npy": one}) for side, one in (("pred", pred), ("target", target))
    }
    for given in ({"pred": pred, "target": target}, folders):
        with warned(images_last(shape), __file__):
            found = evaluate(**given, classes=classes)
        assert [one.kind for one in found.doubts] == ["images-last"]
        assert "images-last" in {one.kind for one in audit(**given, classes=classes).findings}
    with warned(images_last(shape), __file__):
        Evaluator(classes).add_batch(pred=pred, target=target)


@pytest.mark.parametrize(
    "shape", [(48, 64, 9), (47, 48, 6), (48, 47, 6), (6, 48, 48), (2, 300, 5), (300, 20, 5)]
)
def test_stacks_of_narrow_images_need_no_word(shape: tuple[int, int, int]) -> None:
    pred, target = RANDOM.integers(0, 2, (2, *shape))
    evaluate(pred=pred, target=target, classes=4)
    Evaluator(4).add_batch(pred=pred, target=target)


def test_narrow_images_that_have_names_need_no_word() -> None:
    pred, target = RANDOM.integers(0, 2, (2, 48, 64, 2))
    names = [f"{i:02}" for i in range(48)]
    evaluate(pred=pred, target=target, classes=4, names=names)
    Evaluator(4).add_batch(pred=pred, target=target, names=names)
    evaluate(pred=[*pred], target=[*target], classes=4)
