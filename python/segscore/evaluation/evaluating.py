"""`evaluate`: two sets of masks go in, an `Evaluation` comes out.

What is read from the counts afterwards is in `evaluation`; how files are found, read and counted is in
`cases`, `masks` and `counting`.
"""

import os
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from segscore import _core
from segscore.classes import causes
from segscore.classes.classes import Bools, Classes, ClassesLike
from segscore.classes.labels import is_int
from segscore.counts.counting import NO_PREDICTION, Counted, Failure, Rules, count_cases
from segscore.counts.table import Table
from segscore.counts.threads import num_threads
from segscore.errors import ArgumentError, EvaluationError, LabelError, SegscoreWarning
from segscore.io.cases import Case, Masks, find_cases
from segscore.io.files import Files
from segscore.io.groups import By, labels_of
from segscore.io.masks import MAX_PIXELS, Read
from segscore.results.confusion import by_label, check_labels, faults
from segscore.results.evaluated import Evaluation

_SHOWN = 100
"""Failures that an error's message lists; its `failures` has all of them."""
_ROWS = 1 << 18
"""Rows that are looked through at once, so that an interrupt does not wait for all of them."""

Progress: TypeAlias = bool | Callable[[int, int], object]


def evaluate(
    *,
    pred: Masks,
    target: Masks,
    classes: ClassesLike,
    ignore_index: int | Iterable[int] | None = None,
    pred_classes: ClassesLike | Sequence[int] | None = None,
    pairing: str | None = None,
    groups: By | None = None,
    read: Read | None = None,
    resize: Literal["nearest"] | None = None,
    strict: bool = False,
    on_error: Literal["raise", "skip"] = "raise",
    max_pixels: int = MAX_PIXELS,
    threads: int | None = None,
    progress: Progress = True,
) -> Evaluation:
    """Compare predictions with targets over a dataset.

    Parameters
    ----------
    pred, target : path, glob pattern, list of paths, array, or list of arrays
        Masks of both sides. Files are matched by name, see :func:`segscore.io.pairing.pair`; lists by
        position. PNG, ``.npy`` and TIFF (extra ``tiff``) are read; see `read` for others.
    classes, ignore_index, pred_classes, strict
        As for :class:`segscore.ConfusionMatrix`.
    pairing : str, optional
        A pattern for names that differ between the sides, such as ``{id}_gtFine_labelIds``.
    groups : optional
        Which group an image is in, where images of one group are alike: a sequence, a patient, a city. A
        mapping, a function, a regular expression or one group an image, as for
        :func:`segscore.io.groups.group_by`. Intervals and comparisons draw whole groups then.
    read : callable, optional
        A function from a path to an array of labels, for any other format. It reads all files, in
        several threads.
    resize : "nearest", optional
        Resize predictions of another size to their targets. If not given they are an error.
    on_error : "raise" or "skip"
        Whether images that cannot be scored are an error, or are left out and listed in `failures`.
        Either way all images are tried, but for one thing: targets without a prediction are an error
        before any file is read, so that a wrong pattern does not cost a run.
    max_pixels : int
        The largest mask file that is read, in pixels.
    threads : int, optional
        Number of threads; see :func:`segscore.set_num_threads` for the default.
    progress : bool or callable
        Whether to show the progress of a long run on standard error; or a function that is called
        with the number of images done and in all, about every 50 ms and once all are done.

    Returns
    -------
    Evaluation
        The same for any number of threads and any order of files.

    Raises
    ------
    PairingError
        If no files are found or match, or targets have no prediction.
    EvaluationError
        If images cannot be scored; it lists all of them.
    LabelError
        If a target holds a label that is neither class nor ignored; or, with `strict`, a prediction
        one that is no class.
    ArgumentError, ClassesError
        If an argument is not usable.

    Examples
    --------
    >>> import numpy as np
    >>> masks = [np.array([[0, 1], [1, 255]]), np.array([[1, 1], [0, 0]])]
    >>> ev = evaluate(pred=[mask % 2 for mask in masks], target=masks, classes=2, ignore_index=255)
    >>> ev.scores.mean_iou
    1.0
    """
    resolved = Classes.of(classes, ignore_index, pred_classes)
    if on_error not in ("raise", "skip"):
        raise ArgumentError(f"`on_error` is {on_error!r}", 'it is "raise" or "skip"')
    found = find_cases(pred, target, pairing, any_file=read is not None)
    if found.missing and on_error == "raise":
        raise found.missing_error
    # A group that is missing costs no run.
    cases = tuple(case.name for case in found.cases)
    of = None if groups is None else dict(zip(cases, labels_of(cases, groups), strict=True))
    counted = counted_cases(
        found.cases,
        resolved,
        read=read,
        resize=resize,
        max_pixels=max_pixels,
        threads=threads,
        progress=progress,
    )
    counted += [Counted(name, None, Failure(name, NO_PREDICTION)) for name in found.missing]
    evaluation = assemble(
        resolved,
        counted,
        strict=strict,
        skip=on_error == "skip",
        extra=found.extra,
        provenance=found.provenance,
    )
    if of is not None:
        evaluation = replace(evaluation, groups=tuple(of[name] for name in evaluation.names))
    evaluation = replace(evaluation, files=_files(found.cases, evaluation.names))
    for warning in doubts(resolved, evaluation):
        warnings.warn(warning, SegscoreWarning, stacklevel=2)
    return evaluation


