"""Arrays that lie as if on a GPU: they work there, and nothing of them can be looked at but what crosses.

Nothing here is a test.
"""

from typing import Any

import numpy as np


class Numbers:
    """The functions and types of such arrays: a namespace."""

    uint8, int8, int16, int32, float32 = (np.dtype(one) for one in ("u1", "i1", "i2", "i4", "f4"))

    @staticmethod
    def bincount(places: "OnDevice", minlength: int) -> "OnDevice":
        return OnDevice(np.bincount(places.inside, minlength=minlength), places.device, places.crossed)


class OnDevice:
    """An array on a device, and a list of what crossed from it, each as a type and a number of elements.

    Single numbers, as of a sum, are no arrays and not listed.
    """

    __array_ufunc__ = None  # NumPy leaves operators to it

    def __init__(self, inside: Any, device: int = 0, crossed: list[tuple[str, int]] | None = None) -> None:
        self.inside = np.asarray(inside)
        self.device = device
        self.crossed: list[tuple[str, int]] = [] if crossed is None else crossed

    def __array_namespace__(self) -> type[Numbers]:
        return Numbers

    def __dlpack_device__(self) -> tuple[int, int]:
        return 2, self.device

    def __dlpack__(self, **_: Any) -> Any:
        raise BufferError("it is on a device")

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError("it is on a device, and is not copied in silence")

    def get(self) -> Any:
        self.crossed.append((self.inside.dtype.name, self.inside.size))
        return self.inside

    @property
    def shape(self) -> tuple[int, ...]:
        return self.inside.shape

    @property
    def dtype(self) -> Any:
        return self.inside.dtype

    def __ge__(self, number: float) -> "OnDevice":
        return self._of(self.inside.astype(np.float64) >= number)  # a device may compare in any type

    def __len__(self) -> int:
        return len(self.inside)

    def _of(self, inside: Any) -> "OnDevice":
        return OnDevice(inside, self.device, self.crossed)

    def _number(self) -> Any:
        assert self.inside.ndim == 0
        return self.inside[()]

    def nonzero(self) -> "tuple[OnDevice, ...]":
        return tuple(map(self._of, self.inside.nonzero()))

    def __bool__(self) -> bool:
        return bool(self._number())

    def __int__(self) -> int:
        return int(self._number())

    def __float__(self) -> float:
        return float(self._number())

    def __getitem__(self, which: Any) -> "OnDevice":
        return self._of(self.inside[which.inside if isinstance(which, OnDevice) else which])


def _worked_on(name: str) -> Any:
    def there(self: OnDevice, *given: Any) -> OnDevice:
        values = [one.inside if isinstance(one, OnDevice) else one for one in given]
        return self._of(getattr(self.inside, name)(*values))

    return there


for _name in ("min", "max", "argmax", "any", "astype", "reshape", "squeeze"):
    setattr(OnDevice, _name, _worked_on(_name))
for _name in ("ne", "sub", "add", "mul"):
    setattr(OnDevice, f"__{_name}__", _worked_on(f"__{_name}__"))
