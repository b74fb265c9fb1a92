"""Classes: what is refused and how, what stays the same, and what each label value means."""

from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segscore.classes.classes import Classes
from segscore.classes.folding import IGNORED, UNKNOWN
from segscore.classes.labels import COLOUR_TAG, PredictionSpace, colour_label, describe_label, is_colour_label
from segscore.errors import ClassesError
from support import hints
from support.refused import refused

AB = ["a", "b"]


def no_list(found):
    hint = "`Classes` takes names and, beside them, `labels`; `Classes.of` takes a number of classes"
    return f"expected a list of class names, found {found}\nhint: {hint}"


def no_text(name):
    return f"class name {name} is not a text\nhint: {hints.CLASS_NAMES}"


def no_label(label):
    return f"{label} is no label value\nhint: {hints.LABEL_VALUES}"


def no_labels(name, found):
    return f"expected `{name}` to be label values, found {found}\nhint: give a list: `{name}=[…]`"


def as_many(found, what="label"):
    return f"expected one {what} for each of 2 classes, found {found}\nhint: {hints.AS_MANY}"


def no_sources(found):
    return f"expected `source` to be texts, found {found}\nhint: name each file that was read"


def no_colour(label, found):
    return f"colour of label {label} is {found}\nhint: a colour is [red, green, blue], each 0 to 255"


def twice(label):
    return f"{label} is given twice, to classes 0 and 1\nhint: {hints.OF_ITS_OWN}"


REFUSED = {
    "no names": ({"names": []}, "expected 1 to 65,536 classes, found 0\nhint: name at least one class"),
    "too many names": (
        {"names": [str(i) for i in range(65_537)]},
        "expected 1 to 65,536 classes, found 65,537\nhint: are these instances? segscore compares classes",
    ),
    "a text": (
        {"names": "road"},
        "expected a list of class names, found the text 'road'\n"
        'hint: name the classes one by one: ["road", "sky"]',
    ),
    "a number": ({"names": 5}, no_list("a value of type int")),
    "None": ({"names": None}, no_list("a value of type NoneType")),
    "a mapping": ({"names": {"a": 7}}, no_list("a value of type dict")),
    "a set": ({"names": {"a", "b"}}, no_list("a value of type set")),
    "a name that is no text": ({"names": ["a", 7]}, no_text("7")),
    "bytes": ({"names": b"a"}, no_list("a value of type bytes")),
    "a name of nothing": ({"names": ["a", ""]}, "class name '' is empty\nhint: give each class a name"),
    "a name of blanks": (
        {"names": ["a", " \t\n"]},
        "class name ' \\t\\n' is empty\nhint: give each class a name",
    ),
    "doubled names": (
        {"names": ["a", "b", "a"]},
        "class name `a` is given twice, to classes 0 and 2\nhint: class names are all different",
    ),
    "doubled labels": ({"labels": [7, 7]}, twice("label 7")),
    "too few labels": ({"labels": [7]}, as_many(1)),
    "too many labels": ({"labels": range(3)}, as_many(3)),
    "a float label": ({"labels": [0, 1.0]}, no_label("label 1.0")),
    "a bool label": ({"labels": [0, True]}, no_label("label True")),
    "labels in one text": ({"labels": "01"}, no_labels("labels", "'01'")),
    "a huge label": ({"labels": [0, 2**56]}, no_label("label 72057594037927936")),
    "a tiny label": ({"labels": [0, -(2**63) - 1]}, no_label("label -9223372036854775809")),
    "one label for all": ({"labels": 5}, no_labels("labels", "5")),
    "ignore without a list": ({"ignore": 255}, no_labels("ignore", "255")),
    "ignored text": ({"ignore": ["255"]}, no_label("`ignore` '255'")),
    "both class and ignored": (
        {"labels": [7, 8], "ignore": [9, 8]},
        "label 8 is both class `b` and ignored\n"
        "hint: a label is one or the other: take it out of `ignore` or out of the classes",
    ),
    "not_in_mean of no class": (
        {"not_in_mean": [0, 5]},
        "`not_in_mean` names label 5, which is no class\n"
        "hint: `not_in_mean` takes label values of classes; to leave pixels out, use `ignore`",
    ),
    "not_in_mean without a list": ({"not_in_mean": 0}, no_labels("not_in_mean", "0")),
    "not_in_mean by name": ({"not_in_mean": ["a"]}, no_label("`not_in_mean` 'a'")),
    "a palette": (
        {"colours": [(1, 2, 3)]},
        "expected `colours` to be a mapping, found a value of type list\n"
        "hint: colours are given by label value: `colours={0: (128, 64, 128)}`",
    ),
    "a colour of two parts": ({"colours": {0: (1, 2)}}, no_colour(0, "(1, 2)")),
    "a colour of four parts": ({"colours": {0: (1, 2, 3, 255)}}, no_colour(0, "(1, 2, 3, 255)")),
    "a colour beyond 255": ({"colours": {1: (1, 2, 256)}}, no_colour(1, "(1, 2, 256)")),
    "a colour of floats": ({"colours": {1: (0.5, 0.5, 1.0)}}, no_colour(1, "(0.5, 0.5, 1.0)")),
    "a colour by name": ({"colours": {1: "red"}}, no_colour(1, "'red'")),
    "a colour of one number": ({"colours": {1: 5}}, no_colour(1, "5")),
    "a colour of no label": (
        {"colours": {9: (1, 2, 3)}},
        "`colours` names label 9, which is neither class nor ignored\nhint: colours are given by label value",
    ),
    "doubled colours": (
        {"colours": {0: (1, 2, 3), 1: [1, 2, 3]}},
        "labels 0 and 1 have the same colour (1, 2, 3)\nhint: give each label a colour of its own, or none",
    ),
    "prediction labels": ({"pred_labels": [1]}, as_many(1, "prediction label")),
    "a prediction space": (
        {"prediction_spaces": [PredictionSpace("ids", (4, 4))]},
        twice("prediction label of `ids` 4"),
    ),
    "a prediction space with a label too few": (
        {"prediction_spaces": [PredictionSpace("ids", (4,))]},
        as_many(1, "prediction label of `ids`"),
    ),
    "doubled prediction spaces": (
        {"prediction_spaces": [PredictionSpace("ids", (4, 5)), PredictionSpace("ids", (5, 4))]},
        "prediction space `ids` is given twice\nhint: prediction spaces have names of their own",
    ),
    "a source that is a number": ({"source": 5}, no_sources("5")),
    "a source of numbers": ({"source": [5]}, no_sources("[5]")),
}


