"""Two samples of the same images: which images both have, and how sure their differences are.

Which images were drawn is the same for both models, so that what makes images hard falls out.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from segscore.base.naming import arg
from segscore.base.shown import brief
from segscore.base.values import Bools, Floats, Ints
from segscore.classes.classes import Classes
from segscore.counts.cells import Cells
from segscore.counts.measures import unlike
from segscore.counts.objects import TARGET
from segscore.counts.surfaces import Surfaces
from segscore.errors import ArgumentError
from segscore.io.groups import By, Label, labels_of
from segscore.scores.alike import shared
from segscore.scores.metric_row import Counts
from segscore.scores.named import number_of
from segscore.scores.numbers import Number
from segscore.scores.precision_asked import Asked
from segscore.scores.sample import Sample
from segscore.scores.worst import Worst
from segscore.statistics.alike_spacings import other_spacing, said_alike
from segscore.statistics.intervals import LEVEL, RESAMPLES, bounds, estimates
from segscore.statistics.prepared import Prepared
from segscore.statistics.trust import Grounds
from segscore.statistics.units import Draw, Units, swaps, weighted

_SHOWN = 3

_POWER_80 = 0.8416212335729143
"""The normal quantile of 0.8."""


def interval_of_difference(
    a: Sample,
    b: Sample,
    metric: str = "mean_iou",
    *,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[float, float, str | None]:
    """Return the ends of the interval of one difference, or why there is none; `compare` has the arguments.

    It is the interval that `compare` gives, without the swaps that a p-value needs: for many parts of the
    images, such as scenarios. A mean is over the classes that both have.
    """
    one, two, _ = paired(a, b, "all")
    units = Units.made(one.names, groups_of(a, b, one.names, None))
    asked = number_of(metric, a.classes)
    chosen = shared(asked, a.classes, [one.counts, two.counts]) or asked
    ready = prepared((a, b), (one, two), units, [chosen])
    low, high, reasons = bounded(ready, level=level, resamples=resamples, seed=seed)
    return float(low[0]), float(high[0]), reasons[0]


def prepared(
    samples: tuple[Sample, Sample],
    sides: tuple["Matched", "Matched"],
    units: Units,
    chosen: Sequence[Number],
) -> tuple[Prepared, Prepared]:
    """Return numbers of both sides, ready to be computed for any draw of units; raise if they are unlike."""
    one, two = (
        Prepared(sample, side.order, side.cells, units, chosen)
        for sample, side in zip(samples, sides, strict=True)
    )
    orders = sides[0].order, sides[1].order
    for number in chosen:
        first, second = map(number.options, said_alike(*samples))
        if first != second:
            raise ArgumentError(
                f"`{number.name}` cannot be compared: it was measured with {unlike(first, second)}",
                "evaluate both models with the same options",
            )
        if number.metric.needs == Surfaces.kind and (told := other_spacing(samples, orders)):
            raise ArgumentError(
                f"`{number.name}` cannot be compared: {told}",
                "evaluate both models with the same spacing of each image",
            )
    return one, two


def compared_values(ready: tuple[Prepared, Prepared]) -> tuple[Floats, Floats, Floats]:
    """Return the numbers of both sides and their difference, (m,) each; two infinite ones have none."""
    first, second = (side.whole() for side in ready)
    with np.errstate(invalid="ignore"):
        return first, second, second - first


def bounded(
    ready: tuple[Prepared, Prepared], *, level: float, resamples: int, seed: int
) -> tuple[Floats, Floats, list[str | None]]:
    """Return the ends of the intervals of differences, (m,) each, and why there are none."""
    one = ready[0]
    first, second, difference = compared_values(ready)
    difference = np.where(np.isinf(first) | np.isinf(second), np.inf, difference)
    grounds = Grounds.of(ready, level, resamples)
    doubts = [
        grounds.doubt(
            asked, value, min(side.support[asked] for side in ready) if asked in one.support else None
        )
        for asked, value in zip(one.chosen, difference.tolist(), strict=True)
    ]
    return bounds(
        grounds, doubts, lambda kept: estimates([side.only(kept) for side in ready], resamples, seed)
    )


def groups_of(a: Sample, b: Sample, names: tuple[str, ...], groups: By | None) -> list[Label] | None:
    """Return the groups of the images that are compared: those given, or those of the evaluations."""
    if groups is not None:
        if isinstance(groups, Sequence) and not isinstance(groups, str) and len(groups) == len(a.names):
            # One group for each image of `a`, of which some may be left out.
            of = dict(zip(a.names, groups, strict=True))
            return labels_of(names, of)
        return labels_of(names, groups)
    known = [dict(zip(side.names, side.groups, strict=True)) for side in (a, b) if side.groups is not None]
    found = [[of[name] for name in names] for of in known]
    if len(found) == 2 and found[0] != found[1]:
        at = next(i for i, (x, y) in enumerate(zip(*found, strict=True)) if x != y)
        raise ArgumentError(
            f"the evaluations hold different groups: `{names[at]}` is in {found[0][at]!r} and in "
            f"{found[1][at]!r}",
            f"say with {arg('groups')} which are meant",
        )
    return found[0] if found else None


class Matched(NamedTuple):
    """The images of one evaluation that are compared, in the order of their names."""

    names: tuple[str, ...]
    classes: Classes
    cells: Cells
    order: Ints

    @property
    def counts(self) -> Counts:
        """What formulas read of all these images."""
        return Counts(*self.cells.sums, self.classes.in_mean, self.classes.background)


def paired(a: Sample, b: Sample, on: str) -> tuple[Matched, Matched, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return the images that both have, on each side, and those that only one has."""
    if on not in ("all", "common"):
        raise ArgumentError(
            f"{arg('on')} is {brief(on)}", 'it is "all", or "common" for the images that both have'
        )
    places = [{name: i for i, name in enumerate(side.names)} for side in (a, b)]
    names = tuple(sorted(places[0].keys() & places[1].keys()))
    only = tuple(sorted(places[0].keys() - set(names))), tuple(sorted(places[1].keys() - set(names)))
    if on == "all" and any(only):
        lacking = [
            f"{len(left):,} that `{other}` lacks ({_some(left)})"
            for left, other in zip(only, "ba", strict=True)
            if left
        ]
        owners = [side for side, left in zip("ab", only, strict=True) if left]
        told = ", ".join(f"`{owner}` has {lack}" for owner, lack in zip(owners, lacking, strict=True))
        raise ArgumentError(
            f"the evaluations hold different images: {told}",
            f"compare those that both have with {arg('on', 'common')}",
        )
    if not names:
        raise ArgumentError(
            "the evaluations have no image in common", "evaluate both models on the same targets"
        )
    orders = [np.array([place[name] for name in names], dtype=np.int64) for place in places]
    one, two = (
        Matched(names, side.classes, side.cells.take(order), order)
        for side, order in zip((a, b), orders, strict=True)
    )
    _check_targets(one, two)
    _check_objects((a, b), (one, two))
    return one, two, only


