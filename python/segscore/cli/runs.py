"""`segscore runs`, `show`, `note` and `rm`: what was run in a workspace."""

from typing import Annotated

import typer

from segscore.cli.inputs import opened_workspace
from segscore.cli.options import InWorkspace, OfDataset, OfModel, Thumbnails
from segscore.cli.outcomes import reported, show
from segscore.cli.outputs import check_outputs, run_page, show_written
from segscore.pages.options import THUMBNAILS
from segscore.workspace.runs.folders import unfinished_text
from segscore.workspace.runs_text import runs_text

RunId = Annotated[str, typer.Argument(metavar="RUN", help="Such as r12; `segscore runs` lists them.")]


@reported
def runs(
    model: OfModel = None,
    dataset: OfDataset = None,
    tag: Annotated[
        list[str] | None,
        typer.Option(help="Only runs with this tag; of several, with all of them."),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(help="What to show, such as mean_dice or iou.car; may be given several times."),
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option(
            metavar="METRIC",
            help="The best first, of runs that can be the best in --grid. [default: the oldest first]",
        ),
    ] = None,
    grid: Annotated[
        bool, typer.Option("--grid", help="A table of models against datasets, the best marked.")
    ] = False,
    workspace: InWorkspace = None,
) -> None:
    """List what was run, and what was interrupted."""
    ws = opened_workspace(workspace)
    found = ws.runs(model=model, dataset=dataset, tag=tag or None, sort=sort)
    shown = metric or ([sort] if sort else [])
    if grid:
        show("\n\n".join(str(found.grid(name)) for name in shown or [found.main]))
        return
    for name in shown:
        found.check(name)
    show(runs_text(found, metrics=shown))
    unfinished = unfinished_text(ws.unfinished())
    if unfinished:
        show(f"\n{unfinished}")


@reported
def show_(run: RunId, workspace: InWorkspace = None) -> None:
    """Show what a run was made of, and its scores."""
    show(run_page(opened_workspace(workspace), run))


@reported
def report(
    run: RunId,
    file: Annotated[
        str | None, typer.Argument(metavar="FILE", help="Where the page is written. [default: RUN.html]")
    ] = None,
    thumbnails: Thumbnails = None,
    workspace: InWorkspace = None,
) -> None:
    """Write the report of a run: one HTML file that needs nothing else."""
    path = f"{run}.html" if file is None else file
    check_outputs({"file": path})
    number = THUMBNAILS if thumbnails is None else thumbnails
    opened_workspace(workspace).write_report(run, path, thumbnails=number)
    show_written(path)


@reported
def note(
    run: RunId,
    text: Annotated[str, typer.Argument(help="In place of an earlier note; '' removes it.")],
    workspace: InWorkspace = None,
) -> None:
    """Write what is to be said about a run."""
    opened_workspace(workspace).note(run, text)


@reported
def tag(
    run: RunId,
    tags: Annotated[list[str], typer.Argument(metavar="TAG…", help="Such as baseline.")],
    remove: Annotated[bool, typer.Option("--remove", help="Remove them instead.")] = False,
    workspace: InWorkspace = None,
) -> None:
    """Add tags to a run, or remove them; `segscore runs --tag` finds it by them."""
    ws = opened_workspace(workspace)
    (ws.untag if remove else ws.tag)(run, *tags)


@reported
def rm(
    runs: Annotated[list[str], typer.Argument(metavar="RUN…", help="Such as r12.")],
    workspace: InWorkspace = None,
) -> None:
    """Remove runs, finished or not, with their predictions; a number is never given again."""
    ws = opened_workspace(workspace)
    for run in runs:
        ws.check_run(run)  # One that is wrong removes none of the others.
    for run in dict.fromkeys(runs):
        ws.remove(run)
        show(f"run {run} removed")
