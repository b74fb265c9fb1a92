"""Shapes: scores of what was measured along boundaries and between surfaces, where it was asked for."""

from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from segscore.base.naming import arg
from segscore.base.values import Bools, Floats, Frozen, Ints, lazy
from segscore.base.wording import many, show
from segscore.classes.classes import Classes
from segscore.counts.bands import Bands, Segments
from segscore.counts.class_components import object_classes
from segscore.counts.grown import Grown
from segscore.counts.image_spacings import Spacings
from segscore.counts.measures import NOTHING, Measures
from segscore.counts.object_bands import ObjectBands, OverlapBands
from segscore.counts.objects import Objects, Overlaps
from segscore.counts.record import Record
from segscore.counts.surfaces import Surfaces
from segscore.errors import ArgumentError, unknown
from segscore.io.shapes import PLANES
from segscore.scores.average_precision import BOUNDARY, PRECISION_CONVENTIONS, AveragePrecision
from segscore.scores.boundaries import BoundaryScores
from segscore.scores.cityscapes_precision import CityscapesPrecision, cityscapes_precision
from segscore.scores.matching import Matching, Rule, Threshold
from segscore.scores.object_accuracy import MICROSCOPY, ObjectAccuracy, object_accuracy
from segscore.scores.object_sizes import ObjectSizes, checked_unit, object_sizes
from segscore.scores.panoptic import PanopticScores, stuff_of
from segscore.scores.precision_asked import Asked
from segscore.scores.surfaces import SurfaceScores

R = TypeVar("R", bound=Record)


