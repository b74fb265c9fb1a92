"""Shards through an executor of `concurrent.futures`: whoever runs them, on this machine or on others.

Nothing here starts a process, moves data or knows an engine. Errors of a shard come back as values, so that
whatever else a future raises is the engine's.
"""

import os
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from segscore.base.naming import arg, marked
from segscore.base.wording import many, with_kind
from segscore.counts.counting import Progress, ticking
from segscore.counts.failures import Failure
from segscore.errors import ArgumentError, EvaluationError, SegscoreError
from segscore.evaluation.parts import Part
from segscore.evaluation.shards import Shard
from segscore.results.sharded import Place
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
LOST = "lost"
"""The kind of the error for shards that went with their workers."""
_HINT = (
    "mostly a worker had too little memory: make a new executor, with fewer workers. Those that start a "
    'Python of their own import the main module, whose work stands below `if __name__ == "__main__":`'
)
_INITIALIZER = (
    "the executor has an `initializer`, and no worker begins where that fails: what it raised is on their "
    "standard error, or in the log of `concurrent.futures`"
)


def number_of_shards(executor: "Executor", images: int) -> int:
    """Return how many shards so many images become, where the user does not say it."""
    check_executor(executor)
    workers = getattr(executor, "_max_workers", None)  # of pools here, in loky and in mpi4py
    number = _FOR_EACH * workers if isinstance(workers, int) else _UNKNOWN
    return max(1, min(images, number))


def check_executor(executor: object) -> None:
    """Raise ArgumentError for what is no executor."""
    if isinstance(executor, type):
        raise ArgumentError(
            f"`executor` is the class {executor.__name__}, expected an executor",
            f"make one: `{executor.__name__}()`",
        )
    # Dask's client submits as well, but its futures are its own.
    if not callable(getattr(executor, "submit", None)) or hasattr(executor, "get_executor"):
        raise ArgumentError(
            f"`executor` is of type {type(executor).__name__}, expected one of `concurrent.futures`",
            "such as `ProcessPoolExecutor()`, or `client.get_executor()` of Dask",
        )


def evaluated(
    executor: "Executor", shards: Sequence[Shard], *, threads: int | None, progress: Progress
) -> list[Part]:
    """Return what all shards come to, each evaluated in one thread unless it is said, in any order."""
    parts: list[Part] = []
    work = partial(Shard.evaluate, threads=1 if threads is None else threads)
    try:
        with (
            ticking(progress, sum(map(len, shards))) as tick,
            closing(results(executor, work, shards)) as found,
        ):
            tick(0)
            for some in found:
                parts += some
                tick(sum(map(len, parts)))
    except EvaluationError as error:
        if error.kind != LOST:
            raise
        raise _with_parts(error, parts, len(shards)) from error.__cause__
    return parts


def _with_parts(error: EvaluationError, parts: Sequence[Part], shards: int) -> EvaluationError:
    """Return the error for shards that were lost, with those that were not."""
    kept = (
        f"{len(parts):,} of {many(shards, 'shard')} {'is' if len(parts) == 1 else 'are'} in the `parts` of "
        "this error: `plan.left(error.parts)` of a plan of the same has the others, and `plan.merge` takes "
        "all"
    )
    hints = [marked(error.hint or ""), *([kept] if parts else [])]
    made = EvaluationError(error.message, "\nhint: ".join(hints), error.failures, kind=LOST)
    made.parts = tuple(sorted(parts, key=lambda part: part.place.number))
    return made


class Task(Protocol):
    """What an executor is given, and can be sent to it: some of the images of a whole."""

    @property
    def place(self) -> Place:
        """Which of the shards of the whole it is."""

    @property
    def names(self) -> tuple[str, ...]:
        """The images."""


T = TypeVar("T", bound=Task)
R = TypeVar("R")


def results(
    executor: "Executor", work: Callable[[T], R], tasks: Sequence[T]
) -> Generator[list[R], None, None]:
    """Yield what the work makes of tasks, as it is done: several times a second, and then often nothing.

    A task that is lost with its worker is given to the executor once more. What has not begun is cancelled
    where one raises, at a KeyboardInterrupt, and where nobody asks for more. What was done before an error
    is yielded before it is raised.
    """
    running: _Running[T, R] = _Running(executor, work, tasks)
    try:
        try:
            for task in tasks:
                running.submit(task)
            while running.begun:
                running.wait()
                yield running.taken()
                running.go_on()
        except EvaluationError:
            yield running.taken()
            raise
    finally:
        for future in running.begun:
            future.cancel()


