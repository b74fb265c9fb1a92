"""The enlarged image: what it shows where a picture is missing, and which classes it says."""

import re

import pytest

from segscore import compare
from support import chromium
from support.applications import until, workspace_of
from support.serving import expect, origin_of, served, visit

HELD = """
window.held = [];
const fetched = window.fetch;
window.fetch = (address) => fetched(address).then((answer) => window.slow && window.slow(address)
    ? new Promise((done) => window.held.push(() => done(answer))) : answer);
"""
"""Answers from addresses that `slow` is true of are there once `held` is called."""


@pytest.fixture(scope="module")
def computed(tmp_path_factory):
    workspace = workspace_of(tmp_path_factory.mktemp("viewer"), images=4)
    workspace.run("net:v1", "streets", progress=False)
    with served(workspace) as application:
        yield application


@pytest.fixture
def page(open_page, computed):
    page = visit(open_page, computed)
    page.add_init_script(HELD)
    page.goto(f"{origin_of(computed)}/runs/r1")
    return page


def enlarge(page, place=0):
    page.locator("#cards .strip").nth(place).click()
    expect(page.locator("#viewer")).to_be_visible()


def said(page):
    """Return what is said of the class at the cross, as titles and classes."""
    return [entry.split(": ") for entry in page.locator("#viewer-said").inner_text().split(" · ")]


def moved(page, key):
    """Press a key; return whether the classes of both masks are said then."""
    page.keyboard.press(key)
    return [title for title, *_ in said(page)] == ["Target", "Prediction"]


@pytest.mark.parametrize("missing", ["photograph", "all"])
def test_an_image_with_missing_parts_is_enlarged_and_says_why(browser, computed, missing):
    page, watch = chromium.open_watched(browser, computed.address, origin=origin_of(computed))
    parts = "*" if missing == "all" else missing
    page.route(f"**/pictures/*/{parts}", lambda route: route.fulfill(status=404, body="it has gone"))
    page.goto(f"{origin_of(computed)}/runs/r1")
    page.locator("#cards").scroll_into_view_if_needed()
    expect(page.locator("#cards .card").first).to_contain_text("it has gone")
    enlarge(page)
    count = 4 if missing == "all" else 1
    expect(page.locator("#viewer .pane", has_text="it has gone")).to_have_count(count)
    expect(page.locator("#viewer .pane")).to_have_count(4)
    expect(page.locator("#viewer img")).to_have_count(4 - count)
    expect(page.locator("#viewer figcaption")).to_have_text(["Image", "Target", "Prediction", "Errors"])
    page.keyboard.press("ArrowRight")
    expect(page.locator("#viewer .pane")).to_have_count(4)
    assert all("Failed to load resource" in problem for problem in watch.close())


def test_classes_are_those_of_the_image_that_is_shown(page):
    page.evaluate("() => { window.slow = (address) => /\\d.(target|pred)$/.test(address) }")
    enlarge(page)
    until(lambda: page.evaluate("window.held.length") == 2)
    page.evaluate("() => { window.slow = (address) => address.endsWith('target') }")
    page.keyboard.press("ArrowRight")
    until(lambda: page.evaluate("window.held.length") == 3)
    page.evaluate("() => window.held.splice(0, 2).forEach((done) => done())")
    page.wait_for_timeout(200)
    page.keyboard.press("Shift+ArrowRight")
    assert page.locator("#viewer-said").inner_text() == ""
    expect(page.locator("#viewer .painted")).to_have_count(0)
    page.evaluate("() => window.held.forEach((done) => done())")
    expect(page.locator("#viewer .painted")).to_have_count(3)
    assert moved(page, "Shift+ArrowRight")


def test_the_cross_is_moved_with_the_keyboard(page):
    enlarge(page)
    assert "Shift and the arrow keys move the cross" in page.locator("#viewer").inner_text()
    until(lambda: moved(page, "Shift+ArrowUp"))  # once the pictures are decoded
    for _ in range(25):
        page.keyboard.press("Shift+ArrowUp")
    assert said(page)[0] == ["Target", "sky"]
    for _ in range(50):
        page.keyboard.press("Shift+ArrowDown")
    assert said(page)[0] == ["Target", "road"]
    name = page.locator("#viewer-title").inner_text()
    page.keyboard.press("+")
    page.keyboard.press("+")
    # Where the picture is enlarged, it moves when the cross is at the edge.
    for _ in range(120):
        page.keyboard.press("Shift+ArrowUp")
    assert said(page)[0] == ["Target", "sky"]
    for _ in range(60):
        page.keyboard.press("Shift+ArrowLeft")
    assert said(page)[0] == ["Target", "ignored"]
    assert page.locator("#viewer-title").inner_text() == name
    chromium.assert_accessible(page)


