"""`segscore ui`: the local application."""

import os
import webbrowser
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from segscore.base.wording import visible
from segscore.cli.inputs import opened_workspace
from segscore.cli.options import InWorkspace, integer
from segscore.cli.outcomes import reported, say, show
from segscore.errors import ArgumentError, WorkspaceError

if TYPE_CHECKING:
    from segscore.workspace import Workspace


def _workspace(given: str | None) -> "Workspace":
    """Return the workspace to show: that of the demo, if it was made here, where nothing else is meant."""
    from segscore.workspace.demo import FOLDER, STREETS
    from segscore.workspace.workspace import VARIABLE, Workspace

    of_demo = os.path.join(FOLDER, STREETS)
    try:
        return opened_workspace(given)
    except WorkspaceError:
        if given is not None or os.environ.get(VARIABLE) or not os.path.isdir(of_demo):
            raise
    say("note", "no workspace is in this folder or above it, so this is the one that the demo has made")
    return Workspace(of_demo)


@reported
def ui(
    port: Annotated[
        int | None,
        integer("Where to listen; 0 for any that is free. [default: 8571, or any where that is taken]"),
    ] = None,
    browser: Annotated[
        bool,
        typer.Option("--browser/--no-browser", help="Open the browser, where somebody sits at this machine."),
    ] = True,
    workspace: InWorkspace = None,
) -> None:
    """Evaluate and compare models of a workspace in a browser.

    It is for this machine alone: it listens on 127.0.0.1, and lets in who has the address that it prints.
    """
    from segscore.app.server import Application, first_page, on_a_desktop

    found = _workspace(workspace)
    try:
        application = Application.of(found, port)
    except ArgumentError as error:
        if isinstance(error.__cause__, PermissionError):
            hint = "this user may not: name a port from 1024 on with `--port`, or 0 for any that is free"
            raise ArgumentError(error.message, hint) from error
        raise
    show(f"segscore shows the workspace in {visible(str(found.path))} at")
    show(f"\n  {application.address}\n")
    show("This address lets whoever has it in. Ctrl-C ends it; what a run has done so far is kept.")
    with first_page(application.address) if browser and on_a_desktop() else nullcontext() as first:
        running = application.serve(None if first is None else lambda: webbrowser.open(first))
    show("")
    if running is not None:
        say(
            "kept",
            f"run {running.run}: {running.done:,} of {running.total:,} images"
            if running.run is not None
            else "a job was ended before its run began",
            "it can go on: start `segscore ui` again, or run the same with `segscore run`",
        )
    show("ended")