@dataclass(frozen=True, eq=False, repr=False)
class Shapes(Frozen):
    """What was measured of the shapes of images, besides their pair counts."""

    classes: Classes
    names: tuple[str, ...]
    measured: tuple[Record, ...] = field(default=(), repr=False)
    measures: Measures = NOTHING

    def __repr__(self) -> str:
        """Return a short form that says what was measured."""
        return f"<Shapes: {self.measures.said}>"

    @lazy
    def boundary(self) -> BoundaryScores:
        """Scores along boundaries, in the first width that was measured; an ArgumentError without any."""
        check_measured(Bands.kind, self.measures)
        widths = self.measures.boundary
        segments = self._record(Segments) if self.measures.segments else None
        return BoundaryScores(self.classes, self.names, widths[0], widths, self._record(Bands), segments)

    @lazy
    def surface(self) -> SurfaceScores:
        """Scores of surfaces; an ArgumentError where distances were not measured."""
        check_measured(Surfaces.kind, self.measures)
        return SurfaceScores.of(self.classes, self.names, self._record(Surfaces), self.measures)

    @lazy
    def matching(self) -> Matching:
        """Which objects match; an ArgumentError where objects were not told apart."""
        check_measured(Objects.kind, self.measures)
        objects, overlaps = self._record(Objects), self._record(Overlaps)
        bands = None
        if self.measures.band is not None:
            bands = self._record(ObjectBands), self._record(OverlapBands)
        heed = self.asked.heed_ignore
        return Matching(objects, overlaps, len(self.classes), heed_ignore=heed, bands=bands)

    @lazy
    def matching_of_bands(self) -> Matching:
        """Which objects match by their bands; an ArgumentError where these were not measured."""
        self._check_bands()
        return replace(self.matching, by_bands=True)

    def _check_bands(self) -> None:
        if self.measures.band is None:
            raise ArgumentError(
                "bands along the borders of objects were not measured",
                f"give {arg('boundary', 0.02)} with files of detections, or to `InstanceEvaluator`",
            )

    @lazy
    def panoptic(self) -> PanopticScores:
        """Panoptic quality; an ArgumentError where there are no segments that share no pixel."""
        matching = self.matching
        check_apart(self.measures, "panoptic quality is")
        return PanopticScores(self.classes, self.names, stuff_of(self.classes, self.measures.stuff), matching)

    @property
    def asked(self) -> Asked:
        """The average precision that is shown, where none is named."""
        return Asked.of(self.measures.convention, heed_ignore=self.heed_ignore)

    @property
    def heed_ignore(self) -> bool:
        """Whether targets are ignored that their file says to ignore, also by who does not heed it."""
        return "ignore" in self.measures.rules

    def average_precision_as(
        self, name: str, thresholds: object = None, detections: object = None
    ) -> AveragePrecision | CityscapesPrecision | ObjectAccuracy:
        """Return it as a convention has it; see `Evaluated.average_precision`."""
        if name in MICROSCOPY:
            if detections is not None:
                raise ArgumentError(
                    f"`detections` cannot be given with `{name}`, which is of all predictions",
                    "COCO's is of as many of a class in an image as one likes",
                )
            return object_accuracy(name, self.matching, self.classes, self.names, thresholds)
        if name not in PRECISION_CONVENTIONS:
            raise unknown("convention of average precision", name, (*PRECISION_CONVENTIONS, *MICROSCOPY))
        asked = Asked.of(name, thresholds, detections, heed_ignore=self.heed_ignore)
        return self.average_precision(asked)

    @lazy
    def _as_cityscapes(self) -> CityscapesPrecision:
        return self._cityscapes(None)

    def _cityscapes(self, images: Ints | None) -> CityscapesPrecision:
        objects, overlaps = self.matching.objects, self.matching.overlaps
        if images is not None:
            objects, overlaps = objects.take(images), overlaps.take(images)
        return cityscapes_precision(objects, overlaps, self.things)

    @property
    def things(self) -> Bools:
        """bool (K,): classes whose objects are told apart and counted."""
        return ~stuff_of(self.classes, self.measures.stuff) & ~self.classes.ignored_classes

    def average_precision(
        self, asked: Asked | None = None, images: Ints | None = None
    ) -> AveragePrecision | CityscapesPrecision:
        """Return it as it is asked for, of all images or of some; an ArgumentError without scores."""
        asked = self.asked if asked is None else asked
        matching = self.matching
        if asked.convention == "lvis" and "lvis" not in self.measures.rules:
            raise ArgumentError(
                "files were not read as those of LVIS, which say what classes were looked for in an image",
                f"evaluate them with {arg('instances', 'lvis')}",
            )
        if asked.convention == BOUNDARY:
            self._check_bands()
        # Files of detections have the score of each, which may be 0; maps of ids come with scores or without.
        unscored = [] if self.measures.instances == "detections" else matching.unscored().tolist()
        if unscored:
            raise ArgumentError(
                f"predicted objects have no scores, by which average precision ranks them, in "
                f"{many(len(unscored), 'image')}, such as {show(self.names[unscored[0]])}",
                "give `scores` to `InstanceEvaluator.add`, or files of detections to `evaluate`",
            )
        all_of_them = images is None or len(images) == len(self.names)
        if asked.convention == "cityscapes":
            return self._as_cityscapes if all_of_them else self._cityscapes(images)
        if images is None or all_of_them:
            return matching.average_precision(asked)
        weights = np.zeros(len(self.names), np.uint32)
        weights[images] = 1
        return matching.average_precision(asked, weights)

    @lazy
    def grown(self) -> Grown:
        """Which targets are one lesion once they are grown; an ArgumentError where none were."""
        if not self.measures.dilation:
            raise ArgumentError(
                "targets were not grown", f"evaluate with {arg('components', True)} and {arg('dilation', 3)}"
            )
        return self._record(Grown)

    @property
    def component_classes(self) -> Bools:
        """bool (K,): classes whose components are objects."""
        return object_classes(self.classes)

    @property
    def pixel_sizes(self) -> Floats:
        """float64 (n,): how large a pixel of each image is, in square or cubic mm; 1 without a spacing."""
        return np.ones(len(self.names)) if self.spacings is None else self.spacings.steps.prod(axis=1)

    def objects_by_size(
        self, bounds: object, iou: object = 0.5, *, rule: Rule | None = None, unit: str = "px"
    ) -> ObjectSizes:
        """Return which objects are found by their size; see `Evaluated.objects_by_size`."""
        threshold, factors, said = Threshold.of(iou, rule), np.ones(len(self.names)), "px"
        matching = self.matching
        if checked_unit(unit) == "mm":
            if self.spacings is None:
                raise ArgumentError(
                    "sizes are in pixels, as no spacing was given",
                    f'evaluate with {arg("distances", True)} and {arg("spacing")}, or `spacing="header"`',
                )
            factors = self.pixel_sizes
            said = "mm³" if self.spacings.steps.shape[1] > PLANES else "mm²"
        return object_sizes(matching, self.classes, bounds, threshold, factors=factors, unit=said)

    @property
    def spacings(self) -> Spacings | None:
        """The spacing of each image; None in pixels, and of what was saved before spacings were kept."""
        return next((record for record in self.measured if isinstance(record, Spacings)), None)

    def _record(self, kind: type[R]) -> R:
        return next(record for record in self.measured if isinstance(record, kind))


def check_apart(measures: Measures, what: str) -> None:
    """Raise ArgumentError where masks may share pixels, which `what` ("rules are") are not of."""
    if not measures.of_pixels:
        raise ArgumentError(
            f"masks of detections may overlap, and {what} of masks that do not",
            "their numbers are `ap` and `f1@0.5`; maps with one id in each pixel have the others",
        )


def check_measured(needs: str, measures: Measures) -> None:
    """Raise ArgumentError unless what a metric needs is measured."""
    if needs == Objects.kind and not measures.instances:
        raise ArgumentError(
            "objects were not told apart",
            f"{arg('components', True)} tells those of masks of classes apart that do not touch, and "
            "`InstanceEvaluator` takes maps of ids",
        )
    if needs == Bands.kind and measures.band is not None and not measures.boundary:
        name = "boundary_ap" if measures.instances == "detections" else "boundary_pq"
        raise ArgumentError(
            "bands along the borders of objects were measured, and none along the boundaries of classes",
            f'`ev.metric("{name}")` reads those of objects',
        )
    if needs == Bands.kind and not measures.boundary:
        what, option = "bands along boundaries", arg("boundary", 0.02)
    elif needs == Surfaces.kind and not measures.distances:
        what, option = "distances of surfaces", arg("distances", True)
    else:
        return
    raise ArgumentError(
        f"{what} were not measured",
        f"evaluate with {option}: counts of pixels do not say where these are",
    )
