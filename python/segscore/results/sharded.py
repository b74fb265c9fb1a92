"""What was counted of one shard of a plan, as it is kept until the other shards are there.

Rows are as masks have them: what labels mean, and what is doubtful about them, is told by the images of all
shards together, so that nothing is decided here. How it is sent and saved is known to `sent`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from segscore.base.values import Frozen
from segscore.base.wording import many
from segscore.classes.classes import Classes
from segscore.counts.counted import Counted
from segscore.counts.measures import NOTHING, Measures
from segscore.io.groups import Label
from segscore.io.places import Files


@dataclass(frozen=True, repr=False)
class Terms(Frozen):
    """What is said of all images of a plan: how they are judged, and where they come from.

    Attributes
    ----------
    classes : Classes
        The classes, with everything that is ignored.
    measures : Measures
        What is measured of shapes.
    strict : bool
        Whether a prediction that is no class is an error.
    skip : bool
        Whether images that cannot be scored are left out, and are no error.
    scores : bool
        Whether predictions are class scores, or those of one channel.
    provenance : mapping
        What is compared, as texts.
    stacks : tuple of tuple of int
        The shape of each stack whose images nobody has named.
    """

    classes: Classes
    measures: Measures = NOTHING
    strict: bool = False
    skip: bool = False
    scores: bool = False
    provenance: Mapping[str, str] = field(default_factory=dict)
    stacks: tuple[tuple[int, ...], ...] = ()

    def __repr__(self) -> str:
        """Return a short form with the classes."""
        return f"<Terms of {self.classes}>"


class Place(NamedTuple):
    """Which shard of which plan something is."""

    number: int
    """From 1."""
    shards: int
    """Of the plan."""
    plan: str
    """Its digest."""

    @property
    def said(self) -> str:
        """What messages and results call it."""
        return f"{self.number:,} of {self.shards:,}"


@dataclass(frozen=True, eq=False, repr=False)
class Sharded(Frozen):
    """What was counted of a shard, and everything that is made of it once the other shards are there.

    Attributes
    ----------
    place : Place
        Which shard it is.
    terms : Terms
        What is said of all images of the plan.
    counted : tuple of Counted
        What each image came to, as its masks have it, in the order of the plan.
    stack : tuple of int
        The stack of each image; empty where none comes from one.
    groups : tuple of str or int, or None
        The group of each image.
    files : mapping of str to Files
        Where the masks of images lie.
    missing, extra : tuple of str
        Targets without a prediction, and predictions without a target, that this shard is to name.
    nodata : callable
        Returns the labels that its targets call no data.
    total : int or None
        How many images the plan has; None of what was saved before it was kept.
    """

    place: Place
    terms: Terms
    counted: tuple[Counted, ...]
    stack: tuple[int, ...] = ()
    groups: tuple[Label, ...] | None = None
    files: Mapping[str, Files] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    nodata: Callable[[], frozenset[int]] = frozenset
    total: int | None = None

    @property
    def said(self) -> str:
        """Which shard it is, and how many of the images of the plan are in it."""
        images = "" if self.total is None else f" ({len(self.counted):,} of {many(self.total, 'image')})"
        return f"{self.place.said}{images}"

    @property
    def names(self) -> tuple[str, ...]:
        """All its images, those that could not be counted included."""
        return tuple(image.name for image in self.counted)

    def __repr__(self) -> str:
        """Return a short form with the number of images."""
        return f"<shard {self.place.said}: {len(self.counted):,} images>"
