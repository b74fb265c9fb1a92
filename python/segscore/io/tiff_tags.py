"""The header, directories and tags of a TIFF file, read without a look at pixels.

All parts of a file lie in it and claim no more bytes together than it has, so that a small file costs little,
whatever it says. What tags mean for labels is known in `segscore.io.tiff`.
"""

import os
import struct
from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import BinaryIO, NoReturn

import numpy as np
import numpy.typing as npt

from segscore.base.wording import many
from segscore.errors import of_core


class Tag(IntEnum):
    """Tags that are read (TIFF 6.0, appendix A; sections 15 and 19; SGI's depth; GDAL's value of no data)."""

    SUBFILE = 254
    WIDTH = 256
    HEIGHT = 257
    BITS = 258
    COMPRESSION = 259
    PHOTOMETRIC = 262
    FILL = 266
    DESCRIPTION = 270
    STRIPS = 273
    ORIENTATION = 274
    SAMPLES = 277
    ROWS = 278
    STRIP_BYTES = 279
    PLANAR = 284
    GROUP_4 = 293
    PREDICTOR = 317
    COLOURS = 320
    TILE_WIDTH = 322
    TILE_HEIGHT = 323
    TILES = 324
    TILE_BYTES = 325
    EXTRA = 338
    FORMAT = 339
    DEPTH = 32997
    NODATA = 42113


_KNOWN = frozenset(Tag)
_NUMBERS = {1: "u1", 3: "u2", 4: "u4", 16: "u8"}
"""Types of tags that are whole numbers without sign."""
_TEXT = 2
_LONGEST_TEXT = 1 << 16
_STARTS = {b"II*\0": ("<", False), b"MM\0*": (">", False), b"II+\0": ("<", True), b"MM\0+": (">", True)}
"""Byte order, and whether it is a BigTIFF, by the first bytes."""


class TaggedFile:
    """A TIFF whose parts are checked before they are read; messages call it `place`."""

    def __init__(self, file: BinaryIO, place: str) -> None:
        self.file = file
        self.place = place
        self.size = file.seek(0, os.SEEK_END)
        file.seek(0)
        self.claimed = 0
        start = file.read(16)
        if start[:4] not in _STARTS:
            what = "a file of another kind" if start else "an empty file"
            raise of_core("not-png" if start else "empty-file", f"expected a TIFF, found {what}", place)
        self.order, self.big = _STARTS[start[:4]]
        if len(start) < (16 if self.big else 8):
            raise of_core("truncated", "the TIFF is truncated: it ends within its header", place)
        if self.big and struct.unpack(self.order + "HH", start[4:8]) != (8, 0):
            self.damaged("its offsets are not of 8 bytes")
        self.first = self.place_in(start[8:16] if self.big else start[4:8])

    def directories(self) -> Iterator["Tags"]:
        """Yield the tags of each directory."""
        number, entry = ("Q", "HHQ8s") if self.big else ("H", "HHI4s")
        length, width = struct.calcsize(number), struct.calcsize("<" + entry)
        passed: set[int] = set()
        at = self.first
        while at:
            if at in passed:
                self.damaged("its directories form a circle")
            passed.add(at)
            (entries,) = struct.unpack(self.order + number, self.part(at, length, "a directory"))
            data = self.part(at + length, width * entries + (8 if self.big else 4), "a directory")
            found: dict[int, tuple[int, int, bytes]] = {}
            for code, kind, count, value in struct.iter_unpack(self.order + entry, data[: width * entries]):
                if code in found:
                    self.damaged(f"it has tag {code} twice")
                if code in _KNOWN:
                    found[code] = (kind, count, value)
            yield Tags(self, found)
            at = self.place_in(data[width * entries :])

    def place_in(self, data: bytes) -> int:
        """Return the place in the file that these bytes say."""
        return int.from_bytes(data, "little" if self.order == "<" else "big")

    def part(self, at: int, length: int, what: str) -> bytes:
        """Return bytes of the file that are part of nothing else."""
        if at + length > self.size:
            said = f"the TIFF is truncated: {what} ends at byte {at + length:,} of {self.size:,}"
            raise of_core("truncated", said, self.place)
        self.claim(length)
        self.file.seek(at)
        data = self.file.read(length)
        if len(data) < length:
            raise of_core("truncated", f"the TIFF is truncated: {what} cannot be read", self.place)
        return data

    def claim(self, length: int) -> None:
        """Count bytes of the file as part of something."""
        self.claimed += length
        if self.claimed > self.size:
            self.damaged(f"its parts overlap: they have more bytes than its {self.size:,}")

    def damaged(self, said: str) -> NoReturn:
        """Raise the error of a damaged file."""
        raise of_core("damaged", f"the TIFF is damaged: {said}", self.place)


class Tags:
    """The tags of a directory that are known here, by their number: type, count and value, or its place."""

    def __init__(self, file: TaggedFile, found: Mapping[int, tuple[int, int, bytes]]) -> None:
        self.file = file
        self.found = found

    def __contains__(self, tag: Tag) -> bool:
        return tag in self.found

    def table(self, tag: Tag) -> npt.NDArray[np.uint64]:
        """Return all numbers of a tag."""
        if tag not in self.found:
            self.file.damaged(f"it has no tag {tag}")
        kind, count, value = self.found[tag]
        if kind not in _NUMBERS:
            self.file.damaged(f"tag {tag} is of type {kind}")
        dtype = np.dtype(self.file.order + _NUMBERS[kind])
        return np.frombuffer(self._value(tag, count * dtype.itemsize, value), dtype).astype(np.uint64)

    def numbers(self, tag: Tag) -> list[int]:
        """Return the numbers of a tag; there are none if it is not there."""
        return self.table(tag).tolist() if tag in self.found else []

    def number(self, tag: Tag, default: int | None = None) -> int:
        """Return the one number of a tag, or what it is if it is not there and may be so."""
        if tag not in self.found and default is not None:
            return default
        found: list[int] = self.table(tag).tolist()
        if len(found) != 1:
            self.file.damaged(f"tag {tag} has {many(len(found), 'value')}, expected 1")
        return found[0]

    def of_all(self, tag: Tag, samples: int) -> int:
        """Return a number that is the same for all samples of a pixel; it is 1 if it is not said."""
        found = self.numbers(tag) or [1]
        if len(found) not in (1, samples) or len(set(found)) > 1:
            self.file.damaged(f"tag {tag} is {found[:8]} for {many(samples, 'sample')} a pixel")
        return found[0]

    def text(self, tag: Tag) -> str:
        """Return a text, which is empty where it is none or very long."""
        kind, count, value = self.found.get(tag, (_TEXT, 0, b""))
        if kind != _TEXT or count > _LONGEST_TEXT:
            return ""
        return self._value(tag, count, value).split(b"\0")[0].decode("utf-8", "replace")

    def _value(self, tag: Tag, length: int, value: bytes) -> bytes:
        if length <= len(value):
            return value[:length]
        return self.file.part(self.file.place_in(value), length, f"tag {tag}")
