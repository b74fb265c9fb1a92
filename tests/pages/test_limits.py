"""Pages of many images and classes, of one evaluation and of two, stay small."""

from dataclasses import replace

import numpy as np
import pytest

import segscore
from segscore import compare
from segscore.pages.comparison import comparison_page
from segscore.pages.report import report_page
from support.large import made_up, write_thousand
from support.pages import Page

pytestmark = pytest.mark.slow
MB = 1_000_000


@pytest.fixture(scope="module")
def thousand(tmp_path_factory):
    return write_thousand(tmp_path_factory.mktemp("thousand"))


def test_a_thousand_images_with_24_pictures_take_3_megabytes(thousand):
    options = {"target": thousand / "target", "classes": "cityscapes-train-ids", "progress": False}
    one, two = (segscore.evaluate(pred=thousand / side, **options) for side in ("pred", "other"))
    for made, parts in ((one, 4), (compare(one, two, resamples=99), 5)):
        made.write_report(thousand / "page.html", images=thousand / "image")
        assert (thousand / "page.html").stat().st_size < 3 * MB
        page = Page((thousand / "page.html").read_text())
        assert len(list(page.root.every("img"))) == 24 * parts


def test_ten_thousand_images_of_150_classes_take_5_megabytes(tmp_path):
    ev = made_up(10_000, 150, 60)
    ev.write_report(tmp_path / "report.html")
    assert (tmp_path / "report.html").stat().st_size < 5 * MB
    data = Page((tmp_path / "report.html").read_text()).data("confusion")
    assert len(data["cells"]) == 3 * np.count_nonzero(ev.confusion.counts)


@pytest.mark.parametrize("classes", [2, 171])
def test_the_least_and_the_most_classes_of_usual_datasets_are_drawn(classes):
    ev = made_up(50, classes, 400)
    data = Page(report_page(ev)).data("confusion")
    assert len(data["names"]) == classes
    cells = np.array(data["cells"]).reshape(-1, 3)
    np.testing.assert_array_equal(ev.confusion.counts[cells[:, 0], cells[:, 1]], cells[:, 2])


def test_ten_thousand_pairs_of_images_of_150_classes_take_5_megabytes(tmp_path):
    found = compare(made_up(10_000, 150, 20, model=1), made_up(10_000, 150, 20, model=2), resamples=99)
    found.write_report(tmp_path / "comparison.html", attributes={"city": r"^(\w+)/"})
    assert (tmp_path / "comparison.html").stat().st_size < 5 * MB
    page = Page((tmp_path / "comparison.html").read_text())
    assert len(page.data("images")["change"]) == 10_000
    assert len(page.id("class-table").rows()) == 150
    rows = page.id("scenario-table-1").rows()
    assert len(rows) == 100
    assert rows[59][5] != rows[60][5] == "— undefined: only the first groups have one"


@pytest.mark.parametrize("classes", [2, 171, 1_200])
def test_any_number_of_classes_is_compared(classes):
    found = compare(made_up(60, classes, 20, model=1), made_up(60, classes, 20, model=2), resamples=99)
    page = Page(comparison_page(found))
    assert len(page.id("class-table").rows()) == min(classes, 1_000)
    more = "200 more classes are not shown." in page.id("classes").text
    assert more == (classes == 1_200)


def test_long_names_are_short_in_the_data_of_charts():
    one, two = (
        replace(side, names=tuple(f"{i:02}{'n' * 300}{i}" for i in range(30)))
        for side in (made_up(30, 3, 20, model=1), made_up(30, 3, 20, model=2))
    )
    names = Page(comparison_page(compare(one, two))).data("images")["names"]
    assert {len(name) for name in names} == {80}
    assert len(set(names)) == 30
