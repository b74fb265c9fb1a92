"""`segscore dataset`: versions of datasets in a workspace."""

from typing import Annotated

import typer

from segscore.cli.inputs import opened_workspace
from segscore.cli.options import (
    CLASSES,
    AnyVersion,
    Dims,
    Groups,
    Ignore,
    InWorkspace,
    List,
    NewVersion,
    Progress,
    ReadWith,
    Threads,
    Verify,
    commands,
)
from segscore.cli.outcomes import reported, show
from segscore.cli.outputs import show_version
from segscore.cli.spelling import labels
from segscore.io.shapes import PLANES
from segscore.io.sources import number_or_path

app = commands("dataset", "Versions of datasets in a workspace.")


@app.command()
@reported
def add(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    targets: Annotated[str, typer.Option(help="Ground truth: a folder, a glob pattern, or annotations.")],
    classes: Annotated[str | None, typer.Option(help=f"{CLASSES} [default: those of annotations]")] = None,
    images: Annotated[
        str | None,
        typer.Option(
            help="Photographs: a folder, a glob pattern or a file; needed by all models but folders of "
            "predictions."
        ),
    ] = None,
    ignore: Ignore = None,
    version: NewVersion = None,
    groups: Groups = None,
    attributes: Annotated[
        str | None,
        typer.Option(metavar="FILE.csv", help="Facts about each image; its name is in column `name`."),
    ] = None,
    pairing: Annotated[
        str | None, typer.Option(metavar="PATTERN", help="How names differ: '{id}_leftImg8bit:{id}_gtFine'.")
    ] = None,
    list_: List = None,
    read: ReadWith = None,
    dims: Dims = PLANES,
    instances: Annotated[
        str | None,
        typer.Option(
            metavar="coco|ids|coco-panoptic",
            help="Objects: coco and coco-panoptic, where --targets is the JSON file of all images; or ids, "
            "where each number in a mask but 0 is one.",
        ),
    ] = None,
    threads: Threads = None,
    progress: Progress = True,
    workspace: InWorkspace = None,
) -> None:
    """Add a version of a dataset; it never changes."""
    made = opened_workspace(workspace).datasets.add(
        name,
        images=images,
        targets=targets,
        classes=None if classes is None else number_or_path(classes),
        ignore_index=labels(ignore),
        version=version,
        groups=groups,
        attributes=attributes,
        pairing=pairing,
        list=list_,
        read=read,
        dims=dims,  # type: ignore[arg-type]  # it is checked there
        instances=instances,  # type: ignore[arg-type]  # so is this
        threads=threads,
        progress=progress,
    )
    show(str(made))


@app.command("list")
@reported
def list_(workspace: InWorkspace = None) -> None:
    """List the datasets, and those of other projects that are linked."""
    show(str(opened_workspace(workspace).datasets))


@app.command("show")
@reported
def show_(
    dataset: AnyVersion, verify: Verify = False, threads: Threads = None, workspace: InWorkspace = None
) -> None:
    """Show what a version holds: its classes, groups, void and sizes."""
    show_version(opened_workspace(workspace).datasets[dataset], verify=verify, threads=threads)


@app.command()
@reported
def diff(
    a: Annotated[str, typer.Argument(metavar="NAME[:VERSION]")],
    b: Annotated[str, typer.Argument(metavar="NAME[:VERSION]")],
    workspace: InWorkspace = None,
) -> None:
    """Say what differs between two versions."""
    show(str(opened_workspace(workspace).datasets.diff(a, b)))


@app.command()
@reported
def link(
    other: Annotated[str, typer.Argument(metavar="DIR", help="The folder of the other workspace.")],
    name: Annotated[str, typer.Argument(help="The dataset in it.")],
    workspace: InWorkspace = None,
) -> None:
    """Use a dataset of another project; its new versions are seen here, too."""
    show(str(opened_workspace(workspace).link(other, name)))
