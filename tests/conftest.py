"""What several test modules share: arrays in every layout of memory, and counts by their definition."""

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

Array = npt.NDArray[np.generic]
Layout = Callable[[Array], Array]


class Expected(NamedTuple):
    """What a confusion matrix must hold."""

    counts: npt.NDArray[np.int64]
    missed: npt.NDArray[np.int64]
    ignored: int


def count_by_definition(
    target: npt.ArrayLike,
    pred: npt.ArrayLike,
    labels: Sequence[int],
    ignore: Iterable[int] = (),
    pred_labels: Sequence[int] | None = None,
) -> Expected:
    """Count pixel by pixel, as the definition says it."""
    ignore = set(ignore)
    row = {label: i for i, label in enumerate(labels)}
    column = {
        p: i for i, (t, p) in enumerate(zip(labels, pred_labels or labels, strict=True)) if t not in ignore
    }
    counts = np.zeros((len(labels), len(labels)), dtype=np.int64)
    missed = np.zeros(len(labels), dtype=np.int64)
    ignored = 0
    for t, p in zip(np.ravel(target).tolist(), np.ravel(pred).tolist(), strict=True):
        if t in ignore:
            ignored += 1
        elif p in column:
            counts[row[t], column[p]] += 1
        else:
            missed[row[t]] += 1
    return Expected(counts, missed, ignored)


def _reversed(values: Array) -> Array:
    turned = (slice(None, None, -1),) * values.ndim
    return values[turned].copy()[turned]


def _stepped(values: Array) -> Array:
    room = np.zeros([3 * n if n > 1 else n for n in values.shape], dtype=values.dtype)
    view = room[(..., *(slice(1, None, 3) if n > 1 else slice(None) for n in values.shape))]
    view[...] = values
    return view


def _unaligned(values: Array) -> Array:
    room = np.zeros(values.nbytes + 1, dtype=np.uint8)
    view = np.ndarray(values.shape, values.dtype, buffer=room, offset=1)
    view[...] = values
    return view


def _in_a_record(values: Array) -> Array:
    room = np.zeros(values.shape, dtype=[("before", "u1"), ("label", values.dtype), ("after", "u2")])
    room["label"] = values
    return room["label"]


def _read_only(values: Array) -> Array:
    view = values.copy()
    view.flags.writeable = False
    return view


def _swapped(values: Array) -> Array:
    return values.astype(values.dtype.newbyteorder("S"))


_LAYOUTS: dict[str, Layout] = {
    "C": np.array,
    "Fortran": lambda values: np.array(values, order="F"),
    "negative strides": _reversed,
    "steps of three": _stepped,
    "unaligned": _unaligned,
    "inside records": _in_a_record,
    "read-only": _read_only,
    "other byte order": _swapped,
    "other byte order, negative strides": lambda values: _reversed(_swapped(values)),
}


@pytest.fixture(scope="session")
def layouts() -> dict[str, Layout]:
    """All functions from an array to an array with the same values, elsewhere in memory."""
    return _LAYOUTS


@pytest.fixture(scope="session", params=_LAYOUTS)
def lay_out(request: pytest.FixtureRequest) -> Layout:
    """Each of them."""
    return _LAYOUTS[request.param]


@pytest.fixture(scope="session", params=["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"])
def label_dtype(request: pytest.FixtureRequest) -> np.dtype[np.generic]:
    """Each type that labels can have."""
    return np.dtype(request.param)


@pytest.fixture(scope="session")
def by_definition() -> Callable[..., Expected]:
    """The slow twin of every confusion matrix."""
    return count_by_definition
