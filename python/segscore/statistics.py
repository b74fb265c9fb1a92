"""How sure a score is: bootstrap intervals over images, or over groups of images.

`docs/statistics.md` says how often these intervals hold the truth, and where they are not given. Nothing
here reads a pixel, and nothing here compares two models: that is `comparison`.
"""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from segscore.cells import Cells
from segscore.classes import Classes
from segscore.errors import ArgumentError
from segscore.groups import By, Label, labels_of
from segscore.metric_names import MEANS, PER_CLASS, Metric
from segscore.metrics import Floats
from segscore.resampling import Counts, Sums, Units, checked_count, draws, support

RESAMPLES = 2_000
LEVEL = 0.95
LEAST_IMAGES = 30
"""Images from which on an interval is given; see the table of `docs/statistics.md`."""
LEAST_GROUPS = 20
LEAST_OF_CLASS = 10
"""Images, or groups, with a class in their target from which on an interval is given, of the class or of a
mean that takes it in."""


@dataclass(frozen=True)
class Interval:
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


class Sample(Protocol):
    """What is read of an evaluation."""

    @property
    def names(self) -> tuple[str, ...]:
        """The images."""

    @property
    def groups(self) -> tuple[Label, ...] | None:
        """The group of each image."""

    @property
    def classes(self) -> Classes:
        """The classes."""

    @property
    def cells(self) -> Cells:
        """Their counts."""


class Estimates(NamedTuple):
    """Metrics of all units, of resamples, and of all units but one.

    Attributes
    ----------
    value : float64 (m,)
        Of all units.
    resampled : float64 (R, m)
        Of each resample.
    left_out : float64 (units, m)
        Without each unit.
    """

    value: Floats
    resampled: Floats
    left_out: Floats

    def minus(self, other: "Estimates") -> "Estimates":
        """Return the differences of metrics of the same units and resamples."""
        return Estimates(*(one - two for one, two in zip(self, other, strict=True)))


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
    sample : Evaluation
        Its images are taken as a sample of all images that matter.
    metrics : sequence of str
        Metrics, such as ``mean_iou`` or ``iou.car``.
    level : float
        Between 0.5 and 1.
    resamples : int
        1 or more.
    seed : int
        The same seed gives the same intervals, in whatever order the images are.
    groups : optional
        Which group an image is in, where images of one group are alike: a sequence, a patient, a city. A
        mapping, a function, a regular expression or one group an image, as for
        :func:`segscore.groups.group_by`. By default the groups of the evaluation, if it has any.

    Raises
    ------
    ArgumentError
        If a metric is unknown, a number out of range, or there are fewer than two images or groups.

    Notes
    -----
    Units are drawn with replacement; the score is computed from the summed counts of each draw, for the
    classes of the full sample. Bounds are quantiles of these scores (B. Efron, "Bootstrap methods: another
    look at the jackknife", Annals of Statistics 7 (1979)), taken further out as Student's t asks for (T.
    Hesterberg, "What teachers should know about the bootstrap", The American Statistician 69 (2015)), at the
    degrees of freedom that the units have; see `limits`.
    """
    checked_level(level)
    chosen = [Metric.of(name, sample.classes) for name in metrics]
    labels = sample.groups if groups is None else labels_of(sample.names, groups)
    units = Units.made(sample.names, labels)
    found = estimates(sample, chosen, units, resamples=resamples, seed=seed)
    low, high = limits(found, level)
    note = taken_for_granted(sample.names, labels)
    made = {}
    for i, (metric, reason) in enumerate(zip(chosen, doubts(sample, chosen, units, found), strict=True)):
        bounds = (float("nan"),) * 2 if reason is not None else (float(low[i]), float(high[i]))
        made[metric.name] = Interval(
            metric.name, float(found.value[i]), *bounds, level, units.count, units.kind, reason, note
        )
    return made


def checked_level(level: object) -> None:
    """Raise ArgumentError unless a level is between 0.5 and 1."""
    if not isinstance(level, float | np.floating) or not 0.5 <= level < 1:
        raise ArgumentError(f"`level` is {level!r}", "it is a share such as 0.95, from 0.5 to below 1")


def estimates(
    sample: Sample, chosen: Sequence[Metric], units: Units, *, resamples: int, seed: int
) -> Estimates:
    """Return metrics of all units, of resamples, and of all units but one; classes are those of all units."""
    sums, classes = Sums(sample.cells, units), sample.classes
    total = sums.total()
    fill = {formula: PER_CLASS[formula](*total)[0] for formula in PER_CLASS}

    def values(counts: Counts) -> Floats:
        columns = [
            metric(*counts, classes.in_mean, fill[MEANS[metric.formula]])
            if metric.formula in MEANS
            else metric(*counts, classes.in_mean)
            for metric in chosen
        ]
        return np.stack(columns, axis=1)

    value = values(total)[0]
    drawn = sums.weighted(draws(units, seed), checked_count("resamples", resamples))
    but_one = ((total[0] - tp, total[1] - target, total[2] - pred) for tp, target, pred in sums.units())

    def defined(parts: Iterator[Counts]) -> Floats:
        found = np.concatenate([values(part) for part in parts])
        # A draw without a class says nothing of it: the class stays what it is.
        return np.where(np.isnan(found), value, found)

    return Estimates(value, defined(drawn), defined(but_one))


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
    Statistical Association 82 (1987), if that takes it further out.
    """
    count = len(found.left_out)
    added = found.left_out.mean(axis=0) - found.left_out
    second, fourth = (added**2).sum(axis=0), (added**4).sum(axis=0)
    worth = np.full(len(found.value), float(count))
    np.divide(3 * second**2, fourth, out=worth, where=fourth > 0)
    # The resamples' own error is that of a variance with divisor n; the jackknife's is larger if z is skewed.
    own = found.resampled.std(axis=0)
    ratio = np.full(len(own), (count / (count - 1)) ** 0.5)
    np.divide(np.sqrt((count - 1) / count * second), own, out=ratio, where=own > 0)
    ratio = ratio.clip((count / (count - 1)) ** 0.5)
    skew = np.zeros(len(own))
    np.divide((added**3).sum(axis=0), 6 * second**1.5, out=skew, where=second > 0)
    low, high = np.empty((2, len(own)))
    for i, freedom in enumerate((np.minimum(worth, count) - 1).clip(1).tolist()):
        out = student((1 + level) / 2, freedom) * float(ratio[i])
        shares = [_below(-_further(out, -skew[i])), _below(_further(out, skew[i]))]
        low[i], high[i] = np.quantile(found.resampled[:, i], shares)
    return low, high


