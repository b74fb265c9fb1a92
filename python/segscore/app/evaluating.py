"""Forms that start runs: one version of a model on a dataset, or all that have no result there yet."""

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from segscore.app.choosing import evaluation_address, linked
from segscore.app.faults import Faults
from segscore.app.fields import Fields, needed, one_of, path, text
from segscore.app.forms import shape_arguments, shape_fields
from segscore.app.page import Button, Notice
from segscore.app.spelling import in_forms
from segscore.app.state import State
from segscore.app.tasks import Task
from segscore.base.wording import many
from segscore.counts.measure_options import MeasureOptions
from segscore.counts.measures import Measures
from segscore.errors import ArgumentError
from segscore.workspace import Dataset, Model, Workspace
from segscore.workspace.runs.plans import check_photographs, shapes_planned
from segscore.workspace.store.names import split_reference

ALL = "/evaluate/all"
_NAMED = 6
"""Versions that a notice names, at most."""


class Asked(NamedTuple):
    """What a form asks for."""

    model: Model
    dataset: Dataset
    shapes: MeasureOptions
    measures: Measures
    elsewhere: Workspace | None
    """The workspace that the dataset is to be linked from."""


def _asked(state: State, fields: Fields, faults: Faults) -> Asked:
    """Return what a form asks for: the latest version of the dataset if none is named.

    All that is wrong with its fields, also what is among the faults already, is raised.
    """
    workspace = state.workspace
    there, is_linked = workspace, True
    with faults.at("model"):
        model = workspace.models[needed(fields, "model", "Model", "the name of one")]
    with faults.at("dataset"):
        chosen = needed(fields, "dataset", "Evaluation dataset", "one of those that are listed")
        version, folder = text(fields, "version"), path(fields, "workspace")
        reference = chosen if version is None else f"{chosen}:{version}"
        if folder is not None:
            there, is_linked = linked(workspace, folder, split_reference("dataset", reference)[0])
        dataset = there.datasets[reference]
    shapes, measures = shape_arguments(fields, faults), Measures()
    if not faults:

        def planned(given: dict[str, Any]) -> None:
            nonlocal measures
            measures = shapes_planned(dataset, dataset.classes, cast(MeasureOptions, given))

        faults.each(planned, shapes)
    faults.check()
    return Asked(model, dataset, shapes, measures, None if is_linked else there)


def evaluate(state: State, fields: Fields) -> str:
    """Start a run of a model on a dataset, and return the address of its results.

    It is an error if there is no such model or dataset, if none was chosen, or if too many jobs wait; of
    fields, all that is wrong with them. A dataset of a ``workspace``, which is another one, is linked. Those
    who say not to ``start`` one are led to what there is.
    """
    faults = Faults()
    with faults.at("resize"):
        resize = one_of(fields, "resize", "resize", allowed=("nearest",))
    model, dataset, shapes, _, elsewhere = _asked(state, fields, faults)
    with faults.at("dataset"):
        _check_fit(model, dataset)
    faults.check()
    if fields.get("start") == "no":
        return evaluation_address(model.reference, dataset.reference)
    if elsewhere is not None:  # what cannot be evaluated on is not linked
        state.workspace.link(elsewhere.path, dataset.name)
    options = {**({} if resize is None else {"resize": resize}), **shapes}
    return started(state, Task(dataset.reference, model.reference, options=options))


def started(state: State, task: Task) -> str:
    """Put a run into the queue; return the address of its results."""
    job = state.jobs.add(task)
    if task.model is None:
        return "/#jobs"
    return evaluation_address(task.model, task.dataset, job.number if task.adding is not None else None)


def evaluate_all(state: State, fields: Fields) -> str:
    """Start a run of each version of a model on a dataset, and return the address of the next page.

    Versions that have a result with the same measures already are left out, unless the field `again` asks for
    them; so are those that cannot be run on the dataset. The next page says so. Errors are those of
    `evaluate`; with one, nothing is started.
    """
    workspace = state.workspace
    model, dataset, shapes, measures, elsewhere = _asked(state, fields, Faults())
    versions = [workspace.models[model.name, version] for version in model.versions]
    reasons = {one.version: reason for one in versions if (reason := _unfit(one, dataset))}
    known = {} if text(fields, "again") else _results(state, versions, dataset, measures)
    started = [one for one in versions if one.version not in reasons and one.version not in known]
    if elsewhere is not None:
        workspace.link(elsewhere.path, dataset.name)
    state.jobs.add_all(
        [Task(dataset.reference, one.reference, options=_options(shapes, fields)) for one in started]
    )
    if not reasons and not known:
        return "/#jobs"
    lines = [
        f"{len(started):,} of {many(len(versions), 'version')} of {model.name} "
        f"{'is' if len(started) == 1 else 'are'} evaluated on {dataset.reference}"
    ]
    if known:
        named = [f"{version} (run {run})" for version, run in known.items()]
        lines.append(f"{_few(named)} {'has' if len(named) == 1 else 'have'} a result already")
    lines += dict.fromkeys(reasons.values())
    again = {**shape_fields(shapes), "model": model.name, "dataset": dataset.reference, "again": "on"}
    button = Button("Evaluate those again, too", ALL, again) if known else None
    return f"/?said={state.said.add(Notice('; '.join(lines), kind='warning', button=button))}#jobs"


def _options(shapes: MeasureOptions, fields: Fields) -> Mapping[str, Any]:
    return {**({"again": True} if text(fields, "again") else {}), **shapes}


def _check_fit(model: Model, dataset: Dataset) -> None:
    there = dataset.images is not None
    check_photographs(model, dataset.reference, there=there, dims=dataset.dims)


def _unfit(model: Model, dataset: Dataset) -> str:
    """Return why a version cannot be run on a dataset; nothing if it can."""
    try:
        _check_fit(model, dataset)
    except ArgumentError as error:
        return in_forms(error.message)
    return ""


def _results(state: State, versions: list[Model], dataset: Dataset, asked: Measures) -> dict[str, str]:
    """Return the latest run of each version on a dataset that measures the same, where there is one."""
    wanted = {(one.reference, one.digest): one.version for one in versions}
    return {
        wanted[run.model, run.model_digest]: run.id
        for run in state.workspace.runs()
        if (run.model, run.model_digest) in wanted
        and (run.dataset, run.dataset_digest) == (dataset.reference, dataset.digest)
        and run.measures == asked
    }


def _few(texts: list[str]) -> str:
    more = len(texts) - _NAMED
    shown = texts[:_NAMED] + ([f"{more:,} more"] if more > 0 else [])
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"
