"""Evaluations as files: one ``.npz`` with columns of integers and a JSON text, read without pickle.

Where the name ends in ``.parquet`` it is a table that databases and engines read as well.

A file is untrusted input: everything in it is checked before it becomes an evaluation.
"""

import json
import os
import stat
import zipfile
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from os import PathLike
from typing import Any, BinaryIO, TypeAlias

import numpy as np
from numpy.lib import format as npy

from segscore._core import __version__
from segscore.base.naming import by_face, marked
from segscore.base.pointers import POINTER, PULL, PointerError, checked
from segscore.base.values import is_int
from segscore.base.wording import show
from segscore.classes.plain import classes_dict, classes_of_dict, texts
from segscore.counts.doubts import TRANSPOSED
from segscore.counts.kinds import KINDS, are_of
from segscore.counts.measures import Measures
from segscore.counts.table import Table
from segscore.errors import ArgumentError, ClassesError, FileFormatError
from segscore.io.given import check_here
from segscore.io.places import SAVED, check_place, path_of, paths_of
from segscore.io.writing import write_file
from segscore.results import parquet
from segscore.results.evaluated import E, Evaluated
from segscore.results.kept import (
    Column,
    column_place,
    columns_of,
    failure_entries,
    failure_of,
    files_entries,
    files_of,
    groups_of,
    kinds_of,
    record_of,
)
from segscore.results.sent import BESIDE, plain_of

_Made: TypeAlias = Callable[..., E]
"""What makes an evaluation."""

_SCHEMA = 1
_OF_PARTS = 2
"""Schema of parts of a plan, which are no evaluations to whoever does not know it."""
_ROOM = 256 << 20
"""Bytes of memory that any file may take, however small it is."""
_HEAD = 64
"""Bytes at the beginning of an archive that tell whether `save` wrote it."""
_MOST_INFLATED = 100
"""Bytes of memory that one byte of a file may become: those of real images become 10."""

_FORMER = {"turned": TRANSPOSED}
"""Names of doubts as they were, and as they are."""


_ELSEWHERE = {
    ".csv": by_face(
        "`ev.to_rows()` has counts and `ev.images.to_frame()` scores of images, to be written as CSV",
        command_line="in Python, `ev = segscore.load(FILE)` opens it, and `ev.to_rows()` has counts and "
        "`ev.images.to_frame()` scores of images, to be written as CSV",
    ),
    ".json": by_face(
        "`ev.to_dict()` has all numbers for JSON", command_line="`--json FILE` writes all numbers"
    ),
    ".html": by_face("`ev.write_report(path)` writes a page", command_line="`--report FILE` writes a page"),
    ".md": by_face("`ev.to_markdown()` is a page in Markdown", command_line="`--summary FILE` adds a page"),
    ".tex": "`ev.to_latex()` has the tables for LaTeX",
}
"""What is not written by `save`, by the ending of a name, and what makes it."""
_ELSEWHERE |= {".htm": _ELSEWHERE[".html"]}
SUFFIXES = (".npz", parquet.SUFFIX)
"""Endings of names of saved evaluations."""


def check_name(path: str | PathLike[str]) -> None:
    """Raise ArgumentError unless the ending of a name says how an evaluation is written.

    Names of folders, devices and pipes say nothing.
    """
    where = path_of(path, "write")
    if where.lower().endswith(SUFFIXES) or (os.path.exists(where) and not os.path.isfile(where)):
        return
    stem, suffix = os.path.splitext(where)
    own = f"save it as {show(f'{stem}.npz')}, or as {show(f'{stem}{parquet.SUFFIX}')} for other programs"
    other = _ELSEWHERE.get(suffix.lower())
    raise ArgumentError(
        f"{show(where)}: expected a name that ends in {' or '.join(SUFFIXES)}, found "
        + (show(suffix) if suffix else "none of them"),
        own if other is None else f"{own}; {other}",
    )


def save(evaluation: Evaluated, path: str | PathLike[str]) -> None:
    """Write an evaluation to a file, whole or not at all; see `Evaluation.save`."""
    check_place(path, kind=SAVED, reads=paths_of(evaluation.files))
    check_name(path)
    write(evaluation, path)


def write(evaluation: Evaluated, path: str | PathLike[str]) -> None:
    """Write an evaluation as `save` does, whatever is there."""
    as_table = parquet.is_table(path_of(path, "write"))
    if evaluation.part is not None:
        if as_table:
            parquet.check_writable(part=True)
        about, columns = plain_of(evaluation.part)
        _write(path, {"schema": _OF_PARTS, "segscore": __version__, **about}, columns)
        return
    about = {
        "schema": _SCHEMA,
        "segscore": __version__,
        "classes": classes_dict(evaluation.classes),
        "names": evaluation.names,
        "groups": evaluation.groups,
        "failures": failure_entries(evaluation.failures),
        "extra": evaluation.extra,
        "resized": evaluation.resized,
        "provenance": dict(evaluation.provenance),
        "files": files_entries(evaluation.files),
    }
    if evaluation.measured:
        about["records"] = [record.kind for record in evaluation.measured]
        about["measures"] = evaluation.measures.to_dict()
    if as_table:
        write_file(path, parquet.content(evaluation, _text(about)))
        return
    _write(path, about, columns_of(evaluation.records.values()))


