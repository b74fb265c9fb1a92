"""`evaluate` with an executor: what one process makes, whoever does the work; and what is said of faults."""

import multiprocessing
import pickle
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest

from segscore import ArgumentError, EvaluationError, SegscoreWarning, evaluate, plan
from segscore.evaluation.executing import number_of_shards
from support.executors import DEADLY, Breaking, Deferred, OneProcessEach, deadly, deadly_once, reader
from support.refused import refused
from support.sharded import DATASETS, IMAGES, Options, assert_same, broken, labels

# Of Python 3.12 and later, which count the threads of the core; it is in none of them when it is forked.
pytestmark = pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
BROKEN = "BrokenProcessPool: A child process terminated abruptly, the process pool is not usable anymore"
HINT = (
    "\nhint: mostly a worker had too little memory: make a new executor, with fewer workers. Those that "
    'start a Python of their own import the main module, whose work stands below `if __name__ == "__main__":`'
)
PLAIN: Options = {"pred": labels(6, 1), "target": labels(6, 2), "classes": 3}


@pytest.fixture(scope="module", params=["fork", "spawn", "forkserver"])
def pool(request: pytest.FixtureRequest) -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2, multiprocessing.get_context(request.param)) as executor:
        yield executor


@pytest.mark.parametrize("kind", ["broken", "masks of classes", "stacks in files", "shapes"])
def test_pools_of_processes_make_what_one_process_does(
    tmp_path: Path, pool: ProcessPoolExecutor, kind: str
) -> None:
    options = DATASETS[kind](tmp_path)
    if kind != "broken":
        assert_same(evaluate(**options, executor=pool), evaluate(**options))
        return
    with pytest.warns(SegscoreWarning) as told:
        expected = evaluate(**options)
    with pytest.warns(SegscoreWarning) as again:
        found = evaluate(**options, executor=pool, shards=4)
    ours = [one for one in again if issubclass(one.category, SegscoreWarning)]
    assert [str(one.message) for one in ours] == [str(one.message) for one in told]
    assert ours[0].filename == __file__
    assert_same(found, expected, page=True)
    options["on_error"] = "raise"
    (tmp_path / "pred" / "a_08.png").write_bytes((tmp_path / "pred" / "a_00.png").read_bytes())
    said = refused(EvaluationError, evaluate, **options)
    assert refused(EvaluationError, evaluate, **options, executor=pool) == said


def test_readers_of_modules_are_sent(tmp_path: Path, pool: ProcessPoolExecutor) -> None:
    options = {**broken(tmp_path), "read": reader}
    with pytest.warns(SegscoreWarning):
        assert_same(evaluate(**options, executor=pool), evaluate(**options))


def test_threads_take_what_no_process_can_be_sent() -> None:
    made = {
        "read": lambda _: np.zeros((3, 3), np.uint8),
        "pred": ["a"] * 5,
        "target": ["b"] * 5,
        "classes": 3,
    }
    names = [*"abcde"]
    with ThreadPoolExecutor(2) as executor:
        found = evaluate(**made, names=names, executor=executor)
        assert_same(found, evaluate(**made, names=names))
    with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as executor:
        said = refused(ArgumentError, evaluate, **made, names=names, executor=executor)
    lambda_ = (
        "tests.evaluation.test_executing:test_threads_take_what_no_process_can_be_sent.<locals>.<lambda>"
    )
    start, _, hint = said.partition("\n")
    name = __name__ + lambda_.removeprefix("tests.evaluation.test_executing")
    assert start.startswith(f"`read`: {name} cannot be sent to another process: ")
    assert hint == "hint: write it as a function of a module, outside of other functions"


class Unsendable:
    """An image that no other process can be given."""

    shape, dtype = (3, 3), np.dtype(np.uint8)

    def __array__(self, *_: object, **__: object) -> np.ndarray:
        return np.zeros(self.shape, self.dtype)

    def __reduce__(self) -> Any:
        raise TypeError("it holds a file")


