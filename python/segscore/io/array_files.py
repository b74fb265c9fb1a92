"""Files of NumPy arrays, ``.npy`` and ``.npz`` with one array: read as a whole, or image by image.

What a header claims costs nothing until it has been checked, and no object is ever unpickled. What the
numbers mean is not known here.
"""

import io
import math
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from threading import Lock
from tokenize import TokenError
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from segscore.base.shown import first
from segscore.base.wording import show
from segscore.errors import READ, MaskError, SegscoreError, of_core
from segscore.io.lengths import check_length
from segscore.io.opening import opened

_HEADER = 1 << 16
"""Bytes of the text in a header, at most."""
_MOST_INFLATED = 1032
"""Bytes that one byte of an archive can stand for, at most: a run of 258 takes two bits in deflate."""
_LISTED = 8
"""Names of arrays that an error lists."""
_KEPT = 64
"""Images that are unpacked before they are wanted, at most."""

_Array = npt.NDArray[Any]


@dataclass(frozen=True, eq=False)
class ArrayFile:
    """A file that was looked into: what its header says, and none of its values."""

    path: str
    start: bytes
    """What stands before the values."""
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    by_column: bool
    unpacked: "_Unpacked | None"
    """The array in an archive."""

    def whole(self, max_pixels: int, *, channels: int = 1) -> _Array:
        """Return the array, of a mask of at most so many pixels with so many numbers each."""
        count = self._checked(self.shape, max_pixels, channels)
        with readable(self.path, ValueError):
            if self.unpacked is not None:
                values = self.unpacked.values(self, 0, count)
            else:
                values = self._values(0, count)
        return values.reshape(self.shape, order="F" if self.by_column else "C")

    def image(self, index: int, max_pixels: int, *, channels: int = 1) -> _Array:
        """Return one of the arrays that lie along the first axis of one that is not stored by column."""
        shape = self.shape[1:]
        count = self._checked(shape, max_pixels, channels)
        with readable(self.path, ValueError):
            read = self._values if self.unpacked is None else partial(self.unpacked.values, self)
            return read(index, count).reshape(shape)

    def _checked(self, shape: tuple[int, ...], max_pixels: int, channels: int) -> int:
        """Return how many numbers such an array has."""
        count = math.prod(shape)
        if count > max_pixels * channels:
            said = f"{shape} is more than max_pixels = {max_pixels:,}"
            raise of_core("too-many-pixels", said, show(self.path))
        return count

    def _values(self, index: int, count: int) -> _Array:
        """Return the numbers of the array that begins after so many of the same length."""
        with open(self.path, "rb") as file:
            self.check_start(file.read(len(self.start)))
            file.seek(index * count * self.dtype.itemsize, os.SEEK_CUR)
            # Read, not mapped: a mapped file that somebody cuts meanwhile ends the process.
            values = np.fromfile(file, self.dtype, count)
        check_length(show(self.path), "array", values.nbytes, count * self.dtype.itemsize)
        return values

    def check_start(self, found: bytes) -> None:
        """Raise MaskError if another array is in the file by now."""
        if found != self.start:
            raise MaskError(f"{show(self.path)}: the file changed while it was read", "read it again")


class _Unpacked:
    """The array of an archive: several threads may unpack its images, one after the other."""

    def __init__(self, member: str) -> None:
        self._member, self._lock = member, Lock()
        self._file: Any = None
        self._next, self._kept = 0, dict[int, _Array]()

    def __del__(self) -> None:
        if self._file is not None:  # whose last images nobody has asked for
            self._file.close()

    def __reduce__(self) -> tuple[type["_Unpacked"], tuple[str]]:
        return _Unpacked, (self._member,)

    def values(self, file: ArrayFile, index: int, count: int) -> _Array:
        """Return the numbers of the array that begins after so many of the same length."""
        with self._lock, _unzipped():
            if index in self._kept:
                return self._kept.pop(index)
            if self._file is None or index < self._next:
                self._file, self._next = _opened(file.path, self._member), 0
                file.check_start(self._file.read(len(file.start)))
            while (passed := self._next) < index:
                # Another thread wants it soon.
                self._kept[passed] = self._read(file, count)
                if len(self._kept) > _KEPT:
                    del self._kept[min(self._kept)]
            return self._read(file, count)

    def _read(self, file: ArrayFile, count: int) -> _Array:
        wanted = count * file.dtype.itemsize
        content = self._file.read(wanted)
        check_length(show(file.path), "array", len(content), wanted)
        self._next += 1
        return np.frombuffer(content, file.dtype, count)


