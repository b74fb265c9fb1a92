"""The application in a browser: menus, tables, pictures that come late, runs that are compared, times."""

import re

import pytest

from support import chromium
from support.applications import workspace_of
from support.serving import expect, origin_of, served, visit


@pytest.fixture(scope="module")
def computed(tmp_path_factory):
    """An application with two runs, and two that were interrupted."""
    workspace = workspace_of(tmp_path_factory.mktemp("flows"), images=30)
    for model in ("net:v1", "net:v2"):
        workspace.run(model, "streets", progress=False)
    workspace.note("r1", "the first line\nthe second one")

    def stop(now):
        if now.done:
            raise InterruptedError

    for model in ("net:v1", "net:v2"):
        with pytest.raises(InterruptedError):
            workspace.run(model, "streets", progress=stop, again=True)
    with served(workspace) as application:
        yield application


@pytest.mark.parametrize("path", ["/", "/runs", "/runs/r2"])
@pytest.mark.parametrize("view", ["desktop", "phone"])
def test_menus_lie_within_the_window(open_page, computed, view, path):
    page = visit(open_page, computed, view, path)
    menus = page.locator("details.menu > summary")
    assert menus.count()
    for i in range(menus.count()):
        menus.nth(i).scroll_into_view_if_needed()
        menus.nth(i).click()
        body = page.locator("details.menu[open] .menu-body")
        body.scroll_into_view_if_needed()
        box, window = body.bounding_box(), page.viewport_size
        assert box["width"] > 200
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= window["width"]
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= window["height"]
        chromium.assert_fits(page)
        page.keyboard.press("Escape")
        expect(body).to_have_count(0)


def test_the_earlier_of_two_chosen_runs_comes_first(open_page, computed):
    page = visit(open_page, computed, path="/runs")
    for run in ("r2", "r1"):
        page.get_by_label(re.compile(f"Compare {run}:")).check()
    page.get_by_role("button", name="Compare the two chosen").click()
    expect(page).to_have_url(re.compile(r"/compare\?run=r1&run=r2$"))
    expect(page.locator("h1")).to_have_text("net:v2 (r2) compared with net:v1 (r1)")
    page.goto(origin_of(computed) + "/runs/r2")
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.locator("h1")).to_have_text("net:v2 (r2) compared with net:v1 (r1)")
    page.get_by_role("link", name="Swap").click()
    expect(page.locator("h1")).to_have_text("net:v1 (r1) compared with net:v2 (r2)")


def test_an_interrupted_run_is_removed_in_two_steps(open_page, computed):
    page = visit(open_page, computed, path="/runs")
    remove = page.get_by_role("button", name="Remove r4", exact=True)
    expect(remove).to_be_hidden()
    page.get_by_label("Remove r4 …").click()
    assert "r4" in {run.id for run in computed.state.workspace.unfinished()}
    remove.click()
    expect(page.get_by_text("r4: net:v2 on streets:v1")).to_have_count(0)
    assert "r4" not in {run.id for run in computed.state.workspace.unfinished()}


def test_times_are_those_of_the_reader_and_say_so(browser, computed):
    context = browser.new_context(timezone_id="Asia/Tokyo")
    page = context.new_page()
    page.goto(computed.address)
    page.goto(f"{origin_of(computed)}/runs")
    expect(page.get_by_role("columnheader", name="ended (Asia/Tokyo)")).to_be_visible()
    page.goto(f"{origin_of(computed)}/datasets")
    expect(page.get_by_role("columnheader", name="added (Asia/Tokyo)")).to_be_visible()
    context.close()


def test_a_note_is_shown_in_its_lines(open_page, computed):
    page = visit(open_page, computed, path="/runs/r1")
    assert page.locator(".noted-text").inner_text() == "the first line\nthe second one"


def test_tables_that_are_cut_say_that_they_scroll(open_page, computed):
    page = visit(open_page, computed, "phone", "/runs")
    table = page.locator(".scroll")
    assert table.evaluate("box => box.scrollWidth > box.clientWidth")
    assert "gradient" in table.evaluate("box => getComputedStyle(box).backgroundImage")
    # The lines below cells that stay are theirs, and do not move away.
    assert (
        page.locator("#runs-table").evaluate("table => getComputedStyle(table).borderCollapse") == "separate"
    )


def test_pictures_have_their_place_before_they_come(open_page, computed):
    page = visit(open_page, computed)
    page.context.route("**/pictures/**", lambda route: None)  # they never come
    page.goto(f"{origin_of(computed)}/runs/r2", wait_until="domcontentloaded")
    image = page.locator("#cards img").first
    image.scroll_into_view_if_needed()
    box = image.bounding_box()
    assert box["height"] == pytest.approx(box["width"] / 1.5, abs=1)


def test_one_section_is_marked_at_a_time(open_page, computed):
    page = visit(open_page, computed, path="/runs/r2")
    marked = page.locator(".sections a[aria-current]")
    height = page.evaluate("document.documentElement.scrollHeight")
    for y in range(0, height, 150):
        page.evaluate(f"window.scrollTo(0, {y})")
        page.wait_for_timeout(40)
        assert marked.count() <= 1
