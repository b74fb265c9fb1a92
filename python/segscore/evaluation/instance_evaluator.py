"""InstanceEvaluator: maps of ids come one by one, with the classes of their segments."""

from collections.abc import Iterable, Mapping
from typing import Self

from segscore.base.foreign import translated
from segscore.base.naming import arg
from segscore.base.shown import brief
from segscore.classes.classes import Classes, ClassesLike
from segscore.classes.folding import is_background
from segscore.counts.counting import Counted
from segscore.counts.instances import ClassOf, Outside, count_instances, with_outside
from segscore.counts.measures import Measures, unlike
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
    ) -> None:
        super().__init__()
        self._classes = with_outside(Classes.of(classes, ignore_index), outside)
        self._outside = outside
        self._measures = Measures().with_objects("panoptic", stuff_labels(self._classes, things))

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
        pairs, both = count_instances(
            self._classes,
            target=target,
            pred=pred,
            target_segments=target_segments,
            pred_segments=pred_segments,
            scores=scores,
            outside=self._outside,
        )
        found = Counted("", pairs, measured=both)
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
    if isinstance(things, str) or not isinstance(things, Iterable):
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
