"""`segscore audit`: what looks wrong with labels, predictions and files, and the ground truth's own page."""

from typing import Annotated

import typer

from segscore.auditing import audit as audit_masks
from segscore.auditing.results import SEVERITIES, Audit, audit_text, truth_text
from segscore.auditing.targets import audit_alone
from segscore.base.wording import many
from segscore.classes.classes import Classes
from segscore.cli.inputs import files_read, given_evaluation, reader_named, sized
from segscore.cli.options import (
    CLASSES,
    PRED,
    TARGET,
    ClassAxis,
    Dims,
    Ignore,
    ImageSize,
    InWorkspace,
    List,
    MaxPixels,
    Pairing,
    PredClasses,
    Progress,
    ReadWith,
    Resize,
    Threads,
    Threshold,
)
from segscore.cli.outcomes import GATE_FAILED, reported, say, show
from segscore.cli.outputs import check_outputs, write_json
from segscore.cli.spelling import COMMAND_LINE, labels, option
from segscore.errors import ArgumentError
from segscore.io.masks import MAX_PIXELS
from segscore.io.reading import Reading
from segscore.io.shapes import PLANES
from segscore.io.sources import number_or_path, values_or_path
from segscore.text.names import listed

_SEVERITIES = tuple(dict.fromkeys(SEVERITIES.values()))
"""The worst first."""


@reported
def audit(
    saved: Annotated[
        str | None,
        typer.Argument(
            help="What `segscore evaluate --save` wrote, or a run such as r12, in place of masks. Of files, "
            "only what was counted is known then."
        ),
    ] = None,
    pred: Annotated[str | None, typer.Option(help=PRED)] = None,
    target: Annotated[str | None, typer.Option(help=TARGET)] = None,
    classes: Annotated[str | None, typer.Option(help=CLASSES)] = None,
    ignore: Ignore = None,
    pred_classes: PredClasses = None,
    pairing: Pairing = None,
    list_: List = None,
    read: ReadWith = None,
    resize: Resize = None,
    class_axis: ClassAxis = None,
    threshold: Threshold = None,
    dims: Dims = PLANES,
    size: ImageSize = None,
    max_pixels: MaxPixels = MAX_PIXELS,
    threads: Threads = None,
    progress: Progress = True,
    fail_on: Annotated[
        str | None,
        typer.Option(
            metavar="error|warning|note",
            help="End with exit code 1 if anything like this, or worse, is found.",
        ),
    ] = None,
    json: Annotated[
        str | None, typer.Option(metavar="FILE", help="Write everything as JSON; - for standard output.")
    ] = None,
    workspace: InWorkspace = None,
) -> None:
    """Look for what is wrong with labels, predictions and files, and describe the ground truth.

    Without --pred it is of the targets alone. The exit code is 0 whatever is found, unless --fail-on is
    given; --json says it to scripts.
    """
    _check_severity(fail_on)
    if saved is not None:
        _check_absent(
            "masks, and what was scored is given",
            "leave out one or the other",
            pred=pred,
            target=target,
            classes=classes,
            ignore=ignore,
            pred_classes=pred_classes,
            pairing=pairing,
            list=list_,
            read=read,
            resize=resize,
            class_axis=class_axis,
            threshold=threshold,
            dims=dims if dims != PLANES else None,
            size=size,
            max_pixels=max_pixels if max_pixels != MAX_PIXELS else None,
            threads=threads,
        )
        check_outputs({"json": json}, [saved])
        _show(given_evaluation(saved, workspace)[0].audit(), json, fail_on)
        return
    if target is None or classes is None:
        given = {"target": target, "classes": classes}
        missing = [option(name) for name, value in given.items() if value is None]
        raise ArgumentError(
            f"{listed(missing)} {'is' if len(missing) == 1 else 'are'} missing",
            "an audit is of masks, `--pred DIR --target DIR --classes NAME`, of targets alone without "
            "`--pred`, or of what was scored: the file of `segscore evaluate --save`, or a run such as r12",
        )
    if pred is None:
        _check_absent(
            "predictions, and none are given",
            "add `--pred DIR`",
            pred_classes=pred_classes,
            resize=resize,
            class_axis=class_axis,
            threshold=threshold,
        )
        check_outputs({"json": json}, files_read(classes, list_, target=target, any_file=read is not None))
        of_targets = Reading(
            pairing=pairing,
            list=list_,
            read=reader_named(read),
            dims=dims,  # type: ignore[arg-type]  # it is checked there
            max_pixels=max_pixels,
        )
        known = Classes.of(number_or_path(classes), labels(ignore))
        drawn = sized(size, max_pixels, **({"target": target} if read is None else {}))
        alone = audit_alone(
            drawn.get("target", target), known, of_targets, threads=threads, progress=progress
        )
        _show(alone, json, fail_on)
        return
    shares = threshold is not None
    sides = {"pred": pred, "target": target}
    files = files_read(classes, pred_classes, list_, **sides, shares=shares, any_file=read is not None)
    check_outputs({"json": json}, files)
    drawn = sized(size, max_pixels, **({"target": target} if read is None else {}))
    audited = audit_masks(
        pred=pred,
        target=drawn.get("target", target),
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
    _show(audited, json, fail_on)


def _check_absent(whose: str, hint: str, **given: object) -> None:
    """Refuse what says how masks are read, where there are none of these."""
    names = [option(name) for name, value in given.items() if value is not None]
    if names:
        belong = "belongs" if len(names) == 1 else "belong"
        raise ArgumentError(f"{listed(names, limit=len(names))} {belong} to {whose}", hint)


def _check_severity(fail_on: str | None) -> None:
    if fail_on is not None and fail_on not in _SEVERITIES:
        raise ArgumentError(f"`--fail-on` is {fail_on!r}", "it is error, warning or note")


def _show(audited: Audit, json: str | None, fail_on: str | None) -> None:
    if json != "-":
        show(f"{audit_text(audited, face=COMMAND_LINE)}\n\n{truth_text(audited.truth)}")
    if json is not None:
        write_json(json, audited)
    if fail_on is not None:
        heeded = _SEVERITIES[: _SEVERITIES.index(fail_on) + 1]
        found = [finding for finding in audited.findings if finding.severity in heeded]
        if found:
            say("gate failed", f"{many(len(found), 'finding')}, and `--fail-on {fail_on}` lets none pass")
            raise typer.Exit(GATE_FAILED)
