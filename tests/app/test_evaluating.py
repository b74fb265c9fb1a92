"""All versions of a model are evaluated at once, but for those that have a result."""

import pytest

from segscore.app import jobs as jobs_module
from support.applications import Visitor, add_dataset, workspace_of
from support.pages import Page


@pytest.fixture
def visitor(tmp_path):
    workspace = workspace_of(tmp_path, images=2)
    workspace.models.add("net", python="app_test_models:nearest")
    with Visitor(workspace) as visitor:
        visitor.jobs.close()  # so that the queue stays as it is
        yield visitor


def queued(visitor):
    """Return the models of the jobs that wait, the datasets and the options."""
    return [(job.task.model, job.task.dataset, dict(job.task.options)) for job in visitor.jobs.all()]


def said(visitor, address):
    """Return the notice of the next page, and the fields of its button."""
    notice = Page(visitor.get(address.partition("#")[0]).text).root.one("div", class_="warning")
    fields = {one.attributes["name"]: one.attributes["value"] for one in notice.every("input")}
    return next(notice.every("p")).text, fields


def test_each_version_is_evaluated(visitor):
    assert visitor.sent("/evaluate/all", model="net:v1", dataset="streets", boundary="5px") == "/#jobs"
    assert queued(visitor) == [(f"net:v{n}", "streets:v1", {"boundary": ["5px"]}) for n in (1, 2, 3)]


def test_those_that_have_a_result_are_said_and_left_out_unless_asked_for(visitor):
    workspace = visitor.workspace
    workspace.run("net:v1", "streets", progress=False)
    workspace.run("net:v2", "streets", boundary="5px", progress=False)
    address = visitor.sent("/evaluate/all", model="net", dataset="streets")
    assert address == "/?said=1#jobs"
    assert queued(visitor) == [("net:v2", "streets:v1", {}), ("net:v3", "streets:v1", {})]
    text, fields = said(visitor, address)
    assert text == "2 of 3 versions of net are evaluated on streets:v1; v1 (run r1) has a result already"
    assert fields == {"model": "net", "dataset": "streets:v1", "again": "on"}
    address = visitor.sent("/evaluate/all", model="net", dataset="streets", boundary="5px")
    text, fields = said(visitor, address)
    assert text == "2 of 3 versions of net are evaluated on streets:v1; v2 (run r2) has a result already"
    assert fields["boundary"] == "5px"
    assert visitor.sent("/evaluate/all", **fields) == "/#jobs"
    again = {"again": True, "boundary": ["5px"]}
    assert queued(visitor)[-3:] == [(f"net:v{n}", "streets:v1", again) for n in (1, 2, 3)]


def test_a_version_that_cannot_be_run_is_said_and_left_out(visitor):
    add_dataset(visitor.workspace, "masks", images=None, groups=None)
    address = visitor.sent("/evaluate/all", model="net", dataset="masks")
    assert [model for model, _, _ in queued(visitor)] == ["net:v1", "net:v2"]
    text, fields = said(visitor, address)
    assert text.startswith(
        "2 of 3 versions of net are evaluated on masks:v1; net:v3 is a Python function, which"
    )
    assert fields == {}


def test_too_many_start_none_and_wrong_fields_are_said(visitor, monkeypatch):
    monkeypatch.setattr(jobs_module, "_QUEUED", 2)
    answer = visitor.form("/evaluate/all", model="net", dataset="streets")
    assert answer.status_code == 400
    assert "0 jobs are waiting, and 3 more are too many: expected at most 2" in answer.text
    assert queued(visitor) == []
    answer = visitor.form("/evaluate/all", model="net", dataset="streetz", within="x")
    elements = [one.attributes for one in Page(answer.text).root.every()]
    wrong = [one["name"] for one in elements if "aria-invalid" in one]
    assert wrong == ["dataset", "within"]


def test_the_form_offers_all_versions_where_there_are_several(visitor):
    page = Page(visitor.get("/evaluate/new?model=net:v2").text).root
    (button,) = [one for one in page.every("button") if "formaction" in one.attributes]
    assert (button.text, button.attributes["formaction"]) == (
        "Evaluate all 3 versions of net",
        "/evaluate/all",
    )
    visitor.workspace.models.add("one", python="app_test_models:nearest")
    assert "formaction" not in visitor.get("/evaluate/new?model=one").text
