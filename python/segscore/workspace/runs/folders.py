"""The folders of runs: which of them have ended, which can go on, and how they are removed.

What a finished run holds is in `run`, how a run comes about in `running`.
"""

import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from segscore.base.values import Frozen
from segscore.base.wording import visible
from segscore.counts.measure_options import options_of
from segscore.counts.measure_texts import measures_written
from segscore.counts.measures import Measures
from segscore.errors import SegscoreError, WorkspaceError
from segscore.text.plain import WIDTH, wrapped
from segscore.workspace.runs import pending
from segscore.workspace.runs.plans import measures_of
from segscore.workspace.store import index
from segscore.workspace.store.disk import check_there, entries, make_folder, remove_files, removing
from segscore.workspace.store.names import checked_name
from segscore.workspace.store.store import Store

KIND = VERSION = "run"
_ID = re.compile("r[0-9]{1,15}", re.ASCII)


@dataclass(frozen=True)
class Unfinished(Frozen):
    """A run that was interrupted, or is at work.

    Attributes
    ----------
    id : str
        Of the run.
    model, dataset : str
        Name and version of each.
    started : str
        When, ISO 8601 in UTC.
    done, total : int
        Images that were dealt with, and in all.
    held : bool
        Whether a process is at work on it.
    options : mapping
        What else decides the result.
    keep_predictions : bool
        Whether it keeps a mask for each image.
    again : bool
        Whether there is a finished one of the same already, so that this one goes on only if asked again.
    problem : str or None
        Why nothing else is known of it: what it has done so far is damaged, or of a later segscore.
    """

    id: str
    model: str = ""
    dataset: str = ""
    started: str = ""
    done: int = 0
    total: int = 0
    held: bool = False
    options: Mapping[str, Any] = field(default_factory=dict)
    keep_predictions: bool = True
    again: bool = False
    problem: str | None = None

    @property
    def measures(self) -> Measures:
        """What it measures of shapes."""
        return measures_of(self.options)


def run_folders(store: Store) -> list[Path]:
    """Return the folders of all runs by their numbers, also of those that were removed."""
    return [path for path in _taken(store) if os.path.isdir(path)]


def next_id(store: Store) -> str:
    """Return the id of the next run; no file of another kind may take its place, either."""
    taken = _taken(store)
    return f"r{id_number(taken[-1].name) + 1 if taken else 1}"


def _taken(store: Store) -> list[Path]:
    check_there(store.folder)
    runs = entries(store.folder / f"{KIND}s")
    return sorted((path for path in runs if _ID.fullmatch(path.name)), key=lambda path: id_number(path.name))


def is_id(text: str) -> bool:
    """Whether a text is the id of a run, there or not."""
    return _ID.fullmatch(text) is not None


def id_number(run: str) -> int:
    """Return the number in the id of a run: the larger, the later the run was begun."""
    return int(run.removeprefix("r"))


def is_unfinished(folder: Path) -> bool:
    """Whether a run has begun in this folder and not ended."""
    return pending.is_pending(folder) and not has_ended(folder)


def has_ended(folder: Path) -> bool:
    """Whether the folder is that of a finished run."""
    return os.path.exists(folder / f"{VERSION}.json")  # False where nothing may be looked at


def _digests(store: Store) -> set[str]:
    """Return the digests of finished runs; none where these cannot be read, which listings of them say."""
    try:
        return {row.digest for row in store.rows(KIND)}
    except SegscoreError:
        return set()


def unfinished(store: Store) -> list[Unfinished]:
    """Return the runs that were interrupted, or are at work, oldest first."""
    found = []
    ended = _digests(store)
    for folder in filter(is_unfinished, run_folders(store)):
        try:
            known = pending.about(folder)
        except SegscoreError as error:
            # One that is damaged hides none of the others.
            found.append(Unfinished(folder.name, problem=str(error)))
            continue
        if known is not None:
            about, done = known
            found.append(
                Unfinished(
                    id=folder.name,
                    model=reference_of(about["model"]),
                    dataset=reference_of(about["dataset"]),
                    started=about["started"],
                    done=done,
                    total=about["total"],
                    held=pending.is_held(folder),
                    options=about["options"],
                    keep_predictions=about["keep"],
                    again=about["key"] in ended,
                )
            )
    return found


