"""From numbers to their images in a browser: those that Python names, in a report and in the application."""

import re

import numpy as np
import pytest

from support.serving import expect, visit


@pytest.fixture(scope="module")
def report(sides, shown, tmp_path_factory):
    """The evaluation of a model version and the file of its report."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    sides[1].write_report(path, attributes=shown["attributes"])
    return sides[1], path


@pytest.fixture
def page(report, open_page):
    return open_page(report[1])


def listed(page):
    """Return the images of the list that is shown, in their order, each with its number."""
    titles = page.locator("#pictures .card:visible .card-title").all()
    rows = [[part.inner_text() for part in title.locator("span").all()] for title in titles]
    ordered = sorted(rows, key=lambda row: int(row[0].rstrip(".")))
    return [(name, number.strip()) for _, name, number in ordered]


def told(page):
    expect(page.locator("#behind")).to_be_focused()
    return " ".join(page.locator("#behind p").inner_text().split())


def pixels(found):
    return [(name, f"{count:,} pixel{'s' if count != 1 else ''}") for name, count in found]


def test_a_cell_of_the_matrix_shows_its_images(report, page):
    ev = report[0]
    page.locator("#matrix").focus()
    for key in ("ArrowDown", "Enter"):  # from the first cell to the one below
        page.keyboard.press(key)
    found = ev.images_with(len(ev.names), target=ev.classes.names[1], pred=ev.classes.names[0])
    what = f"Images with {ev.classes.names[1]} called {ev.classes.names[0]}."
    assert told(page) == f"{what} The first 8 of {len(found)} images."
    assert listed(page) == pixels(found[:8])
    page.locator("#behind-back").click()
    assert not page.locator("#behind").is_visible()
    assert [name for name, _ in listed(page)] == [name for name, _ in ev.worst(8)]


def test_back_takes_lists_back_in_a_report(report, page):
    ev = report[0]
    ranking = [name for name, _ in ev.worst(8)]
    rows = page.locator("#class-table tbody tr")
    first, second = (rows.nth(i).locator("a.behind").first for i in (0, 1))
    worst = [
        [name for name, _ in ev.worst(8, by=link.get_attribute("data-behind").removeprefix("metric="))]
        for link in (first, second)
    ]

    def names():
        return [name for name, _ in listed(page)]

    first.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    first.click()
    assert page.evaluate("scrollY") != before
    page.evaluate("location.hash = 'classes'")  # as a link within the page does, which keeps the list
    second.click()
    assert names() == worst[1]
    page.go_back()
    assert names() == worst[0]
    page.go_back()
    assert names() == worst[0]
    page.go_back()
    assert names() == ranking
    assert not page.locator("#behind").is_visible()
    page.wait_for_function("before => Math.abs(scrollY - before) < 2", arg=before)
    page.go_forward()
    assert names() == worst[0]
    page.locator("#behind-back").click()
    assert names() == ranking
    page.go_back()
    assert names() == worst[0]


def test_rows_of_confusions_and_classes_show_theirs(report, page):
    ev = report[0]
    counts = ev.confusion.counts * ~np.eye(len(ev.classes), dtype=bool)
    t, p = np.unravel_index(counts.argmax(), counts.shape)
    page.locator("#confusion-table a.behind").first.click()
    names = ev.classes.names
    assert listed(page) == pixels(ev.images_with(8, target=names[t], pred=names[p]))
    row = page.locator("#class-table tbody tr").filter(has=page.get_by_text("car", exact=True))
    for query, found in (
        (r"target=\d+&wrong=1", ev.images_with(8, target="car", wrong=True)),
        (r"pred=\d+&wrong=1", ev.images_with(8, pred="car", wrong=True)),
        (r"target=\d+", ev.images_with(8, target="car")),
    ):
        link = next(
            one
            for one in row.locator("a.behind").all()
            if re.fullmatch(query, one.get_attribute("data-behind"))
        )
        link.click()
        assert listed(page) == pixels(found)
    row.locator("a.behind").first.click()
    assert [name for name, _ in listed(page)] == [name for name, _ in ev.worst(8, by="iou.car")]


def test_bars_and_parts_show_theirs(report, page, shown):
    ev = report[0]
    page.locator("#bars > summary").click()
    values = ev.images.mean_image_iou
    row = page.locator("#bar-rows tr").filter(has_text="0.40 to 0.45")
    row.locator("button").click()
    inside = [name for name, value in ev.worst(len(ev.names)) if 0.4 <= value < 0.45]
    assert len(inside) == np.count_nonzero((values >= 0.4) & (values < 0.45)) > 0
    assert [name for name, _ in listed(page)] == inside[:8]
    part = page.locator("#scenarios tbody tr").first.locator("a.behind")
    part.click()
    half = shown["attributes"]["half"]
    first = [name for name, _ in ev.worst(len(ev.names)) if half(name) == "first"]
    assert told(page) == f"Images: half first. The first 8 of {len(first)} images."
    assert [name for name, _ in listed(page)] == first[:8]


def test_the_application_leads_to_its_page_of_images(computed, open_page):
    page = visit(open_page, computed, path="/runs/r1")
    run = computed.state.workspace.runs()["r1"]
    page.locator("#matrix").focus()
    for key in ("ArrowRight", "Enter"):
        page.keyboard.press(key)
    page.wait_for_url("**/runs/r1/images?target=0&pred=1")
    found = run.evaluation.images_with(30, target="road", pred="sky")
    expect(page.locator("#cards .card")).to_have_count(min(24, len(found)))
    titles = page.locator("#cards .card-title .name").all_inner_texts()
    assert titles == [name for name, _ in found[:24]]
    page.locator("#cards .strip").nth(1).click()
    expect(page.locator("#viewer-title")).to_have_text(found[1][0])
    expect(page.locator("#viewer-ranked")).to_have_text(f"{found[1][1]:,} px: road called sky")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#viewer-title")).to_have_text(found[2][0])
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Table").click()
    page.get_by_role("columnheader", name="pixel accuracy").get_by_role("link").click()
    page.wait_for_url("**metric=pixel_accuracy**")
    names = page.locator("table.images tbody th").all_inner_texts()
    by_accuracy = [name for name, _ in run.evaluation.worst(30, by="pixel_accuracy")]
    assert names == [name for name in by_accuracy if name in dict(found)]


def test_the_page_of_images_fits_any_window(computed, open_page, view):
    for query in ("", "?view=table&target=0&pred=1", "?image=3"):
        page = visit(open_page, computed, view, f"/runs/r1/images{query}")
        wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide <= window
