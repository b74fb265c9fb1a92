"""Pages of models and datasets: lists and forms; and pages that are but a message."""

from collections.abc import Mapping, Sequence
from typing import Any

from segscore.app.forms import model_options
from segscore.app.job_texts import job_panel
from segscore.app.page import Notice, part
from segscore.app.run_views import scored, unfinished
from segscore.app.state import State
from segscore.base.wording import visible
from segscore.classes import presets
from segscore.counts.measure_texts import MEASURES
from segscore.predict.options import FORMS, OPTIONS
from segscore.workspace import Run
from segscore.workspace.store.listing import latest_dataset

_SCORES = 4
"""Scores that a row of the models shows."""


def home(state: State, said: str = "") -> str:
    """Return the page of models, which the application begins with.

    `said` is the number of a notice that waits for this page; empty for none.
    """
    workspace, stamp = state.workspace, state.jobs.stamp
    runs = workspace.runs()
    latest = {(run.model, run.dataset): run for run in runs}
    by_model: dict[str, list[Run]] = {}
    for run in reversed(latest.values()):
        by_model.setdefault(run.model, []).append(run)
    models: dict[str, list[dict[str, Any]]] = {}
    for line in workspace.models.versions():
        of = models.setdefault(line.name, [])
        reference = f"{line.name}:{line.versions[0]}"
        found = sorted(by_model.get(reference, []), key=lambda run: run.ended, reverse=True)
        of.append(
            {
                "reference": reference,
                "line": line,
                "form": FORMS[line.summary["form"]].listing if line.summary.get("form") in FORMS else "",
                "scores": [
                    {**scored(run, run.metrics.get("mean_iou")), "dataset": run.dataset}
                    for run in found[:_SCORES]
                ],
                "more": max(0, len(found) - _SCORES),
            }
        )
    listing = workspace.datasets.listing()
    first = part(
        "models",
        "home.html",
        models=[{"name": name, "versions": versions} for name, versions in models.items()],
        datasets=listing,
        chosen=latest_dataset(listing),
    )
    jobs = state.recent()
    panels = [job_panel(jobs, len(state.jobs.all()) - len(jobs)), first, unfinished(state, jobs)]
    return state.page(panels, title="Models", current="Models", stamp=stamp, notices=state.said.take(said))


def datasets(state: State) -> str:
    """Return the page of datasets."""
    panels = [
        part("datasets", "datasets.html", rows=state.workspace.datasets.listing()),
        job_panel([j for j in state.jobs.all() if j.active]),
    ]
    return state.page(panels, title="Datasets", current="Datasets")


def model_form(state: State, form: Mapping[str, str] | None = None, notices: Sequence[Notice] = ()) -> str:
    """Return the page on which a model is added, as it was filled in, and what is wrong with that."""
    names = list(state.workspace.datasets)
    panel = part(
        "model",
        "model_form.html",
        form={"kind": "onnx"} | dict(form or {}),
        more=_any(form, list(OPTIONS)),
        options=model_options(),
        kinds=[(name, form.title, form.help) for name, form in FORMS.items()],
        names=list(state.workspace.models),
        datasets=names,
        example=names[0] if names else "streets:v1",
        here=visible(state.here),
    )
    return state.page([panel], title="Add a model", current="Models", notices=notices)


def evaluate_form(
    state: State, model: str, form: Mapping[str, str] | None = None, notices: Sequence[Notice] = ()
) -> str:
    """Return the page on which a model is evaluated with what else is measured, as it was filled in.

    It is an error if there is no model of this name.
    """
    reference = state.workspace.models[model].reference
    listing = state.workspace.datasets.listing()
    panel = part(
        "evaluate",
        "evaluate_form.html",
        form=dict(form or {}),
        model=reference,
        datasets=listing,
        chosen=(form or {}).get("dataset") or latest_dataset(listing),
        shapes=[*MEASURES.values()],
    )
    return state.page([panel], title=f"Evaluate {reference}", current="Models", notices=notices)


def dataset_form(
    state: State, model: str, form: Mapping[str, str] | None = None, notices: Sequence[Notice] = ()
) -> str:
    """Return the page on which a dataset is added, as it was filled in, and what is wrong with that.

    `model` is what is then run on it; empty for none, an error if there is none of this name.
    """
    if model:
        model = state.workspace.models[model].reference
    dims = (form or {}).get("dims", "")
    panel = part(
        "dataset",
        "dataset_form.html",
        form=dict(form or {}),
        model=model,
        more=_any(form, ("groups", "pairing", "list", "attributes", "read")) or dims == "3",
        shapes=[*MEASURES.values()] if model else [],
        measured=_any(form, [*MEASURES]),
        names=[line.name for line in state.workspace.datasets.listing() if line.workspace is None],
        presets=presets.names(),
        here=visible(state.here),
    )
    return state.page(
        [panel], title="Add a dataset", current="Models" if model else "Datasets", notices=notices
    )


def message(state: State, title: str, notice: Notice) -> str:
    """Return a page that says one thing, and leads back to the models."""
    panel = part("message", "message.html", heading=title, message=notice.message, hint=notice.hint)
    return state.page([panel], title=title)


def _any(form: Mapping[str, str] | None, names: Sequence[str]) -> bool:
    return form is not None and any(form.get(name, "").strip() for name in names)
