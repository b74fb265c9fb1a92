"""TOML files with classes: what a good one says, and what each bad one is told."""

import pytest

from segscore.base.wording import visible
from segscore.classes.classes import Classes, load
from segscore.classes.labels import PredictionSpace
from segscore.errors import ClassesError
from segscore.results.confusion import ConfusionMatrix
from support import hints
from support.refused import refused

TWO = 'classes = [{ label = 0, name = "road" }, { label = 1, name = "sky" }]\n'

FULL = """
name = "streets"
title = "Streets of ours"
note = "Labelled by hand."
source = "https://example.org/labels"
ignore = [255, { label = -1, name = "void", colour = [0, 0, 0] }]
not_in_mean = [7]
classes = [
  { label = 7, name = "Straße", colour = [128, 64, 128] },
  { label = 300, name = "sky" },
]

[[prediction_space]]
name = "small"
note = "What the model writes."
labels = [0, 1]

[[prediction_space]]
name = "large"
labels = [1000, -2000]
"""


@pytest.fixture
def written(tmp_path):
    """A function that writes a file of classes and returns its path."""
    path = tmp_path / "mine.toml"

    def write(content):
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_a_file_says_everything_that_classes_hold(written):
    assert load(written(FULL)) == Classes(
        ["Straße", "sky"],
        [7, 300],
        ignore=[-1, 255],
        not_in_mean=[7],
        colours={7: (128, 64, 128), -1: (0, 0, 0)},
        name="streets",
        title="Streets of ours",
        note="Labelled by hand.",
        source=["https://example.org/labels"],
        prediction_spaces=[
            PredictionSpace("small", (0, 1), "What the model writes."),
            PredictionSpace("large", (1000, -2000)),
        ],
    )


def test_a_file_needs_only_classes(written):
    assert load(written(TWO)) == Classes(["road", "sky"])
    assert load(written(b"\xef\xbb\xbf" + TWO.encode())) == Classes(["road", "sky"])
    assert load(written(TWO.replace("\n", "\r\n"))) == Classes(["road", "sky"])


def test_a_file_is_used_like_a_preset(written):
    path = written(FULL)
    for classes in (path, str(path)):
        cm = ConfusionMatrix(classes, pred_classes="large", ignore_index=9)
        cm.update(pred=[1000, -2000, 1000], target=[7, 300, 9])
        assert cm.counts.tolist() == [[1, 0], [0, 1]]
        assert cm.ignored == 1


def test_a_file_in_the_current_folder_is_named_with_its_suffix(written, monkeypatch):
    path = written(TWO)
    monkeypatch.chdir(path.parent)
    assert load("mine.toml") == load("./mine.toml") == Classes(["road", "sky"])
    (path.parent / "binary").write_text(FULL)
    assert load("binary").name == "binary"
    assert load("./binary").name == "streets"


def test_a_changed_file_is_read_again(written):
    assert load(written(TWO)) != load(written(FULL))


LINE = 'hint: write one line a class: { label = 0, name = "road" }'
LABELS = f"hint: {hints.LABEL_VALUES}"
NEW = "hint: `segscore classes new` writes such a file"
COLOUR = "hint: a colour is [red, green, blue], each 0 to 255"

