"""Results that pages ask for again: made once, also where several ask at the same time, and not all kept."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class _Entry(Generic[T]):
    def __init__(self) -> None:
        self.lock = Lock()
        self.values: list[T] = []


class Cache(Generic[T]):
    """The last results, as many as are kept, by what they are of."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = Lock()
        self._entries: OrderedDict[Hashable, _Entry[T]] = OrderedDict()

    def has(self, key: Hashable) -> bool:
        """Whether a result is there, so that nobody has to wait for it."""
        with self._lock:
            entry = self._entries.get(key)
        return entry is not None and bool(entry.values)

    def get(self, key: Hashable, make: Callable[[], T], keep: Callable[[T], bool] = lambda _: True) -> T:
        """Return the result, made now if it is not there.

        What `make` raises is not kept; `keep` says whether a result is still right when it is asked for
        again.
        """
        with self._lock:
            entry = self._entries.setdefault(key, _Entry())
            self._entries.move_to_end(key)
            while len(self._entries) > self._size:
                self._entries.popitem(last=False)
        with entry.lock:
            if entry.values:
                return entry.values[0]
            made = make()
            if keep(made):
                entry.values.append(made)
            return made
