"""The command line: the only part that prints.

What is scored, rendered or written is decided elsewhere; here arguments become calls, and outcomes
become exit codes. Each command has a file of its own and is added to `app` below.
"""

import io
import os
import sys
from typing import Annotated

import typer

from segscore._core import __version__
from segscore.cli import (
    audit,
    classes,
    compare,
    dataset,
    demo,
    evaluate,
    explain,
    export,
    model,
    run,
    runs,
    ui,
    workspace,
)
from segscore.cli.options import commands
from segscore.cli.outcomes import BAD_INPUT, drop_output, say

app = commands("segscore", "Scores segmentation models: IoU, mean IoU, Dice and more, from folders of masks.")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"segscore {__version__}")
        raise typer.Exit


@app.callback()
def _segscore(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


app.command()(evaluate.evaluate)
app.command()(compare.compare)
app.command()(explain.explain)
app.command()(audit.audit)
app.command()(classes.classes)
app.command()(demo.demo)
app.command()(workspace.init)
app.add_typer(dataset.app)
app.add_typer(model.app)
app.command()(run.run)
app.command()(runs.runs)
app.command("show")(runs.show_)
app.command()(runs.report)
app.command()(runs.note)
app.command()(runs.rm)
app.command()(export.export)
app.command()(workspace.reindex)
app.command()(ui.ui)


def main() -> None:
    """Run the command line."""
    if sys.stdout is None:
        # Whoever closed it does not want to read anything.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - open until the end
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A character that the terminal cannot show is no reason to show nothing.
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except OSError as error:
        drop_output()
        say("error", f"standard output cannot be written: {error.strerror or error}")
        sys.exit(BAD_INPUT)
