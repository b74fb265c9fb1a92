"""Columns of a result as a data frame of whichever package the user works with.

The packages are extras and imported here alone, when a frame is asked for; what the columns are is
decided where the result is.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

from segscore.errors import ArgumentError

BACKENDS = ("pandas", "polars", "pyarrow")


def frame(columns: Mapping[str, npt.NDArray[Any]], backend: str | None = None) -> Any:
    """Return columns as a data frame, or as a table of pyarrow.

    Parameters
    ----------
    columns : mapping of str to array (n,)
        Numbers keep their type; NaN becomes null where the package has one. Texts, which arrays of any
        object hold, become columns of texts; what no UTF-8 text can hold, such as undecodable bytes of
        file names, is escaped, in titles too.
    backend : "pandas", "polars" or "pyarrow", optional
        The package; by default the first of these that is installed.

    Raises
    ------
    ArgumentError
        If there is no such backend, or a package is not installed; the hint says how to install it.
    """
    if backend is not None and backend not in BACKENDS:
        raise ArgumentError(f"`backend` is {backend!r}", 'it is "pandas", "polars" or "pyarrow"')
    try:
        import narwhals
        from narwhals.selectors import by_dtype
    except ImportError:
        raise ArgumentError(
            "data frames are made with narwhals, which is not installed", "`pip install 'segscore[frames]'`"
        ) from None
    name: Any = backend
    if backend is None:
        name = next(filter(_installed, BACKENDS), None)
        if name is None:
            raise ArgumentError(
                "expected pandas, polars or pyarrow, found none of them installed", "`pip install pandas`"
            )
    elif not _installed(backend):
        raise ArgumentError(f"`backend` is {backend!r}, which is not installed", f"`pip install {backend}`")
    plain: dict[str, Any] = {
        _text(title): [_text(value) for value in values] if values.dtype.kind in "OU" else np.array(values)
        for title, values in columns.items()
    }
    made = narwhals.from_dict(plain, backend=name)
    return made.with_columns(by_dtype(narwhals.Float64).fill_nan(None)).to_native()


def _installed(package: str) -> bool:
    try:
        import_module(package)
    except ImportError:
        return False
    return True


def _text(value: object) -> str:
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")
