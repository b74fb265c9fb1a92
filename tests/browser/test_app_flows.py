"""The application in a browser: menus, tables, pictures that come late, runs that are compared, times."""

import re

import pytest

from segscore.app.tasks import Task
from support import chromium
from support.serving import expect, job, origin_of, visit


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
    assert page.locator(".noted-text").inner_text() == "a first try,\nwith half of the images"


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


# While jobs begin and end: what a reader uses, has opened, and is told


def test_what_is_in_use_stays_in_use_when_a_job_changes(filled, open_page):
    page = visit(open_page, filled)
    for used in (
        page.get_by_role("button", name="Evaluate net:v1", exact=True),
        page.get_by_role("link", name="Evaluate with a new dataset: net:v2"),
        page.get_by_role("link", name="Add a model"),
    ):
        used.focus()
        number = filled.state.jobs.add(Task("streets:v1", "slow:v1", options={"again": True})).number
        row = page.locator(f"#job-{number}")
        expect(row).to_contain_text("running")
        expect(used).to_be_focused()
        cancel = row.get_by_role("button", name=re.compile("Cancel"))
        cancel.focus()
        filled.state.jobs.cancel(number)
        expect(row).to_contain_text(re.compile("cancelled|interrupted"))
        # Its button has gone: another one of the same job is the nearest.
        assert page.evaluate("document.activeElement.closest('[data-job]').dataset.job") == str(number)
        filled.state.jobs.dismiss(number)


def test_what_has_been_opened_stays_open_when_a_job_changes(filled, open_page):
    page = visit(open_page, filled)
    filled.state.jobs.add(Task("streets:v1", "failing:v1"))
    failed = job(page, "failing:v1 on")
    expect(failed).to_contain_text("all failed")
    failed.get_by_text("All of the message").click()
    expect(failed.locator("details[open]")).to_have_count(1)
    expect(failed.locator("pre").first).to_contain_text("RuntimeError: out of <b>memory</b>")
    chromium.assert_accessible(page)
    filled.state.jobs.add(Task("streets:v1", "net:v1"))
    expect(job(page, "net:v1 on")).to_contain_text("finished")
    expect(failed.locator("details[open]")).to_have_count(1)


def test_it_is_said_that_a_job_has_ended(filled, open_page):
    page = visit(open_page, filled)
    told = page.get_by_role("status").and_(page.locator("#told"))
    expect(told).to_have_text("")
    filled.state.jobs.add(Task("streets:v1", "net:v2"))
    expect(told).to_have_text(re.compile(r"^net:v2 on streets:v1: finished, run r1, mean IoU [01]\.\d{4}\.$"))
    filled.state.jobs.add(Task("streets:v1", "failing:v1"))
    expect(told).to_have_text(re.compile(r"^failing:v1 on streets:v1: failed, .* all failed"))
    number = filled.state.jobs.add(Task("streets:v1", "slow:v1")).number
    expect(page.locator(f"#job-{number}")).to_contain_text("running")
    filled.state.jobs.cancel(number)
    expect(told).to_have_text(re.compile("^slow:v1 on streets:v1: (cancelled|interrupted)"))
