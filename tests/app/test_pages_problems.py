"""What the application says of a job that failed, and of requests that cannot be answered."""

import pytest

from segscore import Workspace
from support.applications import Visitor, until, workspace_of
from support.pages import Page

MODELS = """
def unlucky(image):
    return {}["resize"]

def large(image):
    return image[:, :, 0].repeat(2, axis=0)

def five_labels(path):
    import numpy
    return numpy.zeros((5, 5), numpy.uint8)

def five_scores(image):
    import numpy
    return numpy.zeros((5, 5, 5), numpy.float32)
"""
BUTTON = "Resize predictions, and try again"


@pytest.fixture
def visitor(tmp_path):
    workspace = workspace_of(tmp_path, images=2)
    (tmp_path / "odd_models.py").write_text(MODELS)
    with Visitor(workspace) as visitor:
        yield visitor


def job_shown(visitor: Visitor) -> str:
    """Return the text of the only job that the first page lists, beside runs that were interrupted."""
    (job,) = visitor.jobs.all()
    return Page(visitor.get("/").text).id(f"job-{job.number}").text


def test_labels_of_another_size_can_be_resized(visitor):
    visitor.workspace.models.add("labels", python="odd_models:five_labels", options={"takes": "path"})
    job = visitor.evaluated("labels")
    assert (job.state, job.problem.kind) == ("failed", "shape")
    assert BUTTON in job_shown(visitor)
    visitor.sent(f"/jobs/{job.number}/retry", resize="nearest")
    assert visitor.jobs.wait(visitor.jobs.all()[-1].number).state == "finished"


@pytest.mark.parametrize(
    ("function", "options", "said"),
    [
        ("unlucky", {}, "resize"),
        ("large", {}, "resize"),
        ("five_scores", {"class_axis": 0}, "found 5 on axis 0 of (5, 5, 5)"),
        ("five_scores", {"class_axis": 0, "threshold": 0.5}, "found 5 on axis 0 of (5, 5, 5)"),
    ],
)
def test_resizing_is_not_offered_where_it_would_not_help(visitor, function, options, said):
    visitor.workspace.models.add("odd", python=f"odd_models:{function}", options=options)
    job = visitor.evaluated("odd")
    assert (job.state, job.problem.kind) == ("failed", "")
    assert said in f"{job.problem.message} {job.problem.hint}"
    assert BUTTON not in job_shown(visitor)


def test_a_module_that_cannot_be_imported_shows_where_it_fails(visitor, tmp_path):
    visitor.workspace.models.add("late", python="odd_models:unlucky")
    (tmp_path / "gone.txt").write_text("there")
    code = "import pathlib\n\nTEXT = (pathlib.Path(__file__).parent / 'gone.txt').read_text()\n\n" + MODELS
    (tmp_path / "needy_models.py").write_text(code)
    visitor.workspace.models.add("needy", python="needy_models:unlucky")
    (tmp_path / "gone.txt").unlink()
    problem = visitor.evaluated("needy").problem
    assert problem.kind == "model"
    assert 'needy_models.py", line 3, in <module>' in problem.traceback
    assert problem.traceback.splitlines()[-1].startswith("FileNotFoundError: ")
    assert "Where the code failed" in job_shown(visitor)


def test_what_turns_out_to_be_no_function_is_said_by_the_run(visitor, tmp_path):
    (tmp_path / "shared_models.py").write_text("from os import path\n")
    visitor.workspace.models.add("path", python="shared_models:path")
    problem = visitor.evaluated("path").problem
    assert (problem.message, problem.hint) == (
        "shared_models:path: expected a function, found module",
        "name something that can be called with an image",
    )


@pytest.mark.slow
def test_a_run_that_is_at_work_elsewhere_is_no_failure_of_code(visitor, tmp_path):
    visitor.workspace.models.add("stuck", python="app_test_models:stuck")
    with Visitor(Workspace(tmp_path)) as other:
        other.sent("/evaluate", model="stuck", dataset="streets")
        until(lambda: other.jobs.all()[0].phase == "running")
        problem = visitor.evaluated("stuck").problem
    assert (problem.message, problem.kind, problem.traceback) == (
        "another process is at work on run r1",
        "held",
        "",
    )
    text = job_shown(visitor)
    assert text.startswith("at work elsewhere stuck:v1 on streets:v1")
    assert "Where the code failed" not in text


@pytest.mark.parametrize(
    ("method", "address", "status", "title", "said"),
    [
        ("GET", "/nowhere", 404, "Not found", "There is no such page."),
        ("GET", "/evaluate", 405, "This cannot be done here", "This page is not used in this way."),
    ],
)
def test_a_page_that_is_none_leads_back(visitor, method, address, status, title, said):
    answer = visitor.request(method, address)
    page = Page(answer.text).root
    assert answer.status_code == status
    assert page.one("h1").text == title
    assert page.one(id="message").text == (
        f"{title} {said} go back to Models, where everything begins Models"
    )
    assert [link.attributes["href"] for link in page.one(id="message").every("a")] == ["/"]
