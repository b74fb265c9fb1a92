"""Images that are counted part by part, as their pixels do not fit into memory at once."""

from dataclasses import replace

from segscore._core import Tally
from segscore.base.wording import show
from segscore.counts.counted import Counted
from segscore.counts.measures import Measures
from segscore.counts.thresholds import ScoreRange
from segscore.errors import ArgumentError


def check_tile(measures: Measures, name: str | None) -> None:
    """Raise ArgumentError unless a part of an image of this name can be counted on its own."""
    if name is None:
        raise ArgumentError("`tile=True` is given without a name", "`name=` says which image it is a part of")
    if measures:
        raise ArgumentError(
            "boundaries and distances are measured of whole images, and this is a part of one",
            "leave them out; or add the image as a whole",
        )


def with_tile(image: Counted, tile: Counted) -> Counted:
    """Return what is counted of an image and of a further part; an image that was whole is an error."""
    if not image.tile:
        raise ArgumentError(
            f"an image named {show(image.name)} was added before, and as a whole",
            "add every part of an image with `tile=True`, the first one included",
        )
    assert image.pairs is not None
    assert tile.pairs is not None
    both = Tally()
    both.add(image.pairs)
    both.add(tile.pairs)
    values = image.values
    if values is not None and tile.values is not None:
        low, high = min(values.low, tile.values.low), max(values.high, tile.values.high)
        values = ScoreRange(low, high, values.threshold, values.largest)
    return replace(
        image,
        pairs=both.snapshot(),
        fit=max(image.fit, tile.fit),
        values=tile.values if values is None else values,
    )
