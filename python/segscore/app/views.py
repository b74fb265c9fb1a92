"""Pages of models and datasets: lists and forms; and pages that are but a message."""

from typing import Any

from segscore.app.choosing import choices
from segscore.app.faults import Filled
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


def home(state: State, said: str = "", find: str = "") -> str:
    """Return the page of models, which the application begins with.

    `said` is the number of a notice that waits for this page, and `find` a text in the names of versions that
    are looked for; empty for none.
    """
    runs = state.workspace.runs()
    first = part("models", "home.html", scripts=SCRIPTS, **version_table(state, runs, find=find))
    jobs = state.recent()
    panels = [job_panel(jobs, len(state.jobs.all()) - len(jobs)), first, unfinished(state, jobs)]
    return state.page(panels, title="Models", current="Models", notices=state.said.take(said))


def datasets(state: State) -> str:
    """Return the page of datasets."""
    panels = [
        part("datasets", "datasets.html", rows=state.workspace.datasets.listing()),
        job_panel([j for j in state.jobs.all() if j.active]),
    ]
    return state.page(panels, title="Datasets", current="Datasets")


def model_form(state: State, form: Filled | None = None) -> str:
    """Return the page on which a model is added, as it was filled in, and what is wrong with that."""
    form = Filled({"kind": "onnx"}) if form is None else form
    form.setdefault("kind", "onnx")
    names = list(state.workspace.datasets)
    panel = part(
        "model",
        "model_form.html",
        scripts=SCRIPTS,
        form=form,
        more=form.concerns(*OPTIONS),
        options=model_options(),
        kinds=[(name, form.title, form.help) for name, form in FORMS.items()],
        names=list(state.workspace.models),
        datasets=names,
        example=names[0] if names else "streets:v1",
        here=visible(state.here),
    )
    return state.page([panel], title="Add a model", current="Models", faults=form.summary)


def evaluate_form(state: State, model: str, form: Filled | None = None) -> str:
    """Return the page on which a model is evaluated with what else is measured, as it was filled in.

    It is an error if there is no model of this name.
    """
    form = Filled() if form is None else form
    reference = state.workspace.models[model].reference
    offered = choices(state, state.workspace.runs())
    panel = part(
        "evaluate",
        "evaluate_form.html",
        scripts=SCRIPTS,
        form=form,
        model=reference,
        name=reference.partition(":")[0],
        versions=len(state.workspace.models[model].versions),
        choices=offered,
        chosen=form.get("dataset") or offered.chosen(reference),
        shapes=[*MEASURES.values()],
    )
    return state.page([panel], title=f"Evaluate {reference}", current="Models", faults=form.summary)


def dataset_form(state: State, model: str, form: Filled | None = None) -> str:
    """Return the page on which a dataset is added, as it was filled in, and what is wrong with that.

    `model` is what is then run on it; empty for none, an error if there is none of this name.
    """
    form = Filled() if form is None else form
    if model:
        model = state.workspace.models[model].reference
    panel = part("dataset", "dataset_form.html", scripts=SCRIPTS, **dataset_values(state, model, form))
    return state.page(
        [panel], title="Add a dataset", current="Models" if model else "Datasets", faults=form.summary
    )


def dataset_values(state: State, model: str, form: Filled) -> dict[str, Any]:
    """Return what the form of a dataset shows, as it was filled in; `model` is name and version, or empty."""
    return {
        "form": form,
        "model": model,
        "more": form.concerns("groups", "pairing", "list", "attributes", "read") or form.get("dims") == "3",
        "shapes": [*MEASURES.values()] if model else [],
        "measured": form.concerns(*MEASURES),
        "names": [line.name for line in state.workspace.datasets.listing() if line.workspace is None],
        "presets": presets.names(),
        "here": visible(state.here),
    }


def message(state: State, title: str, *notices: Notice) -> str:
    """Return a page that says something, and leads back to the models."""
    panel = part("message", "message.html", heading=title, notices=notices)
    return state.page([panel], title=title)