def test_masks_that_no_process_can_be_sent_are_said() -> None:
    options = {"pred": [Unsendable()], "target": [Unsendable()], "classes": 3}
    with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as executor:
        assert refused(ArgumentError, evaluate, **options, executor=executor) == (
            "`pred` or `target`: cannot be sent to another process: TypeError: it holds a file\n"
            "hint: give files, or arrays in memory"
        )


@pytest.mark.parametrize("error", [ModuleNotFoundError("No module named 'mine'"), TypeError("an odd one")])
def test_what_a_worker_cannot_take_is_said(error: Exception) -> None:
    class Failing(Deferred):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            future = super().submit(fn, *args, **kwargs)
            future.set_exception(error)
            return future

    if isinstance(error, ImportError):
        assert refused(ArgumentError, evaluate, **PLAIN, executor=Failing()) == (
            "a worker does not find what it is sent: ModuleNotFoundError: No module named 'mine'\n"
            "hint: functions are sent by their names: workers need their modules, in their PYTHONPATH or "
            "installed"
        )
        return
    said = refused(EvaluationError, evaluate, **PLAIN, executor=Failing(), shards=1)
    assert said == (
        "shard 1 of 1 was lost twice, with 6 images: `0`, `1`, `2` and 3 more; TypeError: an odd one" + HINT
    )


def done_by(executor: Deferred, call: Callable[[], object], number: int | None = None) -> object:
    """Return what a call does whose shards are done meanwhile."""

    def do() -> None:
        while executor.submitted < 3:
            time.sleep(0.001)
        executor.do(number)

    doing = Thread(target=do)
    doing.start()
    try:
        return call()
    finally:
        doing.join()


def test_progress_counts_the_images_of_shards_that_are_done() -> None:
    seen: list[tuple[int, int]] = []
    executor = Deferred()

    def progress(done: int, total: int) -> None:
        seen.append((done, total))

    found = done_by(executor, lambda: evaluate(**PLAIN, executor=executor, shards=3, progress=progress))
    assert found == evaluate(**PLAIN)
    assert (seen[0], seen[-1]) == ((0, 6), (6, 6))
    assert {done for done, _ in seen} <= {0, 2, 4, 6}
    assert seen == sorted(seen)


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_what_has_not_begun_is_cancelled(error: type[BaseException]) -> None:
    executor = Deferred()

    def progress(done: int, total: int) -> None:
        if done:
            raise error

    with pytest.raises(error):
        done_by(executor, lambda: evaluate(**PLAIN, executor=executor, shards=3, progress=progress), number=1)
    assert [future.cancelled() for future, _, _ in executor.tasks] == [True, True, False]


def test_what_a_shard_raises_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("no reason")

    monkeypatch.setattr("segscore.evaluation.shards.counted_as_read", fail)
    with ThreadPoolExecutor(1) as executor, pytest.raises(ZeroDivisionError, match="no reason"):
        evaluate(**PLAIN, executor=executor)
    assert refused(ArgumentError, evaluate, **PLAIN, executor=executor, threads=0).startswith(
        "`executor` takes no work: RuntimeError: cannot schedule new futures after shutdown\n"
    )
    monkeypatch.undo()
    with ThreadPoolExecutor(1) as executor:
        assert refused(ArgumentError, evaluate, **PLAIN, executor=executor, threads=0) == (
            "`threads` is 0, expected 1 to 1,024\nhint: leave it out for the default"
        )


def test_a_shard_that_is_lost_with_its_worker_is_done_once_more(tmp_path: Path) -> None:
    options = {**broken(tmp_path), "read": deadly_once}
    with pytest.warns(SegscoreWarning):
        found = evaluate(**options, executor=OneProcessEach(), shards=4)
    with pytest.warns(SegscoreWarning):
        assert_same(found, evaluate(**options))


