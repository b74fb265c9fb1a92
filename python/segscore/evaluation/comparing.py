"""Two evaluations are compared: what differs, and how sure that is."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np

from segscore.base.naming import arg
from segscore.base.values import Bools, Floats, readonly
from segscore.counts.checks import not_the_same
from segscore.errors import ArgumentError, check_kind
from segscore.evaluation.comparison import Comparison
from segscore.evaluation.evaluation import Evaluation
from segscore.io.groups import By
from segscore.results.compared import BEING_COMPUTED, Difference, Uneven, Unlike, main_of_both
from segscore.results.evaluated import Evaluated
from segscore.results.shared_measures import SharedMeasures
from segscore.scores.alike import covered, extent, shared
from segscore.scores.main import MAIN_PIXELS
from segscore.scores.metric import headlines
from segscore.scores.metric_row import Counts
from segscore.scores.named import numbers_of
from segscore.scores.numbers import Number, OfCounts, values_of
from segscore.statistics.intervals import LEVEL, RESAMPLES, checked_level
from segscore.statistics.paired import (
    Matched,
    bounded,
    compared_values,
    groups_of,
    judged,
    paired,
    prepared,
    swapped,
)
from segscore.statistics.prepared import Prepared
from segscore.statistics.trust import INFINITE, taken_for_granted
from segscore.statistics.units import (
    Units,
    check_size,
    checked_count,
    checked_seed,
    support,
    support_of_objects,
    untestable,
)


def compare(
    a: Evaluation,
    b: Evaluation,
    *,
    metrics: Sequence[str] = (),
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
    metrics : sequence of str
        What is compared beside the headline metrics, the means of what both measured of shapes, and the IoU
        of each class in a target, such as ``mean_image_iou``, ``dice.car``, ``mean_iou[car,bus]`` or
        ``hd95.car``. Of objects their PQ, F1 or average precision stand in place of the IoU. The more, the
        larger the p-values.
    on : "all" or "common"
        Whether both must have the same images, or those that both have are compared.
    groups : optional
        The groups of the images of `a`, as for :func:`segscore.evaluate`. By default those of the
        evaluations, if they have any.
    level : float
        Of the intervals; a difference is significant where its p-value is at most ``1 - level``.
    resamples : int
        Bootstrap resamples, and permutations at most; 1 or more.
    seed : int
        The same seed gives the same result, in whatever order the images are.
    labels : (str, str)
        What the models are called.

    Raises
    ------
    ArgumentError
        If classes, images or targets differ, a metric is unknown or was not measured by both in the same
        way, or a number is out of range.

    Notes
    -----
    Intervals are those of :func:`segscore.statistics.confidence_intervals`, of the difference. For the
    p-value the predictions of whole images (or groups) are swapped between the models at random, which
    changes nothing if they are equally good; the largest difference over all metrics, each in units of its
    own standard deviation, is compared with that found (P. H. Westfall, S. S. Young, "Resampling-Based
    Multiple Testing" (1993)), as ``(1 + exceeding) / (1 + permutations)`` (B. Phipson, G. K. Smyth,
    Statistical Applications in Genetics and Molecular Biology 9 (2010)). Where these can be swapped in no
    more ways than `resamples`, each way is tried once, and p-values are exact. Where images or groups are so
    few that no p-value can be small enough, there is none. Means over unlike classes, as where only one model
    predicts a class of no target, are not judged but stand beside those over the classes that both have.
    Distances that are infinite in one of the models are not judged either.
    """
    return _compared(
        a,
        b,
        metrics=metrics,
        on=on,
        groups=groups,
        level=level,
        resamples=resamples,
        seed=seed,
        labels=labels,
    )


def compared_at_once(
    a: Evaluation, b: Evaluation, *, on: Literal["all", "common"], labels: tuple[str, str]
) -> Comparison:
    """Return what `compare` does but for intervals and p-values, which take longest: they are to come."""
    return _compared(a, b, on=on, labels=labels, judge=False)