@contextmanager
def changing(store: Store) -> Iterator[None]:
    """Let one process at a time begin runs, remove them, or tidy up; one that waits too long fails."""
    check_there(store.folder)
    runs = store.folder / f"{KIND}s"
    make_folder(runs)
    with closing(pending.locked(runs / "begin.db", index.WAIT)):
        yield


def remove(store: Store, name: str) -> bool:
    """Remove a run, finished or not, with everything that was kept of it; its number stays taken.

    Returns False if there is no such run; one that a process is at work on is a WorkspaceError.
    """
    folder = there(store, name)
    if folder is None:
        return False
    with changing(store):
        check_free(folder)
        empty(folder)
    return True


def check_free(folder: Path) -> None:
    """Raise WorkspaceError if a process is at work on the run of a folder."""
    if pending.is_held(folder):
        raise WorkspaceError(
            f"a process is at work on run {folder.name}", "end it first; what it has done so far goes, too"
        )


def there(store: Store, name: str) -> Path | None:
    """Return the folder of a run, finished, begun or damaged; None if there is none, or it was removed."""
    for folder in run_folders(store):
        if folder.name == name:
            with removing(folder):
                return folder if any(folder.iterdir()) else None
    return None


def empty(folder: Path) -> None:
    """Remove what is in the folder of a run, but not the folder, so that its number stays taken."""
    pending.forget(folder)
    with removing(folder):
        # Without its manifest it is no run, whatever else is still there.
        (folder / f"{VERSION}.json").unlink(missing_ok=True)
        for path in sorted(folder.iterdir()):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()


def tidy(store: Store) -> None:
    """Remove what killed processes left behind of runs that cannot go on."""
    if not run_folders(store):
        return
    with changing(store):
        for folder in run_folders(store):
            if pending.is_held(folder):
                continue
            if has_ended(folder):
                pending.forget(folder)
            elif not pending.is_pending(folder) or _never_began(folder):
                empty(folder)
            remove_files(folder.glob(".*.part"))


def _never_began(folder: Path) -> bool:
    try:
        return pending.about(folder) is None
    except SegscoreError:
        return False  # The user may know more about it.


def reference_of(about: Mapping[str, Any]) -> str:
    """Return name and version, as they are shown, of a model or dataset that a run speaks of."""
    return f"{checked_name('model or dataset', about['name'])}:{checked_name('version', about['version'])}"


def unfinished_text(runs: Sequence[Unfinished], *, width: int = WIDTH) -> str:
    """Return a line for each run that was interrupted, or is at work; empty if there is none."""
    lines = []
    for run in runs:
        said = f"{run.model} on {run.dataset}, {run.done:,} of {run.total:,} images, "
        said += "at work" if run.held else f"interrupted; `{_command(run)}` goes on with it"
        lines += f"{run.id}: {run.problem or said}".split("\n")
    return "\n".join(part for line in lines for part in wrapped(visible(line), width))


def _command(run: Unfinished) -> str:
    usual = {"resize": None, "batch": 1}
    given = {name: run.options.get(name, value) for name, value in usual.items()}
    options = [f" --{name} {value}" for name, value in given.items() if value != usual[name]]
    measures = measures_written(options_of(run.measures))
    options += [f" --{name} {value}".rstrip() for name, value in measures.items()]
    kept = " --again" if run.again else ""
    kept += "" if run.keep_predictions else " --no-keep-predictions"
    return f"segscore run {run.model} --on {run.dataset}{''.join(options)}{kept}"