def test_images_of_a_shard_that_is_lost_twice_are_named(tmp_path: Path) -> None:
    options = {**broken(tmp_path), "read": deadly}
    with pytest.raises(EvaluationError) as caught:
        evaluate(**options, executor=OneProcessEach(), shards=4)
    names = [failure.name for failure in caught.value.failures]
    assert DEADLY in names
    assert names == sorted(names)
    parts = caught.value.parts
    assert str(caught.value).removesuffix(kept(len(parts), 4)) == (
        "shard 4 of 4 was lost twice, with 2 images: `a_06` and `b_05`; BrokenExecutor: the process of a "
        f"task was killed{HINT}"
    )
    # Those that were not waited for are done again.
    assert {part.place.number for part in parts} <= {1, 2, 3}
    made = plan(**{**options, "read": deadly})
    options["read"] = reader
    left = made.left(parts) if parts else made.shards(4)
    assert [shard.place.number for shard in left] == sorted(
        {1, 2, 3, 4} - {part.place.number for part in parts}
    )


def test_a_pool_that_is_broken_is_said_with_all_that_it_had_not_done(tmp_path: Path) -> None:
    options = {**broken(tmp_path), "read": deadly}
    with ProcessPoolExecutor(1, multiprocessing.get_context("fork")) as executor:
        with pytest.raises(EvaluationError) as caught:
            evaluate(**options, executor=executor, shards=IMAGES - 1)
        names = [failure.name for failure in caught.value.failures]
        assert DEADLY in names
        assert names == sorted(names)
        shown = "`, `".join(names[:3])
        assert str(caught.value).startswith(
            f"the executor takes no more work, with {len(names)} images: `{shown}`"
        )
        parts = caught.value.parts
        assert str(caught.value).endswith(f"; {BROKEN}{HINT}{kept(len(parts), IMAGES - 1)}")
        assert refused(ArgumentError, evaluate, **PLAIN, executor=executor).startswith(
            "`executor` takes no work: BrokenProcessPool: "
        )


def kept(parts: int, shards: int) -> str:
    """Return what an error says of parts that it has."""
    are = "is" if parts == 1 else "are"
    return (
        f"\nhint: {parts} of {shards} shards {are} in the `parts` of this error: `plan.left(error.parts)` of "
        "a plan of the same has the others, and `plan.merge` takes all"
    ) * (parts > 0)


@pytest.mark.parametrize(
    ("done", "images"),
    [
        (0, "6 images: `0`, `1`, `2` and 3 more"),
        (1, "4 images: `1`, `2`, `3` and 1 more"),
        (3, "2 images: `3` and `4`"),
    ],
)
def test_what_was_counted_before_an_executor_broke_is_kept_and_gone_on_with(done: int, images: str) -> None:
    with pytest.raises(EvaluationError) as caught:
        evaluate(**PLAIN, executor=Breaking(done), shards=5)
    parts = caught.value.parts
    made = plan(**PLAIN)
    assert [part.place.number for part in parts] == [*range(1, done + 1)]
    # Image i is in shard i % 5 + 1: the first shard has two.
    assert [failure.name for failure in caught.value.failures] == [str(i) for i in range(6) if i % 5 >= done]
    assert str(caught.value) == (
        f"the executor takes no more work, with {images}; BrokenExecutor: a worker has gone"
        f"{HINT}{kept(done, 5)}"
    )
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.kind, len(again.parts)) == (str(caught.value), "lost", done)
    if parts:
        rest = made.left(iter(parts))
        assert [shard.place for shard in rest] == [shard.place for shard in made.shards(5)[done:]]
        assert made.merge([*parts, *(shard.evaluate() for shard in rest)]) == evaluate(**PLAIN)


