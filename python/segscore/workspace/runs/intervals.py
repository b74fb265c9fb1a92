"""The intervals of a run, kept in its folder once they have been computed, as a run never changes.

What is kept is believed only if it is whole, of this run, and of all that its page asks for; else it is
computed again. Where nothing can be written, nothing is kept.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from segscore.errors import OutputError, SegscoreError, WorkspaceError
from segscore.io.writing import remove_parts, write_file
from segscore.pages.intervals import Intervals, intervals_of, wanted, wanted_groups
from segscore.pages.panels.given import Scenario
from segscore.pages.report import scenarios_of
from segscore.results.evaluated import Evaluated
from segscore.statistics.intervals import DEFINITION, Interval
from segscore.workspace.registry.datasets import Dataset
from segscore.workspace.reports import image_attributes
from segscore.workspace.runs.folders import KIND, has_ended
from segscore.workspace.runs.run import Run, run_of
from segscore.workspace.store.disk import checked_number, checked_string
from segscore.workspace.store.store import Store

INTERVALS = "intervals.kept"
"""Its name ends like that of no manifest."""
_SCHEMA = 1
_MOST = 64 << 20
"""Bytes of a file, at most; those of 400 classes and 100 attributes are a few megabytes."""


def kept_intervals(run: Run, evaluation: Evaluated, scenarios: Sequence[Scenario]) -> Intervals | None:
    """Return the intervals that were kept of a run and these scenarios; None if there are none to believe."""
    try:
        with open(run.folder / INTERVALS, "rb") as file:
            content = file.read(_MOST + 1)
        if len(content) > _MOST:
            return None
        head, _, body = content.partition(b"\n")
        if json.loads(head) != _head(run, body):
            return None
        return _read(json.loads(body), evaluation, scenarios)
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return None


def keep_intervals(run: Run, scenarios: Sequence[Scenario], found: Intervals) -> None:
    """Keep the intervals of a run, if it is still there and its folder can be written to."""
    told = {
        "none": found.none,
        "whole": [asdict(one) for one in found.whole.values()],
        "scenarios": [
            {"title": scenario.title, "groups": {name: asdict(one) for name, one in of.items()}}
            for scenario, of in zip(scenarios, found.scenarios, strict=True)
        ],
    }
    # Floats are written so that they are read as they were; NaN and infinity as Python's `json` does.
    body = json.dumps(told).encode("ascii")
    with suppress(OutputError, WorkspaceError), run.changing():
        # A run that was removed meanwhile is not to have files again.
        if has_ended(run.folder):
            remove_parts(run.folder)
            write_file(run.folder / INTERVALS, json.dumps(_head(run, body)).encode("ascii") + b"\n" + body)


def made_intervals(run: Run, evaluation: Evaluated, scenarios: Sequence[Scenario]) -> Intervals:
    """Return the intervals of a run, computed and kept unless they have been."""
    found = kept_intervals(run, evaluation, scenarios)
    if found is None:
        found = intervals_of(evaluation, scenarios)
        keep_intervals(run, scenarios, found)
    return found


def keep_at_end(store: Store, name: str, evaluation: Evaluated, dataset: Dataset) -> None:
    """Compute and keep the intervals of a run that has just ended; what goes wrong is left to its page."""
    with suppress(SegscoreError):
        for row in store.rows(KIND):
            if row.name == name:
                scenarios = scenarios_of(evaluation, image_attributes(dataset))
                made_intervals(run_of(store, row), evaluation, scenarios)


def _head(run: Run, body: bytes) -> dict[str, Any]:
    """Return what a file begins with: what it is, of what, and the digest of the rest."""
    return {
        "schema": _SCHEMA,
        "definition": DEFINITION,
        "run": run.digest,
        "evaluation": run.manifest["evaluation"],
        "sha256": hashlib.sha256(body).hexdigest(),
    }


def _read(told: Mapping[str, Any], evaluation: Evaluated, scenarios: Sequence[Scenario]) -> Intervals | None:
    """Return the intervals that a file tells of; None if others are asked for.

    It raises what damaged files raise.
    """
    none, whole = checked_string(told["none"]), _of_names(told["whole"])
    if list(whole) != ([] if none else wanted(evaluation)):
        return None
    if [one["title"] for one in told["scenarios"]] != [scenario.title for scenario in scenarios]:
        return None
    groups = []
    for one, scenario in zip(told["scenarios"], scenarios, strict=True):
        if list(one["groups"]) != wanted_groups(scenario):
            return None
        found = {name: _interval(about) for name, about in one["groups"].items()}
        if any(interval.metric != evaluation.main_of_tables.whole for interval in found.values()):
            return None
        groups.append(found)
    return Intervals(whole, none, tuple(groups))


def _of_names(told: Sequence[Mapping[str, Any]]) -> dict[str, Interval]:
    return {interval.metric: interval for interval in map(_interval, told)}


def _interval(about: Mapping[str, Any]) -> Interval:
    value, low, high, level = (_float(about[name]) for name in ("value", "low", "high", "level"))
    reason, note = (
        None if about[name] is None else checked_string(about[name]) for name in ("reason", "note")
    )
    metric, kind = checked_string(about["metric"]), checked_string(about["kind"])
    return Interval(metric, value, low, high, level, checked_number(about["units"]), kind, reason, note)


def _float(found: object) -> float:
    if type(found) is not float:
        raise TypeError
    return found
