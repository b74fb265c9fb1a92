"""The report of many images and classes in a browser: it opens, and its matrix answers."""

import pytest

from support import chromium
from support.large import made_up


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    path = tmp_path_factory.mktemp("large") / "report.html"
    made_up(10_000, 150, 60).write_report(path)
    return path


@pytest.mark.parametrize("view", ["desktop", "phone"])
def test_ten_thousand_images_of_150_classes_open(report, open_page, view):
    page = open_page(report, view)
    page.locator("#matrix path").first.wait_for()
    chromium.assert_fits(page)
    matrix, said = page.locator("#matrix"), page.locator("#matrix-sentence")
    matrix.focus()
    for key in ("PageDown", "End", "ArrowLeft"):
        matrix.press(key)
    assert " of class 149 pixels were called class 149, which is right" in said.inner_text()
    mark = page.locator("#matrix .mark").bounding_box()
    assert 0 <= mark["x"] <= page.viewport_size["width"] - mark["width"]


@pytest.mark.parametrize("classes", [2, 19, 171])
def test_matrices_of_any_size_fit(open_page, tmp_path, classes):
    made_up(30, classes, 60).write_report(tmp_path / "report.html")
    page = open_page(tmp_path / "report.html")
    box, picture = (page.locator(one).bounding_box() for one in ("#matrix", "#matrix svg"))
    assert 100 < picture["width"] <= box["width"]
