"""Results as JSON and HTML: strictly valid, complete, and nothing in them is ever code."""

import json

import numpy as np
import pytest

from segscore import Failure, Finding
from segscore.classes.classes import Classes
from segscore.evaluation.evaluator import Evaluator
from segscore.results.summary import evaluation_dict, evaluation_html
from segscore.scores.summary import scores_dict
from segscore.text.json import to_json
from segscore.text.numbers import percent
from support.pages import Page
from support.results import evaluation_of, scores_of


def test_json_has_every_number_under_its_name(street):
    values = json.loads(to_json(scores_dict(street)), parse_constant=pytest.fail)
    assert values == scores_dict(street)
    per_class = values.pop("per_class")
    assert values == {
        "classes": None,
        "images_scored": None,
        "pixels": 11_000,
        "ignored": 1_000,
        "missed": 100,
        "foreground_iou": None,
        "foreground_dice": None,
        "mean_iou": street.mean_iou,
        "mean_dice": street.mean_dice,
        "mean_accuracy": street.mean_accuracy,
        "pixel_accuracy": street.pixel_accuracy,
        "frequency_weighted_iou": street.frequency_weighted_iou,
        "kappa": street.kappa,
        "mcc": street.mcc,
        "absent": ["bicyclist"],
        "only_predicted": ["fence"],
    }
    assert len(per_class) == 6
    assert per_class[3] == {
        "name": "pole",
        "label": 3,
        "present": True,
        "in_mean": True,
        "iou": 0.0,
        "dice": 0.0,
        "precision": None,
        "recall": 0.0,
        "specificity": 1.0,
        "pixels": 50,
        "tp": 0,
        "pred": 0,
        "missed": 0,
    }
    assert per_class[0]["missed"] == 100


def test_json_of_an_evaluation():
    scores = scores_of(Classes(["background", "cell"], name="cells"), [[6, 1, 0], [1, 2, 0]], images=3)
    evaluation = evaluation_of(
        scores,
        requested=4,
        mean_image_iou=float("nan"),
        failures=(Failure("frame_3", "file is empty"),),
        extra=("a\x1b.png",),
        unknown_predictions=((7, 2**60, "frame_1"),),
        resized=2,
        findings=(Finding("shifted", "too high", {"pixels": 1}, "subtract 1"),),
    )
    values = json.loads(to_json(evaluation_dict(evaluation, version="1.2.3")), parse_constant=pytest.fail)
    about_scores = scores_dict(scores)
    assert about_scores.pop("images_scored") == 3
    assert values == about_scores | {
        "schema": 2,
        "segscore": "1.2.3",
        "images_scored": 3,
        "images_requested": 4,
        "verdict": "Foreground IoU 0.50. All wrong pixels are `background` called `cell`.",
        "mean_image_iou": None,
        "mean_image_dice": 0.25,
        "mean_image_foreground_iou": 0.25,
        "mean_image_foreground_dice": 0.25,
        "resized": 2,
        "failures": [{"name": "frame_3", "message": "file is empty", "hint": None}],
        "extra": ["a\x1b.png"],
        "findings": [
            {"kind": "shifted", "severity": "warning", "message": "too high", "hint": "subtract 1"},
        ],
        "derived": {},
        "unknown_predictions": [{"value": 7, "pixels": 2**60, "first_image": "frame_1"}],
        "counts": [[6, 1], [1, 2]],
        "images": [
            {"name": f"frame_{i}", "pixels": 7, **means, "pixel_accuracy": 0.5}
            for i, means in enumerate(
                {"mean_image_iou": iou, "mean_image_dice": dice}
                for iou, dice in ((None, None), (0.25, 0.4), (0.25, 0.4))
            )
        ],
    }
    assert values["classes"] == "cells"
    assert values["foreground_iou"] == 0.5
    assert list(values)[:4] == ["schema", "segscore", "images_scored", "images_requested"]


def test_json_of_real_images():
    judge = Evaluator(2, ignore_index=255)
    judge.add(pred=[[0, 0], [1, 1]], target=[[0, 0], [0, 1]], name="a")
    judge.add(pred=[0], target=[255], name="b")
    values = json.loads(to_json(judge.result().to_dict()), parse_constant=pytest.fail)
    assert values["counts"] == [[2, 1], [0, 1]]
    assert values["images"] == [
        {
            "name": "a",
            "pixels": 4,
            "mean_image_iou": (2 / 3 + 1 / 2) / 2,
            "mean_image_dice": (4 / 5 + 2 / 3) / 2,
            "pixel_accuracy": 0.75,
        },
        {"name": "b", "pixels": 0, "mean_image_iou": None, "mean_image_dice": None, "pixel_accuracy": None},
    ]


@pytest.mark.parametrize(("count", "written"), [(256, True), (257, False)])
def test_the_matrix_of_many_classes_is_not_part_of_json(count, written):
    judge = Evaluator(count)
    judge.add(pred=[0, 1], target=[0, 2])
    counts = judge.result().to_dict()["counts"]
    assert counts == (judge.result().confusion.counts.tolist() if written else None)


def test_json_is_ascii_and_takes_numpy_and_infinity_as_text():
    values = {"name": "é\udcff", "counts": np.array([[2**62, 0]]), "one": np.float64("nan"), "yes": np.True_}
    assert json.loads(to_json(values)) == {
        "name": "é\udcff",
        "counts": [[2**62, 0]],
        "one": None,
        "yes": True,
    }
    assert to_json(values).isascii()
    assert json.loads(to_json({"x": float("inf"), "y": np.array([-np.inf])})) == {"x": "inf", "y": ["-inf"]}


def test_html_of_an_evaluation_says_first_how_many_images_were_scored():
    scores = scores_of(Classes(["a", "b"]), [[1, 0, 0], [0, 1, 0]])
    evaluation = evaluation_of(
        scores, requested=4, failures=(Failure("<img src=x>", "is <b>bold</b>"),), extra=("<i>",)
    )
    page = Page(evaluation_html(evaluation))
    assert page.texts[0] == "3 of 4 images scored"
    assert "<img src=x>: is <b>bold</b>" in page.texts
    assert "1 prediction has no target and no score: `<i>`" in page.texts


@pytest.mark.parametrize(
    ("share", "whole_percent", "text"),
    [
        (0, "0%", "0.00%"),
        (0.00004, "<1%", "<0.01%"),
        (0.005, "<1%", "0.50%"),
        (0.5, "50%", "50.00%"),
        (0.999, ">99%", "99.90%"),
        (0.99996, ">99%", ">99.99%"),
        (1, "100%", "100.00%"),
    ],
)
def test_shares_never_read_as_nothing_or_all_unless_they_are(share, whole_percent, text):
    assert (percent(share, 1, digits=0), percent(share, 1)) == (whole_percent, text)
