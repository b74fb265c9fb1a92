"""Versions of models and datasets and the runs of one on the other, kept as files."""

from typing import TYPE_CHECKING

from segscore.base.faces import later

if TYPE_CHECKING:
    from segscore.workspace.history import Runs
    from segscore.workspace.registry.collections import Datasets, Models
    from segscore.workspace.registry.datasets import Dataset
    from segscore.workspace.registry.models import Model
    from segscore.workspace.runs.folders import Unfinished
    from segscore.workspace.runs.run import Run
    from segscore.workspace.runs.running import RunProgress
    from segscore.workspace.several import SideBySideRuns, compare_runs
    from segscore.workspace.trends import Trend
    from segscore.workspace.workspace import Workspace
else:
    __getattr__ = later(
        __name__,
        {
            "segscore.workspace.history": ("Runs",),
            "segscore.workspace.registry.collections": ("Datasets", "Models"),
            "segscore.workspace.registry.datasets": ("Dataset",),
            "segscore.workspace.registry.models": ("Model",),
            "segscore.workspace.runs.folders": ("Unfinished",),
            "segscore.workspace.runs.run": ("Run",),
            "segscore.workspace.runs.running": ("RunProgress",),
            "segscore.workspace.several": ("SideBySideRuns", "compare_runs"),
            "segscore.workspace.trends": ("Trend",),
            "segscore.workspace.workspace": ("Workspace",),
        },
    )

__all__ = [
    "Dataset",
    "Datasets",
    "Model",
    "Models",
    "Run",
    "RunProgress",
    "Runs",
    "SideBySideRuns",
    "Trend",
    "Unfinished",
    "Workspace",
    "compare_runs",
]
