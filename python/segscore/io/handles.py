"""What stays open between two reads of a place: the last few things of a kind, of this process alone."""

import os
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary, ref

T = TypeVar("T")


class Handles(Generic[T]):
    """Things of places, opened one at a time when they are needed, of which the last few are kept.

    None of a place is kept once nobody has the place any more, so that no file stays open after a call.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._forget()
        if hasattr(os, "register_at_fork"):
            # A child shares places in open files with its parent, and may be forked while the lock is held.
            os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._lock = Lock()
        self._kept = WeakKeyDictionary[object, dict[Hashable, T]]()
        self._last = dict[tuple[ref[object], Hashable], None]()

    def get(self, place: object, make: Callable[[], T], key: Hashable = None) -> T:
        """Return what is kept of a place by a key, or make it; what is dropped for it may still be in use."""
        with self._lock:
            own = self._kept.setdefault(place, {})
            found = own[key] if key in own else make()
            own[key] = found
            used = ref(place), key
            self._last.pop(used, None)
            self._last[used] = None
            while len(self._last) > self._most:
                self._drop(*next(iter(self._last)))
            return found

    def _drop(self, of: "ref[object]", key: Hashable) -> None:
        del self._last[of, key]
        place = of()
        if place is not None:
            del self._kept[place][key]
