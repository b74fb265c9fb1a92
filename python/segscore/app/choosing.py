"""Which dataset a version of a model is evaluated on: what can be chosen, and what was chosen last.

Datasets are those of this workspace and of others; from others they are linked when they are chosen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import NamedTuple
from urllib.parse import urlencode

from segscore.app.folders import is_text
from segscore.app.state import State
from segscore.base.wording import visible
from segscore.errors import ArgumentError
from segscore.workspace import Run, Workspace
from segscore.workspace.store.listing import Listed, latest_dataset

OWN = "this workspace"


class Option(NamedTuple):
    """A line of a control."""

    text: str
    """What is shown."""
    value: str = ""
    """What is sent; empty for a line that cannot be chosen."""
    versions: str = ""
    """Of a dataset that is chosen without its version: the latest first, with blanks between them."""


class Options(NamedTuple):
    """Lines of a control under a heading."""

    label: str
    lines: Sequence[Option]


@dataclass(frozen=True)
class Choices:
    """Versions of datasets that can be evaluated on, and the one to begin with for each of a model."""

    groups: Sequence[Options]
    offered: frozenset[str]
    latest: str
    """The version that was added last; empty where there is none."""
    used: Mapping[str, str] = field(default_factory=dict)
    """What versions of models were last evaluated on."""

    def chosen(self, model: str) -> str:
        """Return what is selected for a version of a model: what it was last evaluated on, or the latest."""
        return self.used.get(model, self.latest)


def choices(state: State, runs: Sequence[Run]) -> Choices:
    """Return what can be chosen, and what was chosen last, given the finished runs."""
    listing = state.workspace.datasets.listing()
    groups = [
        Options(label, [line for one in lines for line in _versions(one)])
        for label, lines in _by_workspace(listing)
    ]
    offered = frozenset(line.value for group in groups for line in group.lines if line.value)
    return Choices(groups, offered, latest_dataset(listing), _used(state, runs))


def datasets(listing: Sequence[Listed]) -> list[Options]:
    """Return the datasets by name, whose version is chosen apart."""
    return [
        Options(label, [_named(one) for one in lines if one.versions])
        for label, lines in _by_workspace(listing)
        if any(one.versions for one in lines)
    ]


def versions_of(groups: Sequence[Options]) -> list[str]:
    """Return all versions that some dataset has, for whoever has no script that knows of which."""
    return list(
        dict.fromkeys(name for group in groups for one in group.lines for name in one.versions.split())
    )


def evaluation_address(model: str, dataset: str, job: int | None = None) -> str:
    """Return the address of the evaluation results of a model on a dataset.

    A `job` adds the dataset, of which then only the name is known.
    """
    named = {"model": model, "dataset": dataset}
    return f"/evaluation?{urlencode(named if job is None else {**named, 'job': job})}"


def other_workspaces(workspace: Workspace) -> list[str]:
    """Return the folders of the workspaces that datasets are linked from, those that a form can name."""
    folders = {str(line.workspace) for line in workspace.datasets.listing() if line.workspace is not None}
    return sorted(folder for folder in folders if is_text(folder))


def other(workspace: Workspace, folder: str | PathLike[str]) -> list[Options]:
    """Return the datasets of the workspace in a folder by name; those that cannot be linked say why.

    It is an error if there is no such workspace, or no dataset in it.
    """
    there = _opened(workspace, folder)
    here = {line.name: line for line in workspace.datasets.listing()}
    lines = [
        Option(f"{line.name} ({said})") if (said := _taken(there, line, here)) else _named(line)
        for line in there.datasets.listing()
        if line.versions
    ]
    if not lines:
        raise ArgumentError(
            f"{visible(str(there.path))}: there is no dataset in this workspace",
            "give the folder of another project, or the folders of a new dataset",
        )
    return [Options(visible(str(there.path)), lines)]


def linked(workspace: Workspace, folder: str | PathLike[str], name: str) -> tuple[Workspace, bool]:
    """Return the workspace that a dataset belongs to which another one shows, and whether it is linked here.

    A dataset that the other one has linked itself belongs to a third.
    """
    there = _opened(workspace, folder)
    lines = {line.name: line for line in there.datasets.listing() if line.versions}
    if name not in lines:
        there.datasets[name]  # which says what there is
        raise AssertionError
    here = {line.name: line for line in workspace.datasets.listing()}
    if said := _taken(there, lines[name], here):
        raise ArgumentError(
            f"dataset `{name}` cannot be linked: {said}",
            "a linked dataset keeps its name: choose another one",
        )
    root = lines[name].workspace
    return there if root is None else Workspace(root), name in here and here[name].problem is None


def _opened(workspace: Workspace, folder: str | PathLike[str]) -> Workspace:
    there = Workspace(folder)
    if there.path.resolve() == workspace.path.resolve():
        raise ArgumentError(
            f"{visible(str(there.path))}: expected another workspace, found this one",
            "its datasets are among the registered ones",
        )
    return there


def _taken(there: Workspace, line: Listed, here: Mapping[str, Listed]) -> str:
    """Return why a dataset of another workspace cannot be linked; empty if it can be."""
    known = here.get(line.name)
    if known is None or known.problem is not None:
        return ""
    root = line.workspace or there.path
    if known.workspace is None:
        return "a dataset of this name is here already"
    if known.workspace.resolve() != root.resolve():
        return f"one of this name is linked from {visible(str(known.workspace))}"
    return ""


def _by_workspace(listing: Sequence[Listed]) -> list[tuple[str, list[Listed]]]:
    """Return the lines of a listing under the workspaces that they belong to, this one first."""
    found: dict[str, list[Listed]] = {"": []}
    for line in listing:
        found.setdefault("" if line.workspace is None else str(line.workspace), []).append(line)
    return [
        (f"linked from {visible(root)}" if root else OWN, lines)
        for root, lines in sorted(found.items())
        if lines
    ]


def _versions(line: Listed) -> list[Option]:
    """Return the versions of a dataset, the latest first; of a link that is broken why it is."""
    if line.problem is not None:
        return [Option(visible(line.problem.split("\n")[0]))]
    references = [f"{line.name}:{version}" for version in reversed(line.versions)]
    return [Option(f"{one}{'' if i else ' (latest)'}", one) for i, one in enumerate(references)]


def _named(line: Listed) -> Option:
    return Option(line.name, line.name, " ".join(reversed(line.versions)))


def _used(state: State, runs: Sequence[Run]) -> dict[str, str]:
    """Return what versions of models were last evaluated on, by jobs, runs and what was interrupted."""
    told = [(run.started, run.model, run.dataset) for run in runs]
    told += [(run.started, run.model, run.dataset) for run in state.workspace.unfinished() if run.model]
    told += [
        (job.asked, job.task.model, job.dataset)
        for job in state.jobs.all()
        if job.task.model is not None and ":" in job.dataset
    ]
    # Sorting keeps the order of what began in the same second: jobs are the last that were asked for.
    return {model: dataset for _, model, dataset in sorted(told, key=lambda one: one[0])}