class _Running(Generic[T, R]):
    """Tasks that an executor has been given."""

    def __init__(self, executor: "Executor", work: Callable[[T], R], tasks: Sequence[T]) -> None:
        self._executor, self._work = executor, work
        self._left = {task.place.number: task for task in tasks}
        self._again: set[int] = set()
        self._lost: list[tuple[T, BaseException]] = []
        self._raised: Exception | None = None
        self._made: list[R] = []
        self._any = self._any_made = False
        self.begun: dict[Future[_Result[R]], T] = {}

    def submit(self, task: T) -> None:
        """Give a task to the executor."""
        # Some engines keep results by what a function is called with.
        once = os.urandom(8)
        try:
            future = self._executor.submit(_done, self._work, task, once)
        except Exception as error:
            raise (_unsent(error, task) or self._broken(error)) from error
        self.begun[future] = task
        self._any = True

    def wait(self) -> None:
        """Wait until something is done, or a moment."""
        from concurrent.futures import FIRST_COMPLETED, wait

        done, _ = wait(self.begun, timeout=_LOOK, return_when=FIRST_COMPLETED)
        self._take(done)

    def taken(self) -> list[R]:
        """Return what was made since it was asked for last."""
        made, self._made = self._made, []
        return made

    def go_on(self) -> None:
        """Raise what a task has raised, and give tasks that were lost to the executor once more."""
        if self._raised is not None:
            raise self._raised
        while self._lost:
            task, error = self._lost.pop()
            unsent = _unsent(error, task)
            if unsent is not None:
                raise unsent from error
            if task.place.number in self._again:
                raise _error(f"shard {task.place.said} was lost twice", [task], error, _HINT) from error
            self._again.add(task.place.number)
            self.submit(task)

    def _take(self, done: Iterable["Future[_Result[R]]"]) -> None:
        """Take what tasks came to that are done."""
        for future in done:
            task = self.begun.pop(future)
            try:
                found = future.result()
            except (Exception, SystemExit) as error:  # noqa: BLE001 - an engine may raise anything
                self._lost.append((task, error))
                continue
            if found.error is not None:
                self._raised = self._raised or found.error
                continue
            del self._left[task.place.number]
            self._made.append(found.value)  # type: ignore[arg-type]  # there is one where there is no error
            self._any_made = True

    def _broken(self, error: Exception) -> SegscoreError:
        """Return the error for an executor that takes no more: it names the images of all it had not done."""
        if not self._any:
            return ArgumentError(
                f"`executor` takes no work: {with_kind(error, str(error))}",
                "make a new one, and keep it open",
            )
        self._take([future for future in self.begun if future.done()])
        from concurrent.futures.thread import BrokenThreadPool

        has_one = getattr(self._executor, "_initializer", None) is not None
        has_one |= isinstance(error, BrokenThreadPool)  # that of threads is hidden from CPython 3.14 on
        begins = has_one and not self._any_made
        hint = f"{_INITIALIZER}. Else {_HINT}" if begins else _HINT
        return _error("the executor takes no more work", list(self._left.values()), error, hint)


class _Result(NamedTuple, Generic[R]):
    """What was made of a task, or what was raised."""

    value: R | None
    error: Exception | None = None


def _done(work: Callable[[T], R], task: T, once: bytes) -> _Result[R]:  # noqa: ARG001 - see `submit`
    """Do a task; it is called where the executor has its workers."""
    try:
        return _Result(work(task))
    except Exception as error:  # noqa: BLE001 - it is raised again where the result is awaited
        return _Result(None, error)
    except SystemExit as error:
        # It would end whoever awaits the result, in another process than that which it was meant for.
        ended = f"shard {task.place.said} has ended its process: {with_kind(error, str(error))}"
        return _Result(
            None, EvaluationError(ended, "look for what calls `sys.exit` in the code that it runs")
        )


def _error(what: str, lost: Sequence[Task], error: BaseException, hint: str) -> EvaluationError:
    """Return the error for shards that were lost, with what the engine says at its end."""
    names = sorted(name for task in lost for name in task.names)
    images = f", with {many(len(names), 'image')}: {listed(names, _SHOWN)}" if names else ""
    failures = tuple(Failure(name, "the worker that evaluated it was lost") for name in names)
    return EvaluationError(f"{what}{images}; {with_kind(error, str(error))}", hint, failures, kind=LOST)


def _unsent(error: BaseException, task: Task) -> ArgumentError | None:
    """Return the error for a task that cannot be sent to another process, if that is what was met."""
    import pickle

    if not isinstance(error, pickle.PicklingError | TypeError | AttributeError | ImportError):
        return None
    if isinstance(task, Shard) and (why := _not_pickled(task.reading.read)) is not None:
        return ArgumentError(
            f"{arg('read')}: {task.reading.reader} cannot be sent to another process: {why}",
            "write it as a function of a module, outside of other functions",
        )
    if isinstance(task, Shard) and (why := _not_pickled(task)) is not None:
        return ArgumentError(
            f"{arg('pred')} or {arg('target')}: cannot be sent to another process: {why}",
            "give files, or arrays in memory",
        )
    if not isinstance(error, AttributeError | ImportError):
        return None
    return ArgumentError(
        f"a worker does not find what it is sent: {with_kind(error, str(error))}",
        "functions are sent by their names: workers need their modules, in their PYTHONPATH or installed",
    )


def _not_pickled(value: Any) -> str | None:
    import pickle

    try:
        pickle.dumps(value)
    except Exception as error:  # noqa: BLE001 - an object may raise anything
        return with_kind(error, str(error))
    return None
