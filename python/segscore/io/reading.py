"""How masks are found and read, as one value for all who do so: whoever evaluates, audits, or adds a dataset.

Options are checked where they are given, before any file is looked for. What has an option here has it
everywhere; what labels mean, and how many threads count them, is not known.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any, Literal

from segscore.base.naming import arg
from segscore.base.shown import brief
from segscore.base.values import is_int
from segscore.errors import ArgumentError
from segscore.io.by_class import Parts
from segscore.io.code import Code
from segscore.io.functions import name_of
from segscore.io.kinds import MASK_SUFFIXES
from segscore.io.lists import ListLike, NameList, name_list
from segscore.io.masks import MAX_PIXELS, Read, checked_max_pixels, read_with_palette
from segscore.io.shapes import PLANES, Dims, checked_dims


@dataclass(frozen=True)
class Reading:
    """How masks are found and read; the fields are arguments of :func:`segscore.evaluate`."""

    pairing: str | None = None
    list: ListLike | None = None
    read: Read | None = None
    resize: Literal["nearest"] | None = None
    class_axis: int | None = None
    threshold: float | None = None
    names: Iterable[str] | None = None
    dims: Dims = PLANES
    max_pixels: int = MAX_PIXELS
    storage_options: Mapping[str, Any] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        checked_dims(self.dims)
        checked_max_pixels(self.max_pixels)
        checked_resize(self.resize)
        if self.class_axis is not None and not is_int(self.class_axis):
            raise ArgumentError(
                f"{arg('class_axis')} is {brief(self.class_axis)}, expected an integer",
                f"{arg('class_axis', 0)} for (K, H, W), {arg('class_axis', -1)} for (H, W, K)",
            )

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> "Reading":
        """Return what those of these arguments say that are about reading."""
        names = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in arguments.items() if name in names})

    @contextmanager
    def ready(self) -> Iterator["Reading"]:
        """Yield it with the function imported that reads masks, which may import more while it runs."""
        if not isinstance(self.read, Code):
            yield self
            return
        with self.read.importable():
            yield replace(self, read=self.read.function())

    @property
    def suffixes(self) -> frozenset[str] | None:
        """Endings of files that are masks, in lower case; None for any, as a function may read it."""
        return MASK_SUFFIXES if self.read is None else None

    @property
    def reader(self) -> str:
        """The name of the function that reads masks; empty where none does."""
        if self.read is None:
            return ""
        return self.read.name if isinstance(self.read, Code) else name_of(self.read)

    @property
    def of_scores(self) -> dict[str, Any]:
        """What says how class scores are read, if predictions are such."""
        given = {"class_axis": self.class_axis, "threshold": self.threshold}
        return {name: value for name, value in given.items() if value is not None}


def read_labels(
    mask: str | Parts, reading: Reading, *, colours: bool, channels: int = 1
) -> tuple[object, bytes | None]:
    """Return the labels of a mask in one file or several, and its palette; see `read_with_palette`."""
    one = partial(read_with_palette, read=reading.read, max_pixels=reading.max_pixels)
    if isinstance(mask, Parts):
        return mask.read(partial(one, colours=True)), None
    return one(mask, colours=colours, channels=channels)


READ_BY = "read"
"""Entry of the provenance that says which function has read masks, where one has."""


def read_by(**readings: Reading) -> dict[str, str]:
    """Return the entry of the provenance for masks that functions read, by what these are."""
    said = [f"{what} are read by {one.reader}" for what, one in readings.items() if one.reader]
    return {READ_BY: "; ".join(said)} if said else {}


def reading_dict(reading: Reading) -> dict[str, Any]:
    """Return how the targets of a dataset are read, as JSON can say it; what is usual is left out."""
    found: dict[str, Any] = {} if reading.dims == PLANES else {"dims": reading.dims}
    if reading.list is not None:
        listing = name_list(reading.list)
        found["list"] = {"where": listing.where, "sha256": listing.sha256}
    return found


def reading_of_dict(entries: Mapping[str, Any]) -> Reading:
    """Return what `reading_dict` has written, among other entries."""
    listing = entries.get("list")
    return Reading(
        dims=entries.get("dims", PLANES),
        list=None if listing is None else NameList(str(listing["where"]), str(listing["sha256"]), {}),
    )


def checked_resize(resize: object) -> bool:
    """Return whether to resize, or raise ArgumentError."""
    if resize not in (None, "nearest"):
        raise ArgumentError(f"{arg('resize')} is {brief(resize)}", 'it is "nearest", or left out')
    return resize == "nearest"
