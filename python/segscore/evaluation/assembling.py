"""Counts of images become an evaluation: failures are told, labels checked, what is doubtful is said."""

import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

import numpy as np

from segscore.auditing.results import Finding, warning_text
from segscore.base.naming import arg, by_face, marked
from segscore.classes.classes import Classes
from segscore.counts.checks import check_labels
from segscore.counts.counted import Counted
from segscore.counts.doubts import doubts_of
from segscore.counts.failures import Failure, failure_lines
from segscore.counts.fits import Fit
from segscore.counts.kinds import measured_of, of_no_images
from segscore.counts.measures import NOTHING, Measures
from segscore.counts.room import NO_ROOM
from segscore.counts.rows import faults
from segscore.counts.table import Table, table_of
from segscore.errors import EvaluationError, LabelError, SegscoreWarning
from segscore.evaluation.evaluation import Evaluation
from segscore.io.patterns import of_each_class
from segscore.io.stacks import Stack

_SHOWN = 100
"""Failures that an error's message lists; its `failures` has all of them."""
_KEPT = by_face(
    "what was counted is the `evaluation` of this error",
    command_line="what was counted is kept where `--save` is given",
    forms="take fewer images at once",
)
_SAID_OF_IMAGES = ("unconfirmed-labels", "void-by-name", "palette-colours", "mask-per-class")
"""Doubts that are said when images are counted, alone or in batches."""


def doubts(classes: Classes, evaluation: Evaluation) -> Iterator[str]:
    """Yield what the user is warned of: labels that may mean something else, or no class; nothing scored."""
    names, table = evaluation.names, evaluation.table
    warning = check_labels(classes, table.sum.columns(), where=lambda rows: names[table.first_image(rows)])
    if warning and not evaluation.measures.names_classes:
        yield warning
    yield from map(warning_text, evaluation.doubts)
    if not evaluation.scores.pixels and evaluation.scores.ignored:
        yield (
            f"nothing is scored: all {evaluation.scores.ignored:,} pixels have an ignored target\n"
            "hint: are the targets in another label space, such as train ids instead of label ids?"
        )


def unsaid(evaluation: Evaluation, told: Collection[str]) -> list[Finding]:
    """Return the doubts that were not said as images were counted, and are of none of the kinds `told`."""
    return [finding for finding in evaluation.doubts if finding.kind not in {*_SAID_OF_IMAGES, *told}]


def warn_of(evaluation: Evaluation, *, stacklevel: int) -> None:
    """Warn of what `doubts` yields, at a line so many calls above this one's caller."""
    for warning in doubts(evaluation.classes, evaluation):
        warnings.warn(SegscoreWarning(warning), stacklevel=stacklevel + 2)


def assemble(
    classes: Classes,
    counted: Sequence[Counted],
    *,
    strict: bool = False,
    skip: bool = False,
    extra: tuple[str, ...] = (),
    provenance: Mapping[str, str] | None = None,
    nodata: Callable[[], Iterable[int]] = tuple,
    stacks: Sequence[Stack] = (),
    measures: Measures = NOTHING,
    may_be_empty: bool = False,
    checked: bool = False,
) -> Evaluation:
    """Return the evaluation of images that were counted, after a check of all labels not `checked` before.

    They are in the order that they are to have, with names that are all different. `strict` makes predictions
    that are no class an error; `skip` leaves out images that fail, all of them only where it `may_be_empty`.
    `nodata` is that of `check_labels`; `stacks` are those that images nobody named came from. The error for
    failures, or for labels, has the evaluation of all other images.
    """
    images = [image for image in counted if image.pairs is not None]
    failures = [image.failure for image in counted if image.failure is not None]
    table, measured = table_of(images), measured_of(images)
    if skip or failures:
        wrong = _wrong_images(classes, table, strict=strict)
    elif checked:
        wrong = []
    else:
        try:
            check_labels(
                classes,
                table.sum.columns(),
                where=lambda rows: images[table.first_image(rows)].name,
                strict=strict,
                nodata=nodata,
                pattern=lambda: of_each_class([image.name for image in images], provenance or {}),
            )
        except LabelError as error:
            with suppress(EvaluationError):  # all images have such labels
                error.evaluation = assemble(
                    classes,
                    counted,
                    strict=strict,
                    skip=True,
                    extra=extra,
                    provenance=provenance,
                    nodata=nodata,
                    stacks=stacks,
                    measures=measures,
                )
            raise
        wrong = []
    none = tuple(nodata()) if wrong else ()
    failures.extend(_label_failure(classes, images[i], none, strict=strict) for i in wrong)
    failures.sort(key=lambda failure: failure.name)
    if wrong:
        bad = set(wrong)
        images = [image for i, image in enumerate(images) if i not in bad]
        table, measured = table_of(images), measured_of(images)
    if not images:
        if failures and not (skip and may_be_empty):
            raise _failed(failures, None)
        if not may_be_empty:
            raise EvaluationError("there are no images to score", "add at least one image")
        measured = of_no_images(measures)
    evaluation = Evaluation(
        classes=classes,
        names=tuple(image.name for image in images),
        table=table,
        failures=tuple(failures),
        extra=extra,
        resized=sum(image.fit is not Fit.SAME for image in images),
        provenance=dict(provenance or {}) | doubts_of(classes, images, stacks),
        measured=measured,
        measures=measures,
    )
    if failures and not skip:
        raise _failed(failures, evaluation)
    return evaluation


def _wrong_images(classes: Classes, table: Table, *, strict: bool) -> list[int]:
    """Return the images whose labels `check_labels` refuses, told for all of them at once."""
    unknown, missed = faults(classes, table.rows)
    found: list[int] = np.unique(table.image[unknown | missed if strict else unknown]).tolist()
    return found


def _label_failure(classes: Classes, image: Counted, nodata: tuple[int, ...], *, strict: bool) -> Failure:
    assert image.pairs is not None
    try:
        check_labels(classes, image.pairs.columns(), strict=strict, nodata=lambda: nodata)
    except LabelError as error:
        return Failure.of(image.name, error)
    raise AssertionError(image.name)


def _failed(failures: Sequence[Failure], evaluation: Evaluation | None) -> EvaluationError:
    number, scored = len(failures), 0 if evaluation is None else len(evaluation.names)
    lines = [f"{number:,} of {number + scored:,} images could not be scored:"]
    lines += [f"  {line}" for line in failure_lines(failures, ", in `failures` of this error", limit=_SHOWN)]
    hints = list(dict.fromkeys(marked(failure.hint) for failure in failures if failure.hint))
    if scored:
        hints.append(f"{arg('on_error', 'skip')} scores the other images, and says so")
    if scored and any(failure.kind == NO_ROOM for failure in failures):
        hints.append(_KEPT)
    error = EvaluationError("\n".join(lines), "\nhint: ".join(hints) or None, tuple(failures))
    error.evaluation = evaluation
    return error
