"""Arrays in the memory of another device, such as a GPU: what is small is made there, and crosses alone.

They are tensors of torch, arrays of JAX and CuPy, or whatever says its namespace, and are worked on by their
own methods. Nothing here was seen on a device: it was tested with arrays of the CPU through the same code.
"""

import sys
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from segscore.base.values import Ints
from segscore.errors import of_core

# kDLCPU; kDLCUDAHost and kDLROCMHost are pinned memory of the CPU (DLPack specification).
ON_CPU = (1, 3, 11)
_NAMESPACES = {"cupy": "cupy", "jax": "jax.numpy", "jaxlib": "jax.numpy", "torch": "torch"}
"""Where the functions of arrays of a package are, for those that do not say so themselves."""
REFUSALS = (AttributeError, BufferError, RuntimeError, TypeError, ValueError)
"""What an object may raise that offers an array and then has none."""
_NARROW = ("uint8", "int8", "int16", "int32")
_CELLS = 1 << 22
"""Pairs of labels of an image that are counted on a device, at most."""
_SMALL = range(-(1 << 31), 1 << 31)

_TRACERS = frozenset({"FakeTensor", "FunctionalTensor", "KerasTensor", "Proxy", "SymbolicTensor", "Tracer"})
_COMPILERS = frozenset({"jax", "jaxlib", "keras", "tensorflow", "torch"})


@lru_cache(64)
def is_traced(kind: type) -> bool:
    """Whether what is of this type stands for a value that compiled code will have, and has none."""
    return any(
        base.__name__ in _TRACERS and base.__module__.partition(".")[0] in _COMPILERS for base in kind.__mro__
    )


@lru_cache(64)
def _package(kind: type) -> str | None:
    """Return the package that a type, or one that it stands on, is of, if its namespace is known."""
    packages = (base.__module__.partition(".")[0] for base in kind.__mro__)
    return next((package for package in packages if package in _NAMESPACES), None)


def _namespace(value: Any) -> Any:
    """Return what has the functions of an array, None if nobody knows."""
    package = _package(value.__class__)
    if package is not None:
        return sys.modules.get(_NAMESPACES[package])
    return value.__array_namespace__() if hasattr(value, "__array_namespace__") else None


def away(value: Any) -> "Away | None":
    """Return an array as one of another device, None if it is none or nobody knows how to work with it."""
    if isinstance(value, np.ndarray) or not hasattr(value, "__dlpack_device__"):
        return None
    # Torch says at once what DLPack says in the time that a small image takes to count. "meta" is no place.
    # Where nothing counts as the CPU, as in tests without a device, tensors of its memory are away as well.
    if (getattr(value, "is_cpu", False) is True and ON_CPU) or getattr(value, "is_meta", False) is True:
        return None
    try:
        if value.__dlpack_device__()[0] in ON_CPU:
            return None
    except REFUSALS:  # such as parts on several devices
        pass
    return None if _namespace(value) is None else Away(value)


class Range(NamedTuple):
    """The lowest and the highest number of an array."""

    low: int
    high: int


