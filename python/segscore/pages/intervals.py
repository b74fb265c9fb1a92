"""The intervals that a report shows: of the whole, of each class and of each scenario, apart from the rest.

They are all of a report that takes long, and follow from the counts alone, so that they can be kept.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from segscore.errors import ArgumentError
from segscore.pages.panels.given import Given, Scenario
from segscore.pages.rankings import MAX_CLASSES, MAX_INTERVALS
from segscore.results.copies import without_groups
from segscore.results.evaluated import Evaluated
from segscore.scores.main import shown_of_whole
from segscore.statistics.intervals import Interval, confidence_intervals


@dataclass(frozen=True)
class Intervals:
    """The intervals of a report."""

    whole: Mapping[str, Interval]
    """By metric."""
    none: str
    """Why there are none of the whole; empty where there are."""
    scenarios: tuple[Mapping[str, Interval], ...]
    """Of each attribute, by the names of its groups."""


Computing: TypeAlias = Callable[[Evaluated, Sequence[Scenario]], Intervals]
"""What brings the intervals of an evaluation and of its scenarios."""


def wanted(evaluation: Evaluated) -> list[str]:
    """Return the metrics of the whole that have an interval: headlines, shapes, and each class."""
    names = shown_of_whole(evaluation.measures, evaluation.classes, of_images=True)
    if len(evaluation.classes) <= MAX_CLASSES:
        names += map(evaluation.main_of_tables.of_class, evaluation.classes.names)
    return list(dict.fromkeys(names))


def wanted_groups(scenario: Scenario) -> list[str]:
    """Return the names of the groups of an attribute that have an interval."""
    return list(scenario.groups)[:MAX_INTERVALS]


def intervals_of(evaluation: Evaluated, scenarios: Sequence[Scenario]) -> Intervals:
    """Return the intervals of headlines, of each class and of scenarios, or why there are none."""
    found: Mapping[str, Interval] = {}
    none = ""
    try:
        found = confidence_intervals(evaluation, wanted(evaluation))
    except ArgumentError as error:
        none = error.message
    return Intervals(found, none, tuple(map(_of_groups, scenarios)))


def _of_groups(scenario: Scenario) -> dict[str, Interval]:
    found = {}
    for name in wanted_groups(scenario):
        group = scenario.groups[name]
        # Images of one group are the sample here, so that groups within it do not matter.
        alone = group if scenario.attribute else without_groups(group)
        metric = group.main_of_tables.whole
        found[name] = confidence_intervals(alone, [metric])[metric]
    return found


def with_intervals(report: Given, found: Intervals) -> Given:
    """Return what a report shows with its intervals, which are those of the same scenarios."""
    scenarios = zip(report.scenarios, found.scenarios, strict=True)
    return replace(
        report,
        intervals=found.whole,
        no_intervals=found.none,
        scenarios=tuple(replace(one, intervals=intervals) for one, intervals in scenarios),
        later="filled" if report.later else "",
    )
