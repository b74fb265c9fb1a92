"""`segscore compare`: two saved evaluations side by side."""

from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from segscore.base.wording import many
from segscore.cli.inputs import checked_pictures, files_read, given_evaluation
from segscore.cli.options import (
    Groups,
    ImagePairing,
    Images,
    InWorkspace,
    Json,
    MinImages,
    Report,
    Thumbnails,
    integer,
    number,
)
from segscore.cli.outcomes import reported, show
from segscore.cli.outputs import check_outputs, delivered
from segscore.cli.spelling import COMMAND_LINE
from segscore.evaluation.comparing import compare as compare_evaluations
from segscore.io.places import paths_of
from segscore.results.compared_text import comparison_text
from segscore.results.gates import not_worse, not_worse_by
from segscore.scores.gates import least_images
from segscore.statistics.intervals import LEVEL, RESAMPLES


@reported
def compare(
    a: Annotated[
        str,
        typer.Argument(help="The first model: what `segscore evaluate --save` wrote, or a run such as r12."),
    ],
    b: Annotated[str, typer.Argument(help="The second model.")],
    metric: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="What to compare too, such as mean_image_iou or dice.car; may be given several times.",
        ),
    ] = None,
    on: Annotated[
        str,
        typer.Option(metavar="all|common", help="Whether both must hold the same images, or which count."),
    ] = "all",
    groups: Groups = None,
    level: Annotated[
        float,
        typer.Option(parser=number, metavar="NUMBER", help="Of intervals, and of what is beyond chance."),
    ] = LEVEL,
    resamples: Annotated[int, integer("Bootstrap resamples, and permutations.")] = RESAMPLES,
    seed: Annotated[int, integer("Where chance begins.")] = 0,
    json: Json = None,
    summary: Annotated[
        str | None,
        typer.Option(
            metavar="FILE", help="Add a page in Markdown to the end of a file; - for standard output."
        ),
    ] = None,
    report: Report = None,
    images: Images = None,
    image_pairing: ImagePairing = None,
    thumbnails: Thumbnails = None,
    fail_if_worse: Annotated[
        bool, typer.Option("--fail-if-worse", help="End with exit code 1 if anything is worse beyond doubt.")
    ] = False,
    fail_unless_not_worse_by: Annotated[
        float | None,
        typer.Option(
            parser=number,
            metavar="MARGIN",
            help="End with exit code 1 unless mean IoU surely lost less than this.",
        ),
    ] = None,
    min_images: MinImages = None,
    workspace: InWorkspace = None,
) -> None:
    """Compare two models on the same images: what is better, what is worse, and what may be chance."""
    (one, name), (two, other) = given_evaluation(a, workspace), given_evaluation(b, workspace)
    masks = chain(paths_of(one.files), paths_of(two.files))
    check_outputs(
        {"json": json, "summary": summary, "report": report}, chain(files_read(a, b, images=images), masks)
    )
    pictures = checked_pictures(images, image_pairing, thumbnails, report)
    least = least_images(min_images)
    # Two models of one name are told apart by their folders.
    short = Path(name).stem if name == a else name, Path(other).stem if other == b else other
    labels = short if short[0] != short[1] else (name, other)
    found = compare_evaluations(
        one,
        two,
        metrics=metric or (),
        on=on,  # type: ignore[arg-type]  # it is checked there
        groups=groups,
        level=level,
        resamples=resamples,
        seed=seed,
        labels=labels,
    )
    compared = f"{many(len(found.names), 'image')} compared"
    judged = [gate.judged(len(found.names), compared) for gate in least]
    if fail_if_worse:
        judged.append(not_worse(found))
    if fail_unless_not_worse_by is not None:
        judged.append(not_worse_by(found, fail_unless_not_worse_by))
    with delivered(found, judged, (json, summary, report), pictures) as shown:
        if not shown:
            told = [f"gate {gate.name}: {gate.sentence}" for gate in judged if gate.passed]
            show("\n".join([comparison_text(found, COMMAND_LINE), *told]))
