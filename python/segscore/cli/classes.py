"""`segscore classes`: presets and files of classes."""

from typing import Annotated

import typer

from segscore.classes import presets
from segscore.classes.classes import Classes, load
from segscore.cli import listings
from segscore.cli.inputs import reader_named
from segscore.cli.options import Dims, List, ReadWith
from segscore.cli.outcomes import reported, show
from segscore.counts.new_classes import new_classes
from segscore.errors import ArgumentError
from segscore.io.shapes import PLANES, checked_dims
from segscore.io.sources import number_or_path


@reported
def classes(
    name: Annotated[str | None, typer.Argument(help="A preset or file of classes to show; or `new`.")] = None,
    masks: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="DIR|FILE",
            help="With `new`: masks to take labels from, annotations, or a table of classes of another tool.",
        ),
    ] = None,
    pairing: Annotated[
        str | None,
        typer.Option(
            metavar="PATTERN",
            help="With `new`: the masks, one file each, or one a class: '{id}_{class}'.",
        ),
    ] = None,
    list_: List = None,
    read: ReadWith = None,
    dims: Dims = PLANES,
) -> None:
    """List the presets, show one, or start a file for masks of your own.

    `segscore classes new --from DIR > classes.toml` writes a file with the labels found, and with the
    colours of palettes; `--from class_dict.csv`, or another table, writes its classes to be put in order, and
    `--from annotations.json` those of annotations.
    """
    options = {
        "--from": masks,
        "--pairing": pairing,
        "--list": list_,
        "--read": read,
        "--dims": None if dims == PLANES else dims,
    }
    if name == "new":
        if masks is None:
            raise ArgumentError(
                "`classes new` needs masks or a table", "`segscore classes new --from DIR > classes.toml`"
            )
        show(new_classes(masks, pairing, list_, reader_named(read), checked_dims(dims)), end="")
    elif given := [option for option, value in options.items() if value is not None]:
        raise ArgumentError(f"`{given[0]}` belongs to `classes new`", "`segscore classes new --from DIR`")
    elif name is None:
        show(listings.presets_text([load(preset) for preset in presets.names()]))
    else:
        show(listings.classes_text(Classes.of(number_or_path(name))))