@pytest.mark.parametrize(("given", "text"), REFUSED.values(), ids=REFUSED)
def test_what_defines_no_classes_is_refused(given, text):
    assert refused(ClassesError, Classes, **{"names": AB, **given}) == text


def full():
    return Classes(
        ["background", "cat"],
        [0, 9],
        ignore=[255, -1],
        not_in_mean=[0],
        colours={0: (0, 0, 0), 9: [250, 0, 0], 255: (9, 9, 9)},
        pred_labels=[0, 1],
        name="pets",
        title="Pets",
        note="A note",
        source="https://example.org",
        prediction_spaces=[PredictionSpace("small", (0, 1), "small ids")],
        ignored_class_labels=[0],
    )


def test_equal_classes_are_equal_in_every_respect():
    assert full() == full()
    assert hash(full()) == hash(full())
    assert len({full(), full()}) == 1
    changes = [
        {"names": ("background", "dog")},
        {"labels": (0, 1), "colours": {}, "pred_labels": None},
        {"ignore": (255,)},
        {"not_in_mean": ()},
        {"colours": {}},
        {"pred_labels": None},
        {"name": None},
        {"prediction_spaces": ()},
        {"ignored_class_labels": ()},
    ]
    for change in changes:
        assert replace(full(), **change) != full()
    for change in ({"title": "pets"}, {"note": None}, {"source": ()}):  # for people only
        assert replace(full(), **change) == full()
        assert hash(replace(full(), **change)) == hash(full())
    assert full() != "pets"


