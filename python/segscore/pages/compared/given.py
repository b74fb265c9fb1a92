"""What the panels about two evaluations are given beside the comparison."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segscore.classes.labels import Colour
    from segscore.pages.changes import ChangePicture
    from segscore.results.compared import Change
    from segscore.results.evaluated import Evaluated


@dataclass(frozen=True)
class Part:
    """The images of one group, under both models.

    Attributes
    ----------
    name : str
        The group.
    sides : (Evaluation, Evaluation)
        Of its images.
    low, high : float
        Interval of the difference in mean IoU; NaN where there is a `reason`.
    reason : str
        Why there is none; empty where there is one.
    """

    name: str
    sides: "tuple[Evaluated, Evaluated]"
    low: float
    high: float
    reason: str


@dataclass(frozen=True)
class Scenario:
    """The groups of images by one attribute, such as ``weather``, and how many more are not shown."""

    title: str
    parts: tuple[Part, ...]
    hidden: int


@dataclass(frozen=True)
class Ranking:
    """The images that changed most by one metric: mean IoU, or the IoU of a class given by its index."""

    index: int | None
    gained: "tuple[Change, ...]"
    lost: "tuple[Change, ...]"


@dataclass(frozen=True)
class Given:
    """What a page shows beside the comparison itself.

    Attributes
    ----------
    version, date : str
        Of segscore, and when the page was made.
    title : str or None
        The heading; None for one that says what was compared.
    sides : (Evaluation, Evaluation)
        Both models on the images that are compared.
    about : (mapping of str to str, mapping of str to str)
        Further facts about both, by what they are.
    notes : (sequence of str, sequence of str)
        What is to be said first about both.
    headlines : tuple of str
        Names of metrics of the whole, the most important first.
    colours : tuple of (red, green, blue)
        One a class.
    other_colours : mapping of str to (red, green, blue)
        Of what is no class.
    change_colours : mapping of str to (red, green, blue)
        What maps of changes show.
    scenarios : tuple of Scenario
        One an attribute.
    rankings : tuple of Ranking
        Overall first, then by class, the one that changed most first.
    pictures : mapping of str to ChangePicture
        By image.
    photographs : int
        Of how many images one is known.
    """

    version: str
    date: str
    title: str | None
    sides: "tuple[Evaluated, Evaluated]"
    about: tuple[Mapping[str, str], Mapping[str, str]]
    notes: tuple[Sequence[str], Sequence[str]]
    headlines: tuple[str, ...]
    colours: "tuple[Colour, ...]"
    other_colours: "Mapping[str, Colour]"
    change_colours: "Mapping[str, Colour]"
    scenarios: tuple[Scenario, ...]
    rankings: tuple[Ranking, ...]
    pictures: "Mapping[str, ChangePicture]"
    photographs: int
