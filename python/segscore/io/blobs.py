"""Blobs: masks that are no files of this machine, each a name and the place that its bytes come from.

Which places there are stands in `stores`, `objects`, `archives` and `columns`; a blob of any of them is
found, matched and named as a file is. Nothing is decoded here.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from threading import RLock
from typing import Any, Protocol, overload

from segscore.base.limits import MOST_TEXT
from segscore.base.naming import arg
from segscore.base.values import is_int
from segscore.base.wording import shortened, show
from segscore.errors import FileFormatError, MaskError, PairingError, SegscoreError, of_core
from segscore.io.discreet import discreet

MAX_FOUND = 1 << 21
"""Files that one search finds, before it takes what is there for no dataset."""
SMALL = 8 << 20
"""Bytes up to which files are fetched beside others. Larger ones are fetched one at a time, so that memory is
bounded; masks of 100 million pixels are mostly smaller."""
_BYTES_A_PIXEL = 8
_OF_RANGES = re.compile(r"\brange\b|InvalidRange|\b416\b", re.IGNORECASE)
"""What servers say that send no part of a file."""
_BESIDE = 64 << 20
"""Bytes that a file may have beside its pixels, for texts, colour profiles and the like."""


class Place(Protocol):
    """Where bytes come from. It can be pickled if blobs are to be sent to other processes."""

    def read(self, blob: "Blob", most: int, start: int = 0) -> bytes:
        """Return at most so many bytes behind the first ones; any exception says why there are none.

        It is a LargerError where there are more, and that is told before any is sent.
        """

    def address(self, blob: "Blob") -> str | None:
        """Return what the bytes can be found by again, without secrets; None if nothing says it."""

    def secrets(self, blob: "Blob") -> Sequence[object]:
        """Return texts, lists and options that no message says again, whatever a store says."""


class Blob(str):
    """A mask that is no file of this machine: the text is what messages call it, with its ending."""

    __slots__ = ("key", "place", "size")
    place: Place
    key: str | int | None
    """What the place calls it; None if it is the text."""
    size: int | None
    """In bytes, if that is known."""

    @classmethod
    def of(cls, text: str, place: Place, key: str | int | None = None, size: int | None = None) -> "Blob":
        """Return the blob at a place."""
        made = cls(text)
        made.place, made.key, made.size = place, key, size
        return made

    def __reduce__(self) -> tuple[object, ...]:
        return Blob.of, (str(self), self.place, self.key, self.size)

    @property
    def address(self) -> str | None:
        """What its bytes can be found by again."""
        return self.place.address(self)


@dataclass(frozen=True, eq=False, repr=False)
class Blobs(Sequence[Blob]):
    """Blobs that are matched by name, as the files of a folder are.

    Attributes
    ----------
    where : str
        What messages call all of them.
    files : tuple of str
        What each is called, with ``/`` between folders and with its ending.
    blobs : tuple of Blob
        The blobs.
    """

    where: str
    files: tuple[str, ...]
    blobs: tuple[Blob, ...]

    @overload
    def __getitem__(self, index: int) -> Blob: ...
    @overload
    def __getitem__(self, index: slice) -> "Blobs": ...
    def __getitem__(self, index: int | slice) -> "Blob | Blobs":
        """Return one of them, or some of them as blobs that are matched by name."""
        if isinstance(index, slice):
            return Blobs(self.where, self.files[index], self.blobs[index])
        return self.blobs[index]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.blobs)

    def __iter__(self) -> Iterator[Blob]:
        """Iterate over them."""
        return iter(self.blobs)

    def __repr__(self) -> str:
        """Return a short form with their number."""
        return f"<Blobs: {len(self):,} in {self.where}>"


def check_number(found: int, where: str, what: str = "files") -> None:
    """Raise PairingError for more files than a dataset has."""
    if found > MAX_FOUND:
        raise PairingError(
            f"expected at most {MAX_FOUND:,} {what} in {where}, found more",
            "name what holds the masks alone",
        )


def checked_names(names: Sequence[str], where: str) -> Sequence[str]:
    """Return names of files that somebody else has written; one that is too long, or leads out, is an error.

    Others may hold any characters, which messages make visible.
    """
    check_number(len(names), where)
    for name in names:
        if len(name) > MOST_TEXT:
            raise PairingError(
                f"expected names of at most {MOST_TEXT:,} characters in {where}, found one of {len(name):,} "
                f"that begins with {show(shortened(name, 40))}",
                "rename it",
            )
        if ".." in name.split("/"):
            raise PairingError(
                f"expected names of files in {where}, found one that leads out of it: {show(name)}",
                "it was made by hand: look at who wrote it",
            )
    return names


class LargerError(Exception):
    """There is more than was asked for, which is told before any of it is sent."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