@pytest.fixture(scope="module")
def reports(sides, shown, tmp_path_factory):
    """Reports of real masks, and of two models."""
    folder = tmp_path_factory.mktemp("reports")
    names = [name for name, _ in sides[0].worst(6)]
    one, two = (side.select(names) for side in sides)
    one.write_report(folder / "report.html", images=shown["images"])
    compare(one, two, labels=("v1", "v2"), resamples=99).write_report(folder / "both.html")
    return folder


@pytest.fixture
def report(reports, open_page):
    page = open_page(reports / "report.html")
    enlarge(page)
    expect(page.locator("#viewer .painted")).to_have_count(3)
    return page


def captions(page):
    return page.locator("#viewer figcaption:visible").all_inner_texts()


def drawn(page, place):
    return page.locator("#viewer canvas").nth(place).evaluate("canvas => canvas.toDataURL()")


def test_the_score_that_the_list_is_ranked_by_stands_first(reports, open_page):
    page = open_page(reports / "report.html")
    page.locator("#picture-ranking").select_option(index=1)
    title = page.locator("#picture-ranking option").nth(1).inner_text()
    card = page.locator("#cards .card").nth(1).locator(".score").inner_text()
    enlarge(page, 1)
    assert page.locator("#viewer-ranked").inner_text() == card
    assert card.startswith(f"{title} ")
    total = page.locator("#cards .card").count()
    assert page.locator("#viewer-place").inner_text() == f"2 of {total} images"
    scores = page.locator("#viewer-scores").inner_text()
    assert re.fullmatch(r"mean image IoU [\d.]+, pixel accuracy [\d.]+ · 480 x 360 pixels", scores)
    page.keyboard.press("Escape")
    page.locator("#picture-ranking").select_option(index=0)
    enlarge(page)
    assert page.locator("#viewer-ranked").inner_text().startswith("mean image IoU ")
    assert page.locator("#viewer-scores").inner_text().startswith("pixel accuracy ")


def test_target_and_prediction_come_in_turn_at_one_place(report):
    target, pred = drawn(report, 0), drawn(report, 1)
    assert target != pred
    report.keyboard.press("f")
    assert captions(report) == ["Image", "Prediction", "Prediction", "Errors"]
    assert (drawn(report, 0), drawn(report, 1)) == (pred, pred)
    report.get_by_role("button", name="Flicker").click()
    assert captions(report) == ["Image", "Target", "Prediction", "Errors"]
    assert drawn(report, 0) == target
    report.keyboard.press("v")
    report.keyboard.press("2")
    for title in ("Target", "Prediction", "Target"):
        assert captions(report) == [title]
        assert report.locator('#viewer-layers [aria-pressed="true"]').inner_text() == title
        report.keyboard.press("f")


def test_two_models_come_in_turn(reports, open_page):
    page = open_page(reports / "both.html")
    enlarge(page)
    expect(page.locator("#viewer .painted")).to_have_count(4)
    for title in ("v1", "v2", "Target"):
        page.keyboard.press("f")
        assert captions(page)[0] == title


def test_what_is_chosen_is_kept_over_images(report):
    report.keyboard.press("4")
    report.keyboard.press("o")
    report.keyboard.press("+")
    for key in ("Shift+ArrowLeft", "Shift+ArrowUp"):
        for _ in range(40):
            report.keyboard.press(key)
    report.locator(".class-row .only", has_text="building").click()
    kept = """() => [
        document.getElementById("viewer-panes").style.cssText,
        document.getElementById("viewer-opacity").value,
        [...document.querySelectorAll("#viewer-classes input:checked")].map((one) => one.ariaLabel)]"""
    before = report.evaluate(kept)
    assert before[1:] == ["50", ["Show building"]]
    assert "--zoom: 1.5; --x: 0; --y: 0;" in before[0]
    report.keyboard.press("ArrowRight")
    expect(report.locator("#viewer .painted")).to_have_count(3)
    assert report.evaluate(kept) == before
    assert captions(report) == ["Errors"]
    assert report.get_by_role("button", name="One large").get_attribute("aria-pressed") == "true"
    # What had the focus in the legend has it again, so that keys go on working.
    assert report.evaluate("document.activeElement.textContent") == "building"
    report.keyboard.press("ArrowLeft")
    assert report.locator("#viewer-place").inner_text().startswith("1 of ")
    report.keyboard.press("v")
    report.keyboard.press("a")
    assert len(captions(report)) == 4
    assert report.locator("#viewer-classes input:not(:checked)").count() == 0


def test_photographs_are_seen_through_masks(report):
    opacity = "panes => getComputedStyle(panes.querySelector('canvas')).opacity"
    panes = report.locator("#viewer-panes")
    assert panes.evaluate(opacity) == "1"
    assert report.locator("#viewer .beneath-mask:visible").count() == 3
    report.keyboard.press("[")
    report.keyboard.press("[")
    assert panes.evaluate(opacity) == "0.8"
    report.keyboard.press("o")
    assert panes.evaluate(opacity) == "1"
    report.keyboard.press("o")
    assert panes.evaluate(opacity) == "0.8"
    report.locator("#viewer-opacity").focus()
    report.keyboard.press("Home")
    assert panes.evaluate(opacity) == "0"
    assert report.locator("#viewer-opaque").inner_text() == "0%"
    report.keyboard.press("]")
    assert panes.evaluate(opacity) == "0.1"


