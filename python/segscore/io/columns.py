"""Columns of images: masks that are bytes in tables of Parquet, or in datasets of Hugging Face.

    target = column(dataset, "annotation", names="image_id")

A column holds bytes of files, or structs of ``bytes`` and ``path``, as the feature `Image` of Hugging Face.
Rows are read as they are counted, and nobody but segscore decodes them.
"""

import os
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, Any
from weakref import finalize

from segscore.base.wording import shortened, show
from segscore.errors import (
    ArgumentError,
    FileFormatError,
    MaskError,
    PairingError,
    SegscoreError,
    installed,
    of_core,
)
from segscore.io.addresses import Chain, is_address, public, secrets_of
from segscore.io.archives import called_together, found_at
from segscore.io.blobs import Blob, Blobs, Place, check_number, checked_names, unread
from segscore.io.discreet import discreet
from segscore.io.handles import Handles
from segscore.io.objects import no_image
from segscore.io.opening import opened

if TYPE_CHECKING:
    from segscore.io.stores import Store

_MOST_GROUP = 1 << 30
"""Bytes of a column in one row group, which is read as a whole."""
_ENDING = ".png"
"""Of names, where nothing says which one it is; what is in a row says itself what it is."""


def column(
    rows: object,
    name: str,
    *,
    names: str | None = None,
    storage_options: Mapping[str, Any] | None = None,
) -> Blobs:
    """Return a column of images as masks that are matched by name, for `pred` or `target`.

    Parameters
    ----------
    rows : path, glob pattern, address, list of these, or datasets.Dataset
        Files of Parquet, or a dataset of Hugging Face, whose rows may have been chosen and ordered.
    name : str
        Of the column: bytes of files, or structs of ``bytes`` and ``path``. Where there are no bytes the path
        is that of a file of this machine; in a table behind an address, of one below its folder, which is
        fetched from the same store.
    names : str, optional
        The column with the name of each image. If not given they are numbered from 0 through all files.
    storage_options : mapping, optional
        Of files behind addresses, for fsspec; see :func:`segscore.evaluate`.

    Raises
    ------
    ArgumentError
        If there is no such column, it holds no images, or pyarrow is not installed.
    FileFormatError
        If a file cannot be read.
    PairingError
        If no file is found, or a name is missing, too long or leads out of its folder.
    """
    with installed("columns of images are read by pyarrow", "`pip install pyarrow` brings it"):
        import pyarrow  # noqa: F401, ICN001 - asked for here, where it can be said what for
    if callable(getattr(rows, "with_format", None)):
        return _of_dataset(rows, name, names)
    paths = found_at(rows, "a file of Parquet")
    found: list[tuple[str, Blob]] = []
    for path in paths:
        found += _of_file(path, name, names, storage_options or {}, len(found))
    if not found:
        raise PairingError(
            f"expected rows in {show(public(paths[0]))}, found none", "check what it was written from"
        )
    files, blobs = zip(*found, strict=True)
    return Blobs(f"the column {show(name)} of {called_together(paths, 'files')}", files, blobs)


def _named(blobs: Sequence[str], where: str) -> Sequence[str]:
    for i, name in enumerate(blobs):
        if name is None:
            raise PairingError(
                f"expected a name for each image of {where}, found none in row {i:,}", "name all of them"
            )
    return checked_names([str(name) for name in blobs], where)


def _check_column(name: str, known: Sequence[str], where: str) -> None:
    if name not in known:
        raise ArgumentError(
            f"there is no column {show(name)} in {where}", f"it has {', '.join(map(show, known))}"
        )


def _check_images(kind: Any, name: str, where: str) -> None:
    """Raise ArgumentError unless a type of Arrow is that of images."""
    import pyarrow  # noqa: ICN001
    from pyarrow import types

    of_path = pyarrow.string()
    if types.is_struct(kind) and {"bytes", "path"} <= {field.name for field in kind}:
        kind, of_path = kind.field("bytes").type, kind.field("path").type
    if not (types.is_string(of_path) or types.is_large_string(of_path) or types.is_null(of_path)):
        raise ArgumentError(
            f"expected texts as `path` in the column {show(name)} of {where}, found {of_path}",
            "name the column of the masks",
        )
    if not (types.is_binary(kind) or types.is_large_binary(kind) or types.is_null(kind)):
        raise ArgumentError(
            f"expected bytes of images, or structs of `bytes` and `path`, in the column {show(name)} of "
            f"{where}, found {kind}",
            "name the column of the masks",
        )


def _content(
    value: Any, blob: Blob, most: int, start: int, *, store: "Store | None" = None, table: str = ""
) -> bytes:
    """Return a part of what one row holds, or of the file that it names.

    Whoever wrote a table that a store holds may read no other file of this machine, or of another one: the
    file lies below the folder of the table, in the same store.
    """
    path = None
    if isinstance(value, dict):
        value, path = value["bytes"], value.get("path")
    if value is not None:
        return bytes(value[start : start + most])
    if path is None or is_address(path):
        raise no_image(blob, path)
    gone = partial(_gone, path, blob)
    with discreet(gone, *blob.place.secrets(blob), of=(FileNotFoundError,)):
        if store is not None:
            if (address := Chain.of(table).beside(path)) is None:
                raise MaskError(
                    f"{show(blob)}: expected bytes or the path of a file below the folder of the table, "
                    f"found {show(shortened(path))}",
                    "files that are elsewhere are given as a list, with `names`",
                )
            return store.read(store.blob(address), most, start)
        with opened(path, "a mask") as file:
            file.seek(start)
            return file.read(most)


def _gone(path: str, blob: Blob, *_: object) -> SegscoreError:
    return of_core("unreadable", f"it names {show(shortened(path))}, and there is no such file", show(blob))


# Parquet


