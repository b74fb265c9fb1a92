"""Versions of models and datasets and the runs of one on the other, kept as files."""

from segscore.workspace.history import Runs
from segscore.workspace.registry.collections import Datasets, Models
from segscore.workspace.registry.datasets import Dataset
from segscore.workspace.registry.models import Model
from segscore.workspace.runs.folders import Unfinished
from segscore.workspace.runs.run import Run
from segscore.workspace.runs.running import RunProgress
from segscore.workspace.workspace import Workspace

__all__ = ["Dataset", "Datasets", "Model", "Models", "Run", "RunProgress", "Runs", "Unfinished", "Workspace"]
