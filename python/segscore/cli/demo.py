"""`segscore demo`: a small dataset and two model versions, or a whole workspace, to try everything on."""

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from segscore.base.wording import visible
from segscore.cli import listings
from segscore.cli.outcomes import reported, say, show
from segscore.demo import REPORT, write_demo
from segscore.evaluation.evaluating import evaluate as evaluate_masks
from segscore.io.folders import whole
from segscore.results.summary import evaluation_text

_FOLDER = "segscore-demo"


@reported
def demo(
    folder: Annotated[
        Path | None,
        typer.Option(
            "--dir",
            metavar="DIR",
            help="Where to write; an earlier demo is written again, workspaces never are. "
            f"[default: {_FOLDER}, or {_FOLDER}-workspace]",
        ),
    ] = None,
    workspace: Annotated[
        bool,
        typer.Option(
            "--workspace",
            help="Make photographs, ONNX models, volumes and two workspaces, with runs for `segscore ui`.",
        ),
    ] = False,
) -> None:
    """Make a small dataset and two model versions, score both, and write a page of the second one."""
    if workspace:
        _workspaces(folder)
    else:
        _folders(Path(_FOLDER) if folder is None else folder)


def _folders(folder: Path) -> None:
    report = folder / REPORT
    with whole(folder):
        made = write_demo(folder)
        options: dict[str, Any] = {"target": str(made.target), "classes": made.classes}
        first = evaluate_masks(pred=str(made.v1), **options)
        second = evaluate_masks(pred=str(made.v2), **options)
        second.write_report(report)
    paths = ["--target", str(made.target), "--classes", str(made.classes)]
    command = shlex.join(["segscore", "evaluate", "--pred", str(made.v1), *paths])
    show(f"wrote {len(second.names)} made-up street masks and two model versions to {folder}")
    show(f"wrote a page about pred-v2, to be opened in a browser: {report}\n")
    show(listings.versions_text("pred-v1", first, "pred-v2", second))
    show("\npred-v2 in full:\n")
    show(evaluation_text(second, next_step=command))


def _workspaces(given: Path | None) -> None:
    from segscore.workspace.demo import FOLDER, STREETS, write_workspaces

    folder = Path(FOLDER) if given is None else given
    made = write_workspaces(folder)
    for text, hint in made.instead:
        say("note", text, hint)
    show(f"made two workspaces with photographs, models, volumes and runs in {visible(str(folder))}\n")
    show(f"{made.workspace.runs()}\n")
    show(f"next: {shlex.join(['segscore', 'ui', '--workspace', str(folder / STREETS)])}")
