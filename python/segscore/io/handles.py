"""What stays open between two reads of a place: the last few things of a kind, of this process alone."""

import os
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary, ref

T = TypeVar("T")


class Handles(Generic[T]):
    """Things of places, opened when they are needed, of which the last few are kept.

    More than these are kept as long as all together have room: `size` says how much of it each takes. None of
    a place is kept once nobody has the place any more, so that no file stays open after a call. Those of one
    place are opened one after the other; what is kept, and other places, do not wait for it.
    """

    def __init__(self, most: int, *, room: int = 0, size: Callable[[T], int] = lambda _: 1) -> None:
        self._most, self._room, self._size = most, room, size
        self._forget()
        if hasattr(os, "register_at_fork"):
            # A child shares places in open files with its parent, and may be forked while a lock is held.
            os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        self._lock = Lock()
        self._opening = WeakKeyDictionary[object, Lock]()
        self._kept = WeakKeyDictionary[object, dict[Hashable, T]]()
        self._last = dict[tuple[ref[object], Hashable], int]()
        self._sum = 0

    def get(self, place: object, make: Callable[[], T], key: Hashable = None) -> T:
        """Return what is kept of a place by a key, or make it; what is dropped for it may still be in use."""
        with self._lock:
            if key in self._kept.get(place, {}):
                return self._used(place, key)
            opening = self._opening.setdefault(place, Lock())
        with opening:
            with self._lock:
                if key in self._kept.get(place, {}):  # made by who was waited for
                    return self._used(place, key)
            made = make()
            with self._lock:
                self._kept.setdefault(place, {})[key] = made
                return self._used(place, key)

    def _used(self, place: object, key: Hashable) -> T:
        """Return what is kept by a key, as the last thing that was used, and make room for it."""
        found, used = self._kept[place][key], (ref(place), key)
        self._sum -= self._last.pop(used, 0)
        self._last[used] = self._size(found)
        self._sum += self._last[used]
        while len(self._last) > self._most and self._sum > self._room:
            self._drop(*next(iter(self._last)))
        return found

    def _drop(self, of: "ref[object]", key: Hashable) -> None:
        self._sum -= self._last.pop((of, key))
        place = of()
        if place is not None:
            del self._kept[place][key]