def _check_targets(one: Matched, two: Matched) -> None:
    """Raise ArgumentError unless every image has the same pixels of each class in both targets."""
    keys, pixels = [], []
    for side in (one, two):
        held = side.cells.target > 0
        keys.append(side.cells.image[held] * side.cells.shape[1] + side.cells.label[held])
        pixels.append(side.cells.target[held])
    if all(np.array_equal(*sides) for sides in (keys, pixels, (one.cells.ignored, two.cells.ignored))):
        return
    first, second = (set(zip(k.tolist(), p.tolist(), strict=True)) for k, p in zip(keys, pixels, strict=True))
    different = {at // one.cells.shape[1] for at, _ in first ^ second}
    different |= set(np.flatnonzero(one.cells.ignored != two.cells.ignored).tolist())
    images = [one.names[i] for i in sorted(different)]
    raise ArgumentError(
        f"the evaluations were not measured on the same targets: {len(images):,} of {len(one.names):,} "
        f"images differ in the pixels of their classes ({_some(images)})",
        "evaluate both models on one version of the ground truth, with the same ignored labels",
    )


def _check_objects(samples: tuple[Sample, Sample], sides: tuple[Matched, Matched]) -> None:
    """Raise ArgumentError unless targets have the same objects in both, where both tell them alike."""
    ways = [sample.shapes.measures.told_apart for sample in samples]
    if not samples[0].shapes.measures.instances or ways[0] != ways[1]:
        return
    targets = []
    for sample, side in zip(samples, sides, strict=True):
        own = sample.shapes.matching.objects.take(side.order)
        rows = own.side == TARGET
        targets.append(np.stack([own.image, own.label, own.pixels, own.area_bits, own.flags])[:, rows])
    one, two = targets
    if np.array_equal(one, two):
        return
    names = sides[0].names
    split = [np.split(side, np.searchsorted(side[0], np.arange(1, len(names))), axis=1) for side in targets]
    images = [
        name
        for name, *parts in zip(names, *split, strict=True)
        if not np.array_equal(*(part[:, np.lexsort(part)] for part in parts))
    ]
    if images:
        raise ArgumentError(
            f"the evaluations were not measured on the same targets: {len(images):,} of {len(names):,} "
            f"images differ in their objects ({_some(images)})",
            "evaluate both models on one version of the ground truth",
        )


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_SHOWN])
    return f"{shown}, …" if len(names) > _SHOWN else shown


