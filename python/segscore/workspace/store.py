"""The files of a workspace: immutable manifests, written whole or not at all, and their index.

What a manifest says beyond its head is the business of `datasets` and `models`.
"""

import json
import os
import sqlite3
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from segscore import _core
from segscore.atomic import write_file
from segscore.errors import (
    FileFormatError,
    OutputError,
    SegscoreError,
    SegscoreWarning,
    WorkspaceError,
)
from segscore.sources import show
from segscore.workspace import index
from segscore.workspace.names import next_version, taken

FOLDER = ".segscore"
KINDS = ("dataset", "model", "run")
"""What has versions, each a file ``.segscore/KINDs/NAME/VERSION.json``. A run has one, ``run``."""
SCHEMA = 1
"""Of manifests and of the folder."""

HEAD = "workspace.json"
"""The file that makes a folder a workspace."""
_INDEX = "index.db"

Key = tuple[str, str, str]
"""Kind, name and version."""
T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """What the index says of a version.

    Attributes
    ----------
    name, version : str
        Of the dataset or model; the id of a run, and ``run``.
    number : int
        Counts what was added to the workspace, so that the latest version has the largest.
    added : str
        When, ISO 8601 in UTC.
    digest : str
        SHA-256 of what the version is.
    summary : mapping
        What listings show.
    """

    name: str
    version: str
    number: int
    added: str
    digest: str
    summary: Mapping[str, Any]


