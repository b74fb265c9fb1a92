"""Boundaries and surfaces in a browser: usable in every view, sorted by what is worst, ranking images."""

import pytest

from support import chromium
from support.shapes import shaped


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """The report of an evaluation with a missed and invented classes."""
    path = tmp_path_factory.mktemp("shapes") / "report.html"
    shaped().write_report(path)
    return path


def names_of(page, table):
    return page.locator(f"#{table} tbody th .name").all_inner_texts()


def test_it_is_usable_in_every_view(report, open_page, view):
    page = open_page(report, view)
    chromium.assert_usable(page, view)
    assert page.locator("#shape-table").is_visible()


@pytest.mark.parametrize(
    ("table", "title", "way", "names"),
    [
        # Infinite ones are the worst: of these the one that is known least comes last.
        ("shape-table", "HD95 px", "descending", ["car", "sign", "road"]),
        ("shape-table", "images with one side alone", "descending", ["sign", "car", "road"]),
        ("shape-table", "boundary IoU", "ascending", ["sign", "car", "road"]),
        ("error-table", "of all near", "descending", ["car", "road"]),
    ],
)
def test_the_first_click_shows_the_worst_first(report, open_page, table, title, way, names):
    page = open_page(report)
    given = names_of(page, table)
    heading = page.locator(f"#{table} thead th", has_text=title).first
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == way
    assert names_of(page, table) == names
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == {"descending": "ascending"}.get(way, "descending")
    assert names_of(page, table)[0] == names[-1]
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") is None
    assert names_of(page, table) == given


def test_images_are_chosen_by_the_surface_of_a_class(report, open_page):
    page = open_page(report)
    page.locator("#picture-ranking").select_option(label="HD95 of car in px")
    first = page.locator("#others li").first
    assert first.locator(".name").inner_text() == "night_00"
    assert first.locator(".score").inner_text() == "HD95 of car in px missed"
