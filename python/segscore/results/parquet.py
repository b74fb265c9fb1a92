"""Evaluations as tables of Parquet: the rows of `to_rows`, which databases and engines read, and all else.

What rows do not hold stands in the file's own metadata. A file is untrusted input: whatever does not fit is
refused, and nothing of it is read before its size is known.
"""

import zlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256
from io import BytesIO
from typing import Any, BinaryIO

import numpy as np

from segscore.base.values import Ints
from segscore.errors import ArgumentError, FileFormatError, installed
from segscore.results.evaluated import Evaluated
from segscore.results.rows import COLUMNS, GROUP, encoded, rows_of
from segscore.text.frames import texts

SUFFIX = ".parquet"
_MAGIC = b"PAR1"
_KEY = b"segscore.evaluation"
"""Entry of the metadata with all but the rows, as base64 of deflated JSON."""
_DIGEST = b"segscore.rows"
"""Entry with the digest of the rows, as what changes or chooses some of them keeps the other one."""
_ROWS = 1 << 20
"""Rows of a group, which is read at once."""
_ROW = 64
"""Bytes of memory that a row takes, at most, while it is read."""


def is_table(path: str) -> bool:
    """Whether a file is to be a table, as the end of its name says."""
    return path.lower().endswith(SUFFIX)


def check_writable(*, shapes: bool = False, part: bool = False) -> tuple[Any, Any]:
    """Return the packages that write a table, or raise ArgumentError where nothing does or not all fits."""
    if part:
        raise ArgumentError(
            "a table of Parquet holds whole evaluations, found a part of one",
            "save the part under a name that ends in .npz, and what all parts are merged into as Parquet",
        )
    if shapes:
        raise ArgumentError(
            "what was measured of shapes has no place in a table of pairs of labels",
            "save it under a name that ends in .npz",
        )
    return _pyarrow("written")


def content(evaluation: Evaluated, about: bytes) -> bytes:
    """Return a file with the rows of an evaluation, and all that is to be said about it as JSON."""
    pyarrow, parquet = check_writable(shapes=bool(evaluation.measured))
    image, *counts = rows_of(evaluation.table, evaluation.classes)

    def of_images(values: Any) -> Any:
        dictionary = pyarrow.array(values.tolist())
        return pyarrow.DictionaryArray.from_arrays(image.astype(np.int32), dictionary)

    columns = {"name": of_images(encoded(evaluation.names))}
    if evaluation.groups is not None:
        labels: Any = np.array(evaluation.groups)
        # As itself: engines take a dictionary of integers for something else.
        columns[GROUP] = labels[image] if labels.dtype.kind != "U" else of_images(encoded(evaluation.groups))
    columns |= dict(zip(COLUMNS[1:], counts, strict=True))
    said = {_KEY: b64encode(zlib.compress(about)), _DIGEST: _digest(image, *counts)}
    table = pyarrow.table(columns).replace_schema_metadata(said)
    made = BytesIO()
    parquet.write_table(table, made, row_group_size=_ROWS, compression="zstd")
    return made.getvalue()


def is_parquet(file: BinaryIO) -> bool:
    """Whether a file begins as those of Parquet do; it is read from its beginning afterwards."""
    beginning = file.read(len(_MAGIC))
    file.seek(0)
    return beginning == _MAGIC


class Opened:
    """A file that `content` made, or one that says so."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        _, parquet = _pyarrow("read")
        self._file = parquet.ParquetFile(file, read_dictionary=["name"])
        self._most = most

    def about(self) -> bytes:
        """Return what `content` was given, or raise FileFormatError where others have made the file."""
        text = (self._file.metadata.metadata or {}).get(_KEY)
        if text is None:
            raise FileFormatError(
                "expected a table that `Evaluation.save` wrote, found one without classes: "
                "`Evaluation.from_rows` takes its rows"
            )
        inflating = zlib.decompressobj()
        about = inflating.decompress(b64decode(text, validate=True), self._most)
        if not inflating.eof:
            raise FileFormatError(f"it says more than {self._most:,} bytes about its rows, or is cut off")
        return about

    def columns(self, names: Sequence[str]) -> dict[str, Ints]:
        """Return the columns of a table of images of these names, whose rows are in their order."""
        rows = self._file.metadata.num_rows
        if rows * _ROW > self._most:
            raise FileFormatError(
                f"expected rows that take at most {self._most:,} bytes, for a file of this size, "
                f"found {rows:,} rows"
            )
        places = {name: i for i, name in enumerate(texts(names))}
        parts: list[list[Ints]] = []
        for batch in self._file.iter_batches(_ROWS, columns=list(COLUMNS)):
            name, *counts = batch.columns
            if any(column.null_count for column in batch.columns):
                raise FileFormatError("a row lacks a value")
            known = np.array([places[one] for one in name.dictionary.to_pylist()], dtype=np.int64)
            parts.append([known[name.indices.to_numpy()], *(column.to_numpy() for column in counts)])
        image, *found = (np.concatenate(of) for of in zip(*parts, strict=True)) if parts else [_NONE] * 4
        if (self._file.metadata.metadata or {}).get(_DIGEST) != _digest(image, *found):
            raise FileFormatError(
                "its rows are not those that `Evaluation.save` wrote, all of them in their order: "
                "`Evaluation.from_rows` takes any rows"
            )
        counted = found[-1] != 0  # what has no pixels is there for images that have none
        offsets = np.searchsorted(image[counted], np.arange(len(names) + 1))
        return {
            "offsets": offsets,
            **dict(zip(COLUMNS[1:], (column[counted] for column in found), strict=True)),
        }


def _digest(*columns: Ints) -> bytes:
    """Return the SHA-256 of columns of integers, hexadecimal."""
    found = sha256()
    for column in columns:
        found.update(np.ascontiguousarray(column, dtype="<i8").data)
    return found.hexdigest().encode("ascii")


_NONE = np.empty(0, dtype=np.int64)


def _pyarrow(done: str) -> tuple[Any, Any]:
    with installed(f"Parquet is {done} with pyarrow", "`pip install pyarrow`; or use .npz"):
        import pyarrow as pa
        from pyarrow import parquet
    return pa, parquet
