"""Threads of Python that do pieces of work by their numbers; an interrupt does not wait for them."""

from collections.abc import Callable, Iterable
from threading import Event, Lock, Thread
from time import monotonic
from typing import TypeAlias, TypeVar

Tick: TypeAlias = Callable[[int], object]
R = TypeVar("R")

_STEP = 0.05
"""Seconds between two looks at how far the threads are."""
_GRACE = 0.1
"""Seconds that an interrupted call waits for its threads to end."""


def each(work: Callable[[int], R], numbers: Iterable[int], *, threads: int, tick: Tick) -> dict[int, R]:
    """Return what the work makes of each number, begun in their order; the tick is given how many are done.

    The next number is asked for when a thread begins it, by one thread at a time.

    The first exception ends it. A thread in the middle of a piece of work ends after that.
    """
    following, lock, stop = iter(numbers), Lock(), Event()
    results: dict[int, R] = {}
    raised: list[BaseException] = []

    def run() -> None:
        while not stop.is_set():
            with lock:
                i = next(following, None)
            if i is None:
                return
            try:
                results[i] = work(i)
            except BaseException as error:  # noqa: BLE001 - it is raised again, by the caller's thread
                raised.append(error)
                stop.set()

    # Nothing can end a read that hangs, so that a thread in one must not keep the process alive.
    workers = [Thread(target=run, name=f"segscore-{i}", daemon=True) for i in range(threads)]
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            while worker.is_alive():
                tick(len(results))
                worker.join(_STEP)
    except BaseException:
        stop.set()
        end = monotonic() + _GRACE
        for worker in workers:
            if worker.is_alive():
                worker.join(max(0.0, end - monotonic()))
        raise
    if raised:
        raise raised[0]
    return results
