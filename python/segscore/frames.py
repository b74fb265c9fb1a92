"""Columns as data frames of whichever library is installed, through narwhals (extra ``frames``).

What the columns mean is not known here.
"""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from segscore.errors import ArgumentError
from segscore.metric_names import unknown

BACKENDS: tuple[Literal["polars", "pandas", "pyarrow"], ...] = ("polars", "pandas", "pyarrow")


def frame_of(columns: Mapping[str, npt.NDArray[Any] | Sequence[str]], backend: str | None = None) -> Any:
    """Return columns as a data frame.

    Parameters
    ----------
    columns : mapping of str to array or sequence of str
        One-dimensional, all of one length; NaN becomes null where the library has one.
    backend : str, optional
        One of `BACKENDS`; by default the first that is installed.

    Raises
    ------
    ArgumentError
        If there is no such backend, or it or narwhals is not installed.
    """
    if backend is not None and backend not in BACKENDS:
        raise unknown("backend", backend, BACKENDS)
    if not _installed("narwhals"):
        raise ArgumentError(
            "data frames are made with narwhals, which is not installed", "`pip install 'segscore[frames]'`"
        )
    wanted = [name for name in BACKENDS if backend in (None, name)]
    found = next((name for name in wanted if _installed(name)), None)
    if found is None:
        verb = "is" if len(wanted) == 1 else "are"
        raise ArgumentError(
            f"data frames are made of {' or '.join(wanted)}, which {verb} not installed",
            f"`pip install {wanted[0]}`, or take the columns as they are, NumPy arrays",
        )
    import narwhals
    from narwhals.selectors import by_dtype

    made = {_utf8(name): _native(column) for name, column in columns.items()}
    frame = narwhals.from_dict(made, backend=found)
    return frame.with_columns(by_dtype(narwhals.Float64).fill_nan(None)).to_native()


def _native(column: npt.NDArray[Any] | Sequence[str]) -> Any:
    return column if isinstance(column, np.ndarray) else [_utf8(text) for text in column]


def _utf8(text: str) -> str:
    """Return a text with what cannot be encoded, such as undecodable bytes of file names, escaped."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _installed(package: str) -> bool:
    try:
        import_module(package)
    except ImportError:
        return False
    return True
