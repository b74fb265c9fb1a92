"""Notices that wait for the page that follows a form: what was done, and is worth knowing."""

from threading import Lock

from segscore.app.page import Notice

_WAITING = 20


class Said:
    """Notices by numbers, each of which one page shows once."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = 0
        self._notices: dict[str, Notice] = {}

    def add(self, notice: Notice) -> str:
        """Keep a notice for the next page, whose address asks for it with the number that is returned.

        Of many that nobody has seen the oldest are given up.
        """
        with self._lock:
            self._last += 1
            self._notices[str(self._last)] = notice
            for old in list(self._notices)[:-_WAITING]:
                del self._notices[old]
            return str(self._last)

    def take(self, number: str) -> list[Notice]:
        """Return the notice of a number, which is not kept any longer; none if there is none."""
        with self._lock:
            notice = self._notices.pop(number, None)
        return [] if notice is None else [notice]
