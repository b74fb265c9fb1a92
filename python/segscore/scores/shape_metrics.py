"""The metrics of shapes: of what was measured along boundaries and between surfaces."""

from typing import Any, Literal

from segscore.base.values import Floats
from segscore.errors import ArgumentError
from segscore.scores.metric_row import ABSENT, NEITHER, Better, Counts, Metric


def _no_counts(_: Counts) -> Floats:
    raise ArgumentError(
        "shapes are measured of images, and counts of pixels do not tell them",
        "an evaluation holds what was measured: `ev.metric`, `ev.check`",
    )


def _of_shapes(
    name: str, label: str, needs: Literal["bands", "surfaces"], explained: str, unit: str = ""
) -> tuple[Metric, Metric]:
    """Return the metric of a class that is measured of shapes, and its mean over classes."""
    better: Better = "lower" if unit else "higher"
    marks: dict[str, Any] = {"needs": needs, "rational": False}
    mean = f"{explained}, mean over classes that means take in"
    return (
        Metric(name, label, "class", _no_counts, NEITHER, explained, better, unit, **marks),
        Metric(
            f"mean_{name}",
            f"mean {label}",
            "whole",
            _no_counts,
            ABSENT,
            mean,
            better,
            unit,
            mean_of=name,
            **marks,
        ),
    )


_DISTANCE = "px or mm"
"""The unit of distances, until it is known whether a spacing was given."""
_OVER_IMAGES = "mean over the images that have the class; infinite where one misses or invents it"
SHAPES = (
    *_of_shapes(
        "boundary_iou",
        "boundary IoU",
        "bands",
        "overlap of the bands along both boundaries, over both together",
    ),
    *_of_shapes("trimap_iou", "trimap IoU", "bands", "IoU among the pixels of the target's bands"),
    *_of_shapes(
        "surface_dice",
        "surface Dice",
        "surfaces",
        "share of both surfaces that is within a tolerance of the other",
    ),
    *_of_shapes(
        "boundary_recall", "boundary recall", "surfaces", "share of the target's surface within a tolerance"
    ),
    *_of_shapes(
        "boundary_precision",
        "boundary precision",
        "surfaces",
        "share of the predicted surface within a tolerance",
    ),
    *_of_shapes(
        "boundary_f1", "boundary F1", "surfaces", "harmonic mean of boundary recall and boundary precision"
    ),
    *_of_shapes("hd", "HD", "surfaces", f"Hausdorff distance: {_OVER_IMAGES}", _DISTANCE),
    *_of_shapes(
        "hd95", "HD95", "surfaces", f"percentile 95 of the distances of each side: {_OVER_IMAGES}", _DISTANCE
    ),
    *_of_shapes("assd", "ASSD", "surfaces", f"mean distance of both surfaces: {_OVER_IMAGES}", _DISTANCE),
    *_of_shapes(
        "masd", "MASD", "surfaces", f"mean of the mean distances of each side: {_OVER_IMAGES}", _DISTANCE
    ),
)