@dataclass(frozen=True, eq=False, repr=False)
class ParquetColumn:
    """A column of a file of Parquet."""

    path: str
    """Or an address."""
    name: str
    options: Mapping[str, Any]
    store: "Store | None"
    """What reads the table, and the files that it names; None for a file of this machine."""

    def read(self, blob: Blob, most: int, start: int = 0) -> bytes:
        """Return at most so many bytes of a row, whose row group is read as a whole and kept for others."""
        assert isinstance(blob.key, int)
        file, ends = _FILES.get(self, self._open)
        group = bisect_right(ends, blob.key)
        values = _GROUPS.get(self, lambda: self._group(file, group), group)
        value = values[blob.key - ([0, *ends][group])].as_py()
        return _content(value, blob, most, start, store=self.store, table=self.path)

    def address(self, _: Blob) -> None:
        """Return nothing: rows have no address."""

    def secrets(self, _: Blob) -> Sequence[object]:
        """Return the options, and what is secret in the address."""
        return self.options, secrets_of(self.path)

    def _open(self) -> tuple[Any, list[int]]:
        file = _parquet(self.path, self.options, self.store)
        about = file.metadata
        return file, [*accumulate(about.row_group(i).num_rows for i in range(about.num_row_groups))]

    def _group(self, file: Any, group: int) -> Any:
        about = file.metadata.row_group(group)
        columns = [about.column(i) for i in range(about.num_columns)]
        size = sum(
            one.total_uncompressed_size for one in columns if one.path_in_schema.split(".")[0] == self.name
        )
        if size > _MOST_GROUP:
            raise MaskError(
                f"{show(public(self.path))}: expected at most {_MOST_GROUP:,} bytes in a row group, found "
                f"{size:,}",
                "write it with smaller ones, such as `row_group_size=1000`",
            )
        return file.read_row_group(group, columns=[self.name]).column(self.name)


_FILES: Handles[tuple[Any, list[int]]] = Handles(8)
_GROUPS: Handles[Any] = Handles(4, room=1 << 30, size=lambda values: values.nbytes)
"""Row groups of both sides, and the next ones; many small ones, as threads are in several at a time."""


def _parquet(path: str, options: Mapping[str, Any], store: "Store | None") -> Any:
    from pyarrow.parquet import ParquetFile

    with discreet(partial(_no_table, show(public(path))), options, secrets_of(path)):
        if store is None:
            with opened(path, "a file of Parquet"):
                return ParquetFile(path)
        with store.system(path) as (system, inner):
            source = system.open(inner, "rb")
            finalize(table := ParquetFile(source), source.close)
            return table


def _no_table(where: str, error: BaseException, why: str) -> FileFormatError:
    from pyarrow import ArrowInvalid

    if not isinstance(error, ArrowInvalid):
        return unread(where, error, why)
    return FileFormatError(
        f"expected a file of Parquet at {where}, found something else: {why}", "check what it was written by"
    )


def _of_file(
    path: str, name: str, names: str | None, options: Mapping[str, Any], first: int
) -> Iterator[tuple[str, Blob]]:
    where = show(public(path))
    store = None
    if is_address(path):
        from segscore.io.stores import Store

        store = Store(Chain.of(path).rest, options)
    file = _parquet(path, options, store)
    _check_column(name, file.schema_arrow.names, where)
    _check_images(file.schema_arrow.field(name).type, name, where)
    check_number(first + file.metadata.num_rows, where)
    if names is None:
        texts: Sequence[str] = [str(first + i) for i in range(file.metadata.num_rows)]
    else:
        _check_column(names, file.schema_arrow.names, where)
        with discreet(partial(unread, where), options, secrets_of(path)):
            of_rows = file.read(columns=[names]).column(names).to_pylist()
        texts = _named(of_rows, where)
    whole = path if is_address(path) else os.path.abspath(path)
    place: Place = ParquetColumn(whole, name, options, store)
    for i, text in enumerate(texts):
        yield f"{text}{_ENDING}", Blob.of(f"{public(path)}/{text}", place, i)


# Hugging Face


@dataclass(frozen=True, eq=False, repr=False)
class DatasetColumn:
    """A column of a dataset of Hugging Face, whose rows are tables of Arrow."""

    rows: Any
    name: str

    def read(self, blob: Blob, most: int, start: int = 0) -> bytes:
        """Return at most so many bytes of a row."""
        return _content(self.rows[blob.key].column(self.name)[0].as_py(), blob, most, start)

    def address(self, _: Blob) -> None:
        """Return nothing: rows have no address."""

    def secrets(self, _: Blob) -> Sequence[object]:
        """Return nothing: the dataset is on this machine."""
        return ()


def _of_dataset(rows: Any, name: str, names: str | None) -> Blobs:
    where = "the dataset"
    known = getattr(rows, "column_names", None)
    if not isinstance(known, list):
        raise ArgumentError(
            f"expected one split of a dataset, found {type(rows).__name__}", 'such as `dataset["validation"]`'
        )
    _check_column(name, known, where)
    table = rows.select_columns([name]).with_format("arrow")
    if not len(table):
        raise PairingError("expected rows in the dataset, found none", "check what was chosen of it")
    _check_images(table[0].schema.field(name).type, name, where)
    check_number(len(table), where)
    if names is None:
        texts: Sequence[str] = [str(i) for i in range(len(table))]
    else:
        _check_column(names, known, where)
        texts = _named(rows.select_columns([names]).with_format("arrow")[:].column(names).to_pylist(), where)
    place: Place = DatasetColumn(table, name)
    blobs = tuple(Blob.of(f"{name}/{text}", place, i) for i, text in enumerate(texts))
    return Blobs(f"the column {show(name)} of {where}", tuple(f"{text}{_ENDING}" for text in texts), blobs)
