"""Evaluated: the pair counts of every image, and everything that is read from them.

`segscore.evaluation.assembling` makes one; it never changes afterwards. Pixels are not seen here, and files
only by their names.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, TypeVar, overload

import numpy as np

from segscore.auditing import Finding, findings_of
from segscore.auditing.meaning import doubtful
from segscore.auditing.seen import Seen
from segscore.base.values import Frozen, lazy
from segscore.classes.classes import Classes
from segscore.counts.cells import Cells
from segscore.counts.doubts import DOUBTS
from segscore.counts.failures import Failure
from segscore.counts.measures import NOTHING, Measures
from segscore.counts.record import Record
from segscore.counts.rows import by_label, faults, totals
from segscore.counts.table import Table
from segscore.io.groups import Label
from segscore.io.places import Files
from segscore.results.confusion import ConfusionMatrix
from segscore.scores.average_precision import AveragePrecision
from segscore.scores.boundaries import BoundaryScores
from segscore.scores.cityscapes_precision import CityscapesPrecision
from segscore.scores.fine_grained import FineGrained
from segscore.scores.images import ImageScores, Ranked
from segscore.scores.main import MAIN_PIXELS, Main, main_of
from segscore.scores.matching import Rule
from segscore.scores.named import number_of
from segscore.scores.numbers import MeanOfImages
from segscore.scores.object_accuracy import Microscopy, ObjectAccuracy
from segscore.scores.object_sizes import ObjectSizes
from segscore.scores.panoptic import PanopticScores
from segscore.scores.scores import Scores
from segscore.scores.shapes import Shapes
from segscore.scores.surfaces import SurfaceScores

if TYPE_CHECKING:
    from segscore.results.sharded import Sharded
    from segscore.scores.conventions.lesions_as import LesionsAs

SHARD = "shard"
"""Entry of the provenance that says which shards of how many there are in an evaluation of some."""
GRAY = "gray_photographs"
"""Entry of the provenance that says how many gray photographs a model of three colours was given."""

_OF_NO_CLASS = ("void-predicted", "void-only-predicted", "unknown-predictions")
"""Findings on predictions that are no class."""
_NEVER = "never-present"
"""That on classes without pixels, of which masks that may overlap have none."""


@dataclass(frozen=True, eq=False)
class Evaluated(Frozen):
    """What a model did on a dataset: exact counts of every image, and the scores that follow.

    Attributes
    ----------
    classes : Classes
        The classes, with everything that is ignored.
    names : tuple of str
        Images that were scored, sorted; those that an `Evaluator` numbered come first, by number.
    table : Table
        Their pair counts.
    failures : tuple of Failure
        Images that could not be scored (``on_error="skip"``), sorted by name.
    extra : tuple of str
        Predictions without a target.
    resized : int
        Images whose prediction was resized to its target, to nearest pixels.
    provenance : mapping
        What was compared, as texts; read-only.
    groups : tuple of str or int, or None
        The group of each image, where images of one group are alike.
    files : mapping of str to Files
        Where the masks of images lie, by the images' names, as far as it is known; read-only.
    measured : tuple of Record
        What was measured of the images besides their pair counts.
    measures : Measures
        What was asked to be measured.
    part : Sharded or None
        What was counted of a shard, where this is one of the shards of a plan, and not the whole.
    """

    classes: Classes
    names: tuple[str, ...]
    table: Table = field(repr=False)
    failures: tuple[Failure, ...] = ()
    extra: tuple[str, ...] = ()
    resized: int = 0
    provenance: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[Label, ...] | None = field(default=None, repr=False)
    files: Mapping[str, Files] = field(default_factory=dict, repr=False)
    measured: tuple[Record, ...] = field(default=(), repr=False)
    measures: Measures = field(default=NOTHING, repr=False)
    part: "Sharded | None" = field(default=None, repr=False)

    @property
    def records(self) -> Mapping[str, Record]:
        """All that was measured of the images, by kind: `pairs`, which is `table`, and what else there is."""
        return MappingProxyType({record.kind: record for record in (self.table, *self.measured)})

    @property
    def requested(self) -> int:
        """Number of images that should have been scored."""
        return len(self.names) + len(self.failures)

    @property
    def shard(self) -> str:
        """Of which shards of a plan it is, in words; empty for all images that there are."""
        return f"shard {self.provenance[SHARD]}" if SHARD in self.provenance else ""

    @property
    def main(self) -> Main:
        """What it is judged, ranked and compared by."""
        return main_of(self.measures, self.classes)

    @property
    def main_of_tables(self) -> Main:
        """What tables of classes and of groups go by: IoU wherever pixels have classes, else as `main`."""
        return MAIN_PIXELS if self.measures.of_pixels else self.main

    @lazy
    def scores(self) -> Scores:
        """Scores of the summed counts of all images: the benchmark number."""
        sums = totals(self.classes, *self.table.sum.columns())
        return Scores(self.classes, **sums._asdict(), images=len(self.names))

    @property
    def confusion(self) -> ConfusionMatrix:
        """The summed counts of all images, as a matrix of its own."""
        return ConfusionMatrix.of_pairs(self.classes, self.table.sum)

    @lazy
    def images(self) -> ImageScores:
        """Scores of each image."""
        return ImageScores.of(self.classes, self.names, self.table, self.shapes, self.cells)

    @lazy
    def shapes(self) -> Shapes:
        """Scores of what was measured of the shapes of classes."""
        return Shapes(self.classes, self.names, self.measured, self.measures)

    @property
    def boundary(self) -> BoundaryScores:
        """Scores along the boundaries of classes, measured with ``boundary=0.02``; else an ArgumentError."""
        return self.shapes.boundary

    @property
    def surface(self) -> SurfaceScores:
        """Distances of the surfaces of classes, measured with ``distances=True``; else an ArgumentError."""
        return self.shapes.surface

    @property
    def panoptic(self) -> PanopticScores:
        """Panoptic quality, measured by :class:`segscore.InstanceEvaluator`; else an ArgumentError."""
        return self.shapes.panoptic

    @overload
    def average_precision(self, name: Literal["cityscapes"]) -> CityscapesPrecision: ...

    @overload
    def average_precision(
        self, name: Microscopy, thresholds: float | Iterable[float] | None = None
    ) -> ObjectAccuracy: ...

    @overload
    def average_precision(
        self,
        name: Literal["coco", "lvis", "boundary-coco"],
        thresholds: float | Iterable[float] | None = None,
        *,
        detections: int | Iterable[int] | None = None,
    ) -> AveragePrecision: ...

    def average_precision(
        self,
        name: str,
        thresholds: float | Iterable[float] | None = None,
        *,
        detections: int | Iterable[int] | None = None,
    ) -> AveragePrecision | CityscapesPrecision | ObjectAccuracy:
        """Return the average precision of predicted objects, which ``str`` prints.

        Parameters
        ----------
        name : str
            Whose. ``"coco"`` has the mean over IoU from 0.5 to 0.95, of predictions by falling score, by the
            area that a file says. ``"boundary-coco"`` is the same, where the IoU of two objects is that of
            the bands along their borders, if that is less; see B. Cheng et al., "Boundary IoU", CVPR 2021.
            ``"lvis"`` is of the classes which were looked for in an image, and of its first 300 predictions;
            files must have been read as LVIS'. ``"cityscapes"`` is of targets of 100 pixels or more, and of
            predictions but for those on void and groups. Microscopy's, ``"stardist"``,
            ``"stardist-by-image"`` and ``"cellpose"``, needs no scores: the share of matches among all
            objects at an IoU, of all images together or as a mean over them.
        thresholds : float or sequence of float, optional
            IoU from which on a target is found, but for Cityscapes': rising, at most 16, for COCO and LVIS.
        detections : int or sequence of int, optional
            How many predictions of a class in an image count, rising, for COCO: 1, 10 and 100 if not given.

        Raises
        ------
        ArgumentError
            If there is no such convention, objects were not told apart, or have no scores where these are
            needed; or thresholds or numbers of predictions are not usable.
        """
        return self.shapes.average_precision_as(name, thresholds, detections)

    def objects_by_size(
        self,
        bounds: float | Sequence[float],
        iou: float | Literal["any"] = 0.5,
        *,
        rule: Rule | None = None,
        unit: Literal["px", "mm"] = "px",
    ) -> ObjectSizes:
        """Return how many objects are found, missed and invented by how large they are.

        Parameters
        ----------
        bounds : float or sequence of float
            Where ranges of sizes end and the next begin, rising: ``(100, 1000)`` makes three.
        iou : float or "any"
            From which IoU on objects match, or that any overlap will do.
        rule : "greedy" or "hungarian", optional
            How they match below an IoU of 0.5, where one may match several.
        unit : "px" or "mm"
            Whether sizes are in pixels or voxels, or in square or cubic millimetres by the spacing of images.

        Raises
        ------
        ArgumentError
            If objects were not told apart, bounds do not rise, or there is no spacing.
        """
        return self.shapes.objects_by_size(bounds, iou, rule=rule, unit=unit)

    def lesions_as(self, name: str) -> "LesionsAs":
        """Return the numbers that a challenge or another tool makes of the same components.

        Parameters
        ----------
        name : str
            ``"brats-gli"``, ``"brats-ssa"``, ``"brats-men"``, ``"brats-ped"`` or ``"brats-met"``, of images
            that were evaluated with the `dilation` of the challenge; or ``"panoptica"``.

        Raises
        ------
        ArgumentError
            If there is no such rule, components were not told apart, or targets were grown by other steps.
        """
        from segscore.scores.conventions.lesions_as import lesions_as

        return lesions_as(name, self.shapes, self.shard)

    @lazy
    def cells(self) -> Cells:
        """Pixels of each class in each image: what intervals, slices and other averages are read from."""
        return Cells.of(self.classes, self.table)

    @lazy
    def fine_grained(self) -> FineGrained:
        """Means of IoU, Dice and accuracy by image and by class, and over the worst of them."""
        return FineGrained.of(self.classes, self.cells)

    @property
    def _seen(self) -> Seen:
        """Return what an audit reads."""
        return Seen.of(
            *(self.classes, self.names, self.table, self.failures, self.extra),
            resized=self.resized,
            told={name: self.provenance[name] for name in DOUBTS if name in self.provenance},
            provenance=self.provenance,
        )

    @property
    def doubts(self) -> tuple[Finding, ...]:
        """Those findings that say what labels were taken for, where objects do not name their classes."""
        return () if self.measures.names_classes else tuple(doubtful(self._seen))

    @lazy
    def findings(self) -> tuple[Finding, ...]:
        """Errors, warnings and notes of an audit of these counts, in this order."""
        seen = self._seen
        vars(seen)["cells"] = self.cells  # which take long to count, and are there
        found = findings_of(seen)
        if not self.measures.names_classes:
            return found
        # Segments name their classes, so that no label is doubtful, and none need be where nothing is found.
        without = {*_OF_NO_CLASS, *(one.kind for one in doubtful(seen))}
        without |= set() if self.measures.of_pixels else {_NEVER}
        return tuple(one for one in found if one.kind not in without)

    @property
    def mean_image_iou(self) -> float:
        """Mean over images of each image's mean IoU, for images that have one; NaN if none has."""
        return self.metric("mean_image_iou")

    @property
    def mean_image_dice(self) -> float:
        """Mean over images of each image's mean Dice, for images that have one; NaN if none has."""
        return self.metric("mean_image_dice")

    def metric(self, name: str) -> float:
        """Return a number by its name.

        Parameters
        ----------
        name : str
            Of a metric: ``mean_iou``, ``iou.car``, ``mean_image_dice``; of a mean over some classes,
            ``mean_iou[car,bus]``, or of their union, ``iou[car+bus]``; or of what else is read here, as
            Python has it: ``correct_at(0.5).image_share``, ``fine_grained.iou.class_mean``.

        Returns
        -------
        float
            NaN where it is undefined.

        Raises
        ------
        ArgumentError
            If there is none of this name, whose nearest ones it names; or none of masks that may overlap.
        """
        number = number_of(name, self.classes).checked(self.measures)
        if number.name not in self._metrics:
            # What images have anyway is not computed again for its mean.
            kept = self.images.kept(number.name) if isinstance(number, MeanOfImages) else None
            self._metrics[number.name] = number.read(self) if kept is None else MeanOfImages.mean(kept)
        return self._metrics[number.name]

    @lazy
    def _metrics(self) -> dict[str, float]:
        return {}

    def worst(self, n: int = 10, by: str | None = None) -> Ranked:
        """Return the images with the lowest mean image IoU, or another metric, worst first.

        Parameters
        ----------
        n : int
            How many, at least 0. Images where the metric is undefined are left out.
        by : str, optional
            A metric, such as ``mean_dice``, ``pixel_accuracy`` or ``iou.car``; see
            :meth:`segscore.scores.images.ImageScores.metric`. By default the mean image IoU; of objects
            their mean PQ; or their F1 at an IoU of 0.5 where they are of one class or may overlap, and at any
            overlap where they are components.

        Returns
        -------
        tuple of (str, float)
            Name and score of each image. Of equal ones those with more wrong pixels, or objects, are first,
            of the class where the metric is that of one; then in the order of `names`. The score of a class
            that is only predicted in an image says so.

        Raises
        ------
        ArgumentError
            If `n` is no integer, or there is no such metric.
        """
        return self.images.ranked(n, self.main.image if by is None else by, best=False)

    def best(self, n: int = 10, by: str | None = None) -> Ranked:
        """Return the images with the highest mean image IoU, or another metric, best first; see `worst`."""
        return self.images.ranked(n, self.main.image if by is None else by, best=True)

    @lazy
    def unknown_predictions(self) -> tuple[tuple[int, int, str], ...]:
        """Predicted label values that are no class, on scored pixels: (value, pixels, first image)."""
        missed = np.flatnonzero(faults(self.classes, self.table.rows)[1])
        labels = by_label(self.table.pred, self.table.pixels, missed)
        # Rows are in the order of images, so the first row of a value is in its first image.
        values, rows = np.unique(self.table.pred[missed], return_index=True)
        images = dict(zip(values.tolist(), self.table.image[missed[rows]].tolist(), strict=True))
        most = sorted(labels.items(), key=lambda item: (-item[1], item[0]))
        return tuple((value, pixels, self.names[images[value]]) for value, pixels in most)

    def __eq__(self, other: object) -> bool:
        """Whether classes, images, groups, all that was measured and failures are the same.

        Where they came from is not compared: neither `provenance` nor `files`.
        """
        if not isinstance(other, Evaluated):
            return NotImplemented
        return all(
            getattr(self, name) == getattr(other, name)
            for name in ("classes", "names", "records", "measures", "failures", "extra", "resized", "groups")
        )

    __hash__ = None  # type: ignore[assignment]


E = TypeVar("E", bound=Evaluated)
"""Functions of an evaluation return one of the class that they are given."""
