"""How many rows of pair counts the images of one run may have together: as many as memory has room for.

What is measured beside pair counts, and what is read from them, is not counted here.
"""

import os
from functools import cache
from typing import Final

from segscore.errors import COMPARES_CLASSES, LabelError

_ROW = 80
"""Bytes that a row takes, at most, until scores are read: 8 while others are counted, 24 in the table, and as
much for its classes and for what is checked of them."""
_UNKNOWN = 8 << 30
"""Bytes of memory where nobody says how many there are."""
_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""Where Linux says how much memory a container may take."""
NO_ROOM: Final = "memory"
"""The kind of failures of images that were not counted for lack of memory."""


@cache
def most_rows() -> int:
    """Return how many rows there is room for in the memory of this machine, or of the container it is."""
    return _memory() // _ROW


def _memory() -> int:
    """Return how many bytes of memory there are for this process and those beside it."""
    found = [limit for limit in map(_limit, _LIMITS) if limit is not None]
    if "SC_PHYS_PAGES" in getattr(os, "sysconf_names", ()):
        pages, page = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
        if pages > 0 and page > 0:
            found.append(pages * page)
    return min(found, default=_UNKNOWN)


def _limit(path: str) -> int | None:
    """Return what a file says is the limit; None where there is none."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read(32).strip()
    except (OSError, UnicodeDecodeError):
        return None
    return int(text) if text.isdecimal() else None


def no_room(rows: int) -> LabelError:
    """Return the error of images that were not counted, as those before them have so many rows or nearly."""
    return LabelError(
        f"not counted: memory has room for {rows:,} rows of pair counts of all images together",
        f"{COMPARES_CLASSES}; where they are classes, evaluate shards of the images one after the other, and "
        "merge them where there is more memory",
        kind=NO_ROOM,
    )
