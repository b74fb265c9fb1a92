"""What jobs agree on that run shards of one run: none of them sees another, and the last one ends it.

The first one says it in the folder of the run; all others are refused before any work if they differ.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from segscore.base.naming import arg, by_face
from segscore.base.wording import many
from segscore.errors import ArgumentError, SegscoreError
from segscore.workspace.runs import pending
from segscore.workspace.runs.environment import differences, environment
from segscore.workspace.runs.finishing import finished
from segscore.workspace.runs.folders import KIND, id_number, is_unfinished, run_folders
from segscore.workspace.runs.plans import MEASURES, Plan, measures_of
from segscore.workspace.runs.run import run_of
from segscore.workspace.store.store import Store


@dataclass(frozen=True)
class Job:
    """A job that runs one shard of a run."""

    number: int
    """Of the shard, from 1."""
    shards: int
    after: str | None = None
    """A finished run of the same; the one of this job is a later one."""

    @property
    def said(self) -> str:
        """What messages call its shard."""
        return f"shard {self.number:,} of {self.shards:,}"

    @property
    def about(self) -> dict[str, Any]:
        """What is known of a run that it begins, beside what its plan says."""
        return {"shards": self.shards, "after": self.after}

    def ended(self, store: Store, plan: Plan, *, again: bool) -> str | None:
        """Return the id of the run that is asked for, if it has ended; None if it is to begin or to go on.

        A job that is tried again after the end would begin another run, and never end it: with `again`,
        nobody can tell it from the first of others, so that it is refused.
        """
        going = [known for _, known in _known(store) if known["key"] == plan.key]
        if any(known.get("shards") is not None for known in going):
            return None  # with which it agrees, as it was looked at before
        done = finished(store, plan.key, keep=plan.keep)
        of = f"{plan.model.reference} on {plan.dataset.reference}"
        if self.after is not None:
            _check_after(store, plan, self.after, done)
            if done is None or id_number(self.after) > id_number(done):
                raise ArgumentError(
                    f"{arg('after')} is {self.after}, and there is no such finished run of {of}",
                    "leave it out for the first run of these"
                    if done is None
                    else f"the latest one is {done}",
                )
            return None if done == self.after else done
        if not again:
            return done
        if done is None or going:
            return None
        raise ArgumentError(
            f"run {done} of {of} has ended, and with {arg('again', True)} this shard would begin another one",
            f"leave {arg('again', True)} out to be given run {done}; {arg('after', done)} of all shards "
            "computes it anew",
        )


def _check_after(store: Store, plan: Plan, after: str, done: str | None) -> None:
    """Raise ArgumentError if a job is to come after a finished run of its model and dataset that differs.

    `done` is the latest finished run that does not, if there is one.
    """
    row = next((row for row in store.rows(KIND) if row.name == after), None)
    if row is None:
        return
    run = run_of(store, row)
    if (run.model, run.dataset) != (plan.model.reference, plan.dataset.reference):
        return
    names = sorted({*run.options, *plan.options} - {MEASURES})
    keeps = run.predictions is not None or not plan.keep  # kept ones are in nobody's way
    theirs = _switch("keep_predictions", on=keeps), *_options_said(run.options, names)
    had, has = _unlike(theirs, (_switch("keep_predictions", on=True), *_options_said(plan.options, names)))
    if had:
        raise ArgumentError(
            f"{arg('after')} is {after}, which was run with {had}, and this shard is with {has}",
            f"give all shards the options of {after}; for others, "
            + (f"leave {arg('after')} out" if done is None else f"the latest run is {done}"),
        )


def _known(store: Store) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the id of each run that has begun and not ended, and what it is."""
    for folder in filter(is_unfinished, run_folders(store)):
        try:
            known = pending.about(folder)
        except SegscoreError:
            continue  # nobody can go on with it
        if known is not None:
            yield folder.name, known[0]


def check_agreement(store: Store, plan: Plan, job: Job) -> None:
    """Raise ArgumentError if other jobs have begun a run of this model and dataset, and this one differs."""
    ours = plan.about() | job.about
    for name, theirs in _known(store):
        if theirs.get("shards") is None or any(theirs[kind] != ours[kind] for kind in ("model", "dataset")):
            continue
        names = sorted({*theirs["options"], *ours["options"]} - {MEASURES})
        had, has = _unlike(_said(theirs, names), _said(ours, names))
        changed = differences(theirs.get("environment", {}), environment())
        if not had and not changed:
            continue
        said = [f"with {had}, and this one is with {has}"] * bool(had) + [f"under {changed}"] * bool(changed)
        raise ArgumentError(
            f"run {name} of {plan.model.reference} on {plan.dataset.reference} was begun by other shards "
            f"{', '.join(said)}",
            f"give all shards of a run the same options and versions; for another run, let {name} end first, "
            f"or remove it: `segscore rm {name}`",
        )


def _said(about: Mapping[str, Any], names: Iterable[str]) -> tuple[str, ...]:
    """Return what shards of a run have in common, in words, in an order that is always the same."""
    return (
        many(about["shards"], "shard"),
        _switch("keep_predictions", on=about["keep"]),
        _given("after", about["after"]),
        *_options_said(about["options"], names),
    )


def _options_said(options: Mapping[str, Any], names: Iterable[str]) -> tuple[str, ...]:
    """Return options of these names in words, and what is measured."""
    return (
        *(_given(name, options.get(name)) for name in names),
        f"measures of {measures_of(options).said}",
    )


def _unlike(one: Sequence[str], other: Sequence[str]) -> tuple[str, str]:
    """Return where two differ, as each says it; empty texts if they are the same."""
    pairs = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
    return " and ".join(pair[0] for pair in pairs), " and ".join(pair[1] for pair in pairs)


def _given(name: str, value: object) -> str:
    return f"no {arg(name)}" if value is None else arg(name, value)


def _switch(name: str, *, on: bool) -> str:
    spelled = name.replace("_", "-")
    return by_face(arg(name, on), command_line=f"`--{'' if on else 'no-'}{spelled}`")


def few_batches(plan: Plan, batches: int, shards: int) -> str:
    """Return the sentence that says how many shards have no images, as batches stay whole."""
    have = "has" if shards - batches == 1 else "have"
    return (
        f"{many(len(plan.dataset.names), 'image')} go in {many(batches, 'batch')}, which stay whole: "
        f"{shards - batches:,} of {shards:,} shards {have} none\n"
        f"hint: give all shards a smaller {arg('batch')}, or make fewer"
    )