def _write(path: str | PathLike[str], about: Mapping[str, Any], columns: Mapping[str, Column]) -> None:
    text = np.frombuffer(_text(about), dtype=np.uint8)
    content = BytesIO()
    np.savez_compressed(content, about=text, **columns)  # type: ignore[arg-type]  # none is `allow_pickle`
    write_file(path, content.getvalue())


def _text(about: Mapping[str, Any]) -> bytes:
    return json.dumps(about).encode("ascii")


def read(path: str | PathLike[str], whole: _Made[E], part: _Made[E]) -> E:
    """Return the evaluation that `save` wrote; `segscore.load` says what is raised.

    `whole` makes it of its fields; `part`, that of a shard, of what `plain_of` returned.
    """
    where = path_of(path, "read")
    check_here(where)
    try:
        with open(where, "rb") as file:
            return _read(file, whole, part)
    except PointerError as error:
        raise FileFormatError(f"{show(where)}: expected a saved evaluation, found {POINTER}", PULL) from error
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
        raise FileFormatError(f"{show(where)}: {_OTHER}", _HINT) from error


_OTHER = "expected a saved evaluation, found another kind of file or a damaged one"
_HINT = "`Evaluation.save` and `segscore evaluate --save` write such files"


def _read(file: BinaryIO, whole: _Made[E], part: _Made[E]) -> E:
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode):
        raise FileFormatError("expected a file, found something without an end to look for")
    most = _ROOM + _MOST_INFLATED * status.st_size
    if parquet.is_parquet(file):
        opened = parquet.Opened(file, most)
        about = _about(opened.about(), (_SCHEMA,))
        if kinds_of(about) != (Table.kind,):
            raise FileFormatError("expected rows of pairs of labels alone")
        return whole(**_fields(about, opened.columns(texts(about["names"]))))
    # What `save` would not replace is no such file, though it may be an archive with all that is looked for.
    if SAVED.content.match(checked(file.read(_HEAD))) is None:
        raise FileFormatError(_OTHER)
    with zipfile.ZipFile(file) as archive:
        inside = _Columns(archive, most)
        about = _about(inside.read("about").tobytes(), (_SCHEMA, _OF_PARTS))
        schema = about["schema"]
        places = [column_place(kind, name) for kind in kinds_of(about) for name in KINDS[kind].column_names()]
        beside = BESIDE if schema == _OF_PARTS else ()
        columns = {name: inside.read(name) for name in (*places, *beside)}
    return part(about, columns) if schema == _OF_PARTS else whole(**_fields(about, columns))


def _about(text: bytes, schemas: Sequence[int]) -> dict[str, Any]:
    about: dict[str, Any] = json.loads(text)
    schema = about["schema"]
    if schema not in schemas:
        later = " of a later segscore" if is_int(schema) and schema > max(schemas) else ""
        known = " or ".join(map(str, schemas))
        raise FileFormatError(f"expected schema {known}, found {schema!r}{later}")
    return about


def _fields(about: dict[str, Any], columns: Mapping[str, Column]) -> dict[str, Any]:
    classes, names, resized = classes_of_dict(about["classes"]), texts(about["names"]), about["resized"]
    if len(set(names)) != len(names):
        raise FileFormatError("two of its images have the same name")
    if not is_int(resized) or not 0 <= resized <= len(names):
        raise FileFormatError(f"expected a number of resized images, found {resized!r}")
    table, *measured = (record_of(KINDS[kind], columns, len(names), classes) for kind in kinds_of(about))
    measures = Measures.from_dict(about.get("measures", {}))
    if not are_of(measured, measures):
        raise FileFormatError("its records are not those of what was measured")
    return {
        "classes": classes,
        "names": names,
        "table": table,
        "measured": tuple(measured),
        "measures": measures,
        "failures": tuple(failure_of(entry) for entry in about["failures"]),
        "extra": texts(about["extra"]),
        "resized": resized,
        "provenance": {
            _FORMER.get(name, name): said
            for name, said in zip(
                texts(about["provenance"]), texts(about["provenance"].values()), strict=True
            )
        },
        "groups": None if about.get("groups") is None else groups_of(names, about["groups"]),
        "files": files_of(names, about.get("files", {})),
    }


class _Columns:
    """The columns of an archive, as long as they take no more memory than a file of its size may."""

    def __init__(self, archive: zipfile.ZipFile, most: int) -> None:
        self.archive = archive
        self.most = most
        self.taken = 0

    def read(self, name: str) -> Column:
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
