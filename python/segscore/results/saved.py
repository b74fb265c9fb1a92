"""Evaluations as files: one ``.npz`` with columns of integers and a JSON text, read without pickle.

Where the name ends in ``.parquet`` it is a table that databases and engines read as well.

A file is untrusted input: everything in it is checked before it becomes an evaluation.
"""

import json
import os
import stat
import zipfile
from dataclasses import asdict
from io import BytesIO
from os import PathLike
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from segscore._core import __version__
from segscore.base.naming import marked
from segscore.base.values import Ints, is_int
from segscore.base.wording import show
from segscore.classes.classes import Classes
from segscore.classes.plain import classes_dict, classes_of_dict, text_or_none, texts
from segscore.counts.doubts import TRANSPOSED
from segscore.counts.failures import Failure
from segscore.counts.kinds import KINDS, are_of
from segscore.counts.measures import Measures
from segscore.counts.record import Record
from segscore.counts.table import Table
from segscore.errors import ArgumentError, ClassesError, FileFormatError
from segscore.io.groups import Label, labels_of
from segscore.io.places import SAVED, Files, check_place, path_of, paths_of
from segscore.io.writing import write_file
from segscore.results import parquet
from segscore.results.evaluated import Evaluated

_SCHEMA = 1
_ROOM = 256 << 20
"""Bytes of memory that any file may take, however small it is."""
_MOST_INFLATED = 100
"""Bytes of memory that one byte of a file may become: those of real images become 10."""

_FORMER = {"turned": TRANSPOSED}
"""Names of doubts as they were, and as they are."""


def save(evaluation: Evaluated, path: str | PathLike[str]) -> None:
    """Write an evaluation to a file, whole or not at all; see `Evaluation.save`."""
    check_place(path, kind=SAVED, reads=paths_of(evaluation.files))
    write(evaluation, path)


def write(evaluation: Evaluated, path: str | PathLike[str]) -> None:
    """Write an evaluation as `save` does, whatever is there."""
    about = _about(evaluation)
    if path_of(path, "write").lower().endswith(parquet.SUFFIX):
        write_file(path, parquet.content(evaluation, about))
        return
    text = np.frombuffer(about, dtype=np.uint8)
    columns = {
        _place(kind, name): _narrowed(column)
        for kind, record in evaluation.records.items()
        for name, column in record.columns().items()
    }
    content = BytesIO()
    np.savez_compressed(content, about=text, **columns)
    write_file(path, content.getvalue())


def _about(evaluation: Evaluated) -> bytes:
    """Return all but the columns as JSON."""
    about = {
        "schema": _SCHEMA,
        "segscore": __version__,
        "classes": classes_dict(evaluation.classes),
        "names": evaluation.names,
        "groups": evaluation.groups,
        "failures": [{**asdict(failure), "parts": failure.parts()} for failure in evaluation.failures],
        "extra": evaluation.extra,
        "resized": evaluation.resized,
        "provenance": dict(evaluation.provenance),
        "files": {name: [files.pred, files.target, files.image] for name, files in evaluation.files.items()},
    }
    if evaluation.measured:
        about["records"] = [record.kind for record in evaluation.measured]
        about["measures"] = evaluation.measures.to_dict()
    return json.dumps(about).encode("ascii")


def read(path: str | PathLike[str]) -> dict[str, Any]:
    """Return the fields of the evaluation that `save` wrote; `segscore.load` says what is raised."""
    where = path_of(path, "read")
    try:
        with open(where, "rb") as file:
            return _fields(file)
    except (FileFormatError, ClassesError) as error:
        raise FileFormatError(f"{show(where)}: {marked(error.message)}", _HINT) from error
    except (MemoryError, ArgumentError):  # say nothing about the file
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.filename is not None:
            raise FileFormatError(
                f"{show(where)}: cannot be read: {error.strerror}",
                "check that the file is there and readable",
            ) from error
        raise FileFormatError(
            f"{show(where)}: expected a saved evaluation, found another kind of file or a damaged one", _HINT
        ) from error


_HINT = "`Evaluation.save` and `segscore evaluate --save` write such files"


def _fields(file: BinaryIO) -> dict[str, Any]:
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode):
        raise FileFormatError("expected a file, found something without an end to look for")
    most = _ROOM + _MOST_INFLATED * status.st_size
    if parquet.is_parquet(file):
        opened = parquet.Opened(file, most)
        about = _of_schema(opened.about())
        if _kinds(about) != (Table.kind,):
            raise FileFormatError("expected rows of pairs of labels alone")
        return _of_columns(about, {Table.kind: opened.columns(texts(about["names"]))})
    with zipfile.ZipFile(file) as archive:
        columns_of = _Columns(archive, most)
        about = _of_schema(columns_of.read("about").tobytes())
        columns = {
            kind: {name: columns_of.read(_place(kind, name)) for name in KINDS[kind].column_names()}
            for kind in _kinds(about)
        }
    return _of_columns(about, columns)


