"""`segscore audit`: what looks wrong with labels, predictions and files, and the ground truth's own page."""

from typing import Annotated

import typer

from segscore.auditing import audit as audit_masks
from segscore.auditing.results import audit_text, truth_text
from segscore.cli.inputs import files_read, reader_named
from segscore.cli.options import (
    CLASSES,
    ClassAxis,
    Dims,
    Ignore,
    List,
    MaxPixels,
    Pairing,
    Pred,
    PredClasses,
    Progress,
    ReadWith,
    Resize,
    Target,
    Threads,
    Threshold,
)
from segscore.cli.outcomes import reported, show
from segscore.cli.outputs import check_outputs, write_json
from segscore.cli.spelling import COMMAND_LINE, labels
from segscore.io.masks import MAX_PIXELS
from segscore.io.shapes import PLANES
from segscore.io.sources import number_or_path, values_or_path


@reported
def audit(
    pred: Pred,
    target: Target,
    classes: Annotated[str, typer.Option(help=CLASSES)],
    ignore: Ignore = None,
    pred_classes: PredClasses = None,
    pairing: Pairing = None,
    list_: List = None,
    read: ReadWith = None,
    resize: Resize = None,
    class_axis: ClassAxis = None,
    threshold: Threshold = None,
    dims: Dims = PLANES,
    max_pixels: MaxPixels = MAX_PIXELS,
    threads: Threads = None,
    progress: Progress = True,
    json: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write everything as JSON; - for standard output.")
    ] = None,
) -> None:
    """Look for what is wrong with labels, predictions and files, and describe the ground truth.

    The exit code is 0 whatever is found; --json says it to scripts.
    """
    shares = threshold is not None
    sides = {"pred": pred, "target": target}
    files = files_read(classes, pred_classes, list_, **sides, shares=shares, any_file=read is not None)
    check_outputs({"json": json}, files)
    found = audit_masks(
        pred=pred,
        target=target,
        classes=number_or_path(classes),
        ignore_index=labels(ignore),
        pred_classes=None if pred_classes is None else values_or_path(pred_classes),
        pairing=pairing,
        list=list_,
        read=reader_named(read),
        resize=resize,  # type: ignore[arg-type]  # it is checked there
        class_axis=class_axis,
        threshold=threshold,
        dims=dims,  # type: ignore[arg-type]  # it is checked there
        max_pixels=max_pixels,
        threads=threads,
        progress=progress,
    )
    if json != "-":
        show(f"{audit_text(found, face=COMMAND_LINE)}\n\n{truth_text(found.truth)}")
    if json is not None:
        write_json(json, found)
