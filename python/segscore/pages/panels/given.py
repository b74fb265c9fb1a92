"""What the panels of a report are given beside the evaluation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segscore.classes.labels import Colour
    from segscore.pages.pictures import Picture
    from segscore.results.evaluated import Evaluated
    from segscore.scores.images import Ranked
    from segscore.statistics.intervals import Interval


@dataclass(frozen=True)
class Scenario:
    """The groups of images by one attribute.

    Attributes
    ----------
    title : str
        Of the attribute, such as ``weather``.
    groups : mapping of str to Evaluation
        The groups that are shown.
    hidden : int
        How many are not.
    intervals : mapping of str to Interval
        Of the mean IoU of groups.
    reasons : mapping of str to str
        Why groups have none.
    """

    title: str
    groups: "Mapping[str, Evaluated]"
    hidden: int
    intervals: "Mapping[str, Interval]"
    reasons: Mapping[str, str]


@dataclass(frozen=True)
class Ranking:
    """The worst and the best images by one metric: mean IoU, or the IoU of a class given by its index."""

    index: int | None
    worst: "Ranked"
    best: "Ranked"


@dataclass(frozen=True)
class Given:
    """What a report shows beside the evaluation itself.

    Attributes
    ----------
    version, date : str
        Of segscore, and when the report was made.
    title : str or None
        The heading; None for one that says what was compared.
    about : mapping of str to str
        Further facts, by what they are.
    notes : tuple of str
        What is to be said first.
    colours : tuple of (red, green, blue)
        One a class.
    other_colours : mapping of str to (red, green, blue)
        Predictions that are no class, and ignored targets.
    error_colours : mapping of str to (red, green, blue)
        What maps of errors show.
    headlines : tuple of str
        Names of metrics of the whole, the most important first.
    intervals : mapping of str to Interval
        By metric.
    no_intervals : str
        Why there are none; empty where there are.
    scenarios : tuple of Scenario
        One an attribute.
    rankings : tuple of Ranking
        Overall first, then by class, worst class first.
    pictures : mapping of str to Picture
        By image.
    photographs : int
        Of how many images one is known.
    addresses : mapping of str to mapping of str to str, optional
        Where a server has the pictures, by image and by part, in place of `pictures`.
    no_predictions : str
        Why the server has none of predictions and errors; empty where it has them.
    """

    version: str
    date: str
    title: str | None
    about: Mapping[str, str]
    notes: tuple[str, ...]
    colours: "tuple[Colour, ...]"
    other_colours: "Mapping[str, Colour]"
    error_colours: "Mapping[str, Colour]"
    headlines: tuple[str, ...]
    intervals: "Mapping[str, Interval]"
    no_intervals: str
    scenarios: tuple[Scenario, ...]
    rankings: tuple[Ranking, ...]
    pictures: "Mapping[str, Picture]"
    photographs: int
    addresses: "Mapping[str, Mapping[str, str]]" = field(default_factory=dict)
    no_predictions: str = ""
