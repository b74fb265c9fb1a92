"""One model on one dataset: a run is planned, begun or gone on with, and finished.

The order in which things are written is what makes a run safe: outcomes first, then the evaluation, and
last the manifest, without which no run counts as finished.
"""

import math
import time
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from segscore._core import Tally
from segscore.base.shown import Shown
from segscore.counts.rows import totals
from segscore.counts.threads import num_threads
from segscore.errors import (
    EvaluationError,
    SegscoreError,
    SegscoreWarning,
    WorkspaceError,
    flag,
)
from segscore.evaluation.assembling import doubts
from segscore.evaluation.executing import check_executor
from segscore.io.photographs import GRAY_HINT
from segscore.results.evaluated import GRAY
from segscore.scores.scores import Scores
from segscore.text.progress import Progress as ShownProgress
from segscore.text.progress import checked_progress
from segscore.workspace.runs import pending
from segscore.workspace.runs.agreement import Job, check_agreement, few_batches
from segscore.workspace.runs.environment import differences, environment
from segscore.workspace.runs.evaluations import evaluation_of
from segscore.workspace.runs.finishing import finish, finished
from segscore.workspace.runs.folders import (
    KIND,
    VERSION,
    changing,
    empty,
    has_ended,
    is_unfinished,
    next_id,
    run_folders,
)
from segscore.workspace.runs.keeping import kept_prediction, remove_predictions
from segscore.workspace.runs.pending import Pending
from segscore.workspace.runs.pipeline import (
    Outcome,
    ReplacedError,
    first_tracebacks,
)
from segscore.workspace.runs.plans import Plan, gray_text, trained_images, trained_text
from segscore.workspace.runs.ready import Ready
from segscore.workspace.runs.run import PREDICTIONS
from segscore.workspace.runs.shards import by_shards
from segscore.workspace.store.digests import CHANGED
from segscore.workspace.store.disk import make_folder, remove_files
from segscore.workspace.store.store import Store

_ABANDON = 20
"""Images that fail, the first ones of a run and no other among them, before it is given up."""
_PATIENCE, _LOOK = 60.0, 0.05
"""Seconds that a shard waits for others to let a run go, and between two looks."""
KEEP_EVERY = 1.0
"""Seconds of work that a kill can lose."""
SHOW_EVERY = 0.25
"""Seconds between two looks at the running score, at least."""


@dataclass(frozen=True)
class RunProgress(Shown):
    """How far a run is.

    Attributes
    ----------
    id : str
        Of the run.
    done, total : int
        Images that were dealt with, those of an earlier start included, and in all.
    failures : int
        Images among them that could not be scored.
    mean_iou : float
        Of the images so far; NaN before the first one.
    seconds : float
        Since this start.
    before : int
        Images that an earlier start has dealt with.
    """

    id: str
    done: int
    total: int
    failures: int
    mean_iou: float
    seconds: float
    before: int


Progress: TypeAlias = bool | Callable[[RunProgress], object]
T = TypeVar("T")
_Parts: TypeAlias = Callable[[Sequence[Sequence[int]], Path | None], Generator[list[Outcome]]]


