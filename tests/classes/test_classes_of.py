"""Classes from whatever names them: numbers, names, presets and files; and the labels to leave out."""

import numpy as np
import pytest

from segscore.classes.classes import Classes
from segscore.errors import ClassesError
from support import hints
from support.refused import refused

HINT_LABELS = f"hint: {hints.LABEL_VALUES}"
HINT_TEXTS = f"hint: {hints.CLASS_NAMES}"
HINT_PRESETS = "`segscore classes` lists the presets; a file of your own is named with `.toml`"
HINT_SPECS = "hint: give the number of classes, a list of their names, a preset or a TOML file"

NO_SPEC = {
    "0": (0, f"expected 1 to 65,536 classes, found 0\n{HINT_SPECS}"),
    "negative": (-3, f"expected 1 to 65,536 classes, found -3\n{HINT_SPECS}"),
    "too many": (65_537, f"expected 1 to 65,536 classes, found 65,537\n{HINT_SPECS}"),
    "far too many": (10**30, f"expected 1 to 65,536 classes, found {10**30:,}\n{HINT_SPECS}"),
    "True": (True, f"expected classes, found a value of type bool\n{HINT_SPECS}"),
    "float": (19.0, f"expected classes, found a value of type float\n{HINT_SPECS}"),
    "None": (None, f"expected classes, found a value of type NoneType\n{HINT_SPECS}"),
    "dict": ({"a": 0}, f"expected classes, found a value of type dict\n{HINT_SPECS}"),
    "array": (np.arange(3), f"expected classes, found a value of type ndarray\n{HINT_SPECS}"),
    "label values": ([7, 8, 11], f"class name 7 is not a text\n{HINT_TEXTS}"),
    "no names": ([], "expected 1 to 65,536 classes, found 0\nhint: name at least one class"),
    "a preset misspelt": (
        "camvid11",
        "there is no preset `camvid11`\n"
        "hint: did you mean `camvid-11`? `segscore classes` lists the presets; "
        "a file of your own is named with `.toml`",
    ),
    "no preset": (
        "zzz",
        "there is no preset `zzz`\n"
        "hint: `segscore classes` lists the presets; a file of your own is named with `.toml`",
    ),
    "the way out of a folder": (
        "..",
        "there is no preset `..`\n"
        "hint: `segscore classes` lists the presets; a file of your own is named with `.toml`",
    ),
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
        (255.0, f"`ignore_index` 255.0 is no label value\n{HINT_LABELS}"),
        ("255", f"`ignore_index` '2' is no label value\n{HINT_LABELS}"),
        (True, f"`ignore_index` True is no label value\n{HINT_LABELS}"),
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
