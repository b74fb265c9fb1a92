"""Files that are read in one piece, as they cannot be told before their end, and what is wrong with them."""

from typing import Final

from segscore.base.limits import at_most
from segscore.base.pointers import way_out
from segscore.base.shown import first_lines
from segscore.base.wording import reason, show
from segscore.errors import FileFormatError

_TOLD: Final = 20
"""Findings that an error lists."""


def content_of(path: str, most: int, hint: str) -> bytes:
    """Return what a file holds, or raise FileFormatError; one of more than so many bytes is not read."""
    try:
        content, found = at_most(path, most)
    except (OSError, ValueError) as error:
        raise FileFormatError(
            f"{show(path)}: cannot be read: {reason(error)}", way_out(error, hint)
        ) from error
    if found > most:
        raise FileFormatError(
            f"{show(path)}: expected at most {most:,} bytes, found {found:,}",
            "make a file of some of the images",
        )
    return content


def refused(
    findings: list[str], hint: str = "export the file again with the tool that it is from"
) -> FileFormatError:
    """Return the error for all that is wrong with files, a line each, of which the first ones are told."""
    return FileFormatError("\n".join(first_lines(findings, _TOLD, "finding")), hint)
