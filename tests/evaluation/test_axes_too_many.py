"""One image with an axis of length 1, or of two channels, is no stack of images."""

from pathlib import Path

import numpy as np
import pytest

from segscore import EvaluationError, Evaluator, ShapeError, audit, evaluate
from support.command_line import run
from support.refused import refused

RANDOM = np.random.default_rng(0)
TARGET = RANDOM.integers(0, 4, (6, 7)).astype(np.uint8)
PRED = np.where(RANDOM.random(TARGET.shape) < 0.4, 0, TARGET)


TOO_MANY = (
    "has the shape (6, 7, 1), which is 6 images of one pixel in width, or one image with an axis too many"
)


def test_rows_of_one_image_are_no_stack_of_images_that_are_one_pixel_wide(tmp_path: Path) -> None:
    pred, target = PRED[..., None], TARGET[..., None]
    shares, halves = RANDOM.random((6, 7, 1)), TARGET[..., None] % 2
    hint = (
        "hint: `pred.squeeze(2)` is without the axis of length 1; a stack of such narrow images has `names`"
    )
    for images in (1, 3):
        assert f"0: `pred` {TOO_MANY}" in (
            text := refused(
                EvaluationError, evaluate, pred=[pred] * images, target=[target] * images, classes=4
            )
        )
        assert text.endswith(hint)
    with pytest.raises(EvaluationError, match=r"6 images of one pixel in width"):
        evaluate(pred=shares, target=halves, classes=2, threshold=0.5)
    assert audit(pred=pred, target=target, classes=4).findings[0].kind == "not-scored"
    judge = Evaluator(4)
    assert refused(ShapeError, judge.add_batch, pred=pred, target=target) == f"`pred` {TOO_MANY}\n{hint}"
    scores = {"logits": shares, "threshold": 0.5}
    text = refused(ShapeError, Evaluator(2).add_batch, target=halves, **scores)
    assert text == f"`target` {TOO_MANY}\n{hint.replace('pred', 'target')}"

    np.save(tmp_path / "p.npy", pred)
    np.save(tmp_path / "t.npy", target)
    given = ("--pred", tmp_path / "p.npy", "--target", tmp_path / "t.npy", "--classes", 4)
    done = run("evaluate", *given)
    assert TOO_MANY in " ".join(done.stderr.split())
    assert "save `labels.squeeze(2)`" in " ".join(done.stderr.split())

    low = TARGET[:, None]  # as (height, 1, width)
    text = refused(EvaluationError, evaluate, pred=PRED[:, None], target=low, classes=4)
    assert "0: `pred` has the shape (6, 1, 7), which is 6 images of one pixel in height, or" in text
    assert "hint: `pred.squeeze(1)` is without the axis of length 1" in text
    text = refused(ShapeError, Evaluator(4).add_batch, pred=PRED[:, None], target=low)
    assert text.startswith("`pred` has the shape (6, 1, 7), which is 6 images of one pixel in height")

    names = list("abcdef")  # whoever names them knows how many there are
    judge.add_batch(pred=pred, target=target, names=names)
    assert (
        judge.result()
        == evaluate(pred=pred, target=target, classes=4, names=names)
        == evaluate(pred=list(pred), target=list(target), classes=4, names=names)
    )
    assert len(evaluate(pred=pred.squeeze(2), target=target.squeeze(2), classes=4).images) == 1


@pytest.mark.parametrize(
    ("shape", "hint"),
    [
        ((1, 6, 7), "`pred.squeeze(0)` is without the axis of length 1"),
        ((6, 7, 1), "`pred.squeeze(2)` is without the axis of length 1"),
        ((1, 6, 7, 1), "`pred.squeeze((0, 3))` is without the axes of length 1"),
        (
            (2, 6, 7),
            "scores of both classes are told by `class_axis=0` in place of `threshold`: the highest wins",
        ),
        (
            (6, 7, 2),
            "scores of both classes are told by `class_axis=-1` in place of `threshold`: the highest wins",
        ),
        ((5, 6, 7), "several images are a batch for `Evaluator.add_batch`"),
    ],
)
def test_scores_of_one_channel_say_which_axis_is_too_much(shape: tuple[int, ...], hint: str) -> None:
    shares, target = RANDOM.random(shape), TARGET % 2
    text = refused(EvaluationError, evaluate, pred=shares, target=target, classes=2, threshold=0.5)
    assert f"`pred` has the shape {shape}, expected class scores of an image of 2 dimensions" in text
    assert f"hint: {hint}" in text
    text = refused(ShapeError, Evaluator(2).add, logits=shares, target=target, threshold=0.5)
    assert f"hint: {hint.replace('`pred', '`logits')}" in text


def test_class_scores_whose_last_axis_has_the_classes_say_so() -> None:
    text = refused(ShapeError, Evaluator(4).add, logits=RANDOM.random((6, 7, 4)), target=TARGET, class_axis=0)
    assert text == (
        "`logits` needs one channel for each of 4 classes, found 6 on axis 0 of (6, 7, 4)\n"
        "hint: the last axis has 4: `class_axis=-1`"
    )
