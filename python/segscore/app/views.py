"""Pages of models and datasets: lists and forms; and pages that are but a message."""

from collections.abc import Mapping, Sequence
from typing import Any

from segscore.app.choosing import choices
from segscore.app.forms import model_options
from segscore.app.job_texts import job_panel
from segscore.app.page import Notice, part
from segscore.app.run_views import unfinished
from segscore.app.state import State
from segscore.app.version_rows import SCRIPTS, version_table
from segscore.base.wording import visible
from segscore.classes import presets
from segscore.counts.measure_texts import MEASURES
from segscore.predict.options import FORMS, OPTIONS


def home(state: State, said: str = "") -> str:
    """Return the page of models, which the application begins with.

    `said` is the number of a notice that waits for this page; empty for none.
    """
    stamp, runs = state.jobs.stamp, state.workspace.runs()
    first = part("models", "home.html", scripts=SCRIPTS, **version_table(state, runs))
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
        scripts=SCRIPTS,
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
    offered = choices(state, state.workspace.runs())
    panel = part(
        "evaluate",
        "evaluate_form.html",
        scripts=SCRIPTS,
        form=dict(form or {}),
        model=reference,
        choices=offered,
        chosen=(form or {}).get("dataset") or offered.chosen(reference),
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
    panel = part("dataset", "dataset_form.html", scripts=SCRIPTS, **dataset_values(state, model, form))
    return state.page(
        [panel], title="Add a dataset", current="Models" if model else "Datasets", notices=notices
    )


def dataset_values(state: State, model: str, form: Mapping[str, str] | None) -> dict[str, Any]:
    """Return what the form of a dataset shows, as it was filled in; `model` is name and version, or empty."""
    dims = (form or {}).get("dims", "")
    return {
        "form": dict(form or {}),
        "model": model,
        "more": _any(form, ("groups", "pairing", "list", "attributes", "read")) or dims == "3",
        "shapes": [*MEASURES.values()] if model else [],
        "measured": _any(form, [*MEASURES]),
        "names": [line.name for line in state.workspace.datasets.listing() if line.workspace is None],
        "presets": presets.names(),
        "here": visible(state.here),
    }


def message(state: State, title: str, notice: Notice) -> str:
    """Return a page that says one thing, and leads back to the models."""
    panel = part("message", "message.html", heading=title, message=notice.message, hint=notice.hint)
    return state.page([panel], title=title)


def _any(form: Mapping[str, str] | None, names: Sequence[str]) -> bool:
    return form is not None and any(form.get(name, "").strip() for name in names)
