"""Scores of the shapes of one pair of masks: what is asked for before there is a dataset.

An :class:`segscore.Evaluator` reads all of them, and of all classes, from one pass over each image.
"""

from typing import Any

import numpy as np

from segscore.base.foreign import translated
from segscore.base.shown import brief
from segscore.classes.classes import Classes
from segscore.counts.distance_options import Spacing
from segscore.counts.measures import Measures, Surface
from segscore.counts.measuring import measured
from segscore.counts.pairs import count
from segscore.counts.widths import Width, width_of
from segscore.errors import ArgumentError, LabelError, ShapeError
from segscore.io.arrays import Array, as_labels
from segscore.io.shapes import PLANES, Dims, checked_dims
from segscore.scores.shapes import Shapes
from segscore.scores.surfaces import SurfaceImages

_MASKS = Classes(["background", "foreground"], not_in_mean=[0])


@translated
def hausdorff(
    pred: object,
    target: object,
    *,
    percentile: float = 100,
    spacing: Spacing | None = None,
    surface: Surface | None = None,
    dims: Dims | None = None,
    label: int | None = None,
    threads: int | None = None,
) -> float:
    """Return the Hausdorff distance of two masks, or a percentile of it, such as HD95.

    Parameters
    ----------
    pred, target : array_like of bool or int (H, W) or (D, H, W)
        Masks, of which 1 is the object, or label maps of which one `label` is.
    percentile : float
        From 1 to 100: 95 for HD95, the larger one of both directions.
    spacing : sequence of float, optional
        The distance between voxels along each axis, in the order of the axes; 1 if not given.
    surface : "voxels" or "area", optional
        As for :class:`segscore.Evaluator`: areas if a spacing is given, else voxels.
    dims : int, optional
        2, or 3 for a volume that has no spacing: what else has three axes may be a batch, or colours.
    label : int, optional
        The label of the object.
    threads : int, optional
        As for :func:`segscore.evaluate`.

    Returns
    -------
    float
        In the unit of the spacing, or pixels. Infinite if one of the masks is empty, NaN if both are.

    Raises
    ------
    ArgumentError, ShapeError, DtypeError, LabelError
        If an argument is not usable.

    Notes
    -----
    D. P. Huttenlocher, G. A. Klanderman and W. J. Rucklidge, "Comparing images using the Hausdorff distance",
    IEEE PAMI 15 (1993).

    Examples
    --------
    >>> hausdorff([[0, 1, 0, 0]], [[0, 0, 0, 1]]), hausdorff([[0, 1]], [[0, 0]])
    (2.0, inf)
    """
    images = _distances(
        pred, target, spacing=spacing, surface=surface, dims=dims, label=label, threads=threads
    )
    return float(images.hausdorff(percentile)[0, 1])


@translated
def surface_dice(
    pred: object,
    target: object,
    tolerance: float,
    *,
    spacing: Spacing | None = None,
    surface: Surface | None = None,
    dims: Dims | None = None,
    label: int | None = None,
    threads: int | None = None,
) -> float:
    """Return the share of both surfaces that is within a tolerance of the other: normalized surface distance.

    Arguments and errors are those of :func:`hausdorff`; the tolerance is in the unit of the spacing, 0 or
    more. It is 0 if one of the masks is empty, NaN if both are.

    Examples
    --------
    >>> surface_dice([[0, 1, 0, 0]], [[0, 0, 0, 1]], 1), surface_dice([[0, 1, 0, 0]], [[0, 0, 0, 1]], 2)
    (0.0, 1.0)
    """
    images = _distances(
        pred, target, spacing=spacing, surface=surface, dims=dims, label=label, threads=threads
    )
    return float(images.dice(tolerance)[0, 1])


@translated
def assd(
    pred: object,
    target: object,
    *,
    spacing: Spacing | None = None,
    surface: Surface | None = None,
    dims: Dims | None = None,
    label: int | None = None,
    threads: int | None = None,
) -> float:
    """Return the average symmetric surface distance of two masks: the mean over both surfaces together.

    Arguments and errors are those of :func:`hausdorff`. It is infinite if one of the masks is empty, NaN if
    both are.

    Examples
    --------
    >>> assd([[0, 1, 1, 0]], [[0, 1, 1, 1]])
    0.2
    """
    images = _distances(
        pred, target, spacing=spacing, surface=surface, dims=dims, label=label, threads=threads
    )
    return float(images.assd()[0, 1])


