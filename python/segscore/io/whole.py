"""Files that are read in one piece, as what stands in them cannot be told before their end."""

import os

from segscore.base.wording import reason, show
from segscore.errors import FileFormatError


def content_of(path: str, most: int, hint: str) -> bytes:
    """Return what a file holds, or raise FileFormatError; one of more than so many bytes is not read."""
    try:
        with open(path, "rb") as file:
            size = os.fstat(file.fileno()).st_size
            # A pipe has no size.
            content = b"" if size > most else file.read((size or most) + 1)
    except (OSError, ValueError) as error:
        raise FileFormatError(f"{show(path)}: cannot be read: {reason(error)}", hint) from error
    found = max(size, len(content))
    if found > most:
        raise FileFormatError(
            f"{show(path)}: expected at most {most:,} bytes, found {found:,}",
            "make a file of some of the images",
        )
    return content
