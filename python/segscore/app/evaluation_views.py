"""The page of evaluation results, of a model on a dataset, and the one on which another dataset is chosen.

The first is the same before a run, while it is at work, and once it has ended.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from segscore.app.choosing import choices, datasets, other, other_workspaces, versions_of
from segscore.app.faults import Filled
from segscore.app.fields import Fields
from segscore.app.job_texts import job_shown
from segscore.app.jobs import Job
from segscore.app.page import part
from segscore.app.results import run_panels
from segscore.app.state import State, notice_of, refused
from segscore.app.version_rows import SCRIPTS
from segscore.app.views import dataset_values
from segscore.base.wording import visible
from segscore.errors import SegscoreError
from segscore.scores.titles import metric_title
from segscore.workspace import Run, Runs
from segscore.workspace.runs.folders import Unfinished, id_number
from segscore.workspace.runs.plans import needs_photographs
from segscore.workspace.runs.run import partial_text


@dataclass(frozen=True)
class _Pair:
    """A version of a model and one of a dataset, and what has become of them."""

    model: str
    dataset: str
    """The name alone while it is being added."""
    job: Job | None
    """What is at work on them, or has ended without a result."""
    runs: Sequence[Run]
    """Their results, the one to show first."""
    unfinished: Unfinished | None
    """What was interrupted."""

    @property
    def is_said_all(self) -> bool:
        """Whether the result says all that is to be said of the job."""
        job = self.job
        return job is not None and job.state == "finished" and not (job.known or job.warnings)

    @property
    def is_active(self) -> bool:
        """Whether something is at work on them."""
        held = self.unfinished is not None and self.unfinished.held
        return held or (self.job is not None and self.job.active)


def evaluation_page(state: State, model: str, dataset: str = "", job: str = "") -> str:
    """Return the page of the results of a model on a dataset.

    That is the one that it was last evaluated on if none is named; `job` is the number of one that adds it.
    It is an error if there is no such model or dataset.
    """
    runs = state.workspace.runs()
    offered = choices(state, runs)
    reference = state.workspace.models[model].reference
    pair = _pair(state, runs, reference, dataset or offered.chosen(reference), job)
    shown = None if pair.is_active or not pair.runs else pair.runs[0]
    about = f"{pair.model} on {pair.dataset}" if pair.dataset else pair.model
    head = part(
        "evaluation",
        "evaluation.html",
        scripts=SCRIPTS,
        model=pair.model,
        dataset=pair.dataset,
        name=pair.model.partition(":")[0],
        version=pair.model.partition(":")[2],
        choices=offered,
        shapes=not state.workspace.models[pair.model].is_results,
    )
    now = part(
        "state",
        "evaluation_state.html",
        about=about,
        job=None if pair.job is None else job_shown(pair.job),
        quiet=pair.is_said_all,
        unfinished=pair.unfinished,
        run=shown,
        earlier=[_earlier(run) for run in pair.runs if run is not shown],
        waits=shown is None,
        processes=needs_photographs(state.workspace.models[pair.model]),
        can_start=bool(pair.dataset) and pair.dataset in offered.offered,
    )
    return state.page(
        [head, now, *([] if shown is None else run_panels(state, shown, heading=False))],
        title=f"{about}: evaluation results",
        current="Models",
        sections=shown is not None,
    )


def _pair(state: State, runs: Runs, model: str, dataset: str, number: str) -> _Pair:
    """Return what has become of a model on a dataset, whose latest version is taken if none is named."""
    adding = next((one for one in state.jobs.all() if _adds(one, number, model, dataset)), None)
    if adding is not None:
        dataset = adding.dataset
    elif dataset:
        dataset = state.workspace.datasets[dataset].reference
    of_both = [one for one in state.jobs.all() if (one.task.model, one.dataset) == (model, dataset)]
    active = [one for one in of_both if one.active]
    # The one that is at work ends before those that wait.
    job = active[0] if active else of_both[-1] if of_both else adding
    # Numbers are given in turn, so that the last one to begin comes first; ends are told by the second alone.
    found = sorted(
        (run for run in runs if (run.model, run.dataset) == (model, dataset)),
        key=lambda run: (run.ended, id_number(run.id)),
        reverse=True,
    )
    if job is not None and job.state == "finished":
        # What was asked for last is shown, also where it was computed before.
        asked = job.run
        found.sort(key=lambda run: run.id != asked)
    elif job is not None and not job.active and found and found[0].ended > job.asked:
        job = None
    left = [
        one
        for one in state.workspace.unfinished()
        if (one.model, one.dataset) == (model, dataset) and (job is None or one.id != job.run)
    ]
    return _Pair(model, dataset, job, found, left[-1] if left and not active else None)


def _adds(job: Job, number: str, model: str, dataset: str) -> bool:
    named = (job.task.model, job.task.dataset) == (model, dataset)
    return named and job.task.adding is not None and str(job.number) == number


def _earlier(run: Run) -> dict[str, object]:
    partial = partial_text(run)
    return {
        "id": run.id,
        "ended": run.ended,
        "value": run.score,
        "measure": metric_title(run.main),
        "said": " · ".join(said for said in (partial, run.measures.said) if said),
    }


def choosing_page(
    state: State,
    model: str,
    *,
    workspace: str = "",
    form: Filled | None = None,
) -> str:
    """Return the page on which a dataset is chosen that is not in the list: here, elsewhere, or in folders.

    `workspace` is the folder of another workspace whose datasets are offered. It is an error if there is no
    model of this name.
    """
    form = Filled({"workspace": workspace}) if form is None else form
    reference = state.workspace.models[model].reference
    there, wrong = None, None
    if workspace.strip():
        try:
            there = other(state.workspace, os.path.expanduser(workspace.strip()))
        except SegscoreError as error:
            wrong = notice_of(error)
    registered, others = datasets(state.workspace.datasets.listing()), other_workspaces(state.workspace)
    first = "registered" if registered else "workspace" if others else "folders"
    panel = part(
        "choosing",
        "choosing.html",
        scripts=SCRIPTS,
        tab="workspace" if workspace.strip() else first,
        asked=form,
        registered=registered,
        versions=versions_of(registered),
        others=[(visible(one), one) for one in others],
        workspace=workspace,
        there=there,
        there_versions=versions_of(there or ()),
        wrong=wrong,
        **dataset_values(state, reference, Filled()),
    )
    return state.page([panel], title=f"Evaluate {reference}", current="Models", faults=form.summary)


def choosing_again(state: State, fields: Fields, error: SegscoreError) -> str:
    """Return the page on which a dataset is chosen as it was filled in, and what is wrong with that."""
    return choosing_page(
        state,
        fields.get("model", ""),
        workspace=fields.get("workspace", ""),
        form=refused(fields, error),
    )
