"""Two evaluations are compared: what differs, and how sure that is."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from segscore.base.values import Bools, Floats, readonly
from segscore.counts.cells import Cells
from segscore.counts.checks import not_the_same
from segscore.errors import ArgumentError
from segscore.io.groups import By
from segscore.results.compared import Comparison, Difference
from segscore.scores.metric import Metric, headlines, metric_values
from segscore.statistics.intervals import LEVEL, RESAMPLES, checked_level
from segscore.statistics.paired import _bounded, _groups, _paired, _Side
from segscore.statistics.sample import totals_of
from segscore.statistics.trust import taken_for_granted
from segscore.statistics.units import (
    Counts,
    Sums,
    Units,
    check_size,
    checked_count,
    checked_seed,
    support,
    swaps,
)

if TYPE_CHECKING:
    from segscore.results.evaluated import Evaluation


_POWER_80 = 0.8416212335729143
"""The normal quantile of 0.8."""


def compare(
    a: "Evaluation",
    b: "Evaluation",
    *,
    on: Literal["all", "common"] = "all",
    groups: By | None = None,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
    labels: tuple[str, str] = ("a", "b"),
) -> Comparison:
    """Return what the second of two models does better and worse, and what of it can be chance.

    Parameters
    ----------
    a, b : Evaluation
        Of the same targets, with the same classes.
    on : "all" or "common"
        Whether both must have the same images, or those that both have are compared.
    groups : optional
        Which group an image of `a` is in, where images of one group are alike: a sequence, a patient, a
        city. A mapping, a function, a regular expression or one group an image, as for
        :func:`segscore.results.groups.group_by`. By default the groups of `a`, if it has any.
    level : float
        Of the intervals; a difference is significant where its p-value is at most ``1 - level``.
    resamples : int
        Bootstrap resamples, and permutations; 1 or more.
    seed : int
        The same seed gives the same result, in whatever order the images are.
    labels : (str, str)
        What the models are called.

    Raises
    ------
    ArgumentError
        If classes, images or targets differ, a number is out of range, or there are fewer than two images or
        groups.

    Notes
    -----
    Intervals are those of :func:`segscore.statistics.confidence_intervals`, of the difference. For the
    p-value the predictions of whole images (or groups) are swapped between the models at random, which
    changes nothing if they are equally good; the largest difference over all metrics, each in units of its
    own standard deviation, is compared with that found (P. H. Westfall, S. S. Young, "Resampling-Based
    Multiple Testing" (1993)), as ``(1 + exceeding) / (1 + permutations)`` (B. Phipson, G. K. Smyth,
    Statistical Applications in Genetics and Molecular Biology 9 (2010)).
    """
    for name, side in (("a", a), ("b", b)):
        if not hasattr(side, "cells"):
            raise ArgumentError(
                f"expected an evaluation as `{name}`, found {type(side).__name__}",
                "`segscore.load` reads what was saved",
            )
    checked_level(level)
    checked_seed(seed)
    if checked_count("resamples", resamples) + 1 < 1 / (1 - level):
        raise ArgumentError(
            f"expected at least {math.ceil(1 / (1 - level)) - 1:,} `resamples` for a level of {level:g}, "
            f"found {resamples:,}",
            "no p-value could be small enough; 2,000 are usual",
        )
    if (
        not isinstance(labels, tuple | list)
        or len(labels) != 2
        or not all(isinstance(x, str) for x in labels)
    ):
        raise ArgumentError(f"expected two texts as `labels`, found {labels!r}", 'such as ("v1", "v2")')
    # What predictions are called, and colours, change no score.
    first_classes, second_classes = (
        replace(side.classes, pred_labels=None, prediction_spaces=(), colours={}) for side in (a, b)
    )
    if first_classes != second_classes:
        raise not_the_same("evaluations", first_classes, second_classes, "compared")
    one, two, only = _paired(a, b, on)
    names = one.names
    given = _groups(a, b, names, groups)
    units = Units.made(names, given)
    held = support(one.cells, units)
    in_target = [name for name, number in zip(a.classes.names, held.tolist(), strict=True) if number]
    chosen = [
        Metric.of(name, a.classes) for name in (*headlines(a.classes), *(f"iou.{n}" for n in in_target))
    ]
    check_size(resamples, len(chosen))
    first, second = (
        metric_values(chosen, totals_of(side.cells), side.classes.in_mean) for side in (one, two)
    )
    difference = second - first
    sums = Sums(one.cells, units), Sums(two.cells, units)
    low, high, reasons = _bounded(
        (one, two), units, sums, chosen, difference, level=level, resamples=resamples, seed=seed
    )
    swapped = _swapped((one, two), sums, chosen, resamples, seed)
    p, detectable, significant = _judged(swapped, difference, level, units)
    differences = tuple(
        Difference(
            metric.name,
            float(first[i]),
            float(second[i]),
            float(difference[i]),
            float(low[i]),
            float(high[i]),
            float(p[i]),
            reasons[i],
            float(detectable[i]),
            bool(significant[i]),
        )
        for i, metric in enumerate(chosen)
    )
    per_image = [readonly(side.images.mean_iou[at.order]) for side, at in ((a, one), (b, two))]
    return Comparison(
        labels=(labels[0], labels[1]),
        names=names,
        differences=differences,
        level=level,
        kind=units.kind,
        units=units.count,
        only=only,
        note=taken_for_granted(names, given),
        identical=_same_counts(one.cells, two.cells),
        a=per_image[0],
        b=per_image[1],
        groups=None if given is None else tuple(given),
        evaluations=(a, b),
    )


def _same_counts(one: Cells, two: Cells) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(two, name))
        for name in ("image", "label", "tp", "target", "pred", "pixels")
    )


def _swapped(
    sides: tuple[_Side, _Side],
    sums: tuple[Sums, Sums],
    chosen: Sequence[Metric],
    permutations: int,
    seed: int,
) -> Floats:
    """Return the differences after random swaps, float64 (R, m); undefined ones are 0."""
    totals = [totals_of(side.cells) for side in sides]
    weighted = zip(*(side.weighted(swaps(side.units, seed), permutations) for side in sums), strict=True)
    in_mean = sides[0].classes.in_mean

    def values(total: Counts, leaves: Counts, comes: Counts) -> Floats:
        tp, target, pred = (t - out + in_ for t, out, in_ in zip(total, leaves, comes, strict=True))
        return metric_values(chosen, (tp, target, pred), in_mean)

    found: Floats = np.nan_to_num(
        np.concatenate([values(totals[1], b, a) - values(totals[0], a, b) for a, b in weighted])
    )
    return found


def _judged(swapped: Floats, found: Floats, level: float, units: Units) -> tuple[Floats, Floats, Bools]:
    """Return p-value, detectable difference and significance of each metric, (m,) each."""
    deviation = np.sqrt((swapped**2).mean(axis=0))  # Swapping is symmetric: the mean is 0.
    unit = np.where(deviation > 0, deviation, np.inf)
    largest = (np.abs(swapped) / unit).max(axis=1)
    size = np.abs(np.nan_to_num(found)) / unit
    # Sums in another order may differ in the last place; what is equal counts as exceeding.
    exceeding = (largest[:, None] >= size * (1 - 1e-12)).sum(axis=0)
    number = len(swapped) + 1
    significant = exceeding + 1 <= (1 - level) * number * (1 + 1e-12)
    needed = np.quantile(largest, level) + _POWER_80
    # So few units have too few different swaps for any difference to stand out, and its mirror image.
    enough = units.count - 1 >= -math.log2(1 - level)
    detectable = np.where((deviation > 0) & enough, needed * deviation, np.nan)
    return (exceeding + 1) / number, detectable, significant