def run(
    store: Store,
    plan: Plan,
    *,
    again: bool,
    verify: bool,
    threads: int | None,
    progress: Progress,
    executor: Executor | None = None,
    job: Job | None = None,
) -> str:
    """Return the id of the finished run of a plan, run now if there is none.

    A `job` runs the images of its shard alone: the run has ended where those of all others are known by then,
    and else goes on with them.
    """
    again, verify = flag("again", again), flag("verify", verify)
    progress = checked_progress(progress)
    if job is not None:
        check_agreement(store, plan, job)
    of_each = 1 if threads is None else threads
    threads = num_threads(threads)
    if executor is not None:
        check_executor(executor)
    seen = trained_images(plan.model, plan.dataset)
    if seen or (plan.model.trained_on is not None and plan.dataset.images is None):
        warnings.warn(SegscoreWarning(trained_text(plan, seen)), stacklevel=4)
    # Also where there is such a run: its scores are not those of files that have changed.
    plan.dataset.check(verify=verify, threads=threads)
    plan.model.check(verify=verify, threads=threads)
    if (done := _ended(store, plan, again=again, job=job)) is not None:
        return done
    for part in (plan.dataset, plan.model):
        # Whatever else is read is compared while it is.
        part.check_loaded(threads=threads)
    with ExitStack() as running:
        # What cannot be run leaves no run behind.
        ready = Ready.of(plan, running, threads)
        gray = "" if ready.predictor is None else gray_text(plan, ready.predictor)
        if gray:
            warnings.warn(SegscoreWarning(f"{gray}\nhint: {GRAY_HINT}"), stacklevel=4)
        begun = _free(lambda: _begun(store, plan, again=again, job=job), wait=job is not None)
        if job is not None and isinstance(begun, Pending):
            try:
                begun = _after_shard(plan, ready, begun, job, threads=threads, progress=progress)
            except ReplacedError as error:
                raise _replaced(plan, error.path, threads) from None
        if isinstance(begun, str):
            return begun
        with begun:
            try:
                parts = (
                    partial(ready.parts, plan, threads=threads)
                    if executor is None
                    else partial(by_shards, executor, store, plan, ready=ready, threads=of_each)
                )
                outcomes = _all_outcomes(plan, ready, begun, parts, progress)
            except ReplacedError as error:
                empty(begun.folder)
                raise _replaced(plan, error.path, threads) from None
            try:
                evaluation = evaluation_of(plan, outcomes, {GRAY: gray} if gray else {})
            except EvaluationError:
                empty(begun.folder)  # There is nothing to go on with.
                raise
            for part in (plan.dataset, plan.model):
                if changed := part.changes(threads=threads):
                    empty(begun.folder)  # Nobody knows which images were read before the change.
                    raise part.changed(changed)
            tracebacks = first_tracebacks(outcomes)
            finish(store, begun, evaluation, trained_images=seen, tracebacks=tracebacks, threads=threads)
            for warning in doubts(plan.classes, evaluation):
                warnings.warn(SegscoreWarning(warning), stacklevel=4)
        # The run has ended, whatever comes of these; pages are imported where there is one to be shown.
        from segscore.workspace.runs.intervals import keep_at_end

        keep_at_end(store, begun.folder.name, evaluation, plan.dataset)
        return begun.folder.name


def _ended(store: Store, plan: Plan, *, again: bool, job: Job | None) -> str | None:
    """Return the id of the finished run of a plan, unless it is to be computed."""
    if job is not None:
        return job.ended(store, plan, again=again)
    return None if again else finished(store, plan.key, keep=plan.keep)


def _begun(store: Store, plan: Plan, *, again: bool, job: Job | None) -> Pending | str:
    """Return the run of a plan: one that was interrupted, else a new one; or the id of a finished one."""
    # Of several processes with the same plan one begins, and the others find what it began.
    with changing(store):
        if job is not None:
            check_agreement(store, plan, job)
        for folder in filter(is_unfinished, run_folders(store)):
            known = _known(plan, folder)
            if known is None or (begun := Pending.again(folder)) is None:
                continue
            changed = differences(known.get("environment", {}), environment())
            if not changed:
                return begun
            # Its images would not all have gone through the same.
            with begun:
                empty(folder)
            warnings.warn(
                SegscoreWarning(
                    f"run {folder.name} was begun with other versions: {changed}; it is begun anew"
                ),
                stacklevel=7,
            )
        # One that ended just now is found by what it has written.
        if (done := _ended(store, plan, again=again, job=job)) is not None:
            return done
        folder = store.path(KIND, next_id(store), VERSION).parent
        make_folder(folder)
        return Pending(folder, plan.about() | ({} if job is None else job.about))


def _known(plan: Plan, folder: Path) -> dict[str, Any] | None:
    """Return what is known of the run in a folder that has begun, if it is one of this plan."""
    try:
        known = pending.about(folder)
    except SegscoreError:
        return None  # Nobody can go on with it; `unfinished` says why.
    return known[0] if known is not None and known[0]["key"] == plan.key else None


def _all_outcomes(
    plan: Plan, ready: Ready, held: Pending, parts: _Parts, progress: Progress
) -> list[Outcome]:
    """Return the outcomes of all images, in their order; those that are new are kept.

    `parts` yields those of batches, whose predictions are kept in a folder, if there is one. If the first
    images fail and no other among them, there are no more.
    """
    kept = held.folder / PREDICTIONS if plan.keep else None
    if kept is None:
        # Before and not after, as it may be for lack of room that they are not kept any more.
        remove_predictions(held.folder / PREDICTIONS)
    else:
        remove_files(kept.rglob(".*.part"))  # what a killed process had not written to its end
    known = _known_outcomes(plan, held)
    batches = ready.batches(plan, known.keys())
    with _shown(progress, held.folder.name, known, plan, len(plan.dataset.names)) as show:
        _go_on(parts(batches, kept), held, known, show)
    return [known[i] for i in sorted(known)]


def _known_outcomes(plan: Plan, held: Pending) -> dict[int, Outcome]:
    """Return what is known of the images of a run; a prediction that is not there is made again."""
    names = plan.dataset.names
    known = held.outcomes(names, plan.classes, plan.measures)
    if not plan.keep:
        return known
    kept = held.folder / PREDICTIONS
    return {
        i: outcome
        for i, outcome in known.items()
        if outcome.counted.pairs is None or kept_prediction(kept, names[i]) is not None
    }


