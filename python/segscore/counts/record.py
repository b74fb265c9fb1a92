"""Record: rows of integers that were measured of many images, under each other.

What selects, groups, merges, saves and adds up knows no more of a record than this. Rows mean the same
whichever rows stand around them, so that images can be taken out and put together as they are.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

from segscore.base.values import Frozen, Ints, field_names, lazy, narrowed, readonly
from segscore.base.wording import many
from segscore.classes.classes import Classes
from segscore.counts.measures import Measures
from segscore.counts.rows import rising
from segscore.errors import ArgumentError, FileFormatError


@dataclass(frozen=True, eq=False, repr=False)
class Record(Frozen, ABC):
    """Rows of images under each other: a dataclass of `offsets` and of one column for each further field.

    All columns are int64; fractions are kept as their bits, so that they are saved as they were measured.
    """

    kind: ClassVar[str]
    """What is measured: the name of the record in evaluations and in files."""

    offsets: Ints
    """int64 (n + 1,): rows `offsets[i]` to `offsets[i + 1]` belong to image i."""

    def __post_init__(self) -> None:
        # All fields are columns: to ask what else each may be takes as long as reading a small image's rows.
        for column in vars(self).values():
            column.setflags(write=False)

    def __repr__(self) -> str:
        """Return a short form with the number of rows."""
        images, rows = len(self.offsets) - 1, int(self.offsets[-1])
        return f"<{type(self).__name__} of {many(images, 'image')}: {many(rows, 'row')}>"

    @classmethod
    def column_names(cls) -> tuple[str, ...]:
        """Return the names of the columns, `offsets` first."""
        return field_names(cls)

    def columns(self) -> dict[str, Ints]:
        """Return all that there is to save, send and compare, by the names of the columns."""
        return {name: getattr(self, name) for name in self.column_names()}

    @classmethod
    def of_columns(cls, columns: Mapping[str, npt.NDArray[Any]], images: int, classes: Classes) -> Self:
        """Return the record of untrusted columns of so many images, or raise FileFormatError."""
        record = cls.fitting(columns, images)
        record.check(classes)
        return record

    @classmethod
    def fitting(cls, columns: Mapping[str, npt.NDArray[Any]], images: int) -> Self:
        """Return the record of columns that belong together, or raise FileFormatError."""
        record = cls(**{name: _integers(columns[name]) for name in cls.column_names()})
        offsets, *rows = record.columns().values()
        fits = (
            len(offsets) == images + 1
            and offsets[0] == 0
            and (np.diff(offsets) >= 0).all()
            and all(len(column) == offsets[-1] for column in rows)
        )
        if not fits:
            raise FileFormatError(NO_FIT)
        return record

    @abstractmethod
    def check(self, classes: Classes) -> None:
        """Raise FileFormatError if there are rows that cannot have been measured with these classes."""

    def fits(self, measures: Measures) -> bool:  # noqa: ARG002 - those that are measured as these say do
        """Whether it is what is measured where these are asked for."""
        return True

    @classmethod
    def one_image(cls, *columns: Ints) -> Self:
        """Return the rows of one image, in all columns but `offsets`."""
        return cls(np.array([0, len(columns[0])]), *columns)

    @lazy
    def image(self) -> Ints:
        """int64 (M,): the image of each row."""
        return readonly(np.arange(len(self.offsets) - 1).repeat(self.lengths))

    @property
    def lengths(self) -> Ints:
        """int64 (n,): how many rows each image has."""
        return np.asarray(self.offsets[1:] - self.offsets[:-1])

    def rows_of_each(self) -> list[tuple[Ints, ...]]:
        """Return the rows of each image, as the columns but for `offsets`."""
        _, *columns = self.columns().values()
        return [
            tuple(column[one:other] for column in columns) for one, other in pairwise(self.offsets.tolist())
        ]

    def take(self, images: Ints) -> Self:
        """Return the rows of these images, in the order that they are given in, int64 (m,)."""
        lengths = self.lengths[images]
        offsets = np.concatenate([[0], np.cumsum(lengths)])
        rows = np.arange(offsets[-1]) + np.repeat(self.offsets[images] - offsets[:-1], lengths)
        _, *columns = self.columns().values()
        return type(self)(offsets, *(column[rows] for column in columns))

    @classmethod
    def stack(cls, parts: Sequence[Self]) -> Self:
        """Return the rows of the images of all parts, under each other."""
        if len(parts) == 1:
            return parts[0]
        none = np.empty(0, np.int64)
        lengths = np.concatenate([none, *[part.lengths for part in parts]])
        columns = [
            np.concatenate([none, *[getattr(part, name) for part in parts]])
            for name in cls.column_names()[1:]
        ]
        return cls(np.concatenate([[0], lengths.cumsum()]), *columns)

    def merged(self, classes: Classes, first: Ints) -> Self:
        """Return the record where class k is one with class `first[k]`, int64 (K,).

        Raise ArgumentError where rows cannot tell, as of whatever was measured of the shapes of classes.
        """
        others = np.flatnonzero(first != np.arange(len(first)))
        if not len(others):  # classes have other names alone
            return self
        one, other = (classes.names[i] for i in (first[others[0]], others[0]))
        raise ArgumentError(
            f"`{self.kind}` was measured of `{one}` and `{other}`, which does not say what they are as one",
            "merge classes in the masks, and evaluate these",
        )

    @classmethod
    def _widened(cls, *columns: npt.NDArray[Any]) -> Self:
        return cls(*(column.astype(np.int64) for column in columns))

    def __reduce__(self) -> tuple[Callable[..., Self], tuple[Any, ...]]:
        # Most numbers are small, and rows are what pickles consist of.
        return self._widened, tuple(map(narrowed, self.columns().values()))

    def __eq__(self, other: object) -> bool:
        """Whether all rows are the same."""
        if not isinstance(other, type(self)):
            return NotImplemented
        found = other.columns()
        return all(np.array_equal(column, found[name]) for name, column in self.columns().items())

    __hash__ = None  # type: ignore[assignment]


def check_order(*columns: Ints) -> None:
    """Raise FileFormatError unless the rows of columns rise, and no two are the same."""
    if not rising(columns):
        raise FileFormatError("its rows are not sorted, or two are of the same elements")


NO_FIT = "its columns do not fit together"


def _integers(column: npt.NDArray[Any]) -> Ints:
    # uint64 is never written, and would wrap.
    if column.ndim != 1 or column.dtype.kind not in "iu" or column.dtype == "u8":
        raise FileFormatError("a column is not a list of integers")
    return column.astype(np.int64)
