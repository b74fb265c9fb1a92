"""Images that are added part by part are those that are added as a whole."""

import pickle

import numpy as np
import pytest

from segscore import ArgumentError, Evaluator, LabelError
from support.refused import refused

RANDOM = np.random.default_rng(0)
PRED, TARGET = RANDOM.integers(0, 3, (2, 12, 20))
PARTS = [(slice(y, y + 5), slice(x, x + 7)) for y in range(0, 12, 5) for x in range(0, 20, 7)]


def judged(*parts, classes=3, **options):
    judge = Evaluator(classes, **options)
    judge.add(pred=PRED[::-1], target=TARGET, name="other")
    for part in parts:
        judge.add(pred=PRED[part], target=TARGET[part], name="slide", tile=True)
    return judge


def test_parts_in_any_order_are_the_image():
    whole = judged((slice(None), slice(None))).result()
    for parts in (PARTS, PARTS[::-1]):
        judge = judged(*parts)
        assert len(judge) == 2
        assert judge.result() == whole
        assert pickle.loads(pickle.dumps(judge)).result() == whole
    usual = Evaluator(3)
    for name, pred in (("slide", PRED), ("other", PRED[::-1])):
        usual.add(pred=pred, target=TARGET, name=name)
    assert usual.result() == whole


def test_a_part_that_was_resized_is_told_of_its_image():
    judge = Evaluator(3, resize="nearest")
    judge.add(pred=PRED, target=TARGET, name="slide", tile=True)
    assert judge.result().resized == 0
    judge.add(pred=PRED[::2, ::2], target=TARGET, name="slide", tile=True)
    assert judge.result().resized == 1


def test_parts_of_class_scores_are_the_image():
    scores = np.eye(3, dtype=np.float32)[PRED]
    judge, whole = Evaluator(3), Evaluator(3)
    for part in PARTS:
        judge.add(logits=scores[part], class_axis=-1, target=TARGET[part], name="slide", tile=True)
    whole.add(pred=PRED, target=TARGET, name="slide")
    assert judge.result() == whole.result()


def test_what_a_threshold_parts_is_told_of_all_parts():
    judge = Evaluator(2)
    for value in (0.1, 0.9):
        judge.add(logits=[[value]], threshold=0.5, target=[[1]], name="slide", tile=True)
    judge.add(pred=[[1]], target=[[1]], name="slide", tile=True)
    assert judge.result().scores.recall[1] == 2 / 3  # and no part alone is warned of
    high = Evaluator(2)
    for value in (0.8, 0.9):
        high.add(logits=[[value]], threshold=0.5, target=[[1]], name="slide", tile=True)
    with pytest.warns(match="every value of all predictions reaches the threshold 0.5: the lowest is 0.8"):
        high.result()


def test_a_whole_image_of_that_name_is_an_error_and_so_is_what_is_no_part():
    judge = judged(PARTS[0])
    assert refused(ArgumentError, judge.add, pred=PRED, target=TARGET, name="slide") == (
        "an image named `slide` was added before\nhint: names are all different"
    )
    assert refused(ArgumentError, judge.add, pred=PRED, target=TARGET, tile=True) == (
        "`tile=True` is given without a name\nhint: `name=` says which image it is a part of"
    )
    judge.add(pred=PRED, target=TARGET, name="whole")
    before = judge.result()
    assert refused(ArgumentError, judge.add, pred=PRED, target=TARGET, name="whole", tile=True) == (
        "an image named whole was added before, and as a whole\n"
        "hint: add every part of an image with `tile=True`, the first one included"
    )
    refused(LabelError, judge.add, pred=PRED, target=TARGET + 7, name="slide", tile=True)
    assert judge.result() == before
    assert refused(ArgumentError, judged, PARTS[0], boundary=2) == (
        "boundaries and distances are measured of whole images, and this is a part of one\n"
        "hint: leave them out; or add the image as a whole"
    )
