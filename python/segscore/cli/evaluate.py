"""`segscore evaluate`: the scores of two folders of masks, or their labels."""

import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segscore.classes.classes import Classes
from segscore.cli.inputs import checked_pictures, files_read, reader_named
from segscore.cli.options import (
    CLASSES,
    ClassAxis,
    Dims,
    Groups,
    Ignore,
    ImagePairing,
    Images,
    Json,
    List,
    MaxPixels,
    MinImages,
    Pairing,
    Pred,
    PredClasses,
    Progress,
    ReadWith,
    Report,
    Resize,
    Target,
    Threads,
    Threshold,
    Thumbnails,
    with_options,
)
from segscore.cli.outcomes import reported, show
from segscore.cli.outputs import check_outputs, delivered
from segscore.cli.spelling import COMMAND_LINE, labels, option
from segscore.counts.failures import failure_lines
from segscore.counts.measure_texts import MEASURES, measures_read
from segscore.counts.measures import Measures
from segscore.errors import ArgumentError, EvaluationError, hints_of
from segscore.evaluation.evaluating import evaluate as evaluate_masks
from segscore.evaluation.evaluation import Evaluation
from segscore.io.masks import MAX_PIXELS
from segscore.io.shapes import PLANES
from segscore.io.sources import number_or_path, values_or_path
from segscore.results.summary import evaluation_text
from segscore.scores.gates import Asked, gates, least_images
from segscore.scores.metric import headlines
from segscore.scores.shapes import check_measured
from segscore.statistics.intervals import Interval
from segscore.text.names import listed

if TYPE_CHECKING:
    from segscore.counts.labels_found import LabelsFound


@with_options(MEASURES)
@reported
def evaluate(
    pred: Pred,
    target: Target,
    classes: Annotated[str | None, typer.Option(help=CLASSES)] = None,
    ignore: Ignore = None,
    pred_classes: PredClasses = None,
    pairing: Pairing = None,
    list_: List = None,
    read: ReadWith = None,
    groups: Groups = None,
    resize: Resize = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Predictions that are no class are errors.")
    ] = False,
    on_error: Annotated[
        str | None,
        typer.Option(
            metavar="raise|skip", help="Stop at images that cannot be scored, or skip them. [default: raise]"
        ),
    ] = None,
    class_axis: ClassAxis = None,
    threshold: Threshold = None,
    dims: Dims = PLANES,
    max_pixels: MaxPixels = MAX_PIXELS,
    threads: Threads = None,
    progress: Progress = True,
    json: Json = None,
    save: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write the whole evaluation for `segscore.load`: .npz, or .parquet."
        ),
    ] = None,
    summary: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Add a page in Markdown to the end of a file, such as $GITHUB_STEP_SUMMARY; "
            "- for standard output.",
        ),
    ] = None,
    report: Report = None,
    images: Images = None,
    image_pairing: ImagePairing = None,
    thumbnails: Thumbnails = None,
    fail_under: Annotated[
        list[str] | None,
        typer.Option(
            metavar="METRIC=VALUE,…",
            help="End with exit code 1 below these, such as mean_iou=0.7,iou.car=0.6.",
        ),
    ] = None,
    min_images: MinImages = None,
    **measures: str | bool | None,
) -> None:
    """Compare predicted masks with ground truth.

    Without --classes the label values of both sides are listed.
    """
    check_outputs(
        {
            "save": None if save is None else str(save),
            "report": report,
            "json": json,
            "summary": summary,
        },
        files_read(
            classes,
            pred_classes,
            list_,
            pred=pred,
            target=target,
            images=images,
            shares=threshold is not None,
            any_file=read is not None,
        ),
    )
    if save is not None and save.suffix.lower() == ".parquet":
        from segscore.results.parquet import check_writable

        check_writable(shapes=any(measures.values()))  # before a long run, and not after it
    pictures = checked_pictures(images, image_pairing, thumbnails, report)
    options: dict[str, Any] = {
        "pred": pred,
        "target": target,
        "pairing": pairing,
        "list": list_,
        "read": read,
        "resize": resize,
        "dims": dims,
        "max_pixels": max_pixels,
        "threads": threads,
        "progress": progress,
    }
    if classes is None:
        _need_classes(
            ignore=ignore,
            pred_classes=pred_classes,
            groups=groups,
            strict=strict,
            on_error=on_error,
            class_axis=class_axis,
            threshold=threshold,
            **measures,
            json=json,
            save=save,
            summary=summary,
            report=report,
            thumbnails=thumbnails,
            fail_under=fail_under,
            min_images=min_images,
        )
        show(_labels_found(options))
        return
    shapes = measures_read(measures)
    measured = Measures.of(**shapes, dims=dims)
    spaces = None if pred_classes is None else values_or_path(pred_classes)
    resolved = Classes.of(number_or_path(classes), labels(ignore), spaces)
    # A wrong name is found before the run and not after it.
    asked: list[Asked] = list(least_images(min_images))
    of_numbers = () if fail_under is None else gates(fail_under, resolved)
    asked += of_numbers
    for gate in of_numbers:
        check_measured(gate.number.metric.needs, measured)
    options["read"] = reader_named(read)
    result = evaluate_masks(
        **options,
        classes=resolved,
        groups=groups,
        class_axis=class_axis,
        threshold=threshold,
        strict=strict,
        on_error="raise" if on_error is None else on_error,  # type: ignore[arg-type]  # evaluate checks it
        **shapes,
    )
    judged = tuple(gate.of(result) for gate in asked)
    keep = None if save is None else partial(result.save, save)
    with delivered(result, judged, (json, summary, report), pictures, keep=keep) as shown:
        if not shown:
            text = evaluation_text(
                result,
                next_step=_next_step(save),
                gates=judged,
                interval=_interval(result),
                face=COMMAND_LINE,
            )
            show(text)