def swapped(ready: tuple[Prepared, Prepared], permutations: int, seed: int) -> Floats:
    """Return the differences after so many swaps at most, float64 (R, m); 0 if undefined or infinite."""
    one, two = ready
    totals = [side.counts(side.sums.total) for side in ready]
    # A class in no target that both models predict is in their means also where swaps leave one without it.
    always = (totals[0].target == 0) & (totals[0].pred > 0) & (totals[1].pred > 0)
    fill = {name: np.where(always, 0.0, np.nan)[0] for name in ("iou", "dice")} if always.any() else {}
    joined = {
        asked: ranking.joined(two.rankings[asked], one.units.count) for asked, ranking in one.rankings.items()
    }
    curves = {asked: of.joined(two.curves[asked], one.units.count) for asked, of in one.curves.items()}

    def values(stays: Prepared, leaves: Draw, comes: Draw, *, first: bool) -> Floats:
        def of_both() -> Floats:
            parts = (1 - comes.weights, comes.weights) if first else (comes.weights, 1 - comes.weights)
            return np.concatenate(parts, axis=1)

        def worst(asked: Worst) -> Floats:
            return joined[asked].worst(of_both(), asked.quantiles)

        def averages(asked: Asked) -> Floats:
            return curves[asked].averages(of_both())

        swapped = stays.sums.total.minus(leaves).plus(comes)
        return stays.values(swapped, fill, worst=worst, averages=averages)

    made_up, number = swaps(one.units, seed, permutations)
    sums = weighted([side.sums for side in ready], made_up, number)
    with np.errstate(invalid="ignore"):
        made = [values(two, b, a, first=False) - values(one, a, b, first=True) for a, b in sums]
    return _finite(np.concatenate(made))


def judged(swapped: Floats, found: Floats, level: float) -> tuple[Floats, Floats, Bools]:
    """Return p-value, detectable difference and significance of each metric, (m,) each."""
    # What was found is one of the ways to swap, in which nothing is. Swapping is symmetric: the mean is 0.
    deviation = np.sqrt(((swapped**2).sum(axis=0) + _finite(found) ** 2) / (len(swapped) + 1))
    unit = np.where(deviation > 0, deviation, np.inf)
    largest = (np.abs(swapped) / unit).max(axis=1)
    size = np.abs(_finite(found)) / unit
    # Sums in another order may differ in the last place; what is equal counts as exceeding.
    exceeding = (largest[:, None] >= size * (1 - 1e-12)).sum(axis=0)
    number = len(swapped) + 1
    significant = exceeding + 1 <= (1 - level) * number * (1 + 1e-12)
    needed = np.quantile(largest, level) + _POWER_80
    detectable = np.where(deviation > 0, needed * deviation, np.nan)
    return (exceeding + 1) / number, detectable, significant


def _finite(values: Floats) -> Floats:
    return np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
