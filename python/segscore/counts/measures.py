"""Measures: what is measured of images beside the pixels of their classes, and in which unit.

What was measured becomes records, see `bands` and `surfaces`; these options go with them wherever they go.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias

from segscore.base.naming import arg
from segscore.base.shown import Shown, brief
from segscore.base.values import is_int
from segscore.counts.components import Connectivity, neighbours
from segscore.counts.distance_options import (
    TOLERANCES,
    Empty,
    Spacing,
    checked_empty,
    checked_spacing,
    checked_tolerances,
    positive,
)
from segscore.counts.widths import Width, Widths, checked_widths, shown_width, width_of
from segscore.errors import ArgumentError, FileFormatError, flag

Surface: TypeAlias = Literal["voxels", "area"]
"""What a surface is made of: voxels beside another label, or elements of area at the corners between."""
Instances: TypeAlias = Literal["", "panoptic", "detections", "components"]
"""Whether objects are told apart: not, as segments that share no pixel, as masks that may overlap, or as what
hangs together of the pixels of a class."""
FileRule: TypeAlias = Literal["lvis", "cityscapes", "mask-area", "ignore"]
"""By what objects were read, where it is not as COCO does."""

VOXELS: Final = "voxels"
HEADER: Final = "header"
"""The spacing of images that have one of their own each."""
_SURFACES: Final = ("voxels", "area")
_INSTANCES: Final = ("", "panoptic", "detections")
_CONVENTIONS: Final = ("lvis", "cityscapes")
FILE_RULES: Final = (*_CONVENTIONS, "mask-area", "ignore")
_LATER: Final = (
    "segments",
    "components",
    "connectivity",
    "dilation",
    "instances",
    "stuff",
    "rules",
    "band",
)  # which earlier versions did not know
_MOST_STEPS = 50
"""By which targets are grown."""


@dataclass(frozen=True)
class Measures(Shown):
    """What is measured of images beside pairs of labels.

    Attributes
    ----------
    boundary : tuple of int or of float
        Widths of bands along boundaries, rising: all in pixels, or all as shares of the image's diagonal.
        Empty where no band is measured.
    segments : bool
        Whether segments that one side lacks are told from other wrong pixels, where bands are measured.
    distances : bool
        Whether the distances between surfaces are measured.
    spacing : tuple of float, "header", or None
        The distance between voxels along each axis of an image, in mm; or "header", that of each image, which
        is in its file or given with it. Without one, distances are in pixels.
    surface : "voxels" or "area"
        What surfaces are made of.
    within : float or None
        How far the other surface is looked for; what is farther is infinitely far.
    tolerances : tuple of float
        Those of which outputs show the surface Dice.
    empty : "inf", "skip", "diagonal" or float
        What the distance of a structure is that only one side has: infinite, left out, the diagonal of its
        image, or a number.
    components : bool
        Whether the connected components of each class are objects, which are told apart then.
    connectivity : int or None
        How many neighbours of a pixel or voxel are of its component, if not all around.
    dilation : int
        By how many steps targets are grown to see which are one lesion, and which predictions touch it.
    instances : "", "panoptic", "detections" or "components"
        Whether objects are told apart, and whether they share no pixel, are masks that may overlap, or
        components of classes.
    stuff : tuple of int
        Label values of classes whose objects are not counted, such as sky: of which an image has one segment.
    rules : tuple of str
        By what objects of masks that may overlap were read: "lvis" where classes are looked for in some of
        the images alone, "cityscapes" where masks of predictions are files of their own;
        "mask-area" where areas are those of masks, "ignore" where targets that say so are ignored.
    band : int, float or None
        The width of bands along the borders of objects, if these are measured.
    """

    boundary: tuple[Width, ...] = ()
    segments: bool = False
    distances: bool = False
    spacing: tuple[float, ...] | Literal["header"] | None = None
    surface: Surface = VOXELS
    within: float | None = None
    tolerances: tuple[float, ...] = field(default=TOLERANCES)
    empty: Empty = "inf"
    components: bool = False
    connectivity: Connectivity | None = None
    dilation: int = 0
    instances: Instances = ""
    stuff: tuple[int, ...] = ()
    rules: tuple[FileRule, ...] = ()
    band: Width | None = None

    @classmethod
    def of(
        cls,
        *,
        boundary: Widths | None = None,
        segments: bool = False,
        distances: bool = False,
        spacing: Spacing | None = None,
        surface: Surface | None = None,
        within: float | None = None,
        tolerances: float | Iterable[float] | None = None,
        empty: Empty = "inf",
        components: bool = False,
        connectivity: Connectivity | None = None,
        dilation: int = 0,
        dims: int = 2,
    ) -> "Measures":
        """Return what is asked for, or raise ArgumentError; arguments are those of `Evaluator`.

        Examples
        --------
        >>> Measures.of(boundary="2%", distances=True, spacing=(0.5, 0.5))
        Measures(boundary=(0.02,), segments=False, distances=True, spacing=(0.5, 0.5), surface='area', \
within=None, tolerances=(1.0, 2.0), empty='inf', components=False, connectivity=None, \
dilation=0, instances='', stuff=(), rules=(), band=None)
        """
        distances, segments = flag("distances", distances, _DISTANCES), flag("segments", segments, _SEGMENTS)
        if segments and boundary is None:
            raise ArgumentError(f"{arg('segments')} is given without {arg('boundary')}", _SEGMENTS)
        components = flag("components", components, _COMPONENTS)
        if connectivity is not None and not components:
            raise ArgumentError(f"{arg('connectivity')} is given without {arg('components')}", _COMPONENTS)
        if not is_int(dilation) or not 0 <= dilation <= _MOST_STEPS:
            raise ArgumentError(
                f"{arg('dilation')} is {brief(dilation)}, expected 0 to {_MOST_STEPS} steps",
                "by which targets are grown, such as 3",
            )
        if dilation and not components:
            raise ArgumentError(f"{arg('dilation')} is given without {arg('components')}", _COMPONENTS)
        lone = checked_empty(empty)
        if not distances:
            options = {
                "spacing": spacing,
                "surface": surface,
                "within": within,
                "tolerances": tolerances,
                "empty": None if lone == "inf" else empty,
            }
            for name, value in options.items():
                if value is not None:
                    raise ArgumentError(f"{arg(name)} is given without {arg('distances')}", _DISTANCES)
        if surface is not None and surface not in _SURFACES:
            raise ArgumentError(f"{arg('surface')} is {brief(surface)}", 'it is "voxels" or "area"')
        bound = None if within is None else positive("within", within)
        steps: tuple[float, ...] | Literal["header"] | None = None
        if spacing is not None:
            own = isinstance(spacing, str) and spacing == HEADER
            steps = HEADER if own else checked_spacing(spacing, dims)
        return cls(
            boundary=() if boundary is None else checked_widths(boundary, dims),
            segments=segments,
            distances=distances,
            spacing=steps,
            # Counts of voxels weigh a slanted surface by how the grid lies, areas by its size.
            surface=surface or (VOXELS if steps is None else "area"),
            within=bound,
            tolerances=checked_tolerances(tolerances, bound),
            empty=lone,
            components=components,
            connectivity=None if connectivity is None else neighbours(connectivity, dims),
            dilation=int(dilation),
            instances="components" if components else "",
        )

    def __bool__(self) -> bool:
        """Whether anything is measured."""
        return self.distances or bool(self.boundary) or bool(self.instances)

    def with_objects(
        self,
        instances: Instances,
        stuff: Iterable[int],
        rules: Iterable[FileRule] = (),
        band: Width | None = None,
    ) -> "Measures":
        """Return the same with objects told apart, or raise ArgumentError."""
        labels, read_by = tuple(stuff), tuple(rules)
        known = ("components",) if self.components else _INSTANCES
        without = instances in ("", "components")
        if instances not in known or not all(map(is_int, labels)) or (labels and without):
            raise ArgumentError(f"there are no objects of {instances!r} with stuff {labels!r}")
        if read_by and (instances != "detections" or read_by != tuple(r for r in FILE_RULES if r in read_by)):
            raise ArgumentError(f"there are no objects of {instances!r} with rules {read_by!r}")
        if band is not None and (without or width_of(band) != band):
            raise ArgumentError(f"there are no objects of {instances!r} with a band of {band!r}")
        return replace(self, instances=instances, stuff=labels, rules=read_by, band=band)

    @property
    def told_apart(self) -> dict[str, object]:
        """What says which objects are told apart, and how, by name: numbers are alike where it is."""
        around = {"connectivity": self.connectivity} if self.components else {}
        read_by = {"rules": self.rules} if self.rules else {}
        return {"instances": self.instances, **around, **read_by}

    @property
    def convention(self) -> str:
        """Whose average precision is that of objects, where none is named."""
        return next((rule for rule in self.rules if rule in _CONVENTIONS), "coco")

    @property
    def names_classes(self) -> bool:
        """Whether objects name their classes, so that labels of pixels are made of theirs."""
        return self.instances not in ("", "components")

    @property
    def of_pixels(self) -> bool:
        """Whether pixels have a class each, which those of masks that may overlap have not."""
        return self.instances != "detections"

    @property
    def unit(self) -> str:
        """The unit of distances: "mm", or "px" where no spacing was given."""
        return "px" if self.spacing is None else "mm"

    @property
    def said(self) -> str:
        """What is measured, in words."""
        parts = []
        if self.boundary:
            parts.append("bands of " + ", ".join(map(shown_width, self.boundary)))
        if self.segments:
            parts.append("segments")
        if self.distances:
            parts.append(f"distances of surfaces {self.said_surfaces}")
        parts += [self.said_objects] if self.instances else []
        parts += [] if self.band is None else [f"bands of objects of {shown_width(self.band)}"]
        return " and ".join(parts) or "nothing but pixels"

    @property
    def said_objects(self) -> str:
        """What objects are, in words; empty where none are told apart."""
        if not self.components:
            return "objects" if self.instances else ""
        steps = f", targets grown by {self.dilation}" if self.dilation else ""
        return f"components ({self.connectivity or 'all'} neighbours{steps})"

    @property
    def said_surfaces(self) -> str:
        """What surfaces are, in brackets; empty where no distances are measured."""
        if not self.distances:
            return ""
        steps = "" if self.spacing is None else f", {self.said_spacing}"
        bound = "" if self.within is None else f", up to {self.within:g} {self.unit}"
        return f"({self.surface}{steps}{bound})"

    @property
    def shapes(self) -> tuple[str, ...]:
        """What is measured: bands, surfaces, objects, or several of them."""
        there = {"bands": self.boundary, "surfaces": self.distances, "objects": self.instances}
        return tuple(name for name, measured in there.items() if measured)

    @property
    def said_spacing(self) -> str:
        """Which spacing distances are measured with, in words."""
        if self.spacing is None:
            return "no spacing was given"
        if self.spacing == HEADER:
            return "each image with its own spacing"
        return f"spacing {' x '.join(f'{step:g}' for step in self.spacing)} mm"

    def to_dict(self) -> dict[str, Any]:
        """Return what JSON can say of it, which `from_dict` reads."""
        if not self:
            return {}
        found = {name: list(v) if isinstance(v, tuple) else v for name, v in vars(self).items()}
        # Where none are told, runs have the digest that they had before there were any.
        return {name: value for name, value in found.items() if name not in _LATER or value}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Measures":
        """Return what `to_dict` made of it, or raise FileFormatError; the values are untrusted."""
        if not values:
            return cls()
        try:
            spacing = values["spacing"]
            found = cls.of(
                boundary=values["boundary"] or None,
                segments=values.get("segments", False),
                distances=values["distances"],
                spacing=spacing,
                surface=values["surface"] if values["distances"] else None,
                within=values["within"],
                tolerances=values["tolerances"] if values["distances"] else None,
                empty=values["empty"],
                components=values.get("components", False),
                connectivity=values.get("connectivity"),
                dilation=values.get("dilation", 0),
                dims=_dims_of(spacing, values.get("connectivity")),
            )
            told = {name: values[name] for name in ("rules", "band") if name in values}
            return found.with_objects(values.get("instances", ""), values.get("stuff", ()), **told)
        except (ArgumentError, TypeError, KeyError) as error:
            raise FileFormatError(f"what was measured is not said as expected: {error}") from error


NOTHING: Final = Measures()
_SEGMENTS = f"segments are looked for where bands are measured, such as {arg('boundary', 0.02)}"
_COMPONENTS = f"components of classes are told apart with {arg('components', True)}"
_DISTANCES = f"distances between surfaces are asked for with {arg('distances', True)}"


def _dims_of(spacing: Any, connectivity: object) -> int:
    """Return of how many dimensions images are that have these."""
    if spacing is None or spacing == HEADER:
        return 3 if connectivity in (6, 18, 26) else 2
    return min(max(2, len(spacing)), 3)


def unlike(one: Mapping[str, object], other: Mapping[str, object]) -> str:
    """Return which options differ, with the values of both; an empty text if none does."""
    differing = [name for name, value in one.items() if value != other[name]]
    return ", ".join(f"{arg(name)} {one[name]!r} and {other[name]!r}" for name in differing)