def _after_shard(
    plan: Plan, ready: Ready, begun: Pending, job: Job, *, threads: int, progress: Progress
) -> Pending | str:
    """Run the images of a shard, and return the run if all of its images are known then, else its id.

    Nobody holds the run meanwhile, so that other processes can run other shards.
    """
    folder = begun.folder
    with begun:
        begun.tell({"keep": plan.keep, **job.about})
        known = _known_outcomes(plan, begun)
    every = ready.batches(plan, ())
    own = ready.dealt(every, job.shards)[job.number - 1]
    if ready.parts_of(every) < min(job.shards, len(plan.dataset.names)):
        warnings.warn(SegscoreWarning(few_batches(plan, len(every), job.shards)), stacklevel=5)
    batches = [batch for batch in own if not all(i in known for i in batch)]
    fresh: list[Outcome] = []
    kept = folder / PREDICTIONS if plan.keep else None
    with _shown(progress, folder.name, {}, plan, sum(map(len, batches))) as show:
        for outcomes in ready.parts(plan, batches, kept, threads=threads):
            fresh += outcomes
            show(outcomes)
    again = _free(lambda: Pending.again(folder), wait=True)
    if again is None:
        if not has_ended(folder):
            raise WorkspaceError(
                f"run {folder.name} was removed while {job.said} was at work on it",
                "run the same shard again",
            )
        return folder.name
    with ExitStack() as held:
        held.enter_context(again)
        again.keep(fresh)
        if len(_known_outcomes(plan, again)) < len(plan.dataset.names):
            return folder.name
        held.pop_all()  # whoever is given the run ends it
    return again


def _free(get: Callable[[], T], *, wait: bool) -> T:
    """Return a run, once other jobs, which hold it for moments, have let it go; if they are waited for."""
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            return get()
        except WorkspaceError as error:
            if not wait or error.kind != "held" or time.monotonic() > end:
                raise
            time.sleep(_LOOK)


def _replaced(plan: Plan, path: str, threads: int) -> WorkspaceError:
    """Return the error for a file that does not hold what was registered, and for all others like it."""
    part = plan.model if path in plan.model.paths else plan.dataset
    return part.changed(part.changes(verify=True, threads=threads) or {path: CHANGED})


def _go_on(
    found: Generator[list[Outcome]],
    held: Pending,
    known: dict[int, Outcome],
    show: Callable[[Sequence[Outcome]], None],
) -> None:
    """Deal with the images that are not known yet, and add them to those that are, unless all fail."""
    fresh: list[Outcome] = []
    last = time.monotonic()
    with closing(found):
        try:
            for outcomes in found:
                fresh += outcomes
                new = [outcome for outcome in outcomes if outcome.index not in known]
                known |= {outcome.index: outcome for outcome in outcomes}
                if time.monotonic() - last > KEEP_EVERY:
                    held.keep(fresh)
                    fresh, last = [], time.monotonic()
                show(new)
                if len(known) >= _ABANDON and all(one.counted.pairs is None for one in known.values()):
                    return
        finally:
            if fresh:
                held.keep(fresh)


@contextmanager
def _shown(
    progress: Progress, name: str, known: Mapping[int, Outcome], plan: Plan, total: int
) -> Iterator[Callable[[Sequence[Outcome]], None]]:
    """Yield what is called with new outcomes, and shows how far the run is."""
    if progress is False:
        yield lambda _: None
        return
    begin, before = time.monotonic(), len(known)
    tally, done, failures = Tally(), 0, 0
    latest = -math.inf

    def add(outcomes: Iterable[Outcome]) -> None:
        nonlocal done, failures
        for outcome in outcomes:
            done += 1
            if outcome.counted.pairs is None:
                failures += 1
            else:
                tally.add(outcome.counted.pairs)

    def state() -> RunProgress:
        sums = totals(plan.classes, *tally.snapshot().columns())
        mean_iou = Scores(plan.classes, **sums._asdict(), images=done).mean_iou
        return RunProgress(name, done, total, failures, mean_iou, time.monotonic() - begin, before)

    def show(outcomes: Sequence[Outcome], tell: Callable[[RunProgress], object]) -> None:
        nonlocal latest
        add(outcomes)
        if done == total or time.monotonic() - latest > SHOW_EVERY:
            latest = time.monotonic()
            tell(state())

    add(known.values())
    if callable(progress):
        progress(state())
        yield partial(show, tell=progress)
        return
    with ShownProgress(total, before=before) as shown:
        of_pixels = plan.measures.of_pixels
        yield partial(
            show, tell=lambda now: shown(now.done, f"mean IoU {now.mean_iou:.4f}" if of_pixels else "")
        )
