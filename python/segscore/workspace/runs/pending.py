"""A run that has begun: what is known of its images so far, so that it can go on after an interrupt.

A database in the folder of the run holds outcomes, each there as a whole or not at all; a lock beside it,
which ends with its process, says that somebody is at work. What a run is made of is the business of `plans`.
"""

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from segscore._core import PairCounts
from segscore.base.wording import show
from segscore.classes.classes import Classes
from segscore.counts.counted import Counted
from segscore.counts.failures import Failure
from segscore.counts.fits import Fit
from segscore.counts.kinds import KINDS, are_of
from segscore.counts.measures import Measures
from segscore.counts.palettes import NO_PALETTES, Palettes
from segscore.counts.record import Record
from segscore.counts.table import Table
from segscore.counts.thresholds import ScoreRange
from segscore.errors import FileFormatError, OutputError, WorkspaceError
from segscore.workspace.runs.pipeline import Outcome
from segscore.workspace.runs.plans import measures_of
from segscore.workspace.store import index
from segscore.workspace.store.disk import checked_number, checked_text, refuse_later, remove_files, removing
from segscore.workspace.store.names import checked_name

SCHEMA = 3
"""Since 2, an image that was counted has its palettes and values, where 1 had nothing; since 3, records."""
DATABASE, _LOCK = "pending.db", "lock.db"
_WAIT = 1.0
"""Seconds to wait for a lock that others may share only to see whether it is held."""

_TABLES = """
CREATE TABLE about (text TEXT NOT NULL);
CREATE TABLE outcomes (
    image INTEGER PRIMARY KEY,
    target BLOB, pred BLOB, pixels BLOB,
    resized INTEGER NOT NULL,
    said TEXT
);
CREATE TABLE records (
    image INTEGER NOT NULL, kind TEXT NOT NULL, rows BLOB NOT NULL,
    PRIMARY KEY (image, kind)
);
"""


