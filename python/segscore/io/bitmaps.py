"""BMP and PNM files (PBM, PGM, PPM), whose pixels are not compressed, become arrays, or a precise refusal.

Sizes are held against the file before memory is taken. What well-known readers see differently is refused:
a largest value that some scale to 255, colours of 16 bits that are rounded. What labels mean is not known.
"""

import math
import os
import re
import struct
from dataclasses import dataclass
from io import BufferedReader
from typing import NoReturn

import numpy as np

from segscore.base.wording import show
from segscore.errors import MaskError, of_core
from segscore.io.arrays import Array
from segscore.io.lengths import check_length
from segscore.io.opening import opened

_AS_PNG = "save it as PNG"
_BLUE_GREEN_RED = (0xFF0000, 0xFF00, 0xFF)
"""Where BITFIELDS has red, green and blue of 32 bits, in all files but odd ones."""
_BITFIELDS = 3
_HEAD = 1 << 12
"""Bytes of a PNM file within which its header ends, comments included."""
_GAP = rb"(?:\s|#[^\n]*\n)+"
_NUMBER = rb"(\d{1,9})"
_SIZE = re.compile(rb"P([1-6])" + _GAP + _NUMBER + _GAP + _NUMBER)
_LARGEST = re.compile(_GAP + _NUMBER)
_BITS, _COLOURS = (1, 4), (3, 6)
"""The numbers of PNM formats, first written in digits and then as bytes; 2 and 5 are gray."""


def read_bitmap(path: str, *, max_pixels: int) -> tuple[Array, bool, bytes | None]:
    """Return the pixels of a file, whether they are colours, and their palette if they are indices.

    The beginning of the file says which of the formats it is, whatever it is called.
    """
    with opened(path, "a BMP or PNM file") as file:
        head = file.read(_HEAD)
        bitmap = _Bitmap(show(path), file, head, os.fstat(file.fileno()).st_size, max_pixels)
        if head[:2] == b"BM":
            return _bmp(bitmap)
        if found := _SIZE.match(head):
            kind, width, height = map(int, found.groups())
            return _pnm(bitmap, kind, (height, width), found.end()), kind in _COLOURS, None
    if not head:
        raise of_core("empty-file", "the file is empty", bitmap.place)
    raise of_core("not-png", "expected a BMP or PNM file, found something else", bitmap.place)


@dataclass(frozen=True)
class _Bitmap:
    """A file, what stands at its beginning, and what may be read of it."""

    place: str
    file: BufferedReader
    head: bytes
    size: int
    max_pixels: int

    def check_size(self, height: int, width: int) -> None:
        if width <= 0 or height <= 0:
            self.damaged(f"it claims {height:,} x {width:,} pixels")
        if width * height > self.max_pixels:
            said = f"{(height, width)} is more than max_pixels = {self.max_pixels:,}"
            raise of_core("too-many-pixels", said, self.place)

    def bytes(self, start: int, count: int) -> Array:
        self.check_held(self.size - start, count)
        self.file.seek(start)
        return np.frombuffer(self.file.read(count), np.uint8)

    def check_held(self, found: int, wanted: int) -> None:
        check_length(self.place, "file", min(found, wanted), wanted)

    def damaged(self, why: str) -> NoReturn:
        raise of_core("damaged", f"the file is damaged: {why}", self.place)


