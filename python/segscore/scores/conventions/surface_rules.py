"""Rules of surfaces: how tools make distances and shares of the surfaces of a class, each rule as a value.

Nothing is computed here, see `surface_as`. Every rule was compared with its tool in the version that it
names, which ``benches/surfaces_agree.py`` repeats.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import inf, nan
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from segscore.counts.measures import Surface
from segscore.errors import ArgumentError, unknown

Of: TypeAlias = Literal[
    "larger of both",
    "both together",
    "mean of both together",
    "mean of both means",
    "mean of the prediction",
    "mean of the target",
    "share of both together",
    "mean of both shares",
]
"""What becomes one number: the farthest elements or a percentile, all distances, or those that are near."""
Each: TypeAlias = Literal["missed", "invented", "absent"]
"""A structure that only the target has, only the prediction, or neither."""
Lone: TypeAlias = float | Literal["error", "arbitrary"]
"""What a tool says of such a structure: a number, an error, or something that hangs on where it lies."""


@dataclass(frozen=True)
class Reading:
    """One number that a tool makes of the surfaces of a class in an image.

    Attributes
    ----------
    call : str
        What is called, as the tool names it.
    of : str
        What becomes one number, see `Of`.
    percentile : float
        Of distances, where the farthest one or a percentile is taken.
    missed, invented, absent : float, "error" or "arbitrary"
        What it is of a structure that only the target has, only the prediction, or neither.
    """

    call: str
    of: Of
    percentile: float = 100
    missed: Lone = inf
    invented: Lone = inf
    absent: Lone = nan


@dataclass(frozen=True)
class SurfaceRule:
    """How a tool makes numbers of surfaces.

    Attributes
    ----------
    name : str
        What users call it.
    tool : str
        The tool with its version.
    source : str
        Where the rule was read: a file and its commit, or the package.
    surface : "voxels" or "area"
        What its surfaces are made of, which has to be what was measured.
    readings : mapping of str to Reading
        Its numbers by what it takes them for: ``hd``, ``hd95``, ``assd``, ``masd``, ``nsd``; ``asd`` is the
        mean distance of the prediction's surface alone, ``asd_target`` that of the target's.
    mean : "classes, then images", "cells" or None
        What the tool averages: the classes of each image, then the images, without what is NaN; every class
        in every image at once; or nothing, as it is given one mask at a time.
    nothing : float
        Its mean where there is nothing to average.
    float32 : bool
        Whether the tool computes with 32 bits; here only distances are held to a tolerance so.
    notes : tuple of str
        What else a user has to know, one clause each.
    """

    name: str
    tool: str
    source: str
    surface: Surface
    readings: Mapping[str, Reading]
    mean: Literal["classes, then images", "cells"] | None = None
    nothing: float = nan
    float32: bool = False
    notes: tuple[str, ...] = ()


OWN: Mapping[str, Reading] = MappingProxyType(
    {
        "hd": Reading("hausdorff()", "larger of both"),
        "hd95": Reading("hausdorff(95)", "larger of both", 95),
        "assd": Reading("assd()", "mean of both together"),
        "masd": Reading("masd()", "mean of both means"),
        "nsd": Reading("dice(tolerance)", "share of both together", missed=0, invented=0),
    }
)
"""The numbers of segscore's own."""


def of(name: object) -> SurfaceRule:
    """Return the rule of a name; an error names the nearest ones, or says why its numbers cannot be told."""
    if isinstance(name, str) and name in SURFACE_RULES:
        return SURFACE_RULES[name]
    if isinstance(name, str) and name in _UNREADABLE:
        raise ArgumentError(*_UNREADABLE[name])
    raise unknown("convention", name, SURFACE_RULES)


def _monai() -> Iterator[SurfaceRule]:
    dice = Reading("SurfaceDiceMetric()", "share of both together", missed=0, invented=0)
    voxels = SurfaceRule(
        name="monai",
        tool="MONAI 1.6.1",
        source="monai/metrics of the package",
        surface="voxels",
        readings={
            "hd": Reading("HausdorffDistanceMetric()", "larger of both"),
            "hd95": Reading(
                "HausdorffDistanceMetric(percentile=95)", "larger of both", 95, missed=nan, invented=nan
            ),
            "assd": Reading("SurfaceDistanceMetric(symmetric=True)", "mean of both together"),
            "asd": Reading("SurfaceDistanceMetric()", "mean of the prediction"),
            "nsd": dice,
        },
        mean="classes, then images",
        nothing=0,
        float32=True,
        notes=("Its channels are the classes that are measured, all of which it is told to take in",),
    )
    yield voxels
    yield replace(
        voxels,
        name="monai-subvoxels",
        surface="area",
        readings={"nsd": replace(dice, call="SurfaceDiceMetric(use_subvoxels=True)")},
    )


