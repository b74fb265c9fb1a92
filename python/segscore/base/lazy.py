"""Properties that are computed when they are first read, and kept.

`functools.cached_property` does the same, but in Python 3.11 it holds a lock of the whole class meanwhile.
A child that is forked while some thread holds it would wait for ever, as that thread is not in the child.
"""

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

Value_co = TypeVar("Value_co", covariant=True)


class lazy(Generic[Value_co]):  # noqa: N801 - it is written as a decorator
    """A property that is computed once, without a lock.

    Parameters
    ----------
    compute : callable
        The method. Threads that read the property for the first time at the same moment may each call
        it; all get the same result.
    """

    def __init__(self, compute: Callable[[Any], Value_co]) -> None:
        self._compute = compute
        self._name = compute.__name__
        self.__doc__ = compute.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> Value_co: ...
    def __get__(self, instance: object, owner: type) -> Self | Value_co:
        """Return the value; it lies in the instance from then on, where Python looks first."""
        if instance is None:
            return self
        value: Value_co = instance.__dict__.setdefault(self._name, self._compute(instance))
        return value
