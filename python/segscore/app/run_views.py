"""Pages that list runs: the matrix of models against datasets, and the history."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from segscore.app.faults import of_query
from segscore.app.job_texts import job_panel
from segscore.app.jobs import Job
from segscore.app.page import part
from segscore.app.paging import leaf
from segscore.app.state import State
from segscore.base.wording import shortened, visible
from segscore.pages.page import Panel
from segscore.pages.queries import from_address, in_address
from segscore.scores.main import MAIN_DETECTIONS, MAIN_PIXELS
from segscore.scores.metric import METRICS
from segscore.scores.titles import metric_title, shape_of
from segscore.workspace import Run, Runs, Unfinished
from segscore.workspace.grid import unlike_notes
from segscore.workspace.runs.run import partial_text
from segscore.workspace.runs.tags import LONGEST as LONGEST_TAG

_ROWS = 200
"""Runs that one page lists."""
_NOTE = 120
"""Letters of a note that a row shows."""


def matrix(state: State, metric: str | None, find: str = "") -> str:
    """Return the page of the matrix of models against datasets.

    They are compared by a metric as `in_address` writes it. What most runs are judged by is taken if none is
    named; it is an error if there is no such metric. With a text to `find`, models are shown whose names hold
    it, and datasets; all of those of which none does.
    """
    runs = state.workspace.runs()
    metric = from_address(metric) if metric else runs.main
    if not len(runs):
        panel = part("matrix", "matrix.html", runs=())
        return state.page([panel], title="Matrix", current="Matrix")
    with of_query():
        grid = runs.grid(metric)
    sought = visible(find.strip())
    wanted = sought.lower()
    models = [model for model in grid.models if wanted in model.lower()]
    datasets = [dataset for dataset in grid.datasets if wanted in dataset.lower()]
    nothing = not models and not datasets
    models, datasets = models or [*grid.models], datasets or [*grid.datasets]
    rows = [
        {
            "model": model,
            "cells": [
                {**scored(run, grid.values[model, dataset]), "best": grid.is_best(model, dataset)}
                if (run := grid.runs.get((model, dataset))) is not None
                else None
                for dataset in datasets
            ],
        }
        for model in models
    ]
    panel = part(
        "matrix",
        "matrix.html",
        runs=True,
        metric=in_address(metric),
        metric_name=metric_title(metric),
        metrics=metric_choices(runs, metric),
        datasets=datasets,
        find=sought,
        nothing=nothing,
        every=(len(grid.models), len(grid.datasets)),
        rows=rows,
        unlike=[visible(note) for note in unlike_notes(grid)],
        marks=marks_of(
            [*grid.runs.values()],
            best=bool(grid.best),
            absent=len(grid.runs) < len(grid.models) * len(grid.datasets),
            undefined=any(math.isnan(value) for value in grid.values.values()),
        ),
    )
    return state.page([panel], title="Matrix", current="Matrix")


def history(state: State, find: str = "", page: str = "", tag: str = "", said: str = "") -> str:
    """Return a page, from 1, of the runs in which a text is found and that have a tag, the newest first.

    What is no number is the first page; `said` is the number of a notice that waits, empty for none.
    """
    every = [*reversed(state.workspace.runs())]
    sought = visible(find.strip())
    wanted = sought.lower()
    tags = Counter(one for run in every for one in run.tags)
    tagged = [run for run in every if not tag or tag in run.tags]
    # Notes are files: they are read of runs that are shown, and where nothing else says enough.
    runs = [run for run in tagged if not wanted or wanted in _found(run) or wanted in _found(run, run.note)]
    of_page = leaf(page, len(runs), _ROWS)
    shown = runs[of_page.start : of_page.stop]
    rows = []
    for run in shown:
        note = run.note
        rows.append(
            {
                **judged(run),
                "find": _found(run, note),
                "model": run.model,
                "dataset": run.dataset,
                "shapes": " and ".join(run.measures.shapes),
                "measured": run.measures.said,
                "scored": f"{run.images:,} of {run.images + run.failures:,}",
                "note": begun_note(note),
                "full_note": note,
                "tags": run.tags,
            }
        )
    table = part(
        "runs",
        "history.html",
        scripts=("table.js",),
        rows=rows,
        shapes=any(row["shapes"] for row in rows),
        find=sought,
        tags=sorted(tags.items()),
        tag=tag,
        longest_tag=LONGEST_TAG,
        runs=len(every),
        found=len(runs),
        page=of_page,
        newer=_page_address(find, of_page.number - 1, tag) if of_page.number > 1 else "",
        older=_page_address(find, of_page.number + 1, tag) if of_page.number < of_page.pages else "",
        marks=marks_of(shown),
    )
    jobs = [job for job in state.jobs.all() if job.active]
    panels = [table, unfinished(state, jobs), job_panel(jobs)]
    return state.page(panels, title="Runs", current="Runs", notices=state.said.take(said))


def _found(run: Run, note: str = "") -> str:
    """Return the text of a run that is searched, here and by the script of the page."""
    measured = f"{run.measures.said} " if run.measures else ""
    return visible(f"{run.id} {run.model} {run.dataset} {measured}{' '.join(run.tags)} {note}").lower()


def begun_note(note: str) -> str:
    """Return the beginning of a note, for a row of a table."""
    return shortened(visible(" ".join(note.split())), _NOTE)


def _page_address(find: str, number: int, tag: str) -> str:
    asked = {name: text for name, text in (("find", find), ("tag", tag)) if text}
    return f"/runs?{urlencode({**asked, 'page': number})}"


def unfinished(state: State, jobs: Sequence[Job]) -> Panel | None:
    """Return the runs that can go on, but for those of jobs that the page lists; None where there is none."""
    listed = {job.run for job in jobs}
    active = {(job.task.model, job.dataset) for job in jobs if job.active}
    runs = [
        run
        for run in state.workspace.unfinished()
        if run.id not in listed and (run.model, run.dataset) not in active
    ]
    return unfinished_panel(runs) if runs else None


def unfinished_panel(runs: Sequence[Unfinished]) -> Panel:
    """Return the list of runs that have begun and not ended."""
    return part("unfinished", "unfinished.html", title="Unfinished", unfinished=runs)


def marks_of(runs: Sequence[Run], **others: bool) -> list[str]:
    """Return the marks that a table needs a legend of, by what they say of a score."""
    seen, partial = any(run.trained_images for run in runs), any(run.failures for run in runs)
    return [mark for mark, there in {"seen": seen, "partial": partial, **others}.items() if there]


def judged(run: Run) -> dict[str, Any]:
    """Return what is shown of the score that a run is judged by, and what that is if it is no mean IoU."""
    return {**scored(run, run.score), "of": "" if run.main == MAIN_PIXELS.whole else metric_title(run.main)}


def scored(run: Run, value: float | None) -> dict[str, Any]:
    """Return what is shown of a score of a run, None where it is undefined, and of what it covers."""
    return {
        "run": run.id,
        "value": None if value is None or math.isnan(value) else value,
        "ended": run.ended,
        "seen": len(run.trained_images),
        "images": run.images,
        "partial": partial_text(run),
    }


def metric_choices(runs: Runs, chosen: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the metrics that can be chosen, as addresses write them, with what they are called."""
    kept = dict.fromkeys(name for run in runs for name in run.metrics)
    usual = [
        name
        for name, metric in METRICS.items()
        if metric.of == "whole" and metric.needs == "pairs" and not metric.binary and metric.headline
    ]
    shapes = [name for name in kept if shape_of(name) is not None]
    if all(not run.measures.of_pixels for run in runs):
        usual = []
    of_classes = {
        f"{main.class_label} of a class": [name for name in kept if main.is_of_class(name)]
        for main in (MAIN_PIXELS, MAIN_DETECTIONS)
    }
    shapes = [name for name in shapes if not MAIN_DETECTIONS.is_of_class(name)]
    whole = dict.fromkeys([*usual, *(name for name in kept if "." not in name and name not in shapes)])
    if chosen not in whole and chosen not in kept:
        if shape_of(chosen) is None:
            whole[chosen] = None
        else:
            shapes.append(chosen)
    groups = {"of the whole": [*whole], "of shapes": shapes, **of_classes}
    return [
        (label, [(in_address(name), metric_title(name)) for name in names])
        for label, names in groups.items()
        if names
    ]