def _one_case() -> Iterator[SurfaceRule]:
    yield SurfaceRule(
        name="surface-distance",
        tool="surface-distance",
        source="google-deepmind/surface-distance surface_distance/metrics.py 1f805cea4468",
        surface="area",
        readings={
            "hd": Reading("compute_robust_hausdorff(100)", "larger of both", absent=inf),
            "hd95": Reading("compute_robust_hausdorff(95)", "larger of both", 95, absent=inf),
            "asd": Reading("compute_average_surface_distance[1]", "mean of the prediction", missed=nan),
            "asd_target": Reading("compute_average_surface_distance[0]", "mean of the target", invented=nan),
            "nsd": Reading(
                "compute_surface_dice_at_tolerance", "share of both together", missed=0, invented=0
            ),
        },
    )
    lone: dict[str, Any] = {"missed": "error", "invented": "error", "absent": "error"}
    yield SurfaceRule(
        name="medpy",
        tool="MedPy 0.5.2",
        source="medpy/metric/binary.py of the package",
        surface="voxels",
        readings={
            "hd": Reading("hd", "larger of both", **lone),
            "hd95": Reading("hd95", "both together", 95, **lone),
            "assd": Reading("assd", "mean of both together", **lone),
            "asd": Reading("asd", "mean of the prediction", **lone),
        },
    )
    yield SurfaceRule(
        name="panoptica",
        tool="panoptica 2.1.7",
        source="panoptica/metrics of the package",
        surface="voxels",
        readings={
            "hd": Reading("Metric.HD", "larger of both", **lone),
            "hd95": Reading("Metric.HD95", "both together", 95, "arbitrary", "arbitrary", "error"),
            "assd": Reading("Metric.ASSD", "mean of both means", missed=nan, invented=nan),
            "nsd": Reading("Metric.NSD", "mean of both shares", missed=nan, invented=nan),
        },
        notes=(
            "Its evaluator gives it pairs of instances, and each class here is one instance in an image",
            "By itself it takes the smallest spacing as the tolerance of `Metric.NSD`, and 0.5 without one",
        ),
    )


def _metrics_reloaded() -> Iterator[SurfaceRule]:
    lone: dict[str, Any] = {"missed": "error", "invented": "error", "absent": 0}
    yield SurfaceRule(
        name="metrics-reloaded",
        tool="MetricsReloaded",
        source="csudre/MetricsReloaded MetricsReloaded/metrics/pairwise_measures.py ca3d352798dc",
        surface="voxels",
        readings={
            "hd": Reading("measured_hausdorff_distance", "larger of both", **lone),
            "hd95": Reading("measured_hausdorff_distance_perc", "larger of both", 95, **lone),
            "assd": Reading("measured_average_distance", "mean of both together", **lone),
            "masd": Reading("measured_masd", "mean of both means", **lone),
            "nsd": Reading(
                "normalised_surface_distance",
                "share of both together",
                missed="arbitrary",
                invented="arbitrary",
            ),
        },
    )


def _torchmetrics() -> Iterator[SurfaceRule]:
    yield SurfaceRule(
        name="torchmetrics",
        tool="torchmetrics 1.9.0",
        source="torchmetrics/functional/segmentation of the package",
        surface="voxels",
        readings={"hd": Reading("HausdorffDistance", "larger of both", absent="error")},
        mean="cells",
        float32=True,
        notes=(
            "It takes square images: it is wrong for wider ones, and raises an error for higher ones and for "
            "volumes",
            "Its channels are the classes that are measured, all of which it is told to take in",
        ),
    )


def _by_name() -> Mapping[str, SurfaceRule]:
    return MappingProxyType(
        {
            rule.name: rule
            for family in (_monai, _one_case, _metrics_reloaded, _torchmetrics)
            for rule in family()
        }
    )


SURFACE_RULES: Mapping[str, SurfaceRule] = _by_name()
"""Every rule by its name."""
_UNREADABLE: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "simpleitk": (
            "`simpleitk` takes distances of all voxels of a structure, and only its surface was measured",
            "`medpy` and `monai` take the same surface as segscore, and name their numbers alike",
        ),
        "davis": (
            "`davis` has no boundary where an object ends with the image, and rows do not tell that end from "
            "others",
            "`boundary_f1@3` is an F of the whole boundary, within 3 pixels",
        ),
    }
)
"""Why the numbers of a tool cannot be read from what is measured, and what is the nearest to them."""
