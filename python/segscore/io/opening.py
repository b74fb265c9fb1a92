"""Files are opened that are files: reading a pipe or a device might never end."""

import os
import stat
from io import BufferedReader

from segscore.base.wording import show
from segscore.errors import of_core


def opened(path: str, what: str) -> BufferedReader:
    """Open a file to read its bytes; where it is a pipe or a device, it is a MaskError."""
    if stat.S_ISDIR(mode := os.stat(path).st_mode) or stat.S_ISREG(mode):
        return open(path, "rb")  # folders say themselves what they are
    raise of_core("not-png", f"expected {what}, found a pipe or a device", show(path))
