"""Pointers of Git LFS: small texts that stand in a working copy for files which were not fetched.

Readers of each format would call them damaged. Whatever opens files asks here what it has opened.
"""

import os
from typing import Final

MOST: Final = 1 << 10
"""Bytes of a pointer; each is smaller, as the format has it."""
POINTER: Final = "a Git LFS pointer, not the file itself"
PULL: Final = "`git lfs pull` brings the file"
"""What to do about one."""
_START = b"version https://git-lfs.github.com/spec/"


class PointerError(ValueError):
    """A file is a pointer.

    It stands below `errors`, as what opens files does: who knows what a file is for makes one of these of it.
    """

    def __init__(self) -> None:
        super().__init__(f"it is {POINTER}")


def is_pointer(content: bytes) -> bool:
    """Whether what a file holds, or its beginning, is a pointer.

    Examples
    --------
    >>> is_pointer(b"version https://git-lfs.github.com/spec/v1"), is_pointer(b"version 1")
    (True, False)
    """
    return content.startswith(_START)


def checked(content: bytes) -> bytes:
    """Return what a file holds, or raise PointerError."""
    if is_pointer(content):
        raise PointerError
    return content


def is_pointer_at(path: str | os.PathLike[str]) -> bool:
    """Whether there is a pointer at a path."""
    try:
        with open(path, "rb") as file:
            return os.fstat(file.fileno()).st_size < MOST and is_pointer(file.read(len(_START)))
    except (OSError, ValueError):
        return False


def way_out(error: BaseException, hint: str) -> str:
    """Return what to do about a file that cannot be read: the hint, unless it is a pointer."""
    return PULL if isinstance(error, PointerError) else hint
