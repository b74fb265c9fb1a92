"""Images that are given as arrays: one, or a batch of several, each of which is counted on its own."""

from collections.abc import Sequence
from typing import Any

from segscore._core import PairCounts
from segscore.base.naming import arg
from segscore.base.values import is_int
from segscore.classes.classes import Classes
from segscore.counts.counted import Counted
from segscore.counts.fits import Fit
from segscore.counts.measures import Measures
from segscore.counts.measuring import counted_by_bands, counted_with_surfaces, measured
from segscore.counts.pairs import at_index, check_given, count_given
from segscore.counts.thresholds import values_of
from segscore.errors import ArgumentError, ShapeError
from segscore.io.arrays import as_labels, as_logits, is_many, labels_away
from segscore.io.fetched import opened_mask
from segscore.io.shapes import AXIS_OF_BATCH, axis_of_image, check_images, mending


def count_image(
    classes: Classes,
    measures: Measures,
    *,
    target: object,
    pred: object = None,
    logits: object = None,
    class_axis: int | None,
    threshold: float | None,
    resize: bool,
    dims: int,
    spacing: object = None,
) -> Counted:
    """Return what one image comes to, which has no name yet, as `Evaluator.add` takes it."""
    pred, of_pred = opened_mask(pred, "pred", colours=classes.in_colours)
    target, of_target = opened_mask(target, "target", colours=classes.in_colours)
    palettes = of_pred, of_target
    labels = logits is None and class_axis is None and threshold is None
    bands = surfaces = None
    if labels and (by_bands := counted_by_bands(measures, classes, target, pred, dims)):
        (pairs, bands), fit = by_bands, Fit.SAME
    elif labels and (both := counted_with_surfaces(measures, classes, target, pred, dims, spacing=spacing)):
        (pairs, surfaces), fit = both, Fit.SAME
    else:
        pairs, fit = count_given(
            classes,
            target=target,
            pred=pred,
            logits=logits,
            class_axis=class_axis,
            threshold=threshold,
            resize=resize,
            dims=dims,
            palettes=palettes,
        )
    own = measured(
        measures,
        classes,
        pairs,
        target=target,
        pred=pred,
        logits=logits,
        class_axis=class_axis,
        threshold=threshold,
        dims=dims,
        spacing=spacing,
        bands=bands,
        surfaces=surfaces,
    )
    return Counted("", pairs, fit=fit, palettes=palettes, values=values_of(logits, threshold), measured=own)


def pairs_of(image: Counted) -> PairCounts:
    """Return the pair counts of an image that was given as arrays, which raises where it has none."""
    assert image.pairs is not None
    return image.pairs


def count_batch(
    classes: Classes,
    measures: Measures,
    *,
    target: object,
    pred: object,
    logits: object,
    class_axis: int | None,
    threshold: float | None,
    resize: bool,
    dims: int,
    named: bool,
) -> list[Counted]:
    """Return what each image of a batch comes to, as `Evaluator.add_batch` takes it.

    Images that are `named` may be one pixel wide, as their number is known.
    """
    check_given(pred, logits, class_axis, threshold)
    if logits is None:
        name, images = "pred", _label_maps("pred", pred, dims, classes, named)
    else:
        name, images = "logits", _scores(logits, dims, class_axis)
        class_axis = _axis_of_image(images, class_axis)
    targets = _label_maps("target", target, dims, classes, named)
    if len(images) != len(targets):
        raise ShapeError(
            f"`{name}` and `target` differ in length: {len(images)} and {len(targets)} images",
            "give one target for each prediction",
            kind="",
        )
    found = []
    for i in range(len(images)):
        with at_index(i):
            one = count_image(
                classes,
                measures,
                target=targets[i],
                **{name: images[i]},
                class_axis=class_axis,
                threshold=threshold,
                resize=resize,
                dims=dims,
            )
        found.append(one)
    return found


def _label_maps(name: str, given: object, dims: int, classes: Classes, named: bool) -> Sequence[Any]:
    """Return the images of one side of a batch."""
    if is_many(given):
        return given
    elsewhere = labels_away(given, name, classes=len(classes), dims=None)
    array: Any = as_labels(given, name, classes=len(classes)) if elsewhere is None else elsewhere.value
    shape = tuple(array.shape)
    _check_rank(name, shape, dims, dims + 1)
    if not named:
        check_images(name, shape)
    return array  # type: ignore[no-any-return]  # as a sequence of its images


def _scores(given: object, dims: int, class_axis: int | None) -> Sequence[Any]:
    """Return the class scores of each image of a batch."""
    if is_many(given):
        return given
    # Tensors hand out those of each image themselves; types that NumPy has not are known by the whole.
    array: Any = given if hasattr(given, "shape") and hasattr(given, "__getitem__") else as_logits(given)
    shape = tuple(array.shape)
    if class_axis is None and len(shape) == dims + 2:
        raise ArgumentError(
            f"{arg('class_axis')} is missing for `logits` of shape {shape}, and is never guessed from it",
            AXIS_OF_BATCH,
        )
    _check_rank("logits", shape, dims, dims + 1 + (class_axis is not None))
    return array  # type: ignore[no-any-return]


def _check_rank(name: str, shape: tuple[int, ...], dims: int, rank: int) -> None:
    if len(shape) == rank:
        return
    raise ShapeError(
        f"`{name}` has the shape {shape}, expected a batch of images of {dims} dimensions, {rank} in all",
        mending(name, shape, rank)
        or ("one image goes to `add`" if len(shape) < rank else "give a batch of images, or a list of them"),
        kind="",
    )


def _axis_of_image(images: Sequence[Any], class_axis: int | None) -> int | None:
    """Return the class axis of each image of a batch, whose own first axis counts the images."""
    if not is_int(class_axis) or not len(images):
        return class_axis
    return axis_of_image(class_axis, 1 + len(images[0].shape))
