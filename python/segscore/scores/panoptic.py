"""Panoptic quality: how many segments are found, and how well these fit, by class."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from segscore.base.values import Bools, Floats, Frozen, Ints, lazy, readonly
from segscore.base.wording import many
from segscore.classes.classes import Classes
from segscore.scores import metrics
from segscore.scores.by_class import ByClass, by_class
from segscore.scores.listed_objects import FoundObject, ListedObjects
from segscore.scores.matching import Matching, Outcomes, Rule, Threshold
from segscore.text.numbers import number


def quality(kind: str, iou: Floats, tp: Ints | Floats, fp: Ints | Floats, fn: Ints | Floats) -> Floats:
    """Return a score of sums over matches, of any shape; NaN where there is no object.

    Segmentation quality is 0 where nothing matches, as in COCO's own tool, and precision and recall are where
    one side has no object.
    """
    there = (tp + fp + fn) > 0
    if kind == "sq":
        found = metrics.ratio(iou, tp)
    elif kind == "pq":
        found = metrics.ratio(2 * iou, 2 * tp + fp + fn)
    elif kind == "object_precision":
        found = metrics.ratio(tp, tp + fp)
    elif kind == "object_accuracy":
        found = metrics.ratio(tp, tp + fp + fn)
    elif kind == "object_recall":
        found = metrics.ratio(tp, tp + fn)
    else:
        found = metrics.ratio(2 * tp, 2 * tp + fp + fn)
    return np.where(there, np.nan_to_num(found), np.nan)


def stuff_of(classes: Classes, stuff: tuple[int, ...]) -> Bools:
    """Return which classes are stuff, bool (K,), of the label values of these."""
    return np.isin(np.array(classes.labels, dtype=np.int64), np.array(stuff, dtype=np.int64))


@dataclass(frozen=True, eq=False, repr=False)
class PanopticMeans(Frozen):
    """Means over some classes: those of them that have an object on either side, and that means take in.

    Attributes
    ----------
    mean_pq, mean_sq, mean_rq : float
        0 to 1; NaN where no class has an object.
    classes : int
        How many classes the means are over.
    """

    mean_pq: float
    mean_sq: float
    mean_rq: float
    classes: int

    def __repr__(self) -> str:
        """Return a short form with the means."""
        return f"<PanopticMeans over {many(self.classes, 'class')}: mean PQ {number(self.mean_pq)}>"


@dataclass(frozen=True, eq=False, repr=False)
class PanopticImages(Frozen):
    """Panoptic quality of each image.

    Attributes
    ----------
    pq : float64 (n, K)
        Of each class, 0 to 1; NaN for a class of which the image has no object.
    mean_pq : float64 (n,)
        Mean over the classes that the image has an object of.
    tp, fp, fn : int64 (n, K)
        Objects that match, are invented and are missed.
    """

    name: tuple[str, ...]
    pq: Floats
    mean_pq: Floats
    tp: Ints
    fp: Ints
    fn: Ints

    def __repr__(self) -> str:
        """Return a short form with the number of images."""
        return f"<PanopticImages of {many(len(self.name), 'image')}>"


@dataclass(frozen=True, eq=False, repr=False)
class PanopticScores(Frozen):
    """Panoptic quality of a dataset, of objects summed over images.

    Notes
    -----
    A target and a prediction of a class match where their IoU is above 0.5, which no two predictions of a
    target can be (A. Kirillov et al., "Panoptic segmentation", CVPR 2019). With the matches TP, the unmatched
    predictions FP and the unmatched targets FN, ``PQ = sum of IoU / (TP + FP / 2 + FN / 2)`` is the product
    of the segmentation quality SQ, the mean IoU of matches, and of the recognition quality RQ, their F1.
    Predicted pixels on void leave the union. A crowd is no target, and a prediction with more than half of
    its pixels on void and the crowd of its class is no FP.

    Examples
    --------
    >>> from segscore import InstanceEvaluator
    >>> judge = InstanceEvaluator(["car", "person"])
    >>> judge.add(pred=[[7, 7, 8, 8]], target=[[3, 3, 3, 4]], name="frame_07",
    ...           pred_segments={7: "car", 8: "person"}, target_segments={3: "car", 4: "person"})
    >>> panoptic = judge.result().panoptic
    >>> panoptic.pq.round(3).tolist(), panoptic.tp.tolist(), round(panoptic.mean_pq, 3)
    ([0.667, 0.0], [1, 0], 0.333)
    """

    classes: Classes
    names: tuple[str, ...]
    stuff_classes: Bools
    _matching: Matching = field(repr=False)

    def __repr__(self) -> str:
        """Return a short form with the mean over classes."""
        return f"<PanopticScores of {self.classes}: mean PQ {number(self.mean_pq)}>"

    @property
    def _found(self) -> Outcomes:
        return self._matching.at(Threshold())

    @lazy
    def tp(self) -> Ints:
        """int64 (K,): objects of each class that match."""
        return readonly(self._found.tp.sum(axis=0))

    @lazy
    def fp(self) -> Ints:
        """int64 (K,): predictions of each class that are invented."""
        return readonly(self._found.fp.sum(axis=0))

    @lazy
    def fn(self) -> Ints:
        """int64 (K,): targets of each class that are missed."""
        return readonly(self._found.fn.sum(axis=0))

    @lazy
    def iou_sum(self) -> Floats:
        """float64 (K,): the sum of the IoU of all matches of each class."""
        return readonly(self._found.iou.sum(axis=0))

    def _quality(self, kind: str) -> ByClass:
        return by_class(quality(kind, self.iou_sum, self.tp, self.fp, self.fn), self.classes.names)

    @lazy
    def pq(self) -> ByClass:
        """Panoptic quality of each class, float64 (K,), 0 to 1; NaN for a class without an object."""
        return self._quality("pq")

    @lazy
    def sq(self) -> ByClass:
        """Segmentation quality of each class, the mean IoU of its matches, float64 (K,); 0 without any."""
        return self._quality("sq")

    @lazy
    def rq(self) -> ByClass:
        """Recognition quality of each class, the F1 of its objects, float64 (K,)."""
        return self._quality("rq")

    @property
    def all(self) -> PanopticMeans:
        """Means over all classes."""
        return self._means(np.ones(len(self.classes), dtype=np.bool_))

    @property
    def things(self) -> PanopticMeans:
        """Means over the classes whose objects are counted."""
        return self._means(~self.stuff_classes)

    @property
    def stuff(self) -> PanopticMeans:
        """Means over the classes of which an image has one segment, such as sky."""
        return self._means(self.stuff_classes)

    def _means(self, some: Bools) -> PanopticMeans:
        which = some & self.classes.in_mean
        pq, sq, rq = (
            float(metrics.class_mean(np.asarray(one), which)) for one in (self.pq, self.sq, self.rq)
        )
        return PanopticMeans(pq, sq, rq, int(np.count_nonzero(which & ~np.isnan(self.pq))))

    @property
    def mean_pq(self) -> float:
        """Mean of the panoptic quality over classes that means take in."""
        return self.all.mean_pq

    @property
    def mean_sq(self) -> float:
        """Mean of the segmentation quality over classes that means take in."""
        return self.all.mean_sq

    @property
    def mean_rq(self) -> float:
        """Mean of the recognition quality over classes that means take in."""
        return self.all.mean_rq

    @property
    def missed(self) -> tuple[FoundObject, ...]:
        """Targets that no prediction matches, the largest first."""
        return self._at().missed

    @property
    def invented(self) -> tuple[FoundObject, ...]:
        """Predictions that match no target, but for those on void and crowds, the largest first."""
        return self._at().invented

    def missed_at(self, iou: float | Literal["any"], rule: Rule | None = None) -> tuple[FoundObject, ...]:
        """Return the targets that no prediction matches from an IoU on, the largest first.

        Parameters
        ----------
        iou : float or "any"
            From which IoU on objects match, above 0 and up to 1, or that any overlap will do.
        rule : "greedy" or "hungarian", optional
            How they match below an IoU of 0.5, where one may match several.

        Raises
        ------
        ArgumentError
            If it is no such IoU, or one below 0.5 comes without a rule.
        """
        return self._at(Threshold.of(iou, rule)).missed

    def invented_at(self, iou: float | Literal["any"], rule: Rule | None = None) -> tuple[FoundObject, ...]:
        """Return the predictions that match no target from an IoU on, the largest first.

        Those on void and crowds are left out. Arguments, and what is raised, are those of `missed_at`.
        """
        return self._at(Threshold.of(iou, rule)).invented

    @property
    def split(self) -> tuple[FoundObject, ...]:
        """Targets that have most of the pixels of several predictions of their class, the largest first."""
        return self._at().split

    @property
    def merged(self) -> tuple[FoundObject, ...]:
        """Predictions that have most of the pixels of several targets of their class, the largest first."""
        return self._at().merged

    def _at(self, threshold: Threshold | None = None) -> ListedObjects:
        return ListedObjects(self.classes.names, self.names, threshold or Threshold(), self._matching)

    @lazy
    def images(self) -> PanopticImages:
        """Return the same of each image."""
        found = self._found
        pq = quality("pq", found.iou, found.tp, found.fp, found.fn)
        mean = metrics.class_mean(pq, self.classes.in_mean)
        return PanopticImages(self.names, readonly(pq), readonly(mean), found.tp, found.fp, found.fn)

    def columns(self) -> dict[str, npt.NDArray[Any]]:
        """Return what there is of each class, arrays (K,) under their names; ``name`` are texts."""
        return {
            "name": np.array(self.classes.names, dtype=object),
            "stuff": self.stuff_classes,
            "pq": np.asarray(self.pq),
            "sq": np.asarray(self.sq),
            "rq": np.asarray(self.rq),
            "tp": self.tp,
            "fp": self.fp,
            "fn": self.fn,
            "iou_sum": self.iou_sum,
        }

    def to_frame(self, backend: str | None = None) -> Any:
        """Return `columns` as a data frame; see :meth:`segscore.Scores.to_frame`."""
        from segscore.text.frames import frame

        return frame(self.columns(), backend)
