"""Values in little room, and their texts in notebooks, where nothing in them is read as HTML."""

from collections.abc import Sequence
from itertools import islice
from math import log10
from reprlib import Repr

from segscore.base.wording import many, visible


class _Brief(Repr):
    def repr_int(self, x: int, level: int) -> str:
        try:
            return super().repr_int(x, level)
        except ValueError:  # Python writes out no more than some thousand digits
            return f"<an integer of about {int(x.bit_length() * log10(2)):,} digits>"


_BRIEF = _Brief()
_BRIEF.maxstring = _BRIEF.maxother = 40


def brief(value: object) -> str:
    """Return the `repr` of a value in little room.

    Examples
    --------
    >>> brief("car"), brief([0, 255]), len(brief("x" * 1000))
    ("'car'", '[0, 255]', 40)
    >>> print(brief([-(10**5_000)]))
    [<an integer of about 5,000 digits>]
    """
    return _BRIEF.repr(value)


def first(parts: Sequence[str], limit: int = 4) -> str:
    """Return the first few of some texts, with an ellipsis for the others.

    Examples
    --------
    >>> first(["a", "b"]), first(list("abcdef"))
    ('a, b', 'a, b, c, d, …')
    """
    return ", ".join([*islice(parts, limit), *(["…"] if len(parts) > limit else [])])


def first_lines(lines: Sequence[str], limit: int, kind: str = "") -> list[str]:
    """Return the first few lines, and behind them how many more there are, of a kind if one is named.

    Examples
    --------
    >>> first_lines(["a", "b"], 2), first_lines(list("abcd"), 1), first_lines(list("abcd"), 3, "finding")
    (['a', 'b'], ['a', 'and 3 more'], ['a', 'b', 'c', 'and 1 more finding'])
    """
    left = len(lines) - limit
    if left <= 0:
        return [*lines]
    return [*lines[:limit], f"and {many(left, f'more {kind}') if kind else f'{left:,} more'}"]


def as_text(text: str) -> str:
    """Return a text as HTML, in which it stands as it is printed."""
    from html import escape

    lines = "\n".join(map(visible, text.split("\n")))
    return f"<pre>{escape(lines)}</pre>"


class Shown:
    """Base of results that a notebook shows as their text."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return as_text(str(self))
