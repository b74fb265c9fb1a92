"""The application while jobs begin and end: what a reader uses, has opened, and is told."""

import re

import pytest

from segscore.app.tasks import Task
from support.applications import workspace_of
from support.serving import expect, job, served, visit


@pytest.fixture
def filled(tmp_path):
    """An application with models that work, fail, and take their time."""
    workspace = workspace_of(tmp_path, images=60)
    for name in ("patient", "failing"):
        workspace.models.add(name, python=f"app_test_models:{name}")
    with served(workspace) as application:
        yield application


def test_what_is_in_use_stays_in_use_when_a_job_changes(filled, open_page):
    page = visit(open_page, filled)
    for used in (
        page.get_by_role("button", name="Evaluate net:v1", exact=True),
        page.get_by_role("link", name="Evaluate with a new dataset: net:v2"),
        page.get_by_role("link", name="Add a model"),
    ):
        used.focus()
        number = filled.state.jobs.add(Task("streets:v1", "patient:v1", options={"again": True})).number
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
    number = filled.state.jobs.add(Task("streets:v1", "patient:v1")).number
    expect(page.locator(f"#job-{number}")).to_contain_text("running")
    filled.state.jobs.cancel(number)
    expect(told).to_have_text(re.compile("^patient:v1 on streets:v1: (cancelled|interrupted)"))
