"""Class scores of another size than their target: evaluators resize them as `predict` does."""

import ml_dtypes
import numpy as np
import pytest

from segscore import ArgumentError, Evaluation, Evaluator, ShapeError
from segscore.predict import Prediction, resize_logits
from support.refused import refused

RANDOM = np.random.default_rng(0)
LOGITS = RANDOM.standard_normal((3, 5, 7)).astype(np.float32)
TARGET = RANDOM.integers(0, 3, (12, 20))


def judged(classes=3, *, target=TARGET, **given) -> Evaluation:
    judge = Evaluator(classes)
    judge.add(target=target, **given)
    return judge.result()


@pytest.mark.parametrize("size", [(12, 20), (5, 7), (5, 20), (3, 2), (1, 1)])
def test_class_scores_are_resized_as_predictions_of_models_are(size):
    target = RANDOM.integers(0, 3, size)
    resized = resize_logits(LOGITS, size, class_axis=0)
    found = judged(target=target, logits=LOGITS, class_axis=0)
    assert found == judged(target=target, logits=resized, class_axis=0)
    assert found == judged(target=target, pred=resized.argmax(axis=0))
    assert found == judged(target=target, **Prediction(logits=LOGITS, class_axis=0).given(size))
    assert found.resized == 0  # which counts label maps that were resized to nearest pixels


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2, -3])
@pytest.mark.parametrize("dtype", ["f2", "<f4", ">f4", "f8", ml_dtypes.bfloat16])
def test_of_every_type_and_axis(dtype, axis):
    logits = LOGITS.astype(dtype)
    wide = logits.astype(np.float32) if dtype == ml_dtypes.bfloat16 else logits
    resized = resize_logits(wide, TARGET.shape, class_axis=0)
    given = {"logits": np.moveaxis(logits, 0, axis), "class_axis": axis}
    assert judged(**given) == judged(pred=resized.argmax(axis=0))


@pytest.mark.parametrize("own_axis", [True, False])
def test_scores_of_one_channel_are_resized_before_the_threshold(own_axis):
    given = {"logits": LOGITS[:1], "class_axis": 0} if own_axis else {"logits": LOGITS[0]}
    resized = resize_logits(LOGITS[:1], TARGET.shape, class_axis=0)[0]
    expected = judged(2, target=TARGET % 2, pred=(resized >= 0.25).astype(int))
    assert judged(2, target=TARGET % 2, **given, threshold=0.25) == expected


def test_batches_of_class_scores_are_resized():
    batch, single = Evaluator(3), Evaluator(3)
    batch.add_batch(logits=np.stack([LOGITS] * 3), target=np.stack([TARGET] * 3), class_axis=1)
    for _ in range(3):
        single.add(logits=LOGITS, target=TARGET, class_axis=0)
    assert batch.result() == single.result()


@pytest.mark.parametrize("size", [(7, 5), (14, 10)])
def test_height_and_width_are_not_exchanged(size):
    given = {"logits": LOGITS, "class_axis": 0, "target": np.zeros(size, int)}
    assert refused(ShapeError, Evaluator(3).add, **given) == (
        f"the class scores look transposed: they have (5, 7) pixels, the target {size}\n"
        "hint: exchange height and width on one side; class scores of another size are resized to their "
        "target"
    )


def test_what_is_no_number_is_named_by_its_own_place():
    logits = LOGITS.copy()
    logits[2, 4, 1] = np.nan
    assert refused(ArgumentError, Evaluator(3).add, logits=logits, target=TARGET, class_axis=0) == (
        "`logits` is NaN at index (2, 4, 1), class channel 2\n"
        "hint: NaN has no place among scores: look for a division by zero or an overflow in the model"
    )


def test_volumes_and_empty_sizes_are_not_resized():
    for size, logits in (((2, 4, 5), LOGITS[:, None]), ((0, 4), LOGITS), ((4, 5), LOGITS[:, :0])):
        judge = Evaluator(3, dims=3)
        with pytest.raises(ShapeError, match="differ in shape"):
            judge.add(logits=logits, target=np.zeros(size, int), class_axis=0)
