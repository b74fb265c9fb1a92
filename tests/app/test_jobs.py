"""Jobs of the application: one at a time, cancelled, failing, interrupted, and gone on with."""

import signal

import pytest

from segscore import ArgumentError, Workspace
from segscore.app.job_texts import job_panel
from segscore.app.jobs import Job, Jobs
from segscore.app.tasks import Problem, Task
from support.applications import Visitor, hurry, until, workspace_of
from support.pages import Page
from support.refused import refused


@pytest.fixture
def visitor(tmp_path):
    workspace = workspace_of(tmp_path)
    for name in ("patient", "failing", "leaving", "crashing"):
        workspace.models.add(name, python=f"app_test_models:{name}")
    with Visitor(workspace) as visitor:
        yield visitor


def started(visitor: Visitor, model: str = "patient") -> int:
    """Start a run; return the number of the job once the model is at work."""
    visitor.sent("/evaluate", model=model, dataset="streets")
    number = visitor.jobs.all()[-1].number
    until(lambda: job_of(visitor, number).done > 0)
    return number


def job_of(visitor: Visitor, number: int) -> Job:
    return next(job for job in visitor.jobs.all() if job.number == number)


def test_a_run_is_computed_once(visitor):
    job = visitor.evaluated("net:v1")
    assert (job.state, job.run, job.known, job.problem) == ("finished", "r1", False, None)
    assert (job.done, job.total, job.failures) == (6, 6, 0)
    again = visitor.evaluated("net:v1")
    assert (again.state, again.run, again.known) == ("finished", "r1", True)
    assert len(visitor.workspace.runs()) == 1
    said = "nothing was computed: run r1 is of the same model, dataset and options"
    assert said in visitor.get("/").text
    assert visitor.sent("/runs/r1/again") == "/evaluation?model=net%3Av1&dataset=streets%3Av1"
    third = visitor.jobs.wait(visitor.jobs.all()[-1].number)
    assert (third.run, third.known) == ("r2", False)


def test_what_is_asked_for_twice_at_once_is_done_once(visitor):
    for _ in range(3):
        visitor.sent("/evaluate", model="patient", dataset="streets")
    assert len(visitor.jobs.all()) == 1


@pytest.mark.slow
def test_one_runs_and_the_others_wait(visitor):
    first = started(visitor)
    second = visitor.jobs.add(Task("streets:v1", "net:v2"))
    assert [job.state for job in visitor.jobs.all()] == ["running", "queued"]
    state = visitor.get("/state").json()
    assert state["work"] == "2 jobs at work"
    assert [job["state"] for job in state["jobs"]] == ["running", "queued"]
    visitor.sent(f"/jobs/{first}/dismiss")
    assert job_of(visitor, first).active
    shown = state["jobs"][0]
    assert shown["title"] == "patient:v1 on streets:v1"
    assert shown["count"].endswith(" of 6 images")
    assert shown["score"].startswith("mean IoU so far ")
    hurry(visitor.workspace)
    assert visitor.jobs.wait(second.number).state == "finished"
    assert job_of(visitor, first).state == "finished"


@pytest.mark.slow
def test_a_job_that_is_cancelled_can_go_on(visitor):
    number = started(visitor)
    assert visitor.sent(f"/jobs/{number}/cancel") == "/#jobs"
    job = visitor.jobs.wait(number)
    assert (job.state, job.problem) == ("cancelled", None)
    assert 0 < job.done < job.total
    (unfinished,) = visitor.workspace.unfinished()
    assert (unfinished.id, unfinished.held) == ("r1", False)
    text = visitor.get("/").text
    assert f"{job.done} of 6 images are done; run r1 can go on" in text
    hurry(visitor.workspace)
    visitor.sent(f"/jobs/{number}/retry")
    last = visitor.jobs.wait(visitor.jobs.all()[-1].number)
    assert (last.state, last.run) == ("finished", "r1")
    assert last.before > 0
    assert visitor.workspace.unfinished() == []


@pytest.mark.slow
def test_a_job_that_waits_is_cancelled_at_once(visitor):
    first = started(visitor)
    second = visitor.jobs.add(Task("streets:v1", "net:v2"))
    visitor.sent(f"/jobs/{second.number}/cancel")
    assert job_of(visitor, second.number).state == "cancelled"
    visitor.sent(f"/jobs/{first}/cancel")
    visitor.sent(f"/jobs/{first}/cancel")
    visitor.jobs.wait(first)
    assert [run.id for run in visitor.workspace.runs()] == []
    for job in visitor.jobs.all():
        visitor.sent(f"/jobs/{job.number}/dismiss")
    assert visitor.jobs.all() == ()


def test_a_failing_model_shows_its_message_and_where(visitor):
    job = visitor.evaluated("failing")
    assert job.state == "failed"
    assert job.problem.message.startswith("none of 6 images could be scored:\n  rain_001: ")
    assert "RuntimeError: out of <b>memory</b>" in job.problem.message
    assert 'app_test_models.py", line' in job.problem.message
    text = visitor.get("/").text
    assert "out of &lt;b&gt;memory&lt;/b&gt;" in text
    assert "out of <b>memory</b>" not in text
    # What comes after it is not touched.
    assert visitor.evaluated("net").state == "finished"