def _below(z: float) -> float:
    """Return the share of a normal curve below z."""
    return math.erfc(-z / 2**0.5) / 2


def _further(out: float, skew: float) -> float:
    """Return how far out a bound is on the side to which a skew above 0 stretches."""
    left = 1 - skew * out
    return max(out, out / left) if left > 0 else float("inf")


def student(share: float, freedom: float) -> float:
    """Return the quantile of Student's t.

    Parameters
    ----------
    share : float
        0.5 to 1, which is excluded.
    freedom : float
        Degrees of freedom, 1 or more; any real number.

    Notes
    -----
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


def doubts(sample: Sample, chosen: Sequence[Metric], units: Units, found: Estimates) -> list[str | None]:
    """Return for each metric why its interval cannot be trusted, or None."""
    held = support(sample.cells, units)
    least = LEAST_IMAGES if units.kind == "images" else LEAST_GROUPS
    there = np.zeros(len(held), dtype=np.bool_)
    there[sample.cells.label] = True
    among = held[sample.classes.in_mean & there]
    rare = int((among < LEAST_OF_CLASS).sum())

    def doubt(metric: Metric, value: float, spread: float) -> str | None:
        if np.isnan(value):
            return "undefined"
        if units.count < least:
            return f"too few {units.kind} ({units.count})"
        if metric.index is not None and held[metric.index] < LEAST_OF_CLASS:
            return f"too few {units.kind} ({held[metric.index]})"
        if metric.formula in MEANS and rare:
            return f"too few {units.kind} of {rare} of {len(among)} classes"
        return f"no difference between {units.kind}" if spread == 0 else None

    spreads = np.ptp(found.resampled, axis=0)
    return [doubt(*one) for one in zip(chosen, found.value.tolist(), spreads.tolist(), strict=True)]


def taken_for_granted(names: Sequence[str], labels: object) -> str | None:
    """Return what an interval assumes of images with these names, and groups or None; or None."""
    return "if images are independent" if labels is None and sequences(names) else None


def sequences(names: Sequence[str]) -> int:
    """Return how many sequences the names of images look like, 0 if they look like none.

    Names that end in different numbers after the same beginning look like frames of one film. One
    beginning for all, or a new one for nearly each, is how other files are named.

    Examples
    --------
    >>> sequences(["a/01", "a/02", "a/03", "b/01", "b/02", "b/03"]), sequences(["val_01", "val_02"])
    (2, 0)
    """
    beginnings = {re.sub(r"\d+\D*$", "", name) for name in names}
    return len(beginnings) if 2 <= len(beginnings) <= len(names) / 3 else 0
