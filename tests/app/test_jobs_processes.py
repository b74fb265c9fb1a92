"""Processes of jobs: models that warn, fork, or do not end leave the jobs after them alone."""

from pathlib import Path

import pytest

from segscore.app.jobs import Job, Jobs
from segscore.app.tasks import Problem, Task
from support.applications import is_alive, until, workspace_of

pytestmark = pytest.mark.slow

MODELS = """
import ctypes
import os
import threading
import time
import warnings
from pathlib import Path

HERE = Path(__file__).parent
DONE = []

def nearest(image):
    return (image[:, :, 2] > 127).astype("uint8")

def warning(image):
    def warn(thread):
        for i in range(10):
            warnings.warn(f"{thread}.{i} " + "long " * 60_000)
    threads = [threading.Thread(target=warn, args=(i,)) for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return nearest(image)

def chatty(image):
    for i in range(5_000):
        warnings.warn(f"{len(DONE)}.{i}")
    DONE.append(1)
    return nearest(image)

class Late:
    def __del__(self):
        warnings.warn("a destructor")

def destroying(image):
    late = Late()
    late.itself = late
    del late
    warnings.warn(f"{len(DONE)}")
    DONE.append(1)
    return nearest(image)

def _remember(number):
    path = HERE / "child.partial"
    path.write_text(str(number))
    path.rename(HERE / "child.txt")

def forking(image):
    if not DONE:
        DONE.append(1)
        child = os.fork()
        if child == 0:
            warnings.warn("of the child")
            time.sleep(1000)
            os._exit(0)
        _remember(child)
    return nearest(image)

def forking_in_c(image):
    if not DONE:
        DONE.append(1)
        child = ctypes.PyDLL(None).fork()
        if child == 0:
            time.sleep(1000)
            os._exit(0)
        _remember(child)
    return nearest(image)

def forking_and_patient(image):
    forking(image)
    time.sleep(0.3)
    return nearest(image)

def leaving_a_thread(image):
    if not DONE:
        DONE.append(1)
        threading.Thread(target=time.sleep, args=(1000,)).start()
    return nearest(image)

def babbling(image):
    for entry in os.listdir("/proc/self/fd"):
        if int(entry) > 2 and os.readlink(f"/proc/self/fd/{entry}").startswith("pipe:"):
            os.write(int(entry), b"no message\\n")
    time.sleep(1000)

def verbose_failure(image):
    raise RuntimeError("x" * 5_000_000)
"""


@pytest.fixture
def jobs(tmp_path):
    workspace = workspace_of(tmp_path)
    (tmp_path / "odd_models.py").write_text(MODELS)
    running = Jobs(tmp_path)
    running.workspace = workspace
    yield running
    running.close()


def begun(jobs: Jobs, model: str) -> int:
    """Begin a run of a model of this module; return the number of its job."""
    jobs.workspace.models.add(model, python=f"odd_models:{model}")
    return jobs.add(Task("streets:v1", f"{model}:v1")).number


def ended(jobs: Jobs, model: str) -> Job:
    return jobs.wait(begun(jobs, model))


def assert_next_is_done(jobs: Jobs) -> None:
    assert jobs.wait(jobs.add(Task("streets:v1", "net:v2")).number, 30).state == "finished"


def child_of(folder: Path) -> int:
    """Return the process that a model has started, once there is one."""
    path = folder / "child.txt"
    until(path.exists)
    return int(path.read_text())


# What a model says


def test_warnings_of_several_threads_arrive_whole(jobs):
    job = ended(jobs, "warning")
    assert (job.state, job.problem) == ("finished", None)
    assert len(job.warnings) == 20
    for text in job.warnings:
        begin, left_out, end = text.split("\n")
        assert len(begin) == 2_000
        assert begin[:9] in {f"{thread}.{i} long " for thread in range(3) for i in range(10)}
        assert left_out == "… (296,004 characters left out) …"
        assert len(end) == 2_000
    assert_next_is_done(jobs)


def test_warnings_are_counted_where_they_are_too_many(jobs):
    job = ended(jobs, "chatty")
    assert job.state == "finished"
    assert job.warnings == tuple(f"0.{i}" for i in range(20))
    assert job.more_warnings == 6 * 5_000 - 20


def test_a_destructor_may_warn_at_any_time(jobs):
    job = ended(jobs, "destroying")
    assert job.state == "finished"
    assert set(job.warnings) <= {"a destructor", *"012345"}
    assert set("012345") <= set(job.warnings)


def test_an_error_of_any_length_can_be_shown(jobs):
    problem = ended(jobs, "verbose_failure").problem
    assert len(problem.message) < 41_000
    assert "characters left out) …" in problem.message


def test_what_cannot_be_read_of_a_process_ends_its_job_alone(jobs):
    job = ended(jobs, "babbling")
    assert job.state == "failed"
    assert job.problem == Problem(
        "the job was ended by a defect of segscore: JSONDecodeError: Expecting value: line 1 column 1 "
        "(char 0)",
        "please report it. What was done is kept: trying again goes on where it stopped",
    )
    assert_next_is_done(jobs)


def test_a_process_that_ends_at_once_ends_its_job_alone(jobs, monkeypatch):
    monkeypatch.setattr("sys.executable", "/bin/false")
    # More than a pipe holds, so that it cannot be written any more.
    job = jobs.wait(jobs.add(Task("streets:v1", "net:v1", options={"batch": "8" * 200_000})).number)
    assert job.state == "failed"
    assert job.problem.message == "the process that ran the model ended with code 1, and said nothing"
    monkeypatch.undo()
    assert_next_is_done(jobs)


# What a model leaves behind


@pytest.mark.parametrize("model", ["forking", "forking_in_c"])
def test_children_of_a_model_end_with_its_job(jobs, tmp_path, model):
    job = ended(jobs, model)
    assert (job.state, job.warnings) == ("finished", ())
    assert_next_is_done(jobs)
    until(lambda: not is_alive(child_of(tmp_path)), 5)


@pytest.mark.parametrize("ended_with", ["job", "application"])
def test_children_of_a_model_end_before_it_does(jobs, tmp_path, ended_with):
    number = begun(jobs, "forking_and_patient")
    child = child_of(tmp_path)
    assert is_alive(child)
    if ended_with == "application":
        assert jobs.close() is not None
    else:
        jobs.cancel(number)
        assert jobs.wait(number, 20).state == "cancelled"
        assert_next_is_done(jobs)
    until(lambda: not is_alive(child), 5)


def test_threads_of_a_model_do_not_keep_the_jobs_that_wait(jobs, monkeypatch):
    monkeypatch.setattr("segscore.app.process.PATIENCE", 0.5)
    assert ended(jobs, "leaving_a_thread").state == "finished"
    assert_next_is_done(jobs)
