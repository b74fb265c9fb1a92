"""What classes and images score by construction is said where their scores stand."""

import numpy as np
import pytest

from segscore import Classes
from segscore.pages.report import report_page
from segscore.scores.summary import certain
from support.pages import Page
from support.results import evaluated, scores_of

THREE = Classes(["road", "sky", "car"])
WHOLE = (
    "every scored pixel of the target is `road`: "
    "its precision is 1 by construction, and its IoU is its recall"
)
EVERYWHERE = (
    "every scored pixel is called `road`: its recall is 1 by construction, and its IoU is its precision"
)


@pytest.mark.parametrize(
    ("matrix", "tag", "text"),
    [
        ([[6, 2, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0]], "whole target", WHOLE),
        ([[6, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]], "whole target", WHOLE),
        ([[6, 0, 0, 0], [3, 0, 0, 0], [1, 0, 0, 0]], "called everywhere", EVERYWHERE),
    ],
)
def test_what_is_certain_of_a_class_is_said_in_texts_and_holds(matrix, tag, text):
    scores = scores_of(THREE, matrix)
    assert certain(scores, 0) == (tag, text)
    assert [certain(scores, i) for i in (1, 2)] == [None, None]
    assert text in " ".join(str(scores).split())
    one, other = ("precision", "recall") if tag == "whole target" else ("recall", "precision")
    assert getattr(scores, one)[0] == 1
    assert scores.iou[0] == getattr(scores, other)[0]


@pytest.mark.parametrize(
    "matrix",
    [
        [[6, 0, 0, 0], [0, 1, 0, 0], [0, 0, 0, 0]],
        [[0, 3, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]],  # nothing of it is found
        np.zeros((3, 4)),
    ],
)
def test_nothing_is_certain_of_other_classes(matrix):
    scores = scores_of(THREE, matrix)
    assert [certain(scores, i) for i in range(3)] == [None] * 3
    assert "by construction" not in str(scores)


def test_the_only_class_is_said_once():
    scores = scores_of(Classes(["cell"]), [[3, 1]])
    said = "`cell` is the only class: its IoU is its recall, as false positives cost nothing"
    assert certain(scores, 0) == ("only class", said)
    assert " ".join(str(scores).split()).count(said) == 1


def test_a_page_says_it_in_its_table_and_of_images():
    images = [([0, 0], [0, 0]), ([0, 1], [0, 0]), ([0, 0], [0, 0]), ([0, 1], [9, 9])]
    page = Page(report_page(evaluated(Classes(["road", "sky"], ignore=[9]), images)))
    (tag,) = page.id("class-table").every("span", title=WHOLE)
    assert tag.text == "whole target"
    assert "every scored pixel of the target is road :" in page.id("summary").text
    assert (
        "In 3 images every scored pixel of the target is of one class: no other can be called it, "
        "so that its IoU is its recall; 2 of them have a mean IoU of 1."
    ) in page.id("images").text
    other = Page(report_page(evaluated(Classes(["road", "sky"]), [([0, 1], [0, 1])])))
    assert "of one class" not in other.id("images").text
