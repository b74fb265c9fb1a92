"""Boundaries and surfaces of two models: differences, what is infinite, and what is measured otherwise."""

import warnings

import numpy as np
import pytest

from segscore import ArgumentError, compare
from segscore.pages.comparison import comparison_page
from segscore.results.gates import not_worse
from segscore.scores.metric import headlines
from segscore.statistics.trust import INFINITE
from support.pages import Page
from support.refused import refused
from support.results import evaluated
from support.shapes import shaped


def beside(shift, number=40, **options):
    """Return images of a car that is predicted some pixels beside its place, and never missed."""
    images = {}
    for i in range(number):
        target, pred = np.zeros((2, 20, 30), dtype=np.uint8)
        target[5:15, 5:15] = 1
        at = 5 + shift + i % (shift + 1)
        pred[5:15, at : at + 10] = 1
        images[f"{i:03}"] = pred, target
    options = {"boundary": 1, "distances": True, **options}
    return evaluated(["road", "car", "sky"], images, **options)


@pytest.fixture(scope="module")
def sides():
    return beside(3), beside(1)


def test_means_of_what_both_measured_are_compared(sides):
    a, b = sides
    found = compare(a, b)
    shapes = ["mean_boundary_iou", "mean_surface_dice@1", "mean_surface_dice@2", "mean_hd95", "mean_assd"]
    names = [*headlines(a.classes), *shapes, "iou.road", "iou.car"]
    assert [one.name for one in found.differences] == names
    for name in shapes:
        one = found[name]
        assert (one.a, one.b) == pytest.approx((a.metric(name), b.metric(name)), rel=1e-12)
        assert one.difference == one.b - one.a
        assert one.reason is None
        assert one.low <= one.difference <= one.high
        assert one.significant
        assert one.gain > 0
    assert found["mean_hd95"].difference == pytest.approx(-3)


def test_lower_is_better_of_distances(sides):
    a, b = sides
    found = compare(b, a, labels=("v2", "v1"), metrics=["hd95.car"])
    assert found["hd95.car"].difference > 0 > found["hd95.car"].gain
    assert "mean_hd95 +3.0000" in not_worse(found).sentence
    assert "lower is better: `mean_hd95`, `mean_assd` and `hd95.car`" in str(found)
    page = Page(comparison_page(found))
    row = next(
        row
        for row in page.id("headline-table").one("tbody").every("tr")
        if row.one("th").text == "HD95 of car in px (lower is better)"
    )
    assert [cell.text for cell in row.every("td")][2] == "+3.0000"
    assert [cell.text for cell in row.every("td")][-1] == "worse"
    assert {"worse"} <= {e.attributes.get("class") for e in row.every("span")}
    (bar,) = (e for e in row.one("svg").every("rect") if e.attributes["class"] in ("better", "worse"))
    assert bar.attributes["class"] == "worse"


def test_without_shapes_nothing_is_said_of_them(sides):
    a, b = (evaluated(["road", "sky"], [(pred, [[0, 1]])] * 3) for pred in ([[0, 0]], [[0, 1]]))
    found = compare(a, b)
    assert not found.shape_notes
    assert not [one for one in found.differences if one.better == "lower"]


