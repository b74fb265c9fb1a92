"""Evaluator: images come one by one, from an inference loop, and an `Evaluation` comes out."""

import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, Self, Unpack

from segscore.base.foreign import translated
from segscore.base.naming import arg
from segscore.classes.causes import BINARY
from segscore.classes.classes import Classes, ClassesLike
from segscore.counts.batches import count_batch, count_image, pairs_of
from segscore.counts.checks import warning_of
from segscore.counts.counted import Counted
from segscore.counts.distance_options import Spacing
from segscore.counts.measure_options import MeasureOptions, measuring
from segscore.counts.measures import Measures
from segscore.counts.measuring import check_measurable
from segscore.counts.stacked import of_batch
from segscore.counts.tiles import check_tile, with_tile
from segscore.errors import ArgumentError, SegscoreWarning, flag
from segscore.evaluation.gathering import Gathering, checked_name
from segscore.io.arrays import is_many, shape_of
from segscore.io.reading import checked_resize
from segscore.io.shapes import PLANES, Dims, checked_dims
from segscore.io.stacks import checked_names


class Evaluator(Gathering):
    """Scores images one by one, for example inside an inference loop.

    Parameters
    ----------
    classes, ignore_index, pred_classes, strict
        As for :class:`segscore.ConfusionMatrix`.
    resize : "nearest", optional
        Resize predictions of another size to their targets.
    dims : int
        Dimensions of an image: 2, or 3 for volumes. What has more is refused, as means over images hang on
        what an image is; batches go to :meth:`add_batch`.
    boundary : int, float or str, or sequence of these, optional
        Measure bands along boundaries, of images of two dimensions: a width in pixels, 5 or "5px", or a share
        of the image's diagonal, 0.02 or "2%"; or several, rising. See :attr:`Evaluation.boundary`.
    segments : bool
        Tell whole segments that are missed or invented from other wrong pixels, where bands are measured. See
        :attr:`segscore.scores.boundaries.BoundaryScores.errors`.
    distances : bool
        Measure distances between surfaces, of the classes of means. See :attr:`Evaluation.surface`.
    spacing : sequence of float, or "header", optional
        The distance between voxels along each axis of an image, in the order of the axes, in mm; or "header",
        where each image is added with its own. Without one, distances are in pixels.
    surface : "voxels" or "area", optional
        What surfaces are made of: voxels beside another label, each of which counts one, or elements of area
        between voxels. "area" if a spacing is given, else "voxels".
    within : float, optional
        How far the other surface is looked for, in the unit of distances; what is farther is infinitely far.
    tolerances : float or sequence of float, optional
        Of which tables show the surface Dice: 1 and 2 if not given; any other is read from the same rows.
    empty : "inf", "skip", "diagonal" or float
        What the distance of a structure is that is missed or invented: infinite, left out of means, the
        diagonal of its image, or a number.
    components : bool
        Tell the connected components of each class apart as objects, such as lesions, and match those of
        target and prediction: of the classes of means, but for one that is called background. See
        :attr:`Evaluation.panoptic`.
    connectivity : 4, 8, 6, 18 or 26, optional
        How many neighbours of a pixel or voxel are of its component; all around if it is not given.
    dilation : int
        By how many steps targets are grown to see which of them are one lesion, and which predictions touch
        it: what :meth:`Evaluation.lesions_as` needs for rules of BraTS. A step takes neighbours at faces and
        edges.

    Raises
    ------
    ClassesError, ArgumentError
        If the classes, `resize`, or what is to be measured are not usable.

    Notes
    -----
    Evaluators of parts of a dataset (of other processes or machines, sent by pickle) are added with
    ``+``; the result does not depend on how the images were split.

    Examples
    --------
    >>> judge = Evaluator(2)
    >>> judge.add(pred=[0, 1, 1], target=[0, 0, 1], name="frame_07")
    >>> judge.result().scores.pixel_accuracy
    0.6666666666666666
    """

    _labels_checked = True
    _dims: Dims = PLANES  # of evaluators that were pickled before there were others

    @translated
    @measuring
    def __init__(
        self,
        classes: ClassesLike,
        *,
        ignore_index: int | Iterable[int] | None = None,
        pred_classes: ClassesLike | Sequence[int] | None = None,
        strict: bool = False,
        resize: Literal["nearest"] | None = None,
        dims: Dims = PLANES,
        **measures: Unpack[MeasureOptions],
    ) -> None:
        super().__init__()
        self._classes = Classes.of(classes, ignore_index, pred_classes)
        self._strict = flag("strict", strict)
        self._resize = checked_resize(resize)
        self._dims = checked_dims(dims)
        self._measures = Measures.of(**measures, dims=self._dims)
        check_measurable(self._measures, self._classes)

    @translated
    def add(
        self,
        *,
        target: object,
        pred: object = None,
        logits: object = None,
        class_axis: int | None = None,
        threshold: float | None = None,
        name: str | None = None,
        spacing: Spacing | None = None,
        tile: bool = False,
    ) -> None:
        """Count one image, or a part of one.

        Parameters
        ----------
        target, pred, logits, class_axis, threshold
            Label values, or label values and class scores, as for
            :meth:`segscore.ConfusionMatrix.update`, of at most `dims` dimensions; lists of arrays are
            several images. Label maps may be what opens as bytes, such as those of WebDataset. Class scores
            of another size than the target are resized by :func:`segscore.predict.resize_logits` before the
            highest wins.
        name : str, optional
            Of the image. If not given it is the number of those without a name so far, and comes
            before all that have one.
        spacing : sequence of float, optional
            Of this image, where it is not that of the others.
        tile : bool
            Whether this is a part of the image of that name, to whose counts it is added: one of a slide or
            volume that is too large to be predicted at once. Parts do not overlap, as a pixel counts in each.

        Raises
        ------
        ArgumentError
            If an image of this name was added before, and this is no part of one; a part has no name, or
            shapes are measured, which lie across parts; an image has a spacing where distances are in
            pixels; and as for :meth:`segscore.ConfusionMatrix.update`.
        ShapeError, DtypeError, LabelError
            As for :meth:`segscore.ConfusionMatrix.update`. An image that raises is not added.
        MaskError
            If what opens as bytes cannot be read, or holds no label map.
        """
        checked_name(name)
        if flag("tile", tile):
            check_tile(self._measures, name)
        found = count_image(
            self._classes,
            self._measures,
            target=target,
            pred=pred,
            logits=logits,
            class_axis=class_axis,
            threshold=threshold,
            resize=self._resize,
            dims=self._dims,
            spacing=spacing,
        )
        self._add([found], None if name is None else [name], tile=tile)

    @translated
    def add_batch(
        self,
        *,
        target: object,
        pred: object = None,
        logits: object = None,
        names: Sequence[str] | None = None,
        class_axis: int | None = None,
        threshold: float | None = None,
    ) -> None:
        """Count several images, each on its own.

        Parameters
        ----------
        target, pred : array_like of bool or int (N, H, W), or list of arrays (H, W)
            Label values of N images; of volumes (N, D, H, W), with ``Evaluator(…, dims=3)``.
        logits : array_like of float (N, K, H, W), or list of arrays (K, H, W)
            Class scores in place of `pred`, as for :meth:`add`.
        names : sequence of str, optional
            Of the images, one each; if not given they are numbered, as by :meth:`add`.
        class_axis : int, optional
            Which axis of the batch holds the classes: 1 for (N, K, H, W), -1 for (N, H, W, K); of a list
            too, as if its arrays lay in one.
        threshold : float, optional
            As for :meth:`add`.

        Raises
        ------
        ArgumentError, ShapeError, DtypeError, LabelError
            As for :meth:`add`; and if sides or names differ in length, or what is given is no batch. A batch
            that raises adds none of its images.

        Examples
        --------
        >>> judge = Evaluator(2)
        >>> judge.add_batch(pred=[[[0, 1]], [[1, 1]]], target=[[[0, 1]], [[0, 1]]], names=["a", "b"])
        >>> judge.result().images.mean_image_iou.tolist()
        [1.0, 0.25]
        """
        found = count_batch(
            self._classes,
            self._measures,
            target=target,
            pred=pred,
            logits=logits,
            class_axis=class_axis,
            threshold=threshold,
            resize=self._resize,
            dims=self._dims,
            named=names is not None,
        )
        if names is not None:
            self._add(found, checked_names(names, len(found)))
            return
        said = None
        if pred is not None and not is_many(target):
            rows = [pairs_of(image).columns() for image in found]
            # Two images of two classes are a usual batch.
            said = of_batch(self._classes, shape_of(target, "target"), rows, least=BINARY + 1)
        self._add(found, None, None if said is None else str(said))

    def _add(
        self,
        found: Sequence[Counted],
        names: Sequence[str] | None,
        warning: str | None = None,
        *,
        tile: bool = False,
    ) -> None:
        """Add images that were counted, all or none of them; a part to what there is of its image."""
        for i, image in enumerate(found):
            where = names[i] if names is not None else f"image {i} of the batch" if len(found) > 1 else None
            said = warning_of(
                self._classes, pairs_of(image).columns(), where=_always(where), strict=self._strict
            )
            warning = warning or said
        if warning and not self._warned:
            # Before anything changes, because a filter may turn the warning into an error.
            warnings.warn(SegscoreWarning(warning), stacklevel=4)
            self._warned = True
        if names is None:
            self._unnamed += found
            return
        if tile and (begun := self._named.get(names[0])) is not None:
            self._named[names[0]] = with_tile(begun, found[0])
            return
        self._put(found, names, tile=tile)

    def __add__(self, other: object) -> Self:
        """Return an evaluator of the images of both.

        Raises
        ------
        ArgumentError
            If the classes differ, or both have an image of one name.
        """
        return self._sum(other) if isinstance(other, type(self)) else NotImplemented

    def _empty(self, other: Self) -> Self:
        if self._dims != other._dims:
            raise ArgumentError(
                f"two evaluators of images of {self._dims} and {other._dims} dimensions cannot be added",
                f"make both with the same {arg('dims')}",
            )
        made = type(self)(self._classes, strict=self._strict or other._strict, dims=self._dims)
        made._measures = self._measures
        made._resize = self._resize or other._resize
        return made


def _always(name: str | None) -> Callable[[object], str | None]:
    return lambda _: name
