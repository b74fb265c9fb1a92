"""`segscore explain`: what other tools make of the same counts."""

from typing import Annotated

import typer

from segscore.cli.inputs import given_evaluation
from segscore.cli.options import InWorkspace, Json
from segscore.cli.outcomes import reported, show
from segscore.cli.outputs import check_outputs, write_json


@reported
def explain(
    saved: Annotated[
        str, typer.Argument(help="What `segscore evaluate --save` wrote, or a run such as r12.")
    ],
    json: Json = None,
    workspace: InWorkspace = None,
) -> None:
    """Show one evaluation under the rules of many tools, and how each rule differs."""
    check_outputs({"json": json}, [saved])
    found = given_evaluation(saved, workspace)[0].explain()
    if json != "-":
        show(str(found))
    if json is not None:
        write_json(json, found)
