"""Stacks of as many images as there are classes may hold a mask for each class."""

from pathlib import Path

import numpy as np
import pytest

from segscore import ConfusionMatrix, Evaluator, audit, evaluate
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
    matrix.update(pred=pred, target=target)
    assert matrix.scores.pixels == 2 * target.size
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
