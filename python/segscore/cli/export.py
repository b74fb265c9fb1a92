"""`segscore export`: the runs of a workspace as a table for other programs."""

from typing import Annotated

import typer

from segscore.base.wording import many, visible
from segscore.cli.inputs import opened_workspace
from segscore.cli.options import InWorkspace, OfDataset, OfModel
from segscore.cli.outcomes import reported, show
from segscore.cli.outputs import check_outputs
from segscore.errors import ArgumentError
from segscore.io.writing import write_file
from segscore.text.frames import table_format


@reported
def export(
    file: Annotated[str, typer.Argument(metavar="FILE", help="It ends in .json, .csv or .parquet.")],
    model: OfModel = None,
    dataset: OfDataset = None,
    images: Annotated[bool, typer.Option("--images", help="A row an image, not a row a run.")] = False,
    objects: Annotated[
        bool, typer.Option("--objects", help="A row an object, of runs that tell objects apart.")
    ] = False,
    workspace: InWorkspace = None,
) -> None:
    """Write the runs, the scores of all their images, or what became of all their objects, to a file."""
    made = table_format(file)
    check_outputs({"table": file})
    found = opened_workspace(workspace).runs(model=model, dataset=dataset)
    if not found:
        raise ArgumentError("there is no such run to export", "`segscore runs` lists those that there are")
    columns = found.columns(images=images, objects=objects)
    write_file(file, made(columns))
    show(f"{many(len(columns['run']), 'row')} of {many(len(columns), 'column')} written to {visible(file)}")
