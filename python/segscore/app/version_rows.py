"""The table of versions of models: what each is, its latest scores, and what it can be evaluated on.

`templates/versions.html` draws it, on the page of all models and wherever else versions are listed.
"""

from collections.abc import Sequence
from typing import Any

from segscore.app.choosing import choices
from segscore.app.run_views import scored
from segscore.app.state import State
from segscore.predict.options import FORMS
from segscore.workspace import Run

SCRIPTS = ("folders.js", "journey.js")
"""Scripts of a page that holds the table."""
_SCORES = 4
"""Scores that a row shows."""


def version_table(state: State, runs: Sequence[Run], model: str | None = None) -> dict[str, Any]:
    """Return what the template shows: versions of all models or of one, and the datasets to choose from."""
    latest = {(run.model, run.dataset): run for run in runs}
    by_model: dict[str, list[Run]] = {}
    for run in reversed(latest.values()):
        by_model.setdefault(run.model, []).append(run)
    models: dict[str, list[dict[str, Any]]] = {}
    for line in state.workspace.models.versions():
        if model not in (None, line.name):
            continue
        reference = f"{line.name}:{line.versions[0]}"
        found = sorted(by_model.get(reference, []), key=lambda run: run.ended, reverse=True)
        models.setdefault(line.name, []).append(
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
    return {
        "models": [{"name": name, "versions": versions} for name, versions in models.items()],
        "choices": choices(state, runs),
    }
