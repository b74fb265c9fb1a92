"""Shards through an executor of `concurrent.futures`: whoever runs them, on this machine or on others.

Nothing here starts a process, moves data or knows an engine. Errors of a shard come back as values, so that
whatever else a future raises is the engine's.
"""

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from segscore.base.naming import arg
from segscore.base.wording import many
from segscore.counts.counting import Progress, ticking
from segscore.counts.failures import Failure
from segscore.errors import ArgumentError, EvaluationError, SegscoreError
from segscore.evaluation.parts import Part
from segscore.evaluation.shards import Shard
from segscore.text.names import listed

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future

_FOR_EACH = 4
"""Shards for each worker: one that takes longer than others keeps them waiting for a fourth of its share."""
_UNKNOWN = 32
"""Shards where nobody says how many workers there are."""
_LOOK = 0.25
"""Seconds between two looks at how far the shards are."""
_SHOWN = 3
_HINT = (
    "mostly a worker had too little memory: make a new executor, with fewer workers. Those that start a "
    'Python of their own import the main module, whose work stands below `if __name__ == "__main__":`'
)


def number_of_shards(executor: "Executor", images: int) -> int:
    """Return how many shards so many images become, where the user does not say it."""
    if not callable(getattr(executor, "submit", None)):
        raise ArgumentError(
            f"{arg('executor')} is of type {type(executor).__name__}, expected one of `concurrent.futures`",
            "such as `ProcessPoolExecutor()`, or `client.get_executor()` of Dask",
        )
    workers = getattr(executor, "_max_workers", None)  # of pools here, in loky and in mpi4py
    number = _FOR_EACH * workers if isinstance(workers, int) else _UNKNOWN
    return max(1, min(images, number))


def evaluated(
    executor: "Executor", shards: Sequence[Shard], *, threads: int | None, progress: Progress
) -> list[Part]:
    """Return what all shards come to, each evaluated in one thread unless it is said, in any order.

    What has not begun is cancelled where one raises, and at a KeyboardInterrupt.
    """
    with ticking(progress, sum(map(len, shards))) as tick:
        running = _Running(executor, 1 if threads is None else threads)
        try:
            for shard in shards:
                running.submit(shard)
            tick(0)
            while running.begun:
                running.wait()
                tick(sum(map(len, running.parts)))
        except BaseException:
            for future in running.begun:
                future.cancel()
            raise
    return running.parts


class _Running:
    """Shards that an executor has been given, and what has come of them."""

    def __init__(self, executor: "Executor", threads: int) -> None:
        self._executor, self._threads = executor, threads
        self._again: set[int] = set()
        self.begun: dict[Future[Part | Exception], Shard] = {}
        self.parts: list[Part] = []

    def submit(self, shard: Shard) -> None:
        """Give a shard to the executor."""
        # Some engines keep results by what a function is called with.
        once = os.urandom(8)
        try:
            future = self._executor.submit(_evaluated, shard, self._threads, once)
        except Exception as error:
            raise (_unsent(error, shard) or self._broken(error, shard)) from error
        self.begun[future] = shard

    def wait(self) -> None:
        """Take what is done, and give what was lost to the executor once more."""
        from concurrent.futures import FIRST_COMPLETED, wait

        done, _ = wait(self.begun, timeout=_LOOK, return_when=FIRST_COMPLETED)
        for future in done:
            shard = self.begun.pop(future)
            try:
                found = future.result()
            except Exception as error:  # noqa: BLE001 - an engine may raise anything, and says it below
                self._lost(shard, error)
                continue
            if isinstance(found, Exception):
                raise found
            self.parts.append(found)

    def _lost(self, shard: Shard, error: Exception) -> None:
        unsent = _unsent(error, shard)
        if unsent is not None:
            raise unsent from error
        if shard.place.number in self._again:
            raise _error(f"shard {shard.place.said} was lost twice", [shard], error) from error
        self._again.add(shard.place.number)
        self.submit(shard)

    def _broken(self, error: Exception, shard: Shard) -> SegscoreError:
        """Return the error for an executor that takes no more shards: it names the images of all it had."""
        lost = [shard]
        for future, other in self.begun.items():
            if future.done() and not future.cancelled() and future.exception() is None:
                self.parts.append(future.result())  # type: ignore[arg-type]  # only counted
            else:
                lost.append(other)
        if not self._again and not self.parts and not self.begun:
            return ArgumentError(
                f"{arg('executor')} takes no work: {_said(error)}", "make a new one, and keep it open"
            )
        return _error("the executor takes no more work", lost, error)


def _evaluated(shard: Shard, threads: int, once: bytes) -> Part | Exception:  # noqa: ARG001 - see `submit`
    """Return what a shard comes to, or what it raised; it is called where the executor has its workers."""
    try:
        return shard.evaluate(threads=threads)
    except Exception as error:  # noqa: BLE001 - it is raised again where the result is awaited
        return error


def _error(what: str, lost: Sequence[Shard], error: Exception) -> EvaluationError:
    """Return the error for shards that were lost, with what the engine says at its end."""
    names = sorted(name for shard in lost for name in shard.names)
    images = f", with {many(len(names), 'image')}: {listed(names, _SHOWN)}" if names else ""
    failures = tuple(Failure(name, "the worker that evaluated it was lost") for name in names)
    return EvaluationError(f"{what}{images}; {_said(error)}", _HINT, failures)


def _said(error: Exception) -> str:
    name = type(error).__name__
    return f"{name}: {error}" if str(error) else name


def _unsent(error: Exception, shard: Shard) -> ArgumentError | None:
    """Return the error for a shard that cannot be sent to another process, if that is what was met."""
    import pickle

    if not isinstance(error, pickle.PicklingError | TypeError | AttributeError | ImportError):
        return None
    if (why := _not_pickled(shard.reading.read)) is not None:
        return ArgumentError(
            f"{arg('read')}: {shard.reading.reader} cannot be sent to another process: {why}",
            "write it as a function of a module, outside of other functions",
        )
    if (why := _not_pickled(shard)) is not None:
        return ArgumentError(
            f"{arg('pred')} or {arg('target')}: cannot be sent to another process: {why}",
            "give files, or arrays in memory",
        )
    if not isinstance(error, AttributeError | ImportError):
        return None
    return ArgumentError(
        f"a worker does not find what it is sent: {_said(error)}",
        "functions are sent by their names: workers need their modules, in their PYTHONPATH or installed",
    )


def _not_pickled(value: Any) -> str | None:
    import pickle

    try:
        pickle.dumps(value)
    except Exception as error:  # noqa: BLE001 - an object may raise anything
        return _said(error)
    return None
