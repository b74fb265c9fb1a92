"""`segscore init` and `segscore reindex`: the workspace itself."""

from typing import Annotated

import typer

from segscore.base.wording import many, visible
from segscore.cli.inputs import opened_workspace
from segscore.cli.options import InWorkspace
from segscore.cli.outcomes import reported, show
from segscore.workspace import Workspace


@reported
def init(
    folder: Annotated[str, typer.Argument(help="The folder; it is made if it is not there.")] = ".",
) -> None:
    """Make a workspace, which keeps versions of datasets and models in a folder .segscore."""
    made = Workspace.init(folder)
    show(f"workspace made in {visible(str(made.path))}")
    show("next: `segscore dataset add NAME --images DIR --targets DIR --classes NAME|FILE.toml`")


@reported
def reindex(workspace: InWorkspace = None) -> None:
    """Build the index of the workspace anew from its files."""
    found = opened_workspace(workspace)
    number = found.reindex()
    runs = len(found.runs())
    show(f"{many(number - runs, 'version')} of datasets and models, {many(runs, 'run')}")
