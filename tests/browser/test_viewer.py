"""The enlarged image: what it shows where a picture is missing, and which classes it says."""

import pytest

from support import chromium
from support.applications import until, workspace_of
from support.serving import expect, origin_of, served, visit

HELD = """
window.held = [];
const decoded = HTMLImageElement.prototype.decode;
HTMLImageElement.prototype.decode = function () {
    return decoded.call(this).then(() => window.slow && window.slow(this)
        ? new Promise((done) => window.held.push(done)) : undefined);
};
"""
"""Pictures that `slow` is true of are decoded once `held` is called."""


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
    page.evaluate("() => { window.slow = () => true }")
    enlarge(page)
    until(lambda: page.evaluate("window.held.length") == 2)
    page.evaluate("() => { window.slow = (image) => image.dataset.part === 'target' }")
    page.keyboard.press("ArrowRight")
    until(lambda: page.evaluate("window.held.length") == 3)
    page.evaluate("() => window.held.forEach((done) => done())")
    # The order is that of the pictures, whichever was decoded first; the other one may still be on its way.
    until(lambda: moved(page, "Shift+ArrowRight"))


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
