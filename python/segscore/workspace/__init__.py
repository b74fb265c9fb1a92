"""Workspaces: versions of datasets and of models, kept as immutable files in a folder ``.segscore``.

The files are the truth; an SQLite database beside them is their index and can be rebuilt at any time.
Pixels are read by `evaluating`, and models are run elsewhere.

Notes
-----
A finished run will be a file of the same kind, ``.segscore/runs/ID.json``, with

- ``model`` and ``dataset``: ``name``, ``version`` and ``digest`` of each, as in their manifests, and
  ``workspace`` of a dataset that is linked;
- ``options``: preprocessing and interpolation, those of the model and those of the run together. The digest
  of model, dataset and options is what the same run is known by, so that it is not computed twice;
- ``evaluation``: the ``.npz`` beside it that holds the counts of every image, with its SHA-256; it is
  written first, so that a run whose JSON is there is whole;
- ``started``, ``ended`` (ISO 8601 in UTC) and ``seconds`` of reading, predicting and counting;
- ``schema``, ``kind`` (``"run"``), ``number``, ``added``, ``segscore`` and ``summary`` (metrics that listings
  sort by), as in every manifest.
"""

import os
from pathlib import Path

from segscore.errors import ArgumentError, WorkspaceError
from segscore.sources import AnyPath, show
from segscore.workspace.collections import Datasets, Models
from segscore.workspace.datasets import Dataset
from segscore.workspace.links import add_link
from segscore.workspace.models import Model
from segscore.workspace.names import checked_name
from segscore.workspace.store import FOLDER, HEAD, Store

__all__ = ["Dataset", "Datasets", "Model", "Models", "Workspace"]

VARIABLE = "SEGSCORE_WORKSPACE"


class Workspace:
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
    >>> folder = tempfile.TemporaryDirectory()
    >>> ws = Workspace.init(folder.name)
    >>> Workspace.find(folder.name).path == ws.path
    True
    >>> folder.cleanup()
    """

    def __init__(self, path: AnyPath) -> None:
        root = _root(path)
        if not _is_workspace(root):
            raise WorkspaceError(
                f"{show(str(root))}: there is no workspace: no {FOLDER}/{HEAD} in it",
                "`segscore init` makes one there; `Workspace.find` looks in the folders above, too",
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
            raise WorkspaceError(
                f"{show(str(root))}: there is a workspace already", "use it, or make one in another folder"
            )
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
        return Models(self._store, self.datasets)

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

    def reindex(self) -> int:
        """Build the index anew from the files, and return the number of versions found.

        Raises
        ------
        FileFormatError
            If a file is damaged; the index is as it was.
        """
        return self._store.reindex()

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
    root = Path(os.path.abspath(os.fsdecode(path)))
    return root.parent if root.name == FOLDER else root
