"""Many pairs of masks, each counted on its own: its pair counts, or why there are none.

PNG pairs go to the core in one call; other files and arrays are read here and counted one by one.
Scores are of no concern here.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial
from itertools import accumulate
from queue import SimpleQueue
from threading import Lock
from typing import Any, TypeAlias

from segscore._core import PairCounts, PngCounter, count_files
from segscore.base.naming import said
from segscore.classes.classes import Classes
from segscore.counts.counted import Counted
from segscore.counts.failures import Failure
from segscore.counts.fits import fit
from segscore.counts.id_maps import IdMaps
from segscore.counts.measures import Measures
from segscore.counts.measuring import measured
from segscore.counts.pairs import count
from segscore.counts.palettes import Palettes
from segscore.counts.predicted import count_predicted
from segscore.counts.record import Record
from segscore.counts.room import most_rows, no_room
from segscore.counts.ruling import Rules
from segscore.counts.spacings import own_spacing
from segscore.counts.threads import num_threads
from segscore.counts.thresholds import values_of
from segscore.counts.workers import Tick, each
from segscore.errors import SegscoreError, of_core
from segscore.io.arrays import palette_of
from segscore.io.blobs import Fetching, most_bytes
from segscore.io.by_class import Parts
from segscore.io.cases import Case
from segscore.io.fetched import FETCHES, contents_of, copied, in_places, is_elsewhere, pngs_of, renamed
from segscore.io.kinds import SHARE_SUFFIXES, is_volume, split_suffix
from segscore.io.masks import is_png, read_shares
from segscore.io.reading import Reading, read_labels
from segscore.io.stacks import Layer
from segscore.text.progress import Progress as Shown
from segscore.text.progress import checked_progress

Progress: TypeAlias = bool | Callable[[int, int], object]


_Way: TypeAlias = Callable[[Sequence[Case], Rules, Tick, int], dict[int, Counted]]
"""Counts cases, by their places; those that there was no more room for are not there."""


def count_cases(cases: Sequence[Case], rules: Rules, tick: Tick) -> list[Counted]:
    """Count every case, in their order for any number of threads; failures do not stop the others.

    The tick is given the number of cases that are done, several times a second and at the end. Where images
    have more rows than memory has room for, those after them are failures. A KeyboardInterrupt comes at once:
    a thread in the middle of a read or of an array ends after that.
    """
    ways: dict[_Way, list[int]] = {_count_png: [], _count_elsewhere: [], _count_here: []}
    plain = rules.in_core
    for i, case in enumerate(cases):
        in_core = plain and _is_png_pair(case)
        ways[_count_elsewhere if is_elsewhere(case) else _count_png if in_core else _count_here].append(i)
    results: dict[int, Counted] = {}
    most = room = most_rows()
    done = 0
    for count_some, which in ways.items():
        if which:
            found = count_some([cases[i] for i in which], rules, partial(_later, tick, done), room)
            results.update((which[i], counted) for i, counted in found.items())
            room -= sum(map(_rows, found.values()))
            done += len(which)
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


def _count_png(cases: Sequence[Case], rules: Rules, tick: Tick, room: int) -> dict[int, Counted]:
    found = count_files(
        [(str(case.pred), str(case.target)) for case in cases],
        max_pixels=rules.of_targets.max_pixels,
        colours=rules.colours,
        resize=rules.resize,
        threads=rules.threads,
        most_rows=room,
        tick=tick,
    )
    known: dict[Palettes, Palettes] = {}
    return {i: rules.finished(_of_core(cases[i].name, result, known)) for i, result in enumerate(found)}


def _of_core(name: str, result: Any, known: dict[Palettes, Palettes]) -> Counted:
    """Return what the core has made of a pair of PNG; `known` are palettes, which are kept once."""
    if isinstance(result, Exception):
        return Counted(name, None, Failure.of(name, result))
    pairs, shapes, palettes = result
    return Counted(name, pairs, fit=fit(*shapes), palettes=known.setdefault(palettes, palettes))


def _count_here(cases: Sequence[Case], rules: Rules, tick: Tick, room: int) -> dict[int, Counted]:
    # Where there are fewer cases than threads, large arrays take the others.
    inside = max(1, rules.threads // len(cases))
    return _each(lambda i: _count_one(cases[i], rules, inside), range(len(cases)), rules.threads, tick, room)


def _count_elsewhere(cases: Sequence[Case], rules: Rules, tick: Tick, room: int) -> dict[int, Counted]:
    """Count cases that are fetched: many at a time, of which as many are counted meanwhile as may be."""
    channels = len(rules.classes) if rules.classes is not None and rules.of_preds.of_scores else 1
    fetching = Fetching(most_bytes(rules.of_targets.max_pixels, channels))
    known: dict[Palettes, Palettes] = {}
    # Whoever counts holds one of these, so that no more threads count at a time than may.
    free: SimpleQueue[PngCounter] = SimpleQueue()
    for _ in range(rules.threads):
        free.put(PngCounter())
    max_pixels, colours, resize = rules.of_targets.max_pixels, rules.colours, rules.resize

    def count_fetched(i: int) -> Counted:
        case = cases[i]
        with ExitStack() as held:
            try:
                contents = contents_of(case, fetching, held)
                counter = free.get()
                held.callback(free.put, counter)
                if rules.in_core and (files := pngs_of(case, contents)) is not None:
                    found = counter.count(*files, max_pixels=max_pixels, colours=colours, resize=resize)
                    return rules.finished(_of_core(case.name, found, known))
                copy, called = held.enter_context(copied(case, contents))
            except SegscoreError as error:
                return Counted(case.name, None, Failure.of(case.name, error))
            counted = _count_one(copy, rules, 1)
        if (failure := counted.failure) is None:
            return counted
        return replace(counted, failure=replace(failure, message=said(renamed(failure.message, called))))

    return _each(count_fetched, in_places(cases), max(FETCHES, rules.threads), tick, room)


def _each(
    count_case: Callable[[int], Counted], numbers: Sequence[int], threads: int, tick: Tick, room: int
) -> dict[int, Counted]:
    """Return what cases come to, begun in the order of their numbers as long as there is room for rows."""
    lock, rows = Lock(), 0

    def begun() -> Iterator[int]:
        for i in numbers:
            if rows > room:
                return
            yield i

    def count_one(i: int) -> Counted:
        nonlocal rows
        counted = count_case(i)
        with lock:
            rows += _rows(counted)
        return counted

    results = each(count_one, begun(), threads=min(threads, len(numbers)), tick=tick)
    # All before the last one that was begun are there, so that where it ends does not depend on threads.
    there = [i for i in numbers if i in results]
    sums = accumulate(_rows(results[i]) for i in there)
    return {i: results[i] for i, held in zip(there, sums, strict=True) if held <= room}


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
        counted = Counted(case.name, pairs, fit=fitted, palettes=(of_pred, of_target), measured=own)
        return rules.finished(counted, (target, pred))
    except SegscoreError as error:
        return Counted(case.name, None, Failure.of(case.name, error))
    except MemoryError:
        lacking = of_core("out-of-memory", "there is no memory to count it", None)
        return Counted(case.name, None, Failure.of(case.name, lacking))


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
    ids: IdMaps | None = None,
) -> list[Counted]:
    """Return what each case comes to as its masks have it; `settling` says what that means.

    Arguments are those of `settling.counted_cases`, and what masks hold that are of ids.
    """
    colours = classes is None or classes.in_colours
    rules = Rules(classes, colours, of_preds, reading, num_threads(threads), measures, ids)
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
