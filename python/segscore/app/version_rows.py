"""The table of versions of models: what each is, its latest scores, and what it can be evaluated on.

`templates/versions.html` draws it, on the page of all models and wherever else versions are listed.
"""

from typing import Any

from segscore.app.choosing import choices
from segscore.app.run_views import judged
from segscore.app.state import State
from segscore.app.trend_views import changed
from segscore.base.wording import visible
from segscore.errors import SegscoreError
from segscore.predict.options import FORMS, RESULTS
from segscore.workspace import Run, Runs
from segscore.workspace.store.listing import Listed

SCRIPTS = ("folders.js", "journey.js")
"""Scripts of a page that holds the table."""
_SCORES = 4
"""Scores that a row shows."""
_VERSIONS = 3
"""Versions of each model that the page of all models shows, unless some are looked for; the latest ones."""
_FILTERED = 8
"""Versions from which on there is a field to look for some."""


def version_table(state: State, runs: Runs, model: str | None = None, find: str = "") -> dict[str, Any]:
    """Return what the template shows: versions of all models or of one, and the datasets to choose from.

    Of all models only the latest versions are shown, and how many there are beside them; with a text to
    `find`, all versions whose name holds it.
    """
    sought = visible(find.strip())
    wanted = sought.lower()
    latest = {(run.model, run.dataset): run for run in runs}
    by_model: dict[str, list[Run]] = {}
    for run in reversed(latest.values()):
        by_model.setdefault(run.model, []).append(run)
    models: dict[str, list[dict[str, Any]]] = {}
    folded: dict[str, int] = {}
    changes: dict[str, dict[str, dict[str, str]]] = {}
    every = 0
    for line in state.workspace.models.versions():
        if model not in (None, line.name):
            continue
        reference = f"{line.name}:{line.versions[0]}"
        every += 1
        if wanted not in reference.lower():
            continue
        versions = models.setdefault(line.name, [])
        if model is None and not wanted and len(versions) == _VERSIONS:
            folded[line.name] = folded.get(line.name, 0) + 1
            continue
        if line.name not in changes:
            changes[line.name] = _changes(runs, line.name)
        found = sorted(by_model.get(reference, []), key=lambda run: run.ended, reverse=True)
        versions.append(
            {
                "reference": reference,
                "line": line,
                "form": form_of(line),
                "is_results": is_results(line),
                "scores": [
                    {
                        **judged(run),
                        **changes[line.name].get(run.id, {}),
                        "dataset": run.dataset,
                    }
                    for run in found[:_SCORES]
                ],
                "more": max(0, len(found) - _SCORES),
            }
        )
    return {
        "models": [
            {"name": name, "versions": versions, "folded": folded.get(name, 0)}
            for name, versions in models.items()
        ],
        "find": sought,
        "every": every,
        "filters": model is None and (every >= _FILTERED or bool(wanted)),
        "choices": choices(state, runs),
    }


def is_results(line: Listed) -> bool:
    """Whether a version of a model is a file of results, which holds no mask of which shapes are measured."""
    return line.summary.get("results") is True


def form_of(line: Listed) -> str:
    """Return what a version of a model is, empty where nobody knows."""
    if is_results(line):
        return RESULTS
    form: Any = line.summary.get("form")
    return FORMS[form].listing if form in FORMS else ""


def _changes(runs: Runs, model: str) -> dict[str, dict[str, str]]:
    """Return how the mean IoU of runs of a model differs from that of the version before, by run."""
    try:
        trend = runs.trend(model)
    except SegscoreError:  # it was not run, or has no mean IoU
        return {}
    return {one.run.id: changed(one) for dataset in trend.datasets for one in trend.points(dataset)}
