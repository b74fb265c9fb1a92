"""Pages of the local application: their frame, and what is said about jobs.

What they show is gathered in `app`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from segscore.render.html.page import Panel, page, rendered
from segscore.render.html.texts import many
from segscore.render.names import visible

if TYPE_CHECKING:
    from segscore.app.jobs import Job

PAGES = (
    ("/", "Models"),
    ("/matrix", "Matrix"),
    ("/runs", "Runs"),
    ("/compare", "Compare"),
    ("/datasets", "Datasets"),
)
"""Addresses and names of the pages in the bar."""

STATIC = "/static/"
_LABELS = {
    "queued": "waiting",
    "running": "running",
    "finished": "finished",
    "failed": "failed",
    "cancelled": "cancelled",
}


@dataclass(frozen=True)
class Notice:
    """What a page says before anything else: "error", "warning" or "note"."""

    message: str
    hint: str = ""
    kind: str = "error"


def part(
    panel: str, template: str, /, *, title: str = "", scripts: Sequence[str] = (), **values: object
) -> Panel:
    """Return a part of a page, from a template of the application; without a title it has its own heading."""
    body = rendered(f"app/{template}", **values)
    return Panel(panel, title, body, scripts=tuple(scripts), heading=bool(title))


def application_page(
    panels: Sequence[Panel],
    *,
    title: str,
    version: str,
    workspace: str,
    current: str = "",
    jobs: Sequence["Job"] = (),
    stamp: int = 0,
    notices: Sequence[Notice] = (),
    sections: bool = False,
) -> str:
    """Return a page of the application.

    Parameters
    ----------
    panels : sequence of Panel
        What it shows, from top to bottom.
    title : str
        Of the window.
    version, workspace : str
        Of segscore, and the folder, for the line at the end.
    current : str
        The name in `PAGES` of what is shown.
    jobs : sequence of Job
        All jobs; the bar says how many are at work.
    stamp : int
        Of the jobs: the page is renewed when there is another one.
    notices : sequence of Notice
        What is said first.
    sections : bool
        Whether a second bar lists the panels.
    """
    return page(
        panels,
        title=f"{title} · segscore",
        version=version,
        static=STATIC,
        template="app/page.html",
        scripts=("app.js",),
        workspace=visible(workspace),
        pages=PAGES,
        current=current,
        work=work_text(jobs),
        stamp=stamp,
        notices=notices,
        sections=sections,
    )


def work_text(jobs: Sequence["Job"]) -> str:
    """Return how many jobs are at work or wait; empty for none."""
    active = sum(job.active for job in jobs)
    return f"{many(active, 'job')} at work" if active else ""


def job_texts(job: "Job") -> dict[str, Any]:
    """Return what is shown of a job, in plain values: for templates, and for scripts as JSON."""
    model, dataset = job.task.model, job.dataset
    adding = job.task.adding is not None
    what = f"{model} on {dataset}" if model else f"Adding {dataset}"
    measured = job.state == "running" and job.total > 0
    counting = job.phase == "adding"
    return {
        "number": job.number,
        "state": job.state,
        "label": "stopping" if job.stopping else "waiting" if job.state == "queued" else job.state,
        "title": visible(what),
        "active": job.active,
        "stopping": job.stopping,
        "done": job.done,
        "total": job.total,
        "run": job.run,
        "count": f"{job.done:,} of {job.total:,} {'targets counted' if counting else 'images'}"
        if measured
        else ("reading files …" if adding and not job.phase else "loading the model …"),
        "rate": f"{_three_digits(job.rate)} images/s" if measured and job.rate else "",
        "left": f"{duration(job.left)} left"
        if measured and job.left is not None and job.done < job.total
        else "",
        "score": f"mean IoU so far {job.mean_iou:.4f}" if measured and job.mean_iou is not None else "",
        "failures": f"{job.failures:,} failed" if measured and job.failures else "",
        "said": _said(job),
    }


def _said(job: "Job") -> str:
    if job.state == "finished":
        if job.task.model is None:
            return "the dataset is there"
        if job.known:
            return f"nothing was computed: run {job.run} is of the same model, dataset and options"
        return f"run {job.run}" + (f", mean IoU {job.mean_iou:.4f}" if job.mean_iou is not None else "")
    if job.state == "cancelled" and job.run is not None:
        return f"{job.done:,} of {job.total:,} images are done; run {job.run} can go on"
    return ""


def metric_label(name: str) -> str:
    """Return what a metric of the whole is called.

    Examples
    --------
    >>> metric_label("mean_iou"), metric_label("mcc")
    ('mean IoU', 'MCC')
    """
    label = name.replace("_", " ")
    for part, written in (("iou", "IoU"), ("dice", "Dice"), ("mcc", "MCC")):
        label = label.replace(part, written)
    return label


def duration(seconds: float) -> str:
    """Return a time as people say it.

    Examples
    --------
    >>> duration(0.3), duration(75), duration(3725)
    ('1 s', '1 min 15 s', '1 h 2 min')
    """
    whole = max(1, round(seconds))
    hours, minutes = divmod(whole // 60, 60)
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min {whole % 60} s" if minutes else f"{whole} s"


def _three_digits(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.1f}" if rate >= 1 else f"{rate:.2g}"


def job_panel(jobs: Sequence["Job"]) -> Panel | None:
    """Return the list of jobs, the newest first; None where there is none."""
    if not jobs:
        return None
    shown = [{**job_texts(job), **_outcome(job)} for job in reversed(jobs)]
    # What is at work stands above what has ended, and what waits in the order of the queue.
    active = sorted((one for one in shown if one["active"]), key=lambda one: one["number"])
    ended = [one for one in shown if not one["active"]]
    return part("jobs", "jobs.html", title="Jobs", jobs=[*active, *ended])


def _outcome(job: "Job") -> Mapping[str, Any]:
    problem = job.problem
    resizable = (
        problem is not None
        and "resize" in f"{problem.message}{problem.hint}"
        and job.task.options.get("resize") is None
        and job.task.model is not None
    )
    return {
        "warnings": job.warnings,
        "more_warnings": job.more_warnings,
        "problem": problem,
        "resizable": resizable,
    }
