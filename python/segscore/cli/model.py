"""`segscore model`: versions of models in a workspace."""

from fractions import Fraction
from typing import Annotated, Any

import typer

from segscore.cli.inputs import opened_workspace
from segscore.cli.options import (
    InWorkspace,
    NewVersion,
    Pairing,
    PredClasses,
    Threads,
    commands,
    number,
    whole_number,
)
from segscore.cli.outcomes import reported, show
from segscore.cli.outputs import show_version
from segscore.cli.spelling import number_or_name
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
    files: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE", help="What the function reads, such as weights; may be given several times."
        ),
    ] = None,
    version: NewVersion = None,
    mean: Annotated[
        str | None, typer.Option(metavar="R,G,B", help="What is taken from the input, times its scale.")
    ] = None,
    std: Annotated[
        str | None, typer.Option(metavar="R,G,B", help="What the input is divided by then.")
    ] = None,
    scale: Annotated[
        str | None,
        typer.Option(metavar="NUMBER", help="What values from 0 to 255 are multiplied by, such as 1/255."),
    ] = None,
    size: Annotated[
        str | None,
        typer.Option(
            metavar="HEIGHT,WIDTH|image", help="The size of the input, where the file leaves it open."
        ),
    ] = None,
    channels: Annotated[
        str | None, typer.Option(metavar="rgb|bgr", help="The order of colours. [default: rgb]")
    ] = None,
    layout: Annotated[
        str | None,
        typer.Option(metavar="nchw|nhwc", help="The order of axes, if the file does not say."),
    ] = None,
    output: Annotated[str | None, typer.Option(metavar="NAME", help="Which of several outputs.")] = None,
    takes: Annotated[
        str | None,
        typer.Option(metavar="array|path|batch", help="What the function is given. [default: array]"),
    ] = None,
    class_axis: Annotated[
        int | None,
        typer.Option(
            parser=whole_number,
            metavar="INTEGER",
            help="Which axis of scores holds classes: 0 or -1 of a function, 1 or -1 of ONNX.",
        ),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            parser=number,
            metavar="NUMBER",
            help="For scores of one channel: class 1 from here on, such as 0.5.",
        ),
    ] = None,
    pred_classes: PredClasses = None,
    pairing: Pairing = None,
    trained_on: Annotated[
        str | None, typer.Option(metavar="DATASET[:V]|DIR", help="What it was trained on.")
    ] = None,
    threads: Threads = None,
    workspace: InWorkspace = None,
) -> None:
    """Add a version of a model; it never changes, and is not run yet.

    Of a function its own file and those of --files are known; where anything else changes that it reads,
    run it with --again.
    """
    options: dict[str, Any] = {
        "mean": _colours("mean", mean),
        "std": _colours("std", std),
        "scale": _fraction(scale),
        "size": size if size == "image" else _numbers("size", size, (2,)),
        "channels": _one_of("channels", channels, ("rgb", "bgr")),
        "layout": _one_of("layout", layout, ("nchw", "nhwc")),
        "output": output,
        "takes": _one_of("takes", takes, ("array", "path", "batch")),
        "class_axis": class_axis,
        "threshold": threshold,
        "pred_classes": None if pred_classes is None else number_or_name(pred_classes),
        "pairing": pairing,
    }
    made = opened_workspace(workspace).models.add(
        name,
        onnx=onnx,
        python=python,
        predictions=predictions,
        files=files or None,
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


@app.command("show")
@reported
def show_(
    model: Annotated[str, typer.Argument(metavar="NAME[:VERSION]", help="The latest version by default.")],
    verify: Annotated[
        bool, typer.Option("--verify", help="Read all files, and say if any has changed.")
    ] = False,
    threads: Threads = None,
    workspace: InWorkspace = None,
) -> None:
    """Show what a version is: its files, its options, and what it was trained on."""
    show_version(opened_workspace(workspace).models[model], verify=verify, threads=threads)


def _fraction(text: str | None) -> float | None:
    try:
        return None if text is None else float(Fraction(text))
    except (ValueError, ZeroDivisionError, OverflowError):
        raise ArgumentError(f"`--scale` is {text!r}, expected a number", "write 1/255, or 0.5") from None


def _colours(name: str, text: str | None) -> float | list[float] | None:
    """Return one number, or one for each colour."""
    found = _numbers(name, text, (1, 3))
    return found[0] if found is not None and len(found) == 1 else found


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


def _one_of(name: str, value: str | None, allowed: tuple[str, ...]) -> str | None:
    if value is not None and value not in allowed:
        raise ArgumentError(f"`--{name}` is {value!r}", f"it is {', '.join(allowed[:-1])} or {allowed[-1]}")
    return value
