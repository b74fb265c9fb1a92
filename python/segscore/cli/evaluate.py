"""`segscore evaluate`: the scores of two folders of masks, or their labels."""

import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from segscore.base.naming import arg, args
from segscore.classes.classes import Classes
from segscore.cli.inputs import checked_pictures, files_read, reader_named, sized
from segscore.cli.options import (
    CLASSES,
    AreaFrom,
    ClassAxis,
    Dims,
    FailUnder,
    Groups,
    Ignore,
    IgnoreFlag,
    ImagePairing,
    Images,
    ImageSize,
    Instances,
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
    Save,
    Summary,
    Target,
    Things,
    Threads,
    Threshold,
    Thumbnails,
    shard_of,
    shard_option,
    with_options,
)
from segscore.cli.outcomes import reported, show
from segscore.cli.outputs import asked_of, check_outputs, check_saved, deliver, next_step_of, save_or_keep
from segscore.cli.spelling import labels, option
from segscore.counts.failures import failure_lines
from segscore.counts.measure_texts import MEASURES, measures_read
from segscore.counts.measures import Measures
from segscore.counts.room import NO_ROOM
from segscore.errors import ArgumentError, EvaluationError, hints_of
from segscore.evaluation.coco_files import WHOLE, is_own, no_shards, rules_of
from segscore.evaluation.evaluating import evaluate as evaluate_masks
from segscore.evaluation.evaluation import Evaluation
from segscore.evaluation.instance_images import check_things
from segscore.evaluation.plans import plan
from segscore.io.addresses import is_address, public
from segscore.io.annotations.targets import annotated
from segscore.io.masks import MAX_PIXELS
from segscore.io.prediction_texts import are_texts
from segscore.io.shapes import PLANES
from segscore.io.sources import number_or_path, values_or_path
from segscore.text.names import listed

if TYPE_CHECKING:
    from segscore.counts.labels_found import LabelsFound


_HOW = ("threads", "progress")
"""Options that a plan does not have."""


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
    instances: Instances = None,
    things: Things = None,
    area_from: AreaFrom = "file",
    ignore_flag: IgnoreFlag = False,
    size: ImageSize = None,
    max_pixels: MaxPixels = MAX_PIXELS,
    threads: Threads = None,
    progress: Progress = True,
    json: Json = None,
    save: Save = None,
    shard: Annotated[
        str | None,
        shard_option(
            "Evaluate the K-th of N shares of the images alone, such as $SLURM_ARRAY_TASK_ID/16, for "
            "`segscore merge`; needs --save."
        ),
    ] = None,
    summary: Summary = None,
    report: Report = None,
    images: Images = None,
    image_pairing: ImagePairing = None,
    thumbnails: Thumbnails = None,
    fail_under: FailUnder = None,
    min_images: MinImages = None,
    **measures: str | bool | None,
) -> None:
    """Compare predicted masks with ground truth.

    Without --classes the label values of both sides are listed.
    """
    in_json = instances in ("coco-panoptic", *WHOLE)
    whole = instances in WHOLE or (instances == "cityscapes" and are_texts(pred))
    check_outputs(
        {
            "save": save,
            "report": report,
            "json": json,
            "summary": summary,
        },
        files_read(
            classes,
            pred_classes,
            list_,
            *((pred, target) if in_json else ()),
            pred=None if in_json else pred,
            target=None if in_json else target,
            images=images,
            shares=threshold is not None,
            any_file=read is not None,
        ),
    )
    check_saved(save, shapes=any(measures.values()) or instances is not None, part=shard is not None)
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
    options |= sized(size, max_pixels, **_without_size(pred, target, instances, read))
    own = None
    if classes is None and instances is None and read is None:
        own = annotated(options["target"], max_pixels)
    if own is not None:
        options["target"] = own
    rules_of(instances, area_from, ignore_flag=ignore_flag)
    if instances in WHOLE:
        options |= {"area_from": area_from, "ignore_flag": ignore_flag}
    if classes is None and instances is None and own is None:
        check_things(things, instances)
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
            shard=shard,
            summary=summary,
            report=report,
            thumbnails=thumbnails,
            fail_under=fail_under,
            min_images=min_images,
        )
        show(_labels_found(options))
        return
    gates = {"fail_under": fail_under, "min_images": min_images}
    chosen = None if shard is None else _chosen_shard(shard, save, gates)
    shapes = measures_read(measures)
    spaces = None if pred_classes is None else values_or_path(pred_classes)
    options |= {
        "read": reader_named(read),
        "groups": groups,
        "class_axis": class_axis,
        "threshold": threshold,
        "strict": strict,
        "on_error": "raise" if on_error is None else on_error,
        **shapes,
    }
    if instances is None:
        assert classes is not None or own is not None
        given = own.classes if classes is None and own is not None else number_or_path(classes or "")
        options["classes"] = resolved = Classes.of(given, labels(ignore), spaces)
        measured = Measures.of(**shapes, dims=dims)
    else:
        options |= {
            "classes": None if classes is None else number_or_path(classes),
            "ignore_index": labels(ignore),
            "pred_classes": spaces,
            "instances": instances,
            "things": None if things is None else [name.strip() for name in things.split(",")],
        }
    if whole:  # whose classes are known when all is read
        if chosen is not None:
            raise no_shards(str(instances))
        result = evaluate_masks(**options)
        asked = asked_of(fail_under, min_images, result.classes, result.measures)
        next_step = next_step_of(save, of_pixels=False)
        deliver(result, asked, (json, summary, report), pictures, save=save, next_step=next_step)
        return
    if instances is not None:
        made = plan(**{name: value for name, value in options.items() if name not in _HOW})
        resolved, measured = made.classes, made.measures
    # A wrong name is found before the run and not after it.
    asked = asked_of(fail_under, min_images, resolved, measured)
    result = _whole(options, save) if chosen is None else _evaluated(options, *chosen)
    next_step = next_step_of(save) if chosen is None else f"`segscore merge` all {chosen[1]:,} shards"
    deliver(result, asked, (json, summary, report), pictures, save=save, next_step=next_step)