def test_classes_do_not_change():
    classes = Classes.of("camvid-11")
    with pytest.raises(FrozenInstanceError):
        classes.names = ("a",)
    with pytest.raises(TypeError, match="does not support item assignment"):
        classes.colours[0] = (1, 1, 1)
    for flags in (classes.in_mean, classes.ignored_classes):
        with pytest.raises(ValueError, match="read-only"):
            flags[0] = not flags[0]
    colours = {0: (1, 2, 3)}
    mine = Classes(AB, colours=colours)
    colours[0] = (3, 2, 1)
    assert mine.colours == {0: (1, 2, 3)}


def test_forms_of_text():
    assert str(full()) == "pets"
    assert str(Classes(["a"])) == "1 class"
    assert repr(Classes(list("abcdef"), ignore=[9])) == "<Classes 6 ('a', 'b', 'c', 'd', …), ignore=[9]>"
    assert repr(full()) == "<Classes 'pets': 2 ('background', 'cat'), ignore=[-1, 0, 255]>"


def test_background_is_one_of_two_classes_named_so():
    assert Classes(["Background", "cat"]).background == 0
    assert Classes(["cat", "background"]).background == 1
    assert Classes(["BG", "cat"]).background == 0
    for names in (
        ["cat", "dog"],
        ["background"],
        ["background", "cat", "dog"],
        ["background", "bg"],
        ["0", "1"],
    ):
        assert Classes(names).background is None


def test_fold_knows_every_label():
    classes = Classes(
        ["road", "sky", "car"], [5, -3, 2**55], ignore=[255], colours={5: (1, 2, 3), 255: (0, 0, 0)}
    ).ignoring([5, -1])
    labels = [
        5,
        -3,
        2**55,
        255,
        -1,
        0,
        6,
        -(2**63),
        2**63 - 1,
        colour_label((1, 2, 3)),
        colour_label((0, 0, 0)),
    ]
    target, pred = classes.fold(np.array(labels), np.array(labels))
    assert target.tolist() == [IGNORED, 1, 2, IGNORED, IGNORED, *[UNKNOWN] * 4, IGNORED, IGNORED]
    assert pred.tolist() == [3, 1, 2, 3, 3, 3, 3, 3, 3, 3, 3]
    assert [column.tolist() for column in classes.fold(np.zeros(0, int), np.zeros(0, int))] == [[], []]


@given(st.data())
def test_fold_is_the_position_of_the_label(data):
    ranges = st.sampled_from([(-(2**63), 2**56 - 1), (-3, 30), (-(2**16), 2**16)])
    label = data.draw(ranges.map(lambda ends: st.integers(*ends)))
    labels = data.draw(st.lists(label, min_size=1, max_size=20, unique=True))
    others = data.draw(st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-5, 35), max_size=20))
    values = np.array(labels + others, dtype=np.int64)
    target, pred = Classes([str(label) for label in labels], labels).fold(values, values)
    place = {label: i for i, label in enumerate(labels)}
    assert target.tolist() == [place.get(value, UNKNOWN) for value in values.tolist()]
    assert pred.tolist() == [place.get(value, len(labels)) for value in values.tolist()]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-100, "-100"),
        (2**56 - 1, str(2**56 - 1)),
        (COLOUR_TAG, "colour (0, 0, 0)"),
        (COLOUR_TAG + 0xFFFFFF, "colour (255, 255, 255)"),
        (COLOUR_TAG | 55 << 24 | 0x010203, "colour (1, 2, 3) with alpha 200"),
        (COLOUR_TAG + 2**32 - 1, "colour (255, 255, 255) with alpha 0"),
        (COLOUR_TAG + 2**32 + 0x010203, "colour (1, 2, 3)"),
        (COLOUR_TAG + 2**33, str(COLOUR_TAG + 2**33)),
        (2**63 - 1, "9223372036854775807"),
        (-(2**63), "-9223372036854775808"),
    ],
)
def test_labels_are_written_as_people_write_them(value, text):
    assert describe_label(value) == text
    assert is_colour_label(value) == text.startswith("colour")
