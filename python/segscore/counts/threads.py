"""How many threads a call may use.

An argument decides; else `set_num_threads`; else the environment; else the processors that this
process may use, but one in a forked child or a process of multiprocessing: that is a worker beside
others, such as those that load batches for training. Threads are started by the core, and by
`counting` for files that the core does not read; they end with the call.
"""

import os
import sys

from segscore._core import available_threads
from segscore.base.naming import arg
from segscore.base.shown import brief
from segscore.base.values import is_int
from segscore.errors import ArgumentError

VARIABLE, OPENMP = "SEGSCORE_NUM_THREADS", "OMP_NUM_THREADS"
LARGE = 1 << 24
"""Numbers in an array from which several threads count it: fewer take a few milliseconds."""
SHARE = 1 << 22
"""Numbers that a thread of its own is started for, at least."""
VOXELS = 1 << 20
"""Voxels that a thread of its own measures distances of, at least: they take half a millisecond."""
_MOST = 1024
_chosen: int | None = None
_forked = False


def _is_worker() -> bool:
    """Whether this process is one of several that share the work: forked, or started by multiprocessing."""
    process = sys.modules.get("multiprocessing.process")
    return _forked or (process is not None and process.parent_process() is not None)


def _note_fork() -> None:
    global _forked  # noqa: PLW0603 - a fact about the process
    _forked = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_note_fork)


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
    _chosen = None if threads is None else _checked(threads, arg("threads"))


def get_num_threads() -> int:
    """Return the number of threads of calls that do not name one.

    It is what `set_num_threads` was given; or the variable ``SEGSCORE_NUM_THREADS``; or, in a process that
    multiprocessing or a fork has made, 1; or the variable ``OMP_NUM_THREADS``, which Ray, Spark, torchrun and
    joblib set for their workers; or the number of processors that this process may use.

    Raises
    ------
    ArgumentError
        If the environment variable ``SEGSCORE_NUM_THREADS`` is not 1 to 1,024.
    """
    return num_threads(None)


def num_threads(threads: int | None, most: int = _MOST) -> int:
    """Return the number of threads that a call may use, 1 to `most`; None asks for the default.

    The system is not asked where one thread is all that is of use: it answers in the time of a small image.
    """
    if threads is not None:
        found = _checked(threads, arg("threads"))
    elif _chosen is not None:
        found = _chosen
    elif text := os.environ.get(VARIABLE, "").strip():
        given = int(text) if text.isdecimal() and len(text) < 9 else text
        found = _checked(given, f"the variable {VARIABLE}", "unset it for the default")
    else:
        found = 1 if most == 1 or _is_worker() else _of_openmp() or available_threads()
    return min(found, most)


def _of_openmp() -> int | None:
    """Return what the variable of OpenMP says, which engines and launchers set for each of their workers.

    It may name a number for each level of nested loops. Whether it is right is not judged here: what is no
    number of threads is not heeded, and more than there are processors is as many as these.
    """
    text = os.environ.get(OPENMP, "").partition(",")[0].strip()
    threads = int(text) if text.isdecimal() and len(text) < 9 else 0
    return min(threads, available_threads()) if threads else None


def threads_for_array(numbers: int, threads: int | None) -> int:
    """Return the number of threads for an array of so many numbers, of those that a call may use."""
    return num_threads(threads, numbers // SHARE if numbers >= LARGE else 1)


def threads_for_distances(voxels: int, threads: int | None) -> int:
    """Return the number of threads for distances in an image of so many voxels, of those that may be used."""
    return num_threads(threads, max(1, voxels // VOXELS))


def _checked(threads: object, what: str, hint: str = "leave it out for the default") -> int:
    if not is_int(threads) or not 1 <= threads <= _MOST:
        raise ArgumentError(f"{what} is {brief(threads)}, expected 1 to {_MOST:,}", hint)
    return int(threads)
