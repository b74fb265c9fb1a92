"""Files are opened that are files: reading a pipe or a device might never end."""

import os
import stat
from io import BufferedReader

from segscore.base.pointers import MOST, POINTER, is_pointer_at
from segscore.base.wording import show
from segscore.errors import of_core


def opened(path: str, what: str) -> BufferedReader:
    """Open a file to read its bytes; a pipe, a device, or what was not fetched, is a MaskError."""
    found = os.stat(path)
    if stat.S_ISDIR(found.st_mode) or stat.S_ISREG(found.st_mode):
        if found.st_size < MOST and is_pointer_at(path):
            raise of_core("pointer", f"expected {what}, found {POINTER}", show(path))
        return open(path, "rb")  # folders say themselves what they are
    raise of_core("not-png", f"expected {what}, found a pipe or a device", show(path))
