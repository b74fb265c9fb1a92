"""What all pages of the application share: the workspace, the jobs, and results that are kept for a while."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Lock
from typing import Any

from segscore.app.cache import Cache
from segscore.app.faults import Filled, faults_of
from segscore.app.job_texts import work_text
from segscore.app.jobs import Job, Jobs
from segscore.app.page import Notice, application_page
from segscore.app.removed import Removed
from segscore.app.spelling import in_forms
from segscore.errors import SegscoreError
from segscore.evaluation.comparison import Comparison
from segscore.evaluation.evaluation import Evaluation
from segscore.io.absolute import absolute_path
from segscore.pages.compared.given import Given
from segscore.pages.outlines import Outlined
from segscore.pages.page import Panel
from segscore.pages.panels.given import Given as Report
from segscore.pages.pictures import Picture
from segscore.statistics.intervals import Interval
from segscore.workspace import Dataset, SideBySideRuns, Workspace
from segscore.workspace.stamps import stamps


@dataclass(frozen=True)
class Opened:
    """A run with what its page shows at once, which never changes; files are `verified`."""

    evaluation: Evaluation
    report: Report
    whole: bool = True
    """Whether all that it shows is there; what is not may be back when it is asked for again."""


@dataclass(frozen=True)
class Shown:
    """The panels about a run."""

    panels: Sequence[Panel]
    lower: Panel
    """The first of them, for a page that has another heading above it."""
    whole: bool
    """As of `Opened`, with all intervals."""


_WAITING = 20
"""Notices that wait for the page that follows a form: what was done, and is worth knowing."""


class Said:
    """Notices by numbers, each of which one page shows once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = 0
        self._notices: dict[str, Notice] = {}

    def add(self, notice: Notice) -> str:
        """Keep a notice for the next page, whose address asks for it with the number that is returned.

        Of many that nobody has seen the oldest are given up.
        """
        with self._lock:
            self._last += 1
            self._notices[str(self._last)] = notice
            for old in list(self._notices)[:-_WAITING]:
                del self._notices[old]
            return str(self._last)

    def take(self, number: str) -> list[Notice]:
        """Return the notice of a number, which is not kept any longer; none if there is none."""
        with self._lock:
            notice = self._notices.pop(number, None)
        return [] if notice is None else [notice]


@dataclass(frozen=True)
class State:
    """The application as its pages see it."""

    workspace: Workspace
    jobs: Jobs
    evaluations: Cache[Evaluation] = field(default_factory=lambda: Cache(6))
    opened: Cache[Opened] = field(default_factory=lambda: Cache(6))
    shown: Cache[Shown] = field(default_factory=lambda: Cache(6))
    datasets: Cache[Dataset | None] = field(default_factory=lambda: Cache(4))
    versions: Cache[Dataset] = field(default_factory=lambda: Cache(4))
    several: Cache[SideBySideRuns] = field(default_factory=lambda: Cache(6))
    pictures: Cache[Picture] = field(default_factory=lambda: Cache(96))
    outlines: Cache[Outlined] = field(default_factory=lambda: Cache(24))
    at_once: Cache[tuple[Comparison, Given]] = field(default_factory=lambda: Cache(6))
    comparisons: Cache[tuple[Comparison, Given]] = field(default_factory=lambda: Cache(6))
    compared: Cache[tuple[Sequence[Panel], bool]] = field(default_factory=lambda: Cache(6))
    intervals: Cache[Interval | None] = field(default_factory=lambda: Cache(500))
    said: Said = field(default_factory=Said)
    removed: Removed = field(default_factory=Removed)
    here: str = field(default_factory=partial(absolute_path, os.curdir))
    seen: str = ""
    """The stamp of what a page shows, if it was taken; see `stamp`."""

    @property
    def stamp(self) -> str:
        """Texts for the jobs, datasets, models and runs, each of which is another one once these change."""
        found = {"jobs": str(self.jobs.stamp), **stamps(self.workspace.path)}
        return " ".join(f"{kind}={text}" for kind, text in found.items())

    def dataset(self, reference: str) -> Dataset:
        """Return a version of a dataset, which is read once: its manifest tells of every image."""
        datasets = self.workspace.datasets
        return self.versions.get(datasets.identity(reference), lambda: datasets[reference])

    def stamped(self) -> "State":
        """Return the state for one page, which is as old as the stamp that is taken now."""
        return replace(self, seen=self.stamp)

    def page(self, panels: list[Panel | None], *, title: str, **options: Any) -> str:
        """Return a page of the application with those panels that there are, and the stamp that was taken."""
        return application_page(
            [panel for panel in panels if panel is not None],
            title=title,
            workspace=str(self.workspace.path),
            work=work_text(self.jobs.all()),
            stamp=self.seen or self.stamp,
            **options,
        )

    def recent(self) -> list[Job]:
        """Return the jobs that pages list: all that are active, and the last ones that have ended."""
        jobs = self.jobs.all()
        ended = [job for job in jobs if not job.active][-_ENDED:]
        return [job for job in jobs if job.active or job in ended]


_ENDED = 10


def notice_of(error: SegscoreError) -> Notice:
    """Return what a page says about an error."""
    return Notice(in_forms(error.message), in_forms(error.hint or ""))


def refused(fields: Mapping[str, str], error: SegscoreError) -> Filled:
    """Return a form as it was filled in, with what is wrong with its fields."""
    return Filled(fields, [(fault.field, notice_of(fault.error)) for fault in faults_of(error)])
