"""Workspaces: versions of datasets and of models, kept as immutable files in a folder ``.segscore``.

The files are the truth; an SQLite database beside them is their index and can be rebuilt at any time.
Pixels are read by `registry.adding` and `runs.pipeline`; what a run is made of stands in `runs`.
"""

import os
from collections.abc import Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path
from typing import Literal, Unpack

from segscore.base.foreign import translated
from segscore.base.naming import by_face
from segscore.base.wording import show
from segscore.counts.measure_options import MeasureOptions, measuring
from segscore.errors import ArgumentError, SegscoreError, WorkspaceError
from segscore.evaluation.evaluation import Evaluation
from segscore.io.sources import AnyPath
from segscore.pages.options import ReportOptions
from segscore.workspace.history import Runs
from segscore.workspace.registry.collections import Datasets, Models, Reference
from segscore.workspace.registry.datasets import Dataset
from segscore.workspace.remarks import Remarks
from segscore.workspace.reports import placed, report_options
from segscore.workspace.runs.aside import Aside
from segscore.workspace.runs.folders import Unfinished, remove, there, tidy, unfinished
from segscore.workspace.runs.plans import planned
from segscore.workspace.runs.run import Run, damage
from segscore.workspace.runs.running import Progress, run
from segscore.workspace.shards import Shards
from segscore.workspace.store.disk import FOLDER, HEAD, root_of
from segscore.workspace.store.links import add_link
from segscore.workspace.store.names import checked_name
from segscore.workspace.store.store import Store

VARIABLE = "SEGSCORE_WORKSPACE"
_FINDING = by_face("`Workspace.find`", command_line="a command without `--workspace`")


