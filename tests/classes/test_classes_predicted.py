"""Predictions under other label values than targets: each way to say so, and what is refused."""

import numpy as np
import pytest

from segscore.classes.classes import Classes
from segscore.errors import ClassesError, LabelError, SegscoreWarning
from segscore.results.confusion import ConfusionMatrix
from support import hints
from support.refused import refused

NAMES = Classes.of("cityscapes").names
LABELS = (7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33)


def toml(names, labels):
    entries = (
        f'  {{ label = {label}, name = "{name}" }},' for name, label in zip(names, labels, strict=True)
    )
    return "\n".join(["classes = [", *entries, "]"])


@pytest.fixture
def train_ids(tmp_path):
    """The path of a file with the classes in reverse order: they are matched by name."""
    path = tmp_path / "train ids.toml"
    path.write_text(toml(NAMES[::-1], range(18, -1, -1)))
    return path


FORMS = {
    "the name of a prediction space": "train-ids",
    "the number of classes": 19,
    "a NumPy number": np.int64(19),
    "a range": range(19),
    "a list of labels": list(range(19)),
    "an array of labels": np.arange(19, dtype=np.uint8),
    "a preset": "cityscapes-train-ids",
    "classes": Classes.of("cityscapes-train-ids"),
    "names": NAMES,
    "a path": None,
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_names_the_same_labels(form, train_ids):
    for how in (form,) if form is not None else (train_ids, str(train_ids)):
        cm = ConfusionMatrix("cityscapes", pred_classes=how)
        assert cm.classes.pred_labels == tuple(range(19))
        cm.update(pred=np.arange(19), target=np.array(LABELS))
        np.testing.assert_array_equal(cm.counts, np.eye(19))


@pytest.mark.parametrize("form", ["label-ids", LABELS, "cityscapes"])
def test_it_works_the_other_way_round(form):
    cm = ConfusionMatrix("cityscapes-train-ids", pred_classes=form)
    cm.update(pred=np.array(LABELS), target=np.arange(19))
    np.testing.assert_array_equal(cm.counts, np.eye(19))


def test_labels_of_targets_are_no_labels_of_predictions_then():
    cm = ConfusionMatrix(["road", "sky"], pred_classes=[10, 20])
    with pytest.warns(SegscoreWarning, match=r"labels 0 .*, 1 .*: no class in `pred_classes`; counted as"):
        cm.update(pred=[10, 20, 0, 1], target=[0, 1, 0, 1])
    assert cm.counts.tolist() == [[1, 0], [0, 1]]
    assert cm.missed.tolist() == [1, 1]


def test_the_labels_of_two_classes_may_be_exchanged():
    cm = ConfusionMatrix(2, pred_classes=[1, 0])
    cm.update(pred=[0, 0, 1], target=[1, 0, 0])
    assert cm.counts.tolist() == [[1, 1], [0, 1]]


def test_the_same_labels_are_no_difference():
    assert Classes.of("camvid-11", pred_classes=11) == Classes.of("camvid-11")
    assert ConfusionMatrix(19, pred_classes=19) == ConfusionMatrix(19, pred_classes=range(19))


def test_an_ignored_class_is_no_class_of_predictions_under_any_label():
    cm = ConfusionMatrix(["road", "sky"], pred_classes=[10, 20], ignore_index=0)
    with pytest.warns(
        SegscoreWarning, match=r"`pred` holds the label 10 \(1 pixel\): no class in `pred_classes`"
    ):
        cm.update(pred=[10, 20, 20], target=[1, 1, 0])
    assert cm.counts.tolist() == [[0, 0], [0, 1]]
    assert (cm.missed.tolist(), cm.ignored) == ([0, 1], 1)


def test_predictions_in_a_known_space_are_told_its_name():
    cm = ConfusionMatrix("cityscapes", strict=True)
    assert refused(LabelError, cm.update, pred=[0, 1, 1], target=[7, 8, 8]) == (
        "`pred` holds the labels 1 (2 pixels), 0 (1 pixel): no class\n"
        'hint: these labels are in the prediction space `train-ids`: `pred_classes="train-ids"`'
    )


HINT_SPACES = "hint: the prediction spaces of `cityscapes` are `train-ids`; "
HINT_SPECS = "give the number of classes, a list of their names, a preset or a TOML file"


def lacks(classes):
    hint = "hint: classes of predictions are matched by name: use the same names as the target's"
    return f"`pred_classes` has no class {classes}\n{hint}"


def too_few(found):
    return f"expected one prediction label for each of 19 classes, found {found}\nhint: {hints.AS_MANY}"


def no_classes(kind):
    return f"`pred_classes`: expected classes, found a value of type {kind}\n{HINT_SPACES}{HINT_SPECS}"


REFUSED = {
    "another number": (
        18,
        "`pred_classes` is 18, but there are 19 classes\n"
        "hint: a number means label values 0 to K-1 in the order of the classes",
    ),
    "nearly the name of a space": (
        "trainids",
        f"`pred_classes`: there is no preset `trainids`\n"
        f"{HINT_SPACES}did you mean `cityscapes-train-ids`? {hints.PRESETS}",
    ),
    "a file that is not there": (
        "no/such.toml",
        "`pred_classes`: no/such.toml: cannot be read: No such file or directory\n"
        f"{HINT_SPACES}{hints.CLASSES_THERE}",
    ),
    "other names": ("camvid-11", lacks("`sidewalk` (nor 12 more)")),
    "one name less": (NAMES[1:], lacks("`road`")),
    "too few labels": ([0, 1], too_few(2)),
    "no labels": ([], too_few(0)),
    "doubled labels": (
        [*range(18), 3],
        f"prediction label 3 is given twice, to classes 3 and 18\nhint: {hints.OF_ITS_OWN}",
    ),
    "a number that is none": (19.0, no_classes("float")),
    "True": (True, no_classes("bool")),
}


@pytest.mark.parametrize(("form", "text"), REFUSED.values(), ids=REFUSED)
def test_what_names_no_labels_is_refused(form, text):
    assert refused(ClassesError, ConfusionMatrix, "cityscapes", pred_classes=form) == text