def _without_size(pred: str, target: str, instances: str | None, read: str | None) -> dict[str, str]:
    """Return the sides that may be annotations whose files do not say how large images are."""
    if instances in WHOLE:
        return {side: path for side, path in (("pred", pred), ("target", target)) if not is_own(path)}
    return {"target": target} if instances is None and read is None else {}


def _chosen_shard(text: str, save: str | None, gates: Mapping[str, object]) -> tuple[int, int]:
    """Return what `shard_of` does, or say what is missing beside it or cannot be given with it."""
    found = shard_of(text)
    if save is None:
        raise ArgumentError(f"{arg('shard')} needs {arg('save')}", "`segscore merge` reads what is saved")
    if given := [name for name, value in gates.items() if value is not None]:
        raise ArgumentError(
            f"{args(given)} cannot be given with {arg('shard')}",
            "one shard is not the whole: give it to `segscore merge`",
        )
    return found


def _whole(options: dict[str, Any], save: str | None) -> Evaluation:
    """Return the evaluation of all images; where memory ends, what was counted is saved."""
    try:
        return evaluate_masks(**options)
    except EvaluationError as error:
        full = any(failure.kind == NO_ROOM for failure in error.failures)  # type: ignore[attr-defined]
        if full and save is not None and error.evaluation is not None:
            save_or_keep(error.evaluation, save)
        raise


def _evaluated(options: dict[str, Any], number: int, shards: int) -> Evaluation:
    """Return the evaluation of one shard alone."""
    how = {name: options.pop(name) for name in _HOW}
    part = plan(**options).shards(shards)[number - 1].evaluate(**how)
    return part.evaluation


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
    """Return a command with the options that were given, addresses without what is secret in them."""
    parts = ["segscore", *command.split()]
    for name, value in options.items():
        if name == "progress":
            parts += [] if value else ["--no-progress"]
        elif value not in (None, MAX_PIXELS) and (name, value) != ("dims", PLANES):
            text = str(value)
            parts += [option(name), public(text) if is_address(text) else text]
    return shlex.join(parts)
