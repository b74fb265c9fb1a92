"""Columns of a data frame of whichever package the user works with, as texts and int64 that can be relied on.

Frames are read through narwhals, an extra that is imported when one is given; what columns mean is said by
who reads them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

from segscore.base.values import Ints, is_int, is_ordered
from segscore.base.wording import many, show
from segscore.errors import ArgumentError, DtypeError, installed

_HINT = "pass a table of pyarrow, polars, pandas or DuckDB, or a mapping of names to columns"
_FLAT = "give a flat array"
_LIMIT = 1 << 63


class Frame:
    """A data frame, a stream of Arrow or a mapping of columns that somebody gives, column by column.

    A frame that is computed later, such as one of polars or Spark, is computed with what is `wanted` of it.
    """

    def __init__(self, given: object, wanted: Sequence[str]) -> None:
        if isinstance(given, Mapping):
            self._columns: Any = {name: _listed(str(name), column) for name, column in given.items()}
            self.names = tuple(given)
        else:
            self._columns, self.names = _eager(given, wanted)

    def integers(self, name: str) -> Ints:
        """Return a column of integers without gaps, int64 (M,); anything else is an error that says so."""
        column = self._columns[name]
        if isinstance(self._columns, Mapping):
            found = _array(name, column)
            if found.dtype.kind == "O" and found.ndim == 1:
                found = np.array(_whole(name, found.tolist()), dtype=object)
            return _checked(name, found)
        self._check_gaps(name)
        if self._is_of_objects(name):
            return _checked(name, np.array(_whole(name, column.to_list()), dtype=object))
        if not column.dtype.is_integer():
            raise _unlike(name, column.dtype, "integers")
        return _checked(name, column.to_numpy())

    def labels(self, name: str) -> list[str] | list[int]:
        """Return a column of texts, or of integers; anything else is an error that says so."""
        column = self._columns[name]
        if isinstance(self._columns, Mapping):
            found = _array(name, column)
            kind = found.dtype.kind
            numbers = kind in "iu" or (kind == "O" and all(map(is_int, found.tolist())))
        elif self._is_of_objects(name):
            self._check_gaps(name)
            numbers = all(map(is_int, column.to_list()))
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
            import narwhals

            self._check_gaps(name)
            kind = column.dtype
            # What is none is not looked at: packages may need others for it, such as those of time zones.
            if not isinstance(kind, narwhals.String | narwhals.Categorical | narwhals.Enum | narwhals.Object):
                raise _unlike(name, kind, "texts")
            try:
                found = column.to_list()
            except UnicodeDecodeError as error:
                raise ArgumentError(
                    f"column `{name}` holds a text that is no UTF-8: {error.reason}",
                    "read what it is made from in its own encoding",
                ) from error
        if not all(map(str.__instancecheck__, found)):
            raise _unlike(name, kind, "texts")
        return found

    def _is_of_objects(self, name: str) -> bool:
        """Whether a column holds values of Python, or is of a type that NumPy has not."""
        import narwhals

        kind = self._columns[name].dtype
        # Databases make decimals and numbers of 128 bits of a sum; categories may be of integers.
        others = narwhals.Decimal | narwhals.Int128 | narwhals.UInt128
        return isinstance(kind, others | narwhals.Object | narwhals.Categorical)

    def _check_gaps(self, name: str) -> None:
        column = self._columns[name]
        if gaps := column.null_count():
            raise _lacking(name, gaps, int(column.is_null().arg_true()[0]))


def _eager(given: object, wanted: Sequence[str]) -> tuple[Any, tuple[str, ...]]:
    """Return a data frame of narwhals of what is given, whose columns lie in memory, and their names."""
    with installed("data frames are read with narwhals", "`pip install 'segscore[frames]'`"):
        import narwhals
    try:
        found: Any = narwhals.from_native(given, pass_through=True)
        if isinstance(found, narwhals.LazyFrame):
            there = found.collect_schema().names()
            found = found.select(*(name for name in wanted if name in there)).collect()
        elif not isinstance(found, narwhals.DataFrame):
            found = _of_stream(given)
        return found, tuple(found.columns)
    except narwhals.exceptions.DuplicateError as error:
        raise ArgumentError(
            f"rows have several columns of one name: {_doubled(given)}",
            "give each column a name of its own, or leave out the one that is not meant",
        ) from error


def _doubled(given: Any) -> str:
    """Return which columns of a frame have the same name."""
    # A table of pyarrow has the columns themselves under the other name.
    titles = given.column_names if hasattr(given, "column_names") else given.columns
    return ", ".join(f"`{show(title)}`" for title, count in Counter(map(str, titles)).items() if count > 1)


def _of_stream(given: object) -> Any:
    """Return a data frame of narwhals of a stream of Arrow."""
    import narwhals

    if not hasattr(given, "__arrow_c_stream__"):
        raise ArgumentError(f"expected a data frame, found {type(given).__name__}", _HINT)
    backend: Any = next((name for name in ("pyarrow", "polars") if find_spec(name) is not None), None)
    if backend is None:
        raise ArgumentError(
            "streams of Arrow are read with pyarrow or polars, none of which is installed",
            "`pip install pyarrow`",
        )
    try:
        return narwhals.from_arrow(given, backend=backend)
    except Exception as error:  # whatever a package raises about a stream, of one column for example
        raise ArgumentError(f"expected a data frame, found {type(given).__name__}", _HINT) from error


def _listed(name: str, column: Any) -> Any:
    """Return a column of a mapping, or raise ArgumentError for a single value."""
    if not (is_ordered(column) or hasattr(column, "__array__")):
        raise ArgumentError(
            f"column `{show(name)}` is of type {type(column).__name__}, expected one value a row",
            "give a list or an array",
        )
    if hasattr(column, "to_pylist"):  # pyarrow's own values are none of Python
        return column.to_pylist()
    return column if hasattr(column, "__array__") or isinstance(column, Sequence) else [*column]


def _array(name: str, column: Any) -> Any:
    """Return a column of a mapping as an array, whatever is in it."""
    try:
        found = np.asarray(column)
    except ValueError as error:
        raise ArgumentError(f"column `{name}` holds lists of several lengths", _FLAT) from error
    # NumPy makes floats of integers that no type of it holds together.
    wide = found.dtype.kind == "f" and not hasattr(column, "__array__") and all(map(is_int, column))
    return np.array([*column], dtype=object) if wide else found


def _checked(name: str, column: Any) -> Ints:
    """Return integers as int64, or raise an error where they are none, or more than 64 bits."""
    if column.ndim != 1:
        raise ArgumentError(f"column `{name}` has the shape {column.shape}, expected one number a row", _FLAT)
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


def _whole(name: str, values: Sequence[Any]) -> list[int]:
    """Return what are integers, also as decimals, or raise an error for the first that is none."""
    empty = [row for row, value in enumerate(values) if value is None]
    if empty:
        raise _lacking(name, len(empty), empty[0])
    from decimal import Decimal

    for value in values:
        if not is_int(value) and not isinstance(value, Decimal | float):
            raise _unlike(name, type(value).__name__, "integers")
        exact = is_int(value) or (isinstance(value, Decimal) and value.is_finite() and value % 1 == 0)
        if not exact:
            raise ArgumentError(f"column `{name}` holds {value}, expected integers", "give whole numbers")
    return [int(value) for value in values]


def _lacking(name: str, gaps: int, first: int) -> ArgumentError:
    return ArgumentError(
        f"column `{name}` has no value in {many(gaps, 'row')}, the first of which is {first:,}",
        "leave such rows out, or fill them in",
    )


def _unlike(name: str, found: object, expected: str) -> DtypeError:
    hint = {
        "integers": "labels and pixels are whole numbers: cast the column to a type of 64 bits",
        "texts": "images are named by texts: cast the column to one of texts",
    }
    return DtypeError(f"column `{name}` is of type {found}, expected {expected}", hint[expected])
