"""`compare`: two evaluations go in, a `Comparison` comes out.

Which images were drawn is the same for both models, so that what makes images hard falls out. What is
read from the differences afterwards is in `comparison`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from segscore.base.values import Floats, Ints
from segscore.classes.classes import Classes
from segscore.counts.cells import Cells
from segscore.errors import ArgumentError
from segscore.io.groups import By, Label, labels_of
from segscore.scores.metric import Metric, metric_values
from segscore.statistics.intervals import LEVEL, RESAMPLES, Estimates, bounds, estimates
from segscore.statistics.sample import totals_of
from segscore.statistics.trust import Grounds
from segscore.statistics.units import (
    Sums,
    Units,
)

if TYPE_CHECKING:
    from segscore.results.evaluated import Evaluation

_SHOWN = 3


def interval_of_difference(
    a: "Evaluation",
    b: "Evaluation",
    metric: str = "mean_iou",
    *,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> tuple[float, float, str | None]:
    """Return the ends of the interval of one difference, or why there is none; `compare` has the arguments.

    It is the interval that `compare` gives, without the swaps that a p-value needs: for many parts of the
    images, such as scenarios.

    Raises
    ------
    ArgumentError
        As `compare` does.
    """
    one, two, _ = _paired(a, b, "all")
    units = Units.made(one.names, _groups(a, b, one.names, None))
    chosen = [Metric.of(metric, a.classes)]
    first, second = (
        metric_values(chosen, totals_of(side.cells), side.classes.in_mean) for side in (one, two)
    )
    sums = Sums(one.cells, units), Sums(two.cells, units)
    low, high, reasons = _bounded(
        (one, two), units, sums, chosen, second - first, level=level, resamples=resamples, seed=seed
    )
    return float(low[0]), float(high[0]), reasons[0]


def _bounded(
    sides: tuple["_Side", "_Side"],
    units: Units,
    sums: tuple[Sums, Sums],
    chosen: Sequence[Metric],
    difference: Floats,
    *,
    level: float,
    resamples: int,
    seed: int,
) -> tuple[Floats, Floats, list[str | None]]:
    """Return the ends of the intervals of differences, (m,) each, and why there are none."""
    grounds = Grounds.of(sides[0].classes, units, [side.cells for side in sides], level, resamples)

    def estimated(kept: list[int]) -> Estimates:
        before, after = (
            estimates(side, [chosen[i] for i in kept], of_side, resamples, seed)
            for side, of_side in zip(sides, sums, strict=True)
        )
        return after.minus(before)

    doubts = [grounds.doubt(*pair) for pair in zip(chosen, difference.tolist(), strict=True)]
    return bounds(grounds, doubts, estimated)


def _groups(
    a: "Evaluation", b: "Evaluation", names: tuple[str, ...], groups: By | None
) -> list[Label] | None:
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
            "say with `groups` which are meant",
        )
    return found[0] if found else None


class _Side(NamedTuple):
    """The images of one evaluation that are compared, in the order of their names."""

    names: tuple[str, ...]
    classes: Classes
    cells: Cells
    order: Ints


def _paired(
    a: "Evaluation", b: "Evaluation", on: str
) -> tuple[_Side, _Side, tuple[tuple[str, ...], tuple[str, ...]]]:
    if on not in ("all", "common"):
        raise ArgumentError(f"`on` is {on!r}", 'it is "all", or "common" for the images that both have')
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
            'compare those that both have with `on="common"`',
        )
    if not names:
        raise ArgumentError(
            "the evaluations have no image in common", "evaluate both models on the same targets"
        )
    orders = [np.array([place[name] for name in names], dtype=np.int64) for place in places]
    one, two = (
        _Side(names, side.classes, side.cells.take(order), order)
        for side, order in zip((a, b), orders, strict=True)
    )
    _check_targets(one, two)
    return one, two, only


def _check_targets(one: _Side, two: _Side) -> None:
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


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_SHOWN])
    return f"{shown}, …" if len(names) > _SHOWN else shown