def no_licence() -> None:
    raise ValueError("no licence")


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (partial(ProcessPoolExecutor, mp_context=multiprocessing.get_context("fork")), BROKEN),
        (
            ThreadPoolExecutor,
            "BrokenThreadPool: A thread initializer failed, the thread pool is not usable anymore",
        ),
    ],
)
def test_an_initializer_that_fails_is_named(kind: Callable[..., Any], said: str) -> None:
    with kind(1, initializer=no_licence) as executor:
        assert refused(EvaluationError, evaluate, **PLAIN, executor=executor, shards=2) == (
            f"the executor takes no more work, with 6 images: `0`, `1`, `2` and 3 more; {said}\n"
            "hint: the executor has an `initializer`, and no worker begins where that fails: what it raised "
            "is on their standard error, or in the log of `concurrent.futures`. Else "
            + HINT.removeprefix("\nhint: ")
        )


def test_a_shard_that_ends_the_program_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def end(*_: object, **__: object) -> None:
        raise SystemExit(3)

    monkeypatch.setattr("segscore.evaluation.shards.counted_as_read", end)
    with ThreadPoolExecutor(1) as executor:
        assert refused(EvaluationError, evaluate, **PLAIN, executor=executor, shards=1) == (
            "shard 1 of 1 has ended its process: SystemExit: 3\n"
            "hint: look for what calls `sys.exit` in the code that it runs"
        )


def test_an_engine_that_hands_on_what_ends_the_program_has_lost_a_shard() -> None:
    class Ending(Deferred):
        def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
            future = super().submit(fn, *args, **kwargs)
            future.set_exception(SystemExit(3))
            return future

    assert refused(EvaluationError, evaluate, **PLAIN, executor=Ending(), shards=1) == (
        f"shard 1 of 1 was lost twice, with 6 images: `0`, `1`, `2` and 3 more; SystemExit: 3{HINT}"
    )


def test_how_many_shards_there_are() -> None:
    class Two(Deferred):
        _max_workers = 2

    for executor, images, number in (
        (Two(), 100, 8),
        (Two(), 3, 3),
        (Deferred(), 100, 32),
        (Deferred(), 0, 1),
    ):
        assert number_of_shards(executor, images) == number
    assert refused(ArgumentError, evaluate, **PLAIN, executor="pool") == (
        "`executor` is of type str, expected one of `concurrent.futures`\n"
        "hint: such as `ProcessPoolExecutor()`, or `client.get_executor()` of Dask"
    )
    assert refused(ArgumentError, evaluate, **PLAIN, executor=ThreadPoolExecutor) == (
        "`executor` is the class ThreadPoolExecutor, expected an executor\n"
        "hint: make one: `ThreadPoolExecutor()`"
    )

    class Client(Deferred):
        """Submits as that of Dask does, whose futures are its own."""

        def get_executor(self) -> None: ...

    assert refused(ArgumentError, evaluate, **PLAIN, executor=Client()) == (
        "`executor` is of type Client, expected one of `concurrent.futures`\n"
        "hint: such as `ProcessPoolExecutor()`, or `client.get_executor()` of Dask"
    )
    assert refused(ArgumentError, evaluate, **PLAIN, shards=3) == (
        "`shards` is given without `executor`\n"
        "hint: they are for other processes; `segscore.plan` makes shards to be evaluated one by one"
    )
    with ThreadPoolExecutor(1) as executor:
        assert refused(ArgumentError, evaluate, **PLAIN, executor=executor, shards=0).startswith(
            "the number of shards is 0, expected 1 to 1,048,576"
        )
        assert evaluate(**PLAIN, executor=executor, shards=20) == evaluate(**PLAIN)


def test_a_shard_takes_one_thread_unless_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    from segscore.evaluation import shards

    seen: list[int] = []
    counted = shards.counted_as_read

    def spied(*given: Any, threads: int, **options: Any) -> Any:
        seen.append(threads)
        return counted(*given, threads=threads, **options)

    monkeypatch.setattr(shards, "counted_as_read", spied)
    with ThreadPoolExecutor(1) as executor:
        evaluate(**PLAIN, executor=executor, shards=2)
        evaluate(**PLAIN, executor=executor, shards=2, threads=3)
    assert seen == [1, 1, 3, 3]
