"""Numbers beside a limit: a ratio of integers is computed there without rounding, others have a tolerance.

Floats decide wherever they can; what they leave open is rare, so that its time does not matter.
"""

from collections.abc import Callable

import numpy as np

from segscore.base.values import Floats
from segscore.classes.classes import Classes
from segscore.counts.cells import Cells
from segscore.scores.metric import METRICS
from segscore.scores.metric_row import Counts, Metric

TOLERANCE = 1e-12
"""A number that is no ratio of integers reaches a limit that it misses by no more."""
_NEAR = 1e-9
"""How far from a limit rounding can never lead."""
_CLASSES = 4_096
"""Classes with pixels of which fractions are added up; the denominators of more take too long."""


def near(value: float, limit: float) -> bool:
    """Whether rounding may hide on which side of a limit a value is."""
    return abs(value - limit) < _NEAR


def nearest(metric: Metric, counts: Counts, take: Callable[[Counts], Floats] | None = None) -> float | None:
    """Return the float64 nearest to a metric of counts (K,), or None if it is no ratio that can be computed.

    ``take`` is what is computed, by default the formula of the metric.
    """
    from fractions import Fraction  # it takes milliseconds, and is seldom needed

    held = (counts.target > 0) | (counts.pred > 0)
    if not metric.rational or np.count_nonzero(held) > _CLASSES:
        return None
    tp, target, pred = (
        np.array([Fraction(pixels) for pixels in column.tolist()], dtype=object)
        for column in (counts.tp, counts.target, counts.pred)
    )
    return float((take or metric.formula)(counts._replace(tp=tp, target=target, pred=pred)).item())


def image_means(classes: Classes, cells: Cells, values: Floats, limits: Floats) -> Floats:
    """Return the mean IoU of images, (n,), of which those near one of the limits, which rise, are exact."""
    after = np.searchsorted(limits, values)
    beside = limits[np.clip([after - 1, after], 0, len(limits) - 1)]
    # Sums of zeros, or of ones, are never rounded.
    unsure = (np.abs(values - beside).min(axis=0) < _NEAR) & (values > 0) & (values < 1)
    found = values.copy()
    for image in np.flatnonzero(unsure).tolist():
        at = slice(*np.searchsorted(cells.image, [image, image + 1]))
        means = classes.in_mean[cells.label[at]]
        counts = Counts(cells.tp[at], cells.target[at], cells.pred[at], means, of_images=True)
        exact = nearest(METRICS["mean_iou"], counts)
        found[image] = values[image] if exact is None else exact
    return found
