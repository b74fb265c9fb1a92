"""Flat tables as files: JSON, CSV and Parquet. What the columns are is decided where the result is."""

import csv
import json
from collections.abc import Callable, Mapping
from io import BytesIO, StringIO
from typing import Any

import numpy.typing as npt

from segscore.errors import ArgumentError
from segscore.io.sources import show
from segscore.text.frames import frame
from segscore.text.numbers import plain

Columns = Mapping[str, npt.NDArray[Any]]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would compute: OWASP, CSV Injection."""


def json_table(columns: Columns) -> bytes:
    """Return a list with one object a row; undefined numbers are null."""
    rows = zip(*(plain(values) for values in columns.values()), strict=True)
    objects = [dict(zip(columns, row, strict=True)) for row in rows]
    return f"{json.dumps(objects, indent=1)}\n".encode("ascii")


def csv_table(columns: Columns) -> bytes:
    """Return CSV in UTF-8, as RFC 4180 has it; undefined numbers are empty.

    A text that a spreadsheet would take for a formula is preceded by an apostrophe. Numbers are as short as
    they can be without any loss.
    """
    page = StringIO()
    writer = csv.writer(page)
    writer.writerow(map(_safe, columns))
    for row in zip(*(plain(values) for values in columns.values()), strict=True):
        writer.writerow(
            "" if cell is None else _safe(cell) if isinstance(cell, str) else cell for cell in row
        )
    return page.getvalue().encode("utf-8", "backslashreplace")


def parquet_table(columns: Columns) -> bytes:
    """Return a Parquet file; undefined numbers are null.

    Raises
    ------
    ArgumentError
        If pyarrow is not installed.
    """
    try:
        from pyarrow import parquet
    except ImportError:
        raise ArgumentError(
            "Parquet is written with pyarrow, which is not installed",
            "`pip install 'segscore[frames]' pyarrow`; or write .csv or .json",
        ) from None
    page = BytesIO()
    texts = {title: values.astype(object) for title, values in columns.items() if values.dtype.kind in "OU"}
    parquet.write_table(frame({**columns, **texts}, "pyarrow"), page)
    return page.getvalue()


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


FORMATS = {".json": json_table, ".csv": csv_table, ".parquet": parquet_table}
"""How a table is written, by the ending of the file's name."""


def table_format(path: str) -> Callable[[Columns], bytes]:
    """Return what makes a table as the ending of a file's name asks for.

    Raises
    ------
    ArgumentError
        If the ending is another one.
    """
    for ending, made in FORMATS.items():
        if path.lower().endswith(ending):
            return made
    raise ArgumentError(
        f"{show(path)} ends in none of {', '.join(FORMATS)}",
        "the ending of the name says how the table is written",
    )
