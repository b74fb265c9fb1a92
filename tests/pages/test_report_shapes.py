"""The panel of boundaries and surfaces: its numbers are those of Python, and what is infinite is in words."""

import pytest

from segscore import Classes, Evaluator
from segscore.pages.report import report_page
from support.pages import Page, assert_closed
from support.results import evaluated
from support.shapes import shaped


@pytest.fixture(scope="module")
def ev():
    return shaped()


@pytest.fixture(scope="module")
def page(ev):
    return Page(report_page(ev))


def table(page, name):
    """Return the rows of a table by their first cell."""
    return {row[0]: row[1:] for row in page.id(name).rows()}


def test_there_is_none_where_nothing_was_measured():
    page = Page(report_page(evaluated(["road", "sky"], [([[0, 1]], [[0, 0]])])))
    assert "shapes" not in page.panels


def test_it_stands_behind_the_classes(page):
    assert page.panels[:3] == ["summary", "classes", "shapes"]
    assert page.id("shapes-title").text == "Boundaries and surfaces"
    assert_closed(page)


@pytest.mark.parametrize(
    ("options", "title"),
    [({"distances": False}, "Boundaries"), ({"boundary": None}, "Surfaces")],
)
def test_one_of_both_alone(options, title):
    page = Page(report_page(shaped(**options)))
    assert page.id("shapes-title").text == title
    assert ("Boundary or region?" in page.id("shapes").text) is (title == "Boundaries")


def test_classes_have_the_numbers_of_python(ev, page):
    rows = table(page, "shape-table")
    assert list(rows) == ["road", "car", "sign only predicted"]
    surface = ev.surface
    hd95 = surface.mean_hausdorff(95, empty="skip").per_class
    assd = surface.mean_assd(empty="skip").per_class
    shares = [ev.boundary.iou, surface.dice(1), surface.dice(2)]
    assert rows["road"] == [
        *(f"{of['road']:.4f}" for of in shares),
        f"{hd95['road']:.2f}",
        f"{assd['road']:.2f}",
        "none",
    ]
    assert rows["car"] == [
        *(f"{of['car']:.4f}" for of in shares),
        f"infinite {hd95['car']:.2f} where both have it",
        f"infinite {assd['car']:.2f} where both have it",
        "missed in 1",
    ]
    assert rows["sign only predicted"][2:] == ["0.0000", "infinite", "infinite", "invented in 2"]


def test_what_is_infinite_sorts_by_what_is_known(page):
    cells = {
        row.one("th").attributes["data-value"]: [cell.attributes for cell in row.every("td")]
        for row in page.id("shape-table").one("tbody").every("tr")
    }
    assert cells["car"][3]["data-value"] == cells["sign"][3]["data-value"] == "Infinity"
    assert 1 < float(cells["car"][3]["data-then"]) < 4
    assert "data-then" not in cells["sign"][3]
    worst = {th.text: th.attributes.get("data-worst", "low") for th in page.id("shape-table").every("th")}
    assert {title: worst[title] for title in ("boundary IoU", "HD95 px", "images with one side alone")} == {
        "boundary IoU": "low",
        "HD95 px": "high",
        "images with one side alone": "high",
    }


def test_numbers_of_the_whole_have_intervals_or_say_what_they_lack(ev, page):
    said = page.pairs("shapes")
    interval = ev.confidence_interval("mean_surface_dice@2")
    assert interval.reason is None
    dice = f"{ev.metric('mean_surface_dice@2'):.4f} 95 % interval {interval.low:.4f} to {interval.high:.4f}"
    assert said["mean surface Dice at 2 px"] == dice
    both = ev.surface.mean_hausdorff(95, empty="skip")
    told = f"infinite {both.value:.2f} over the 79 structures of both sides"
    assert said["mean HD95 in px"] == told
    assert (
        "1 missed and 2 invented structures are infinitely far, and so is any mean that has one"
        in page.id("shapes").text
    )
    assert "Surfaces of voxels beside another label, in px (no spacing was given)." in page.id("shapes").text


@pytest.mark.parametrize(
    ("empty", "told"),
    [
        ("skip", "are left out of means"),
        ("diagonal", "count as the diagonal of their image"),
        (40, "count as 40 px"),
    ],
)
def test_what_stands_for_a_lacking_side_is_said(empty, told):
    page = Page(report_page(shaped(empty=empty)))
    assert f"1 missed and 2 invented structures {told}." in page.id("shapes").text
    assert "infinite" not in page.id("shape-table").text


def test_too_few_images_for_an_interval_are_said():
    said = Page(report_page(shaped(images=3, tolerances=2))).pairs("shapes")
    assert said["mean surface Dice at 2 px"].endswith(" no interval: too few images (3)")


