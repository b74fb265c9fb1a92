"""`segscore explain`: what other tools make of the same counts."""

from pathlib import Path
from typing import Annotated

import typer

from segscore.atomic import write_file
from segscore.cli.inputs import saved_evaluation
from segscore.cli.outcomes import reported, show
from segscore.cli.outputs import check_outputs
from segscore.render.json import to_json


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
    plain = to_json(found.to_dict())
    if json == "-":
        show(plain)
        return
    show(str(found))
    if json is not None:
        write_file(json, f"{plain}\n".encode())
