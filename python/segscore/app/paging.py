"""Long lists, of which a page shows a part: the number of that part, from 1, is in the address."""

from typing import NamedTuple

from segscore.app.fields import whole


class Leaf(NamedTuple):
    """The part of a list that a page shows."""

    number: int
    """From 1 on."""
    pages: int
    """How many parts the list has; 1 if it is empty."""
    start: int
    """The first entry, from 0 on."""
    stop: int
    """What comes after the last entry, if the list is that long."""


def leaf(asked: str, count: int, each: int) -> Leaf:
    """Return the part that an address asks for, of `count` entries, of which one page shows `each`.

    What is no number is the first part, and what is too large the last one.

    Examples
    --------
    >>> leaf("2", 250, 100), leaf("", 0, 100)
    (Leaf(number=2, pages=3, start=100, stop=200), Leaf(number=1, pages=1, start=0, stop=100))
    """
    pages = max(1, -(-count // each))
    number = min(pages, max(1, whole(asked)))
    return Leaf(number, pages, (number - 1) * each, number * each)
