"""Values that stay as they were made, also when they are copied or sent to another process.

What a result holds is known to the results themselves.
"""

import copyreg
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import Field, FrozenInstanceError, fields
from functools import partial
from math import isfinite
from numbers import Real
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeAlias, TypeGuard, TypeVar, overload

import numpy as np
import numpy.typing as npt

from segscore.base.shown import Shown


def _view(values: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(values)


# Python itself can neither pickle nor copy what results hand out.
copyreg.pickle(MappingProxyType, lambda view: (_view, (dict(view),)))


def refuse(name: str) -> None:
    """Raise the error for what is written to a frozen result, as dataclasses word it."""
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


_NAMES: dict[type[Any], tuple[str, ...]] = {}


def field_names(kind: type[Any]) -> tuple[str, ...]:
    """Return the names of the fields of a dataclass, which are looked for once."""
    names = _NAMES.get(kind)
    if names is None:
        names = _NAMES[kind] = tuple(field.name for field in fields(kind))
    return names


class Frozen(Shown):
    """Base of frozen dataclasses whose arrays and mappings are read-only as well.

    A class that has a `__post_init__` of its own sees to its arrays and mappings itself, or calls this one.
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    if not TYPE_CHECKING:  # a checker would take every name for one that can be set

        def __setattr__(self, name: str, value: object) -> None:
            # A dataclass leaves names that are no fields to what is derived from it.
            refuse(name)

        def __delattr__(self, name: str) -> None:
            refuse(name)

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)
            elif isinstance(value, _PLAIN):
                continue  # to ask whether something is a mapping takes as long as all else
            elif isinstance(value, Mapping):
                object.__setattr__(self, name, MappingProxyType(dict(value)))

    def __reduce__(self) -> tuple[Callable[..., Self], tuple[Any, ...]]:
        # Built anew: unpickled arrays and caches would be writable, and pickle takes no view of a mapping.
        values = {name: getattr(self, name) for name in field_names(type(self))}
        plain = {k: dict(v) if isinstance(v, MappingProxyType) else v for k, v in values.items()}
        return partial(type(self), **plain), ()


_PLAIN = (str, int, float, tuple, type(None), Frozen)
"""What most fields are that are no arrays, and what stays as it is although it may be a mapping."""


Ints: TypeAlias = npt.NDArray[np.int64]


Floats: TypeAlias = npt.NDArray[np.float64]


Bools: TypeAlias = npt.NDArray[np.bool_]


def narrowed(column: Ints) -> npt.NDArray[Any]:
    """Return a column in the smallest type that holds it, as files and pickles have it."""
    low, high = (int(column.min()), int(column.max())) if len(column) else (0, 0)
    for name in ("u1", "i1", "u2", "i2", "u4", "i4"):
        limits = np.iinfo(name)
        if limits.min <= low and high <= limits.max:
            return column.astype(name)
    return column


_Scalar = TypeVar("_Scalar", bound=np.generic)


def readonly(array: npt.NDArray[_Scalar]) -> npt.NDArray[_Scalar]:
    """Return the array itself, which can no longer be written to."""
    array.setflags(write=False)
    return array


def real(value: object) -> float | None:
    """Return a finite number as a float; None for what is none."""
    # Most are of the first two, which are found at once.
    if isinstance(value, bool) or not isinstance(value, (float, int, Real)):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if isfinite(found) else None


def is_several(given: object) -> TypeGuard[Iterable[Any]]:
    """Whether values are given one after the other: no text, no bytes, and no mapping, which has others, too.

    Examples
    --------
    >>> is_several([1, 2]), is_several({1, 2}), is_several("12"), is_several({1: 2}), is_several(np.array(1))
    (True, True, False, False, False)
    """
    if isinstance(given, str | Mapping) or is_bytes(given) or not isinstance(given, Iterable):
        return False
    return getattr(given, "ndim", 1) != 0  # arrays of no dimensions are one value


def is_ordered(given: object) -> TypeGuard[Iterable[Any]]:
    """Whether several values are given in an order, which a set has not."""
    return is_several(given) and not isinstance(given, set | frozenset)


def one_or_several(given: object) -> tuple[Any, ...]:
    """Return what is given one after the other, or what stands alone.

    Examples
    --------
    >>> one_or_several([1, 2]), one_or_several("12"), one_or_several(np.array(5))
    ((1, 2), ('12',), (5,))
    """
    if isinstance(given, np.ndarray) and given.ndim == 0:
        return (given.item(),)
    return tuple(given) if is_several(given) else (given,)


def lowest(count: int, *keys: npt.NDArray[Any]) -> Ints:
    """Return the places of the lowest values, by the first keys; equal ones by the next, then by place.

    NaN is the highest. Where few of many are asked for, the others are not sorted.

    Examples
    --------
    >>> lowest(3, np.array([2.0, 0.5, np.nan, 0.5]), np.array([0, 1, 0, 0])).tolist()
    [3, 1, 0]
    """
    first = keys[0]
    if not 0 < count < len(first) // 4:
        return np.lexsort(keys[::-1])[:count]
    limit = np.partition(first, count - 1)[count - 1]
    # Whatever is not above the limit may be among them; nothing is above NaN.
    at = np.flatnonzero(~(first > limit))
    return at[np.lexsort([key[at] for key in reversed(keys)])][:count]


def is_bytes(value: object) -> TypeGuard[bytes | bytearray | memoryview]:
    """Whether a value is a row of bytes, which may be those of a file; views of more are arrays of numbers.

    Examples
    --------
    >>> is_bytes(b"ab"), is_bytes(memoryview(b"ab")), is_bytes(memoryview(b"ab").cast("B", (1, 2)))
    (True, True, False)
    """
    if not isinstance(value, memoryview):
        return isinstance(value, bytes | bytearray)
    try:
        return value.ndim == 1 and value.format in ("B", "c")
    except ValueError:  # it was released
        return False


def is_int(value: object) -> TypeGuard[int]:
    """Whether a value is an integer, NumPy's included, and not a bool."""
    # A pair of types: to make a union of them takes as long as to count a few pixels.
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


Value_co = TypeVar("Value_co", covariant=True)


class lazy(Generic[Value_co]):  # noqa: N801 - it is written as a decorator
    """A property that is computed once, without a lock.

    Threads that read the property for the first time at the same moment may each call the method; all get the
    same result.
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


class Computed(Mapping[str, Value_co]):
    """A mapping whose values are computed when they are asked for.

    There is no lock, as in `lazy`: two threads that ask at once may compute twice, and get the same value.
    """

    def __init__(self, keys: Iterable[str], compute: Callable[[str], Value_co]) -> None:
        self._keys = tuple(keys)
        self._compute = compute
        self._values: dict[str, Value_co] = {}

    def __getitem__(self, key: str) -> Value_co:
        """Return the value of a key."""
        if key not in self._keys:
            raise KeyError(key)
        if key not in self._values:
            self._values.setdefault(key, self._compute(key))
        return self._values[key]

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)

    def __repr__(self) -> str:
        return repr(dict(self))


def property_of(compute: Callable[[Any], Value_co], name: str, said: str) -> lazy[Value_co]:
    """Return the property of a name that is computed once, and what is said of it."""
    compute.__name__, compute.__doc__ = name, said
    return lazy(compute)
