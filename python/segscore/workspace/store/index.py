"""The index of a workspace: an SQLite database that can be rebuilt from the files at any time.

It makes listings quick and lets one process at a time write. Nothing is known here that no file says.
"""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from segscore.base.wording import show
from segscore.errors import OutputError, SegscoreError, WorkspaceError
from segscore.workspace.store.disk import check_there, refuse_later

WAIT = 30.0
"""Seconds that a writer waits for others to end."""

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE versions (
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        version TEXT NOT NULL,
        number INTEGER NOT NULL,
        added TEXT NOT NULL,
        digest TEXT NOT NULL,
        summary TEXT NOT NULL,
        PRIMARY KEY (kind, name, version)
    );
    CREATE TABLE digests (
        path BLOB PRIMARY KEY,
        bytes INTEGER NOT NULL,
        mtime_ns INTEGER NOT NULL,
        sha256 TEXT NOT NULL
    );
    """,
)
"""What turns an index of schema i into one of schema i + 1; entries are added and never changed."""

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)
"""What a file system says that has no locks, as some on a network have none."""
_UNWRITABLE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)
_NO_ROOM = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM)


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open an index, made if it is not there, for as long as the block lasts.

    It is a WorkspaceError if it is of a later segscore, damaged, others write to it for too long, or its
    workspace has gone.
    """
    check_there(path)
    with explained(path), closing(_connect(path)) as connection:
        yield connection


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """Open an index as the only writer; what the block writes is there as a whole or not at all."""
    with opened(path) as connection, transaction(connection):
        yield connection


def in_memory() -> sqlite3.Connection:
    """Return an empty index that no file holds."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    _migrate(connection)
    return connection


def is_damaged(error: SegscoreError) -> bool:
    """Whether an index could not be used because its file holds something else."""
    cause = error.__cause__
    return isinstance(cause, sqlite3.Error) and is_of_damage(cause)


def is_of_damage(error: sqlite3.Error) -> bool:
    """Whether SQLite says that a file is none of its own."""
    return _code(error) in _DAMAGED


def is_busy(error: SegscoreError) -> bool:
    """Whether an index could not be used because another process has it."""
    cause = error.__cause__
    return isinstance(cause, sqlite3.Error) and _code(cause) in _BUSY


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=WAIT, isolation_level=None)
    with closed_if_it_fails(connection):
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("PRAGMA synchronous = FULL")
        if _schema(connection) != len(MIGRATIONS):
            with transaction(connection):
                refuse_later(path, _schema(connection), len(MIGRATIONS), "an index of schema")
                _migrate(connection)
    return connection


@contextmanager
def closed_if_it_fails(connection: sqlite3.Connection) -> Iterator[None]:
    """Close a connection if what the block does with it fails."""
    try:
        yield
    except BaseException:
        connection.close()
        raise


def _migrate(connection: sqlite3.Connection) -> None:
    for script in MIGRATIONS[_schema(connection) :]:
        for statement in filter(str.strip, script.split(";")):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _schema(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Let what the block writes be there as a whole or not at all; there is one writer at a time."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite ends some transactions by itself, as on a full disk.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _code(error: sqlite3.Error) -> int:
    # The lowest byte of an extended code is the code that it refines: https://sqlite.org/rescode.html
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _has_locks(folder: Path) -> bool:
    """Whether files in a folder can be locked, tried with one of its own; True where that cannot be tried."""
    import fcntl
    from tempfile import TemporaryFile

    try:
        with TemporaryFile(dir=folder) as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in _NO_LOCKS
    return True


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite raises about a file of the workspace into the error that says so."""
    where = show(str(path))
    try:
        yield
    except sqlite3.Error as error:
        check_there(path)
        code = _code(error)
        # SQLite takes a file system without locks for one whose locks others hold, or for a broken disk.
        if code in (*_BUSY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PROTOCOL) and not _has_locks(path.parent):
            raise OutputError(
                f"{where}: the file system has no locks, which keep several processes apart",
                "move the workspace to a disk of this machine, or mount the file system with locks",
            ) from error
        if code in _BUSY:
            raise WorkspaceError(
                f"{where}: another process has held the workspace for more than {WAIT:g} seconds",
                "wait until it ends, and try again",
            ) from error
        if code in _DAMAGED:
            raise WorkspaceError(
                f"{where}: the index is damaged: {error}",
                "`segscore reindex` builds it again from the files beside it, which hold everything",
            ) from error
        if code in (*_UNWRITABLE, *_NO_ROOM):
            raise OutputError(
                f"{where}: the workspace cannot be written: {error}",
                "make its folder writable and free some room on its disk",
            ) from error
        raise
