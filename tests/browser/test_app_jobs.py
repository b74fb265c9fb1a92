"""Jobs, forms and letting in, in a browser: faults at fields, folded jobs, undo, the token that is pasted."""

import re

import pytest

from segscore import Workspace
from support import chromium
from support.serving import expect, origin_of, visit


@pytest.mark.parametrize("view", ["desktop", "phone", "dark"])
def test_wrong_fields_are_said_and_reached(browser, computed, view):
    page, watch = chromium.open_watched(browser, computed.address, view, origin_of(computed))
    page.goto(f"{origin_of(computed)}/models/new")
    page.get_by_label("Name", exact=True).fill("<b>")
    page.get_by_label(re.compile("Folder of predictions")).check()
    page.get_by_label("Where it is").fill("nowhere")
    page.locator("#field-trained_on").fill("nothing")
    page.get_by_role("button", name="Add the model").click()
    expect(page.locator("[aria-invalid=true]")).to_have_count(3)
    expect(page.locator("#field-name")).to_be_focused()
    page.get_by_role("alert").get_by_role("link", name=re.compile("Trained on")).click()
    expect(page).to_have_url(re.compile("#field-trained_on$"))
    chromium.assert_fits(page)
    chromium.assert_accessible(page)
    assert all("status of 400" in problem for problem in watch.close())


def test_finished_jobs_fold_and_a_removed_run_comes_back(filled, open_page):
    page = visit(open_page, filled)
    state = filled.state
    for model in ("net:v1", "net:v2", "failing:v1"):
        dataset = "streets:v1"
        page.request.post(
            f"{origin_of(filled)}/evaluate",
            form={"model": model, "dataset": dataset},
            headers={"origin": origin_of(filled)},
        )
        state.jobs.wait(state.jobs.all()[-1].number)
    expect(page.get_by_role("heading", name="2 runs finished")).to_be_visible()
    expect(page.locator(".job.failed")).to_have_count(1)
    chromium.assert_fits(page)
    chromium.assert_accessible(page)
    page.get_by_role("button", name="Dismiss all").click()
    expect(page.locator(".job.line")).to_have_count(0)
    page.get_by_role("link", name=re.compile("All about")).click()
    expect(page.locator("h1")).to_have_text("failing:v1 on streets:v1")
    chromium.assert_accessible(page)
    # Of a run that is removed, pictures that are still asked for would not be found.
    page.goto(f"{origin_of(filled)}/runs/r1", wait_until="networkidle")
    page.get_by_text("Note, tags, remove").click()
    page.get_by_role("button", name="Remove r1").click()
    expect(page.get_by_role("row", name=re.compile("^r1 "))).to_have_count(0)
    page.get_by_role("button", name="Bring it back").click()
    expect(page.get_by_role("row", name=re.compile("^r1 "))).to_have_count(1)


def test_a_page_says_what_the_command_line_has_changed(filled, open_page, tmp_path):
    page = visit(open_page, filled, path="/datasets")
    Workspace(tmp_path).models.add("late", predictions=tmp_path / "better")
    expect(page.locator("#banner")).to_contain_text("Models have changed. Show what is new")
    page.get_by_role("link", name="Show what is new").click()
    expect(page.locator("#banner")).to_be_hidden()


def test_a_browser_without_a_cookie_pastes_the_token(browser, filled):
    origin = origin_of(filled)
    page, watch = chromium.open_watched(browser, f"{origin}/runs?find=net", origin=origin)
    expect(page.locator("h1")).to_have_text("This browser has not been let in.")
    chromium.assert_accessible(page)
    chromium.assert_fits(page)
    page.get_by_label("The address, or its token").fill(filled.address)
    page.get_by_role("button", name="Let me in").click()
    expect(page).to_have_url(f"{origin}/runs?find=net")
    expect(page.get_by_role("heading", name="Runs", exact=True)).to_be_visible()
    assert all("403" in problem for problem in watch.close())