def _compared(
    a: Evaluation,
    b: Evaluation,
    *,
    metrics: Sequence[str] = (),
    on: Literal["all", "common"],
    groups: By | None = None,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
    labels: tuple[str, str],
    judge: bool = True,
) -> Comparison:
    for name, side in (("a", a), ("b", b)):
        check_kind(name, side, Evaluated, "an evaluation")
    beside = [number.name for number in numbers_of(metrics, a.classes)]
    checked_level(level)
    checked_seed(seed)
    if checked_count("resamples", resamples) + 1 < 1 / (1 - level):
        raise ArgumentError(
            f"expected at least {math.ceil(1 / (1 - level)) - 1:,} {arg('resamples')} for a level of "
            f"{level:g}, found {resamples:,}",
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
    one, two, only = paired(a, b, on)
    measures = SharedMeasures.of((a, b), (one.order, two.order), (labels[0], labels[1]))
    names = one.names
    given = groups_of(a, b, names, groups)
    units = Units.made(names, given)
    main = main_of_both((a, b))
    of_pixels = headlines(a.classes) if measures.shared.of_pixels else ()
    of_shapes = measures.names(a.classes)
    of_objects = main != MAIN_PIXELS
    if not of_objects and not a.measures.of_pixels:
        raise ArgumentError(
            f"there is nothing to compare the evaluations by: objects are {measures.unlike_objects}, and "
            "masks that may overlap have no pixels of classes",
            "evaluate both models with the same options",
        )
    held = (
        support_of_objects(a.shapes.matching.held[one.order], units)
        if of_objects
        else support(one.cells, units)
    )
    in_target = [name for name, number in zip(a.classes.names, held.tolist(), strict=True) if number]
    names_of = (
        *((*of_shapes, *of_pixels) if of_objects else (*of_pixels, *of_shapes)),
        *beside,
        *map(main.of_class, in_target),
    )
    asked = numbers_of(list(dict.fromkeys(names_of)), a.classes)
    sums = one.counts, two.counts
    alike = {mean.name: over for mean in asked if (over := shared(mean, a.classes, sums)) is not None}
    chosen = list({over.name: over for over in (alike.get(mean.name, mean) for mean in asked)}.values())
    check_size(resamples, len(chosen))
    of_counts = [number for number in chosen if isinstance(number, OfCounts)]
    if not judge and len(of_counts) == len(chosen):  # nothing has to be made ready to be drawn
        first, second = (values_of(of_counts, side) for side in sums)
        infinite, difference = np.zeros(len(chosen), dtype=np.bool_), second - first
        found = _Judged.none(infinite)
    else:
        ready = prepared((a, b), (one, two), units, chosen)
        first, second, difference = compared_values(ready)
        infinite = np.isinf(first) | np.isinf(second)
        found = _Judged.none(infinite)
        if judge:
            found = _judged(ready, difference, infinite, level=level, resamples=resamples, seed=seed)
    differences = {
        one.name: Difference(
            one.name,
            float(first[i]),
            float(second[i]),
            float(difference[i]),
            float(found.low[i]),
            float(found.high[i]),
            float(found.p[i]),
            found.reasons[i],
            float(found.detectable[i]),
            bool(found.significant[i]),
            one.metric.better,
        )
        for i, one in enumerate(chosen)
    }
    unlike = tuple(
        _unlike(mean, alike[mean.name], a.classes.names, sums)
        for mean in asked
        if isinstance(mean, OfCounts) and mean.name in alike
    )
    shown: dict[str, Difference] = {}
    for mean in asked:
        judged_by = alike[mean.name].name if mean.name in alike else mean.name
        shown[judged_by] = differences[judged_by]
        if mean.name in alike:
            shown[mean.name] = _beside(mean, sums, next(one for one in unlike if one.name == mean.name))
    per_image = [readonly(side.images.metric(main.image)[at.order]) for side, at in ((a, one), (b, two))]
    return Comparison(
        labels=(labels[0], labels[1]),
        names=names,
        differences=tuple(shown.values()),
        level=level,
        kind=units.kind,
        units=units.count,
        only=only,
        note=taken_for_granted(names, given),
        identical=_identical((a, b), (one, two)),
        a=per_image[0],
        b=per_image[1],
        groups=None if given is None else tuple(given),
        evaluations=(a, b),
        unlike=unlike,
        uneven=tuple(_uneven((a, b), (one, two), chosen)),
        shape_notes=tuple(measures.told((a, b), (labels[0], labels[1]))),
    )


def _identical(models: tuple[Evaluated, Evaluated], sides: tuple[Matched, Matched]) -> bool:
    """Return whether all that both measured, pair counts at least, is the same in every image."""
    (a, b), (one, two) = models, sides
    kinds = [kind for kind in a.records if kind in b.records]
    same = np.array_equal(one.order, two.order) and len(a.names) == len(b.names) == len(one.order)
    if same:  # as of two runs on one dataset: nothing needs to be put in order
        return all(a.records[kind] == b.records[kind] for kind in kinds)
    return all(a.records[kind].take(one.order) == b.records[kind].take(two.order) for kind in kinds)


def _unlike(mean: OfCounts, judge: OfCounts, names: Sequence[str], sides: tuple[Counts, Counts]) -> Unlike:
    """Return what two means over unlike classes cover, and by what they are judged."""
    one, two = (set(np.flatnonzero(covered(mean, side)).tolist()) for side in sides)
    only = tuple(names[i] for i in sorted(one - two)), tuple(names[i] for i in sorted(two - one))
    return Unlike(mean.name, judge.name, (len(one), len(two)), len(one & two), only)


def _uneven(
    models: tuple[Evaluated, Evaluated], sides: tuple[Matched, Matched], chosen: Iterable[Number]
) -> Iterator[Uneven]:
    """Yield the means over images that some image has in one model alone."""
    for mean in chosen:
        if not mean.of_some_images:
            continue
        values = np.stack([mean.of_images(m)[side.order] for m, side in zip(models, sides, strict=True)])
        there = ~np.isnan(values)
        if (there[0] != there[1]).any():
            both = values[:, there.all(axis=0)]
            a, b = both.mean(axis=1).tolist() if both.size else (math.nan, math.nan)
            first, second = there.sum(axis=1).tolist()
            yield Uneven(mean.name, (first, second), both.shape[1], (a, b))


def _beside(mean: Number, sides: tuple[Counts, Counts], unlike: Unlike) -> Difference:
    """Return the difference of two means over unlike classes, which is not judged."""
    assert isinstance(mean, OfCounts)
    a, b = (float(mean.value(side)) for side in sides)
    nan, reason = math.nan, f"over {extent(unlike.covers)} classes"
    return Difference(mean.name, a, b, b - a, nan, nan, nan, reason, nan, False, mean.metric.better)


class _Judged(NamedTuple):
    """What is known of differences, (m,) each."""

    low: Floats
    high: Floats
    reasons: list[str | None]
    p: Floats
    detectable: Floats
    significant: Bools

    @staticmethod
    def none(infinite: Bools) -> "_Judged":
        """Return what there is before anything is computed, of numbers of which some are infinite."""
        low, high, p, detectable = np.full((4, len(infinite)), np.nan)
        reasons: list[str | None] = [INFINITE if one else BEING_COMPUTED for one in infinite.tolist()]
        return _Judged(low, high, reasons, p, detectable, np.zeros(len(infinite), dtype=np.bool_))


def _judged(
    ready: tuple[Prepared, Prepared],
    difference: Floats,
    infinite: Bools,
    *,
    level: float,
    resamples: int,
    seed: int,
) -> _Judged:
    """Return the differences with intervals and p-values; of infinite numbers there are none."""
    kept = np.flatnonzero(~infinite)
    one, two = (side.only(kept.tolist()) for side in ready)
    low, high, reasons, p, detectable, significant = _Judged.none(infinite)
    low[kept], high[kept], known = bounded((one, two), level=level, resamples=resamples, seed=seed)
    for i, reason in zip(kept.tolist(), known, strict=True):
        reasons[i] = reason
    if untestable(one.units.count, one.units.kind, level) is None:
        p[kept], detectable[kept], significant[kept] = judged(
            swapped((one, two), resamples, seed), difference[kept], level
        )
    return _Judged(low, high, reasons, p, detectable, significant)
