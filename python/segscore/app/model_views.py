"""The page of a model with all of its versions, or of one of them."""

from collections.abc import Iterable, Sequence
from typing import Any

from segscore.app.choosing import choices
from segscore.app.page import part
from segscore.app.run_views import begun_note, judged, marks_of
from segscore.app.state import State, notice_of
from segscore.app.trend_views import trend_panel
from segscore.app.version_rows import SCRIPTS, form_of, is_results
from segscore.base.wording import short, visible
from segscore.errors import SegscoreError
from segscore.pages.page import Panel
from segscore.pages.queries import from_address
from segscore.predict.options import FORMS, OPTIONS, RESULTS
from segscore.text.numbers import DASH
from segscore.workspace import Model, Run
from segscore.workspace.store.names import split_reference

_RUNS = 50
"""Runs on one dataset that a page lists."""
_FILES = 6
"""Files of a model that are listed."""


def model_page(state: State, reference: str, metric: str = "") -> str:
    """Return the page of a model, ``unet``, or of a version, ``unet:v2``; an error if there is none.

    `metric` is that of the line over versions, as addresses write it; the mean IoU if it is empty.
    """
    name, version = split_reference("model", reference)
    model = state.workspace.models[reference]
    every = state.workspace.runs()
    of_model = [run for run in every if run.model.partition(":")[0] == name]
    runs = [run for run in of_model if version is None or run.model == model.reference]
    of_versions = {} if version is not None else _of_versions(state, name, runs)
    head = part(
        "model",
        "model.html",
        scripts=SCRIPTS,
        choices=choices(state, every),
        model=model,
        name=name,
        version=version,
        others=[one for one in reversed(model.versions) if one != version],
        runs=len(runs),
        datasets=len({run.dataset for run in runs}),
        facts=_facts(model) if version is not None else (),
        trained_on=_trained_on(state, model),
        same=_same(state, model),
        files=[(visible(file.path), file.bytes, short(file.sha256)) for file in model.files[:_FILES]],
        more_files=max(0, len(model.files) - _FILES),
        versions=of_versions,
    )
    panels: list[Panel | None] = [head]
    notices = []
    if of_model:
        try:
            chosen = from_address(metric) if metric else None
            panels.append(trend_panel(state, every, name, chosen, version or ""))
        except SegscoreError as error:
            notices.append(notice_of(error))
    panels.append(_runs_panel(model, runs, all_versions=version is None))
    return state.page(panels, title=reference, current="Models", notices=notices)


def _facts(model: Model) -> list[tuple[str, str]]:
    """Return what is known of a version, but for its files, what it was trained on, and when it was added."""
    form = RESULTS if model.is_results else FORMS[model.form].listing
    place = f"{model.source} in {model.path}" if model.form == "python" else model.path
    said = [("what it is", form), ("where it is", place), ("digest", model.digest)]
    for key, value in model.options.items():
        label = OPTIONS[key].label if key in OPTIONS else key
        shown = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        said.append((label, "yes" if value is True else shown))
    if model.reader is not None:
        said.append(("code that reads it", model.reader.path))
    if model.untried:
        said.append(("not known to run", model.untried))
    return [(visible(title), visible(text)) for title, text in said]


def _trained_on(state: State, model: Model) -> dict[str, Any] | None:
    """Return what a version was trained on, and whether that is a dataset with a page."""
    found = model.trained_on
    if found is None:
        return None
    there = found.digest is not None and found.name in state.workspace.datasets
    return {"name": found.name if there else visible(found.name), "there": there, "images": len(found.images)}


def _same(state: State, model: Model) -> list[str]:
    """Return the other versions that hold the same."""
    return [
        line.versions[0]
        for line in state.workspace.models.versions()
        if line.name == model.name and line.digest == model.digest and line.versions[0] != model.version
    ]


def _of_versions(state: State, name: str, runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Return a row for each version of a model, the latest first."""
    return [
        {
            "version": line.versions[0],
            "form": form_of(line) or DASH,
            "is_results": is_results(line),
            "added": line.added,
            "digest": short(line.digest),
            "trained_on": visible(str(line.summary.get("trained_on") or "")),
            "runs": sum(1 for run in runs if run.model == f"{name}:{line.versions[0]}"),
        }
        for line in state.workspace.models.versions()
        if line.name == name
    ]


def _runs_panel(model: Model, runs: Sequence[Run], *, all_versions: bool) -> Panel:
    """Return the runs by dataset, the latest first."""
    by_dataset: dict[str, list[Run]] = {}
    for run in reversed(runs):
        by_dataset.setdefault(run.dataset, []).append(run)
    reference = model.name if all_versions else model.reference
    groups: list[dict[str, Any]] = [
        {
            "dataset": dataset,
            "rows": list(_rows(model, found[:_RUNS], all_versions)),
            "more": max(0, len(found) - _RUNS),
        }
        for dataset, found in by_dataset.items()
    ]
    return part(
        "model-runs",
        "model_runs.html",
        title="Runs",
        reference=reference,
        all_versions=all_versions,
        groups=groups,
        shapes=any(row["shapes"] for group in groups for row in group["rows"]),
        notes=any(row["note"] for group in groups for row in group["rows"]),
        marks=marks_of(runs),
    )


def _rows(model: Model, runs: Iterable[Run], all_versions: bool) -> Iterable[dict[str, Any]]:
    for run in runs:
        yield {
            **judged(run),
            "version": run.model.partition(":")[2],
            "other": not all_versions and run.model_digest != model.digest,
            "shapes": " and ".join(run.measures.shapes),
            "measured": run.measures.said,
            "note": begun_note(run.note),
        }
