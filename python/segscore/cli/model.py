"""`segscore model`: versions of models in a workspace."""

from typing import Annotated

import typer

from segscore.cli.inputs import opened_workspace
from segscore.cli.options import (
    AnyVersion,
    InWorkspace,
    NewVersion,
    Threads,
    Verify,
    commands,
    with_options,
)
from segscore.cli.outcomes import reported, show
from segscore.cli.outputs import show_version
from segscore.predict.options import OPTIONS
from segscore.text.option import values_of

app = commands("model", "Versions of models in a workspace.")


@app.command()
@with_options(OPTIONS)
@reported
def add(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    onnx: Annotated[str | None, typer.Option(metavar="FILE", help="An ONNX file.")] = None,
    python: Annotated[
        str | None,
        typer.Option(metavar="MODULE:FUNCTION", help="A function from an image to labels or logits."),
    ] = None,
    predictions: Annotated[
        str | None, typer.Option(metavar="DIR", help="Masks that a model has made.")
    ] = None,
    files: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE", help="What the function reads, such as weights; may be given several times."
        ),
    ] = None,
    version: NewVersion = None,
    trained_on: Annotated[
        str | None, typer.Option(metavar="DATASET[:V]|DIR", help="What it was trained on.")
    ] = None,
    threads: Threads = None,
    workspace: InWorkspace = None,
    **options: str | None,
) -> None:
    """Add a version of a model; it never changes.

    An ONNX model is tried once on a made-up image, and refused if it can never run; functions are not run.
    Of a function its own file and those of --files are known; where anything else changes that it reads,
    run it with --again.
    """
    read = values_of(OPTIONS, options)  # what is wrong with them is so in any workspace
    made = opened_workspace(workspace).models.add(
        name,
        onnx=onnx,
        python=python,
        predictions=predictions,
        files=files or None,
        version=version,
        options=read,
        trained_on=trained_on,
        threads=threads,
    )
    show(str(made))


@app.command("list")
@reported
def list_(workspace: InWorkspace = None) -> None:
    """List the models."""
    show(str(opened_workspace(workspace).models))


@app.command("show")
@reported
def show_(
    model: AnyVersion, verify: Verify = False, threads: Threads = None, workspace: InWorkspace = None
) -> None:
    """Show what a version is: its files, its options, and what it was trained on."""
    show_version(opened_workspace(workspace).models[model], verify=verify, threads=threads)