def test_all_keys_are_told_and_those_of_the_browser_left_alone(report):
    keys_told = report.locator("#viewer-help")
    assert not keys_told.is_visible()
    report.keyboard.press("?")
    keys = " ".join(report.locator("#viewer-help kbd").all_inner_texts())
    assert keys == "← → v 1 5 f o [ ] a n w + − 0 Shift Page Up Page Down ? Escape"  # noqa: RUF001 - as on the page
    chromium.assert_accessible(report)
    report.keyboard.press("Escape")
    assert not keys_told.is_visible()
    assert report.locator("#viewer").is_visible()
    report.keyboard.press("Control+f")
    report.keyboard.press("Control++")
    assert captions(report)[1] == "Target"
    assert "--zoom: 1;" in report.locator("#viewer-panes").get_attribute("style")


@pytest.mark.parametrize(("width", "height"), [(390, 844), (720, 450), (195, 422)])
def test_nothing_is_cut(reports, browser, width, height):
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme="dark")
    page = context.new_page()
    page.goto((reports / "both.html").as_uri())
    enlarge(page)
    expect(page.locator("#viewer .painted")).to_have_count(4)
    page.locator(".class-row .only", has_text="building").click()
    for key in ("?", "v", "v"):
        page.keyboard.press(key)
        wide = page.evaluate(
            """() => [...document.querySelectorAll("#viewer, #viewer *:not(.view *)")]
                .filter((one) => one.checkVisibility() && !one.matches(".hidden"))
                .filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0
                    && getComputedStyle(one).textOverflow !== "ellipsis"
                    || one.getBoundingClientRect().right > document.documentElement.clientWidth)
                .map((one) => one.outerHTML.slice(0, 80) + one.scrollWidth)"""
        )
        assert wide == []
    chromium.assert_accessible(page)
    context.close()


def test_pictures_stay_as_they_are_where_masks_cannot_be_read(reports, browser):
    context = browser.new_context()
    page = context.new_page()
    page.add_init_script("delete window.DecompressionStream")
    page.goto((reports / "report.html").as_uri())
    enlarge(page)
    expect(page.locator("#viewer-still")).to_have_text(
        "The pictures stay as they are: DecompressionStream is not defined."
    )
    assert page.locator("#viewer .still:visible").count() == 4
    assert not page.locator("#viewer-legend").is_visible()
    assert not page.locator("#viewer canvas").first.is_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("f")
    page.keyboard.press("v")
    assert captions(page) == ["Errors"]
    context.close()


def test_the_size_of_served_masks_is_said(page):
    enlarge(page)
    expect(page.locator("#viewer-scores")).to_contain_text("· 30 x 20 pixels")
    expect(page.locator("#viewer .painted")).to_have_count(3)


def test_images_of_any_list_are_walked_through(open_page, computed):
    page = visit(open_page, computed, path="/runs/r1/images?order=worst")
    enlarge(page, 1)
    expect(page.locator("#viewer .painted")).to_have_count(3)
    assert page.locator("#viewer-place").inner_text() == "2 of 4 images"
    card = page.locator("#cards .card").nth(1)
    assert page.locator("#viewer-title").inner_text() == card.locator(".name").inner_text()
    assert page.locator("#viewer-ranked").inner_text() == card.locator(".score").inner_text()
    assert page.locator("#viewer-classes .only").all_inner_texts() == ["road", "sky", "ignored"]
    page.keyboard.press("ArrowLeft")
    assert page.locator("#viewer-place").inner_text() == "1 of 4 images"


def test_targets_of_a_dataset_are_looked_at_by_class(open_page, computed):
    page = visit(open_page, computed, path="/dataset?name=streets:v1")
    enlarge(page)
    expect(page.locator("#viewer .painted")).to_have_count(1)
    assert captions(page) == ["Image", "Target"]
    assert page.locator("#viewer-classes .only").all_inner_texts() == ["road", "sky", "ignored"]
    assert page.locator("#viewer-classes .figures-of").all_inner_texts() == [""] * 6
    assert not page.locator("#viewer-errors").is_visible()
    before = drawn(page, 0)
    page.get_by_label("Show road", exact=True).uncheck()
    assert drawn(page, 0) != before
    page.keyboard.press("ArrowRight")
    assert page.locator("#viewer-place").inner_text() == "2 of 4 images"
    expect(page.locator("#viewer .painted")).to_have_count(1)
    assert page.get_by_label("Show road", exact=True).is_checked() is False
    chromium.assert_accessible(page)
