"""Many pairs of masks, each counted on its own: its pair counts, or why there are none.

PNG pairs go to the core in one call; other files and arrays are read here and counted one by one.
Scores are of no concern here.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from threading import Event, Lock, Thread
from time import monotonic
from typing import TypeAlias

from segscore._core import PairCounts, check_rows, count_files, stack
from segscore.classes.classes import Classes
from segscore.counts.channels import as_told
from segscore.counts.failures import Failure
from segscore.counts.fits import Fit, fit
from segscore.counts.measures import NOTHING, Measures
from segscore.counts.measuring import measured, not_measured
from segscore.counts.pairs import count
from segscore.counts.palettes import (
    NO_PALETTES,
    Decisions,
    Painted,
    Palettes,
    codes_said,
    decided,
    decisions,
    decoded,
)
from segscore.counts.predicted import count_predicted
from segscore.counts.record import Record
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

    The tick is given the number of cases that are done, several times a second and at the end. It is a
    LabelError if all images together have more rows than memory should hold. A KeyboardInterrupt comes at
    once: a thread in the middle of a read or of an array ends after that.
    """
    plain = rules.of_preds.read is None and rules.of_targets.read is None
    labels = plain and rules.of_preds.threshold is None and not rules.measures
    in_core = [i for i, case in enumerate(cases) if labels and _is_png_pair(case)]
    others = sorted(set(range(len(cases))) - set(in_core))
    results: list[Counted | None] = [None] * len(cases)
    chosen = [cases[i] for i in in_core]
    for i, counted in zip(in_core, _count_png(chosen, rules, tick), strict=True):
        results[i] = counted
    done = len(in_core)
    chosen = [cases[i] for i in others]
    for i, counted in zip(others, _count_here(chosen, rules, lambda n: tick(done + n)), strict=True):
        results[i] = counted
    tick(len(cases))
    return [counted for counted in results if counted is not None]


def _is_png_pair(case: Case) -> bool:
    pred, target = case.pred, case.target
    if case.class_axis is not None or not isinstance(pred, str) or not isinstance(target, str):
        return False
    return is_png(pred) and is_png(target)


def _count_png(cases: Sequence[Case], rules: Rules, tick: Tick) -> list[Counted]:
    if not cases:
        return []
    found = count_files(
        [(str(case.pred), str(case.target)) for case in cases],
        max_pixels=rules.of_targets.max_pixels,
        colours=rules.colours,
        resize=rules.resize,
        threads=rules.threads,
        tick=tick,
    )
    known: dict[Palettes, Palettes] = {}  # palettes are kept once, however many masks have them
    counted = []
    for name, result in zip((case.name for case in cases), found, strict=True):
        if isinstance(result, Exception):
            counted.append(Counted(name, None, Failure.of(name, result)))
        else:
            pairs, shapes, palettes = result
            palettes = known.setdefault(palettes, palettes)
            counted.append(Counted(name, pairs, fit=fit(*shapes), palettes=palettes))
    return counted


def _count_here(cases: Sequence[Case], rules: Rules, tick: Tick) -> list[Counted]:
    if not cases:
        return []
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
                i = next(following, None)
            if i is None:
                return
            try:
                results[i] = counted = _count_one(cases[i], rules, inside)
                with lock:
                    rows += len(counted.pairs) if counted.pairs is not None else 0
                    check_rows(rows)
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
    return [results[i] for i in range(len(cases))]


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


def painted_images(counted: Sequence[Counted]) -> list[Painted]:
    """Return the images whose labels are indices of palettes, on one side at least."""
    return [
        (image.name, image.pairs, image.palettes)
        for image in counted
        if image.pairs is not None and image.palettes != NO_PALETTES
    ]


def _as_meant(classes: Classes, counted: list[Counted]) -> list[Counted]:
    """Return what was counted with the rows that palettes mean, where their colours decide."""
    painted = painted_images(counted) if classes.colours else []
    if not painted:
        return counted
    found = decisions(classes, painted)
    decide = any(decision for of in found for decision in of.values())
    return [_meant(image, found) for image in counted] if decide else counted


def _meant(image: Counted, found: Decisions) -> Counted:
    if image.pairs is None or image.palettes == NO_PALETTES:
        return image
    try:
        pairs = decided(image.pairs, image.palettes, found)
    except SegscoreError as error:
        return Counted(image.name, None, Failure.of(image.name, error))
    return image if pairs is image.pairs else replace(image, pairs=pairs)


def _decoded(classes: Classes, counted: list[Counted], scores: Sequence[bool]) -> list[Counted]:
    """Return what was counted with the labels of codes; `scores` are images whose predictions have none."""
    if classes.label_rule is None and classes.pred_label_rule is None:
        return counted
    _, target, pred, _ = stack([image.pairs for image in counted if image.pairs is not None])
    said = codes_said(classes, target, pred)  # what one image leaves open, another one may tell
    found = []
    for image, given in zip(counted, scores, strict=True):
        if image.pairs is None:
            found.append(image)
            continue
        try:
            found.append(replace(image, pairs=decoded(classes, image.pairs, scores=given, said=said)))
        except SegscoreError as error:
            found.append(Counted(image.name, None, Failure.of(image.name, error)))
    return found


def counted_cases(
    cases: Sequence[Case],
    classes: Classes | None,
    reading: Reading,
    *,
    of_preds: Reading | None = None,
    threads: int | None,
    progress: Progress,
    measures: Measures = NOTHING,
) -> list[Counted]:
    """Return what each case comes to, in the order of the cases; labels are not checked.

    Predictions are read as `of_preds` says, if they are not read as targets are. Where the classes are not
    known yet, pixels in colours are read as labels, and indices of palettes as they are; other arguments are
    those of `evaluate`.
    """
    of_preds = reading if of_preds is None else of_preds
    counted = counted_as_read(
        cases, classes, reading, of_preds=of_preds, threads=threads, progress=progress, measures=measures
    )
    scores = [of_preds.threshold is not None or case.class_axis is not None for case in cases]
    return settled(classes, counted, scores)


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
    """Return what each case comes to as its masks have it; `settled` says what that means.

    Arguments are those of `counted_cases`.
    """
    colours = classes is None or classes.in_colours
    rules = Rules(classes, colours, of_preds, reading, num_threads(threads), measures)
    with ticking(progress, len(cases)) as tick:
        return count_cases(cases, rules, tick)


def settled(classes: Classes | None, counted: list[Counted], scores: Sequence[bool]) -> list[Counted]:
    """Return what was counted of all images with the labels that are meant, which all of them tell together.

    `scores` says of which images the predictions are scores, which have neither palettes nor codes. The list
    that is given may change.
    """
    before = [image.pairs for image in counted]
    for i, told in as_told(classes, [image.pairs for image in counted]).items():
        name = counted[i].name
        counted[i] = (
            replace(counted[i], pairs=told)
            if isinstance(told, PairCounts)
            else Counted(name, None, Failure.of(name, told))
        )
    if classes is None:
        return counted
    counted = _decoded(classes, _as_meant(classes, counted), scores)
    return [_as_measured(image, pairs) for image, pairs in zip(counted, before, strict=True)]


def _as_measured(image: Counted, before: PairCounts | None) -> Counted:
    """Return an image, or its failure if its labels became others after it had been measured."""
    if not image.measured or image.pairs is before or image.pairs is None:
        return image
    return Counted(image.name, None, Failure.of(image.name, not_measured()))


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
