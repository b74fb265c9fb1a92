"""Targets that are annotations: a workspace keeps the label maps that they are painted into."""

import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from segscore.classes.classes import Classes
from segscore.classes.plain import texts
from segscore.errors import OutputError
from segscore.io.writing import write_file
from segscore.workspace.store.digests import File, file_dict, read_files
from segscore.workspace.store.disk import make_folder, sync_names
from segscore.workspace.store.store import Store

if TYPE_CHECKING:
    from segscore.io.annotations.reading import Annotations

_FOLDER = "painted"


class Drawn(NamedTuple):
    """What targets were painted of."""

    files: tuple[File, ...]
    facts: tuple[str, ...]
    """What was read of them, and how it was painted."""


def painted_targets(
    store: Store, found: "Annotations", classes: Classes, threads: int | None
) -> tuple[str, Drawn]:
    """Write label maps into a folder of the workspace that is called by what is in them, and return it."""
    maps = found.label_maps(classes)
    digest = hashlib.sha256()
    for name, content in zip(maps.files, maps.contents, strict=True):
        digest.update(f"{len(name.encode())}:{name}:{len(content)}:".encode() + content)
    folder = store.folder / _FOLDER / digest.hexdigest()[:16]
    if not folder.is_dir():
        _write(folder, dict(zip(maps.files, maps.contents, strict=True)))
    return str(folder), Drawn(tuple(read_files(store, found.files, threads)), maps.facts)


def _write(folder: Path, contents: dict[str, bytes]) -> None:
    """Write all files of a folder, which is there when all of them are."""
    make_folder(folder.parent)
    part = Path(tempfile.mkdtemp(prefix=".", suffix=".part", dir=folder.parent))
    try:
        for name, content in contents.items():
            make_folder((part / name).parent)
            write_file(part / name, content)
        try:
            os.rename(part, folder)
        except OSError as error:
            if not folder.is_dir():  # which another process may have made meanwhile
                raise OutputError(f"{folder}: cannot be written: {error.strerror}") from error
        sync_names(folder.parent)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def drawn_dict(drawn: Drawn) -> dict[str, Any]:
    """Return what manifests say of annotations."""
    return {"files": [file_dict(file) for file in drawn.files], "facts": [*drawn.facts]}


def drawn_of(entry: Any) -> Drawn:
    """Return the annotations that a manifest speaks of, or raise what damaged manifests raise."""
    return Drawn(tuple(File.of_dict(file) for file in entry["files"]), texts(entry["facts"]))