def some_bytes(system: Any, path: str, most: int, start: int = 0) -> bytes:
    """Return at most so many bytes of a file of a file system of fsspec, or raise LargerError."""
    web: Any = sys.modules.get("fsspec.implementations.http")
    if web is not None and isinstance(system, web.HTTPFileSystem):
        return _sent(system, path, most, start)
    try:
        content = system.cat_file(path, start=start, end=start + most)
    except Exception as error:
        # Some servers have no ranges, and others none in an empty file, or behind the end of one.
        if _OF_RANGES.search(str(error)) is None or not is_int(size := system.info(path).get("size")):
            raise
        if size > start + most:
            raise LargerError(size) from None
        content = system.cat_file(path)[start:] if size > start else b""
    return bytes(content[:most])


def _sent(system: Any, path: str, most: int, start: int) -> bytes:
    """Return a part of what a web server sends, which need not heed a range, nor come to an end."""
    from fsspec.callbacks import Callback

    class Told(Callback):  # type: ignore[misc]  # it has no types
        def set_size(self, size: int | None) -> None:
            if size is not None and size > start + most:
                raise LargerError(size)

    part = _Part(most, start)
    with suppress(_EnoughError):
        system.get_file(path, part, callback=Told())
    return part.getvalue()


class _EnoughError(Exception):
    """There is as much as was asked for."""


class _Part(BytesIO):
    """A file that takes so many bytes behind those that it passes over, and then raises `_EnoughError`."""

    def __init__(self, most: int, start: int) -> None:
        super().__init__()
        self._most, self._start = most, start

    def write(self, part: bytes, /) -> int:  # type: ignore[override] # a fetch writes nothing else
        kept = part[self._start :]
        self._start = max(self._start - len(part), 0)
        written = super().write(kept[: self._most - self.tell()])
        if self.tell() >= self._most:
            raise _EnoughError
        return written


def most_bytes(max_pixels: int, channels: int = 1) -> int:
    """Return how many bytes a mask of at most so many pixels, with so many numbers each, may have."""
    return _BYTES_A_PIXEL * max_pixels * channels + _BESIDE


class Fetching:
    """Fetches blobs in several threads, of which one alone holds what is large."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._large = RLock()

    def content(self, blob: Blob, held: "Held") -> bytes:
        """Return the bytes of a blob, or raise MaskError; what is large is held as long as `held` says."""
        size = blob.size
        if size == 0:
            return b""
        content = b""
        if size is None or size <= SMALL:
            with suppress(LargerError):
                content = self._read(blob, SMALL + 1)
                if len(content) <= SMALL:
                    return content
        elif size > self._most:
            raise self._too_large(blob, f"{size:,}")
        held.enter_context(self._large)
        try:
            content += self._read(blob, self._most + 1 - len(content), len(content))
        except LargerError as error:
            raise self._too_large(blob, f"{error.size:,}") from None
        if len(content) > self._most:
            raise self._too_large(blob, "more")
        return content

    @staticmethod
    def _read(blob: Blob, most: int, start: int = 0) -> bytes:
        try:
            content = blob.place.read(blob, most, start)
        except LargerError:
            raise
        except Exception:
            with discreet(partial(_unfetched, blob), *blob.place.secrets(blob)):
                raise
        if not isinstance(content, bytes):
            raise MaskError(
                f"{show(blob)}: expected bytes, found {type(content).__name__}", "open files as binary, `rb`"
            )
        return content[:most]

    def _too_large(self, blob: Blob, size: str) -> MaskError:
        return MaskError(
            f"{show(blob)}: expected at most {self._most:,} bytes, found {size}",
            f"if the mask is really this large, raise {arg('max_pixels')}",
        )


class Held(Protocol):
    """What ends contexts when it is done, such as an `ExitStack`."""

    def enter_context(self, context: AbstractContextManager[object], /) -> object:
        """Enter a context."""


def _unfetched(blob: Blob, error: BaseException, why: str) -> SegscoreError:
    if isinstance(error, MemoryError):
        return of_core("out-of-memory", "there is no memory for its bytes", show(blob))
    if isinstance(error, FileNotFoundError):
        return of_core("unreadable", "there is no such file", show(blob))
    if isinstance(error, PermissionError):
        return of_core("unreadable", "it may not be read", show(blob))
    return of_core("unreadable", f"it cannot be fetched: {why}", show(blob))


def unread(where: str, _: BaseException, why: str) -> FileFormatError:
    """Return the error for a file that holds masks and cannot be read."""
    return FileFormatError(f"{where} cannot be read: {why}", "check that it is there")