class Away:
    """An array of another device, of which nothing has crossed yet."""

    def __init__(self, value: Any, known: Range | None = None) -> None:
        detach = getattr(value, "detach", None)
        self.value = detach() if callable(detach) else value
        self.shape = tuple(value.shape)
        self.ndim = len(self.shape)
        self.size = int(np.prod(self.shape))
        self._known = known

    @property
    def type_name(self) -> str:
        """The name of the type of its numbers, such as ``"bfloat16"``."""
        return str(self.value.dtype).rpartition(".")[2]

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type that NumPy has for it; that of the bits for bfloat16, as class scores have it."""
        return np.dtype("uint16" if self.type_name == "bfloat16" else self.type_name)

    @property
    def kind(self) -> str:
        """What kind of type its numbers have, as NumPy spells it: "f" for all floats."""
        if "float" in self.type_name:
            return "f"
        try:
            return np.dtype(self.type_name).kind
        except TypeError:  # a type that NumPy has not
            return "V"

    def here(self) -> npt.NDArray[Any]:
        """Return the array in the memory of the CPU, in the narrowest type that holds its integers."""
        return _here(self._narrowed())

    def scores_here(self) -> npt.NDArray[Any]:
        """Return class scores in the memory of the CPU, bfloat16 as float32, which holds all of them."""
        return _here(_as_type(self.value, "float32") if self.type_name == "bfloat16" else self.value)

    def range(self) -> Range:
        """Return the lowest and the highest number of integers or bools, which are not empty."""
        if self._known is None:
            self._known = (
                Range(0, 1) if self.kind == "b" else Range(int(self.value.min()), int(self.value.max()))
            )
        return self._known

    def score_range(self) -> tuple[float, float]:
        """Return the lowest and the highest class score, of which none is NaN."""
        return float(self.value.min()), float(self.value.max())

    def highest(self, axis: int) -> "Away":
        """Return the channel of the highest score of each pixel, the first of equal ones; NaN is an error."""
        channels = self.shape[axis]
        if _package(self.value.__class__) == "torch":
            best, found = self.value.max(axis)  # both in one look at the scores
        else:
            best, found = self.value.max(axis), self.value.argmax(axis)
        if bool((best != best).any()):  # noqa: PLR0124 - NaN alone differs from itself
            raise self._not_a_number(axis)
        return Away(found, Range(0, channels - 1))

    def at_least(self, threshold: float, axis: int | None) -> "Away":
        """Return 1 where a score of a single channel reaches a threshold of its type, else 0."""
        value = self.value if axis is None else self.value.squeeze(axis)
        if bool((value != value).any()):  # noqa: PLR0124 - NaN alone differs from itself
            raise self._not_a_number(axis)
        return Away(value >= threshold, Range(0, 1))

    def _not_a_number(self, axis: int | None) -> Exception:
        """Return the error for the first NaN, as the core words it."""
        wrong = _as_type(self.value != self.value, "uint8").reshape(-1)
        index = tuple(map(int, np.unravel_index(int(wrong.argmax()), self.shape)))
        channel = "" if axis is None else f", class channel {index[axis]}"
        return of_core("not-a-number", f"`logits` is NaN at index {index}{channel}", None)

    def pairs_with(self, other: "Away") -> tuple[Ints, Ints, Ints] | None:
        """Return the pairs of numbers of two arrays of integers of one shape, and how many pixels have each.

        They are counted on their device; None where they lie apart, are empty, or have too many numbers.
        """
        if not 0 < self.size < _SMALL.stop or not _together(self.value, other.value):
            return None
        (low, high), (least, most) = self.range(), other.range()
        width = most - least + 1
        cells = (high - low + 1) * width
        if cells > _CELLS or any(end not in _SMALL for end in (low, high, least, most)):
            return None
        # JAX has no integers of 64 bits unless it is asked for them; those of 32 hold all that there are.
        ours, theirs = (_as_type(of.value, "int32").reshape(-1) for of in (self, other))
        places = (ours - low) * width + (theirs - least)
        sums = _namespace(self.value).bincount(places, minlength=cells)
        there = _places(sums)
        held, pixels = (_here(of).astype(np.int64) for of in (there, sums[there]))
        return held // width + low, held % width + least, pixels

    def _narrowed(self) -> Any:
        if not self.size or self.kind == "b" or self.dtype.itemsize == 1:
            return self.value
        low, high = self.range()
        for name in _NARROW:
            limits = np.iinfo(name)
            if limits.min <= low and high <= limits.max and limits.dtype.itemsize < self.dtype.itemsize:
                return _as_type(self.value, name)
        return self.value


def _together(one: Any, other: Any) -> bool:
    """Whether two arrays are of one package and lie on one device."""
    try:
        devices = [value.__dlpack_device__() for value in (one, other)]
    except REFUSALS:
        return False
    return bool(devices[0] == devices[1]) and _namespace(one) is _namespace(other)


def _places(sums: Any) -> Any:
    """Return where sums of one dimension are not 0."""
    return sums.nonzero(**({"as_tuple": True} if _package(sums.__class__) == "torch" else {}))[0]


def _as_type(value: Any, name: str) -> Any:
    namespace = _namespace(value)
    dtype = getattr(namespace, name)
    return value.to(dtype) if _package(value.__class__) == "torch" else value.astype(dtype)


def _here(value: Any) -> npt.NDArray[Any]:
    """Return an array of the memory of the CPU; how it gets there, each package says its own way."""
    for method in ("cpu", "get"):
        if callable(found := getattr(value, method, None)):
            value = found()
            break
    return np.asarray(value)
