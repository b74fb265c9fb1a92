"""`audit`: what looks wrong with labels, predictions and files, all of it at once.

The rules stand in `meaning`, `labels`, `repairs`, `placement`, `matrix` and `files`, with their thresholds
and the reasons for these, and what they cannot tell in `limits`; here they are put together. Nothing is
printed, and no pixel is read but by `segscore.counts`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from segscore.auditing import files, labels, matrix, repairs
from segscore.auditing.limits import limits_of
from segscore.auditing.meaning import doubtful, foreground_ignored, labels_of_models
from segscore.auditing.placement import misplaced
from segscore.auditing.results import SEVERITIES, Audit, Evidence, Finding, Limit, Truth
from segscore.auditing.seen import Seen
from segscore.auditing.truth import truth_of
from segscore.base.foreign import translated
from segscore.classes.classes import Classes, ClassesLike
from segscore.counts.counting import Progress
from segscore.counts.doubts import PALETTES, doubts_of
from segscore.counts.fits import Fit
from segscore.counts.settling import counted_cases
from segscore.counts.table import table_of
from segscore.io.cases import Masks, nodata_labels
from segscore.io.lists import ListLike
from segscore.io.masks import MAX_PIXELS, Read
from segscore.io.reading import Reading
from segscore.io.shapes import PLANES, Dims
from segscore.io.stacks import find_images, unnamed

__all__ = ["Audit", "Evidence", "Finding", "Limit", "Truth", "audit", "audit_of", "findings_of"]

_ORDER = tuple(dict.fromkeys(SEVERITIES.values()))


@translated
def audit(
    *,
    pred: Masks,
    target: Masks,
    classes: ClassesLike,
    ignore_index: int | Iterable[int] | None = None,
    pred_classes: ClassesLike | Sequence[int] | None = None,
    pairing: str | None = None,
    list: ListLike | None = None,
    read: Read | None = None,
    resize: Literal["nearest"] | None = None,
    class_axis: int | None = None,
    threshold: float | None = None,
    names: Iterable[str] | None = None,
    dims: Dims = PLANES,
    max_pixels: int = MAX_PIXELS,
    storage_options: Mapping[str, Any] | None = None,
    threads: int | None = None,
    progress: Progress = True,
) -> Audit:
    """Look for what is wrong with predictions and targets, also where they cannot be scored.

    Parameters
    ----------
    pred, target, classes, ignore_index, pred_classes, pairing, list, read, resize, class_axis, threshold, \
names, dims, max_pixels, storage_options, threads, progress
        As for :func:`segscore.evaluate`.

    Returns
    -------
    Audit
        All findings together, the facts about the ground truth, and what there is too little data to look
        for. Masks that cannot be read, labels that are unknown and predictions that are missing are findings,
        not exceptions. Masks that were resized with smoothing, or saved as JPEG, are found by values that are
        no label: numbers of pixels do not tell a label that was made between two others from a class.

    Raises
    ------
    PairingError
        If no files are found or match.
    ArgumentError, ClassesError
        If an argument is not usable.

    Examples
    --------
    >>> import numpy as np
    >>> masks = [np.array([[0, 1], [1, 255]])]
    >>> found = audit(pred=[np.array([[0, 1], [1, 1]])], target=masks, classes=2).findings
    >>> [(finding.severity, finding.kind, finding.hint) for finding in found]
    [('error', 'void-not-ignored', '255 usually marks pixels to leave out: `ignore_index=255`')]
    """
    resolved = Classes.of(classes, ignore_index, pred_classes)
    reading = Reading(
        pairing=pairing,
        list=list,
        read=read,
        resize=resize,
        class_axis=class_axis,
        threshold=threshold,
        names=names,
        dims=dims,
        max_pixels=max_pixels,
        storage_options=storage_options,
    )
    found = find_images(pred, target, reading, resolved)
    counted = counted_cases(found.cases, resolved, reading, threads=threads, progress=progress)
    images = [image for image in counted if image.pairs is not None]
    table = table_of(images)
    seen = Seen(
        classes=resolved,
        names=tuple(image.name for image in images),
        table=table,
        failures=tuple(image.failure for image in counted if image.failure is not None),
        missing=found.missing,
        extra=found.extra,
        resized=sum(image.fit is not Fit.SAME for image in images),
        told=doubts_of(resolved, images, unnamed(found.cases, reading)),
        provenance=found.provenance,
        nodata=nodata_labels(found.cases),
    )
    headers = files.headers_of(found.cases, reading.read)
    findings = (*_findings(seen), *files.failures(seen, headers))
    truth = truth_of(seen, (header for _, header in headers.values()))
    return Audit(_ordered(findings), truth, tuple(limits_of(seen)))


def audit_of(seen: Seen, findings: tuple[Finding, ...], shard: str = "") -> Audit:
    """Return the audit of what was counted before: sizes of masks and kinds of files are not known."""
    return Audit(findings, truth_of(seen), tuple(limits_of(seen)), shard)


def findings_of(seen: Seen) -> tuple[Finding, ...]:
    """Return what an audit finds in what was counted: errors, warnings, notes."""
    return _ordered((*_findings(seen), *files.failures(seen, {})))


def _findings(seen: Seen) -> Iterator[Finding]:
    yield from files.missing(seen)
    if not seen.names:
        return
    yield from doubtful(seen)
    yield from labels.unknown_targets(seen)
    if any(foreground_ignored(seen)):
        # What is left of the targets is background, of which no other finding tells the truth.
        return
    # Palettes that differ explain any order, and another one for each file; labels of models a shift.
    explained = PALETTES in seen.told or any(labels_of_models(seen))
    renumbered = None if explained else repairs.renumbered(seen)
    if renumbered is not None:
        yield renumbered
    elif not explained:
        # Of labels that are others nobody knows the shares.
        yield from misplaced(seen)
    if renumbered is None or renumbered.kind in repairs.ORDERS:
        # Another order does not explain labels that are no class.
        yield from labels.strays(seen)
        yield from labels.unknown_predictions(seen)
    yield from labels.no_data(seen)
    yield from labels.void_class(seen)
    yield from matrix.constant(seen)
    yield from matrix.identical(seen)
    yield from files.doubled(seen)
    yield from matrix.one_class(seen)
    yield from matrix.nowhere(seen)


def _ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: _ORDER.index(finding.severity)))
