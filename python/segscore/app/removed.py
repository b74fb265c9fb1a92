"""Runs that were removed on a page: kept aside for a while, so that they can be brought back."""

from contextlib import suppress
from threading import Lock, Timer

from segscore.errors import SegscoreError
from segscore.workspace.runs.aside import Aside

KEPT = 600.0
"""Seconds for which a run can be brought back, unless the application ends before."""


class Removed:
    """The runs that this application has set aside; each is deleted for good after a while, or at its end."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._timers: dict[str, tuple[Aside, Timer]] = {}

    def add(self, aside: Aside, run: str) -> None:
        """Remove a run, which can be brought back for a while."""
        aside.add(run)
        timer = Timer(KEPT, self._delete, (run,))
        timer.daemon = True
        with self._lock:
            self._timers[run] = (aside, timer)
        timer.start()

    def bring_back(self, aside: Aside, run: str) -> None:
        """Bring a run back."""
        with self._lock:
            _, timer = self._timers.pop(run, (aside, None))
        if timer is not None:
            timer.cancel()
        aside.bring_back(run)

    def close(self) -> None:
        """Delete what was removed for good."""
        with self._lock:
            runs = [*self._timers]
        for run in runs:
            self._delete(run)

    def _delete(self, run: str) -> None:
        with self._lock:
            aside, timer = self._timers.pop(run, (None, None))
        if aside is None or timer is None:
            return
        timer.cancel()
        with suppress(SegscoreError):  # nobody sees it; the next start deletes what is left
            aside.delete(run)