def _bmp(bitmap: _Bitmap) -> tuple[Array, bool, bytes | None]:
    head = bitmap.head
    bitmap.check_held(len(head), 26)
    offset, length = struct.unpack_from("<II", head, 10)
    form, used, alpha = 0, 0, 0
    if length == 12:  # of OS/2
        width, height, _, bits = struct.unpack_from("<HHHH", head, 18)
        entry = 3
    elif 40 <= length <= 124 and len(head) >= 14 + length:
        width, height, _, bits, form = struct.unpack_from("<iiHHI", head, 18)
        used, entry = struct.unpack_from("<I", head, 46)[0], 4
    else:
        bitmap.damaged(f"its header has {length:,} bytes")
    known = form == 0 and bits in (1, 4, 8, 24, 32)
    if form == _BITFIELDS and bits == 32 and len(head) >= 70:
        *masks, alpha = struct.unpack_from("<IIII", head, 54)
        alpha = alpha if length >= 56 else 0
        known = tuple(masks) == _BLUE_GREEN_RED and alpha in (0, 0xFF << 24)
    if not known:
        raise MaskError(
            f"{bitmap.place}: expected a BMP of 1, 4, 8, 24 or 32 bits a pixel that is not compressed, found "
            f"compression {form} of {bits} bits",
            _AS_PNG,
        )
    upwards, height = height > 0, abs(height)
    bitmap.check_size(height, width)
    stride = (width * bits + 31) // 32 * 4
    rows = bitmap.bytes(offset, height * stride).reshape(height, stride)
    rows = rows[::-1] if upwards else rows
    if bits > 8:
        pixels = rows[:, : width * bits // 8].reshape(height, width, bits // 8)
        return pixels[..., [2, 1, 0, 3][: 4 if alpha else 3]], True, None
    if bits == 1:
        rows = np.unpackbits(rows, axis=1)
    elif bits == 4:
        rows = np.stack((rows >> 4, rows & 15), axis=2).reshape(height, -1)
    start = 14 + length
    colours = min(used or 1 << bits, 1 << bits, max(offset - start, 0) // entry)
    palette = bitmap.bytes(start, colours * entry).reshape(colours, entry)[:, 2::-1].tobytes()
    return np.ascontiguousarray(rows[:, :width]), False, None if _is_gray(palette, bits) else palette


def _is_gray(palette: bytes, bits: int) -> bool:
    """Whether a palette says of each index that it is a shade of gray, black first and white last."""
    step = 255 // ((1 << bits) - 1)
    return palette == bytes(step * i for i in range(len(palette) // 3) for _ in range(3))


def _pnm(bitmap: _Bitmap, kind: int, shape: tuple[int, int], end: int) -> Array:
    """Return the pixels of a file whose size, before `end`, is known."""
    largest = 1
    if kind not in _BITS:
        said = _LARGEST.match(bitmap.head, end)
        if said is None:
            bitmap.damaged("its header does not end")
        largest, end = int(said[1]), said.end()
        if largest != 255 and (kind in _COLOURS or largest != 65_535):
            raise MaskError(
                f"{bitmap.place}: the largest value is said to be {largest:,}, expected 255"
                + " or 65,535" * (kind not in _COLOURS),
                f"some readers scale such values to 255, others do not: {_AS_PNG}",
            )
    bitmap.check_size(*shape)
    height, width = shape
    full = (height, width, 3) if kind in _COLOURS else shape
    count, start = math.prod(full), end + 1
    if kind < 4:
        values = _written(bitmap, start, count, largest)
    elif kind == 4:
        rows = bitmap.bytes(start, height * -(-width // 8)).reshape(height, -1)
        values = np.unpackbits(rows, axis=1)[:, :width]
    elif largest == 255:
        values = bitmap.bytes(start, count)
    else:
        values = bitmap.bytes(start, count * 2).view(">u2").astype(np.uint16)
    if kind > 3 and (more := bitmap.file.read(1)):
        if more == b"P":
            raise MaskError(f"{bitmap.place}: expected one image, found several", "save each as a file")
        promised = bitmap.file.tell() - 1 - start
        check_length(bitmap.place, "file", bitmap.size - start, promised)
    # One is black where values are bits, as in no other format.
    return (1 - values if kind in _BITS else values).reshape(full)


def _written(bitmap: _Bitmap, start: int, count: int, largest: int) -> Array:
    """Return numbers that are written in digits; bits need nothing between them."""
    content = bitmap.bytes(start, max(bitmap.size - start, count)).tobytes()
    if not re.fullmatch(rb"[\d\s]*", content):
        bitmap.damaged("something else than numbers is among its pixels")
    values: Array
    if largest == 1:
        values = np.frombuffer(b"".join(content.split()), np.uint8)[:count] - ord("0")
    else:
        # Of spaces alone NumPy would make a number.
        values = np.fromstring(content.decode("ascii").strip(), np.int64, sep=" ")[:count]
    bitmap.check_held(len(values), count)
    if (values > largest).any():
        bitmap.damaged(f"it holds {values.max():,}, more than its largest value {largest:,}")
    return values.astype(np.uint8 if largest < 256 else np.uint16)
