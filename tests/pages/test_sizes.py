"""The panel of sizes: its points and its table are those of the counts, and it stays small."""

import numpy as np
import pytest

from segscore import Classes
from segscore.pages.panels import sizes
from segscore.pages.report import report_page
from segscore.scores.sizes import sizes_of
from support.large import made_up
from support.pages import Page
from support.results import HOSTILE, evaluated


def points_of(data):
    """Return the points of each class, by its index: image, target, pred and tp as columns."""
    found = {}
    for one in data["classes"]:
        points = np.array(one["points"]).reshape(-1, 4)
        points[:, 0] = np.array(data["images"])[points[:, 0]]
        found[one["index"]] = points
    return found


@pytest.fixture(scope="module")
def ev():
    return made_up(40, 6, 30)


def test_points_are_the_images_of_each_class_by_its_size(ev):
    data = Page(report_page(ev)).data("sizes")
    points = points_of(data)
    assert data["names"] == [ev.names[i] for i in data["images"]]
    assert data["first"] == int(np.argmin(ev.scores.iou))
    for one in sizes_of(ev.cells):
        columns = np.stack([one.image, one.target, one.pred, one.tp], axis=1)
        np.testing.assert_array_equal(points[one.label], columns)


def test_the_table_has_thirds_correlations_and_areas(ev):
    rows = Page(report_page(ev)).id("size-table").rows()
    for row, one in zip(rows, sizes_of(ev.cells), strict=True):
        thirds = [f"{third.median_iou:.4f} {third.low:,} to {third.high:,} px" for third in one.thirds]
        assert row[1:] == [
            f"{len(one.image)}",
            *thirds,
            f"{one.correlation:+.2f}",
            f"{np.median(one.pred / one.target):.0%}",
        ]


def test_of_many_points_some_are_drawn_evenly_by_size(ev, monkeypatch):
    monkeypatch.setattr(sizes, "MAX_POINTS", 60)
    data = Page(report_page(ev)).data("sizes")
    assert sum(len(one["points"]) for one in data["classes"]) == 4 * 60
    for one in sizes_of(ev.cells):
        points = points_of(data)[one.label]
        at = np.searchsorted(one.target, points[:, 1])
        assert at[0] == 0
        assert at[-1] == len(one.target) - 1
        assert np.ptp(np.diff(at)) <= 1
    assert "of 40 images, of which 10 are drawn, evenly by size. Its median" in data["classes"][0]["told"]


@pytest.mark.parametrize(
    ("counts", "most"), [([3, 5], 5), ([10, 100], 50), ([100, 100], 30), ([1, 1, 100], 58)]
)
def test_room_that_small_classes_leave_is_for_large_ones(counts, most, monkeypatch):
    monkeypatch.setattr(sizes, "MAX_POINTS", 60)
    assert sizes._most(counts) == most


def test_few_images_and_equal_ones_have_reasons():
    page = Page(report_page(evaluated(Classes(["road", "sky"]), [([0, 0], [0, 1])])))
    few = "— undefined: fewer than 3 images have the class"
    same = "— undefined: sizes or scores are the same in all images"
    assert [row[1:] for row in page.id("size-table").rows()] == [
        ["1", few, few, few, same, "200%"],
        ["1", few, few, few, same, "0%"],
    ]
    assert page.data("sizes")["classes"][1]["told"] == (
        "sky is in the targets of 1 image. In 1 of them (100.00%) nothing is called so."
    )


@pytest.mark.filterwarnings("ignore::segscore.SegscoreWarning")
def test_without_a_class_in_any_target_there_is_no_panel():
    page = Page(report_page(evaluated(Classes(["road", "sky"], ignore=[9]), [([0, 0], [9, 9])])))
    assert "sizes" not in page.panels


def test_names_are_short_and_visible_in_the_data():
    images = {name: ([0, 1], [0, 1]) for name in HOSTILE}
    names = Page(report_page(evaluated(Classes(["road", "sky"]), images))).data("sizes")["names"]
    assert all(name.isprintable() and len(name) <= 80 for name in names)
    assert len(set(names)) == len(HOSTILE)
