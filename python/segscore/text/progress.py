"""The progress of a long run, on standard error: a bar on a terminal, plain lines elsewhere.

A run of less than a second shows nothing.
"""

import sys
import time
from types import TracebackType
from typing import Any, Self, TypeVar

from segscore.errors import flag

_PATIENCE = 1.0
"""Seconds before anything is shown."""
_Told = TypeVar("_Told")
_LINE_EVERY = 10.0
"""Seconds between plain lines."""


def checked_progress(progress: _Told) -> bool | _Told:
    """Return what shows the progress: a function, or whether to show it; else raise ArgumentError."""
    return progress if callable(progress) else flag("progress", progress, or_else=", or a function")


class Progress:
    """Called with the number of images that are done; shows images/s and the time left.

    Of the images in `total`, those in `before` were done before this began.
    """

    def __init__(self, total: int, before: int = 0) -> None:
        self._total = total
        self._before = before
        self._said = ""
        self._begin = time.monotonic()
        self._next_line = self._begin + _PATIENCE
        self._bar: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            if kind is None:
                self(self._total, self._said)
            self._bar.stop()

    def __call__(self, done: int, said: str = "") -> None:
        """Show that `done` images are done, and what is to be said about them."""
        now = time.monotonic()
        self._said = said
        if self._bar is not None:
            rate = _rate(done - self._before, now - self._begin)
            self._bar.update(self._task, completed=done, rate=rate, said=said)
        elif now >= self._next_line and done < self._total:
            if sys.stderr.isatty():
                self._open_bar(done)
            else:
                self._next_line = now + _LINE_EVERY
                sys.stderr.write(self._line(done, now - self._begin))
                sys.stderr.flush()

    def _open_bar(self, done: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        columns = (BarColumn(), MofNCompleteColumn(), TextColumn("images  {task.fields[rate]}"))
        self._bar = Bar(
            *columns,
            TimeRemainingColumn(),
            TextColumn("left  {task.fields[said]}"),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("", total=self._total, completed=done, rate="", said="")
        self._bar.start()
        self(done, self._said)

    def _line(self, done: int, seconds: float) -> str:
        new = done - self._before
        left = "" if not new else f", {seconds / new * (self._total - done):.0f} s left"
        said = f", {self._said}" if self._said else ""
        return f"{done:,} of {self._total:,} images, {_rate(new, seconds)}{left}{said}\n"


def _rate(done: int, seconds: float) -> str:
    return f"{done / max(seconds, 1e-9):,.1f} images/s"