class Workspace(Remarks, Shards):
    """A folder with versions of datasets and models; several processes may use it at once.

    Parameters
    ----------
    path : path
        The folder that holds ``.segscore``.

    Raises
    ------
    WorkspaceError
        If there is no workspace, or it was written by a later segscore.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> folder = tempfile.TemporaryDirectory()
    >>> ws = Workspace.init(folder.name)
    >>> Workspace.find(folder.name).path == ws.path
    True

    One image, its mask, what a model has made of it, and how good that is:

    >>> image, target, pred = (ws.path / side for side in ("image", "target", "pred"))
    >>> for side, labels in ((image, [[9, 9], [9, 9]]), (target, [[0, 0], [1, 1]]), (pred, [[0, 0], [0, 1]])):
    ...     side.mkdir()
    ...     np.save(side / "a.npy", np.array(labels))
    >>> data = ws.datasets.add("streets", images=image, targets=target, classes=2, progress=False)
    >>> model = ws.models.add("net", predictions=pred)
    >>> ws.run("net", "streets", progress=False)
    <Run r1: net:v1 on streets:v1, mean IoU 0.583333>
    >>> folder.cleanup()
    """

    def __init__(self, path: AnyPath) -> None:
        root = _root(path)
        if not _is_workspace(root):
            raise WorkspaceError(
                f"{show(str(root))}: there is no workspace: no {FOLDER}/{HEAD} in it",
                f"`segscore init` makes one there; {_FINDING} looks in the folders above, too",
            )
        self._store = Store(root)

    @classmethod
    def init(cls, path: AnyPath = ".") -> "Workspace":
        """Make a workspace in a folder, which is made if it is not there.

        Parameters
        ----------
        path : path
            The folder; it will hold ``.segscore``.

        Raises
        ------
        WorkspaceError
            If it holds one already.
        OutputError
            If nothing can be written there.
        """
        root = _root(path)
        if _is_workspace(root):
            said = f"{show(str(root))}: there is a workspace already"
            raise WorkspaceError(said, "use it, or make one in another folder")
        Store.make(root)
        return cls(root)

    @classmethod
    def find(cls, start: AnyPath | None = None) -> "Workspace":
        """Return the workspace of a folder, or of the nearest folder above that has one.

        Parameters
        ----------
        start : path, optional
            Where to begin. By default the environment variable ``SEGSCORE_WORKSPACE`` names the folder of
            the workspace; where it is not set, the search begins in the current folder.

        Raises
        ------
        WorkspaceError
            If there is none.
        """
        named = os.environ.get(VARIABLE) if start is None else None
        if named:
            return cls(named)
        first = _root("." if start is None else start)
        for folder in (first, *first.parents):
            if _is_workspace(folder):
                return cls(folder)
        raise WorkspaceError(
            f"{show(str(first))}: there is no workspace in this folder or above it",
            f"`segscore init` makes one; or name one by `--workspace`, or by the variable {VARIABLE}",
        )

    @property
    def path(self) -> Path:
        """The folder that holds ``.segscore``, absolute."""
        return self._store.root

    @property
    def datasets(self) -> Datasets:
        """The datasets by name, linked ones included; see `Datasets.add`."""
        return Datasets(self._store)

    @property
    def models(self) -> Models:
        """The models by name; see `Models.add`."""
        return Models(self._store)

    def link(self, other: AnyPath, name: str) -> Dataset:
        """Use a dataset of another project as if it were one of this workspace.

        Parameters
        ----------
        other : path
            The folder of the other workspace; it stays where it is, and its new versions are seen here.
        name : str
            Of the dataset, there and here.

        Returns
        -------
        Dataset
            Its latest version.

        Raises
        ------
        ArgumentError
            If there is a dataset of this name already, or none in the other workspace.
        WorkspaceError
            If there is no workspace.
        """
        add_link(self._store, other, checked_name("dataset", name))
        return self.datasets[name]

    @translated
    @measuring
    def run(
        self,
        model: Reference,
        dataset: Reference,
        *,
        resize: Literal["nearest"] | None = None,
        batch: int | None = None,
        again: bool = False,
        keep_predictions: bool = True,
        verify: bool = False,
        threads: int | None = None,
        progress: Progress = True,
        executor: Executor | None = None,
        **measures: Unpack[MeasureOptions],
    ) -> Run:
        """Run a model on a dataset and keep the result.

        A run that was interrupted goes on where it stopped, and ends as if it never had; it is begun anew,
        with a warning, under another version of segscore, NumPy, onnxruntime or Pillow. A run that has been
        finished is returned and not computed again, unless its evaluation has gone; also where these
        versions, or files that a function reads beside those of the model, have changed since: that is what
        `again` is for.

        Parameters
        ----------
        model, dataset : str or (str, str)
            ``"NAME"`` for the latest version, or ``"NAME:VERSION"``.
        resize : "nearest", optional
            Resize predicted labels of another size to their targets; class scores always are, by
            :func:`segscore.predict.resize_logits`.
        batch : int, optional
            Images that the model is given at once; 1 by default, or 8 for a function that takes several.
        again : bool
            Whether to compute it although there is such a run.
        keep_predictions : bool
            Whether the run keeps a mask for each image. A folder of predictions is not copied. A finished
            run without them is run again if they are to be kept; one that was interrupted goes on without
            them if they are not, and those that it has kept are removed.
        verify : bool
            Whether to read all files of the dataset and the model before, to see if any has changed; by
            default those whose size or time has changed.
        threads : int, optional
            Number of threads; see :func:`segscore.set_num_threads` for the default.
        progress : bool or callable
            Whether to show the progress on standard error; or a function that is called with a
            `RunProgress`. What it raises ends the run, which can go on later.
        executor : concurrent.futures.Executor, optional
            Runs the model on shares of the images, as for :func:`segscore.evaluate`, in processes that find
            the workspace at the same path.
        boundary, distances, spacing, surface, within, tolerances, empty
            What is measured of the shapes of classes, as for :class:`segscore.Evaluator`. Without a
            `spacing`, targets that are NIfTI, NRRD and MetaImage files are measured with their own each. A
            run that measures something else is another one.

        Returns
        -------
        Run
            Images that could not be scored are in the `failures` of its evaluation.

        Raises
        ------
        ArgumentError
            If there is no such model or dataset, an option has no such value, or the model does not fit.
        WorkspaceError
            If a file has changed since the version was added, or another process is at work on the same.
        EvaluationError
            If no image can be scored, or none of the first 20.
        FileFormatError
            If the model cannot be loaded.
        OutputError
            If something cannot be written. The run can go on later.
        """
        of = self.models[model], self.datasets[dataset]
        plan = planned(*of, resize=resize, batch=batch, keep=keep_predictions, measures=measures)
        how = partial(run, again=again, verify=verify, threads=threads, progress=progress)
        found = how(self._store, plan, executor=executor)
        return self.runs()[found]

    def runs(
        self,
        *,
        model: Reference | None = None,
        dataset: Reference | None = None,
        tag: str | Sequence[str] | None = None,
        sort: str | None = None,
    ) -> Runs:
        """Return the finished runs, oldest first.

        Parameters
        ----------
        model, dataset : str or (str, str), optional
            Only runs of these: of all versions of ``"NAME"``, or of ``"NAME:VERSION"``.
        tag : str or sequence of str, optional
            Only runs that have this tag, or all of these.
        sort : str, optional
            A metric: the best run comes first; those that do not compare follow, then those without a value.

        Raises
        ------
        ArgumentError
            If there is no such model, dataset, tag or metric.
        """
        return Runs.of(self._store, model=model, dataset=dataset, tag=tag, sort=sort)

    def unfinished(self) -> list[Unfinished]:
        """Return the runs that were interrupted, or are at work, oldest first."""
        return unfinished(self._store)

    def write_report(self, run: str, path: AnyPath, **options: Unpack[ReportOptions]) -> None:
        """Write the report of a run: one HTML file that needs nothing else.

        Parameters
        ----------
        run : str
            Its id.
        path : path
            The file.
        options
            As for :func:`segscore.pages.report.write_report`; images, groups and attributes are known.

        Raises
        ------
        ArgumentError
            If there is no such run, or an option has no such value.
        OutputError
            If it cannot be written.
        """
        found = self.runs()[run]
        options = {**report_options(found, found.registered()), **options}
        self.evaluation(run).write_report(path, **options)

    def evaluation(self, run: str) -> Evaluation:
        """Return the evaluation of a run with the places of its images, targets and predictions.

        `Run.evaluation` holds the same counts without any places, which change when a dataset moves: it is
        enough for scores. Pictures, reports with pictures and comparisons of them need this one.

        Parameters
        ----------
        run : str
            Its id.

        Returns
        -------
        Evaluation
            With `files` of its images, as far as the dataset is there as it was.

        Raises
        ------
        ArgumentError
            If there is no such run.
        FileFormatError
            If its file is not as it was written.
        """
        found = self.runs()[run]
        return placed(found, found.registered(), self.models)

    def damage(self, run: str) -> SegscoreError | None:
        """Return why a run that has ended is left out of `runs`; None if it is whole, or not there."""
        return damage(self._store, run)

    @property
    def aside(self) -> Aside:
        """Runs that were set aside: removed, but not deleted yet."""
        return Aside(self._store)

    def remove(self, run: str) -> None:
        """Remove a run, finished, begun or damaged, with its predictions; its number stays taken.

        Parameters
        ----------
        run : str
            Its id.

        Raises
        ------
        ArgumentError
            If there is no such run.
        WorkspaceError
            If a process is at work on it.
        OutputError
            If it cannot be removed.
        """
        self.check_run(run)
        remove(self._store, run)

    def check_run(self, run: str) -> None:
        """Raise ArgumentError unless there is such a run: finished, begun or damaged."""
        if there(self._store, run) is None:
            self.runs()[run]  # It says which ones there are.

    def reindex(self) -> int:
        """Build the index anew from the files, and return the number of versions and runs found.

        What killed processes left behind is removed; runs that can go on stay.

        Raises
        ------
        FileFormatError
            If a file is damaged; the index is as it was.
        """
        found = self._store.reindex()
        tidy(self._store)
        return found

    def __repr__(self) -> str:
        """Return a short form with its folder."""
        return f"<Workspace {str(self.path)!r}>"


def _is_workspace(root: Path) -> bool:
    return os.path.exists(root / FOLDER / HEAD)  # False where nothing may be looked at


def _root(path: AnyPath) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise ArgumentError(
            f"expected the folder of a workspace, found {path!r}", "give the path of a folder"
        )
    return root_of(path)