def _interval(result: Evaluation) -> Interval | None:
    # One image says nothing about others.
    return result.confidence_interval(headlines(result.classes)[0]) if len(result.names) > 1 else None


def _next_step(save: Path | None) -> str:
    if save is None:
        return (
            "add `--save scores.npz` to keep the counts of every image, `--json scores.json` for the numbers"
        )
    file = shlex.quote(str(save))
    return f"`segscore compare {file} OTHER.npz` compares two models, `segscore explain {file}` tools"


def _need_classes(**given: object) -> None:
    names = [option(name) for name, value in given.items() if value is not None and value is not False]
    if names:
        need = "needs" if len(names) == 1 else "need"
        raise ArgumentError(
            f"{listed(names, limit=len(names))} {need} `--classes`", "name the classes with `--classes`"
        )


def _labels_found(options: dict[str, Any]) -> str:
    """Return the labels of both sides as text, or raise EvaluationError if no image could be counted."""
    from segscore.cli.listings import labels_text
    from segscore.counts.labels_found import find_labels

    found = find_labels(**{**options, "read": reader_named(options["read"])})
    if not found.images:
        raise _nothing_counted(found)
    making = {"from": options["target"], **{name: options[name] for name in ("list", "read", "dims")}}
    if found.names:
        making["pairing"] = options["pairing"]
    return labels_text(found, command=_command("evaluate", options), making=_command("classes new", making))


def _nothing_counted(found: "LabelsFound") -> EvaluationError:
    lines = ["no image could be counted:", *(f"  {line}" for line in failure_lines(found.failures))]
    return EvaluationError("\n".join(lines), hints_of(found.failures), found.failures)


def _command(command: str, options: dict[str, Any]) -> str:
    """Return a command with the options that were given."""
    parts = ["segscore", *command.split()]
    for name, value in options.items():
        if name == "progress":
            parts += [] if value else ["--no-progress"]
        elif value not in (None, MAX_PIXELS) and (name, value) != ("dims", PLANES):
            parts += [option(name), str(value)]
    return shlex.join(parts)
