"""Folders and JSON files of a workspace: written whole or not at all, and on the disk once that is said.

What a file says is not known here, but for the number of its schema.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from segscore.base.pointers import POINTER, PULL, is_pointer_at
from segscore.base.wording import show
from segscore.errors import FileFormatError, OutputError, WorkspaceError
from segscore.io.absolute import absolute_path
from segscore.io.writing import remove_parts, write_file

FOLDER = ".segscore"
"""Where everything of a workspace lies, within its folder."""
HEAD = "workspace.json"
"""The file that makes a folder a workspace."""
_COPY = "bring it back from a copy, or move it out of the workspace"
"""What to do about a damaged file."""
MOST = 1 << 53
"""No number of a manifest is larger: neither SQLite nor whoever reads JSON as floats would keep it."""


def root_of(path: str | os.PathLike[str]) -> Path:
    """Return the folder of a workspace, absolute, which may be named by what lies in it."""
    root = Path(absolute_path(path))
    return root.parent if root.name == FOLDER else root


def check_there(path: Path) -> None:
    """Raise WorkspaceError if a file or folder belongs to a workspace that was moved away or deleted.

    What is written there nevertheless would be half of a workspace, and lost to the other half.
    """
    for folder in (path, *path.parents):
        if folder.name == FOLDER:
            try:
                os.stat(folder / HEAD)
            except (FileNotFoundError, NotADirectoryError) as error:
                raise WorkspaceError(
                    f"{show(str(folder.parent))}: the workspace is no longer there: no {FOLDER}/{HEAD} in it",
                    "move it back to where it was; or use it where it is now, or another one",
                ) from error
            except OSError:
                pass  # it cannot be looked at, which whoever reads it says
            return


@contextmanager
def reading(path: Path, what: str, hint: str | None = None) -> Iterator[None]:
    """Turn what a damaged file raises into the error that says so; the usual hint is for any file."""
    try:
        yield
    except OSError as error:
        raise FileFormatError(
            f"{show(str(path))}: cannot be read: {error.strerror}",
            hint or "check that the file is there and readable",
        ) from error
    except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
        if isinstance(error, FileFormatError | WorkspaceError):
            raise
        if is_pointer_at(path):
            raise FileFormatError(f"{show(str(path))}: expected {what}, found {POINTER}", PULL) from error
        raise FileFormatError(
            f"{show(str(path))}: expected {what}, found another kind of file or a damaged one",
            hint or _COPY,
        ) from error


def read_json(path: Path, what: str, hint: str | None = None) -> dict[str, Any]:
    """Return the object in a JSON file, or raise FileFormatError."""
    with reading(path, what, hint):
        found = json.loads(path.read_bytes())
        return dict(found.items())


def checked_string(found: object) -> str:
    """Return a string, or raise what damaged files raise; names of files may hold what no encoding does."""
    if type(found) is not str:
        raise TypeError
    return found


def checked_text(found: object) -> str:
    """Return a text that every database takes, or raise what damaged files raise."""
    text = checked_string(found)
    text.encode()  # JSON can say halves of characters.
    return text


def checked_number(found: object, least: int = 0) -> int:
    """Return a number that any database and array takes, or raise what damaged files raise."""
    if type(found) is not int or not least <= found < MOST:
        raise ValueError
    return found


def check_schema(path: Path, found: Mapping[str, Any], known: int, hint: str | None = None) -> None:
    """Raise an error if the schema of a file is not known: FileFormatError, or as `refuse_later`."""
    schema = found.get("schema")
    if type(schema) is not int or schema < 1:
        raise FileFormatError(f"{show(str(path))}: expected schema {known}, found {schema!r}", hint or _COPY)
    refuse_later(path, schema, known)


def refuse_later(path: Path, schema: int, known: int, what: str = "schema") -> None:
    """Raise WorkspaceError if a file has a later schema than the one that is known."""
    if schema > known:
        raise WorkspaceError(
            f"{show(str(path))}: expected {what} {known} at most, found {schema}: it was written by a later "
            "segscore",
            "update segscore: `pip install --upgrade segscore`",
        )


def entries(folder: Path) -> list[Path]:
    """Return what lies in a folder, hidden files left out; nothing if the folder is not there."""
    try:
        with reading(folder, "a folder"):
            return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except FileFormatError as error:
        if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
            return []
        raise


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a JSON file and whatever folder it needs; it is on the disk when this returns."""
    make_folder(path.parent)
    remove_parts(path.parent)
    write_file(path, json_bytes(content))
    sync_names(path.parent)


def json_bytes(content: Mapping[str, Any]) -> bytes:
    """Return what a JSON file holds."""
    return f"{json.dumps(content, indent=1)}\n".encode("ascii")


def make_folder(folder: Path) -> None:
    """Make a folder, if it is not there; its name is on the disk when this returns."""
    try:
        missing = [path for path in (folder, *folder.parents) if not path.exists()]
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(
            f"{show(str(folder))}: the folder cannot be made: {error.strerror}",
            "check that the folder above it is writable, and on a disk with room",
        ) from error
    for path in missing:
        sync_names(path.parent)


def sync_names(folder: Path) -> None:
    """Let the names in a folder be on the disk, as `write_file` has let the contents of files be."""
    try:
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
    except OSError as error:
        raise OutputError(
            f"{show(str(folder))}: names of files cannot be written to the disk: {error.strerror}",
            "check that the folder is readable, and on a disk with room",
        ) from error


def remove_files(paths: Iterable[Path]) -> None:
    """Remove files, as far as they are there."""
    for path in paths:
        with removing(path):
            path.unlink(missing_ok=True)


@contextmanager
def removing(path: Path) -> Iterator[None]:
    """Turn what is raised where something is removed into the error that says so."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"{show(str(path))}: cannot be removed: {error.strerror}", "make the workspace writable"
        ) from error
