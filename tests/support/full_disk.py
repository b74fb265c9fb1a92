"""A disk that is full from a certain moment on, in this process. Nothing here is a test."""

import builtins
import errno
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_READING = ("SELECT", "PRAGMA", "ROLLBACK", "BEGIN")
"""Statements that need no room."""


class Disk:
    """Counts what needs room below a folder, and refuses it.

    Parameters
    ----------
    folder : Path
        What is elsewhere always works.
    first : int
        The first moment that is refused; 0 counts and refuses nothing.
    lasts : bool
        Whether all later ones are refused, too.
    """

    def __init__(self, folder: Path, first: int = 0, *, lasts: bool = True) -> None:
        self.folder, self.first, self.lasts = str(folder), first, lasts
        self.moments: list[str] = []

    def refused(self, what: str) -> bool:
        """Count a moment, and say whether it is refused."""
        self.moments.append(what)
        at = len(self.moments)
        return self.first > 0 and (at == self.first or (self.lasts and at > self.first))

    def holds(self, path: Any) -> bool:
        """Whether a path, or an open file, lies below the folder."""
        where = os.readlink(f"/proc/self/fd/{path}") if isinstance(path, int) else os.path.abspath(path)
        return where.startswith(self.folder)


@contextmanager
def full(disk: Disk) -> Iterator[Disk]:
    """Let files and databases below the folder of a disk fail as it says."""

    class Connection(sqlite3.Connection):
        def execute(self, statement: str, *parameters: Any) -> sqlite3.Cursor:
            self.room(statement)
            return super().execute(statement, *parameters)

        def executemany(self, statement: str, *parameters: Any) -> sqlite3.Cursor:
            self.room(statement)
            return super().executemany(statement, *parameters)

        def room(self, statement: str) -> None:
            what, *_ = statement.split()
            if what not in _READING and disk.refused(what):
                error = sqlite3.OperationalError("database or disk is full")
                error.sqlite_errorcode = sqlite3.SQLITE_FULL
                raise error

    def guarded(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def made(path: Any, *arguments: Any, **options: Any) -> Any:
            if disk.holds(path) and disk.refused(name):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
            return call(path, *arguments, **options)

        return made

    def connected(path: Any, **options: Any) -> sqlite3.Connection:
        # What is in memory needs no room on the disk.
        return connect(path, **options, **({} if path == ":memory:" else {"factory": Connection}))

    def opened(path: Any, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        if set(mode) & set("wxa+") and disk.holds(path) and disk.refused("open"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)
        return real(path, mode, *arguments, **options)

    real, connect = builtins.open, sqlite3.connect
    with pytest.MonkeyPatch.context() as patch:
        for name in ("fsync", "replace", "mkdir"):
            patch.setattr(os, name, guarded(name, getattr(os, name)))
        patch.setattr(builtins, "open", opened)
        patch.setattr(sqlite3, "connect", connected)
        yield disk
