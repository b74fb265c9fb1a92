"""InstanceEvaluator: maps of ids come one by one, with the classes of their segments."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from segscore.base.foreign import translated
from segscore.base.naming import arg
from segscore.base.shown import brief
from segscore.base.values import is_several
from segscore.classes.classes import Classes, ClassesLike
from segscore.classes.folding import is_background
from segscore.counts.counted import Counted
from segscore.counts.given_masks import Side, count_masks
from segscore.counts.instances import ClassOf, Outside, count_instances, with_outside
from segscore.counts.measures import Instances, Measures, unlike
from segscore.counts.widths import Width, width_of
from segscore.errors import ArgumentError, unknown
from segscore.evaluation.gathering import Gathering, checked_name


class InstanceEvaluator(Gathering):
    """Scores objects of images one by one: panoptic quality, and F1 at any IoU.

    Parameters
    ----------
    classes, ignore_index
        As for :class:`segscore.ConfusionMatrix`. A target segment of a label value that is ignored is void.
    things : iterable of str or int, optional
        Classes whose objects are counted, by names or label values; all others are stuff, such as sky, of
        which an image has one segment. All classes if not given. Means are given of both; scores of a class
        do not depend on it.
    outside : "void" or "background"
        What pixels of targets are that belong to no segment, those of id 0: void, which no score counts, as
        in panoptic datasets; or a background, on which predictions are wrong, as in labels of cells. Classes
        without one named so are given a background.
    boundary : int, float or str, optional
        The width of bands along the borders of objects, in pixels, or as a share of the diagonal of the
        image, such as 0.02 or "2%": what ``boundary_pq`` and ``average_precision("boundary-coco")`` are of.

    Raises
    ------
    ClassesError, ArgumentError
        If the classes or `things` are not usable.

    Notes
    -----
    Evaluators of parts of a dataset are added with ``+``; the result does not depend on how the images were
    split. Pixels of the segments' classes are counted, too, so that the result has scores of classes.

    Examples
    --------
    >>> judge = InstanceEvaluator(["car", "sky"], things=["car"])
    >>> judge.add(pred=[[7, 7, 9, 9]], target=[[3, 3, 4, 4]], name="frame_07",
    ...           pred_segments={7: "car", 9: "sky"}, target_segments={3: "car", 4: "sky"})
    >>> ev = judge.result()
    >>> ev.panoptic.mean_pq, ev.metric("f1.car@0.75"), ev.scores.mean_iou
    (1.0, 1.0, 1.0)
    """

    def __init__(
        self,
        classes: ClassesLike,
        *,
        ignore_index: int | Iterable[int] | None = None,
        things: Iterable[str | int] | None = None,
        outside: Outside = "void",
        boundary: Width | str | None = None,
    ) -> None:
        super().__init__()
        self._classes = with_outside(Classes.of(classes, ignore_index), outside)
        self._outside = outside
        band = None if boundary is None else width_of(boundary)
        stuff = stuff_labels(self._classes, things)
        self._measures = Measures().with_objects("panoptic", stuff, (), band)

    @translated
    def add(
        self,
        *,
        target: object,
        pred: object,
        target_segments: Mapping[int, ClassOf] | None = None,
        pred_segments: Mapping[int, ClassOf] | None = None,
        scores: Mapping[int, float] | None = None,
        name: str | None = None,
    ) -> None:
        """Add one image.

        Parameters
        ----------
        target, pred : array_like of int (H, W), or (D, H, W)
            The id of the segment that each pixel is of, from -2**63 to 2**63 - 1; 0 for no segment.
        target_segments, pred_segments : mapping of int to str or int, optional
            The class of each id, by its name or its label value; of a target also ``("person", "crowd")``,
            for a region of many that nobody told apart. Without it, where there is one class, each id is an
            object of that.
        scores : mapping of int to float, optional
            How sure a model is of each predicted segment.
        name : str, optional
            Of the image. If not given it is the number of those without a name so far.

        Raises
        ------
        ArgumentError
            If an image of this name was added before; an id has pixels and no segment, or a segment has no
            pixels; there is no class of a name; or scores are not those of the predicted segments. All that
            is wrong with an image is said at once.
        ShapeError, DtypeError
            As for :meth:`segscore.ConfusionMatrix.update`. An image that raises is not added.
        """
        checked_name(name)
        self._of("panoptic")
        pairs, both = count_instances(
            self._classes,
            target=target,
            pred=pred,
            target_segments=target_segments,
            pred_segments=pred_segments,
            scores=scores,
            outside=self._outside,
            band=self._measures.band,
        )
        self._keep(Counted("", pairs, measured=both), name)

    @translated
    def add_masks(
        self,
        *,
        target: object,
        pred: object,
        target_classes: Sequence[ClassOf],
        pred_classes: Sequence[str | int],
        scores: Sequence[float] | None = None,
        size: tuple[int, int] | None = None,
        name: str | None = None,
    ) -> None:
        """Add one image whose masks may overlap.

        No pixel has one class then, so that there are F1 and average precision of objects and no panoptic
        quality. Images are all of maps or all of masks.

        Parameters
        ----------
        target, pred : bool (n, H, W), or list of masks
            One mask for each object. In a list, a mask is bool (H, W); or run lengths of COCO, as text or as
            numbers: ``{"size": [H, W], "counts": …}``; or polygons, ``[[x, y, x, y, …], …]``, which are
            painted as COCO does.
        target_classes, pred_classes : sequence of str or int
            The class of each mask, as for :meth:`add`.
        scores : sequence of float, optional
            How sure a model is of each predicted mask.
        size : (int, int), optional
            Height and width of the image, where no mask says them.
        name : str, optional
            As for :meth:`add`.

        Raises
        ------
        ArgumentError
            If an image of this name was added before, or one as a map; or masks, classes or scores are not
            usable. All that is wrong with an image is said at once. An image that raises is not added.

        Examples
        --------
        >>> judge = InstanceEvaluator(["cell"])
        >>> judge.add_masks(target=[[[0, 0, 4, 0, 4, 4, 0, 4]]], pred=[[[0, 0, 4, 0, 4, 3, 0, 3]]],
        ...                 target_classes=["cell"], pred_classes=["cell"], scores=[0.9], size=(8, 8))
        >>> round(judge.result().average_precision("coco").mean(), 3)
        0.6
        """
        checked_name(name)
        self._of("detections")
        sides = Side("target", target, target_classes), Side("pred", pred, pred_classes, scores)
        pairs, both = count_masks(self._classes, *sides, size, self._measures.band)
        self._keep(Counted("", pairs, measured=both), name)

    def _of(self, instances: Instances) -> None:
        """Say what images hold, or raise ArgumentError where others hold something else."""
        if self._measures.instances == instances:
            return
        if len(self):
            raise ArgumentError(
                "images of maps and images of masks cannot be added to one evaluator",
                "maps give a class to each pixel, and masks may overlap: make one evaluator for each",
            )
        self._measures = Measures().with_objects(instances, self._measures.stuff, (), self._measures.band)

    def _keep(self, found: Counted, name: str | None) -> None:
        if name is None:
            self._unnamed.append(found)
        else:
            self._put([found], [name])

    def __add__(self, other: object) -> Self:
        """Return an evaluator of the images of both.

        Raises
        ------
        ArgumentError
            If the classes or things differ, or both have an image of one name.
        """
        return self._sum(other) if isinstance(other, type(self)) else NotImplemented

    def _empty(self, other: Self) -> Self:
        if self._outside != other._outside:
            raise ArgumentError(
                f"two evaluators with {unlike(*({'outside': one._outside} for one in (self, other)))} "
                "cannot be added",
                "make both with the same options",
            )
        made = type(self)(self._classes, outside=self._outside)
        made._measures = self._measures
        return made


def stuff_labels(classes: Classes, things: Iterable[str | int] | None) -> tuple[int, ...]:
    """Return the label values of classes that are not among the things, or raise ArgumentError."""
    if things is None:
        return ()
    if not is_several(things):
        raise ArgumentError(f"{arg('things')} is {brief(things)}", 'it is a list of classes, such as ["car"]')
    found = set()
    for one in things:
        if one not in classes.names and one not in classes.class_of:
            raise unknown("class", one, classes.names)
        found.add(classes.names.index(one) if isinstance(one, str) else classes.class_of[one])
    return tuple(
        classes.labels[i]
        for i, name in enumerate(classes.names)
        if i not in found and not classes.ignored_classes[i] and not is_background(name)
    )