class Store:
    """The manifests of a workspace.

    Parameters
    ----------
    root : Path
        The folder that holds ``.segscore``, absolute.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / FOLDER
        self._index = self.folder / _INDEX
        self._told: set[str] = set()
        head = read_json(self.folder / HEAD, "the head of a workspace")
        _check_schema(self.folder / HEAD, head)

    @staticmethod
    def make(root: Path) -> "Store":
        """Make the folder of a workspace that is not there yet."""
        folder = root / FOLDER
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"{show(str(folder))}: the folder cannot be made: {error.strerror}",
                "choose a folder that is writable, and on a disk with room",
            ) from error
        write_json(folder / HEAD, {"schema": SCHEMA, "segscore": _core.__version__})
        return Store(root)

    # Reading

    def rows(self, kind: str, name: str | None = None) -> list[Row]:
        """Return the versions of a kind, or of one name, in the order in which they were added."""

        def read(connection: sqlite3.Connection) -> list[Row]:
            found = connection.execute(
                "SELECT name, version, number, added, digest, summary FROM versions "
                "WHERE kind = ? AND (? IS NULL OR name = ?) ORDER BY number, name",
                (kind, name, name),
            )
            return [
                Row(name, version, number, added, digest, json.loads(summary))
                for name, version, number, added, digest, summary in found
            ]

        return self._read(read)

    def manifest(self, kind: str, name: str, version: str) -> dict[str, Any]:
        """Return what the file of a version says."""
        return read_manifest(self.path(kind, name, version), (kind, name, version))

    def path(self, kind: str, name: str, version: str) -> Path:
        """Return the file of a version."""
        return self.folder / f"{kind}s" / name / f"{version}.json"

    def _read(self, read: Callable[[sqlite3.Connection], T]) -> T:
        try:
            with index.opened(self._index) as connection:
                if self._agrees(connection):
                    return read(connection)
            # A process was killed after it wrote a file, or is about to end what it writes.
            with index.writing(self._index) as connection:
                self._update(connection)
                return read(connection)
        except OutputError:
            # What can be read but not written, as on a full disk, has an index for the moment.
            pass
        with closing(index.in_memory()) as connection:
            self._update(connection)
            return read(connection)

    # Writing

    def add(
        self,
        kind: str,
        name: str,
        version: str | None,
        *,
        digest: str,
        summary: Mapping[str, Any],
        content: Mapping[str, Any],
    ) -> Row:
        """Write the manifest of a version, the latest one from now on.

        Parameters
        ----------
        kind, name, version : str
            What is added; without a version it is counted up: v1, v2, and so on.
        digest, summary
            As in `Row`.
        content : mapping
            What else the manifest says.

        Raises
        ------
        ArgumentError
            If there is such a version.
        OutputError, WorkspaceError
            If it cannot be written; nothing is changed then.
        """
        written = None
        try:
            with index.writing(self._index) as connection:
                self._update(connection)
                have = connection.execute(
                    "SELECT version FROM versions WHERE kind = ? AND name = ?", (kind, name)
                ).fetchall()
                versions = tuple(row[0] for row in have)
                if version is not None and version in versions:
                    raise taken(kind, name, version, versions)
                (number,) = connection.execute("SELECT coalesce(max(number), 0) + 1 FROM versions").fetchone()
                row = Row(
                    name=name,
                    version=version if version is not None else next_version(versions),
                    number=number,
                    added=datetime.now(UTC).isoformat(timespec="seconds"),
                    digest=digest,
                    summary=summary,
                )
                head = {"schema": SCHEMA, "kind": kind, "segscore": _core.__version__, **vars(row)}
                write_json(self.path(kind, name, row.version), {**head, **content})
                written = row
                _insert(connection, kind, row)
        except (OutputError, WorkspaceError):
            # The file is what counts: an index that has no room for it is brought up to date later.
            if written is None:
                raise
        assert written is not None
        return written

    def reindex(self) -> int:
        """Build the index anew from the files, and return the number of versions.

        Raises
        ------
        FileFormatError
            If a file is damaged; the index is as it was.
        """
        try:
            return self._rebuild()
        except WorkspaceError as error:
            if not index.is_damaged(error):
                raise
        # Nobody can use a damaged index, so that nobody holds it.
        for path in (self._index, self._index.with_name(f"{_INDEX}-journal")):
            path.unlink(missing_ok=True)
        return self._rebuild()

    def _rebuild(self) -> int:
        with index.writing(self._index) as connection:
            connection.execute("DELETE FROM versions")
            self._update(connection, every=True)
            # What a killed writer left behind: of datasets and models there is no other writer now.
            for path in (*self.folder.glob("datasets/*/.*.part"), *self.folder.glob("models/*/.*.part")):
                path.unlink(missing_ok=True)
            return int(connection.execute("SELECT count(*) FROM versions").fetchone()[0])

    # Digests of files

    def digests(self, paths: Iterable[str]) -> dict[str, tuple[int, int, str]]:
        """Return bytes, mtime and SHA-256 of files as they were when they were last read."""
        wanted = {os.fsencode(path): path for path in paths}

        def read(connection: sqlite3.Connection) -> dict[str, tuple[int, int, str]]:
            rows = connection.execute("SELECT path, bytes, mtime_ns, sha256 FROM digests")
            return {wanted[row[0]]: (row[1], row[2], row[3]) for row in rows if row[0] in wanted}

        return self._read(read)

    def keep_digests(self, digests: Mapping[str, tuple[int, int, str]]) -> None:
        """Remember digests of files; where that cannot be written they are found again the next time."""
        rows = [(os.fsencode(path), *digest) for path, digest in digests.items()]
        try:
            with index.writing(self._index) as connection:
                connection.executemany("INSERT OR REPLACE INTO digests VALUES (?, ?, ?, ?)", rows)
        except (OutputError, WorkspaceError):
            return

    # What files and index have in common

    def _files(self) -> dict[Key, Path]:
        found = {}
        for kind in KINDS:
            for folder in _entries(self.folder / f"{kind}s"):
                for path in _entries(folder):
                    if path.suffix == ".json":
                        found[kind, folder.name, path.stem] = path
        return found

    def _agrees(self, connection: sqlite3.Connection) -> bool:
        return set(connection.execute("SELECT kind, name, version FROM versions")) == self._files().keys()

    def _update(self, connection: sqlite3.Connection, *, every: bool = False) -> None:
        """Let the index hold what the files say; runs that are damaged are left out, but of `every` file."""
        files = self._files()
        known = set(connection.execute("SELECT kind, name, version FROM versions"))
        connection.executemany(
            "DELETE FROM versions WHERE kind = ? AND name = ? AND version = ?", known - files.keys()
        )
        for key in sorted(files.keys() - known):
            try:
                row = _row(files[key], read_manifest(files[key], key))
            except SegscoreError as error:
                # No version depends on a run, and no run on another one.
                if every or key[0] != "run":
                    raise
                self.leave_out(key[1], error)
            else:
                _insert(connection, key[0], row)

    def leave_out(self, run: str, error: SegscoreError) -> None:
        """Warn once of a run that is left out, because its file is damaged."""
        if run not in self._told:
            self._told.add(run)
            warnings.warn(f"run {run} is left out: {error}", SegscoreWarning, stacklevel=2)


@contextmanager
def reading(path: Path, what: str) -> Iterator[None]:
    """Turn what a damaged file raises into the error that says so."""
    try:
        yield
    except OSError as error:
        raise FileFormatError(
            f"{show(str(path))}: cannot be read: {error.strerror}",
            "check that the file is there and readable",
        ) from error
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        if isinstance(error, FileFormatError | WorkspaceError):
            raise
        raise FileFormatError(
            f"{show(str(path))}: expected {what}, found another kind of file or a damaged one",
            "bring it back from a copy, or move it out of the workspace",
        ) from error


def read_json(path: Path, what: str) -> dict[str, Any]:
    """Return the object in a JSON file, or raise FileFormatError."""
    with reading(path, what):
        found = json.loads(path.read_bytes())
        return dict(found.items())


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file and whatever folder it needs; it is on the disk when this returns."""
    make_folder(path.parent)
    write_file(path, f"{json.dumps(content, indent=1)}\n".encode("ascii"))
    sync_names(path.parent)


