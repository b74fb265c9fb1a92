"""Texts as markup: names within sentences, numbers that are undefined, numbers of things."""

import math
from typing import TYPE_CHECKING

from segscore.render.names import visible
from segscore.render.numbers import DASH

if TYPE_CHECKING:
    from markupsafe import Markup


def code(sentence: str) -> "Markup":
    """Return a sentence, escaped, in which what stands in backticks is set as code.

    Examples
    --------
    >>> print(code("`a<b` is never predicted"))
    <code>a&lt;b</code> is never predicted
    """
    from markupsafe import Markup, escape

    parts = [escape(part) for part in sentence.split("`")]
    if len(parts) % 2 == 0:  # a name holds a backtick, so that no pair is certain
        return escape(sentence)
    return Markup("").join(Markup("<code>{}</code>").format(p) if i % 2 else p for i, p in enumerate(parts))


def undefined(reason: str) -> "Markup":
    """Return a dash that says why there is no number."""
    from markupsafe import Markup

    return Markup(
        '<span class="undefined" title="{0}"><span aria-hidden="true">{1}</span>'
        '<span class="hidden">undefined: {0}</span></span>'
    ).format(reason, DASH)


def lines(text: str) -> "Markup":
    """Return a text of several lines: what does not print is made visible, what is in backticks is code."""
    from markupsafe import Markup

    return Markup("\n").join(code(visible(line)) for line in text.split("\n"))


def fact(key: str, value: str) -> str:
    r"""Return what is known of something, as it is shown: on one line, but for a note, which keeps its own.

    Examples
    --------
    >>> fact("pred", "a\nb"), fact("note", "a\nb")
    ('a\\nb', 'a\nb')
    """
    return "\n".join(map(visible, value.split("\n"))) if key == "note" else visible(value)


def when(moment: str) -> str:
    """Return a time in ISO 8601, in UTC, as it is shown.

    Examples
    --------
    >>> when("2026-05-04T10:20:30+00:00")
    '2026-05-04 10:20'
    """
    return moment[:16].replace("T", " ")


def number(value: float, digits: int = 4) -> str:
    """Return a score as it stands in tables, a dash where it is undefined."""
    return DASH if math.isnan(value) else f"{value:.{digits}f}"


def many(count: int, noun: str) -> str:
    """Return a number of things, such as ``2 classes``."""
    plural = noun + ("es" if noun.endswith("s") else "s")
    return f"{count:,} {noun if count == 1 else plural}"
