"""What stays open between two reads of a place: the last few things of a kind, of this process alone."""

import os
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Handles(Generic[T]):
    """Things that are opened when they are needed, one at a time, and of which the last few are kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._forget()
        if hasattr(os, "register_at_fork"):
            # A child shares places in open files with its parent, and may be forked while the lock is held.
            os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._lock, self._kept = Lock(), dict[Hashable, T]()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what is kept by a key, or make it; others may still use what is dropped for it."""
        with self._lock:
            found = self._kept.pop(key) if key in self._kept else make()
            self._kept[key] = found
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]
            return found
