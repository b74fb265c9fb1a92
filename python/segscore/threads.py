"""How many threads a call may use.

An argument decides; else `set_num_threads`; else the environment; else the processors that this
process may use. Threads are started by the core, and by `counting` for files that the core does
not read.
"""

import os

from segscore import _core
from segscore.errors import ArgumentError
from segscore.labels import is_int

VARIABLE = "SEGSCORE_NUM_THREADS"
_MOST = 1024
_chosen: int | None = None


def set_num_threads(threads: int | None) -> None:
    """Set the number of threads of calls that do not name one.

    Parameters
    ----------
    threads : int or None
        1 to 1,024; None returns to the default.

    Raises
    ------
    ArgumentError
        If it is not in this range.
    """
    global _chosen  # noqa: PLW0603 - a setting of the process, as its name says
    _chosen = None if threads is None else _checked(threads, "`threads`")


def get_num_threads() -> int:
    """Return the number of threads of calls that do not name one."""
    return num_threads(None)


def num_threads(threads: int | None) -> int:
    """Return the number of threads that a call may use.

    Parameters
    ----------
    threads : int or None
        What the caller asked for, 1 to 1,024; None for the default.

    Raises
    ------
    ArgumentError
        If the argument or the environment asks for something else.
    """
    if threads is not None:
        return _checked(threads, "`threads`")
    if _chosen is not None:
        return _chosen
    text = os.environ.get(VARIABLE, "").strip()
    if not text:
        return _core.available_threads()
    return _checked(int(text) if text.isdecimal() else text, f"the variable {VARIABLE}")


def _checked(threads: object, what: str) -> int:
    if not is_int(threads) or not 1 <= threads <= _MOST:
        raise ArgumentError(f"{what} is {threads!r}, expected 1 to {_MOST:,}", "leave it out for the default")
    return int(threads)
