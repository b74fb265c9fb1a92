"""Many pairs of masks, each counted on its own: its pair counts, or why there are none.

PNG pairs go to the core in one call; other files and arrays are read here and counted one by one.
Scores are of no concern here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from segscore import _core
from segscore.cases import Case
from segscore.confusion import count
from segscore.errors import InternalError, SegscoreError
from segscore.masks import Read, is_png, read_mask

if TYPE_CHECKING:
    from concurrent.futures import Future

Tick: TypeAlias = Callable[[int], object]

_STEP = 0.05  # seconds


@dataclass(frozen=True)
class Failure:
    """An image that could not be scored.

    Attributes
    ----------
    name : str
        Of the image.
    message : str
        What was expected and what was found.
    hint : str or None
        What to do about it.
    """

    name: str
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        """Return the name and the message in one line."""
        return f"{self.name}: {self.message}"

    @staticmethod
    def of(name: str, error: Exception) -> "Failure":
        """Return the failure of an image for the exception that it met."""
        if isinstance(error, InternalError) or not isinstance(error, SegscoreError):
            raise error
        return Failure(name, error.message, error.hint)


@dataclass(frozen=True)
class Counted:
    """What a case came to: its pair counts, or a failure.

    Attributes
    ----------
    resized : bool
        Whether the prediction was resized to its target.
    """

    name: str
    pairs: _core.PairCounts | None
    failure: Failure | None = None
    resized: bool = False


@dataclass(frozen=True)
class Rules:
    """How masks are read and compared; see :func:`segscore.evaluate`."""

    classes: int | None
    colours: bool
    max_pixels: int
    resize: bool
    threads: int
    read: Read | None = None


def count_cases(cases: Sequence[Case], rules: Rules, tick: Tick) -> list[Counted]:
    """Count every case; failures do not stop the others.

    Parameters
    ----------
    cases : sequence of Case
        What to count.
    rules : Rules
        How to read and compare.
    tick : callable
        Called with the number of cases that are done, several times a second.

    Returns
    -------
    list of Counted
        In the order of the cases, the same for any number of threads.

    Raises
    ------
    KeyboardInterrupt
        If it comes; all threads have ended then.
    """
    in_core = [i for i, case in enumerate(cases) if rules.read is None and _is_png_pair(case)]
    others = sorted(set(range(len(cases))) - set(in_core))
    results: list[Counted | None] = [None] * len(cases)
    chosen = [cases[i] for i in in_core]
    for i, counted in zip(in_core, _count_png(chosen, rules, tick), strict=True):
        results[i] = counted
    done = len(in_core)
    chosen = [cases[i] for i in others]
    for i, counted in zip(others, _count_here(chosen, rules, lambda n: tick(done + n)), strict=True):
        results[i] = counted
    return [counted for counted in results if counted is not None]


def _is_png_pair(case: Case) -> bool:
    return all(isinstance(mask, str) and is_png(mask) for mask in (case.pred, case.target))


def _count_png(cases: Sequence[Case], rules: Rules, tick: Tick) -> list[Counted]:
    if not cases:
        return []
    found = _core.count_files(
        [(str(case.pred), str(case.target)) for case in cases],
        max_pixels=rules.max_pixels,
        colours=rules.colours,
        resize=rules.resize,
        threads=rules.threads,
        tick=tick,
    )
    return [
        Counted(case.name, None, Failure.of(case.name, result))
        if isinstance(result, Exception)
        else Counted(case.name, result[0], resized=result[1])
        for case, result in zip(cases, found, strict=True)
    ]


def _count_here(cases: Sequence[Case], rules: Rules, tick: Tick) -> list[Counted]:
    if not cases:
        return []
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(rules.threads, len(cases)), "segscore") as pool:
        try:
            futures = [pool.submit(_count_one, case, rules) for case in cases]
            return [_result(future, partial(tick, i)) for i, future in enumerate(futures)]
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _result(future: "Future[Counted]", tick: Callable[[], object]) -> Counted:
    """Wait in short steps, so that Ctrl-C and the progress never stand behind a slow file."""
    from concurrent.futures import wait

    while True:
        tick()
        wait([future], timeout=_STEP)
        if future.done():
            return future.result()


def _count_one(case: Case, rules: Rules) -> Counted:
    try:
        pred, target = (_labels(mask, rules) for mask in (case.pred, case.target))
        pairs, resized = count(pred, target, rules.classes, resize=rules.resize)
    except SegscoreError as error:
        return Counted(case.name, None, Failure.of(case.name, error))
    return Counted(case.name, pairs, resized=resized)


def _labels(mask: object, rules: Rules) -> object:
    if not isinstance(mask, str):
        return mask
    return read_mask(mask, read=rules.read, colours=rules.colours, max_pixels=rules.max_pixels)
