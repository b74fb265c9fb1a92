"""What is measured of the shapes of one image, beside its pair counts."""

from typing import TypeGuard

import numpy as np

from segscore._core import PairCounts
from segscore.base.naming import arg
from segscore.classes.classes import Classes
from segscore.classes.labels import any_colour, of_palettes
from segscore.counts.bands import Bands, Read, read_bands
from segscore.counts.class_components import components_of
from segscore.counts.class_maps import ClassMaps, hold_colours, plain
from segscore.counts.distance_options import checked_spacing
from segscore.counts.fits import fitted
from segscore.counts.grown import Grown
from segscore.counts.image_spacings import Spacings
from segscore.counts.logits import label_map
from segscore.counts.measures import HEADER, Measures
from segscore.counts.record import Record
from segscore.counts.surfaces import Read as ReadSurfaces
from segscore.counts.surfaces import Surfaces, read_surfaces
from segscore.errors import ArgumentError, LabelError, SegscoreError, ShapeError
from segscore.io.arrays import Array, as_labels
from segscore.io.shapes import PLANES

_NO_SPACING = (
    f"give {arg('spacing')} as numbers, one for each axis of an image in the order of its axes; or leave it "
    "out, where no image has one, to measure in pixels"
)
_NO_LISTS = "boundaries, distances and components are of images; lists of labels have none"
_OF_LABELS = "boundaries, distances and components are measured of the labels of each image by itself"
_AS_LABELS = "save masks as labels, one value for each class, such as gray PNG"


def measured(
    measures: Measures,
    classes: Classes,
    pairs: PairCounts,
    *,
    target: object,
    pred: object = None,
    logits: object = None,
    class_axis: int | None = None,
    threshold: float | None = None,
    dims: int | None = None,
    spacing: object = None,
    threads: int | None = None,
    bands: Read | None = None,
    surfaces: ReadSurfaces | None = None,
) -> tuple[Record, ...]:
    """Return the records of one image that was counted, as arguments of `count_given` say.

    `dims` are the dimensions that each image has, if they have not been checked; `spacing` is that of the
    image, where it has one of its own; `bands` are those that it was counted by, `surfaces` the rows
    that were read with its counts.
    """
    if not measures and spacing is None:
        return ()
    targets = as_labels(target, "target")
    if dims is not None and targets.ndim != dims:
        raise ShapeError(
            f"`target` has the shape {targets.shape}, expected an image of {dims} dimensions",
            _NO_LISTS if targets.ndim < PLANES else _no_planes(dims),
            kind="",
        )
    own = image_spacing(measures, spacing, targets.ndim)
    if logits is None:
        preds = fitted(as_labels(pred, "pred"), targets.shape)
    else:
        preds = label_map(classes, logits, class_axis, threshold, targets.shape, threads=threads)
    # Rows of bands are of the same labels.
    found = pairs.columns()[:2] if bands is None else (bands[0][0], bands[0][1])
    # Where these were read, no label is a colour.
    if (
        bands is None
        and surfaces is None
        and any_colour(*found)
        and any(of_palettes(labels).any() for labels in found)
    ):
        raise not_measured()
    maps = ClassMaps.of(classes, targets, preds, found)
    records: list[Record] = []
    if measures.boundary:
        records += Bands.of(maps, measures.boundary, threads, segments=measures.segments, read=bands)
    if measures.distances:
        records.append(Surfaces.of(maps, measures, own, threads, surfaces))
        if own is not None:
            records.append(Spacings.of(own))
    if measures.components:
        objects, overlaps = components_of(maps, measures.connectivity)
        records += objects, overlaps
        if measures.dilation:
            records.append(Grown.of(maps, objects, measures.connectivity, measures.dilation))
    return tuple(records)


def counted_by_bands(
    measures: Measures, classes: Classes, target: object, pred: object, dims: int
) -> tuple[PairCounts, Read] | None:
    """Return the pair counts of one image as sums of its bands; None where it has to be counted.

    Bands do where labels are those of classes in arrays of one shape; whatever else there is, and what is
    wrong with it, is told by counting first.
    """
    if not measures.boundary or not plain(classes) or dims != PLANES:
        return None
    if not (_is_image(target, dims) and _is_image(pred, dims)) or target.shape != pred.shape:
        return None
    try:
        read = read_bands(
            target, pred, measures.boundary, classes.all_ignored, None, segments=measures.segments
        )
    except SegscoreError:
        return None
    pairs = PairCounts.from_columns(read[0][0], read[0][1], read[0][-1])
    return None if hold_colours(target, pred) and any_colour(*read[0][:2]) else (pairs, read)


def counted_with_surfaces(
    measures: Measures, classes: Classes, target: object, pred: object, dims: int, *, spacing: object
) -> tuple[PairCounts, ReadSurfaces] | None:
    """Return the pair counts of one image, and the rows of its surfaces; None where each is read by itself.

    Both are read at once of the images that `counted_by_bands` says, where no label is ignored.
    """
    if not measures.distances or not plain(classes) or classes.all_ignored:
        return None
    if not (_is_image(target, dims) and _is_image(pred, dims)) or target.shape != pred.shape:
        return None
    if not target.size:
        return None
    try:
        own = image_spacing(measures, spacing, dims)
        read, pairs = read_surfaces(classes, measures, target, pred, spacing=own, threads=None)
    except SegscoreError:
        return None
    return None if hold_colours(target, pred) and any_colour(*pairs.columns()[:2]) else (pairs, read)


def _is_image(labels: object, dims: int) -> TypeGuard[Array]:
    return type(labels) is np.ndarray and labels.ndim == dims and labels.dtype.kind in "ui"


def check_measurable(measures: Measures, classes: Classes) -> None:
    """Raise ArgumentError if shapes of these classes cannot be measured."""
    if measures and (classes.label_rule is not None or classes.pred_label_rule is not None):
        raise ArgumentError(
            f"{_OF_LABELS}, and a rule makes the labels of these classes",
            _AS_LABELS,
        )


def image_spacing(measures: Measures, spacing: object, dims: int) -> tuple[float, ...] | None:
    """Return the spacing of one image, which may have one of its own where all have one."""
    if spacing is None:
        given = measures.spacing
        if given == HEADER:
            raise ArgumentError(f"an image has no {arg('spacing')} of its own", _NO_SPACING)
        # It was checked when it was given, for as many axes as images were to have.
        return given if given is None or len(given) == dims else checked_spacing(given, dims)
    if not measures.distances or measures.spacing is None:
        raise ArgumentError(
            f"an image has a {arg('spacing')}, but distances are measured in pixels"
            if measures.distances
            else f"an image has a {arg('spacing')}, but no distances are measured",
            f"say {arg('distances', True)} and the {arg('spacing')} of most images where all begins, or "
            f"{arg('spacing', HEADER)}",
        )
    return checked_spacing(spacing, dims)


def _no_planes(dims: int) -> str:
    """Return the hint for an image of fewer dimensions than are measured, though it could be counted."""
    return (
        f"leave {arg('dims', dims)} out where all images have {PLANES} dimensions: their borders are lines, "
        "those of volumes surfaces, and both make no mean"
    )


def not_measured() -> LabelError:
    """Return the error of an image whose labels its colours tell, or all images together."""
    return LabelError(
        f"{_OF_LABELS}, and what the colours of this one stand for is told from all images together",
        _AS_LABELS,
    )