def array_file(path: str) -> ArrayFile:
    """Return what the header of a file says, or raise MaskError."""
    with readable(path, ValueError):
        if path.lower().endswith(".npz"):
            return _archived(path)
        with opened(path, "a NumPy array file") as file:
            return _looked_into(path, file, None, os.fstat(file.fileno()).st_size)


@contextmanager
def _unzipped() -> Iterator[None]:
    """Turn what `zipfile` raises of archives that cannot be into ValueError."""
    import zipfile  # costs more than all of this module

    try:
        yield
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        RuntimeError,
    ) as error:  # the last one of encrypted ones
        raise ValueError(error) from error


@_unzipped()
def _archived(path: str) -> ArrayFile:
    """Return what is said of the one array of an archive."""
    import zipfile

    try:
        with opened(path, "a NumPy archive") as file, zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise MaskError(
            f"{show(path)}: expected a NumPy archive, found a file of another kind", _SAVE
        ) from error
    if len(members) != 1:
        some = first([show(one.filename.removesuffix(".npy")) for one in members], _LISTED)
        raise MaskError(
            f"{show(path)}: expected one array in the archive, found {len(members):,}: {some}",
            "save each array in a file of its own",
        )
    (member,) = members
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError("a compression that NumPy does not write")
    with zipfile.ZipFile(path) as archive, archive.open(member) as inside:
        most = member.compress_size * (_MOST_INFLATED if member.compress_type else 1)
        return _looked_into(path, inside, _Unpacked(member.filename), min(member.file_size, most))


_SAVE = f"save labels with `np.save`, or give {READ} a function that reads the file"


def decode_array(content: bytes, path: str) -> _Array:
    """Return the array of a ``.npy`` file that has been read already; messages call it `path`."""
    with readable(path, ValueError):
        file = _looked_into(path, io.BytesIO(content), None, len(content))
        values = np.frombuffer(content, file.dtype, math.prod(file.shape), len(file.start))
        return values.reshape(file.shape, order="F" if file.by_column else "C")


def _opened(path: str, member: str) -> Any:
    import zipfile

    return zipfile.ZipFile(path).open(member)


def _looked_into(path: str, file: Any, unpacked: _Unpacked | None, size: int) -> ArrayFile:
    start = file.read(10)
    if start[: len(npy.MAGIC_PREFIX)] != npy.MAGIC_PREFIX:
        raise MaskError(
            f"{show(path)}: expected a NumPy array file, found "
            f"{'a file of another kind' if start else 'an empty file'}",
            _SAVE,
        )
    version = tuple(start[6:8])
    if len(version) == 2 and version not in ((1, 0), (2, 0), (3, 0)):
        raise MaskError(
            f"{show(path)}: expected version 1, 2 or 3 of NumPy's array files, "
            f"found {'.'.join(map(str, version))}",
            "save labels with `np.save`",
        )
    if version != (1, 0):  # whose length is half as long
        start += file.read(2)
    length = int.from_bytes(start[8:], "little")
    if length > _HEADER:
        raise ValueError("its header is longer than any")
    start += file.read(length)
    shape, by_column, dtype = _header(start)
    if dtype.hasobject:
        raise MaskError(
            f"{show(path)}: expected an array of integers, found Python objects",
            "objects are a pickle, which is never loaded: save `labels.astype(np.int64)`",
        )
    if any(length < 0 for length in shape):
        raise ValueError("negative dimensions are not allowed")
    found = ArrayFile(path, start, shape, dtype, by_column, unpacked)
    check_length(show(path), "array", size - len(start), math.prod(shape) * dtype.itemsize)
    return found


@lru_cache(64)  # files of a folder begin alike
def _header(start: bytes) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Return the shape, whether it is stored by column, and the type of an array."""
    text = io.BytesIO(start)
    version = npy.read_magic(text)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    try:
        found: tuple[tuple[int, ...], bool, np.dtype[Any]] = read(text)
    except (TypeError, SyntaxError, TokenError) as error:
        raise ValueError(error) from error
    except (RecursionError, MemoryError) as error:  # which Python raises of texts like ((((((((
        raise ValueError("its header is nested too deeply") from error
    return found


@contextmanager
def readable(path: str, *damage: type[Exception]) -> Iterator[None]:
    """Turn what is raised while a file is read into MaskError.

    `damage` is what its reader raises of files that nobody wrote so; whatever else comes is no fault of the
    file, and stays as it is.
    """
    try:
        yield
    except SegscoreError:
        raise
    except damage as error:
        raise of_core("damaged", f"the file is damaged: {error}", show(path)) from error
    except OSError as error:
        raise of_core("unreadable", f"cannot be read: {error.strerror or error}", show(path)) from error
