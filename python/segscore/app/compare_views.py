"""The page on which more than two runs are compared: metrics and classes by run, and links to each two."""

import math
from collections.abc import Sequence
from itertools import combinations
from typing import Any

from segscore.app.faults import of_query
from segscore.app.page import part
from segscore.app.pictures import identity
from segscore.app.run_views import judged, marks_of
from segscore.app.state import State
from segscore.base.wording import visible
from segscore.scores.main import class_in
from segscore.scores.titles import metric_title
from segscore.text.numbers import signed
from segscore.text.summary import MAX_ROWS
from segscore.workspace.several import Row, compare_runs, earlier_first


def ordered(state: State, chosen: Sequence[str]) -> list[str]:
    """Return ids of runs, those of earlier versions first; an error if there is no run of one."""
    runs = state.workspace.runs()
    return [run.id for run in earlier_first([runs[one] for one in chosen])]


def several_page(state: State, chosen: Sequence[str]) -> str:
    """Return the page of several runs in the order given."""
    every = state.workspace.runs()
    compared = [every[one] for one in chosen]
    with of_query():
        found = state.several.get(tuple(map(identity, compared)), lambda: compare_runs(compared))
    same = len({run.dataset for run in compared}) == 1
    runs = [
        {
            **judged(run),
            "model": run.model,
            "dataset": run.dataset,
            "others": [one.id for one in compared if one.id != run.id],
        }
        for run in compared
    ]
    head = part(
        "several",
        "several.html",
        runs=runs,
        dataset=compared[0].dataset if same else "",
        images=found.images,
        left_out=found.left_out,
        pairs=[(a.id, b.id) for a, b in combinations(compared, 2)],
        metrics=[_shown(row, metric_title(row.metric)) for row in found.metrics],
        notes=[visible(note) for note in found.notes],
        marks=marks_of(compared, best=any(any(row.best) for row in (*found.metrics, *found.classes))),
    )
    rows = found.classes[:MAX_ROWS]
    kind = compared[0].evaluation.main_of_tables.class_label
    classes = part(
        "classes",
        "several_classes.html",
        title=f"{kind} of classes",
        scripts=("table.js",),
        runs=runs,
        rows=[_shown(row, visible(class_in(row.metric))) for row in rows],
        hidden=len(found.classes) - len(rows),
    )
    return state.page(
        [head, classes if rows else None],
        title=f"{len(runs)} runs compared",
        current="Compare",
        sections=True,
    )


def _shown(row: Row, title: str) -> dict[str, Any]:
    cells = zip(row.values, row.deltas, row.best, strict=True)
    return {
        "title": title,
        "note": row.note,
        "cells": [
            {
                "value": None if math.isnan(value) else value,
                # The first one differs from itself by nothing.
                "delta": signed(delta) if i and not math.isnan(delta) else "",
                "best": best,
            }
            for i, (value, delta, best) in enumerate(cells)
        ],
    }
