"""Columns of a result as a data frame of whichever package the user works with, or as a file.

The packages of frames are extras, which are imported when a frame is asked for; what the columns are is
decided where the result is.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from io import BytesIO, StringIO
from typing import Any

import numpy as np
import numpy.typing as npt

from segscore.base.wording import show, visible
from segscore.errors import NOT_INSTALLED, ArgumentError, import_failure, installed
from segscore.text.numbers import plain

BACKENDS = ("pandas", "polars", "pyarrow")

Columns = Mapping[str, npt.NDArray[Any]]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would compute: OWASP, CSV Injection."""


def frame(columns: Mapping[str, npt.NDArray[Any]], backend: str | None = None) -> Any:
    """Return columns as a data frame or a table of pyarrow, by default of the first package installed.

    Numbers keep their type; NaN becomes null where the package has one. Texts, which arrays of any object
    hold, become columns of texts; what no UTF-8 text can hold, such as undecodable bytes of file names, is
    escaped, in titles too.
    """
    if backend is not None and backend not in BACKENDS:
        raise ArgumentError(f"`backend` is {backend!r}", 'it is "pandas", "polars" or "pyarrow"')
    with installed("data frames are made with narwhals", "`pip install 'segscore[frames]'`"):
        import narwhals
        from narwhals.selectors import by_dtype
    name: Any = backend
    if backend is None:
        failures: dict[str, str] = {}
        for name in BACKENDS:
            failures[name] = import_failure(name)
            if not failures[name]:
                break
        else:
            broken = [f"{one} {why}" for one, why in failures.items() if why != NOT_INSTALLED]
            raise ArgumentError(
                "expected pandas, polars or pyarrow, found none of them "
                + (f"that can be imported: {'; '.join(broken)}" if broken else "installed"),
                "`pip install pandas`",
            )
    elif why := import_failure(backend):
        raise ArgumentError(f"`backend` is {backend!r}, which {why}", f"`pip install {backend}`")
    cells: dict[str, Any] = {
        _text(title): texts(values) if values.dtype.kind in "OU" else np.array(values)
        for title, values in columns.items()
    }
    made = narwhals.from_dict(cells, backend=name)
    return made.with_columns(by_dtype(narwhals.Float64).fill_nan(None)).to_native()


def texts(values: Iterable[object]) -> list[str]:
    """Return values as texts that UTF-8 can hold."""
    return [
        value if type(value) is str and str.isascii(value) else _text(value)  # most are, and are many
        for value in values
    ]


def _text(value: object) -> str:
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")


def json_table(columns: Columns) -> bytes:
    """Return a list with one object a row; undefined numbers are null."""
    rows = zip(*(plain(values) for values in columns.values()), strict=True)
    objects = [dict(zip(columns, row, strict=True)) for row in rows]
    return f"{json.dumps(objects, indent=1)}\n".encode("ascii")


def csv_table(columns: Columns) -> bytes:
    """Return CSV in UTF-8, as RFC 4180 has it; undefined numbers are empty.

    A text that a spreadsheet would take for a formula is preceded by an apostrophe, and what does not print
    is escaped, so that a row is a line. Numbers are as short as they can be without any loss.
    """
    import csv

    page = StringIO()
    writer = csv.writer(page)
    writer.writerow(map(_safe, columns))
    for row in zip(*(plain(values) for values in columns.values()), strict=True):
        writer.writerow(
            "" if cell is None else _safe(cell) if isinstance(cell, str) else cell for cell in row
        )
    return page.getvalue().encode("utf-8", "backslashreplace")


def parquet_table(columns: Columns) -> bytes:
    """Return a Parquet file; undefined numbers are null. Without pyarrow it is an error."""
    how = "`pip install 'segscore[frames]' pyarrow`; or write .csv or .json"
    with installed("Parquet is written with pyarrow", how):
        from pyarrow import parquet
    page = BytesIO()
    objects = {title: values.astype(object) for title, values in columns.items() if values.dtype.kind in "OU"}
    parquet.write_table(frame({**columns, **objects}, "pyarrow"), page)
    return page.getvalue()


def _safe(text: str) -> str:
    return visible(f"'{text}" if text.startswith(_FORMULA) else text)


FORMATS = {".json": json_table, ".csv": csv_table, ".parquet": parquet_table}
"""How a table is written, by the ending of the file's name."""


def table_format(path: str) -> Callable[[Columns], bytes]:
    """Return what makes a table as the ending of a file's name asks for; another ending is an error."""
    for ending, made in FORMATS.items():
        if path.lower().endswith(ending):
            return made
    raise ArgumentError(
        f"{show(path)} ends in none of {', '.join(FORMATS)}",
        "the ending of the name says how the table is written",
    )
