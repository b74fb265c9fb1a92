"""What the panels about two evaluations are given beside the comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from segscore.classes.labels import Colour
from segscore.pages.changes import ChangePicture
from segscore.pages.panels.given import Later
from segscore.results.compared import Change
from segscore.results.evaluated import Evaluated


@dataclass(frozen=True)
class Part:
    """The images of one group, under both models."""

    name: str
    sides: tuple[Evaluated, Evaluated]
    means: tuple[float, float]
    """What models are judged by, over the classes that both have."""
    unlike: str
    """What the means over all classes of each are, where these are not the same; else empty."""
    low: float
    high: float
    """Ends of the interval of its difference; NaN where there is a `reason`."""
    reason: str
    """Why there is none; empty where there is one."""


@dataclass(frozen=True)
class Scenario:
    """The groups of images by one attribute, such as ``weather``, and how many more are not shown."""

    title: str
    parts: tuple[Part, ...]
    hidden: int


@dataclass(frozen=True)
class Ranking:
    """The images that changed most by what images are ranked by: of all, or of a class given by its index."""

    index: int | None
    gained: tuple[Change, ...]
    lost: tuple[Change, ...]


@dataclass(frozen=True)
class Given:
    """What a page shows beside the comparison itself."""

    title: str | None
    """The heading; None for one that says what was compared."""
    sides: tuple[Evaluated, Evaluated]
    """Both models on the images that are compared."""
    about: tuple[Mapping[str, str], Mapping[str, str]]
    """Further facts about both, by what they are."""
    notes: tuple[Sequence[str], Sequence[str]]
    """What is to be said first about both."""
    colours: tuple[Colour, ...]
    """One a class."""
    scenarios: tuple[Scenario, ...]
    """One an attribute."""
    rankings: tuple[Ranking, ...]
    """Overall first, then by class, the one that changed most first."""
    pictures: Mapping[str, ChangePicture]
    """By image."""
    photographs: int
    """Of how many images one is known."""
    later: Later = ""
    later_from: str = ""
    """Where a server has the page with its intervals, which waits for them."""