def _files(cases: Sequence[Case], names: Iterable[str]) -> dict[str, Files]:
    """Return where the masks of the images lie, as whole paths: a report may be written from elsewhere."""
    by_name = {case.name: case for case in cases}
    found = {name: Files(_path(by_name[name].pred), _path(by_name[name].target)) for name in names}
    return {name: files for name, files in found.items() if files != Files()}


def _path(mask: object) -> str | None:
    return os.path.abspath(mask) if isinstance(mask, str) else None


def doubts(classes: Classes, evaluation: Evaluation) -> Iterator[str]:
    """Yield what the user is warned of: predicted labels that are no class, and that nothing is scored."""
    pairs = evaluation.table.sum.columns()
    warning = check_labels(classes, pairs, where=_first(evaluation.names, evaluation.table))
    if warning:
        yield warning
    if not evaluation.scores.pixels and evaluation.scores.ignored:
        yield (
            f"nothing is scored: all {evaluation.scores.ignored:,} pixels have an ignored target\n"
            "hint: are the targets in another label space, such as train ids instead of label ids?"
        )


@dataclass(frozen=True)
class LabelsFound:
    """Label values of a dataset, before it is known what they mean.

    Attributes
    ----------
    target, pred : dict of int to int
        Pixels of each label value.
    images : int
        Images that could be read.
    failures : tuple of Failure
        Images that could not.
    missing, extra : tuple of str
        Targets without a prediction, and predictions without a target.
    """

    target: dict[int, int]
    pred: dict[int, int]
    images: int
    failures: tuple[Failure, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]

    @property
    def presets(self) -> list[str]:
        """Names of presets whose labels hold all target labels found, best first."""
        return causes.fitting_presets(set(self.target))


def find_labels(
    *,
    pred: Masks,
    target: Masks,
    pairing: str | None = None,
    read: Read | None = None,
    resize: Literal["nearest"] | None = None,
    max_pixels: int = MAX_PIXELS,
    threads: int | None = None,
    progress: Progress = True,
) -> LabelsFound:
    """Return the label values of predictions and targets; the parameters are those of `evaluate`."""
    found = find_cases(pred, target, pairing, any_file=read is not None)
    counted = counted_cases(
        found.cases,
        None,
        read=read,
        resize=resize,
        max_pixels=max_pixels,
        threads=threads,
        progress=progress,
    )
    total = _core.Tally()
    for image in counted:
        if image.pairs is not None:
            total.add(image.pairs)
    target_labels, pred_labels, pixels = total.snapshot().columns()
    return LabelsFound(
        target=by_label(target_labels, pixels, slice(None)),
        pred=by_label(pred_labels, pixels, slice(None)),
        images=sum(image.pairs is not None for image in counted),
        failures=tuple(image.failure for image in counted if image.failure is not None),
        missing=found.missing,
        extra=found.extra,
    )


def assemble(
    classes: Classes,
    counted: Sequence[Counted],
    *,
    strict: bool = False,
    skip: bool = False,
    extra: tuple[str, ...] = (),
    provenance: Mapping[str, str] | None = None,
) -> Evaluation:
    """Return the evaluation of images that were counted, after a check of all their labels.

    Parameters
    ----------
    classes : Classes
        What labels may be.
    counted : sequence of Counted
        The images, in the order that they are to have, names all different.
    strict : bool
        Whether predictions that are no class are an error.
    skip : bool
        Whether images that fail are left out rather than an error.
    extra : tuple of str
        Predictions without a target.
    provenance : mapping of str to str, optional
        What was compared.

    Raises
    ------
    EvaluationError, LabelError
        As `evaluate` says.
    """
    images = [image for image in counted if image.pairs is not None]
    failures = [image.failure for image in counted if image.failure is not None]
    table = table_of(images)
    if skip or failures:
        wrong = _wrong_images(classes, table, strict=strict)
    else:
        first = _first([image.name for image in images], table)
        check_labels(classes, table.sum.columns(), where=first, strict=strict)
        wrong = []
    failures.extend(_label_failure(classes, images[i], strict=strict) for i in wrong)
    failures.sort(key=lambda failure: failure.name)
    if wrong:
        bad = set(wrong)
        images = [image for i, image in enumerate(images) if i not in bad]
        table = table_of(images)
    if failures and (not skip or not images):
        raise _failed(failures, len(images))
    if not images:
        raise EvaluationError("there are no images to score", "add at least one image")
    return Evaluation(
        classes=classes,
        names=tuple(image.name for image in images),
        table=table,
        failures=tuple(failures),
        extra=extra,
        resized=sum(image.resized for image in images),
        provenance=dict(provenance or {}),
    )


