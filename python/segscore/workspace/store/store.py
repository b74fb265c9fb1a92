"""The files of a workspace: immutable manifests, written whole or not at all, and their index.

What a manifest says beyond its head is the business of `registry` and `runs`.
"""

import json
import os
import sqlite3
import warnings
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from segscore._core import __version__
from segscore.errors import OutputError, SegscoreError, SegscoreWarning, WorkspaceError
from segscore.io.writing import remove_parts, write_file
from segscore.workspace.store import index
from segscore.workspace.store.disk import (
    FOLDER,
    HEAD,
    MOST,
    check_schema,
    checked_number,
    checked_text,
    entries,
    json_bytes,
    make_folder,
    read_json,
    reading,
    remove_files,
    sync_names,
    write_json,
)
from segscore.workspace.store.names import next_version, taken

KINDS = ("dataset", "model", "run")
"""What has versions, each a file ``.segscore/KINDs/NAME/VERSION.json``. A run has one, ``run``."""
SCHEMA = 1
"""Of manifests and of the folder."""

_INDEX = "index.db"

Key = tuple[str, str, str]
"""Kind, name and version."""
T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """What the index says of a version."""

    name: str
    """Of the dataset or model; the id of a run."""
    version: str
    """Of the dataset or model; ``run`` for a run."""
    number: int
    """Counts what was added to the workspace, so that the latest version has the largest."""
    added: str
    """When, ISO 8601 in UTC."""
    digest: str
    """SHA-256 of what the version is."""
    summary: Mapping[str, Any]
    """What listings show."""


class Store:
    """The manifests of a workspace, whose folder, absolute, holds ``.segscore``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / FOLDER
        self._index = self.folder / _INDEX
        self._told: set[str] = set()
        head = read_json(self.folder / HEAD, "the head of a workspace")
        check_schema(self.folder / HEAD, head, SCHEMA)

    @staticmethod
    def make(root: Path) -> "Store":
        """Make the folder of a workspace that is not there yet."""
        write_json(root / FOLDER / HEAD, {"schema": SCHEMA, "segscore": __version__})
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
        """Write the manifest of a version, the latest one from now on; nothing is changed if that fails.

        Without a version it is counted up: v1, v2, and so on. A version that there is already is an error.
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
                (latest,) = connection.execute("SELECT coalesce(max(number), 0) FROM versions").fetchone()
                row = Row(
                    name=name,
                    version=version if version is not None else next_version(versions),
                    number=min(latest + 1, MOST - 1),
                    added=datetime.now(UTC).isoformat(timespec="seconds"),
                    digest=digest,
                    summary=summary,
                )
                head = {"schema": SCHEMA, "kind": kind, "segscore": __version__, **vars(row)}
                path = self.path(kind, name, row.version)
                make_folder(path.parent)
                remove_parts(path.parent)
                write_file(path, json_bytes({**head, **content}))
                written = row
                sync_names(path.parent)
                _insert(connection, kind, row)
        except (OutputError, WorkspaceError):
            # The file counts as soon as others see it: what follows is made up for later.
            if written is None:
                raise
        assert written is not None
        return written

    def reindex(self) -> int:
        """Build the index anew from the files, and return the number of versions."""
        try:
            return self._rebuild()
        except WorkspaceError as error:
            if not index.is_damaged(error):
                raise
        # Nobody can use a damaged index, so that nobody holds it.
        remove_files([self._index, self._index.with_name(f"{_INDEX}-journal")])
        return self._rebuild()

    def _rebuild(self) -> int:
        with index.writing(self._index) as connection:
            connection.execute("DELETE FROM versions")
            self._update(connection, every=True)
            # What a killed writer left behind: of datasets and models there is no other writer now.
            remove_files(self.folder.glob("datasets/*/.*.part"))
            remove_files(self.folder.glob("models/*/.*.part"))
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
            for folder in entries(self.folder / f"{kind}s"):
                for path in entries(folder):
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

    def leave_out(self, run: str, error: SegscoreError, what: str = "run {} is") -> None:
        """Warn once of a run, or of what of it is left out, because its file is damaged."""
        said = str(error)
        if said not in self._told:  # whatever else of it is left out then
            self._told.add(said)
            self.warn(f"{what.format(run)} left out: {said}")

    def warn(self, text: str) -> None:
        """Warn of damage, but only once in the same words."""
        if text not in self._told:
            self._told.add(text)
            warnings.warn(SegscoreWarning(text), stacklevel=3)


def hint_of(kind: str, name: str) -> str | None:
    """Return what to do about damage to what belongs to a version; None for what is usual."""
    if kind != "run":
        return None
    return f"bring it back from a copy; or `segscore rm {name}` removes the run, and the same can be run anew"


def read_manifest(path: Path, key: Key) -> dict[str, Any]:
    """Return the manifest of a version, or raise FileFormatError if the file holds anything else."""
    kind, name, version = key
    what, hint = f"the manifest of {kind} {name}, version {version}", hint_of(kind, name)
    found = read_json(path, what, hint)
    check_schema(path, found, SCHEMA, hint)
    with reading(path, what, hint):
        if (found["kind"], found["name"], found["version"]) != key:
            raise ValueError
    return found


def _row(path: Path, manifest: Mapping[str, Any]) -> Row:
    kind, name, version = (str(manifest[name]) for name in ("kind", "name", "version"))
    with reading(path, f"the manifest of {kind} {name}, version {version}", hint_of(kind, name)):
        summary = manifest["summary"]
        if type(summary) is not dict:
            raise TypeError
        return Row(
            name=checked_text(name),
            version=checked_text(version),
            number=checked_number(manifest["number"], 1),
            added=checked_text(manifest["added"]),
            digest=checked_text(manifest["digest"]),
            summary=summary,
        )


def _insert(connection: sqlite3.Connection, kind: str, row: Row) -> None:
    connection.execute(
        "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?)",
        (kind, row.name, row.version, row.number, row.added, row.digest, json.dumps(row.summary)),
    )
