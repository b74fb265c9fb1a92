"""Label rules: what becomes of codes, against the same arithmetic in Python, and what is refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segscore.base.wording import shortened
from segscore.classes.classes import Classes
from segscore.classes.labels import COLOUR_TAG, colour_label, palette_label
from segscore.classes.rules import rule_of
from segscore.errors import ClassesError
from segscore.results.confusion import ConfusionMatrix
from support.refused import refused

RULES = {
    "value // 1000 where value >= 1000": lambda v: v // 1000 if v >= 1000 else v,
    "value//256": lambda v: v // 256,
    "value % 65536": lambda v: v % 65536,
    "(value - 1) * 3 + 2 // 2 % 5": lambda v: (v - 1) * 3 + 2 // 2 % 5,
    "value - value % 10 - 1": lambda v: v - v % 10 - 1,
    "value // 1000 where >= 0": lambda v: v // 1000,
}


@pytest.mark.parametrize("text", RULES)
@given(st.lists(st.integers(0, 2**48 - 1) | st.integers(0, 70_000), min_size=1))
def test_codes_become_what_the_rule_says(text, codes):
    found = rule_of(text)(np.array(codes))
    assert found.tolist() == [RULES[text](code) for code in codes]


def test_what_is_no_code_stays():
    kept = np.array([-1, -100, -(2**63), 2**48, 2**56 - 1, COLOUR_TAG + 5, palette_label((1, 2, 3))])
    for rule in RULES:
        assert rule_of(rule)(kept).tolist() == kept.tolist()
    colours = np.array(
        [colour_label((37, 200, 9)), colour_label((0, 3, 255)), 37, -1, palette_label((37, 200, 9))]
    )
    found = rule_of("red // 10 * 256 + green")(colours)
    assert found.tolist() == [3 * 256 + 200, 3, 37, -1, palette_label((37, 200, 9))]
    assert rule_of("blue")(colours[:2] | 7 << 24).tolist() == [9, 255]  # whatever alpha they have


def test_a_rule_is_written_in_one_way():
    assert rule_of(" ( value-1 )//10 where>=20 ").text == "(value - 1) // 10 where value >= 20"
    assert Classes(["a"], label_rule="value//256") == Classes(["a"], label_rule="value  // 256")


HINT = (
    'write "value // 1000 where value >= 1000", "value // 256" or "red // 10 * 256 + green": '
    "whole numbers, + - * // % and brackets"
)
DIVIDES = "is followed by a whole number of 1 or more, which divides"
REFUSED = {
    "value // 0": f"`//` {DIVIDES}",
    "value % 0": f"`%` {DIVIDES}",
    "value // (1 - 1)": f"`//` {DIVIDES}",
    "value // value": f"`//` {DIVIDES}",
    "value // -1": "`-` means nothing there",
    "value //": "something is missing at its end",
    "": None,
    "value value": "`value` is too much",
    "(value": "a bracket is not closed",
    "value)": "`)` is too much",
    "5": "it names neither `value` nor `red`, `green` and `blue`",
    "import os": "`import` means nothing there",
    "value.real": "`.` means nothing",
    "red + value": "a code is a number, `value`, or a colour, and not both",
    "red where value >= 3": "colours have no smallest one",
    "value // 9 where value < 3": "expected `where value >= 1000`, found `where value < 3`",
    f"value // 9 where value >= {2**48}": f"codes are numbers below {2**48:,}",
    f"value * {2**20}": f"a number in it may be {(2**48 - 1) * 2**20:,}, which is too large",
    f"value - {2**62}": f"a number in it may be {2**62:,}, which is too large",
    "value * 257": f"it may come to {(2**48 - 1) * 257:,}, and labels are below 2**56",
    f"value // {'9' * 150}": "it has 150 characters",
    "(" * 100 + "value": "it has more than 20 brackets",
    "value + " * 30: None,
    "välue": None,
}


@pytest.mark.parametrize(("text", "what"), REFUSED.items())
def test_what_is_no_rule_is_refused(text, what):
    said = f"label rule `{text}`: {what}"
    if what is None:
        said = f"expected a label rule in 200 characters, found {shortened(repr(text), 200)}"
    for options in ({"label_rule": text}, {"pred_label_rule": text}):
        assert refused(ClassesError, Classes, ["a"], **options) == f"{said}\nhint: {HINT}"


CITY = Classes.of("cityscapes")
SCORES = np.float32([[[k == c] for k in (26, 26, 7, 26)] for c in CITY.labels])[..., 0]


@pytest.mark.parametrize(
    ("pred", "pred_classes"),
    [
        ({"pred": [26, 26, 7, 26]}, None),
        ({"pred": [13, 13, 0, 13]}, "train-ids"),
        ({"pred": [26_003, 26_003, 7, 26_999]}, "cityscapes-instance-ids"),
        ({"logits": SCORES, "class_axis": 0}, None),
        ({"logits": SCORES, "class_axis": 0}, "cityscapes-instance-ids"),
    ],
)
def test_rules_of_both_sides_are_their_own(pred, pred_classes):
    cm = ConfusionMatrix("cityscapes-instance-ids", pred_classes=pred_classes)
    cm.update(target=[26_001, 26_002, 7, 24_001], **pred)
    road, person, car = (CITY.names.index(name) for name in ("road", "person", "car"))
    found = {(t, p): cm.counts[t, p] for t, p in np.argwhere(cm.counts).tolist()}
    assert found == {(car, car): 2, (road, road): 1, (person, car): 1}


def test_codes_of_predictions_are_told():
    cm = ConfusionMatrix(Classes(["road", "car"], label_rule="value // 256"))
    with pytest.warns(UserWarning, match="look like codes as the targets have them: name the same classes"):
        cm.update(pred=[256, 257, 256], target=[256, 258, 3])
    assert cm.missed.tolist() == [1, 2]


BY_THOUSAND = Classes(
    ["a", "b", "c"], ignore=[255], label_rule="value // 1000", pred_label_rule="value // 1000"
)


def test_an_ignored_value_is_no_code_and_codes_of_no_class_stay_as_they_are():
    labels = np.array([3, 255, 1003, 2003, 255_003, 65_535, 3_001])
    assert BY_THOUSAND.decoded("target", labels).tolist() == [0, 255, 1, 2, 255, 65_535, 3_001]
    assert BY_THOUSAND.decoded("pred", labels).tolist() == [0, 255, 1, 2, 255, 65_535, 3_001]
    # A value that is a label, too, is not taken for it.
    assert Classes(["a", "b"], [0, 7], label_rule="value // 4").decoded("target", np.array([7])).tolist() == [
        1
    ]


@pytest.mark.parametrize(
    ("ignore", "labels", "expected"),
    [
        ([255], [3, 255, 1003], {}),
        ([255], [3, 1003, 255_003], {}),
        ([255], [3, 255, 1003, 255_003, 255_004], {255: 255_003}),
        ([255, 255_003, 255_004], [3, 255, 1003, 255_003, 255_004], {}),
        ([65_535], [3, 65_535, 65_535_001], {}),  # by the rule it is no class
    ],
)
def test_an_ignored_value_beside_codes_of_it_is_twofold(ignore, labels, expected):
    classes = Classes(["a", "b", "c"], ignore=ignore, label_rule="value // 1000")
    assert classes.twofold(np.array(labels)) == expected
