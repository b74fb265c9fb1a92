"""Comparison: two models on the same images, with intervals of the differences and p-values.

Which images were drawn is the same for both models, so that what makes images hard falls out. How a
difference is shown is a matter of `render`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from segscore.cells import Cells
from segscore.classes import Classes, Ints
from segscore.confusion import not_the_same
from segscore.errors import ArgumentError
from segscore.groups import By, Label, labels_of
from segscore.metric_names import HEADLINES, Metric, unknown
from segscore.metrics import Floats
from segscore.resampling import Counts, Sums, Units, support, swaps
from segscore.scores import readonly
from segscore.statistics import (
    LEVEL,
    RESAMPLES,
    checked_level,
    doubts,
    estimates,
    limits,
    taken_for_granted,
)

if TYPE_CHECKING:
    from segscore.evaluation import Evaluation
    from segscore.gates import GateResult

_SHOWN = 3
_POWER_80 = 0.8416212335729143
"""The normal quantile of 0.8."""


@dataclass(frozen=True)
class Difference:
    """What one metric is in two models, and whether that can be chance.

    Attributes
    ----------
    name : str
        The metric, such as ``mean_iou`` or ``iou.car``.
    a, b : float
        In the first and in the second model.
    difference : float
        ``b - a``.
    low, high : float
        Interval of the difference; NaN where there is a `reason`.
    p : float
        Probability of a difference as large as this, in any of the metrics compared, if the models were
        equally good.
    reason : str or None
        Why there is no interval, such as "too few images (7)".
    detectable : float
        The smallest difference that would have been found with a probability of 80 %.
    significant : bool
        Whether `p` is at most one minus the level.
    """

    name: str
    a: float
    b: float
    difference: float
    low: float
    high: float
    p: float
    reason: str | None
    detectable: float
    significant: bool


class Change(NamedTuple):
    """An image and its mean IoU in both models."""

    name: str
    a: float
    b: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """Two models on the same images.

    Attributes
    ----------
    labels : (str, str)
        What the models are called.
    names : tuple of str
        The images that were compared, sorted.
    differences : tuple of Difference
        Headline metrics, then the IoU of each class that is in a target.
    level : float
        Of the intervals.
    kind : str
        "images" or "groups": what was drawn and swapped.
    units : int
        How many of them there are.
    only : (tuple of str, tuple of str)
        Images that only one of the evaluations has, and that were left out (``on="common"``).
    note : str or None
        What is taken for granted.
    a, b : float64 (n,)
        Mean IoU of each image; NaN where it is undefined.
    """

    labels: tuple[str, str]
    names: tuple[str, ...]
    differences: tuple[Difference, ...]
    level: float
    kind: str
    units: int
    only: tuple[tuple[str, ...], tuple[str, ...]]
    note: str | None
    a: Floats = field(repr=False)
    b: Floats = field(repr=False)

    def __getitem__(self, name: str) -> Difference:
        """Return the difference of a metric by its name."""
        known = {difference.name: difference for difference in self.differences}
        if name not in known:
            raise unknown("compared metric", name, known)
        return known[name]

    @property
    def classes(self) -> tuple[Difference, ...]:
        """The differences of single classes."""
        return self.differences[len(HEADLINES) :]

    @property
    def better(self) -> tuple[Change, ...]:
        """Images whose mean IoU is higher in the second model, those that gained most first."""
        return self._changed(self.b - self.a)

    @property
    def worse(self) -> tuple[Change, ...]:
        """Images whose mean IoU is lower in the second model, those that lost most first."""
        return self._changed(self.a - self.b)

    def _changed(self, gain: Floats) -> tuple[Change, ...]:
        order = [i for i in np.argsort(-gain, kind="stable").tolist() if gain[i] > 0]
        return tuple(Change(self.names[i], float(self.a[i]), float(self.b[i])) for i in order)

    def to_dict(self) -> dict[str, Any]:
        """Return all numbers in plain Python values that JSON can hold; undefined ones are None."""
        from segscore.render.comparison import comparison_dict

        return comparison_dict(self)

    def to_markdown(self, gates: Sequence["GateResult"] = ()) -> str:
        """Return a page in Markdown, as CI runs show; `gates` come first."""
        from segscore.render.markdown import comparison_markdown

        return comparison_markdown(self, gates=gates)

    def __str__(self) -> str:
        """Return one sentence and the table of differences, in 80 columns."""
        from segscore.render.comparison import comparison_text

        return comparison_text(self)

    def _repr_html_(self) -> str:
        from segscore.render.comparison import comparison_html

        return comparison_html(self)


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
        :func:`segscore.groups.group_by`. By default the groups of `a`, if it has any.
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
    checked_level(level)
    if a.classes != b.classes:
        raise not_the_same("evaluations", a.classes, b.classes, "compared")
    names, one, two, only = _paired(a, b, on)
    given, labelled = a.groups if groups is None else labels_of(a.names, groups), None
    if given is not None:
        of = dict(zip(a.names, given, strict=True))
        labelled = [of[name] for name in names]
    units = Units.made(names, labelled)
    held = support(one.cells, units)
    in_target = [name for name, number in zip(a.classes.names, held.tolist(), strict=True) if number]
    chosen = [Metric.of(name, a.classes) for name in (*HEADLINES, *(f"iou.{name}" for name in in_target))]
    first, second = (estimates(side, chosen, units, resamples=resamples, seed=seed) for side in (one, two))
    found = second.minus(first)
    low, high = limits(found, level)
    p, detectable = _permuted(
        (one, two), chosen, units, found.value, permutations=resamples, seed=seed, level=level
    )
    differences = tuple(
        Difference(
            metric.name,
            float(first.value[i]),
            float(second.value[i]),
            float(found.value[i]),
            *((float("nan"),) * 2 if reason is not None else (float(low[i]), float(high[i]))),
            float(p[i]),
            reason,
            float(detectable[i]),
            bool(p[i] <= 1 - level),
        )
        for i, (metric, reason) in enumerate(zip(chosen, doubts(one, chosen, units, found), strict=True))
    )
    per_image = [
        readonly(side.images.mean_iou[order])
        for side, order in zip((a, b), (one.order, two.order), strict=True)
    ]
    note = taken_for_granted(names, labelled)
    return Comparison(labels, names, differences, level, units.kind, units.count, only, note, *per_image)


class _Side(NamedTuple):
    """The images of one evaluation that are compared, in the order of their names."""

    names: tuple[str, ...]
    classes: Classes
    cells: Cells
    groups: tuple[Label, ...] | None
    order: Ints


def _paired(
    a: "Evaluation", b: "Evaluation", on: str
) -> tuple[tuple[str, ...], _Side, _Side, tuple[tuple[str, ...], tuple[str, ...]]]:
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
        _Side(names, side.classes, side.cells.take(order), None, order)
        for side, order in zip((a, b), orders, strict=True)
    )
    _check_targets(one, two)
    return names, one, two, only


def _check_targets(one: _Side, two: _Side) -> None:
    """Raise ArgumentError unless every image has the same pixels of each class in both targets."""
    columns = []
    for side in (one, two):
        held = side.cells.target > 0
        at = side.cells.image[held] * side.cells.shape[1] + side.cells.label[held]
        columns.append(dict(zip(at.tolist(), side.cells.target[held].tolist(), strict=True)))
    different = {at // one.cells.shape[1] for at, _ in columns[0].items() ^ columns[1].items()}
    different |= set(np.flatnonzero(one.cells.ignored != two.cells.ignored).tolist())
    if different:
        images = [one.names[i] for i in sorted(different)]
        raise ArgumentError(
            f"the evaluations were not measured on the same targets: {len(images):,} of {len(one.names):,} "
            f"images differ in the pixels of their classes ({_some(images)})",
            "evaluate both models on one version of the ground truth, with the same ignored labels",
        )


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{name}`" for name in names[:_SHOWN])
    return f"{shown}, …" if len(names) > _SHOWN else shown


def _permuted(
    sides: tuple[_Side, _Side],
    chosen: Sequence[Metric],
    units: Units,
    found: Floats,
    *,
    permutations: int,
    seed: int,
    level: float,
) -> tuple[Floats, Floats]:
    """Return the p-value and the detectable difference of each metric, float64 (m,) each."""
    sums = [Sums(side.cells, units) for side in sides]
    totals = [side.total() for side in sums]
    weighted = zip(*(side.weighted(swaps(units, seed), permutations) for side in sums), strict=True)
    in_mean = sides[0].classes.in_mean

    def values(total: Counts, leaves: Counts, comes: Counts) -> Floats:
        tp, target, pred = (t - out + in_ for t, out, in_ in zip(total, leaves, comes, strict=True))
        return np.stack([metric(tp, target, pred, in_mean) for metric in chosen], axis=1)

    drawn = np.concatenate([values(totals[1], b, a) - values(totals[0], a, b) for a, b in weighted])
    drawn = np.nan_to_num(drawn)
    deviation = np.sqrt((drawn**2).mean(axis=0))  # Swapping is symmetric: the mean is 0.
    unit = np.where(deviation > 0, deviation, np.inf)
    largest = (np.abs(drawn) / unit).max(axis=1)
    size = np.abs(np.nan_to_num(found)) / unit
    # Sums in another order may differ in the last place; what is equal counts as exceeding.
    exceeding = (largest[:, None] >= size * (1 - 1e-12)).sum(axis=0)
    needed = np.quantile(largest, level) + _POWER_80
    return (exceeding + 1) / (len(drawn) + 1), np.where(deviation > 0, needed * deviation, np.nan)
