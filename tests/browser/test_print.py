"""Pages on paper: what a window showed fits, and tables that go on have their headings on each page."""

import re

import pytest

from segscore import compare
from support import chromium
from support.large import made_up
from support.printed import assert_fits_paper, texts_of
from support.serving import expect

CLASSES = 60
"""So many that their table goes on for pages."""


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The report of made-up counts, with groups."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    made_up(40, CLASSES, 30).write_report(path, attributes={"place": lambda name: name[-2:]})
    return path


@pytest.fixture(scope="module")
def pages_on_masks(sides, shown, tmp_path_factory):
    """Report and comparison of masks, with pictures."""
    folder = tmp_path_factory.mktemp("pages")
    sides[0].write_report(folder / "report.html", **shown)
    compare(*sides, labels=("v1", "v2")).write_report(folder / "comparison.html", **shown)
    return folder


@pytest.mark.parametrize(("name", "charts"), [("report", 4), ("comparison", 2)])
def test_what_was_drawn_for_a_window_fits_paper(name, charts, pages_on_masks, open_page):
    page = open_page(pages_on_masks / f"{name}.html")
    assert page.locator("main svg[viewBox]").count() == charts
    assert_fits_paper(page)


def test_charts_say_on_paper_what_they_show(pages_on_masks, open_page):
    page = open_page(pages_on_masks / "report.html")
    page.emulate_media(media="print")
    expect(page.locator("#scale-text")).to_be_visible()
    assert page.locator("#scale-text").inner_text().startswith("0 to 100 % of the target (row); ")
    legend = page.locator("#distribution-legend").inner_text()
    assert re.search(r"the highest stands for \d+ images?\.$", legend)


def test_tables_that_go_on_have_their_headings_again_and_their_mean_once(report, open_page):
    pages = texts_of(chromium.printed(open_page(report)))
    rows = [f"class {i}" for i in range(CLASSES)]
    first = next(i for i, texts in enumerate(pages) if rows[0] in texts)
    last = next(i for i, texts in enumerate(pages) if rows[-1] in texts)
    assert last > first
    for texts in pages[first : last + 1]:
        assert texts.count("precision") == 1
    assert ["mean" in texts for texts in pages] == [i == last for i in range(len(pages))]


@pytest.mark.parametrize("theme", ["light", "dark", None])
def test_a_page_that_is_dark_is_printed_on_white(report, open_page, theme):
    page = open_page(report, "dark")
    shown = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    dark = page.evaluate(shown)
    page.evaluate("theme => { if (theme) document.documentElement.dataset.theme = theme }", theme)
    assert (page.evaluate(shown) == dark) == (theme != "light")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate(shown) == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    tick = page.locator(".range .fill, .bar .fill").first
    assert tick.evaluate("rect => getComputedStyle(rect).fill") == "rgb(127, 182, 201)"
