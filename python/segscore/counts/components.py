"""Connected components: the objects of label maps, and how those of two maps overlap."""

from typing import Any, Final, Literal, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from segscore import _core
from segscore.base.foreign import translated
from segscore.base.naming import arg
from segscore.base.shown import brief
from segscore.base.values import Ints, is_int
from segscore.errors import ArgumentError, ShapeError
from segscore.io.arrays import Array, as_labels
from segscore.io.shapes import PLANES, Dims, checked_dims

Connectivity: TypeAlias = Literal[4, 8, 6, 18, 26]

_OF: Final[dict[int, Dims]] = {4: 2, 8: 2, 6: 3, 18: 3, 26: 3}
"""The dimensions in which a pixel or voxel has as many neighbours."""
_ALL_AROUND: Final[dict[Dims, Connectivity]] = {2: 8, 3: 26}
_LONG = np.iinfo(np.int64)


@translated
def components(
    labels: object,
    *,
    connectivity: Connectivity | None = None,
    dims: Dims | None = None,
    background: int | None = 0,
) -> npt.NDArray[np.unsignedinteger[Any]]:
    """Return the number of the connected component of each pixel or voxel.

    Pixels are of one component where they have one label and neighbours lead from each to the other. Objects
    that touch but have other labels are apart, as in instance maps and in masks of several classes.

    Parameters
    ----------
    labels : array_like of bool or int (H, W) or (D, H, W)
        A mask, or a label map. It is read without a copy where it lies side by side along an axis.
    connectivity : 4, 8, 6, 18 or 26, optional
        How many neighbours there are: in images 4 at edges, or all 8 around; in volumes 6 at faces, 18 at
        faces and edges, or all 26 around. All around if it is not given.
    dims : int, optional
        2, or 3 for a volume where no connectivity tells: what else has three axes may be a batch, or colours.
    background : int, optional
        The label of pixels that are no object; None if there is no such label.

    Returns
    -------
    uint8, uint16 or uint32, of the shape of the labels
        0 for the background, then 1, 2 and so on in the order of the first pixels, in the smallest type that
        holds the highest number: make it a larger one before you add to numbers. The array lies in memory as
        the labels do.

    Raises
    ------
    ArgumentError, ShapeError, DtypeError, LabelError
        If an argument is not usable, or labels change from pixel to pixel in so large an array that their
        components cannot be objects.

    Notes
    -----
    Runs of one label in a row are united with those that they touch in rows before, so that time and memory
    depend on the outlines of objects rather than on their sizes.

    Examples
    --------
    >>> components([[7, 7, 0, 4], [0, 0, 4, 4], [7, 0, 0, 0]])
    array([[1, 1, 0, 2],
           [0, 0, 2, 2],
           [3, 0, 0, 0]], dtype=uint8)
    """
    around = _checked(connectivity, dims, background)
    return _core.components(
        _of_dims(labels, "labels", _OF[around]), connectivity=around, background=background
    )


@translated
def component_overlaps(
    pred: object,
    target: object,
    *,
    connectivity: Connectivity | None = None,
    dims: Dims | None = None,
    background: int | None = 0,
) -> Ints:
    """Return how many pixels or voxels the components of two label maps share.

    It is what `numpy.unique` counts of the numbers of :func:`components` of both, without an array of them.

    Parameters
    ----------
    pred, target : array_like of bool or int (H, W) or (D, H, W)
        Masks or label maps of one shape.
    connectivity, dims, background
        As for :func:`components`.

    Returns
    -------
    int64 (M, 3)
        Rows (component of the target, component of the prediction, pixels), sorted; 0 is the background. All
        pixels together are those of the image.

    Raises
    ------
    ArgumentError, ShapeError, DtypeError, LabelError
        If an argument is not usable.

    Examples
    --------
    >>> component_overlaps(pred=[[1, 1, 0, 1]], target=[[0, 1, 1, 0]]).tolist()
    [[0, 1, 1], [0, 2, 1], [1, 0, 1], [1, 1, 1]]
    """
    around = _checked(connectivity, dims, background)
    seen, true = (_of_dims(one, name, _OF[around]) for one, name in ((pred, "pred"), (target, "target")))
    rows, _ = _core.component_overlaps(true, seen, connectivity=around, background=background)
    return np.stack(rows, axis=1)


def _checked(connectivity: object, dims: object, background: object) -> Connectivity:
    """Return how many neighbours there are, or raise ArgumentError for any of the options."""
    if background is not None and not (is_int(background) and _LONG.min <= background <= _LONG.max):
        raise ArgumentError(
            f"`background` is {brief(background)}, expected a label",
            "it is the label of what is no object, or `None` if all labels are objects",
        )
    return neighbours(connectivity, dims)


def neighbours(connectivity: object, dims: object) -> Connectivity:
    """Return how many neighbours there are, all around if it is not said, or raise ArgumentError."""
    if connectivity is None:
        return _ALL_AROUND[checked_dims(PLANES if dims is None else dims)]
    if not is_int(connectivity) or connectivity not in _OF:
        raise ArgumentError(
            f"{arg('connectivity')} is {brief(connectivity)}, expected 4 or 8 for images, or 6, 18 "
            "or 26 for volumes",
            "it is how many neighbours a pixel has",
        )
    if dims is not None and _OF[connectivity] != checked_dims(dims):
        raise ArgumentError(
            f"{arg('connectivity', int(connectivity))} and {arg('dims', dims)} do not fit together",
            "4 and 8 are of images, 6, 18 and 26 of volumes",
        )
    return cast(Connectivity, int(connectivity))


def _of_dims(value: object, name: str, dims: Dims) -> Array:
    labels = as_labels(value, name)
    if labels.ndim != dims:
        raise ShapeError(
            f"`{name}` has the shape {labels.shape}, expected labels of {dims} dimensions",
            "volumes are told by `dims=3` or by their connectivity, such as 26; images of a batch are given "
            "one by one",
            kind="",
        )
    return labels
