"""`segscore model`: versions of models in a workspace."""

from typing import Annotated, Any

import typer

from segscore.cli.inputs import opened_workspace
from segscore.cli.options import InWorkspace, NewVersion, Threads, commands
from segscore.cli.outcomes import reported, show
from segscore.errors import ArgumentError

app = commands("model", "Versions of models in a workspace.")


@app.command()
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
    version: NewVersion = None,
    mean: Annotated[str | None, typer.Option(metavar="R,G,B", help="What is taken from the input.")] = None,
    std: Annotated[str | None, typer.Option(metavar="R,G,B", help="What the input is divided by.")] = None,
    scale: Annotated[float | None, typer.Option(help="What the input is multiplied by first.")] = None,
    size: Annotated[str | None, typer.Option(metavar="HEIGHT,WIDTH", help="The size of the input.")] = None,
    channels: Annotated[str | None, typer.Option(metavar="rgb|bgr", help="The order of channels.")] = None,
    layout: Annotated[str | None, typer.Option(metavar="nchw|nhwc", help="The order of axes.")] = None,
    trained_on: Annotated[
        str | None, typer.Option(metavar="DATASET[:V]|DIR", help="What it was trained on.")
    ] = None,
    threads: Threads = None,
    workspace: InWorkspace = None,
) -> None:
    """Add a version of a model; it never changes, and is not run yet."""
    options: dict[str, Any] = {
        "mean": _numbers("mean", mean, (1, 3)),
        "std": _numbers("std", std, (1, 3)),
        "scale": scale,
        "size": _numbers("size", size, (2,)),
        "channels": _one_of("channels", channels, ("rgb", "bgr")),
        "layout": _one_of("layout", layout, ("nchw", "nhwc")),
    }
    made = opened_workspace(workspace).models.add(
        name,
        onnx=onnx,
        python=python,
        predictions=predictions,
        version=version,
        options={key: value for key, value in options.items() if value is not None},
        trained_on=trained_on,
        threads=threads,
    )
    show(str(made))


@app.command("list")
@reported
def list_(workspace: InWorkspace = None) -> None:
    """List the models."""
    show(str(opened_workspace(workspace).models))


def _numbers(name: str, text: str | None, lengths: tuple[int, ...]) -> list[float] | None:
    if text is None:
        return None
    try:
        found = [int(part) if name == "size" else float(part) for part in text.split(",")]
    except ValueError:
        found = []
    if len(found) not in lengths:
        expected = " or ".join(map(str, lengths))
        raise ArgumentError(
            f"`--{name}` is {text!r}, expected {expected} numbers",
            "write 512,1024" if name == "size" else "write 0.485,0.456,0.406",
        )
    return found


def _one_of(name: str, value: str | None, allowed: tuple[str, str]) -> str | None:
    if value is not None and value not in allowed:
        raise ArgumentError(f"`--{name}` is {value!r}", f"it is {allowed[0]} or {allowed[1]}")
    return value
