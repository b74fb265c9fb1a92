"""What two evaluations both measured of shapes, in the same way, and why the rest is not compared."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from segscore.base.values import Ints
from segscore.classes.classes import Classes
from segscore.counts.measures import NOTHING, Measures
from segscore.counts.widths import shown_width
from segscore.results.evaluated import Evaluated
from segscore.scores.metric import METRICS
from segscore.scores.shape_numbers import shapes_shown, surface_options
from segscore.statistics.alike_spacings import other_spacing, said_alike
from segscore.text.names import listed
from segscore.text.numbers import number

_BOUNDARIES, _SURFACES, _FAR, _OBJECTS = "boundaries", "surfaces", "distances", "objects"
_DISTANCES = ("mean_hd95", "mean_assd")
_OF_OBJECTS = ("components", "connectivity", "dilation", "instances", "stuff", "rules", "band")
"""Measures of objects alone."""


@dataclass(frozen=True)
class SharedMeasures:
    """The measures that numbers of shapes may be compared by."""

    sides: tuple[Measures, Measures]
    shared: Measures
    """What both measured in the same way."""
    reasons: dict[str, str]
    """Why boundaries, surfaces or distances are not compared, where one side has them at least."""

    @staticmethod
    def of(
        evaluations: tuple[Evaluated, Evaluated], orders: tuple[Ints, Ints], labels: tuple[str, str]
    ) -> "SharedMeasures":
        """Return what is shared, of the images in these orders, int64 (m,)."""
        a, b = (one.measures for one in evaluations)
        reasons: dict[str, str] = {}
        common = tuple(width for width in a.boundary if width in b.boundary)
        if (a.boundary or b.boundary) and not common:
            widths = (", ".join(map(shown_width, one.boundary)) for one in (a, b))
            reasons[_BOUNDARIES] = _unlike(labels, *widths)
        options = map(surface_options, said_alike(*evaluations))
        alike = a.distances and b.distances and next(options) == next(options)
        told = other_spacing(evaluations, orders) if alike else ""
        if (a.distances or b.distances) and not alike:
            reasons[_SURFACES] = _unlike(labels, a.said_surfaces, b.said_surfaces)
        elif told:
            alike, reasons[_SURFACES] = False, told
        elif alike and a.empty != b.empty:
            empty = f"{a.empty!r} in {labels[0]}, {b.empty!r} in {labels[1]}"
            reasons[_FAR] = f"missed and invented structures are {empty}"
        objects = (a.told_apart, a.stuff) == (b.told_apart, b.stuff)
        if not objects:
            reasons[_OBJECTS] = _unlike(labels, *map(_said_objects, evaluations))
        tolerances = tuple(sorted({*a.tolerances, *b.tolerances}))
        band = a.band if a.band == b.band else None
        shared = replace(a, band=band, boundary=common, distances=alike, tolerances=tolerances)
        if not objects:
            none = {name: getattr(NOTHING, name) for name in _OF_OBJECTS}
            shared = replace(shared, **none)
        return SharedMeasures((a, b), shared, reasons)

    def names(self, classes: Classes) -> list[str]:
        """Return the numbers of the whole that are compared."""
        found = shapes_shown(self.shared, classes)
        if len(self.shared.boundary) == 1 and self.sides[0].boundary != self.sides[1].boundary:
            end = f"@{self.shared.boundary[0]}"
            found = [f"{name}{end}" if "boundary_iou" in name else name for name in found]
        return [name for name in found if name not in _DISTANCES or _FAR not in self.reasons]

    @property
    def unlike_objects(self) -> str:
        """Why objects are not compared; empty where they are."""
        return self.reasons.get(_OBJECTS, "")

    def told(self, evaluations: tuple[Evaluated, Evaluated], labels: tuple[str, str]) -> Iterator[str]:
        """Yield what is not compared and why, and what of distances is infinite."""
        yield from (f"{what} are not compared: {reason}" for what, reason in self.reasons.items())
        if not self.shared.distances or _FAR in self.reasons:
            return
        for label, one in zip(labels, evaluations, strict=True):
            mean = one.surface.mean_distance("hd95")
            if np.isinf(mean.value):
                both = one.surface.mean_distance("hd95", empty="skip")
                without = number(both.value, METRICS["hd95"].digits)
                told = f"mean HD95 of {label} is infinite, and {without} {mean.unit} without that"
                yield f"{told}: {mean.counted}"


def _said_objects(evaluated: Evaluated) -> str:
    """Return what objects are, in words; empty where none were told apart."""
    measures = evaluated.measures
    if measures.rules:
        return f"{measures.instances} by the rules of {listed(measures.rules)}"
    if not measures.stuff:
        return measures.said_objects if measures.components else measures.instances
    labels = zip(evaluated.classes.names, evaluated.classes.labels, strict=True)
    stuff = [name for name, label in labels if label in measures.stuff]
    return f"{measures.instances} with {listed(stuff)} as stuff"


def _unlike(labels: tuple[str, str], first: str, second: str) -> str:
    """Return why something is not compared: one side has none, or both are measured otherwise."""
    if not (first and second):
        return f"measured of {labels[0] if first else labels[1]} alone"
    return f"{first} in {labels[0]}, {second} in {labels[1]}"
