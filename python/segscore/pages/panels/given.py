"""What the panels of a report are given beside the evaluation."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from segscore.classes.labels import Colour
from segscore.pages.pictures import Picture
from segscore.results.evaluated import Evaluated
from segscore.scores.images import Ranked
from segscore.statistics.intervals import Interval


@dataclass(frozen=True)
class Scenario:
    """The groups of images by one attribute."""

    title: str
    """Of the attribute, such as ``weather``."""
    groups: Mapping[str, Evaluated]
    """The groups that are shown."""
    hidden: int
    """How many are not."""
    intervals: Mapping[str, Interval]
    """Of the mean IoU of groups."""
    attribute: str
    """As in `Search.groups`: the title, or "" for the groups of the evaluation itself."""
    labels: tuple[str, ...]
    """The group of each image."""


@dataclass(frozen=True)
class Ranking:
    """The worst and the best images by one metric: mean IoU, or one of a class given by its index."""

    index: int | None
    worst: Ranked
    best: Ranked
    title: str = ""
    """What images are ranked by, where that is no IoU, such as "HD95 of car in px"."""
    digits: int = 4
    """Decimals of the metric."""
    infinite: str = ""
    """Why it is infinite for a class in the target, where it can be."""


@dataclass(frozen=True)
class Given:
    """What a report shows beside the evaluation itself."""

    title: str | None
    """The heading; None for one that says what was compared."""
    about: Mapping[str, str]
    """Further facts, by what they are."""
    notes: tuple[str, ...]
    """What is to be said first."""
    colours: tuple[Colour, ...]
    """One a class."""
    intervals: Mapping[str, Interval]
    """By metric."""
    no_intervals: str
    """Why there are none; empty where there are."""
    scenarios: tuple[Scenario, ...]
    """One an attribute."""
    rankings: tuple[Ranking, ...]
    """Overall first, then by class, worst class first."""
    pictures: Mapping[str, Picture]
    """By image."""
    photographs: int
    """Of how many images one is known."""
    addresses: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Where a server has the pictures, by image and by part, in place of `pictures`."""
    no_predictions: str = ""
    """Why the server has none of predictions and errors; empty where it has them."""
