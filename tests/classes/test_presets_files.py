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


SEVERAL = """
ignore = [9, { labels = [10, 11], colours = [[1, 1, 1], [2, 2, 2]] }]
label_rule = "value // 1000 where value >= 1000"
classes = [
  { label = 0, name = "background", colour = [0, 0, 0] },
  { labels = [1, 255], name = "cat", colours = [[250, 0, 0], [0, 250, 0]] },
]

[[prediction_space]]
name = "other"
labels = [0, [3, 4]]
label_rule = "value // 256"
"""


def test_a_class_has_several_labels_and_colours(written):
    classes = load(written(SEVERAL))
    assert classes == Classes(
        ["background", "cat"],
        [0, [1, 255]],
        ignore=[9, 10, 11],
        colours={0: (0, 0, 0), 1: [(250, 0, 0), (0, 250, 0)], 10: [(1, 1, 1), (2, 2, 2)]},
        label_rule="value // 1000 where value >= 1000",
        prediction_spaces=[PredictionSpace("other", (0, (3, 4)), None, "value // 256")],
    )
    predicted = classes.with_predictions("other")
    assert (predicted.all_pred_labels, predicted.pred_label_rule) == (((0,), (3, 4)), "value // 256")


def test_a_file_is_like_a_preset_but_for_what_it_says(written):
    mine = load(
        written('like = "cityscapes"\nname = "mine"\nlabel_rule = "value // 1000"\nnot_in_mean = [7]')
    )
    of = Classes.of("cityscapes")
    assert (mine.name, mine.title, mine.label_rule, mine.not_in_mean) == (
        "mine",
        of.title,
        "value // 1000",
        (7,),
    )
    assert (mine.names, mine.labels, mine.ignore, mine.colours) == (
        of.names,
        of.labels,
        of.ignore,
        of.colours,
    )
    assert mine.prediction_spaces == of.prediction_spaces


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


LABELS = f"hint: {hints.LABEL_VALUES}"
NEW = "hint: `segscore classes new` writes such a file"


def no_tables(found):
    hint = 'hint: write one line a class: { label = 0, name = "road" }'
    return f"expected `classes` to be a list of tables, found {found}\n{hint}"


def no_spaces(found):
    hint = "hint: begin each one with [[prediction_space]]"
    return f"expected `prediction_space` to be a list of tables, found {found}\n{hint}"


def no_key(what, key, hint):
    return f"{what} has the key `{key}`, which means nothing\nhint: {hint}"


def halved(entry):
    return f'class {entry} has no label or no name\nhint: write {{ label = 0, name = "road" }}'


KEYS_OF_LIKE = (
    "the keys are name, title, note, source, not_in_mean, prediction_space, confirmed, label_rule, like"
)
NO_NAME = 'expected `name` to be a text, found 5\nhint: write name = "…"'