BAD = {
    "empty": ("", f"expected `classes` to be a list of tables, found none\n{LINE}"),
    "no TOML": (
        "road: 0",
        f"not TOML: Expected '=' after a key in a key/value pair (at line 1, column 5)\n{NEW}",
    ),
    "a number": ("classes = 0", f"expected `classes` to be a list of tables, found 0\n{LINE}"),
    "a table": (
        "classes = { road = 0 }",
        f"expected `classes` to be a list of tables, found {{'road': 0}}\n{LINE}",
    ),
    "names alone": (
        'classes = ["road"]',
        f"expected `classes` to be a list of tables, found ['road']\n{LINE}",
    ),
    "no classes": (
        "classes = []",
        "expected 1 to 65,536 classes, found 0\nhint: name at least one class",
    ),
    "no label": (
        'classes = [{ name = "road" }]',
        "class {'name': 'road'} has no label or no name\nhint: write { label = 0, name = \"road\" }",
    ),
    "no name": (
        "classes = [{ label = 0 }]",
        "class {'label': 0} has no label or no name\nhint: write { label = 0, name = \"road\" }",
    ),
    "a name that is a number": (
        "classes = [{ label = 0, name = 5 }]",
        f"class name 5 is not a text\nhint: {hints.CLASS_NAMES}",
    ),
    "a label that is a text": (
        'classes = [{ label = "0", name = "road" }]',
        f"label '0' is no label value\n{LABELS}",
    ),
    "a label that is a list": (
        'classes = [{ label = [], name = "road", colour = [1, 2, 3] }]',
        f"label [] is no label value\n{LABELS}",
    ),
    "a label that is true": (
        'classes = [{ label = true, name = "road" }]',
        f"label True is no label value\n{LABELS}",
    ),
    "a label far too large": (
        'classes = [{ label = 99999999999999999999, name = "road" }]',
        f"label 99999999999999999999 is no label value\n{LABELS}",
    ),
    "doubled names": (
        'classes = [{ label = 0, name = "a" }, { label = 1, name = "a" }]',
        "class name `a` is given twice, to classes 0 and 1\nhint: class names are all different",
    ),
    "doubled labels": (
        'classes = [{ label = 0, name = "a" }, { label = 0, name = "b" }]',
        f"label 0 is given twice, to classes 0 and 1\nhint: {hints.OF_ITS_OWN}",
    ),
    "doubled colours": (
        "classes = [\n"
        '  { label = 0, name = "a", colour = [1, 2, 3] },\n'
        '  { label = 1, name = "b", colour = [1, 2, 3] },\n]',
        "labels 0 and 1 have the same colour (1, 2, 3)\nhint: give each label a colour of its own, or none",
    ),
    "a colour of an ignored label": (
        'classes = [{ label = 0, name = "a", colour = [0, 0, 0] }]\n'
        "ignore = [{ label = 255, colour = [0, 0, 0] }]",
        "labels 0 and 255 have the same colour (0, 0, 0)\nhint: give each label a colour of its own, or none",
    ),
    "a colour that is a number": (
        'classes = [{ label = 0, name = "a", colour = 5 }]',
        f"colour of label 0 is 5\n{COLOUR}",
    ),
    "a colour that is a text": (
        'classes = [{ label = 0, name = "a", colour = "#804080" }]',
        f"colour of label 0 is '#804080'\n{COLOUR}",
    ),
    "a colour with alpha": (
        'classes = [{ label = 0, name = "a", colour = [1, 2, 3, 255] }]',
        f"colour of label 0 is [1, 2, 3, 255]\n{COLOUR}",
    ),
    "a key nearly right": (
        'classes = [{ label = 0, name = "a", color = [1, 2, 3] }]',
        "a class has the key `color`, which means nothing\nhint: did you mean `colour`?",
    ),
    "a key of the file nearly right": (
        TWO + "ignored = [255]",
        "the file has the key `ignored`, which means nothing\nhint: did you mean `ignore`?",
    ),
    "a key that means nothing": (
        TWO + "zzz = 1",
        "the file has the key `zzz`, which means nothing\n"
        "hint: the keys are name, title, note, source, ignore, not_in_mean, classes, prediction_space",
    ),
    "a key of an ignored label": (
        TWO + "ignore = [{ value = 255 }]",
        "an ignored label has the key `value`, which means nothing\nhint: the keys are label, name, colour",
    ),
    "a key of a prediction space": (
        TWO + '[[prediction_space]]\nname = "x"\nlabel = [0, 1]',
        "a prediction space has the key `label`, which means nothing\nhint: did you mean `labels`?",
    ),
    "one ignored label": (
        TWO + "ignore = 255",
        "expected `ignore` to be a list, found 255\nhint: write ignore = [255]",
    ),
    "an ignored name": (
        TWO + 'ignore = ["void"]',
        f"ignored label 'void' is no label value\n{LABELS}",
    ),
    "an ignored list": (
        TWO + "ignore = [{ label = [], colour = [1, 2, 3] }]",
        f"ignored label [] is no label value\n{LABELS}",
    ),
    "an ignored label without label": (
        TWO + 'ignore = [{ name = "void" }]',
        "ignored {'name': 'void'} has no label\nhint: write 255 or { label = 255, name = \"void\" }",
    ),
    "a doubled ignored label": (
        TWO + "ignore = [255, { label = 255, colour = [1, 2, 3] }]",
        "ignored label 255 is given twice\nhint: give each label once",
    ),
    "a class that is ignored": (
        TWO + "ignore = [1]",
        "label 1 is both class `sky` and ignored\n"
        "hint: a label is one or the other: take it out of `ignore` or out of the classes",
    ),
    "not_in_mean of no class": (
        TWO + "not_in_mean = [255]",
        "`not_in_mean` names label 255, which is no class\n"
        "hint: `not_in_mean` takes label values of classes; to leave pixels out, use `ignore`",
    ),
    "not_in_mean by name": (
        TWO + 'not_in_mean = ["road"]',
        f"`not_in_mean` 'road' is no label value\n{LABELS}",
    ),
    "a name of the file that is a number": (
        TWO + "name = 5",
        'expected `name` to be a text, found 5\nhint: write name = "…"',
    ),
    "a source that is a number": (
        TWO + "source = 5",
        "expected `source` to be texts, found 5\nhint: name each file that was read",
    ),
    "sources that are numbers": (
        TWO + "source = [5]",
        "expected `source` to be texts, found [5]\nhint: name each file that was read",
    ),
    "a prediction space that is a number": (
        TWO + "prediction_space = 5",
        "expected `prediction_space` to be a list of tables, found 5\n"
        "hint: begin each one with [[prediction_space]]",
    ),
    "a single prediction space": (
        TWO + '[prediction_space]\nname = "x"\nlabels = [0, 1]',
        "expected `prediction_space` to be a list of tables, found {'name': 'x', 'labels': [0, 1]}\n"
        "hint: begin each one with [[prediction_space]]",
    ),
    "a prediction space without labels": (
        TWO + '[[prediction_space]]\nname = "x"',
        "prediction space {'name': 'x'} has no name or no labels\nhint: give it both",
    ),
    "a prediction space with a label too few": (
        TWO + '[[prediction_space]]\nname = "x"\nlabels = [0]',
        f"expected one prediction label of `x` for each of 2 classes, found 1\nhint: {hints.AS_MANY}",
    ),
    "a name of a prediction space that is a number": (
        TWO + "[[prediction_space]]\nname = 5\nlabels = [0, 1]",
        'expected `name` to be a text, found 5\nhint: write name = "…"',
    ),
    "doubled prediction spaces": (
        TWO
        + '[[prediction_space]]\nname = "x"\nlabels = [0, 1]\n'
        + '[[prediction_space]]\nname = "x"\nlabels = [1, 0]',
        "prediction space `x` is given twice\nhint: prediction spaces have names of their own",
    ),
}


@pytest.mark.parametrize(("content", "text"), BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_by_name_with_what_is_wrong(written, content, text):
    path = written(content)
    assert refused(ClassesError, Classes.of, path) == f"{path}: {text}"


@pytest.mark.parametrize(
    "content",
    [b"\xff\xfe\x00", b"\x89PNG\r\n\x1a\n", b"\0" * 100, b"x = " + b"[" * 100_000],
    ids=["UTF-16", "PNG", "zeros", "deep"],
)
def test_a_file_of_something_else_is_refused(written, content):
    path = written(content)
    with pytest.raises(ClassesError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: not TOML: ")
    assert str(caught.value).endswith(f"\n{NEW}")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("none.toml", "No such file or directory"),
        (".", "Is a directory"),
        ("nul\0.toml", "embedded null byte"),
        ("x" * 300 + ".toml", "File name too long"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path, name, reason):
    with pytest.raises(ClassesError) as caught:
        load(f"{tmp_path}/{name}")
    path = f"{tmp_path}/{visible(name)}"
    assert (
        str(caught.value)
        == f"{path}: cannot be read: {reason}\nhint: give the path of a TOML file with classes"
    )
