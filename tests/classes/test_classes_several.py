"""Classes with several label values and colours: what they mean on both sides, and what is refused."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from segscore.classes.classes import Classes
from segscore.classes.folding import IGNORED
from segscore.classes.labels import PredictionSpace, colour_label, palette_label
from segscore.classes.plain import classes_dict, classes_of_dict
from segscore.errors import ClassesError
from segscore.results.confusion import ConfusionMatrix
from support import hints
from support.refused import refused

AB = ["background", "cat"]
RED, BLUE, BLACK, WHITE = (255, 0, 0), (0, 0, 255), (0, 0, 0), (255, 255, 255)


def several(**changes):
    given = {
        "labels": [0, [1, 255]],
        "ignore": [9],
        "colours": {0: BLACK, 1: [RED, BLUE], 9: WHITE},
        "not_in_mean": [0],
    }
    return Classes(AB, **given | changes)


def test_a_class_is_all_its_labels():
    classes = several()
    assert (classes.labels, classes.all_labels) == ((0, 1), ((0,), (1, 255)))
    assert classes.class_of == {0: 0, 1: 1, 255: 1}
    assert classes.all_colours == {0: (BLACK,), 1: (RED, BLUE), 9: (WHITE,)}
    assert classes.colours[1] == RED
    labels = np.array([0, 1, 255, 9, *map(colour_label, (BLACK, RED, BLUE, WHITE)), palette_label(BLUE)])
    target, pred = classes.fold(labels, labels)
    assert target.tolist() == [0, 1, 1, IGNORED, 0, 1, 1, IGNORED, 1]
    assert pred.tolist() == [0, 1, 1, 2, 0, 1, 1, 2, 1]


@pytest.mark.parametrize("dtype", ["u1", "u2", "i4", "i8"])
@pytest.mark.parametrize("images", [1, 3, 30])
def test_labels_of_one_class_count_as_one(dtype, images):
    cm = ConfusionMatrix(several())
    for _ in range(images):
        cm.update(pred=np.array([1, 255, 0, 255, 1], dtype), target=np.array([255, 1, 0, 0, 9], dtype))
    assert cm.counts.tolist() == [[images, images], [0, 2 * images]]
    assert cm.ignored == images


def test_predictions_have_several_labels_of_their_own():
    for given in ([7, [3, 4]], Classes(AB, [7, [3, 4]]), "other"):
        classes = several(prediction_spaces=[PredictionSpace("other", (7, (3, 4)))])
        cm = ConfusionMatrix(classes, pred_classes=given)
        cm.update(pred=[3, 4, 7], target=[1, 255, 0])
        assert cm.counts.tolist() == [[1, 0], [0, 2]]
        assert cm.classes.all_pred_labels == ((7,), (3, 4))
    assert several(pred_labels=[0, [1, 255]]) == several()


def test_some_labels_of_a_class_can_be_ignored():
    one = several().ignoring(255)
    assert (one.all_labels, one.ignore, one.ignored_classes.any()) == (((0,), (1,)), (9, 255), False)
    assert several().ignoring(1).all_labels == ((0,), (255,))
    both = several().ignoring([1, 255])
    assert (both.all_labels, both.all_ignored) == (((0,), (1, 255)), (1, 9, 255))
    assert both.ignored_classes.tolist() == several().ignoring(1).ignoring(255).ignored_classes.tolist()
    assert both.fold(np.array([1, 255]), np.array([1, 255]))[0].tolist() == [IGNORED] * 2


def test_what_several_labels_are_is_kept():
    classes = several(pred_labels=[5, [6, 7]], label_rule="value//256", not_in_mean=[255])
    again = classes_of_dict(classes_dict(classes))
    for other in (again, pickle.loads(pickle.dumps(classes)), replace(classes, title="T")):
        assert other == classes
        assert (other.all_labels, other.all_colours) == (classes.all_labels, classes.all_colours)
        assert (other.label_rule, other.not_in_mean) == ("value // 256", (1,))
    assert classes != several(pred_labels=[5, [6, 7]], not_in_mean=[1])
    assert repr(classes) == (
        "<Classes 2 ('background', 'cat'), labels=[0, [1, 255]], 4 colours, label_rule='value // 256', "
        "ignore=[9]>"
    )


def twice(label, whose):
    return f"label {label} is given twice, to {whose}\nhint: {hints.OF_ITS_OWN}"


def no_label(label):
    return f"label {label} is no label value\nhint: {hints.LABEL_VALUES}"


MANY = "are these instances? a label rule takes the class out of each: `value // 1000`"
REFUSED = {
    "in two classes": ({"labels": [[0, 255], [1, 255]]}, twice(255, "classes 0 and 1")),
    "twice in one": ({"labels": [0, [1, 1]]}, twice(1, "class 1")),
    "none": (
        {"labels": [0, []]},
        "a class has no label\nhint: give each class one label value or more",
    ),
    "ignored": (
        {"labels": [0, [1, 255]], "ignore": [255]},
        "label 255 is both class `cat` and ignored\n"
        "hint: a label is one or the other: take it out of `ignore` or out of the classes",
    ),
    "a text": ({"labels": [0, "1"]}, no_label("'1'")),
    "a text among them": ({"labels": [0, [1, "255"]]}, no_label("'255'")),
    "a bool": ({"labels": [0, [1, True]]}, no_label("True")),
    "a set": ({"labels": [0, {1}]}, no_label("{1}")),
    "huge": ({"labels": [0, [1, 2**56]]}, no_label(str(2**56))),
    "too many": (
        {"labels": [0, range(1, 10**12)]},
        f"expected at most 262,144 label values as `labels`, found more\nhint: {MANY}",
    ),
    "too many together": (
        {"labels": [range(200_000), range(200_000, 400_000)]},
        f"expected at most 262,144 label values of classes, found 400,000\nhint: {MANY}",
    ),
    "too many ignored": (
        {"ignore": range(2, 10**12)},
        f"expected at most 262,144 label values as `ignore`, found more\nhint: {MANY}",
    ),
    "a colour of two classes": (
        {"colours": {0: [RED, BLACK], 1: [BLUE, RED]}},
        f"labels 0 and 1 have the same colour {RED}\nhint: give each label a colour of its own, or none",
    ),
    "a colour of a class and ignored": (
        {"colours": {1: [BLUE, RED], 9: RED}, "ignore": [9]},
        f"labels 1 and 9 have the same colour {RED}\nhint: give each label a colour of its own, or none",
    ),
    "a bad one of several colours": (
        {"colours": {0: [RED, (1, 2)]}},
        "colour of label 0 is (1, 2)\nhint: a colour is [red, green, blue], each 0 to 255",
    ),
}


@pytest.mark.parametrize(("given", "text"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_class_of_several_labels_is_refused(given, text):
    assert refused(ClassesError, Classes, AB, **given) == text


def test_all_labels_of_two_bytes_can_be_one_class():
    classes = Classes(["even", "odd"], [range(0, 65_536, 2), range(1, 65_536, 2)])
    labels = np.arange(65_536, dtype=np.uint16)
    cm = ConfusionMatrix(classes)
    cm.update(pred=labels, target=labels[::-1])
    assert cm.counts.tolist() == [[0, 32_768], [32_768, 0]]
    negative = Classes(AB, [[-1, -(2**63)], [2**56 - 1, 3]])
    values = np.array([-1, -(2**63), 2**56 - 1, 3])
    assert negative.fold(values, values)[0].tolist() == [0, 0, 1, 1]
