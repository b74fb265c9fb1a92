"""Limits of what comes from outside: what is too long or too large is told before anything is made of it.

What is raised is a ValueError, which whoever knows what the text is for turns into a message.
"""

import os
import re
from math import isfinite
from os import PathLike

from segscore.base.pointers import checked

MOST_TEXT = 4_096
"""Characters of one line of text that somebody fills in, such as a name, a path or a pattern."""
MOST_JSON = 1 << 30
"""Bytes of a file that Python reads as JSON, as what it makes of them takes five times as much memory."""
_MOST_NUMBER = 100
"""Characters of a number; what Python makes of longer ones may take for ever, or fail."""
_MOST_PATTERN = 1_000
_PART = 1 << 16
"""Bytes of a file that are read at once."""


def whole_number(text: str) -> int:
    """Return the whole number that a text stands for."""
    return int(_short(text))


def number(text: str) -> float:
    """Return the number that a text stands for."""
    found = float(_short(text))
    if not isfinite(found):
        raise ValueError("it is infinite, or no number")
    return found


def fraction(text: str) -> float:
    """Return the number that a text stands for, written as a decimal or as a fraction of whole numbers.

    Examples
    --------
    >>> fraction("0.25"), fraction("1/4")
    (0.25, 0.25)
    """
    above, slash, below = text.partition("/")
    return whole_number(above) / whole_number(below) if slash else number(text)


def _short(text: str) -> str:
    if len(text) > _MOST_NUMBER:
        raise ValueError(f"it has {len(text):,} characters")
    return text


def pattern(text: str) -> re.Pattern[str]:
    """Return a regular expression, or raise a ValueError that says what is wrong with it."""
    if len(text) > _MOST_PATTERN:
        raise ValueError(f"it has {len(text):,} characters, expected at most {_MOST_PATTERN:,}")
    try:
        return re.compile(text)
    except RecursionError:
        raise ValueError("its brackets are nested too deep") from None
    except (re.error, OverflowError) as error:
        raise ValueError(str(error)) from error


def content_of(path: str | PathLike[str], most: int) -> bytes:
    """Return what a file holds; a ValueError says so if that is more than it may hold."""
    content, found = at_most(path, most)
    if found > most:
        raise ValueError(f"it holds more than {most:,} bytes")
    return content


def at_most(path: str | PathLike[str], most: int) -> tuple[bytes, int]:
    """Return what a file holds, and of how many bytes is known; if these are too many, not all is read.

    It is a PointerError if the file was not fetched.
    """
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > most:
            return b"", size
        # A file in one piece. Pipes have no size, and devices no end: these in parts, as Python takes all the
        # memory first that a read might need.
        parts, left, asked = [], most + 1, size + 1 if size else _PART
        while part := file.read(min(asked, left)):
            parts.append(part)
            left, asked = left - len(part), _PART
    return checked(b"".join(parts)), most + 1 - left