@pytest.mark.slow
def test_a_model_that_ends_python_fails_like_any_other(visitor):
    job = visitor.evaluated("leaving")
    assert job.state == "failed"
    assert job.problem.message.startswith("SystemExit: 3") or "SystemExit" in job.problem.message
    assert "app_test_models.py" in job.problem.message + job.problem.traceback


@pytest.mark.slow
def test_a_model_that_crashes_takes_nobody_with_it(visitor):
    job = visitor.evaluated("crashing")
    assert job.state == "failed"
    assert job.problem == Problem(
        f"the process that ran the model was killed by signal {signal.SIGABRT.value}, and said nothing",
        "the terminal may say more; memory that runs out is a common cause. What was done is kept: trying "
        "again goes on where it stopped",
    )
    assert visitor.evaluated("net").state == "finished"


def test_a_dataset_is_added_and_the_model_run_on_it(visitor):
    folder = visitor.workspace.path
    fields = {
        "images": f"{folder}/images",
        "targets": f"{folder}/targets",
        "classes": f"{folder}/classes.toml",
    }
    visitor.sent("/datasets/new", model="net:v1", name="avenues", groups=r"^(\w+?)_", **fields)
    job = visitor.jobs.wait(visitor.jobs.all()[-1].number)
    assert (job.state, job.run, job.dataset) == ("finished", "r1", "avenues:v1")
    dataset = visitor.workspace.datasets["avenues"]
    assert set(dataset.groups) == {"rain", "sun"}
    assert visitor.workspace.runs()["r1"].dataset == "avenues:v1"


@pytest.mark.slow
def test_when_the_application_ends_a_run_can_go_on_in_the_next_one(visitor, tmp_path):
    options = {"resize": "nearest", "batch": 2}
    number = visitor.jobs.add(Task("streets:v1", "patient:v1", options=options)).number
    until(lambda: job_of(visitor, number).done > 0)
    waiting = visitor.jobs.add(Task("streets:v1", "net:v2"))
    assert visitor.jobs.close().number == number
    assert job_of(visitor, number).state == "cancelled"
    assert job_of(visitor, waiting.number).state == "queued"
    (unfinished,) = visitor.workspace.unfinished()
    assert dict(unfinished.options) == {**options, "interpolation": "bilinear"}
    with Visitor(Workspace(tmp_path)) as later:
        assert "Go on with r1" in later.get("/").text
        hurry(later.workspace)
        assert later.sent("/runs/r1/go-on") == "/evaluation?model=patient%3Av1&dataset=streets%3Av1"
        job = later.jobs.wait(1)
        assert (job.state, job.run) == ("finished", "r1")
        assert job.before > 0
        assert dict(later.workspace.runs()["r1"].options) == dict(unfinished.options)


def test_a_run_that_is_not_interrupted_does_not_go_on(visitor):
    answer = visitor.form("/runs/r7/go-on")
    assert answer.status_code == 400
    assert "run r7 is not one that was interrupted" in answer.text


@pytest.mark.slow
def test_a_process_that_does_not_stop_is_ended(tmp_path, monkeypatch):
    workspace = workspace_of(tmp_path, images=2)
    workspace.models.add("stuck", python="app_test_models:stuck")
    monkeypatch.setattr("segscore.app.process.PATIENCE", 0.2)
    jobs = Jobs(tmp_path)
    number = jobs.add(Task("streets:v1", "stuck:v1")).number
    until(lambda: jobs.all()[0].phase == "running")
    jobs.cancel(number)
    assert jobs.all()[0].stopping
    assert jobs.wait(number).state == "cancelled"
    jobs.close()
    assert [run.held for run in workspace.unfinished()] == [False]


def test_not_too_many_wait(tmp_path, monkeypatch):
    monkeypatch.setattr("segscore.app.jobs._QUEUED", 2)
    workspace_of(tmp_path, images=2)
    jobs = Jobs(tmp_path)
    jobs.close()  # so that nothing is taken from the queue
    for model in ("net:v1", "net:v2"):
        jobs.add(Task("streets:v1", model))
    said = "2 jobs are waiting\nhint: cancel some, or wait until they end"
    assert refused(ArgumentError, jobs.add, Task("streets:v1", "net:v3")) == said
    assert jobs.add(Task("streets:v1", "net:v1")).number == 1


def test_a_task_has_work():
    with pytest.raises(ValueError, match=r"^a task without work$"):
        Task("streets")


def test_the_rate_is_of_this_start_alone():
    job = Job(1, Task("a", "b"), state="running", done=30, before=10, total=50, seconds=4.0)
    assert (job.rate, job.left) == (5.0, 4.0)
    assert Job(1, Task("a", "b"), done=10, before=10, total=50, seconds=4.0).left is None


def test_a_page_lists_few_warnings_and_says_how_many_more():
    made = Job(1, Task("a", "b"), state="finished", warnings=("one", "two"), more_warnings=117_757)
    said = [element.text for element in Page(job_panel([made]).body).root.every(class_="warning")]
    assert said == ["one", "two", "and 117,757 more warnings"]
