"""`segscore demo`: a small dataset and two model versions to try everything on."""

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from segscore.cli import listings
from segscore.cli.outcomes import reported, show
from segscore.demo import REPORT, write_demo
from segscore.evaluation.evaluating import evaluate as evaluate_masks
from segscore.results.summary import evaluation_text


@reported
def demo(
    folder: Annotated[
        Path, typer.Option("--dir", metavar="DIR", help="Where to write; an earlier demo is written again.")
    ] = Path("segscore-demo"),
) -> None:
    """Make a small dataset and two model versions, score both, and write a page of the second one."""
    made = write_demo(folder)
    options: dict[str, Any] = {"target": str(made.target), "classes": made.classes}
    first = evaluate_masks(pred=str(made.v1), **options)
    second = evaluate_masks(pred=str(made.v2), **options)
    report = folder / REPORT
    second.write_report(report)
    paths = ["--target", str(made.target), "--classes", str(made.classes)]
    command = shlex.join(["segscore", "evaluate", "--pred", str(made.v1), *paths])
    show(f"wrote {len(second.names)} made-up street masks and two model versions to {folder}")
    show(f"wrote a page about pred-v2, to be opened in a browser: {report}\n")
    show(listings.versions_text("pred-v1", first, "pred-v2", second))
    show("\npred-v2 in full:\n")
    show(evaluation_text(second, next_step=command))
