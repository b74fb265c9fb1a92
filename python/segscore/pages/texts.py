"""Texts as markup: names within sentences, and numbers that are undefined."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from segscore.base.wording import visible
from segscore.text.numbers import DASH

if TYPE_CHECKING:
    from markupsafe import Markup

_NAME = 80
"""Characters of an image's name in the data of charts."""


def code(sentence: str) -> "Markup":
    """Return a sentence, escaped, in which what stands in backticks is set as code.

    It is left as it is where a name holds a backtick itself.

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
    """Return a dash that says why there is no number, to those who point at it and to screen readers."""
    from markupsafe import Markup

    return Markup(
        '<span class="undefined" title="{0}"><span aria-hidden="true">{1}</span>'
        '<span class="hidden">undefined: {0}</span></span>'
    ).format(reason, DASH)


def lines(text: str) -> "Markup":
    """Return a text of several lines: what does not print is made visible, what is in backticks is code."""
    from markupsafe import Markup

    return Markup("\n").join(code(visible(line)) for line in text.split("\n"))


def facts(known: Mapping[str, str]) -> list[tuple[str, str]]:
    r"""Return what is known of something, as pages show it: each on one line, but for a note.

    Examples
    --------
    >>> facts({"pred": "a\nb", "note": "a\nb"})
    [('pred', 'a\\nb'), ('note', 'a\nb')]
    """
    return [
        (visible(key), "\n".join(map(visible, text.split("\n"))) if key == "note" else visible(text))
        for key, text in known.items()
    ]


def short_name(name: str, most: int = _NAME) -> str:
    """Return a name for the data of charts: visible, without its middle if it is longer than that.

    Examples
    --------
    >>> short_name("frame_07"), short_name("a" * 5 + "b" * 5, 7)
    ('frame_07', 'aaa…bbb')
    """
    text = visible(name)
    if len(text) <= most:
        return text
    tail = (most - 1) // 2
    return f"{text[: most - 1 - tail]}…{text[-tail:]}"


def when(moment: str) -> str:
    """Return a time in ISO 8601, in UTC, as it is shown: to the minute.

    Examples
    --------
    >>> when("2026-05-04T10:20:30+00:00")
    '2026-05-04 10:20'
    """
    return moment[:16].replace("T", " ")
