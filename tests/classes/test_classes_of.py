"""Classes from whatever names them: numbers, names, presets and files; and the labels to leave out."""

import numpy as np
import pytest

from segscore.classes.classes import Classes
from segscore.errors import ClassesError
from support import hints
from support.refused import refused

HINT_SPECS = "hint: give the number of classes, a list of their names, a preset or a TOML file"


def no_number(found):
    return f"expected 1 to 65,536 classes, found {found}\n{HINT_SPECS}"


def no_classes(kind):
    return f"expected classes, found a value of type {kind}\n{HINT_SPECS}"


def no_preset(name, meant=""):
    return f"there is no preset `{name}`\nhint: {meant}{hints.PRESETS}"


NO_SPEC = {
    "0": (0, no_number("0")),
    "negative": (-3, no_number("-3")),
    "too many": (65_537, no_number("65537")),
    "far too many": (10**5_000, no_number("<an integer of about 5,000 digits>")),
    "True": (True, no_classes("bool")),
    "float": (19.0, no_classes("float")),
    "None": (None, no_classes("NoneType")),
    "dict": ({"a": 0}, no_classes("dict")),
    "array": (np.arange(3), no_classes("ndarray")),
    "what `Classes` refuses": ([7, 8, 11], f"class name 7 is not a text\nhint: {hints.CLASS_NAMES}"),
    "a preset misspelt": (
        "camvid11",
        no_preset("camvid11", "did you mean `camvid-11` or `camvid-32` or `camvid-11-colours`? "),
    ),
    "no preset": ("zzz", no_preset("zzz")),
    "the way out of a folder": ("..", no_preset("..")),
}


@pytest.mark.parametrize(("spec", "text"), NO_SPEC.values(), ids=NO_SPEC)
def test_what_names_no_classes_is_refused(spec, text):
    assert refused(ClassesError, Classes.of, spec) == text


def test_every_kind_of_spec_gives_classes(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text('classes = [{ label = 0, name = "0" }, { label = 1, name = "1" }]')
    two = Classes(["0", "1"])
    for spec in (2, np.int64(2), ["0", "1"], ("0", "1"), two, path, str(path)):
        assert Classes.of(spec) == two
    assert Classes.of(two) is two
    assert Classes.of("binary") != two
    assert len(Classes.of(65_536)) == 65_536
    assert Classes(np.array(["a", "b"])).names == ("a", "b")
    assert type(Classes(np.array(["a", "b"])).names[0]) is str


@pytest.mark.parametrize(
    ("ignore_index", "ignore", "inside"),
    [
        (None, (), ()),
        (255, (255,), ()),
        (-1, (-1,), ()),
        ([255, -100, 255], (-100, 255), ()),
        ({1, 255}, (255,), (1,)),
        (np.array([2, 0]), (), (0, 2)),
        (iter([7]), (7,), ()),
        ((), (), ()),
    ],
)
def test_ignored_labels_may_be_one_or_several_and_classes(ignore_index, ignore, inside):
    classes = Classes.of(3, ignore_index)
    assert (classes.ignore, classes.ignored_class_labels) == (ignore, inside)
    assert classes.all_ignored == tuple(sorted((*ignore, *inside)))
    np.testing.assert_array_equal(classes.ignored_classes, [label in inside for label in range(3)])
    np.testing.assert_array_equal(classes.in_mean, ~classes.ignored_classes)


@pytest.mark.parametrize(
    ("ignore_index", "text"),
    [
        (255.0, f"`ignore_index` 255.0 is no label value\nhint: {hints.LABEL_VALUES}"),
        (
            "255",
            "expected `ignore_index` to be label values, found '255'\nhint: give a list: `ignore_index=[…]`",
        ),
        (
            {255: 1},
            "expected `ignore_index` to be label values, found {255: 1}\n"
            "hint: give a list: `ignore_index=[…]`",
        ),
        (True, f"`ignore_index` True is no label value\nhint: {hints.LABEL_VALUES}"),
        (
            np.array(255),
            "expected `ignore_index` to be label values, found array(255)\n"
            "hint: give a list: `ignore_index=[…]`",
        ),
        (
            range(3),
            "every class is ignored, so nothing is left to score\n"
            "hint: `ignore_index` takes the labels to leave out, such as 255",
        ),
    ],
    ids=repr,
)
def test_ignored_labels_that_are_none_are_refused(ignore_index, text):
    assert refused(ClassesError, Classes.of, 3, ignore_index) == text


def test_ignoring_what_is_ignored_changes_nothing():
    assert Classes.of("camvid-11", 11) == Classes.of("camvid-11")
    assert Classes.of(3, [1, 1]) == Classes.of(Classes.of(3, 1), 1)


def test_ignoring_adds_to_what_is_ignored():
    classes = Classes.of("camvid-11", 255).ignoring(3).ignoring([4, 11])
    assert classes.ignore == (11, 255)
    assert classes.ignored_class_labels == (3, 4)
    with pytest.raises(ClassesError, match="every class is ignored"):
        classes.ignoring(range(11))