def test_what_is_infinite_is_told_and_not_judged():
    a, b = shaped(3), shaped(1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = compare(a, b, metrics=["hd95.road", "hd95.car"], labels=("v1", "v2"))
    one = found["hd95.car"]
    assert (one.a, one.b, one.reason) == (np.inf, np.inf, INFINITE)
    assert not one.significant
    assert np.isnan([one.difference, one.low, one.high, one.p, one.detectable]).all()
    assert found["hd95.road"].significant
    assert one not in found.judged
    both = [side.surface.mean_hausdorff(95, empty="skip").value for side in (a, b)]
    assert found.shape_notes == tuple(
        f"mean HD95 of {label} is infinite, and {value:.2f} px without that: mean of the 79 structures that "
        "both have; 1 missed, 2 invented infinitely far"
        for label, value in zip(("v1", "v2"), both, strict=True)
    )
    rows = len(found.differences) - 3
    assert f"over all {rows} rows together" in str(found).replace("\n  ", " ")
    assert found.to_dict()["shape_notes"] == list(found.shape_notes)
    assert "mean HD95 of v1 is infinite" in found.to_markdown()
    assert "mean HD95 of v1 is infinite" in found._repr_html_()
    page = Page(comparison_page(found))
    rows = {row[0]: row[1:] for row in page.id("headline-table").rows()}
    reason = "— undefined: infinite in one of the models or in both"
    assert rows["HD95 of car in px (lower is better)"][:3] == ["infinite", "infinite", reason]
    assert f"{found.shape_notes[0]}." in page.id("summary").text


def test_one_that_is_infinite_alone_has_no_p():
    a, b = beside(1), beside(1)
    pred = np.zeros((20, 30), dtype=np.uint8)
    target = pred.copy()
    target[5:15, 5:15] = 1
    images = [(target, target)] * 40
    a = evaluated(["road", "car"], images, distances=True)
    b = evaluated(["road", "car"], [(pred, target), *images[1:]], distances=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = compare(a, b)
    one = found["mean_hd95"]
    assert (one.a, one.b, one.difference) == (0.0, np.inf, np.inf)
    assert np.isnan(one.p)
    assert not one.significant
    assert "+inf" in str(found)


@pytest.mark.parametrize(
    ("first", "second", "named", "notes"),
    [
        (
            {"boundary": None},
            {},
            ["mean_surface_dice@1", "mean_surface_dice@2", "mean_hd95", "mean_assd"],
            ["boundaries are not compared: measured of b alone"],
        ),
        (
            {},
            {"distances": False},
            ["mean_boundary_iou"],
            ["surfaces are not compared: measured of a alone"],
        ),
        (
            {"boundary": (1, 2)},
            {"boundary": (2, 3)},
            ["mean_boundary_iou@2", "mean_surface_dice@1", "mean_surface_dice@2", "mean_hd95", "mean_assd"],
            [],
        ),
        (
            {"boundary": 1},
            {"boundary": 0.02, "spacing": (1, 1)},
            [],
            [
                "boundaries are not compared: 1 px in a, 2 % of the diagonal in b",
                "surfaces are not compared: (voxels) in a, (area, spacing 1 x 1 mm) in b",
            ],
        ),
        (
            {},
            {"empty": 40},
            ["mean_boundary_iou", "mean_surface_dice@1", "mean_surface_dice@2"],
            ["distances are not compared: missed and invented structures are 'inf' in a, 40.0 in b"],
        ),
        (
            {"tolerances": 1},
            {"tolerances": 3},
            ["mean_boundary_iou", "mean_surface_dice@1", "mean_surface_dice@3", "mean_hd95", "mean_assd"],
            [],
        ),
    ],
)
def test_what_is_measured_otherwise_is_left_out_and_said(first, second, named, notes):
    found = compare(beside(3, 6, **first), beside(1, 6, **second))
    shapes = {"boundary", "surface", "hd95", "assd"}
    assert [
        one.name for one in found.differences if shapes & set(one.name.partition("@")[0].split("_"))
    ] == named
    assert list(found.shape_notes) == notes


@pytest.mark.parametrize(
    ("second", "metric", "told"),
    [
        (
            {"distances": False},
            "hd95.car",
            "distances of surfaces were not measured\n"
            "hint: evaluate with `distances=True`: counts of pixels do not say where these are",
        ),
        (
            {"empty": "skip"},
            "mean_assd",
            "`mean_assd` cannot be compared: it was measured with `empty` 'inf' and 'skip'\n"
            "hint: evaluate both models with the same options",
        ),
        (
            {"boundary": 2},
            "boundary_iou.car",
            "`boundary_iou.car` cannot be compared: it was measured with `boundary` 1 and 2\n"
            "hint: evaluate both models with the same options",
        ),
    ],
)
def test_what_is_asked_for_and_measured_otherwise_is_refused(second, metric, told):
    sides = beside(3, 6), beside(1, 6, **second)
    assert refused(ArgumentError, compare, *sides, metrics=[metric]) == told


def test_a_band_that_both_have_is_compared_by_its_width():
    sides = beside(3, 6, boundary=(1, 2)), beside(1, 6, boundary=(2, 3))
    assert compare(*sides, metrics=["boundary_iou.car@2"])["boundary_iou.car@2"].b > 0


def test_models_are_identical_only_if_shapes_are():
    """The same pixel counts, elsewhere in the image."""
    target = np.zeros((9, 9), dtype=np.uint8)
    target[3:6, 3:6] = 1
    preds = np.zeros((2, 9, 9), dtype=np.uint8)
    preds[0, 3:6, 3:5] = preds[0, 3:6, 6] = 1
    preds[1, 3:6, 3:5] = preds[1, 3:6, 8] = 1
    sides = [evaluated(["road", "car"], [(pred, target)] * 4, distances=True) for pred in preds]
    assert sides[0].table == sides[1].table
    assert not compare(*sides).identical
    assert compare(sides[0], sides[0]).identical
