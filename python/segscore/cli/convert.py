"""`segscore convert`: annotations become label maps, maps of ids or COCO's JSON."""

from pathlib import Path
from typing import Annotated, Any

import typer

from segscore.classes.classes import Classes
from segscore.cli.options import CLASSES, ImageSize, MaxPixels, width_and_height
from segscore.cli.outcomes import reported, show
from segscore.counts.new_classes import classes_of
from segscore.io.annotations.formats import FORMATS
from segscore.io.annotations.painting import ORDERED, PAINTED
from segscore.io.annotations.reading import read_annotations
from segscore.io.annotations.writing import WRITERS, write_annotations
from segscore.io.folders import whole
from segscore.io.masks import MAX_PIXELS
from segscore.io.sources import number_or_path
from segscore.io.writing import write_file


@reported
def convert(
    source: Annotated[
        str, typer.Argument(help="Annotations: a file, or a folder of files of one image each.")
    ],
    to: Annotated[
        str, typer.Option(metavar="|".join(WRITERS), help="Label maps, maps of ids, or COCO's JSON.")
    ],
    out: Annotated[str, typer.Option(metavar="DIR", help="A new folder.")],
    from_: Annotated[
        str | None,
        typer.Option("--from", metavar="FORMAT", help=f"{', '.join(FORMATS)}. [default: as the file looks]"),
    ] = None,
    paint: Annotated[
        str, typer.Option(metavar="|".join(PAINTED), help="By whose rule outlines are painted.")
    ] = "coco",
    order: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(ORDERED),
            help="What is on top: later ones, smaller ones, those of higher z. [default: that of the format]",
        ),
    ] = None,
    size: ImageSize = None,
    images: Annotated[
        str | None, typer.Option(metavar="DIR", help="The images, whose sizes count where files say none.")
    ] = None,
    attribute: Annotated[
        str | None, typer.Option(metavar="NAME", help="The attribute of regions that is their class (VIA).")
    ] = None,
    annotator: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Whose annotations count, where several draw (Label Studio)."),
    ] = None,
    classes: Annotated[str | None, typer.Option(help=f"With --to masks, other labels. {CLASSES}")] = None,
    max_pixels: MaxPixels = MAX_PIXELS,
) -> None:
    """Write annotations as label maps, maps of ids or COCO's JSON, and say what was read.

    `segscore convert annotations.json --to masks --out labels` writes a PNG for each image, and
    `classes.toml` with what its labels mean.
    """
    options: dict[str, Any] = {
        "paint": paint,
        "order": order,
        "images": images,
        "attribute": attribute,
        "annotator": annotator,
    }
    given = None if classes is None else Classes.of(number_or_path(classes))
    of_all = None if size is None else width_and_height(size)
    found = read_annotations(source, from_, size=of_all, max_pixels=max_pixels, **options)
    with whole(Path(out)):
        said = write_annotations(found, to, out, given)  # type: ignore[arg-type]  # it is checked there
        if to == "masks" and given is None:
            write_file(f"{out}/classes.toml", classes_of(found.classes, found.where).encode())
    show("\n".join(said))
