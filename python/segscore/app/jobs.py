"""The jobs of the application: a queue of tasks, one at a time, each in a process of its own (`process`).

Jobs do not depend on any page that is open. What they leave behind is in the workspace; the list of jobs
itself ends with the application.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from threading import Condition, Thread
from typing import Any, Literal, TypeAlias

from segscore.app.process import PATIENCE, Process
from segscore.app.tasks import Problem, Task
from segscore.errors import ArgumentError

JobState: TypeAlias = Literal["queued", "running", "finished", "failed", "cancelled"]

_KEPT = 50
"""Jobs that have ended, and are still listed."""
_QUEUED = 200


@dataclass(frozen=True)
class Job:
    """A task and how far it is."""

    number: int
    """Counts the jobs of this application."""
    task: Task
    asked: str = ""
    """When somebody wanted it, ISO 8601 in UTC."""
    state: JobState = "queued"
    stopping: bool = False
    """Whether it was cancelled, and has not ended yet."""
    phase: str = ""
    """What it does now: count the targets of a new dataset ("adding"), or run the model ("running")."""
    done: int = 0
    """Images of this phase that were dealt with."""
    total: int = 0
    before: int = 0
    """Images that an earlier start has dealt with."""
    failures: int = 0
    """Images that could not be scored."""
    mean_iou: float | None = None
    """Of the images so far; once it has ended, what it is judged by."""
    judged: str = "mean_iou"
    """The name of what that is."""
    began: float = 0.0
    """When this phase began, by the monotonic clock."""
    seconds: float = 0.0
    """How long ago that was when it was last heard of."""
    dataset: str = ""
    """Name and version, once that is known."""
    run: str | None = None
    """The id of the run, once there is one."""
    known: bool = False
    """Whether the run had been finished before, so that nothing was computed."""
    problem: Problem | None = None
    """Why it failed."""
    warnings: tuple[str, ...] = field(default=())
    """What was said on the way, the first of it."""
    more_warnings: int = 0
    """How many came after these."""

    @property
    def active(self) -> bool:
        """Whether it waits or is at work."""
        return self.state in ("queued", "running")

    @property
    def added(self) -> bool:
        """Whether its dataset has been added, whatever became of the rest."""
        return self.task.adding is not None and ":" in self.dataset

    @property
    def rate(self) -> float | None:
        """Images a second since it was started, None before that can be said."""
        fresh = self.done - self.before
        return fresh / self.seconds if fresh > 0 and self.seconds > 0 else None

    @property
    def left(self) -> float | None:
        """Seconds that this phase will take, as far as can be said."""
        return None if self.rate is None else (self.total - self.done) / self.rate


class Jobs:
    """All jobs of the application on the workspace in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._changed = Condition()
        self._jobs: dict[int, Job] = {}
        self._last = 0
        self._stamp = 0
        self._closed = False
        self._process: Process | None = None
        self._worker = Thread(target=self._work, name="segscore-jobs", daemon=True)
        self._worker.start()

    @property
    def stamp(self) -> int:
        """A number that changes whenever a job is added, removed, or comes into another state."""
        return self._stamp

    def all(self) -> tuple[Job, ...]:
        """Return all jobs, oldest first, those that have ended included."""
        with self._changed:
            return tuple(self._jobs.values())

    def get(self, number: int) -> Job | None:
        """Return the job of a number; None if it is no longer listed."""
        with self._changed:
            return self._jobs.get(number)

    def add_all(self, tasks: Sequence[Task]) -> None:
        """Put tasks at the end of the queue, as `add` does: all of them, or none if these are too many."""
        with self._changed:
            self._check_room(len(tasks))
            for task in tasks:
                self.add(task)

    def _check_room(self, more: int) -> None:
        """Raise ArgumentError if so many more jobs are too many; the lock is held."""
        waiting = sum(job.active for job in self._jobs.values())
        if waiting + more > _QUEUED:
            too_many = "" if more == 1 else f", and {more:,} more are too many: expected at most {_QUEUED:,}"
            raise ArgumentError(
                f"{waiting:,} jobs are waiting{too_many}", "cancel some, or wait until they end"
            )

    def add(self, task: Task) -> Job:
        """Put a task at the end of the queue; the same task that waits or is at work is returned instead."""
        with self._changed:
            for job in self._jobs.values():
                if job.active and job.task == task and not job.stopping:
                    return job
            self._check_room(1)
            self._last += 1
            asked = datetime.now(UTC).isoformat(timespec="seconds")
            made = Job(self._last, task, asked, dataset=task.dataset)
            self._put(made)
            for old in [job.number for job in self._jobs.values() if not job.active][:-_KEPT]:
                del self._jobs[old]
            return made

    def cancel(self, number: int) -> None:
        """End a job, which can go on later; nothing happens to one that has ended or is not listed."""
        with self._changed:
            job = self._jobs.get(number)
            if job is None or not job.active or job.stopping:
                return
            if job.state == "queued":
                self._put(replace(job, state="cancelled"))
                return
            self._put(replace(job, stopping=True))
            self._stop()

    def dismiss(self, number: int) -> None:
        """Take a job that has ended from the list, if it is there."""
        with self._changed:
            job = self._jobs.get(number)
            if job is not None and not job.active:
                del self._jobs[number]
                self._stamp += 1

    def dismiss_finished(self, up_to: int) -> None:
        """Take the jobs that are finished from the list, those up to a number; what has failed stays."""
        with self._changed:
            for number in [job.number for job in self._jobs.values() if job.state == "finished"]:
                if number <= up_to:
                    del self._jobs[number]
                    self._stamp += 1

    def wait(self, number: int, seconds: float = 60.0) -> Job:
        """Wait until a job has ended, for so many seconds at most, and return it as it is then."""
        with self._changed:
            self._changed.wait_for(lambda: not self._jobs[number].active, seconds)
            return self._jobs[number]

    def close(self) -> Job | None:
        """Stop, and return the job that was at work; what it has done is kept."""
        with self._changed:
            self._closed = True
            running = next((job for job in self._jobs.values() if job.state == "running"), None)
            self._stop()
            self._changed.notify_all()
        self._worker.join(2 * PATIENCE + 5)
        return running

    def _put(self, job: Job) -> None:
        """Put a job in its place; the lock is held."""
        before = self._jobs.get(job.number)
        self._jobs[job.number] = job
        if before is None or (before.state, before.stopping) != (job.state, job.stopping):
            self._stamp += 1
        self._changed.notify_all()

    def _stop(self) -> None:
        """Ask the process to end; the lock is held."""
        if self._process is not None:
            self._process.stop()

    def _next(self) -> Job | None:
        """Wait for a job that is queued, and return it as running; None at the end."""

        def first() -> Job | None:
            return next((job for job in self._jobs.values() if job.state == "queued"), None)

        with self._changed:
            self._changed.wait_for(lambda: self._closed or first() is not None)
            job = None if self._closed else first()
            if job is not None:
                job = replace(job, state="running")
                self._put(job)
            return job

    def _work(self) -> None:
        while (job := self._next()) is not None:
            try:
                self._do(job.number, job.task)
            except Exception as error:  # noqa: BLE001 - whatever befalls a job, the next one is done
                self._end(job.number, "failed", _defect(error))

    def _do(self, number: int, task: Task) -> None:
        try:
            process = Process(self._folder, task, partial(self._heard, number))
        except OSError as error:
            self._end(number, "failed", Problem(f"no process can be started: {error.strerror}"))
            return
        with self._changed:
            self._process = process
            if self._closed or not self._is_active(number) or self._jobs[number].stopping:
                process.stop()
        try:
            code = process.wait()
        finally:
            with self._changed:
                self._process = None
        with self._changed:
            if self._closed or (self._is_active(number) and self._jobs[number].stopping):
                self._end(number, "cancelled")
            else:
                self._end(number, "failed", _crash(code))

    def _is_active(self, number: int) -> bool:
        """Whether a job is listed and has not ended; the lock is held."""
        return number in self._jobs and self._jobs[number].active

    def _heard(self, number: int, message: Mapping[str, Any]) -> None:
        """Take in what the process said."""
        with self._changed:
            if not self._is_active(number):
                return
            job = self._jobs[number]
            job = replace(job, more_warnings=message.get("more_warnings", job.more_warnings))
            if "end" in message:
                problem = message.get("problem")
                ended = {name: message[name] for name in _ENDED if name in message}
                self._put(replace(job, run=message.get("run") or job.run, **ended))
                self._end(number, message["end"], None if problem is None else Problem(**problem))
                # Threads of a model are not to keep it, and the jobs that wait, for ever.
                self._stop()
                return
            if "warning" in message:
                job = replace(job, warnings=(*job.warnings, message["warning"]))
            elif "dataset" in message:
                job = replace(job, dataset=message["dataset"])
            elif message["phase"] == "adding":
                now = time.monotonic()
                began = job.began if job.phase == "adding" else now
                counted = {"done": message["done"], "total": message["total"]}
                job = replace(job, phase="adding", began=began, seconds=now - began, **counted)
            else:
                shown = {name: message[name] for name in _SHOWN}
                job = replace(job, phase="running", run=message["id"], **shown)
            self._put(job)

    def _end(self, number: int, state: JobState, problem: Problem | None = None) -> None:
        """Say how a job ended; nothing happens to one that has ended before."""
        with self._changed:
            if self._is_active(number):
                self._put(replace(self._jobs[number], state=state, problem=problem, stopping=False))


_ENDED = ("known", "failures", "total", "mean_iou", "judged")
"""What a job takes over from the message of its end, which may be of a run that was there."""
_SHOWN = ("done", "total", "failures", "mean_iou", "seconds", "before")
"""What a job takes over from the progress of a run."""


def _crash(code: int) -> Problem:
    how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
    return Problem(
        f"the process that ran the model {how}, and said nothing",
        "the terminal may say more; memory that runs out is a common cause. What was done is kept: trying "
        "again goes on where it stopped",
    )


def _defect(error: Exception) -> Problem:
    return Problem(
        f"the job was ended by a defect of segscore: {type(error).__name__}: {error}",
        "please report it. What was done is kept: trying again goes on where it stopped",
    )
