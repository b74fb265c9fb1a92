"""What a workspace does for jobs of a cluster: each runs a model on a share of the images of a dataset."""

from typing import Literal, Unpack

from segscore.base.foreign import translated
from segscore.base.naming import arg
from segscore.base.shown import brief
from segscore.base.values import is_int
from segscore.base.wording import many
from segscore.counts.measure_options import MeasureOptions, measuring
from segscore.errors import ArgumentError
from segscore.workspace.history import Runs
from segscore.workspace.registry.collections import Datasets, Models, Reference
from segscore.workspace.runs.agreement import Job
from segscore.workspace.runs.folders import Unfinished, is_id, unfinished
from segscore.workspace.runs.plans import planned
from segscore.workspace.runs.run import Run
from segscore.workspace.runs.running import Progress, run
from segscore.workspace.store.store import Store


class Shards:
    """Base of a workspace that runs shards."""

    _store: Store

    @translated
    @measuring
    def run_shard(
        self,
        model: Reference,
        dataset: Reference,
        number: int,
        shards: int,
        *,
        resize: Literal["nearest"] | None = None,
        batch: int | None = None,
        again: bool = False,
        after: str | None = None,
        keep_predictions: bool = True,
        verify: bool = False,
        threads: int | None = None,
        progress: Progress = True,
        **measures: Unpack[MeasureOptions],
    ) -> Run | Unfinished:
        """Run a model on a share of the images of a dataset, while other processes run others.

        They may be on other machines that have the workspace at hand, as jobs of an array. The last of them
        ends the run; shards of jobs that were lost are run by the same call again, or by `Workspace.run`. All
        of them are given the same options: one that differs from those that have begun the run is refused.

        Parameters
        ----------
        model, dataset : str or (str, str)
            As for `Workspace.run`.
        number, shards : int
            Which shard it is, from 1, and how many there are: at most as many as images, as a number that is
            a mistake would hold up all others.
        again : bool
            As for `Workspace.run`, where no run of the same has ended: a job that is tried again after the
            end would begin another one.
        after : str, optional
            The id of the latest finished run of the same, to compute it anew: all shards belong to the run
            that comes after it, also those that are tried again once it has ended.
        resize, batch, keep_predictions, verify, threads, progress
            As for `Workspace.run`.
        boundary, distances, spacing, surface, within, tolerances, empty
            As for `Workspace.run`.

        Returns
        -------
        Run or Unfinished
            The run, if the images of all other shards are known; else how far it is.

        Raises
        ------
        ArgumentError, WorkspaceError, EvaluationError, FileFormatError, OutputError
            As for `Workspace.run`; also if there is no such shard, other shards have begun the run with other
            options, or `again` or `after` do not say which run is meant.
        """
        if not (is_int(number) and is_int(shards) and 1 <= number <= shards):
            raise ArgumentError(
                f"there is no shard {brief(number)} of {brief(shards)}", "the first of 16 shards is 1 of 16"
            )
        of = Models(self._store)[model], Datasets(self._store)[dataset]
        if shards > (images := len(of[1].names)):
            raise ArgumentError(
                f"there are {shards:,} shards, and {of[1].reference} has {many(images, 'image')}",
                f"make at most {images:,}: the workspace holds all shards to the number of the first one",
            )
        plan = planned(*of, resize=resize, batch=batch, keep=keep_predictions, measures=measures)
        if after is not None and not (isinstance(after, str) and is_id(after)):
            raise ArgumentError(f"{arg('after')} is {after!r}, expected the id of a run", "such as r12")
        job = Job(int(number), int(shards), after)
        found = run(
            self._store, plan, again=again, verify=verify, threads=threads, progress=progress, job=job
        )
        going = [one for one in unfinished(self._store) if one.id == found]
        return going[0] if going else Runs.of(self._store)[found]
