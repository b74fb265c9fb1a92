"""`segscore explain`: what other tools make of the same counts."""

from pathlib import Path
from typing import Annotated

import typer

from segscore.cli.inputs import saved_evaluation
from segscore.cli.outcomes import reported, show
from segscore.cli.outputs import check_outputs, write_json


@reported
def explain(
    saved: Annotated[Path, typer.Argument(help="What `segscore evaluate --save` wrote.")],
    json: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write all numbers as JSON; - for standard output.")
    ] = None,
) -> None:
    """Show one evaluation under the rules of many tools, and how each rule differs."""
    check_outputs({"json": json})
    found = saved_evaluation(str(saved)).explain()
    if json != "-":
        show(str(found))
    if json is not None:
        write_json(json, found)
