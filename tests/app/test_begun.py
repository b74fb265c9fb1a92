"""Jobs that are finished fold; runs that are no results, and jobs that failed, have pages of their own."""

import pytest

from segscore import Workspace
from segscore.app.job_texts import job_panel
from segscore.app.jobs import Job
from segscore.app.tasks import Problem, Task
from support.applications import Visitor, until, workspace_of
from support.pages import Page
from support.some_runs import interrupted


def ended(number, state="finished", **facts):
    """Return a job that has ended."""
    usual = {"run": f"r{number}", "dataset": "a:v1", "done": 6, "total": 6, "mean_iou": 0.5}
    return Job(number, Task("a:v1", f"net:v{number}"), state=state, **{**usual, **facts})


def test_finished_jobs_are_lines_and_failed_ones_stay_open():
    problem = Problem("one\ntwo\nthree\nfour\nfive", "try again")
    jobs = [ended(1), ended(2, "failed", problem=problem), ended(3, failures=2, warnings=("seen",)), ended(4)]
    page = Page(job_panel(jobs).body).root
    (failed,) = page.one("ul", class_="jobs").every("li")
    assert failed.one("p", class_="job-title").text == "failed net:v2 on a:v1"
    assert failed.one("a", id="job-2-page").attributes["href"] == "/jobs/2"
    finished = page.one("div", class_="finished")
    assert finished.one("h3").text == "3 runs finished"
    lines = [*finished.one("ul").every("li")]
    assert [line.attributes["id"] for line in lines] == ["job-4", "job-3", "job-1"]
    assert lines[0].text == "finished net:v4 on a:v1 run r4, mean IoU 0.5000 See the result Dismiss"
    assert lines[1].one("a", class_="warn").text == "2 of 6 images failed"
    assert lines[1].one("a", class_="warn").attributes["href"] == "/runs/r3"
    assert lines[1].one("span").attributes["class"] == "state partial"
    assert lines[1].one("details").text == "1 warning seen"
    assert lines[1].attributes["data-told"] == (
        "net:v3 on a:v1: finished, run r3, mean IoU 0.5000 of 4 of 6 images, 2 of 6 images failed."
    )
    assert finished.one("input").attributes == {"type": "hidden", "name": "up_to", "value": "4"}
    added = Job(5, Task("b", adding={"targets": "t", "classes": "2"}), state="finished", dataset="b:v1")
    assert Page(job_panel([*jobs, added]).body).root.one("h3").text == "4 jobs finished"
    assert not [*Page(job_panel([ended(2, "cancelled")]).body).root.every("div", class_="finished")]


def test_all_that_is_finished_is_dismissed_as_far_as_it_was_shown(tmp_path):
    with Visitor(workspace_of(tmp_path, images=2)) as visitor:
        visitor.jobs.close()  # so that nothing is done with these
        states = ("finished", "failed", "queued", "finished", "finished")
        visitor.jobs._jobs.update({n: ended(n, state) for n, state in enumerate(states, 1)})
        stamp = visitor.jobs.stamp
        for wrong in ("", "x", "-1", "9" * 5000):
            visitor.form("/jobs/dismiss", up_to=wrong)
        assert (len(visitor.jobs.all()), visitor.jobs.stamp) == (5, stamp)
        assert visitor.sent("/jobs/dismiss", up_to="4") == "/"
        assert [job.number for job in visitor.jobs.all()] == [2, 3, 5]
        assert visitor.jobs.stamp > stamp


def test_a_run_that_was_there_says_how_many_images_failed(tmp_path):
    workspace = workspace_of(tmp_path, images=3)
    (tmp_path / "better" / "sun_000.png").write_bytes(b"no picture")
    workspace.models.add("net", predictions=tmp_path / "better")
    with Visitor(workspace) as visitor:
        for known in (False, True):
            job = visitor.evaluated("net:v3")
            assert (job.state, job.known, job.failures, job.total) == ("finished", known, 1, 3)
            assert job.mean_iou == workspace.runs()["r1"].metric("mean_iou")
        assert visitor.get("/").text.count("1 of 3 images failed</a>") == 2


