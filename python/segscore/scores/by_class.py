"""Values of classes: an array that also takes the name of a class."""

from types import EllipsisType
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import numpy.typing as npt

from segscore.base.values import Floats
from segscore.errors import unknown


class ByClass(np.ndarray[tuple[Any, ...], np.dtype[np.float64]]):  # `NDArray` is no class from NumPy 2.5 on
    """One value a class: a read-only array that is also read by the names of classes.

    What is computed from it or cut out of it is a plain array, and a copy knows no names.

    Examples
    --------
    >>> iou = by_class(np.array([0.5, 0.25]), ("road", "car"))
    >>> iou["car"], iou[0], iou.mean(), type(iou + 1).__name__
    (0.25, np.float64(0.5), np.float64(0.375), 'ndarray')
    """

    _names: tuple[str, ...] | None = None

    if TYPE_CHECKING:

        @overload  # type: ignore[override]
        def __getitem__(self, key: str) -> float: ...
        @overload
        def __getitem__(self, key: int | np.integer[Any]) -> np.float64: ...
        @overload
        def __getitem__(
            self, key: slice | tuple[Any, ...] | list[Any] | EllipsisType | npt.NDArray[Any] | None
        ) -> Floats: ...

    def __getitem__(self, key: Any) -> Any:
        """Return the value of the class of a name; else what an array returns.

        Raises
        ------
        ArgumentError
            If there is no class of this name; it names the nearest ones.
        """
        plain = np.asarray(self)
        if self._names is None or not isinstance(key, str):
            return plain[key]
        if key not in self._names:
            raise unknown("class", key, self._names)
        return float(plain[self._names.index(key)])

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        """Return what was computed as NumPy returns it of a plain array."""
        return array[()] if return_scalar else np.asarray(array)

    def __reduce__(self) -> Any:
        """Let copies be plain arrays."""
        return np.asarray(self).__reduce__()

    def __deepcopy__(self, memo: object) -> Floats:  # type: ignore[override]
        return np.array(self)

    def __repr__(self) -> str:
        return repr(np.asarray(self))


def by_class(values: Floats, names: tuple[str, ...]) -> ByClass:
    """Return values as an array that takes names, and can no longer be written to."""
    made = values.view(ByClass)
    made._names = names
    made.flags.writeable = False
    return made
