"""`segscore run`: models on datasets of a workspace."""

from functools import partial
from typing import Annotated, Any

import typer

from segscore.base.naming import arg
from segscore.base.wording import many
from segscore.cli.inputs import opened_workspace
from segscore.cli.options import (
    InWorkspace,
    Progress,
    Resize,
    Threads,
    integer,
    shard_of,
    shard_option,
    with_options,
)
from segscore.cli.outcomes import BAD_INPUT, reported, say, show
from segscore.cli.outputs import run_page
from segscore.counts.failures import failure_lines, skips
from segscore.counts.measure_texts import MEASURES, measures_read
from segscore.errors import ArgumentError, SegscoreError
from segscore.workspace import Run, Runs, Unfinished, Workspace
from segscore.workspace.runs.plans import lacking_photographs, needs_photographs
from segscore.workspace.runs_text import runs_text


@with_options(MEASURES)
@reported
def run(
    models: Annotated[
        list[str] | None, typer.Argument(metavar="MODEL[:VERSION]…", help="The latest version by default.")
    ] = None,
    on: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DATASET[:VERSION]", help="The latest version by default; may be given several times."
        ),
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="All models where none is named, on all datasets where none is.")
    ] = False,
    again: Annotated[
        bool,
        typer.Option(
            "--again",
            help="Compute it although there is such a run; also where versions of packages have changed.",
        ),
    ] = False,
    keep_predictions: Annotated[
        bool, typer.Option(help="Keep a mask for each image in the workspace.")
    ] = True,
    on_error: Annotated[
        str,
        typer.Option(
            metavar="raise|skip",
            help="End with exit code 2 if images cannot be scored, or 0; the others are scored.",
        ),
    ] = "raise",
    resize: Resize = None,
    batch: Annotated[
        int | None, integer("Images at once. [default: 1; 8 for functions that take several]")
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read all files before, to see if any has changed.")
    ] = False,
    threads: Threads = None,
    progress: Progress = True,
    shard: Annotated[
        str | None,
        shard_option(
            "Run on the K-th of N shares of the images alone, such as $SLURM_ARRAY_TASK_ID/16; the last "
            "share ends the run."
        ),
    ] = None,
    after: Annotated[
        str | None,
        typer.Option(
            metavar="RUN",
            help="With --shard, to compute anew: the latest finished run, such as r12, after which it comes.",
        ),
    ] = None,
    workspace: InWorkspace = None,
    **measures: str | bool | None,
) -> None:
    """Run models on datasets, and keep what comes out.

    What was interrupted goes on where it stopped; what was run before is not run again, unless something else
    is measured.
    """
    skip, shapes = skips(on_error), measures_read(measures)
    number = None if shard is None else shard_of(shard)
    if after is not None and number is None:
        raise ArgumentError(
            f"{arg('after')} needs {arg('shard')}", f"{arg('again', True)} computes a run anew"
        )
    ws = opened_workspace(workspace)
    pairs = _pairs(ws, models or [], on or [], every=every)
    once = partial(
        ws.run if number is None else partial(_shard_of_run, ws, *number, after=after),
        resize=resize,  # type: ignore[arg-type]  # it is checked there
        batch=batch,
        again=again,
        keep_predictions=keep_predictions,
        verify=verify,
        threads=threads,
        progress=progress,
        **shapes,
    )
    known = {one.id for one in ws.runs()}
    done: list[Run] = []
    failed, incomplete = 0, False
    for model, dataset in pairs:
        try:
            found = once(model, dataset)
        except SegscoreError as error:
            if len(pairs) == 1:
                raise
            # One that fails takes none of the others with it.
            failed += 1
            say("error", f"{model} on {dataset}: {error.message}", error.hint)
        except KeyboardInterrupt:
            if done:
                show(runs_text(done))
            for left in ws.unfinished():
                if (left.model, left.dataset) == (model, dataset) and left.problem is None:
                    of = f"{left.done:,} of {many(left.total, 'image')}"
                    say("kept", f"run {left.id}: {model} on {dataset}, {of}", "run the same to go on with it")
            raise
        else:
            if isinstance(found, Unfinished):
                of = f"{found.done:,} of {many(found.total, 'image')} are done"
                show(f"run {found.id}: {of}; the last shard ends it")
                continue
            done.append(found)
            anew = "`--again`" if number is None else f"`--after {found.id}` of all shards"
            _say_what_to_know(found, known, skip=skip, anew=anew)
            incomplete |= found.failures > 0
    if len(pairs) == 1 and done:
        show(run_page(ws, done[0].id))
    elif done or number is None:
        show(runs_text(done))
        show(f"\n{Runs(done).grid()}")
    if failed:
        say("error", f"{failed} of {len(pairs)} runs failed")
    if failed or (incomplete and not skip):
        raise typer.Exit(BAD_INPUT)


def _shard_of_run(
    ws: Workspace, number: int, shards: int, model: str, dataset: str, **options: Any
) -> Run | Unfinished:
    return ws.run_shard(model, dataset, number, shards, **options)


def _say_what_to_know(made: Run, known: set[str], *, skip: bool, anew: str) -> None:
    """Say what the scores of a run do not show."""
    what = f"{made.id}: {made.model} on {made.dataset}"
    if made.id in known:
        say("note", f"{what} was run before, and ended {made.ended}", f"{anew} computes it anew")
    if made.failures:
        of = many(made.images + made.failures, "image")
        lines = failure_lines(made.evaluation.failures, f", as `segscore show {made.id}` says")
        say(
            "warning" if skip else "error",
            "\n  ".join([f"{what}: {made.failures:,} of {of} could not be scored:", *lines]),
            f"its scores are those of the {many(made.images, 'other')}; {anew} tries all of them again"
            + ("" if skip else ", `--on-error skip` leaves these out with exit code 0"),
        )


def _pairs(ws: Workspace, models: list[str], on: list[str], *, every: bool) -> list[tuple[str, str]]:
    if every:
        models, on = models or list(ws.models), on or list(ws.datasets)
    for name, given, known in (("model", models, ws.models), ("dataset", on, ws.datasets)):
        if not given:
            there = ", ".join(known) or "none"
            where = "as an argument" if name == "model" else "with `--on`"
            raise ArgumentError(
                f"there is no {name} to run" if every else f"no {name} is named",
                f"add one with `segscore {name} add`"
                if every
                else f"name one {where} ({there}), or all with `--all`",
            )
    # A name that is wrong is found before the first run and not after it; one version has several names.
    versions = {one.reference: one for one in map(ws.models.__getitem__, models)}
    datasets = {one.reference: one for one in map(ws.datasets.__getitem__, on)}
    pairs = [(model, dataset) for dataset in datasets for model in versions]
    lacking = {
        name: lacking_photographs(there=one.images is not None, dims=one.dims)
        for name, one in datasets.items()
    }
    blind = [
        (model, dataset)
        for model, dataset in pairs
        if every and lacking[dataset] and needs_photographs(versions[model])
    ]
    if len(blind) == len(pairs):
        return pairs  # each of which says why it cannot be run
    for model, dataset in blind:
        why = f"the model needs photographs, and the dataset {lacking[dataset]}"
        say("note", f"{model} on {dataset} left out: {why}")
    return [pair for pair in pairs if pair not in blind]
