"""`segscore explain`: what other tools make of the same counts."""

from typing import Annotated, Any

import typer

from segscore.base.naming import arg, args
from segscore.cli.inputs import given_evaluation
from segscore.cli.options import InWorkspace, Json, number
from segscore.cli.outcomes import reported, show
from segscore.cli.outputs import check_outputs, write_json
from segscore.errors import ArgumentError


@reported
def explain(
    saved: Annotated[
        str, typer.Argument(help="What `segscore evaluate --save` wrote, or a run such as r12.")
    ],
    surface_as: Annotated[
        str | None,
        typer.Option(
            metavar="TOOL", help="Show the distances that a tool, such as monai, makes of surfaces."
        ),
    ] = None,
    tolerance: Annotated[
        float | None,
        typer.Option(
            parser=number, metavar="DISTANCE", help="Of its surface Dice; else the first of the evaluation."
        ),
    ] = None,
    lesions_as: Annotated[
        str | None,
        typer.Option(
            metavar="RULE", help="Show what a challenge, such as brats-gli, makes of components of classes."
        ),
    ] = None,
    average_precision: Annotated[
        str | None,
        typer.Option(metavar="RULE", help="Show the average precision of coco, lvis, stardist or another."),
    ] = None,
    json: Json = None,
    workspace: InWorkspace = None,
) -> None:
    """Show one evaluation under the rules of many tools, and how each rule differs."""
    check_outputs({"json": json}, [saved])
    if tolerance is not None and surface_as is None:
        raise ArgumentError(
            f"{arg('tolerance')} is given without {arg('surface_as')}", "counts of pixels have no tolerance"
        )
    asked = {"surface_as": surface_as, "lesions_as": lesions_as, "average_precision": average_precision}
    several = [name for name, value in asked.items() if value is not None]
    if len(several) > 1:
        raise ArgumentError(f"{args(several)} cannot be given together", "one at a time")
    ev = given_evaluation(saved, workspace)[0]
    found: Any
    if surface_as is not None:
        found = ev.surface_as(surface_as, tolerance=tolerance)
    elif lesions_as is not None:
        found = ev.lesions_as(lesions_as)
    elif average_precision is not None:
        found = ev.shapes.average_precision_as(average_precision)
    else:
        found = ev.explain()
    if json != "-":
        show(str(found))
    if json is not None:
        write_json(json, found)
