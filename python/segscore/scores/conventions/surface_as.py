"""SurfaceAs: the numbers that a tool would make of the surfaces that were measured.

Rules are in `surface_rules`; no name of a tool is known here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from segscore.base.naming import arg
from segscore.base.values import Bools, Computed, Floats, lazy, readonly
from segscore.counts.distance_options import tolerance_of
from segscore.errors import ArgumentError
from segscore.scores import metrics
from segscore.scores.conventions import surface_rules
from segscore.scores.conventions.images_as import ImagesAs
from segscore.scores.conventions.surface_rules import OWN, Each, Lone, Of, Reading, SurfaceRule
from segscore.scores.shapes import Shapes
from segscore.scores.surface_cells import of_both_sides
from segscore.scores.surfaces import SurfaceScores
from segscore.text.numbers import DASH, number
from segscore.text.plain import WIDTH
from segscore.text.table import table

_COLUMNS = ("number", "called", "mean", "classes in images")
_SIDES = {"mean of the target": 0, "mean of the prediction": 1}
_STRUCTURES: Mapping[Each, str] = MappingProxyType(
    {
        "missed": "A structure that is missed",
        "invented": "A structure that is invented",
        "absent": "A structure that neither side has",
    }
)
_SAID: Mapping[Of, str] = MappingProxyType(
    {
        "larger of both": "the larger one of the percentiles of both surfaces",
        "both together": "the percentile of the distances of both surfaces together",
        "mean of both together": "the mean of the distances of both surfaces together",
        "mean of both means": "the mean of the means of both surfaces",
        "mean of the prediction": "the mean of the prediction's surface alone",
        "mean of the target": "the mean of the target's surface alone",
        "share of both together": "the share of both surfaces together",
        "mean of both shares": "the mean of the shares of both surfaces",
    }
)
"""What a number is where the tool reads it in another way than segscore."""


@dataclass(frozen=True, eq=False, repr=False)
class SurfaceAs(ImagesAs):
    """What a tool says of surfaces.

    Attributes
    ----------
    rule : SurfaceRule
        What the tool does, and the version that it was read from.
    tolerance : float
        That of ``nsd``.
    unit : str
        "mm", or "px" where no spacing was given.
    images : mapping of str to float64 (n, K)
        Its numbers of each class in each image, read-only; NaN where it has none or raises an error, where
        what it says cannot be told, and for classes whose surfaces were not measured.
    means : mapping of str to float
        Its numbers of all images; empty for a tool that is given one mask at a time. NaN where it raises an
        error for one of the images.
    differences : tuple of str
        In which points the rule differs from segscore's own, one sentence each.
    shard : str
        Of which shards of a plan the images are, in words; empty for all images that there are.

    Examples
    --------
    >>> from segscore import Evaluator
    >>> judge = Evaluator(["background", "liver"], distances=True)
    >>> judge.add(pred=[[0, 1, 0, 0]], target=[[0, 0, 0, 1]], name="case_01")
    >>> judge.add(pred=[[0, 0, 0, 0]], target=[[0, 0, 0, 1]], name="case_02")
    >>> ev = judge.result()
    >>> ev.surface_as("monai").means["hd95"], ev.surface_as("medpy").images["hd95"][:, 1].tolist()
    (2.0, [2.0, nan])
    >>> print(ev.surface_as("medpy").differences[-1])
    It is given one mask at a time, and has no mean.
    """

    rule: SurfaceRule
    tolerance: float
    unit: str
    _surface: SurfaceScores
    shard: str = ""

    @lazy
    def _read(self) -> "_Read":
        return _Read(self.rule, self._surface, self.tolerance)

    @lazy
    def images(self) -> Mapping[str, Floats]:
        """Its numbers of each class in each image, float64 (n, K), each computed when it is asked for."""
        readings, completed = self.rule.readings, self._read.completed
        return MappingProxyType(Computed(readings, lambda key: completed(readings[key])))

    @lazy
    def means(self) -> Mapping[str, float]:
        """Its numbers of all images."""
        readings = self.rule.readings if self.rule.mean else {}
        return MappingProxyType(
            {key: self._read.mean(one, self.images[key]) for key, one in readings.items()}
        )

    @lazy
    def differences(self) -> tuple[str, ...]:
        """In which points the rule differs from segscore's own."""
        return tuple(f"{said}." for said in _differences(self.rule, self._read))

    def _about(self) -> dict[str, Any]:
        return {
            "surface": self.rule.surface,
            "tolerance": self.tolerance,
            "unit": self.unit,
            "calls": {key: reading.call for key, reading in self.rule.readings.items()},
        }

    def __str__(self) -> str:
        """Return a table of the numbers, and in what they differ from segscore's own."""
        rows = [
            (
                key,
                reading.call,
                number(self.means[key]) if key in self.means else DASH,
                f"{np.count_nonzero(~np.isnan(self.images[key])):,}",
            )
            for key, reading in self.rule.readings.items()
        ]
        said = f"surfaces of {self.rule.surface}, in {self.unit}, nsd at {self.tolerance:g} {self.unit}"
        return self._text(said, table(_COLUMNS, rows, WIDTH, left=(0, 1), flexible=1))


