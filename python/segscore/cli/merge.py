"""`segscore merge`: saved shards of a dataset, or evaluations of its parts, become one evaluation."""

from itertools import chain
from typing import Annotated

import typer

from segscore.cli.inputs import checked_pictures, files_read, saved_evaluation
from segscore.cli.options import (
    FailUnder,
    ImagePairing,
    Images,
    Json,
    MinImages,
    Report,
    Save,
    Summary,
    Thumbnails,
)
from segscore.cli.outcomes import reported
from segscore.cli.outputs import asked_of, check_outputs, check_saved, deliver, next_step_of
from segscore.evaluation.parts import merge as merge_parts
from segscore.io.places import paths_of


@reported
def merge(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE…", help="What `segscore evaluate --shard K/N --save` wrote, for all K."),
    ],
    duplicates: Annotated[
        str,
        typer.Option(
            metavar="error|same",
            help="Whether what comes twice is an error, or is taken once if it is the same both times.",
        ),
    ] = "error",
    json: Json = None,
    save: Save = None,
    summary: Summary = None,
    report: Report = None,
    images: Images = None,
    image_pairing: ImagePairing = None,
    thumbnails: Thumbnails = None,
    fail_under: FailUnder = None,
    min_images: MinImages = None,
) -> None:
    """Merge shards of a dataset into what one process would have made of it.

    A shard that is missing, comes twice or is of another dataset is an error that names it. Evaluations of
    parts of a dataset that are no shards are added up.
    """
    parts = [saved_evaluation(file) for file in files]
    masks = chain.from_iterable(paths_of(part.files) for part in parts)
    check_outputs(
        {
            "save": save,
            "report": report,
            "json": json,
            "summary": summary,
        },
        chain(files_read(*files, images=images), masks),
    )
    check_saved(save, shapes=bool(parts[0].measures))
    pictures = checked_pictures(images, image_pairing, thumbnails, report)
    asked = asked_of(fail_under, min_images, parts[0].classes, parts[0].measures)
    result = merge_parts(parts, duplicates=duplicates)  # type: ignore[arg-type]  # it is checked there
    deliver(result, asked, (json, summary, report), pictures, save=save, next_step=next_step_of(save))
