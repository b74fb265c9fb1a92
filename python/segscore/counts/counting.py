"""Many pairs of masks, each counted on its own: its pair counts, or why there are none.

PNG pairs go to the core in one call; other files and arrays are read here and counted one by one.
Scores are of no concern here.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from threading import Event, Lock, Thread
from time import monotonic
from typing import TypeAlias

from segscore._core import PairCounts, count_files
from segscore.classes.classes import Classes
from segscore.counts.failures import Failure
from segscore.counts.fits import Fit, fit
from segscore.counts.measures import NOTHING, Measures
from segscore.counts.measuring import measured
from segscore.counts.pairs import count
from segscore.counts.palettes import (
    NO_PALETTES,
    Palettes,
)
from segscore.counts.predicted import count_predicted
from segscore.counts.record import Record
from segscore.counts.room import most_rows, no_room
from segscore.counts.spacings import own_spacing
from segscore.counts.threads import num_threads
from segscore.counts.thresholds import ScoreRange, values_of
from segscore.errors import SegscoreError, of_core
from segscore.io.arrays import palette_of
from segscore.io.by_class import Parts
from segscore.io.cases import Case
from segscore.io.kinds import SHARE_SUFFIXES, is_volume, split_suffix
from segscore.io.masks import is_png, read_shares
from segscore.io.reading import Reading, read_labels
from segscore.io.stacks import Layer
from segscore.text.progress import Progress as Shown
from segscore.text.progress import checked_progress

Tick: TypeAlias = Callable[[int], object]

_STEP = 0.05
"""Seconds between two looks at how far the threads are."""
_GRACE = 0.1
"""Seconds that an interrupted call waits for its threads to end."""

Progress: TypeAlias = bool | Callable[[int, int], object]


@dataclass(frozen=True)
class Counted:
    """What a case came to: its pair counts, or a failure."""

    name: str
    pairs: PairCounts | None
    failure: Failure | None = None
    fit: Fit = Fit.SAME
    """How the prediction came to the size of its target."""
    measured: tuple[Record, ...] = ()
    """What else was measured of it; each is of one image."""
    palettes: Palettes = NO_PALETTES
    """Those of its masks, as far as these had indices."""
    values: ScoreRange | None = None
    """What a threshold made the prediction of."""
    tile: bool = False
    """Whether it is a part of an image, to which others may come."""


@dataclass(frozen=True)
class Rules:
    """How masks are read and compared; see :func:`segscore.evaluate`."""

    classes: Classes | None
    colours: bool
    of_preds: Reading
    """How predictions are read."""
    of_targets: Reading
    threads: int
    measures: Measures = NOTHING

    @property
    def resize(self) -> bool:
        """Whether predicted labels of another size are resized to their targets."""
        return self.of_preds.resize is not None


def count_cases(cases: Sequence[Case], rules: Rules, tick: Tick) -> list[Counted]:
    """Count every case, in their order for any number of threads; failures do not stop the others.

    The tick is given the number of cases that are done, several times a second and at the end. Where images
    have more rows than memory has room for, those after them are failures. A KeyboardInterrupt comes at once:
    a thread in the middle of a read or of an array ends after that.
    """
    plain = rules.of_preds.read is None and rules.of_targets.read is None
    labels = plain and rules.of_preds.threshold is None and not rules.measures
    in_core = [i for i, case in enumerate(cases) if labels and _is_png_pair(case)]
    others = sorted(set(range(len(cases))) - set(in_core))
    results: dict[int, Counted] = {}
    most = room = most_rows()
    done = 0
    for places, work in ((in_core, _count_png), (others, _count_here)):
        if places:
            found = work([cases[i] for i in places], rules, partial(_later, tick, done), room)
            results.update(zip(places, found, strict=False))
            room -= sum(map(_rows, found))
            done += len(places)
    tick(len(cases))
    full = no_room(most)
    return [
        results.get(i) or Counted(case.name, None, Failure.of(case.name, full))
        for i, case in enumerate(cases)
    ]


def _later(tick: Tick, before: int, done: int) -> object:
    return tick(before + done)


def _rows(counted: Counted) -> int:
    return 0 if counted.pairs is None else len(counted.pairs)


def _is_png_pair(case: Case) -> bool:
    pred, target = case.pred, case.target
    if case.class_axis is not None or not isinstance(pred, str) or not isinstance(target, str):
        return False
    return is_png(pred) and is_png(target)


def _count_png(cases: Sequence[Case], rules: Rules, tick: Tick, room: int) -> list[Counted]:
    found = count_files(
        [(str(case.pred), str(case.target)) for case in cases],
        max_pixels=rules.of_targets.max_pixels,
        colours=rules.colours,
        resize=rules.resize,
        threads=rules.threads,
        most_rows=room,
        tick=tick,
    )
    known: dict[Palettes, Palettes] = {}  # palettes are kept once, however many masks have them
    counted = []
    for name, result in zip((case.name for case in cases), found, strict=False):  # as far as there is room
        if isinstance(result, Exception):
            counted.append(Counted(name, None, Failure.of(name, result)))
        else:
            pairs, shapes, palettes = result
            palettes = known.setdefault(palettes, palettes)
            counted.append(Counted(name, pairs, fit=fit(*shapes), palettes=palettes))
    return counted


def _count_here(cases: Sequence[Case], rules: Rules, tick: Tick, room: int) -> list[Counted]:
    following, lock, stop = iter(range(len(cases))), Lock(), Event()
    results: dict[int, Counted] = {}
    rows = 0
    raised: list[BaseException] = []
    # Where there are fewer cases than threads, large arrays take the others.
    inside = max(1, rules.threads // max(1, len(cases)))

    def work() -> None:
        nonlocal rows
        while not stop.is_set():
            with lock:
                i = next(following, None) if rows <= room else None
            if i is None:
                return
            try:
                results[i] = counted = _count_one(cases[i], rules, inside)
                with lock:
                    rows += _rows(counted)
            except BaseException as error:  # noqa: BLE001 - it is raised again, by the caller's thread
                raised.append(error)
                stop.set()

    # Nothing can end a read that hangs, so that a thread in one must not keep the process alive.
    workers = [
        Thread(target=work, name=f"segscore-{i}", daemon=True) for i in range(min(rules.threads, len(cases)))
    ]
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
    sums = accumulate(_rows(results[i]) for i in range(len(results)))
    return [results[i] for i, rows in enumerate(sums) if rows <= room]


def _count_one(case: Case, rules: Rules, threads: int) -> Counted:
    try:
        if case.problem is not None:
            raise case.problem
        spacing = own_spacing(case, rules.measures, rules.of_preds, rules.of_targets)
        if rules.of_preds.threshold is not None or case.class_axis is not None:
            return _count_scores(case, rules, threads, spacing)
        classes = None if rules.classes is None else len(rules.classes)
        pred, of_pred = target, of_target = _array(case.pred, rules.of_preds, colours=rules.colours)
        if case.target is not case.pred:  # what is counted with itself is read once
            target, of_target = _array(case.target, rules.of_targets, colours=rules.colours)
        pairs, fitted = count(
            pred, target, classes, resize=rules.resize, dims=rules.of_targets.dims, threads=threads
        )
        own = _measured(rules, pairs, threads, target=target, pred=pred, spacing=spacing)
    except SegscoreError as error:
        return Counted(case.name, None, Failure.of(case.name, error))
    except MemoryError:
        lacking = of_core("out-of-memory", "there is no memory to count it", None)
        return Counted(case.name, None, Failure.of(case.name, lacking))
    return Counted(case.name, pairs, fit=fitted, palettes=(of_pred, of_target), measured=own)


def _measured(rules: Rules, pairs: PairCounts, threads: int, **given: object) -> tuple[Record, ...]:
    if not rules.measures or rules.classes is None:
        return ()
    given |= {"dims": rules.of_targets.dims, "threads": threads}
    return measured(rules.measures, rules.classes, pairs, **given)  # type: ignore[arg-type]


def _count_scores(case: Case, rules: Rules, threads: int, spacing: tuple[float, ...] | None) -> Counted:
    assert rules.classes is not None
    reading, largest = rules.of_preds, 0
    picture = isinstance(case.pred, str) and split_suffix(case.pred)[1] in SHARE_SUFFIXES
    if reading.read is None and picture:
        shares = read_shares(str(case.pred), reading.threshold, max_pixels=reading.max_pixels)
        scores: object = shares[0]
        largest = shares[1]
    elif reading.read is None and case.class_axis is None and is_volume(case.pred):
        from segscore.io.volumes import read_numbers

        scores = read_numbers(str(case.pred), max_pixels=reading.max_pixels)
    else:
        channels = 1 if case.class_axis is None else len(rules.classes)
        scores, _ = _array(case.pred, reading, colours=False, channels=channels)
    target, palette = _array(case.target, rules.of_targets, colours=rules.colours)
    pairs = count_predicted(
        rules.classes,
        scores,
        target,
        case.class_axis,
        reading.threshold,
        dims=reading.dims,
        threads=threads,
    )
    told = {"class_axis": case.class_axis, "threshold": reading.threshold}
    own = _measured(rules, pairs, threads, target=target, logits=scores, spacing=spacing, **told)
    values = values_of(scores, reading.threshold, largest)
    return Counted(case.name, pairs, palettes=(None, palette), values=values, measured=own)


def _array(
    mask: object, reading: Reading, *, colours: bool, channels: int = 1
) -> tuple[object, bytes | None]:
    if isinstance(mask, Layer):
        return mask.read(reading.max_pixels, channels=channels), None
    if isinstance(mask, str | Parts):
        return read_labels(mask, reading, colours=colours, channels=channels)
    return mask, palette_of(mask)


def counted_as_read(
    cases: Sequence[Case],
    classes: Classes | None,
    reading: Reading,
    *,
    of_preds: Reading,
    threads: int | None,
    progress: Progress,
    measures: Measures,
) -> list[Counted]:
    """Return what each case comes to as its masks have it; `settling` says what that means.

    Arguments are those of `settling.counted_cases`.
    """
    colours = classes is None or classes.in_colours
    rules = Rules(classes, colours, of_preds, reading, num_threads(threads), measures)
    with ticking(progress, len(cases)) as tick:
        return count_cases(cases, rules, tick)


@contextmanager
def ticking(progress: Progress, total: int) -> Iterator[Tick]:
    """Yield what is called with the number of images done; see the argument of `segscore.evaluate`."""
    progress = checked_progress(progress)
    if callable(progress):
        yield lambda done: progress(done, total)
    elif not progress:
        yield lambda _: None
    else:
        with Shown(total) as shown:
            yield shown