def _of_schema(text: bytes) -> dict[str, Any]:
    about: dict[str, Any] = json.loads(text)
    if about["schema"] != _SCHEMA:
        later = " of a later segscore" if is_int(about["schema"]) and about["schema"] > _SCHEMA else ""
        raise FileFormatError(f"expected schema {_SCHEMA}, found {about['schema']!r}{later}")
    return about


def _of_columns(about: dict[str, Any], columns: dict[str, dict[str, Any]]) -> dict[str, Any]:
    classes, names, resized = classes_of_dict(about["classes"]), texts(about["names"]), about["resized"]
    if len(set(names)) != len(names):
        raise FileFormatError("two of its images have the same name")
    if not is_int(resized) or not 0 <= resized <= len(names):
        raise FileFormatError(f"expected a number of resized images, found {resized!r}")
    table, *measured = (_record(kind, found, len(names), classes) for kind, found in columns.items())
    measures = Measures.from_dict(about.get("measures", {}))
    if not are_of(measured, measures):
        raise FileFormatError("its records are not those of what was measured")
    return {
        "classes": classes,
        "names": names,
        "table": table,
        "measured": tuple(measured),
        "measures": measures,
        "failures": tuple(_failure(entry) for entry in about["failures"]),
        "extra": texts(about["extra"]),
        "resized": resized,
        "provenance": {
            _FORMER.get(name, name): said
            for name, said in zip(
                texts(about["provenance"]), texts(about["provenance"].values()), strict=True
            )
        },
        "groups": None if about.get("groups") is None else _groups(names, about["groups"]),
        "files": _files(names, about.get("files", {})),
    }


class _Columns:
    """The columns of an archive, as long as they take no more memory than a file of its size may."""

    def __init__(self, archive: zipfile.ZipFile, most: int) -> None:
        self.archive = archive
        self.most = most
        self.taken = 0

    def read(self, name: str) -> npt.NDArray[Any]:
        """Return a column; `np.load` would make room for whatever its header claims."""
        with self.archive.open(f"{name}.npy") as file:
            if npy.read_magic(file) != (1, 0):
                raise FileFormatError("a column is of another version of the format")
            shape, _, dtype = npy.read_array_header_1_0(file)
            if len(shape) != 1 or shape[0] < 0:
                raise FileFormatError("a column is not a list of integers")
            # What is compressed becomes bytes, and these int64 or objects of as much at least.
            length = shape[0] * dtype.itemsize
            self.taken += length + 8 * shape[0]
            if self.taken > self.most:
                raise FileFormatError(
                    f"expected counts that take at most {self.most:,} bytes, for a file of this size, "
                    f"found {self.taken:,}"
                )
            content = file.read(length + 1)  # its checksum is looked at where it ends
        if len(content) > length:
            raise FileFormatError("a column is longer than it says")
        return np.frombuffer(content, dtype, shape[0])


def _kinds(about: dict[str, Any]) -> tuple[str, ...]:
    """Return the kinds of the records in a file; those of pair counts alone name none."""
    kinds = (Table.kind, *texts(about.get("records", ())))
    for kind in kinds:
        if kind not in KINDS:
            known = ", ".join(f"`{known}`" for known in KINDS)
            raise FileFormatError(f"expected records of {known}, found `{show(kind)}` of a later segscore")
    if len(set(kinds)) != len(kinds):
        raise FileFormatError("two of its records are of the same kind")
    return kinds


def _place(kind: str, name: str) -> str:
    """Return the name of a column in a file."""
    return name if kind == Table.kind else f"{kind}.{name}"


def _record(kind: str, columns: dict[str, Any], images: int, classes: Classes) -> Record:
    try:
        return KINDS[kind].of_columns(columns, images, classes)
    except FileFormatError as error:
        where = "" if kind == Table.kind else f"`{kind}`: "
        raise FileFormatError(f"{where}{error.message}") from error


def _narrowed(column: Ints) -> Any:
    """Return the column in the smallest type that holds it."""
    low, high = (int(column.min()), int(column.max())) if len(column) else (0, 0)
    for name in ("u1", "i1", "u2", "i2", "u4", "i4"):
        limits = np.iinfo(name)
        if limits.min <= low and high <= limits.max:
            return column.astype(name)
    return column


def _groups(names: tuple[str, ...], values: Any) -> tuple[Label, ...]:
    if not isinstance(values, list):
        raise FileFormatError("its groups are not a list")
    try:
        return tuple(labels_of(names, values))
    except ArgumentError as error:
        raise FileFormatError(error.message) from error


def _files(names: tuple[str, ...], entries: dict[str, Any]) -> dict[str, Files]:
    if set(entries) - set(names):
        raise FileFormatError("it names files of an image that it does not have")
    return {
        name: Files(text_or_none(pred), text_or_none(target), text_or_none(image))
        for name, (pred, target, image) in entries.items()
    }


def _failure(entry: dict[str, Any]) -> Failure:
    name, message = texts([entry["name"], entry["message"]])
    hint, kind = text_or_none(entry["hint"]), text_or_none(entry.get("kind"))
    # What was saved before texts were kept with what they name has none of their parts.
    message, hint = entry.get("parts", (message, hint))
    return Failure.kept(name, message, hint, kind)
