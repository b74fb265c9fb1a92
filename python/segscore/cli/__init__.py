"""The command line: the only part that prints.

What is scored, rendered or written is decided elsewhere; here arguments become calls, and outcomes
become exit codes. Each command has a file of its own, named below, which is imported when it is called.
"""

import io
import os
import sys
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_command

from segscore._core import __version__
from segscore.cli.options import commands
from segscore.cli.outcomes import BAD_INPUT, INTERRUPTED, Stream, drop, say, say_interrupted

_HOMES = {
    "evaluate": "evaluate.evaluate",
    "merge": "merge.merge",
    "compare": "compare.compare",
    "explain": "explain.explain",
    "audit": "audit.audit",
    "classes": "classes.classes",
    "convert": "convert.convert",
    "demo": "demo.demo",
    "init": "workspace.init",
    "run": "run.run",
    "runs": "runs.runs",
    "show": "runs.show_",
    "report": "runs.report",
    "note": "runs.note",
    "tag": "runs.tag",
    "rm": "runs.rm",
    "export": "export.export",
    "reindex": "workspace.reindex",
    "ui": "ui.ui",
    "dataset": "dataset.app",
    "model": "model.app",
}
"""The commands in the order of the help, and where each is: a function, or an application with its own."""


class _Commands(TyperGroup):
    """Imports a command that is called; all of them to list them, or to propose another one."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - they are the same anywhere
        """Return the names of all commands."""
        return list(_HOMES)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Return the command of a name, or None."""
        for name in [cmd_name] if cmd_name in _HOMES else _HOMES:
            if name not in self.commands:
                self.commands[name] = _command(name)
        return self.commands.get(cmd_name)

    def invoke(self, ctx: Any) -> Any:
        """Call a command; an interrupt while it is imported is said, which typer does not."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            say_interrupted()
            raise typer.Exit(INTERRUPTED) from None


def _command(name: str) -> Any:
    module, _, attribute = _HOMES[name].partition(".")
    found = getattr(import_module(f"segscore.cli.{module}"), attribute)
    if isinstance(found, typer.Typer):
        return get_command(found)
    alone = commands(name, "")
    alone.command(name)(found)
    return get_command(alone)


app = commands(
    "segscore",
    "Scores segmentation models: IoU, mean IoU, Dice and more, from folders of masks.",
    cls=_Commands,
)


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


def main() -> None:
    """Run the command line."""
    if sys.stdout is None:
        # Whoever closed it does not want to read anything.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - open until the end
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout = Stream(sys.stdout, BrokenPipeError)
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr = Stream(sys.stderr, OSError)
    try:
        if "_SEGSCORE_COMPLETE" in os.environ:
            # Shells ask for what may come next, or for what makes them ask.
            import_module("typer.completion").completion_init()
        try:
            app()
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        say_interrupted()
        sys.exit(INTERRUPTED)
    except OSError as error:
        drop(sys.stdout)
        say("error", f"standard output cannot be written: {error.strerror or error}")
        sys.exit(BAD_INPUT)
