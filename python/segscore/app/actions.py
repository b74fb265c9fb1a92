"""What forms of the application do: start and end jobs, add models and datasets, write notes, remove runs.

Each returns the address of the page that is shown next.
"""

from collections.abc import Mapping
from typing import Any

from segscore.app.checking import check_dataset, check_model
from segscore.app.choosing import evaluation_address
from segscore.app.evaluating import started
from segscore.app.faults import Faults
from segscore.app.fields import Fields, needed, one_of, text, whole
from segscore.app.forms import (
    dataset_arguments,
    dataset_fields,
    model_arguments,
    shape_arguments,
    shape_fields,
)
from segscore.app.jobs import Job
from segscore.app.page import Button, Notice
from segscore.app.state import State
from segscore.app.tasks import Task
from segscore.counts.measure_options import MeasureOptions, options_of
from segscore.counts.measures import Measures
from segscore.errors import ArgumentError
from segscore.io.shapes import PLANES
from segscore.workspace.runs.plans import check_photographs
from segscore.workspace.store.disk import FOLDER, check_there
from segscore.workspace.store.listing import same_text
from segscore.workspace.store.names import checked_name, taken

RESULTS = "evaluation"
"""What the field `back` holds in forms of the page of evaluation results."""
_NAME = "letters, digits, `-`, `_` and `.`"


def add_dataset(state: State, fields: Fields) -> str:
    """Start to add a dataset, and then to run the model on it that is named.

    Actions return the address of the next page.

    It is an error if a field cannot be what it is, the version is there already, or too many jobs wait; of
    files only what `check_dataset` finds at once.
    """
    faults, name = Faults(), None
    with faults.at("name"):
        name = checked_name("dataset", needed(fields, "name", "Name", _NAME))
    check_there(state.workspace.path / FOLDER)  # before a job is made that cannot do anything
    arguments = dataset_arguments(fields, faults)
    with faults.at("version"):
        version = _checked_version(arguments)
        if version is not None and (name, version) in state.workspace.datasets:
            raise ArgumentError(
                f"there is a version {version} of dataset {name} already",
                "a version never changes: choose another name for it, or leave it empty",
            )
    check_dataset(arguments, state.workspace.path, faults)
    model, options = None, MeasureOptions()
    with faults.at("model"):
        chosen = text(fields, "model")
        model = None if chosen is None else state.workspace.models[chosen]
    if model is not None:
        dims = arguments.get("dims", PLANES)
        with faults.at("images"):
            check_photographs(model, name or "it", there="images" in arguments, dims=dims)
        options = shape_arguments(fields, faults)
        faults.each(lambda given: Measures.of(**given, dims=dims), options)
    faults.check()
    assert name is not None
    reference = None if model is None else model.reference
    return started(state, Task(name, reference, adding=arguments, options={**options}))


def _checked_version(arguments: Mapping[str, Any]) -> str | None:
    """Return the version that is asked for, None if it is to be counted up."""
    version = arguments.get("version")
    return None if version is None else checked_name("version", version)


def add_model(state: State, fields: Fields) -> str:
    """Add a version of a model; it is an error if a field cannot be what it is."""
    faults, name, models = Faults(), None, state.workspace.models
    with faults.at("name"):
        name = checked_name("model", needed(fields, "name", "Name", _NAME))
    arguments = model_arguments(fields, faults)
    with faults.at("version"):
        version = _checked_version(arguments)
        there = next((line.versions for line in models.listing() if line.name == name), ())
        if name is not None and version is not None and version in there:
            raise taken("model", name, version, there)
    check_model(arguments, state.workspace, faults)
    faults.check()
    assert name is not None
    added = models.add(name, **arguments)
    rows = [line for line in models.versions() if line.name == name]
    same = [line.versions[0] for line in rows if line.digest == added.digest]  # the latest first
    earlier = same[same.index(added.version) + 1 :]
    if added.untried:
        notice = Notice(
            f"{added.reference} is added; nobody knows whether it can run: {added.untried}",
            "a run says whether it does",
            "warning",
        )
        return f"/?said={state.said.add(notice)}"
    if not earlier:
        return "/#models"
    notice = Notice(
        same_text("model", name, added.version, earlier[0]),
        "nothing is wrong with that; what one of them scores, the other does, too",
        "warning",
    )
    return f"/?said={state.said.add(notice)}"


