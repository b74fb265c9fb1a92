"""Pair counts of arrays: of one case, or of two lists of cases together.

Predictions are label maps or class scores; classes give both their meaning elsewhere.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeAlias

from segscore import _core
from segscore.base.naming import arg, marked
from segscore.base.wording import many
from segscore.classes.classes import Classes
from segscore.counts.fits import Fit, fit
from segscore.counts.logits import count_logits, counted_away
from segscore.counts.palettes import NO_PALETTES, Palettes, as_meant
from segscore.counts.threads import threads_for_array
from segscore.errors import ArgumentError, SegscoreError, ShapeError
from segscore.io.arrays import as_labels, is_many, labels_away, palette_of
from segscore.io.shapes import fitting, fitting_both, several

Counts: TypeAlias = tuple[_core.PairCounts, Fit]
"""Pair counts, and how the prediction came to the size of its target."""


def count_given(
    classes: Classes,
    *,
    target: object,
    pred: object = None,
    logits: object = None,
    class_axis: int | None = None,
    threshold: float | None = None,
    resize: bool = False,
    dims: int | None = None,
    threads: int | None = None,
    palettes: Palettes | None = None,
) -> Counts:
    """Return the pair counts of whichever of `pred` and `logits` is given, in label values.

    Arguments are those of :meth:`segscore.ConfusionMatrix.update`, :func:`count` and `count_logits`. Also
    returned is how a label map came to the size of its target. `palettes` are those of files that arrays
    were read from.
    """
    check_given(pred, logits, class_axis, threshold)
    if logits is None:
        return count(
            pred,
            target,
            len(classes),
            meant=classes,
            resize=resize,
            dims=dims,
            threads=threads,
            palettes=palettes,
        )

    if _are_lists("logits", logits, target, dims):
        each = partial(
            count_given,
            classes,
            class_axis=class_axis,
            threshold=threshold,
            dims=dims,
            threads=threads,
            palettes=palettes,
        )
        return _sum(each, "logits", logits, target)
    pairs = count_logits(classes, logits, target, class_axis, threshold, dims=dims, threads=threads)
    return as_meant(classes, pairs, palettes or (None, palette_of(target)), scores=True), Fit.SAME


def check_given(pred: object, logits: object, class_axis: object, threshold: object) -> None:
    """Raise ArgumentError unless either labels or class scores are given, and what belongs to them."""
    if (pred is None) == (logits is None):
        raise ArgumentError(
            f"expected either `pred` or `logits`, found {'neither' if pred is None else 'both'}",
            "label maps are `pred=`; class scores are `logits=`, with `class_axis=`",
        )
    if logits is None and not (class_axis is None and threshold is None):
        name = arg("threshold" if class_axis is None else "class_axis")
        raise ArgumentError(
            f"{name} is given with `pred`, but belongs to `logits`",
            f"class scores are passed as `logits=`; for label maps leave {name} out",
        )


def count(
    pred: object,
    target: object,
    classes: int | None,
    *,
    meant: Classes | None = None,
    resize: bool = False,
    dims: int | None = None,
    threads: int | None = None,
    palettes: Palettes | None = None,
) -> Counts:
    """Return the pair counts of label maps: of one case, or of two lists of cases together.

    Arguments and errors are those of :meth:`segscore.ConfusionMatrix.update`; with `resize`, a prediction of
    another size is resized to its target, to nearest pixels. With `dims` it is one image, of at most so many
    dimensions. Labels are indices whatever palettes say, unless it is given what they are `meant` to be. Also
    returned is how the prediction came to that size.
    """
    if _are_lists("pred", pred, target, dims):
        each = partial(
            count, classes=classes, meant=meant, resize=resize, dims=dims, threads=threads, palettes=palettes
        )
        return _sum(each, "pred", pred, target)
    there = labels_away(pred, "pred", classes=classes, dims=dims)
    if there is not None:
        beside = labels_away(target, "target", classes=classes, dims=dims)
        if beside is not None and beside.shape == there.shape:
            return counted_away(beside, there, threads_for_array(there.size, threads)), Fit.SAME
    pred_labels = as_labels(pred, "pred", classes=classes, dims=dims)
    target_labels = as_labels(target, "target", classes=classes, dims=dims)
    shapes = pred_labels.shape, target_labels.shape
    fitted = fit(*shapes)
    try:
        pairs = _core.count(
            target_labels,
            pred_labels,
            resize=resize and fitted is not Fit.SAME,
            threads=threads_for_array(target_labels.size, threads),
        )
    except ShapeError as error:
        hint = fitting("pred", *shapes) or fitting("target", *shapes[::-1]) or fitting_both(*shapes)
        if hint is None:
            raise
        raise ShapeError(error.message, hint, kind="") from None
    if meant is not None:
        found = palettes or ((palette_of(pred), palette_of(target)) if meant.colours else NO_PALETTES)
        pairs = as_meant(meant, pairs, found, scores=False)
    return pairs, fitted


@contextmanager
def at_index(i: int) -> Iterator[None]:
    """Say of an error which one of several cases it is of."""
    try:
        yield
    except SegscoreError as error:
        raise type(error)(f"at index {i}: {marked(error.message)}", error.hint, kind=error.kind) from error


def _are_lists(name: str, given: object, target: object, dims: int | None) -> bool:
    """Whether two lists of cases are given rather than one case; with `dims`, it must be one."""
    if dims is None:
        return is_many(given) and is_many(target)
    for side, value in ((name, given), ("target", target)):
        if is_many(value):
            raise ShapeError(
                f"`{side}` is a list of {many(len(value), 'array')}, expected an image of {dims} dimensions",
                several(dims),
                kind="",
            )
    return False


def _sum(count_one: Callable[..., Counts], name: str, given: Any, targets: Any) -> Counts:
    """Count each case of two lists; `name` is that of the first."""
    if len(given) != len(targets):
        raise ShapeError(
            f"`{name}` and `target` differ in length: {len(given)} and {len(targets)} arrays",
            "give one target for each prediction",
        )
    tally, fitted = _core.Tally(), Fit.SAME
    for i, (one, target) in enumerate(zip(given, targets, strict=True)):
        with at_index(i):
            pairs, one_fit = count_one(target=target, **{name: one})
        tally.add(pairs)
        fitted = max(fitted, one_fit)
    return tally.snapshot(), fitted