@translated
def masd(
    pred: object,
    target: object,
    *,
    spacing: Spacing | None = None,
    surface: Surface | None = None,
    dims: Dims | None = None,
    label: int | None = None,
    threads: int | None = None,
) -> float:
    """Return the mean average surface distance of two masks: the mean of the means of both directions.

    Arguments and errors are those of :func:`hausdorff`. It is infinite if one of the masks is empty, NaN if
    both are.

    Examples
    --------
    >>> round(masd([[0, 1, 1, 0]], [[0, 1, 1, 1]]), 4)
    0.1667
    """
    images = _distances(
        pred, target, spacing=spacing, surface=surface, dims=dims, label=label, threads=threads
    )
    return float(images.masd()[0, 1])


@translated
def boundary_iou(
    pred: object,
    target: object,
    *,
    width: Width | str = 0.02,
    label: int | None = None,
    threads: int | None = None,
) -> float:
    """Return the IoU of the bands along the boundaries of two masks of two dimensions.

    Parameters
    ----------
    pred, target, label, threads
        As for :func:`hausdorff`.
    width : int, float or str
        Of the bands: pixels, 5 or "5px", or a share of the diagonal of the image, 0.02 or "2%".

    Returns
    -------
    float
        0 to 1; NaN if both masks are empty.

    Raises
    ------
    ArgumentError, ShapeError, DtypeError, LabelError
        If an argument is not usable.

    Examples
    --------
    >>> round(boundary_iou([[0, 1, 1, 0]], [[0, 1, 1, 1]]), 4)
    0.6667
    """
    shapes = _shapes(pred, target, dims=PLANES, label=label, threads=threads, boundary=width_of(width))
    return float(shapes.boundary.iou[1])


def _distances(pred: object, target: object, **options: Any) -> SurfaceImages:
    """Return how far the surfaces of two masks are from each other, in one image of class 1."""
    return _shapes(pred, target, distances=True, **options).surface.images


def _shapes(
    pred: object, target: object, *, dims: Dims | None, label: int | None, threads: int | None, **options: Any
) -> Shapes:
    """Return what is measured of two masks, of which class 1 is the object."""
    told = None if dims is None else checked_dims(dims)
    one, other = _mask(pred, "pred", label, told), _mask(target, "target", label, told)
    axes = _checked_axes(other.shape, told, options.get("spacing"))
    measures = Measures.of(dims=axes, **options)
    pairs, _ = count(one, other, len(_MASKS), dims=axes, threads=threads)
    records = measured(measures, _MASKS, pairs, pred=one, target=other, threads=threads)
    return Shapes(_MASKS, ("0",), records, measures)


def _checked_axes(shape: tuple[int, ...], dims: Dims | None, spacing: object) -> Dims:
    """Return the dimensions of a mask, which are told if it has more than two."""
    # A spacing has a number for each axis, which tells a volume as well.
    told = checked_dims(dims or (PLANES if spacing is None else len(shape)))
    if len(shape) != told:
        raise ShapeError(
            f"`target` has the shape {shape}, expected a mask of {told} dimensions",
            ("`dims=3` is for volumes; " if dims is None else "") + "masks of a batch are given one by one",
            kind="",
        )
    return told


def _mask(mask: object, name: str, label: int | None, dims: Dims | None) -> Array:
    """Return a mask of which 1 is the object."""
    labels = as_labels(mask, name)
    if labels.ndim not in (PLANES, PLANES + 1):
        raise ShapeError(
            f"`{name}` has the shape {labels.shape}, expected a mask of {dims or '2 or 3'} dimensions",
            "pass masks one by one; an `Evaluator` takes batches",
        )
    if label is not None:
        if isinstance(label, bool) or not isinstance(label, int | np.integer):
            raise ArgumentError(
                f"`label` is {brief(label)}, expected an integer", "it is the label of the object"
            )
        # NumPy compares integers with one of any size, but bool with those of 64 bits alone.
        # What is true may be any byte but 0, so that bytes are converted and not looked at.
        return np.asarray((labels.astype(np.uint8) if labels.dtype == np.bool_ else labels) == label)
    if labels.dtype == np.bool_:
        return labels
    values = [int(labels.min()), int(labels.max())] if labels.size else []
    if wrong := [value for value in values if not 0 <= value <= 1]:
        raise LabelError(
            f"`{name}` holds the label {wrong[0]}, expected a mask of 0 and 1",
            "`label=1` takes one label of a map, `mask > 0` all but 0; an `Evaluator` measures all classes",
        )
    return labels