def table_of(images: Sequence[Counted]) -> Table:
    """Return the pair counts of images that were counted, under each other."""
    return Table(*_core.stack([image.pairs for image in images if image.pairs is not None]))


def _wrong_images(classes: Classes, table: Table, *, strict: bool) -> list[int]:
    """Return the images whose labels `check_labels` refuses, told for all of them at once."""
    unknown, missed = faults(classes, table.rows)
    found: list[int] = np.unique(table.image[unknown | missed if strict else unknown]).tolist()
    return found


def _first(names: Sequence[str], table: Table) -> Callable[[Bools], str]:
    """Return a function from faults among the summed rows to the name of the first image with one."""

    def first(faulty: Bools) -> str:
        # A label at fault is so beside every label of the other side that is named here.
        target, pred, _ = (column[faulty] for column in table.sum.columns())
        for start in range(0, len(table.pixels), _ROWS):
            part = slice(start, start + _ROWS)
            rows = np.isin(table.target[part], target) & np.isin(table.pred[part], pred)
            if rows.any():
                return names[int(table.image[part][rows].min())]
        raise AssertionError(names)

    return first


def _label_failure(classes: Classes, image: Counted, *, strict: bool) -> Failure:
    assert image.pairs is not None
    try:
        check_labels(classes, image.pairs.columns(), strict=strict)
    except LabelError as error:
        return Failure.of(image.name, error)
    raise AssertionError(image.name)


def _failed(failures: Sequence[Failure], scored: int) -> EvaluationError:
    number = len(failures)
    lines = [f"{number:,} of {number + scored:,} images could not be scored:"]
    lines += [f"  {failure}" for failure in failures[:_SHOWN]]
    if number > _SHOWN:
        lines.append(f"  and {number - _SHOWN:,} more, in `failures` of this error")
    hints = list(dict.fromkeys(failure.hint for failure in failures if failure.hint))
    if scored:
        hints.append('`on_error="skip"` scores the other images, and says so')
    return EvaluationError("\n".join(lines), "\nhint: ".join(hints) or None, tuple(failures))


def counted_cases(
    cases: Sequence[Case],
    classes: Classes | None,
    *,
    read: Read | None,
    resize: Literal["nearest"] | None,
    max_pixels: int,
    threads: int | None,
    progress: Progress,
) -> list[Counted]:
    """Return what each case comes to, in the order of the cases; labels are not checked.

    Parameters
    ----------
    cases : sequence of Case
        What to count.
    classes : Classes or None
        The classes; where they are not known yet, pixels in colours are read as labels.
    read, resize, max_pixels, threads, progress
        As for `evaluate`.
    """
    rules = Rules(
        classes=None if classes is None else len(classes),
        colours=classes is None or bool(classes.colours),
        max_pixels=_checked_max_pixels(max_pixels),
        resize=checked_resize(resize),
        threads=num_threads(threads),
        read=read,
    )
    total = len(cases)
    if callable(progress):
        return count_cases(cases, rules, lambda done: progress(done, total))
    if not progress:
        return count_cases(cases, rules, lambda _: None)
    from segscore.text.progress import Progress as Shown

    with Shown(total) as shown:
        return count_cases(cases, rules, shown)


def checked_resize(resize: object) -> bool:
    """Return whether to resize, or raise ArgumentError."""
    if resize not in (None, "nearest"):
        raise ArgumentError(f"`resize` is {resize!r}", 'it is "nearest", or left out')
    return resize == "nearest"


def _checked_max_pixels(max_pixels: object) -> int:
    if not is_int(max_pixels) or not 1 <= max_pixels < 1 << 62:
        raise ArgumentError(f"`max_pixels` is {max_pixels!r}", "it is a number of pixels, 1 to 2**62 - 1")
    return int(max_pixels)