def cancel(state: State, number: int, fields: Fields) -> str:
    """End a job."""
    job = state.jobs.get(number)
    state.jobs.cancel(number)
    if job is None or job.task.model is None or fields.get("back") != RESULTS:
        return "/#jobs"
    return evaluation_address(job.task.model, job.dataset, number if job.task.adding is not None else None)


def dismiss(state: State, number: int) -> str:
    """Take a job that has ended from the list."""
    state.jobs.dismiss(number)
    return "/"


def dismiss_finished(state: State, fields: Fields) -> str:
    """Take the jobs that are finished from the list, as far as the page that asks has shown them."""
    given = text(fields, "up_to") or "0"
    state.jobs.dismiss_finished(whole(given))
    return "/"


def retry(state: State, number: int, fields: Fields) -> str:
    """Do the task of a job that has ended again: what was interrupted goes on."""
    job = _listed(state, number)
    task = job.task
    resize = one_of(fields, "resize", "resize", allowed=("nearest",))
    options: Mapping[str, object] = task.options if resize is None else {**task.options, "resize": resize}
    added = job.added
    if added and task.model is None:
        raise ArgumentError(f"{job.dataset} has been added", "there is nothing to do again")
    results = started(
        state,
        Task(
            job.dataset if added else task.dataset,
            task.model,
            adding=None if added else task.adding,
            options=options,
        ),
    )
    state.jobs.dismiss(number)
    return results if fields.get("back") == RESULTS else "/#jobs"


def filled_in(state: State, number: str) -> Fields:
    """Return the form of a dataset as it was filled in for a job that is still listed."""
    task = _listed(state, whole(number)).task
    if task.adding is None:
        raise ArgumentError("this job adds no dataset", "start it anew from the page of models")
    fields = dataset_fields(task.dataset, task.adding) | shape_fields(task.options)
    return {**fields, "model": task.model or ""}


def _listed(state: State, number: int) -> Job:
    job = state.jobs.get(number)
    if job is None:
        raise ArgumentError("this job is no longer listed", "start it anew from the page of models")
    return job


def go_on(state: State, run: str) -> str:
    """Go on with a run that was interrupted, with the options that it was begun with."""
    for one in state.workspace.unfinished():
        if one.id == run:
            # A finished run of the same kind is not what is wanted: this one is to be finished.
            options = {
                "resize": one.options.get("resize"),
                "batch": one.options.get("batch"),
                "keep_predictions": one.keep_predictions,
                "again": True,
                **options_of(one.measures),
            }
            return started(state, Task(one.dataset, one.model, options=options))
    raise ArgumentError(f"run {run} is not one that was interrupted", "it may have been finished or removed")


def again(state: State, run: str) -> str:
    """Compute a finished run again, as another one."""
    found = state.workspace.runs()[run]
    options = {
        "resize": found.options.get("resize"),
        "batch": found.options.get("batch"),
        "again": True,
        **options_of(found.measures),
    }
    return started(state, Task(found.dataset, found.model, options=options))


def note(state: State, run: str, fields: Fields) -> str:
    """Write the note of a run."""
    state.workspace.note(run, fields.get("note", "").strip())
    return _back(run, fields)


def tag(state: State, run: str, fields: Fields) -> str:
    """Add a tag to a run, or several with commas between them."""
    given = needed(fields, "tag", "Tag", "a word, such as baseline")
    state.workspace.tag(run, *(one for one in given.split(",") if one.strip()))
    return _back(run, fields)


def untag(state: State, run: str, fields: Fields) -> str:
    """Remove a tag from a run."""
    state.workspace.untag(run, fields.get("tag", ""))
    return _back(run, fields)


def _back(run: str, fields: Fields) -> str:
    return "/runs" if fields.get("back") == "runs" else f"/runs/{run}"


def remove(state: State, run: str) -> str:
    """Remove a run, finished or not; the next page offers to bring it back."""
    state.removed.add(state.workspace.aside, run)
    notice = Notice(
        f"{run} is removed",
        "it can be brought back from here for ten minutes, as long as the application is there",
        "warning",
        Button("Bring it back", f"/runs/{run}/bring-back"),
    )
    return f"/runs?said={state.said.add(notice)}"


def bring_back(state: State, run: str) -> str:
    """Bring a run back that was removed."""
    state.removed.bring_back(state.workspace.aside, run)
    return "/runs"
