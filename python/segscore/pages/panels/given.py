"""What the panels of a report are given beside the evaluation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, TypeAlias

from segscore.classes.classes import Classes
from segscore.classes.labels import Colour
from segscore.pages.crops import Crop
from segscore.pages.pictures import Picture
from segscore.pages.queries import query_of, title_of
from segscore.results.evaluated import Evaluated
from segscore.results.finding import Search
from segscore.scores.images import Ranked
from segscore.statistics.intervals import Interval

Later: TypeAlias = Literal["", "waiting", "filled"]
"""Whether a page is shown before its intervals are there, or is asked for to fill them in there.

Both mark what is filled in; a page that has always had its intervals marks nothing."""


class Link(NamedTuple):
    """What leads from a number to its images."""

    address: str
    query: str
    said: str
    """What the list of the images is called."""


@dataclass(frozen=True)
class Scenario:
    """The groups of images by one attribute."""

    title: str
    """Of the attribute, such as ``weather``."""
    groups: Mapping[str, Evaluated]
    """The groups that are shown."""
    hidden: int
    """How many are not."""
    attribute: str
    """As in `Search.groups`: the title, or "" for its own groups, whose images are alike."""
    labels: tuple[str, ...]
    """The group of each image."""
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    """Of the main number of groups."""


@dataclass(frozen=True)
class Listed:
    """The first images behind a number."""

    total: int
    """How many there are."""
    images: Sequence[int]
    """Those that are listed, by index."""
    values: Sequence[float]
    """Pixels of those that are found by their pixels, else scores."""


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
    metric: str = Search.metric
    """The name of what images are ranked by."""
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
    scenarios: tuple[Scenario, ...]
    """One an attribute."""
    rankings: tuple[Ranking, ...]
    """Overall first, then by class, worst class first."""
    pictures: Mapping[str, Picture]
    """By image."""
    photographs: int
    """Of how many images one is known."""
    crops: tuple[Crop, ...] = ()
    """The largest objects that are missed, invented, split and merged, in this order."""
    intervals: Mapping[str, Interval] = field(default_factory=dict)
    """By metric."""
    no_intervals: str = ""
    """Why there are none; empty where there are."""
    later: Later = ""
    later_from: str = ""
    """Where a server has the page with its intervals, which waits for them."""
    addresses: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Where a server has the pictures, by image and by part, in place of `pictures`."""
    no_predictions: str = ""
    """Why the server has none of predictions and errors; empty where it has them."""
    level: int = 1
    """Of the heading: 2 where a page has another one above it."""
    browse: str = ""
    """The address of the page on which a server lists images; empty in a file."""
    behind: Mapping[str, Listed] = field(default_factory=dict)
    """The images behind numbers that a file lists, by query, in place of `browse`."""

    def images(self, search: Search, classes: Classes) -> Link | None:
        """Return what leads to the images of a search; None where nothing does."""
        query = query_of(search, len(classes))
        if not self.browse and query not in self.behind:
            return None
        address = f"{self.browse}?{query}" if self.browse else "#pictures"
        return Link(address, query, title_of(search, classes.names))