BAD = {
    "empty": ("", no_tables("none")),
    "no TOML": (
        "road: 0",
        f"not TOML: Expected '=' after a key in a key/value pair (at line 1, column 5)\n{NEW}",
    ),
    "a number": ("classes = 0", no_tables("0")),
    "a table": ("classes = { road = 0 }", no_tables("{'road': 0}")),
    "names alone": ('classes = ["road"]', no_tables("['road']")),
    "no label": ('classes = [{ name = "road" }]', halved("{'name': 'road'}")),
    "no name": ("classes = [{ label = 0 }]", halved("{'label': 0}")),
    "what `Classes` refuses": (
        'classes = [{ label = 0, name = "a" }, { label = 1, name = "a" }]',
        "class name `a` is given twice, to classes 0 and 1\nhint: class names are all different",
    ),
    "a label that is a list": (
        'classes = [{ label = { a = 0 }, name = "road", colour = [1, 2, 3] }]',
        f"label {{'a': 0}} is no label value\n{LABELS}",
    ),
    "a colour of an ignored label": (
        'classes = [{ label = 0, name = "a", colour = [0, 0, 0] }]\n'
        "ignore = [{ label = 255, colour = [0, 0, 0] }]",
        "labels 0 and 255 have the same colour (0, 0, 0)\nhint: give each label a colour of its own, or none",
    ),
    "a key nearly right": (
        'classes = [{ label = 0, name = "a", color = [1, 2, 3] }]',
        no_key("a class", "color", "did you mean `colour`?"),
    ),
    "a key of the file nearly right": (
        TWO + "ignored = [255]",
        no_key("the file", "ignored", "did you mean `ignore`?"),
    ),
    "a key that means nothing": (
        TWO + "zzz = 1",
        no_key(
            *("the file", "zzz"),
            "the keys are name, title, note, source, ignore, not_in_mean, classes, prediction_space, "
            "confirmed, label_rule, like",
        ),
    ),
    "a key of an ignored label": (
        TWO + "ignore = [{ value = 255 }]",
        no_key("an ignored label", "value", "the keys are label, labels, name, colour, colours"),
    ),
    "a key of a prediction space": (
        TWO + '[[prediction_space]]\nname = "x"\nlabel = [0, 1]',
        no_key("a prediction space", "label", "did you mean `labels`?"),
    ),
    "one ignored label": (
        TWO + "ignore = 255",
        "expected `ignore` to be a list, found 255\nhint: write ignore = [255]",
    ),
    "an ignored name": (TWO + 'ignore = ["void"]', f"ignored label 'void' is no label value\n{LABELS}"),
    "an ignored list": (
        TWO + "ignore = [{ label = 1.5, colour = [1, 2, 3] }]",
        f"ignored label 1.5 is no label value\n{LABELS}",
    ),
    "an ignored label without label": (
        TWO + 'ignore = [{ name = "void" }]',
        "ignored {'name': 'void'} has no label\nhint: write 255 or { label = 255, name = \"void\" }",
    ),
    "a doubled ignored label": (
        TWO + "ignore = [255, { label = 255, colour = [1, 2, 3] }]",
        "ignored label 255 is given twice\nhint: give each label once",
    ),
    "a name of the file that is a number": (TWO + "name = 5", NO_NAME),
    "a prediction space that is a number": (TWO + "prediction_space = 5", no_spaces("5")),
    "a single prediction space": (
        TWO + '[prediction_space]\nname = "x"\nlabels = [0, 1]',
        no_spaces("{'name': 'x', 'labels': [0, 1]}"),
    ),
    "a prediction space without labels": (
        TWO + '[[prediction_space]]\nname = "x"',
        "prediction space {'name': 'x'} has no name or no labels\nhint: give it both",
    ),
    "a name of a prediction space that is a number": (
        TWO + "[[prediction_space]]\nname = 5\nlabels = [0, 1]",
        NO_NAME,
    ),
    "label and labels": (
        'classes = [{ label = 0, labels = [0, 1], name = "a" }]',
        "expected one `label`, or several `labels`, in {'label': 0, 'labels': [0, 1], 'name': 'a'}\n"
        "hint: write labels = [1, 255]",
    ),
    "several as label": (
        'classes = [{ label = [0, 1], name = "a" }]',
        "expected one `label`, or several `labels`, in {'label': [0, 1], 'name': 'a'}\n"
        "hint: write labels = [1, 255]",
    ),
    "no labels": ('classes = [{ labels = [], name = "a" }]', f"label None is no label value\n{LABELS}"),
    "labels that are one": (
        'classes = [{ labels = 1, name = "a" }]',
        "expected `labels` to be a list, found 1\nhint: write labels = [255]",
    ),
    "ignored twice among several": (
        TWO + "ignore = [7, { labels = [8, 7] }]",
        "ignored label 7 is given twice\nhint: give each label once",
    ),
    "colour and colours": (
        'classes = [{ label = 0, name = "a", colour = [1, 2, 3], colours = [] }]',
        "expected `colour` or `colours`, found both in {'label': 0, 'name': 'a', 'colour': [1, 2, 3], "
        "'colours': []}\nhint: give all as `colours`",
    ),
    "one colour as colours": (
        'classes = [{ label = 0, name = "a", colours = [1, 2, 300] }]',
        "colour of label 0 is [1, 2, 300]\nhint: a colour is [red, green, blue], each 0 to 255",
    ),
    "classes beside like": (
        TWO + 'like = "binary"',
        no_key("a file that is like a preset", "classes", KEYS_OF_LIKE),
    ),
    "like nothing": (
        'like = "nothing"',
        f"there is no preset `nothing`\nhint: {hints.PRESETS}",
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
    text = refused(ClassesError, load, path)
    assert text.startswith(f"{path}: not TOML: ")
    assert text.endswith(f"\n{NEW}")


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
    path = f"{tmp_path}/{visible(name)}"
    assert refused(ClassesError, load, f"{tmp_path}/{name}") == (
        f"{path}: cannot be read: {reason}\nhint: {hints.CLASSES_THERE}"
    )
