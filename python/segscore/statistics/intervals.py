"""How sure a score is: bootstrap intervals over images, or over groups of images.

`docs/statistics.md` says how often these intervals hold the truth, and where they are not given. Nothing
here reads a pixel, and nothing here compares two models: that is `paired`.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from segscore.base.naming import arg
from segscore.base.shown import Shown, brief
from segscore.base.values import Floats
from segscore.errors import ArgumentError
from segscore.io.groups import By, labels_of
from segscore.scores.metric import class_metrics, label_of
from segscore.scores.named import numbers_of
from segscore.scores.sample import Sample
from segscore.statistics.prepared import Prepared
from segscore.statistics.trust import Grounds, taken_for_granted
from segscore.statistics.units import (
    Draw,
    Units,
    check_size,
    checked_count,
    checked_seed,
    draws,
    of_parts,
    weighted,
)

DEFINITION = 2
"""Counted up whenever intervals of the same counts come out otherwise, so that none are kept that were."""
RESAMPLES = 2_000
LEVEL = 0.95
_KEPT = 1 << 22
"""Numbers of samples without a part of the units that are kept: 32 MB."""
_NEGLIGIBLE = 0.25
"""Share of its standard error by which a score may be biased."""
_TIMES_BIASED = 2
"""How many times as much as resamples show a score is biased, at most."""
_ROUNDING = 1e-12
"""Differences that are smaller are those of rounding."""


@dataclass(frozen=True)
class Interval(Shown):
    """A score and how sure it is.

    Attributes
    ----------
    metric : str
        Such as ``mean_iou`` or ``iou.car``.
    value : float
        The score itself.
    low, high : float
        Bounds; NaN where there is a `reason`.
    level : float
        The share of such intervals that hold the score of all images that these are a sample of.
    units : int
        What was drawn: how many images or groups.
    kind : str
        "images" or "groups".
    reason : str or None
        Why there is no interval, such as "too few images (7)".
    note : str or None
        What the interval takes for granted.
    """

    metric: str
    value: float
    low: float
    high: float
    level: float
    units: int
    kind: str
    reason: str | None = None
    note: str | None = None

    def __str__(self) -> str:
        """Return the score with its interval, or with the reason why there is none."""
        score = "undefined" if np.isnan(self.value) else f"{self.value:.4f}"
        if self.reason is not None:
            return f"{score} ({self.reason})"
        note = "" if self.note is None else f", {self.note}"
        return f"{score} ({100 * self.level:g} %: {self.low:.4f} to {self.high:.4f}{note})"


class Estimates(NamedTuple):
    """Metrics of all units and of resamples, and how unlike what units add to them is."""

    value: Floats
    """float64 (m,)"""
    resampled: Floats
    """float64 (R, m)"""
    parts: int
    """How many parts of the units were left out by turns."""
    added: tuple[Floats, Floats, Floats]
    """Sums over parts of the second, third and fourth power of what each adds by the jackknife, (m,) each."""


def confidence_intervals(
    sample: Sample,
    metrics: Sequence[str],
    *,
    level: float = LEVEL,
    resamples: int = RESAMPLES,
    seed: int = 0,
    groups: By | None = None,
) -> dict[str, Interval]:
    """Return the interval of each metric.

    Parameters
    ----------
    sample : Sample
        Such as an evaluation; its images are taken as a sample of all images that matter.
    metrics : sequence of str
        Metrics, such as ``mean_iou`` or ``iou.car``.
    level : float
        Between 0.5 and 1.
    resamples : int
        1 or more.
    seed : int
        The same seed gives the same intervals, in whatever order the images are.
    groups : optional
        As for :func:`segscore.evaluate`. By default the groups of the evaluation, if it has any.

    Raises
    ------
    ArgumentError
        If a metric is unknown or a number out of range.

    Notes
    -----
    Units are drawn with replacement; the score is computed from the summed counts of each draw, for the
    classes of the full sample. Bounds are quantiles of these scores (B. Efron, "Bootstrap methods: another
    look at the jackknife", Annals of Statistics 7 (1979)), taken further out as Student's t asks for (T.
    Hesterberg, "What teachers should know about the bootstrap", The American Statistician 69 (2015)), at the
    degrees of freedom that the units have; see `limits`.
    """
    checked_level(level)
    checked_seed(seed)
    checked_count("resamples", resamples)
    chosen = numbers_of(metrics, sample.classes)
    check_size(resamples, max(1, len(chosen)))
    labels = sample.groups if groups is None else labels_of(sample.names, groups)
    units = Units.made(sample.names, labels)
    ready = Prepared(sample, np.arange(len(sample.names)), sample.cells, units, chosen)
    value = [one.read(sample) for one in chosen]
    grounds = Grounds.of([ready], level, resamples)
    low, high, reasons = bounds(
        grounds,
        [grounds.doubt(one, v, ready.support.get(one)) for one, v in zip(chosen, value, strict=True)],
        lambda kept: estimates([ready.only(kept)], resamples, seed),
    )
    note = taken_for_granted(sample.names, labels)
    return {
        one.name: Interval(
            one.name, float(v), float(lo), float(hi), level, units.count, units.kind, reason, note
        )
        for one, v, lo, hi, reason in zip(chosen, value, low, high, reasons, strict=True)
    }


def bounds(
    grounds: Grounds, doubts: Sequence[str | None], estimated: Callable[[list[int]], Estimates]
) -> tuple[Floats, Floats, list[str | None]]:
    """Return the bounds of metrics, float64 (m,) each, and why some have none.

    ``doubts`` say that before resamples are drawn; ``estimated`` leads from the indices of the others to
    their estimates.
    """
    low, high = np.full((2, len(doubts)), np.nan)
    found, kept = list(doubts), [i for i, reason in enumerate(doubts) if reason is None]
    if kept:
        drawn = estimated(kept)
        low[kept], high[kept] = limits(drawn, grounds.level)
        for i, spread in zip(kept, np.ptp(drawn.resampled, axis=0).tolist(), strict=True):
            if spread < _ROUNDING:
                low[i] = high[i] = np.nan
                found[i] = f"no difference between {grounds.units.kind}"
    return low, high, found


def checked_level(level: object) -> None:
    """Raise ArgumentError unless a level is between 0.5 and 1."""
    if not isinstance(level, float | np.floating) or not 0.5 <= level < 1:
        raise ArgumentError(
            f"expected {arg('level')} from 0.5 to below 1, found {brief(level)}",
            "95 % is 0.95, as an interval's level",
        )


def estimates(sides: Sequence[Prepared], resamples: int, seed: int) -> Estimates:
    """Return numbers of one side, or of two by how much those of the second are higher.

    Sides have the same units, of which the same are drawn; classes are those of all units.
    """
    sums, fills = [side.sums for side in sides], [_filling(side) for side in sides]
    values = [side.values(own.total, fill)[0] for side, own, fill in zip(sides, sums, fills, strict=True)]

    def told(draws: Iterator[tuple[Draw, ...]]) -> Iterator[Floats]:
        for drawn in draws:
            found = (side.values(draw, fill) for side, draw, fill in zip(sides, drawn, fills, strict=True))
            # A draw without a class says nothing of it: the class stays what it is.
            yield _apart([np.where(np.isnan(o), v, o) for o, v in zip(found, values, strict=True)])

    parts = max(side.parts() for side in sums)

    def but_one() -> Iterator[Floats]:
        return told(
            tuple(own.total.minus(one) for own, one in zip(sums, each, strict=True))
            for each in of_parts(sums, parts)
        )

    resampled = np.concatenate(list(told(weighted(sums, draws(sums[0].units, seed), resamples))))
    kept = [*but_one()] if parts * len(values[0]) <= _KEPT else None
    # Twice where all of them together are more than memory should hold.
    mean = sum(part.sum(axis=0) for part in kept or but_one()) / parts
    powers = [np.stack([((mean - part) ** n).sum(axis=0) for n in (2, 3, 4)]) for part in kept or but_one()]
    second, third, fourth = np.sum(powers, axis=0)
    return Estimates(_apart(values), resampled, parts, (second, third, fourth))


def _apart(found: Sequence[Floats]) -> Floats:
    """Return the values of the only side, or the differences of two."""
    return found[0] if len(found) == 1 else found[1] - found[0]


def _filling(side: Prepared) -> dict[str, Floats]:
    """Return what means take for a class that a draw has none of: its value in all units, by metric."""
    counts = side.counts(side.sums.total)
    return {metric.name: metric.formula(counts)[0] for metric in class_metrics()}


def limits(found: Estimates, level: float) -> tuple[Floats, Floats]:
    """Return the bounds of each metric, float64 (m,) each.

    Notes
    -----
    Quantiles of the resamples are too narrow where units are few or unlike: a variance that hangs on few of
    them is itself unsure. With z, what each unit adds to the score by the jackknife, units are worth
    ``3 sum(z^2)^2 / sum(z^4)`` normal ones, which is their number for normal z and less for heavy tails
    (the kurtosis in the variance of a variance; F. E. Satterthwaite, Biometrics Bulletin 2 (1946)). The
    quantiles are those of a normal curve as far out as Student's t is, and further where the jackknife's
    standard error is larger than that of the resamples. Where what units add is skewed, a bound is moved by
    the acceleration of B. Efron, "Better bootstrap confidence intervals", Journal of the American
    Statistical Association 82 (1987), if that takes it further out. Where each unit that is left out ranks
    everything anew, of more than 1,000 units as many parts are left out: a part of g units adds what they add
    together, and of what it adds the square, the skewness and the kurtosis tell the same of all.

    A precision that is the best from each recall on is higher by chance where images are few, and higher once
    more in resamples, which are worth half as many; over many classes little else is left. Where resamples
    are beside the score by more than a quarter of their standard error (B. Efron, R. J. Tibshirani, "An
    Introduction to the Bootstrap" (1993), section 10.3, call less negligible), the interval holds what lies
    around the score and around the score without its bias. If that shrinks with n units as n^-a, resamples
    show 2^a - 1 of it: 0.41 to 0.59 for a from 1/2 to 2/3, so that it is taken twice.
    """
    count, (second, third, fourth) = found.parts, found.added
    worth = np.full(len(found.value), float(count))
    np.divide(3 * second**2, fourth, out=worth, where=fourth > 0)
    # The resamples' own error is that of a variance with divisor n; the jackknife's is larger if z is skewed.
    own = found.resampled.std(axis=0)
    ratio = np.full(len(own), (count / (count - 1)) ** 0.5)
    np.divide(np.sqrt((count - 1) / count * second), own, out=ratio, where=own > 0)
    ratio = ratio.clip((count / (count - 1)) ** 0.5)
    skew = np.zeros(len(own))
    np.divide(third, 6 * second**1.5, out=skew, where=second > 0)
    bias = found.resampled.mean(axis=0) - found.value
    bias[np.abs(bias) <= _NEGLIGIBLE * own] = 0
    low, high = np.empty((2, len(own)))
    for i, freedom in enumerate((np.minimum(worth, count) - 1).clip(1).tolist()):
        out = student((1 + level) / 2, freedom) * float(ratio[i])
        shares = [_below(-_further(out, -skew[i])), _below(_further(out, skew[i]))]
        low[i], high[i] = np.quantile(found.resampled[:, i], shares)
    least, most = np.sort([bias, (1 + _TIMES_BIASED) * bias], axis=0)
    return low - most, high - least


def _below(z: float) -> float:
    """Return the share of a normal curve below z."""
    return math.erfc(-z / 2**0.5) / 2


def _further(out: float, skew: float) -> float:
    """Return how far out a bound is on the side to which a skew above 0 stretches."""
    left = 1 - skew * out
    return max(out, out / left) if left > 0 else float("inf")


def student(share: float, freedom: float) -> float:
    """Return the quantile of Student's t, from 0.5 to below 1, for real degrees of freedom from 1 on.

    With ``t = sqrt(freedom) tan(x)`` the density is proportional to ``cos(x)^(freedom - 1)``, which is smooth
    and ends at pi / 2, so that a plain sum over x is exact enough.

    Examples
    --------
    >>> round(student(0.975, 10), 4)  # 2.2281 in every table
    2.2281
    """
    x = np.linspace(0, min(np.pi / 2, 40 / freedom**0.5), 20_001)
    density = np.cos(x) ** (freedom - 1)
    below = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2)])
    at = np.interp((2 * share - 1) * below[-1], below, x)
    return float(freedom**0.5 * np.tan(at))


def of_interval(interval: Interval) -> str:
    """Return how sure a headline metric is, as a sentence."""
    name = label_of(interval.metric)
    if interval.reason is not None:
        return f"no interval of {name}: {interval.reason}"
    note = "" if interval.note is None else f", {interval.note}"
    return f"{100 * interval.level:g} % interval of {name}: {interval.low:.4f} to {interval.high:.4f}{note}"
