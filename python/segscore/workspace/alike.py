"""Whether numbers of runs on one dataset compare: over the same classes, of shapes measured alike."""

import math
from collections.abc import Iterable, Sequence
from contextlib import suppress

from segscore.base.wording import visible
from segscore.classes.classes import Classes
from segscore.errors import SegscoreError
from segscore.scores.alike import SideBySide, beside_each_other
from segscore.scores.named import number_of
from segscore.workspace.runs.run import Run


def same_classes(runs: Iterable[Run]) -> bool:
    """Whether the same classes have an IoU in all runs, which are on one dataset."""
    return len({_with_iou(run) for run in runs}) < 2


def _with_iou(run: Run) -> frozenset[str]:
    """Return the numbers of classes that have an IoU, as they are kept beside the counts of a run."""
    return frozenset(
        name for name, value in run.metrics.items() if name.startswith("iou.") and not math.isnan(value)
    )


def runs_side_by_side(runs: Sequence[Run], mean: str) -> SideBySide | None:
    """Return a mean of runs on one dataset over the classes that all have; None for the same ones.

    It is NaN for runs that are damaged, and over what all others have. Of a damaged one it is known which
    classes have an IoU, and no more.
    """
    if same_classes(runs):  # so that no evaluation needs to be read
        return None
    read = {run.id: found for run in runs if (found := run.read()) is not None}
    kept = [_with_iou(run) for run in runs]
    if not read:
        shared = frozenset.intersection(*kept)
        return SideBySide(tuple(map(len, kept)), len(shared), (math.nan,) * len(runs))
    classes = next(iter(read.values())).classes
    in_mean = {f"iou.{name}" for name, counts in zip(classes.names, classes.in_mean, strict=True) if counts}
    kept = [one & in_mean for one in kept]
    means = beside_each_other(classes, [one.scores.counts for one in read.values()], mean)
    if means.is_alike and (len(read) == len(runs) or len({*kept}) == 1):
        return None
    covers = dict(zip(read, means.covers, strict=True))
    values = dict(zip(read, means.values, strict=True))
    return SideBySide(
        tuple(covers.get(run.id, len(own)) for run, own in zip(runs, kept, strict=True)),
        means.shared,
        tuple(values.get(run.id, math.nan) for run in runs),
    )


def measured_apart(runs: Sequence[Run], dataset: str, metric: str) -> str:
    """Return why a number of runs on one dataset does not compare: its shapes were measured otherwise."""
    there = [run for run in runs if run.dataset == dataset and run.measures and run.find(metric) is not None]
    if all(run.measures == there[0].measures for run in there):  # so that no evaluation needs to be read
        return ""
    classes = _classes(there)
    if classes is None:
        return ""
    asked = number_of(metric, classes)
    for run in there[1:]:
        one, other = there[0].measures, run.measures
        if asked.options(one) != asked.options(other):
            return (
                f"{visible(metric)} on {dataset} does not compare: {there[0].id} measures {one.said}, "
                f"{run.id} {other.said}"
            )
    return ""


def _classes(runs: Iterable[Run]) -> Classes | None:
    """Return the classes of runs on one dataset, of the first that is not damaged, which its page says."""
    for run in runs:
        with suppress(SegscoreError):
            return run.evaluation.classes
    return None


def judged_alike(runs: Sequence[Run], mean: str) -> dict[str, float]:
    """Return a mean of runs over the classes that all on their dataset have, where these are unlike."""
    judged: dict[str, float] = {}
    for dataset in dict.fromkeys(run.dataset for run in runs):
        there = [run for run in runs if run.dataset == dataset]
        if (found := runs_side_by_side(there, mean)) is not None:
            judged |= {run.id: value for run, value in zip(there, found.values, strict=True)}
    return judged