def test_a_failed_job_has_a_page_with_the_whole_message(tmp_path):
    workspace = workspace_of(tmp_path, images=8)
    workspace.models.add("failing", python="app_test_models:failing")
    with Visitor(workspace) as visitor:
        job = visitor.evaluated("failing", resize="nearest")
        assert len(job.problem.message.split("\n")) > 4
        page = Page(visitor.get("/jobs/1").text).root
        assert page.one("h1").text == "failing:v1 on streets:v1"
        said = next(page.one("div", class_="problem").every("p")).text
        assert said.split() == job.problem.message.replace("`", "").split()
        assert page.one("button", id="job-1-retry").text == "Try again"
        assert "resize nearest" in page.one("dl").text
        gone = visitor.get("/jobs/2")
        assert gone.status_code == 404
        assert "this job is no longer listed" in gone.text


@pytest.mark.slow
def test_a_run_at_work_has_a_page_with_its_progress(tmp_path):
    workspace = workspace_of(tmp_path, images=6)
    workspace.models.add("stuck", python="app_test_models:stuck")
    with Visitor(workspace) as visitor:
        visitor.sent("/evaluate", model="stuck", dataset="streets")
        until(lambda: visitor.jobs.all()[0].run is not None)
        page = Page(visitor.get("/runs/r1").text).root
        assert page.one("p", class_="lede").text.startswith("It is at work.")
        assert page.one("li", id="job-1").attributes["data-state"] == "running"
        assert page.one("button", id="job-1-cancel").text == "Cancel"
        other = Visitor(workspace)
        text = other.get("/runs/r1").text
        assert "Another process is at work on it" in text
        assert "/runs/r1/remove" not in text
        other.close()


def test_runs_that_are_no_results_have_pages_that_say_what_can_be_done(tmp_path):
    workspace = workspace_of(tmp_path, images=4)
    interrupted(workspace, "net:v1", "streets", at=2)
    interrupted(workspace, "net:v2", "streets", at=0)
    runs = tmp_path / ".segscore" / "runs"
    (runs / "r2" / "pending.db").write_bytes(b"no database" * 100)
    workspace.run("net:v1", "streets", progress=False)
    (last,) = [run.id for run in workspace.runs()]
    with Visitor(workspace) as visitor:
        damaged = visitor.get("/runs/r2")
        assert damaged.status_code == 200
        assert "expected what run r2 has done so far, found a damaged file" in damaged.text
        assert "/runs/r2/go-on" not in damaged.text
        assert 'action="/runs/r2/remove"' in damaged.text
        # One that is finished, without its evaluation, and then without a manifest that can be read.
        (runs / last / "evaluation.npz").write_bytes(b"no archive")
        broken = visitor.get(f"/runs/{last}").text
        assert f"expected the evaluation of run {last}, found another kind of file" in broken
        assert f'action="/runs/{last}/again"' in broken
        (runs / last / "run.json").write_text("{")
        broken = visitor.get(f"/runs/{last}").text
        assert f"expected the manifest of run {last}, version run, found another kind" in broken
        assert f'action="/runs/{last}/remove"' in broken
        (tmp_path / ".segscore" / "index.db").unlink()  # which still knows it
        assert "the manifest of run" in str(Workspace(tmp_path).damage(last))
        assert Workspace(tmp_path).damage("r77") is None
        with pytest.warns(match="is left out"):
            broken = visitor.get(f"/runs/{last}").text
        assert f"expected the manifest of run {last}, version run, found another kind" in broken
        assert f'action="/runs/{last}/again"' not in broken
        assert visitor.get("/runs/r77").status_code == 404
        assert visitor.get("/runs/..%2f..").status_code == 404


def test_an_interrupted_run_has_a_page(tmp_path):
    workspace = workspace_of(tmp_path, images=4)
    interrupted(workspace, "net:v1", "streets", at=2)
    with Visitor(workspace) as visitor:
        page = Page(visitor.get("/runs/r1").text).root
        assert page.one("h1").text == "net:v1 on streets:v1"
        assert next(page.every("p", class_="lede")).text.startswith("It was interrupted. It goes on where")
        (begun,) = workspace.unfinished()
        assert f"images so far {begun.done} of 4 options" in page.one("dl").text
        assert page.one("button", id="unfinished-r1-go-on").text == "Go on"
        visitor.sent("/runs/r1/go-on")
        assert visitor.jobs.wait(1).state == "finished"
        assert "net:v1 on streets:v1" in Page(visitor.get("/runs/r1").text).root.one("h1").text