class Pending:
    """A run at work: its lock is held for as long as this is open.

    With `about`, which says what the run is, one begins; without it, one that has begun goes on.
    """

    def __init__(self, folder: Path, about: Mapping[str, Any] | None = None) -> None:
        self.folder = folder
        self._path = folder / DATABASE
        self._lock = _held(folder)
        with index.closed_if_it_fails(self._lock), _explained(self._path):
            self._database = _connect(self._path, make=about is not None)
            if about is not None:
                _begin(self._database, about)

    @classmethod
    def again(cls, folder: Path) -> "Pending | None":
        """Return a run that has begun, to go on with it; None if it has ended meanwhile."""
        try:
            with closing(_held(folder)):
                ended = not is_pending(folder)
        except OutputError:
            if is_pending(folder):
                raise
            ended = True  # Whoever was at work on it has taken the lock away, too.
        if ended:
            with suppress(OSError):  # A lock that nobody holds says nothing.
                (folder / _LOCK).unlink(missing_ok=True)
            return None
        return cls(folder)

    def outcomes(self, names: Sequence[str], classes: Classes, measures: Measures) -> dict[int, Outcome]:
        """Return what is known so far, by the number of the image; the names are of all its images."""
        with _explained(self._path):
            rows = self._database.execute("SELECT * FROM outcomes ORDER BY image").fetchall()
            found = {row[0]: _outcome(names[row[0]], row) for row in rows}
            if not measures:  # of which runs that began under an earlier schema have none
                return found
            kept: dict[int, list[Record]] = {}
            for image, kind, content in self._database.execute("SELECT * FROM records ORDER BY image, kind"):
                kept.setdefault(image, []).append(_record(kind, content, classes))
            return {
                image: outcome if outcome.counted.pairs is None else _measured(outcome, kept[image], measures)
                for image, outcome in found.items()
            }

    def keep(self, outcomes: Sequence[Outcome]) -> None:
        """Write outcomes to the disk, all of them or none."""
        with _explained(self._path), index.transaction(self._database):
            self._database.executemany(
                "INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?, ?, ?, ?)", map(_row, outcomes)
            )
            records = [row for outcome in outcomes for row in _records(outcome)]
            if records:
                self._database.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", records)

    def tell(self, values: Mapping[str, Any]) -> None:
        """Let `about` say these as well, in place of what it said of them."""
        with _explained(self._path):
            (text,) = self._database.execute("SELECT text FROM about").fetchone()
            said = json.loads(text)
            if said | values != said:
                with index.transaction(self._database):
                    self._database.execute("UPDATE about SET text = ?", (json.dumps(said | values),))

    def end(self) -> None:
        """Remove what only a run that goes on needs, as far as that is possible."""
        self._database.close()
        with suppress(OutputError):  # What stays behind does no harm to a run that has ended.
            forget(self.folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()
        self._lock.close()


def forget(folder: Path) -> None:
    """Remove what only a run that goes on needs; nobody may be at work on it but the caller."""
    # A journal without its database says nothing, the other way round it would; the lock goes last.
    remove_files(folder / name for name in (DATABASE, f"{DATABASE}-journal", _LOCK))


def is_pending(folder: Path) -> bool:
    """Whether a run in this folder has begun and not ended."""
    return os.path.exists(folder / DATABASE)  # False where nothing may be looked at


def about(folder: Path) -> tuple[dict[str, Any], int] | None:
    """Return what a run is that has begun, and the number of images that it has dealt with.

    None if it was ended before anything was known of it, or has ended meanwhile. What is damaged is a
    FileFormatError, what a later segscore has begun a WorkspaceError.
    """
    path = folder / DATABASE
    try:
        with _explained(path), closing(_connect(path)) as database:
            schema = int(database.execute("PRAGMA user_version").fetchone()[0])
            if not schema:
                return None
            refuse_later(path, schema, SCHEMA)
            (text,) = database.execute("SELECT text FROM about").fetchone()
            (done,) = database.execute("SELECT count(*) FROM outcomes").fetchone()
            return _checked(json.loads(text)), int(done)
    except OutputError:
        if not path.exists():
            return None
        raise


def is_held(folder: Path) -> bool:
    """Whether a process is at work on the run in this folder."""
    path = folder / _LOCK
    try:
        # Those who look share the lock, so that they do not take one another for somebody at work.
        with index.explained(path), closing(_opened(path, 0, make=False)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except WorkspaceError as error:
        return index.is_busy(error)
    except OutputError:
        if path.exists():
            raise
    return False


def locked(path: Path, wait: float, *, make: bool = True) -> sqlite3.Connection:
    """Return a connection that holds a lock until it is closed, or the process ends.

    Nothing is ever in the file of the lock, which is made if it is not there, unless `make` is false. Another
    process is waited for so many seconds; if it holds the lock then, that is a WorkspaceError.
    """
    with index.explained(path):
        try:
            return _exclusive(path, wait, make=make)
        except sqlite3.Error as error:
            if not index.is_of_damage(error):
                raise
            # What has come into it is nobody's; whoever holds the lock keeps it, as the file stays the same.
            with removing(path):
                os.truncate(path, 0)
            return _exclusive(path, wait, make=make)


def _exclusive(path: Path, wait: float, *, make: bool) -> sqlite3.Connection:
    connection = _opened(path, wait, make=make)
    with index.closed_if_it_fails(connection):
        # An empty database would get a journal beside it, which a kill could leave behind.
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.execute("BEGIN EXCLUSIVE")
    return connection


def _held(folder: Path) -> sqlite3.Connection:
    try:
        return locked(folder / _LOCK, _WAIT)
    except WorkspaceError as error:
        if not index.is_busy(error):
            raise
        raise WorkspaceError(
            f"another process is at work on run {folder.name}",
            "wait until it ends; or end it and run the same again, which goes on where it was",
            kind="held",
        ) from error


def _connect(path: Path, *, make: bool = False) -> sqlite3.Connection:
    connection = _opened(path, index.WAIT, make=make)
    with index.closed_if_it_fails(connection):
        connection.execute("PRAGMA synchronous = FULL")
    return connection


def _begin(database: sqlite3.Connection, about: Mapping[str, Any]) -> None:
    with index.closed_if_it_fails(database), index.transaction(database):
        for statement in filter(str.strip, _TABLES.split(";")):
            database.execute(statement)
        database.execute("INSERT INTO about VALUES (?)", (json.dumps(about),))
        database.execute(f"PRAGMA user_version = {SCHEMA}")


def _checked(about: Any) -> dict[str, Any]:
    """Return what a run is, or raise what damaged files raise; see `Plan.about`."""
    for kind in ("model", "dataset"):
        checked_name(kind, about[kind]["name"])
        checked_name("version", about[kind]["version"])
        checked_text(about[kind]["digest"])
    checked_text(about["key"])
    checked_text(about["started"])
    checked_number(about["total"], 1)
    for version in about["environment"].values():
        checked_text(version)
    if about.get("shards") is not None:
        checked_number(about["shards"], 1)
        if about["after"] is not None:
            checked_text(about["after"])
    if type(about["options"]) is not dict:
        raise TypeError
    measures_of(about["options"])  # which raises where it cannot be
    return dict(about)


def _opened(path: Path, wait: float, *, make: bool) -> sqlite3.Connection:
    # A run may end at any moment, and no empty file is to take the place of what it removes.
    where = f"{path.absolute().as_uri()}?mode={'rwc' if make else 'rw'}"
    return sqlite3.connect(where, timeout=wait, isolation_level=None, check_same_thread=False, uri=True)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn what is raised about the database of a run into the error that says so."""
    try:
        with index.explained(path):
            yield
    except (OutputError, WorkspaceError) as error:
        if not index.is_damaged(error):
            raise
        raise _damaged(path) from error
    except (sqlite3.Error, ValueError, LookupError, TypeError, AttributeError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> FileFormatError:
    name = path.parent.name
    return FileFormatError(
        f"{show(str(path))}: expected what run {name} has done so far, found a damaged file",
        f"`segscore rm {name}` removes it; then run the same anew",
    )


def _row(outcome: Outcome) -> tuple[Any, ...]:
    counted, failure = outcome.counted, outcome.counted.failure
    if counted.pairs is None:
        assert failure is not None
        said = json.dumps([*failure.parts(), outcome.traceback, failure.kind])
        return (outcome.index, None, None, None, 0, said)
    columns = [column.astype("<i8").tobytes() for column in counted.pairs.columns()]
    palettes = [None if palette is None else palette.hex() for palette in counted.palettes]
    return (outcome.index, *columns, int(counted.fit), json.dumps([palettes, counted.values]))


def _outcome(name: str, row: Sequence[Any]) -> Outcome:
    number, *columns, fit, said = row
    checked_number(number)
    if columns[0] is None:
        message, hint, traceback, *kind = json.loads(said)  # the last since there are kinds
        return Outcome(number, Counted(name, None, Failure.kept(name, message, hint, *kind)), traceback)
    arrays = [np.frombuffer(column, "<i8").astype(np.int64) for column in columns]
    palettes: Palettes = NO_PALETTES
    values = None
    if said is not None:
        (pred, target), found = json.loads(said)
        palettes = _palette(pred), _palette(target)
        if found is not None:
            low, high, threshold, largest = found
            values = ScoreRange(float(low), float(high), float(threshold), checked_number(largest))
    pairs = PairCounts.from_columns(*arrays)
    return Outcome(number, Counted(name, pairs, fit=Fit(fit), palettes=palettes, values=values))


def _records(outcome: Outcome) -> Iterator[tuple[int, str, bytes]]:
    """Yield what else was measured of an image, its columns after each other; all its rows are of it."""
    for record in outcome.counted.measured:
        _, *columns = record.columns().values()
        yield outcome.index, record.kind, np.stack(columns).astype("<i8").tobytes()


def _record(kind: str, content: bytes, classes: Classes) -> Record:
    if kind == Table.kind:  # which outcomes have themselves
        raise ValueError
    made = KINDS[kind]
    offsets, *names = made.column_names()
    columns = np.frombuffer(content, "<i8").reshape(len(names), -1)
    rows = {offsets: np.array([0, columns.shape[1]]), **dict(zip(names, columns, strict=True))}
    return made.of_columns(rows, 1, classes)


def _measured(outcome: Outcome, records: Sequence[Record], measures: Measures) -> Outcome:
    if not are_of(records, measures):
        raise ValueError
    return replace(outcome, counted=replace(outcome.counted, measured=tuple(records)))


def _palette(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text)
