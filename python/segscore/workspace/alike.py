"""Whether numbers of runs on one dataset compare: over the same classes, of shapes measured alike."""

import math
from collections.abc import Iterable, Sequence

from segscore.base.wording import visible
from segscore.errors import SegscoreError
from segscore.scores.alike import SideBySide, side_by_side
from segscore.scores.named import number_of
from segscore.workspace.runs.run import Run


def same_classes(runs: Iterable[Run]) -> bool:
    """Whether the same classes have an IoU in all runs, which are on one dataset."""
    defined = {
        tuple(
            name for name, value in run.metrics.items() if name.startswith("iou.") and not math.isnan(value)
        )
        for run in runs
    }
    return len(defined) < 2


def runs_side_by_side(runs: Sequence[Run], mean: str) -> SideBySide | None:
    """Return a mean of runs on one dataset over the classes that all have; None for the same ones."""
    if same_classes(runs):  # so that no evaluation needs to be read
        return None
    try:
        return side_by_side(runs[0].evaluation.classes, [run.evaluation.scores.counts for run in runs], mean)
    except SegscoreError:  # one is damaged, which its page says
        return None


def measured_apart(runs: Sequence[Run], dataset: str, metric: str) -> str:
    """Return why a number of runs on one dataset does not compare: its shapes were measured otherwise."""
    there = [run for run in runs if run.dataset == dataset and run.measures and run.find(metric) is not None]
    if all(run.measures == there[0].measures for run in there):  # so that no evaluation needs to be read
        return ""
    try:
        asked = number_of(metric, there[0].evaluation.classes)
    except SegscoreError:  # it is damaged, which its page says
        return ""
    for run in there[1:]:
        one, other = there[0].measures, run.measures
        if asked.options(one) != asked.options(other):
            return (
                f"{visible(metric)} on {dataset} does not compare: {there[0].id} measures {one.said}, "
                f"{run.id} {other.said}"
            )
    return ""


def judged_alike(runs: Sequence[Run], mean: str) -> dict[str, float]:
    """Return a mean of runs over the classes that all on their dataset have, where these are unlike."""
    judged: dict[str, float] = {}
    for dataset in dict.fromkeys(run.dataset for run in runs):
        there = [run for run in runs if run.dataset == dataset]
        if (found := runs_side_by_side(there, mean)) is not None:
            judged |= {run.id: value for run, value in zip(there, found.values, strict=True)}
    return judged
