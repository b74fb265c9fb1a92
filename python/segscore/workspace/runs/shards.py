"""Shards of a run through an executor: other processes run the model on some of the images each.

They find the model, the dataset and the folder of the run in the workspace, at the same path as it is here.
"""

from collections.abc import Generator, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from segscore.base.wording import show
from segscore.classes.classes import Classes
from segscore.counts.measures import Measures
from segscore.errors import WorkspaceError
from segscore.evaluation.executing import number_of_shards, results
from segscore.io.absolute import absolute_path
from segscore.results.sharded import Place
from segscore.workspace.registry.collections import Datasets, Models
from segscore.workspace.runs.pipeline import Outcome
from segscore.workspace.runs.plans import Plan
from segscore.workspace.runs.ready import Ready
from segscore.workspace.store.store import Store


@dataclass(frozen=True)
class RunShard:
    """Some of the batches of a run, as any process can be sent them."""

    place: Place
    names: tuple[str, ...]
    """The images."""
    root: str
    """The folder of the workspace."""
    model: str
    dataset: str
    classes: Classes
    options: dict[str, Any]
    measures: Measures
    batches: tuple[Sequence[int], ...]
    kept: str | None
    """The folder in which predictions are kept."""
    threads: int

    def outcomes(self) -> list[Outcome]:
        """Return what its images come to."""
        store = Store(Path(self.root))
        model, dataset = Models(store)[self.model], Datasets(store)[self.dataset]
        plan = Plan(model, dataset, self.classes, self.options, self.kept is not None, self.measures)
        if plan.key != self.place.plan:
            raise WorkspaceError(
                f"{show(self.root)}: expected {self.model} and {self.dataset} as they are where the run was "
                "begun, found others",
                "workers need the same files at the same path: put the workspace where all of them see it",
            )
        kept = None if self.kept is None else Path(self.kept)
        with ExitStack() as running:
            ready = Ready.of(plan, running, self.threads)
            found = ready.parts(plan, self.batches, kept, threads=self.threads)
            return list(chain.from_iterable(found))


def by_shards(
    executor: Executor,
    store: Store,
    plan: Plan,
    batches: Sequence[Sequence[int]],
    kept: Path | None,
    *,
    ready: Ready,
    threads: int,
) -> Generator[list[Outcome], None, None]:
    """Yield the outcomes of batches of images, as shards of them are done."""
    names = plan.dataset.names
    number = number_of_shards(executor, ready.parts_of(batches))
    shards = [
        RunShard(
            Place(i + 1, number, plan.key),
            tuple(names[image] for batch in own for image in batch),
            absolute_path(store.root),
            plan.model.reference,
            plan.dataset.reference,
            plan.classes,
            dict(plan.options),
            plan.measures,
            tuple(own),
            None if kept is None else absolute_path(kept),
            threads,
        )
        for i, own in enumerate(ready.dealt(batches, number))
        if own
    ]
    for some in results(executor, RunShard.outcomes, shards):
        yield list(chain.from_iterable(some))
