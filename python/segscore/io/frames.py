"""Columns of a data frame of whichever package the user works with, as texts and int64 that can be relied on.

Frames are read through narwhals, an extra that is imported when one is given; what columns mean is said by
who reads them.
"""

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

from segscore.base.values import Ints
from segscore.base.wording import many
from segscore.errors import ArgumentError, DtypeError, installed

_HINT = "pass a table of pyarrow, polars, pandas or DuckDB, or a mapping of names to columns"
_LIMIT = 1 << 63


class Frame:
    """A data frame, a stream of Arrow or a mapping of columns that somebody gives, column by column.

    A frame that is computed later, such as one of polars or Spark, is computed with what is `wanted` of it.
    """

    def __init__(self, given: object, wanted: Sequence[str]) -> None:
        if isinstance(given, Mapping):
            self._columns: Any = given
            self.names = tuple(given)
        else:
            self._columns = _eager(given, wanted)
            self.names = tuple(self._columns.columns)

    def integers(self, name: str) -> Ints:
        """Return a column of integers without gaps, int64 (M,); anything else is an error that says so."""
        column = self._columns[name]
        if isinstance(self._columns, Mapping):
            return _checked(name, np.asarray(column))
        import narwhals

        self._check_gaps(name)
        if isinstance(column.dtype, narwhals.Decimal | narwhals.Int128 | narwhals.UInt128):
            # What databases make of a sum of 64 bits; NumPy has no such types.
            return _checked(name, np.array(_whole(name, column.to_list()), dtype=object))
        if not column.dtype.is_integer():
            raise _unlike(name, column.dtype, "integers")
        return _checked(name, column.to_numpy())

    def labels(self, name: str) -> list[str] | list[int]:
        """Return a column of texts, or of integers; anything else is an error that says so."""
        column = self._columns[name]
        if isinstance(self._columns, Mapping):
            numbers = np.asarray(column).dtype.kind in "iu"
        else:
            numbers = column.dtype.is_integer()
        return [*map(int, self.integers(name))] if numbers else self.texts(name)

    def texts(self, name: str) -> list[str]:
        """Return a column of texts without gaps; anything else is an error that says so."""
        column = self._columns[name]
        if isinstance(self._columns, Mapping):
            found = [*column]
            kind: object = type(next((one for one in found if not isinstance(one, str)), "")).__name__
        else:
            self._check_gaps(name)
            found, kind = column.to_list(), column.dtype
        if not all(map(str.__instancecheck__, found)):
            raise _unlike(name, kind, "texts")
        return found

    def _check_gaps(self, name: str) -> None:
        column = self._columns[name]
        if gaps := column.null_count():
            first = int(column.is_null().arg_true()[0])
            raise ArgumentError(
                f"column `{name}` has no value in {many(gaps, 'row')}, the first of which is {first:,}",
                "leave such rows out, or fill them in",
            )


def _eager(given: object, wanted: Sequence[str]) -> Any:
    """Return a data frame of narwhals of what is given, whose columns lie in memory."""
    with installed("data frames are read with narwhals", "`pip install 'segscore[frames]'`"):
        import narwhals
    found: Any = narwhals.from_native(given, pass_through=True)
    if isinstance(found, narwhals.LazyFrame):
        return found.select(*(name for name in wanted if name in found.collect_schema().names())).collect()
    if isinstance(found, narwhals.DataFrame):
        return found
    if not hasattr(given, "__arrow_c_stream__"):
        raise ArgumentError(f"expected a data frame, found {type(given).__name__}", _HINT)
    backend: Any = next((name for name in ("pyarrow", "polars") if find_spec(name) is not None), None)
    if backend is None:
        raise ArgumentError(
            "streams of Arrow are read with pyarrow or polars, none of which is installed",
            "`pip install pyarrow`",
        )
    return narwhals.from_arrow(given, backend=backend)


def _checked(name: str, column: Any) -> Ints:
    """Return integers as int64, or raise an error where they are none, or more than 64 bits."""
    if column.ndim != 1:
        raise ArgumentError(
            f"column `{name}` has the shape {column.shape}, expected one number a row", "give a flat array"
        )
    if column.dtype.kind not in "iuO":
        raise _unlike(name, column.dtype, "integers")
    if len(column) and column.dtype.kind in "uO":
        for most in (column.max(), column.min()):
            if not -_LIMIT <= int(most) < _LIMIT:
                raise ArgumentError(
                    f"column `{name}` holds {int(most):,}, expected a number of 64 bits with its sign",
                    "labels and pixels of masks fit into that: give the column that holds them",
                )
    return column.astype(np.int64)  # type: ignore[no-any-return]


def _whole(name: str, numbers: Sequence[Any]) -> list[int]:
    """Return decimals as integers, or raise an error for the first that is none."""
    found = [int(number) for number in numbers]
    for number, one in zip(numbers, found, strict=True):
        if number != one:
            raise ArgumentError(f"column `{name}` holds {number}, expected integers", "give whole numbers")
    return found


def _unlike(name: str, found: object, expected: str) -> DtypeError:
    hint = {
        "integers": "labels and pixels are whole numbers: cast the column to a type of 64 bits",
        "texts": "images are named by texts: cast the column to one of texts",
    }
    return DtypeError(f"column `{name}` is of type {found}, expected {expected}", hint[expected])