def make_folder(folder: Path) -> None:
    """Make a folder of the workspace, if it is not there.

    Raises
    ------
    OutputError
        If it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{show(str(folder))}: the folder cannot be made: {error.strerror}",
            "make the workspace writable and free some room on its disk; nothing was changed",
        ) from error


def sync_names(folder: Path) -> None:
    """Let the names of the files in a folder be on the disk, as `write_file` has let their contents be."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def read_manifest(path: Path, key: Key) -> dict[str, Any]:
    """Return the manifest of a version, or raise FileFormatError if the file holds anything else."""
    what = f"the manifest of {key[0]} {key[1]}, version {key[2]}"
    found = read_json(path, what)
    _check_schema(path, found)
    with reading(path, what):
        if (found["kind"], found["name"], found["version"]) != key:
            raise ValueError
    return found


def _row(path: Path, manifest: Mapping[str, Any]) -> Row:
    with reading(path, "a manifest"):
        fields = [manifest[name] for name in ("name", "version", "number", "added", "digest", "summary")]
        if [type(field) for field in fields] != [str, str, int, str, str, dict]:
            raise ValueError
        return Row(*fields)


def _insert(connection: sqlite3.Connection, kind: str, row: Row) -> None:
    connection.execute(
        "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?)",
        (kind, row.name, row.version, row.number, row.added, row.digest, json.dumps(row.summary)),
    )


def _check_schema(path: Path, found: Mapping[str, Any]) -> None:
    schema = found.get("schema")
    if type(schema) is not int or schema < 1:
        raise FileFormatError(
            f"{show(str(path))}: expected schema {SCHEMA}, found {schema!r}",
            "bring it back from a copy, or move it out of the workspace",
        )
    if schema > SCHEMA:
        raise WorkspaceError(
            f"{show(str(path))}: expected schema {SCHEMA} at most, found {schema}: it was written by a later "
            "segscore",
            "update segscore: `pip install --upgrade segscore`",
        )


def _entries(folder: Path) -> list[Path]:
    """Return what lies in a folder, hidden files left out; nothing if the folder is not there."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return []
