"""The application in a browser: from an empty workspace to a comparison, cancel, failures, two tabs."""

import re

import pytest

from segscore import Workspace, compare
from segscore.app.server import first_page
from segscore.app.tasks import Task
from support import chromium
from support.applications import hurry, until, workspace_of, write_project
from support.serving import expect, job, origin_of, served, visit


@pytest.fixture
def empty(tmp_path, monkeypatch):
    """An application without anything in it, and a project beside it."""
    write_project(tmp_path / "project", images=30)
    monkeypatch.chdir(tmp_path / "project")
    with served(Workspace.init(tmp_path / "project")) as application:
        yield application


def add_model(page, predictions):
    """Add a version of the model `net`, a folder of predictions."""
    page.get_by_role("link", name="Add a model").click()
    page.get_by_label("Name", exact=True).fill("net")
    page.get_by_label(re.compile("Folder of predictions")).check()
    page.get_by_label("Where it is").fill(predictions)
    page.get_by_role("button", name="Add the model").click()


def test_from_an_empty_workspace_to_a_comparison_of_two_runs(empty, open_page):
    page = visit(open_page, empty)
    add_model(page, "worse")
    page.get_by_role("link", name="Evaluate with a new dataset: net:v1").click()
    page.get_by_role("tab", name="New folders").click()

    page.get_by_label("Name", exact=True).fill("streets")
    page.get_by_label("Folder of images").fill("images")
    page.get_by_label("Folder of targets").fill("targets")
    page.get_by_label("Classes").fill("classes.toml")
    page.get_by_text("Groups, attributes, names that differ, and other formats").click()
    page.get_by_label("Groups").fill("^(night)_")
    page.get_by_role("button", name="Add it and evaluate").click()
    failed = job(page, "net:v1 on streets")
    expect(failed).to_contain_text("^(night)_ finds no group")
    expect(failed).to_contain_text("images with targets, classes classes.toml")
    chromium.assert_accessible(page)
    chromium.assert_fits(page)
    failed.get_by_role("link", name="Change the form").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("streets")
    page.get_by_label("Groups").fill(r"^(\w+?)_")
    page.get_by_role("button", name="Add it and evaluate").click()
    expect(page.get_by_role("link", name="run r1")).to_be_visible()

    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Models").click()
    add_model(page, "better")
    expect(page.get_by_label("Evaluation dataset for net:v2")).to_have_value("streets:v1")
    page.get_by_role("button", name="Evaluate net:v2", exact=True).click()

    expect(page.locator("h1")).to_have_text("Evaluation results")
    expect(page.locator("#summary-title")).to_have_text("net:v2 on streets:v1")
    runs = empty.state.workspace.runs()
    expect(page.locator(".figure.main .big")).to_have_text(f"{runs['r2'].metric('mean_iou'):.4f}")
    page.get_by_label("Compare with").select_option("r1")
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.locator("h1")).to_have_text("net:v2 (r2) compared with net:v1 (r1)")
    page.get_by_role("link", name="Swap").click()
    expect(page.locator("h1")).to_have_text("net:v1 (r1) compared with net:v2 (r2)")
    found = compare(runs["r1"].evaluation, runs["r2"].evaluation)
    expect(page.locator("main")).to_contain_text(f"{found['mean_iou'].b:.4f}")
    picture = page.locator("#pictures img").first
    picture.scroll_into_view_if_needed()
    until(lambda: picture.evaluate("image => image.naturalWidth") == 30)


def test_progress_is_live_and_a_run_is_cancelled_and_gone_on_with(filled, open_page):
    page = visit(open_page, filled)
    page.get_by_label("Evaluation dataset for patient:v1").select_option("streets:v1")
    page.get_by_role("button", name="Evaluate patient:v1", exact=True).click()
    page.get_by_role("link", name="Models", exact=True).first.click()
    running = job(page, "patient:v1 on streets:v1")
    expect(running).to_contain_text(re.compile(r"[2-9] of 30 images"))
    expect(running).to_contain_text(re.compile(r"[\d.]+ images/s"))
    expect(running).to_contain_text(re.compile(r"\d+ s left"))
    expect(running).to_contain_text(re.compile(r"mean IoU so far [01]\.\d{4}"))
    expect(page.locator("#work")).to_contain_text("1 job at work")
    running.get_by_role("button", name=re.compile("Cancel")).click()
    expect(running).to_contain_text("interrupted")
    expect(running).to_contain_text("run r1 can go on")
    expect(page.locator("#work")).to_be_hidden()
    hurry(filled.state.workspace)
    running.get_by_role("button", name="Go on").click()
    expect(running).to_contain_text("run r1, mean IoU ")
    assert [run.id for run in filled.state.workspace.runs()] == ["r1"]


