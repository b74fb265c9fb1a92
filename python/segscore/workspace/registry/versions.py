"""What datasets and models have in common: versions that never change, and how they are found by name.

What a version holds stands in `datasets` and `models`.
"""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from segscore.base.shown import Shown, first, first_lines
from segscore.base.wording import many, show
from segscore.errors import ArgumentError, WorkspaceError
from segscore.io.code import Code, code_of
from segscore.io.functions import READER, Use
from segscore.workspace.store.digests import File, changes, whole_path, whole_paths
from segscore.workspace.store.kept import Kept
from segscore.workspace.store.listing import Listed, listed
from segscore.workspace.store.names import adding, checked_name, split_reference, taken
from segscore.workspace.store.store import Row, Store

MAX_SHOWN = 6
"""Groups, values of an attribute, or files that are named."""
_MAX_CHANGED = 20
"""Changed files that an error lists."""


@dataclass(frozen=True, eq=False, repr=False)
class Version(Kept):
    """A version of a dataset or a model; it never changes."""

    _kind: ClassVar[str]
    """What it is a version of: "dataset" or "model"."""
    name: str
    version: str
    versions: tuple[str, ...]
    added: str
    digest: str
    _store: Store = field(repr=False)

    @property
    def reference(self) -> str:
        """Name and version: ``camvid:v2``."""
        return f"{self.name}:{self.version}"

    @property
    def _identity(self) -> tuple[str, ...]:
        return self.reference, self.added, self.digest

    def changes(self, *, verify: bool = False, threads: int | None = None) -> dict[str, str]:
        """Return the files that are not as they were: for each path what became of it.

        Parameters
        ----------
        verify : bool
            Whether to read all files. By default those whose size and time are as they were the last time
            that they were read are taken to be the same.
        threads : int, optional
            Number of threads; see :func:`segscore.set_num_threads` for the default.
        """
        return changes(self._store, self._files(), verify=verify, threads=threads)

    def check(self, *, verify: bool = False, threads: int | None = None) -> None:
        """Raise an error if any file is not as it was when this version was added.

        Parameters
        ----------
        verify, threads
            As for `changes`.

        Raises
        ------
        WorkspaceError
            It says what changed.
        """
        found = self.changes(verify=verify, threads=threads)
        if found:
            raise self.changed(found)

    def check_loaded(self, *, threads: int | None = None) -> None:
        """Raise WorkspaceError if what is loaded before it is used, such as code, is not as it was.

        All of that is read, as whoever loads it does anyway.
        """
        if found := changes(self._store, self._loaded(), verify=True, threads=threads):
            raise self.changed(found)

    def by_path(self) -> dict[str, File]:
        """Return the files that it is made of by their paths, to open."""
        files = self._files()
        return dict(zip(self._whole(files), files, strict=True))

    def _whole(self, files: Sequence[File]) -> tuple[str, ...]:
        return whole_paths(self._store, [file.path for file in files])

    def changed(self, found: Mapping[str, str]) -> WorkspaceError:
        """Return the error for `changes`."""
        all_of_them = [f"{show(path)}: {reason}" for path, reason in sorted(found.items())]
        lines = first_lines(all_of_them, _MAX_CHANGED)
        opening = (
            f"{len(found):,} of {many(len(self._files()), 'file')} of {self._kind} {self.name}, version "
            f"{self.version}, changed since it was added:"
        )
        return WorkspaceError(
            "\n  ".join([opening, *lines]),
            f"add a new version with {adding(self._kind)}, or bring the files back; a version never changes",
        )

    @abstractmethod
    def _files(self) -> Sequence[File]:
        """Return the files that it is made of."""

    @abstractmethod
    def _loaded(self) -> Sequence[File]:
        """Return those of them that are loaded as a whole before anything is done with it."""


def code_given(root: Path, given: object, use: Use, *, argument: str) -> Code:
    """Return the code of a function, or of its name, which is looked for in the workspace as well."""
    return code_of(given, use, argument=argument, folders=[(str(root), "in that of the workspace")])


def reader_kept(store: Store, name: str, file: File) -> Code:
    """Return the function that reads masks, as a manifest keeps it."""
    return Code(name, whole_path(store, file.path), READER, (file.sha256,))


def of_row(store: Store, row: Row, versions: tuple[str, ...]) -> dict[str, Any]:
    """Return what the index knows of a version, as its fields."""
    return {
        "name": row.name,
        "version": row.version,
        "versions": versions,
        "added": row.added,
        "_store": store,
    }


class Versions(Shown):
    """Datasets or models by name; iterating gives the names, sorted, but for links that are broken."""

    kind: ClassVar[str]
    """What they are: "dataset" or "model"."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def listing(self) -> list[Listed]:
        """Return a line for each name, sorted."""
        return listed(self._store.rows(self.kind))

    def _before(self, name: str, version: str | None) -> list[Row]:
        """Return the versions that a name has, or raise ArgumentError if this one cannot be added."""
        checked_name(self.kind, name)
        if version is not None:
            checked_name("version", version)
        before = self._store.rows(self.kind, name)
        have = tuple(row.version for row in before)
        if version is not None and version in have:
            raise taken(self.kind, name, version, have)
        return before

    def __contains__(self, reference: object) -> bool:
        """Whether there is such a name, or such a version."""
        try:
            name, version = split_reference(self.kind, reference)
        except ArgumentError:
            return False
        known = [line for line in self.listing() if line.name == name and line.problem is None]
        return bool(known) and (version is None or version in known[0].versions)

    def __iter__(self) -> Iterator[str]:
        """Go through the names, sorted."""
        return iter([line.name for line in self.listing() if line.problem is None])

    def __len__(self) -> int:
        """Return the number of names."""
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        """Return a short form with the names."""
        return f"<{type(self).__name__}: {first([*self]) or 'none'}>"
