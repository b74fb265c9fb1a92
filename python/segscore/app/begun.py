"""Pages of runs that are no results: at work, interrupted or damaged; and of jobs."""

from typing import Any

from segscore.app.job_texts import job_shown
from segscore.app.jobs import Job
from segscore.app.page import part
from segscore.app.run_views import unfinished_panel
from segscore.app.state import State, notice_of
from segscore.base.wording import visible
from segscore.counts.measure_texts import MEASURES
from segscore.errors import ArgumentError, SegscoreError
from segscore.pages.page import Panel
from segscore.workspace import Unfinished
from segscore.workspace.runs.plans import options_text

_AT_WORK = "It is at work. This page shows how far it is; what is done is kept, whatever happens."
_ELSEWHERE = "Another process is at work on it, such as a command in a terminal: it is ended there."
_INTERRUPTED = "It was interrupted. It goes on where it stopped, and ends as if it never had."
_DAMAGED = "What was kept of it cannot be read."


def run_page(state: State, run: str, error: SegscoreError) -> str | None:
    """Return the page of a run that cannot be shown as a result, which raised an error; None for no run."""
    error = state.workspace.damage(run) or error
    begun = next((one for one in state.workspace.unfinished() if one.id == run), None)
    job = next((job for job in reversed(state.jobs.all()) if job.run == run and job.active), None)
    if begun is None and isinstance(error, ArgumentError):
        return None
    if begun is None or begun.problem is not None:
        return _damaged_page(state, run, error if begun is None else None, begun)
    lede = _AT_WORK if job is not None else _ELSEWHERE if begun.held else _INTERRUPTED
    panel = unfinished_panel([begun]) if job is None else _job_panel(job)
    title = f"{run}: {begun.model} on {begun.dataset}"
    facts = [
        ("started", f"{begun.started[:16].replace('T', ' ')} UTC"),
        ("images so far", f"{begun.done:,} of {begun.total:,}"),
        ("options", visible(options_text(begun.options))),
        ("predictions", "kept" if begun.keep_predictions else "not kept"),
    ]
    head = _head("run", f"{begun.model} on {begun.dataset}", lede, facts=facts, above=_above_run(run))
    return state.page([head, panel], title=title, current="Runs")


def _damaged_page(state: State, run: str, error: SegscoreError | None, begun: Unfinished | None) -> str:
    """Return the page of a run that is damaged: finished, as its error says, or begun."""
    try:
        known = state.workspace.runs()[run]
        of = f"{known.model} on {known.dataset}"
    except SegscoreError:
        of = ""
    notice = None if error is None else notice_of(error)
    message, _, hint = ("" if begun is None else begun.problem or "").partition("\nhint: ")
    body = part(
        "damaged",
        "damaged.html",
        title="Damaged",
        run=run,
        message=message if notice is None else notice.message,
        hint=hint if notice is None else notice.hint,
        again=bool(of),
    )
    head = _head("run", of or f"Run {run}", _DAMAGED, facts=[], above=_above_run(run))
    return state.page([head, body], title=f"{run}: damaged", current="Runs")


def job_page(state: State, number: int) -> str:
    """Return the page of a job that is still listed, with the whole of what it said."""
    job = state.jobs.get(number)
    if job is None:
        raise ArgumentError(
            "this job is no longer listed",
            "what it has done is on the page `Runs`; start it anew if it failed",
        )
    title = f"{job.task.model} on {job.dataset}" if job.task.model else f"Adding {job.dataset}"
    facts = [
        (MEASURES[name].label if name in MEASURES else name, visible(str(value)))
        for name, value in job.task.options.items()
    ]
    lede = "A job of this application; the list of jobs ends with it."
    above = {"above": "/#jobs", "above_name": "Jobs", "name": f"job {number}"}
    head = _head("about", visible(title), lede, facts=facts, above=above)
    return state.page([head, _job_panel(job)], title=f"Job {number}: {title}", current="Models")


def _job_panel(job: Job) -> Panel:
    return part("jobs", "whole_job.html", title="Job", job=job_shown(job))


def _above_run(run: str) -> dict[str, str]:
    return {"above": "/runs", "above_name": "Runs", "name": run}


def _head(
    panel: str, heading: str, lede: str, *, facts: list[tuple[str, str]], above: dict[str, str]
) -> Panel:
    shown: dict[str, Any] = {"id": panel, "heading": heading, "lede": lede, "facts": facts, **above}
    return part(panel, "begun_head.html", **shown)