def test_two_tabs_see_the_same(filled, open_page):
    first = visit(open_page, filled)
    second = first.context.new_page()
    second.goto(first.url)
    second.get_by_label("Evaluation dataset for net:v2").select_option("streets:v1")
    filled.state.jobs.add(Task("avenues:v1", "patient:v1"))
    filled.state.jobs.add(Task("avenues:v1", "net:v1"))
    for page in (first, second):
        expect(job(page, "patient:v1 on")).to_contain_text(re.compile(r"[1-9]\d* of 30 images"))
        expect(job(page, "net:v1 on")).to_contain_text("waiting")
    job(first, "net:v1 on").get_by_role("button", name=re.compile("Cancel")).click()
    expect(job(second, "net:v1 on")).to_contain_text("cancelled")
    second.get_by_label("Evaluation dataset for net:v2").select_option("streets:v1")
    hurry(filled.state.workspace)
    expect(job(second, "patient:v1 on")).to_contain_text("finished")
    expect(job(first, "patient:v1 on")).to_contain_text("finished")
    # What was chosen stays, though the part of the page was renewed.
    expect(second.get_by_label("Evaluation dataset for net:v2")).to_have_value("streets:v1")
    titles = [page.locator(".job-title").all_inner_texts() for page in (first, second)]
    assert titles[0] == titles[1] == ["cancelled net:v1 on avenues:v1", "finished patient:v1 on avenues:v1"]


def test_a_run_goes_on_when_its_tab_is_closed(filled, open_page):
    page = visit(open_page, filled)
    page.get_by_role("button", name="Evaluate patient:v1", exact=True).click()
    expect(page.locator("#state")).to_contain_text("running")
    other = page.context.new_page()
    page.close()
    hurry(filled.state.workspace)
    assert filled.state.jobs.wait(1).state == "finished"
    other.goto(origin_of(filled))
    expect(job(other, "patient:v1 on")).to_contain_text("run r1, mean IoU ")


def test_a_form_is_sent_once(filled, open_page):
    page = visit(open_page, filled)
    page.get_by_role("button", name="Evaluate patient:v1", exact=True).dblclick()
    expect(page.locator("#state")).to_contain_text(re.compile(r"[1-9]\d* of 30 images"))
    assert len(filled.state.jobs.all()) == 1


def test_an_application_that_has_ended_is_noticed(browser, tmp_path):
    with served(workspace_of(tmp_path, 2)) as application:
        page, watch = chromium.open_watched(browser, application.address, origin=origin_of(application))
    expect(page.locator("#banner")).to_contain_text("The application does not answer.")
    assert all("Failed to load resource" in problem for problem in watch.close())


def test_the_history_is_sorted_filtered_and_noted(open_page, computed):
    page = visit(open_page, computed, path="/runs")
    rows = page.locator("#runs-table tbody tr:visible")
    every = len(computed.state.workspace.runs())
    expect(rows).to_have_count(every)
    page.get_by_label("Filter").fill("half of")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("net:v1")
    page.get_by_label("Filter").fill("")
    page.get_by_role("button", name="mean IoU").click()
    scores = rows.locator("td:nth-child(5)").all_text_contents()
    assert scores == sorted(scores)
    choose = [page.get_by_label(re.compile(f"Compare {run}:")) for run in ("r1", "r2", "r3")]
    button = page.get_by_role("button", name="Compare the chosen")
    expect(button).to_be_disabled()
    choose[1].check()
    expect(button).to_be_disabled()
    choose[2].check()
    button.click()
    expect(page).to_have_url(re.compile(r"/compare\?run=r[23]&run=r[23]$"))
    page.go_back()
    page.get_by_label("More about r2").click()
    page.get_by_label("Note on r2").fill("<img src=x onerror=alert(1)>")
    page.get_by_role("button", name="Keep the note").locator("visible=true").click()
    expect(page.get_by_role("row", name=re.compile("^r2"))).to_contain_text("<img src=x onerror=alert(1)>")
    assert computed.state.workspace.runs()["r2"].note == "<img src=x onerror=alert(1)>"


def test_the_matrix_shows_the_metric_that_is_chosen(open_page, computed):
    page = visit(open_page, computed, path="/matrix")
    choice = page.get_by_label("Metric")
    choice.focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    # Choosing alone goes nowhere: whoever uses the keyboard passes metrics that are not meant.
    page.wait_for_timeout(300)
    expect(page).to_have_url(re.compile(r"/matrix$"))
    expect(choice).to_be_focused()
    choice.select_option("iou.sky")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile(r"metric=iou.sky$"))
    value = computed.state.workspace.runs()["r1"].metric("iou.sky")
    expect(page.get_by_role("row", name=re.compile("^net:v1"))).to_contain_text(f"{value:.4f}")


PAGES = [
    "/",
    "/matrix",
    "/runs",
    "/runs/r2",
    "/compare?run=r1&run=r2",
    "/datasets",
    "/datasets/new?model=net",
    "/evaluate/dataset?model=net",
    "/evaluation?model=net:v2&dataset=streets",
]
PAGES += ["/models/new", "/compare"]


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_for_everyone(open_page, computed, view, path):
    page = visit(open_page, computed, view, path)
    chromium.assert_fits(page)
    if view != "print":
        chromium.assert_accessible(page)


def test_everything_can_be_reached_with_the_keyboard(open_page, computed):
    page = visit(open_page, computed)
    page.get_by_label("Evaluation dataset for net:v2").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Evaluate net:v2", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#state")).to_contain_text("nothing was computed")


def test_the_first_page_leads_into_the_application(filled, browser):
    context = browser.new_context()
    with first_page(filled.address) as address:
        page = context.new_page()
        page.goto(address)
        expect(page).to_have_url(f"{origin_of(filled)}/")
        expect(page.get_by_role("heading", name="Models")).to_be_visible()
    context.close()
