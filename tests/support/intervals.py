"""Intervals of runs, for tests that keep them. Nothing here is a test."""

from typing import Any

from segscore import Evaluation, Workspace
from segscore.pages.report import scenarios_of
from segscore.workspace import Run
from segscore.workspace.reports import image_attributes
from segscore.workspace.runs.intervals import INTERVALS, made_intervals


def of_run(workspace: Workspace, name: str = "r1") -> tuple[Run, Evaluation, Any]:
    """Return a run with what its intervals are computed from."""
    run = workspace.runs()[name]
    return run, run.evaluation, scenarios_of(run.evaluation, image_attributes(run.registered()))


def keep_again(root: str, times: int) -> None:
    """Remove what was kept of a run and keep it again; for a process of its own."""
    run, evaluation, scenarios = of_run(Workspace(root))
    for _ in range(times):
        (run.folder / INTERVALS).unlink(missing_ok=True)
        made_intervals(run, evaluation, scenarios)
