"""What pages say about jobs: how far they are, how they ended, and what can be done about that."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from segscore.app.forms import ON, shape_fields
from segscore.app.jobs import Job
from segscore.app.page import duration, part
from segscore.base.wording import many, visible
from segscore.counts.measure_texts import MEASURES
from segscore.pages.page import Panel
from segscore.scores.titles import metric_title


def work_text(jobs: Sequence[Job]) -> str:
    """Return how many jobs are at work or wait; nothing if none is."""
    active = sum(job.active for job in jobs)
    return f"{many(active, 'job')} at work" if active else ""


def job_texts(job: Job) -> dict[str, Any]:
    """Return what is shown of a job, in plain values: for templates, and for scripts as JSON."""
    model, dataset = job.task.model, job.dataset
    adding = job.task.adding is not None
    what = f"{model} on {dataset}" if model else f"Adding {dataset}"
    measured = job.state == "running" and job.total > 0
    counting = job.phase == "adding"
    return {
        "number": job.number,
        "state": job.state,
        "label": _label(job),
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
        "partial": f"{job.failures:,} of {many(job.total, 'image')} failed"
        if job.state == "finished" and job.failures
        else "",
    }


def _label(job: Job) -> str:
    if job.state == "failed" and job.problem is not None and job.problem.kind == "held":
        return "at work elsewhere"
    if job.state == "cancelled" and job.run is not None:
        return "interrupted"  # the word for a run that can go on
    return "stopping" if job.stopping else "waiting" if job.state == "queued" else job.state


def _said(job: Job) -> str:
    if job.state == "finished":
        if job.task.model is None:
            return "the dataset is there"
        if job.known:
            return f"nothing was computed: run {job.run} is of the same model, dataset and options"
        score = f", {metric_title(job.judged)} {job.mean_iou:.4f}" if job.mean_iou is not None else ""
        scored = f" of {job.total - job.failures:,} of {many(job.total, 'image')}" if job.failures else ""
        return f"run {job.run}{score}{scored}"
    if job.state == "cancelled" and job.run is not None:
        return f"{job.done:,} of {job.total:,} images are done; run {job.run} can go on"
    return ""


def job_panel(jobs: Sequence[Job], more: int = 0) -> Panel | None:
    """Return the list of jobs, which are given oldest first; None where there is none.

    It holds what is at work or waits in the order of the queue, then what was cancelled or has failed, the
    last first, then a line for each that is finished, and says how many more have ended.
    """
    if not jobs:
        return None
    shown = [job_shown(job) for job in reversed(jobs)]
    # What is at work stands above what has ended, and what waits in the order of the queue.
    active = sorted((one for one in shown if one["active"]), key=lambda one: one["number"])
    open_still = [one for one in shown if not one["active"] and one["state"] != "finished"]
    finished = [one for one in shown if one["state"] == "finished"]
    what = "run" if all(one["run"] for one in finished) else "job"
    return part(
        "jobs",
        "jobs.html",
        title="Jobs",
        jobs=[*active, *open_still],
        finished=finished,
        finished_text=f"{many(len(finished), what)} finished",
        up_to=max((one["number"] for one in finished), default=0),
        more=more,
    )


def job_shown(job: Job) -> dict[str, Any]:
    """Return what a list of jobs shows of one: `job_texts`, how it ended, and what can be done about that."""
    return {**job_texts(job), **_outcome(job)}


def _outcome(job: Job) -> Mapping[str, Any]:
    problem = job.problem
    resizable = (
        problem is not None
        and problem.kind == "shape"
        and job.task.options.get("resize") is None
        and job.task.model is not None
    )
    adding = job.task.adding
    changeable = adding is not None and not job.added and job.state in ("failed", "cancelled")
    return {
        "given": "" if adding is None else visible(_given(adding)),
        "measured": visible(measured_text(job.task.options)),
        "form_address": f"/datasets/new?{urlencode({'job': job.number})}" if changeable else "",
        "warnings": job.warnings,
        "more_warnings": job.more_warnings,
        "problem": problem,
        "resizable": resizable,
    }


def _given(adding: Mapping[str, Any]) -> str:
    """Return what a dataset is made of, which tells one that failed from another of the same name."""
    sides = [adding[name] for name in ("images", "targets") if name in adding]
    return f"{' with '.join(sides)}, classes {adding['classes']}"


def measured_text(options: Mapping[str, Any]) -> str:
    """Return what is measured of shapes as the form says it, among arguments of `Workspace.run`."""
    given = shape_fields(options)
    return ", ".join(
        MEASURES[name].label + ("" if text == ON else f" {text}") for name, text in given.items()
    )


def _three_digits(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.1f}" if rate >= 1 else f"{rate:.2g}"
