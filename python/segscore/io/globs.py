"""Glob patterns of paths, in which ``**`` stands for any number of folders; hidden names are passed over."""

import fnmatch
import re
from collections.abc import Callable, Set
from typing import TypeAlias

Places: TypeAlias = Set[int]
"""Which parts of a pattern the entries of a folder may match next."""


class Glob:
    """A pattern as its parts between slashes; ``("**",)`` describes all files that are not hidden.

    Examples
    --------
    >>> glob = Glob(("*", "**", "*.png"))
    >>> [glob.describes(file) for file in ("a/b.png", "a/b/c/d.png", "b.png", "a/.b.png", "a/.b/c.png")]
    [True, True, False, False, False]
    """

    def __init__(self, parts: tuple[str, ...]) -> None:
        self._tests = [None if part == "**" else _glob(part) for part in parts]
        self._last = len(parts) - 1
        self.begin = self._closed({0})
        """Of the folder that the pattern begins in."""

    def _closed(self, at: set[int]) -> Places:
        for i in range(self._last):  # "**" also stands for no folder at all
            if i in at and self._tests[i] is None:
                at.add(i + 1)
        return at

    def within(self, at: Places, folder: str) -> Places:
        """Return the places of a folder in one with these; none where no file in it can match."""
        steps = {
            i + (test is not None)
            for i in at
            if ((test := self._tests[i]) is None and folder[:1] != ".")
            or (test and i < self._last and test(folder))
        }
        return self._closed(steps)

    def takes(self, at: Places, file: str) -> bool:
        """Whether a file in a folder with these places matches."""
        if self._last not in at:
            return False
        test = self._tests[self._last]
        return file[:1] != "." if test is None else test(file) is not None

    def describes(self, path: str) -> bool:
        """Whether a relative path matches, with ``/`` between folders."""
        *folders, file = path.split("/")
        at = self.begin
        for folder in folders:
            at = self.within(at, folder)
        return self.takes(at, file)


def _glob(part: str) -> Callable[[str], re.Match[str] | None]:
    hidden = part.startswith(".")
    return re.compile(("" if hidden else r"(?!\.)") + fnmatch.translate(part)).match
