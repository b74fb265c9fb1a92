"""Runs that were set aside: removed for everybody who looks, until they are brought back or deleted for good.

A run is what its manifest says, and one that has begun what its database says. To set it aside, these files
get other names in its folder, each in one step, and nothing else is touched: whoever is interrupted leaves a
run that is there or one that is not, its number stays taken, and whoever tidies up deletes it.
"""

import os
import time
from pathlib import Path

from segscore.errors import ArgumentError, WorkspaceError
from segscore.workspace.runs import pending
from segscore.workspace.runs.folders import VERSION, changing, check_free, empty, run_folders, there
from segscore.workspace.store.disk import remove_files, removing, sync_names
from segscore.workspace.store.store import Store

_ASIDE = ".aside"
_NAMES = (pending.DATABASE, f"{VERSION}.json")
"""Files without which a run is not there, in the order in which they go: a manifest goes last."""


class Aside:
    """The runs of a workspace that were set aside."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, run: str) -> None:
        """Set a run aside, finished, begun or damaged: nobody sees it any more, but it can be brought back.

        Raises
        ------
        ArgumentError
            If there is no such run.
        WorkspaceError
            If a process is at work on it.
        OutputError
            If its files cannot be renamed.
        """
        folder = there(self._store, run)
        with changing(self._store):
            if folder is None or not _renamed(folder, run, _NAMES, "", _ASIDE):
                raise ArgumentError(f"there is no run {run} to remove", "it may have been removed elsewhere")

    def bring_back(self, run: str) -> None:
        """Bring a run back, as it was.

        Raises
        ------
        ArgumentError
            If it was deleted for good, or is not set aside.
        OutputError
            If its files cannot be renamed.
        """
        folder = there(self._store, run)
        with changing(self._store):
            if folder is None or not _renamed(folder, run, _NAMES[::-1], _ASIDE, ""):
                raise ArgumentError(
                    f"run {run} cannot be brought back: what was kept of it is not there any more",
                    "a run that was removed is kept for ten minutes, and no longer than the application is "
                    "there; run the same anew",
                )

    def delete(self, run: str | None = None, *, older_than: float = 0.0) -> None:
        """Delete what was set aside for good: one run, or all of them, those that are so many seconds old.

        Raises
        ------
        OutputError
            If it cannot be deleted.
        """
        for folder in run_folders(self._store):
            if run in (None, folder.name) and _is_aside(folder, older_than):
                with changing(self._store):
                    if _is_aside(folder, older_than):  # nobody has brought it back meanwhile
                        # Half of it is never brought back.
                        remove_files(folder / f"{name}{_ASIDE}" for name in _NAMES)
                        empty(folder)


def _is_aside(folder: Path, older_than: float) -> bool:
    """Whether the run of a folder is set aside, and was so many seconds ago."""
    if any(os.path.exists(folder / name) for name in _NAMES):
        return False
    for name in _NAMES:
        try:
            # Renaming leaves the time of the content as it is, and says when it was in that of the entry.
            return time.time() - os.stat(folder / f"{name}{_ASIDE}").st_ctime >= older_than
        except OSError:
            continue
    return False


def _renamed(folder: Path, run: str, names: tuple[str, ...], before: str, after: str) -> bool:
    """Rename these files of a run as far as they are there; return whether any was. The lock is held."""
    check_free(folder)
    found = [name for name in names if os.path.exists(folder / f"{name}{before}")]
    if any(os.path.exists(folder / f"{name}{after}") for name in found):
        raise WorkspaceError(f"run {run} is there twice: a part of it was set aside", "remove it with `rm`")
    for name in found:
        with removing(folder / name):
            os.rename(folder / f"{name}{before}", folder / f"{name}{after}")
        sync_names(folder)
    return bool(found)