def test_widths_and_tolerances_have_a_column_each():
    ev = shaped(boundary=(1, 3), tolerances=(0.5, 1, 4), spacing=(2, 0.5))
    page = Page(report_page(ev))
    titles = [th.text for th in page.id("shape-table").one("thead").every("th")]
    assert titles == [
        "class",
        "boundary IoU 1 px",
        "boundary IoU 3 px",
        *(f"surface Dice at {tau} mm" for tau in ("0.5", "1", "4")),
        "HD95 mm",
        "ASSD mm",
        "images with one side alone",
    ]
    assert "Surfaces of areas between voxels, in mm (spacing 2 x 0.5 mm)." in page.id("shapes").text
    assert {"mean boundary IoU in 1 px", "mean boundary IoU in 3 px"} <= page.pairs("shapes").keys()


def test_a_class_out_of_the_mean_has_no_surface():
    judge = Evaluator(Classes(["road", "car", "sky"], not_in_mean=[2]), boundary=1, distances=True)
    judge.add(pred=[[0, 1, 2]], target=[[0, 1, 2]])
    rows = table(Page(report_page(judge.result())), "shape-table")
    reason = "— undefined: means leave the class out, so that its surface is not measured"
    assert rows["sky"] == ["1.0000", *[reason] * 5]


def test_errors_are_near_borders_or_inside(ev, page):
    rows, errors = table(page, "error-table"), ev.boundary.errors
    near, inside = errors.wrong[:2, 1].tolist()
    assert rows["car"] == [
        f"{near + inside:,}",
        f"{near:,}",
        f"{errors.near_rate['car']:.2%}",
        "road",
        f"{inside:,}",
        f"{errors.inside_rate['car']:.2%}",
        "road",
    ]
    shares = [
        [
            float(rect.attributes["width"].rstrip("%"))
            for rect in row.one("svg", class_="parted").every("rect")
        ]
        for row in page.id("error-table").one("tbody").every("tr")
    ]
    most = errors.wrong.sum(axis=0).max()
    for i, (whole, rest, fill) in enumerate(shares):
        assert whole == 100
        assert rest == pytest.approx(100 * errors.wrong[:, i].sum() / most, abs=0.01)
        assert fill == pytest.approx(100 * errors.wrong[0, i] / most, abs=0.01)
    assert f"{errors.wrong[0].sum():,} of {errors.total:,} wrong pixels" in page.id("shapes").text


def test_segments_are_counted():
    ev = shaped(segments=True, distances=False)
    page, errors = Page(report_page(ev)), ev.boundary.errors
    assert_closed(page)
    of_car = table(page, "error-table")["car"]
    missed, invented = errors.wrong[2:, 1].tolist()
    none = "— undefined: no pixel there is wrong"
    assert of_car[7:] == [f"{missed:,}", "road", f"{invented:,}", "road" if invented else none]
    rows = table(page, "segment-table")
    for i, name in enumerate(["road", "car"]):
        found = rows[name]
        assert found[:2] == [f"{errors.target_segments[i]:,}", f"{errors.missed_segments[i]:,}"]
        assert found[3:5] == [f"{errors.pred_segments[i]:,}", f"{errors.invented_segments[i]:,}"]
        called, on = errors.called(i, "missed"), errors.lies_on(i)
        assert found[2] == (ev.classes.names[called[0][0]] if called else "— undefined: none is missed")
        assert found[5] == (ev.classes.names[on[0][0]] if on else "— undefined: none is invented")
    told = (
        f"{errors.missed_segments.sum():,} of {errors.target_segments.sum():,} segments of targets are missed"
    )
    assert told in page.id("shapes").text


def test_images_are_ranked_by_surfaces_of_each_class(ev, page):
    data = page.data("pictures")
    rankings = {one["title"]: one for one in data["rankings"]}
    surfaces = [f"HD95 of {name} in px" for name in ("sign", "car", "road")]
    assert [title for title in rankings if title.startswith("HD95")] == surfaces
    by_car = [[data["names"][i], text] for i, text in rankings["HD95 of car in px"]["worst"]]
    assert by_car[0] == ["night_00", "missed"]
    values = [float(text) for _, text in by_car[1:]]
    assert values == sorted(values, reverse=True)
    assert [name for name, _ in by_car] == [name for name, _ in ev.worst(8, by="hd95.car")]
    best = [float(text) for _, text in rankings["HD95 of car in px"]["best"]]
    assert best == sorted(best)
    sign = rankings["HD95 of sign in px"]["worst"]
    assert [text for _, text in sign] == ["infinite, not in this target"] * 2
    dice = [text for _, text in rankings["surface Dice of car at 1 px"]["worst"]]
    assert dice == [f"{value:.4f}" for _, value in ev.worst(8, by="surface_dice.car@1")]


def test_beyond_the_bound_is_said():
    page = Page(report_page(shaped(within=1.5)))
    rankings = {one["title"]: one for one in page.data("pictures")["rankings"]}
    assert rankings["HD95 of car in px"]["worst"][0][1] == "missed, or farther than 1.5 px"