def surface_as(name: object, shapes: Shapes, tolerance: float | None = None, shard: str = "") -> SurfaceAs:
    """Return what was measured of surfaces under the rule of a name in `SURFACE_RULES`."""
    rule, surface = surface_rules.of(name), shapes.surface
    measures = surface.measures
    if measures.surface != rule.surface:
        raise ArgumentError(
            f"`{rule.name}` takes surfaces of {rule.surface}, and those of {measures.surface} were measured",
            f"evaluate with {arg('surface', rule.surface)}",
        )
    if measures.within is not None:
        raise ArgumentError(
            f"`{rule.name}` takes all distances, and none beyond {measures.within:g} {measures.unit} was "
            "measured",
            f"evaluate without {arg('within')}",
        )
    near = measures.tolerances[0] if tolerance is None else tolerance_of(tolerance)
    return SurfaceAs(rule, near, measures.unit, surface, shard)


@dataclass(frozen=True)
class _Read:
    """The surfaces of the classes that images have, as a tool reads them."""

    rule: SurfaceRule
    surface: SurfaceScores
    tolerance: float

    def number(self, each: Each) -> int:
        """Return how many structures are missed, invented or absent."""
        cells, held = self.surface.images.cells, self._held
        if each == "absent":
            return len(self.surface.images.name) * len(self.surface.measured) - int(held.sum())
        return int((held & (cells.missed if each == "missed" else cells.invented)).sum())

    @lazy
    def _held(self) -> Bools:
        """bool (c,): whether the surfaces of the class of each cell were measured."""
        chosen = np.zeros(len(self.surface.classes), dtype=np.bool_)
        chosen[self.surface.measured] = True
        return readonly(chosen[self.surface.images.cells.label])

    def completed(self, reading: Reading) -> Floats:
        """Return a number of each class in each image, float64 (n, K)."""
        cells, measured = self.surface.images.cells, self.surface.measured
        values = self._values(reading)
        values[cells.missed] = _alone(reading.missed)
        values[cells.invented] = _alone(reading.invented)
        values[~self._held] = np.nan
        found = np.full(self.surface.images.shape, np.nan)
        found[:, measured] = _alone(reading.absent)
        found[cells.image, cells.label] = values
        return readonly(found)

    def mean(self, reading: Reading, images: Floats) -> float:
        """Return what the tool makes of all images."""
        values = images[:, self.surface.measured]
        if any(getattr(reading, each) == "error" and self.number(each) for each in _STRUCTURES):
            return float("nan")
        if self.rule.mean == "classes, then images":
            every = np.ones(values.shape[1], dtype=np.bool_)
            values = metrics.class_mean(values, every)
        left = values[~np.isnan(values)]
        return float(left.mean()) if left.size else self.rule.nothing

    def _values(self, reading: Reading) -> Floats:
        """Return a number of each class that an image has where both sides have a surface, float64 (c,)."""
        cells = self.surface.images.cells
        if reading.of == "larger of both":
            return cells.hausdorff(reading.percentile, "inf")
        if reading.of == "both together":
            return cells.of_both(reading.percentile)
        of_shares = reading.of in ("share of both together", "mean of both shares")
        distance = cells.surfaces.distance
        part, whole = cells.summed(self._near(distance) if of_shares else distance), cells.weights
        if reading.of in _SIDES:
            side = _SIDES[reading.of]
            return metrics.ratio(part[:, side], whole[:, side])
        if reading.of in ("mean of both means", "mean of both shares"):
            of_both: Floats = metrics.ratio(part, whole).mean(axis=-1)
            return of_both
        return metrics.ratio(of_both_sides(part), of_both_sides(whole))

    def _near(self, distance: Floats) -> Floats:
        """Return 1 for elements that the tool takes for near, float64 (M,): without a margin for rounding."""
        if self.rule.float32:
            return (distance.astype(np.float32) <= np.float32(self.tolerance)).astype(np.float64)
        return (distance <= self.tolerance).astype(np.float64)


def _alone(value: Lone) -> float:
    """Return what a tool says where not both sides have a surface; NaN for what is no number."""
    return np.nan if isinstance(value, str) else float(value)


def _differences(rule: SurfaceRule, read: _Read) -> Iterator[str]:
    """Yield in which points a rule differs from segscore's own."""
    for each, said in _STRUCTURES.items():
        here = read.number(each)
        for (value, own), calls in _unlike(rule, each).items():
            count = f" ({here:,} here)" if here else ""
            yield f"{said} {value} in {', '.join(calls)}, where segscore's {own}{count}"
    for key, reading in rule.readings.items():
        if key in OWN and reading.of != OWN[key].of:
            yield f"`{reading.call}` is {_SAID[reading.of]}"
    if rule.mean == "classes, then images":
        yield "It averages the classes of each image, then the images; what is NaN is left out"
    elif rule.mean == "cells":
        yield "It averages every class in every image at once"
    else:
        yield "It is given one mask at a time, and has no mean"
    yield from rule.notes


def _unlike(rule: SurfaceRule, each: Each) -> dict[tuple[str, str], list[str]]:
    """Return the calls that say something else than segscore of such a structure, by what both say."""
    found: dict[tuple[str, str], list[str]] = {}
    for key, reading in rule.readings.items():
        said = _said(getattr(reading, each)), _said(getattr(OWN.get(key, OWN["assd"]), each))
        if said[0] != said[1]:
            found.setdefault(said, []).append(f"`{reading.call}`")
    return found


def _said(value: Lone) -> str:
    if isinstance(value, str):
        return {"error": "raises an error", "arbitrary": "hangs on its place"}[value]
    if np.isnan(value):
        return "is NaN"
    return "is infinite" if np.isinf(value) else f"is {value:g}"
