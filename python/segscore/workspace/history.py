"""The finished runs of a workspace, as a sequence and as a table of models against datasets.

Runs are only read here: how one comes about is in `runs.running`, what is kept of it in `runs.run`.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, overload

from segscore.base.naming import args, by_face
from segscore.base.shown import Shown
from segscore.errors import ArgumentError, FileFormatError, WorkspaceError, flag, unknown
from segscore.scores.alike import is_over_classes
from segscore.scores.metric import sign_of
from segscore.workspace.alike import judged_alike, measured_apart, runs_side_by_side
from segscore.workspace.exports import Columns, image_columns, object_columns, run_columns
from segscore.workspace.grid import Grid, usual_metric
from segscore.workspace.runs.folders import KIND, Unfinished, id_number, unfinished
from segscore.workspace.runs.run import Run, run_of
from segscore.workspace.runs.tags import checked_tags
from segscore.workspace.runs_text import runs_text
from segscore.workspace.store.links import links
from segscore.workspace.store.listing import found_row, not_found
from segscore.workspace.store.names import split_reference
from segscore.workspace.store.store import Store
from segscore.workspace.trends import Trend, not_run, versions_of


class Runs(Shown, Sequence[Run]):
    """Finished runs, by position or by id: ``ws.runs()[-1]``, ``ws.runs()["r12"]``.

    Examples
    --------
    Two models on a dataset of one image:

    >>> import tempfile
    >>> import numpy as np
    >>> from segscore import Workspace
    >>> folder = tempfile.TemporaryDirectory()
    >>> ws = Workspace.init(folder.name)
    >>> for side, labels in (("image", [9, 9]), ("target", [0, 1]), ("good", [0, 1]), ("bad", [1, 1])):
    ...     (ws.path / side).mkdir()
    ...     np.save(ws.path / side / "a.npy", np.array([labels]))
    >>> image, target = ws.path / "image", ws.path / "target"
    >>> data = ws.datasets.add("streets", images=image, targets=target, classes=2, progress=False)
    >>> for name in ("good", "bad"):
    ...     model = ws.models.add(name, predictions=ws.path / name)
    ...     run = ws.run(name, "streets", progress=False)
    >>> runs = ws.runs()
    >>> [run.id for run in runs], runs["r2"].model, runs[0].metric("iou.1")
    (['r1', 'r2'], 'bad:v1', 1.0)
    >>> print(runs.grid())
    mean_iou   streets:v1
    good:v1       1.0000*
    bad:v1         0.2500
    <BLANKLINE>
    * the best of these on its dataset
    >>> folder.cleanup()
    """

    def __init__(self, runs: Sequence[Run], unfinished: Sequence[Unfinished] = ()) -> None:
        self._runs = tuple(runs)
        self._unfinished = tuple(unfinished)

    @staticmethod
    def of(
        store: Store, *, model: Any = None, dataset: Any = None, tag: Any = None, sort: str | None = None
    ) -> "Runs":
        """Return the runs of a workspace; the parameters are those of `Workspace.runs`."""
        wanted = {
            kind: None if reference is None else split_reference(kind, reference)
            for kind, reference in (("model", model), ("dataset", dataset))
        }
        found = []
        for row in store.rows(KIND):
            try:
                found.append(run_of(store, row))
            except FileFormatError as error:
                store.leave_out(row.name, error)
        for kind, reference in wanted.items():
            if reference is not None:
                fitting = [run for run in found if _fits(getattr(run, kind), *reference)]
                if not fitting:
                    _check_known(store, kind, reference, found)
                found = fitting
        if tag is not None:
            found = _tagged(found, tag)
        begun = unfinished(store)
        if sort is None:
            return Runs(found, begun)
        Runs(found).check(sort)
        judged = judged_alike(found, sort) if is_over_classes(sort) else {}
        ranks = {run.id: _rank(sort, judged.get(run.id, run.find(sort))) for run in found}
        # Stable: equal ones stay in the order in which they were run.
        order = sorted(found, key=lambda run: (math.isinf(ranks[run.id]), not run.comparable, -ranks[run.id]))
        return Runs(order, begun)

    def check(self, metric: str) -> None:
        """Raise ArgumentError if there are runs and none of them has such a metric."""
        if self._runs and all(run.find(metric) is None for run in self._runs):
            for run in self._runs:
                with suppress(FileFormatError, WorkspaceError):  # of which `find` has warned
                    run.metric(metric)  # It says which ones there are.
            self._runs[0].metric(metric)

    main = property(usual_metric)

    def grid(self, metric: str | None = None, *, models: Sequence[str] | None = None) -> Grid:
        """Return one metric of the latest run of each model on each dataset, in whatever order the runs are.

        Parameters
        ----------
        metric : str, optional
            Such as ``mean_iou``, NaN where the classes of a dataset lack it; by default `main`.
        models : sequence of str, optional
            Names with versions, in the order in which they stand; by default all, in the order in which they
            were first run.

        Raises
        ------
        ArgumentError
            If no run has such a metric.
        """
        # Runs may be sorted by what they scored; an id tells when one was begun.
        as_run = sorted(self._runs, key=lambda run: id_number(run.id))
        models = tuple(dict.fromkeys([run.model for run in as_run] if models is None else models))
        as_run = [run for run in as_run if run.model in models]
        latest = {(run.model, run.dataset): run for run in as_run}
        self.check(metric := metric or self.main)
        values = {key: run.find(metric) for key, run in latest.items()}
        known = {key: math.nan if value is None else value for key, value in values.items()}
        datasets = tuple(dict.fromkeys(run.dataset for run in as_run))
        unlike = {}
        if is_over_classes(metric):
            for dataset in datasets:
                there = [latest[model, dataset] for model in models if (model, dataset) in latest]
                if (found := runs_side_by_side(there, metric)) is not None:
                    unlike[dataset] = found
        apart = {dataset: measured_apart([*latest.values()], dataset, metric) for dataset in datasets}
        apart = {dataset: why for dataset, why in apart.items() if why}
        grid = Grid(metric, models, datasets, latest, known, {}, unlike, apart)
        first, best = max if sign_of(metric) > 0 else min, {}
        for dataset in datasets:
            if dataset in apart:
                continue
            judged = [
                grid.judged(model, dataset) for model in grid.on(dataset) if latest[model, dataset].comparable
            ]
            judged = [value for value in judged if not math.isnan(value)]
            if len(judged) > 1:
                best[dataset] = first(judged)
        return replace(grid, best=best)

    def trend(self, model: str, metric: str | None = None) -> Trend:
        """Return one metric over the versions of a model: of the latest run of each on each dataset.

        Parameters
        ----------
        model : str
            A name without a version.
        metric : str, optional
            As for `grid`.

        Returns
        -------
        Trend
            Versions that were not run are among its versions, too.

        Raises
        ------
        ArgumentError
            If no version of the model was run, or no run of one has such a metric.
        """
        known = sorted({run.model.partition(":")[0] for run in self._runs})
        if model not in known:
            raise not_run(model, known)
        runs = Runs([run for run in self._runs if run.model.partition(":")[0] == model])
        versions = versions_of(runs)
        return Trend(model, versions, runs.grid(metric, models=[f"{model}:{one}" for one in versions]))

    def columns(self, *, images: bool = False, objects: bool = False) -> Columns:
        """Return one row a run, or one row an image or an object of each, as NumPy arrays under their names.

        Parameters
        ----------
        images, objects : bool
            Whether there is a row for each image, or for each object of runs that tell objects apart; see
            `segscore.workspace.exports` for the columns.

        Raises
        ------
        ArgumentError
            If both are asked for, or objects where no run has any.
        FileFormatError
            If every run is damaged; of several, those that are damaged are left out with a warning.
        """
        if flag("images", images) & flag("objects", objects):
            raise ArgumentError(
                f"{args(('images', 'objects'))} are both given", "a table has rows of one kind"
            )
        return (object_columns if objects else image_columns if images else run_columns)(self._runs)

    def to_frame(self, backend: str | None = None, *, images: bool = False, objects: bool = False) -> Any:
        """Return `columns` as a data frame of the library that you use.

        Parameters
        ----------
        backend : "pandas", "polars" or "pyarrow", optional
            The library; by default the first of these that is installed. The extra ``frames`` is needed.
        images, objects : bool
            As for `columns`.

        Raises
        ------
        ArgumentError
            As for `columns`; or if there is no such backend, or it or narwhals is not installed.
        """
        from segscore.text.frames import frame

        return frame(self.columns(images=images, objects=objects), backend)

    @overload
    def __getitem__(self, which: int | str) -> Run: ...
    @overload
    def __getitem__(self, which: slice) -> "Runs": ...
    def __getitem__(self, which: int | str | slice) -> "Run | Runs":
        """Return a run by its position or id, or several by a slice.

        Raises
        ------
        ArgumentError
            If there is no run of this id.
        IndexError
            If there is none at this position.
        """
        if isinstance(which, slice):
            return Runs(self._runs[which])
        if not isinstance(which, str):
            return self._runs[which]
        for run in self._runs:
            if run.id == which:
                return run
        for one in self._unfinished:
            if one.id == which:
                raise ArgumentError(
                    f"run {which} is not finished: {one.done:,} of {one.total:,} images",
                    by_face("`segscore runs`", forms="the page `Runs`") + " says how it goes on",
                )
        if not self._runs:
            raise ArgumentError(
                f"there is no run `{which}`, nor any other",
                by_face("`segscore run`", forms="`Evaluate`") + " makes one",
            )
        raise unknown("run", which, [run.id for run in reversed(self._runs)])

    def __len__(self) -> int:
        """Return the number of runs."""
        return len(self._runs)

    def __iter__(self) -> Iterator[Run]:
        """Go through the runs."""
        return iter(self._runs)

    def __str__(self) -> str:
        """Return one row a run, in 80 columns."""
        return runs_text(self)

    def __repr__(self) -> str:
        """Return a short form with the number of runs."""
        return f"<Runs: {len(self):,}>"


def _check_known(store: Store, kind: str, reference: tuple[str, str | None], runs: Sequence[Run]) -> None:
    """Raise ArgumentError for a name or a version of which there is neither a run nor anything else."""
    name, version = reference
    rows = store.rows(kind, name)
    linked = kind == "dataset" and name in links(store)
    if not rows and not linked and not any(_fits(getattr(run, kind), name, None) for run in runs):
        known = {row.name for row in store.rows(kind)} | {
            getattr(run, kind).partition(":")[0] for run in runs
        }
        raise not_found(kind, name, sorted(known))
    if rows and version is not None:
        found_row(kind, rows, name, version)


def _tagged(runs: Sequence[Run], wanted: Any) -> list[Run]:
    """Return the runs that have a tag, or all of several; one that no run has is an ArgumentError."""
    tags = checked_tags(wanted)
    own = [set(run.tags) for run in runs]
    known = sorted(set().union(*own))
    for tag in tags:
        if tag not in known:
            if known:
                raise unknown("tag", tag, known)
            raise ArgumentError(
                f"there is no tag `{tag}`, nor any other",
                by_face("`segscore tag`", forms="the page `Runs`") + " gives a run one",
            )
    return [run for run, of in zip(runs, own, strict=True) if of.issuperset(tags)]


def _fits(reference: str, name: str, version: str | None) -> bool:
    return reference == f"{name}:{version}" if version is not None else reference.partition(":")[0] == name


def _rank(metric: str, value: float | None) -> float:
    """Return what the best run of a metric has most of."""
    return -math.inf if value is None or math.isnan(value) else sign_of(metric) * value
