"""Strips and tiles of TIFF files: how many bytes they need, and how they become pixels.

What cannot be held by a block's bytes is known before anything is decompressed, and no decoder is given room
for more. LZW, PackBits and Zstandard are read with imagecodecs (extra ``tiff``).
"""

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from segscore._core import inflate
from segscore.errors import MaskError, installed, of_core
from segscore.io.arrays import Array
from segscore.io.group4 import decode_group4

JPEG = frozenset({6, 7, 34892})
"""Kinds of compression that change labels."""


@dataclass(frozen=True, slots=True)
class Coding:
    """How the blocks of an image are stored."""

    compression: int
    rows: int
    """Of a block; strips at the end of the image may have fewer, tiles have as many."""
    columns: int
    samples: int
    bits: int
    dtype: np.dtype[Any]
    """Of a sample, in the byte order of the file; of 8 bits where several samples share a byte."""
    predictor: int
    fill: int
    tiled: bool

    @property
    def plain(self) -> bool:
        """Whether the pixels are stored as they are."""
        return self.compression == 1

    def bytes_of(self, rows: int) -> int:
        """Return the bytes of rows of a block, before they were compressed."""
        return rows * ((self.columns * self.samples * self.bits + 7) // 8)

    def least_of(self, rows: int) -> int:
        """Return the fewest bytes that rows of a block may be compressed to."""
        codec = CODECS[self.compression]
        # A row that is white like the one above takes one bit in Group 4, however wide it is.
        return math.ceil(rows / 8) if codec.bits else math.ceil(self.bytes_of(rows) / codec.most)


Buffer = bytes | npt.NDArray[np.uint8]
"""Bytes of pixels."""


def decode(data: bytes, coding: Coding, rows: int, place: str) -> Array:
    """Return the pixels of a block that has so many rows, (rows, columns, samples)."""
    codec = CODECS[coding.compression]
    size = coding.bytes_of(rows)
    try:
        if codec.bits:
            return decode_group4(_turned(data) if coding.fill == 2 else data, rows, coding.columns)[..., None]
        # Some programs write as many rows into the last strip as into any other.
        raw = codec.decode(data, max(size, coding.bytes_of(coding.rows)))
    except MemoryError:
        raise
    except ImportError:
        with installed(f"{place}: {codec.name} in TIFF is read with imagecodecs", _EXTRA, MaskError):
            raise
    except Exception as error:  # whatever a decoder raises
        said = f"the TIFF is damaged: a block of pixels cannot be decompressed: {error}"
        raise of_core("damaged", said, place) from error
    if len(raw) < size:
        said = f"the TIFF is damaged: a block of pixels has {len(raw):,} bytes, expected {size:,}"
        raise of_core("damaged", said, place)
    if coding.bits < 8:
        packed = np.frombuffer(raw, np.uint8, size).reshape(rows, -1, 1)
        shifts = np.arange(8 - coding.bits, -1, -coding.bits, dtype=np.uint8)
        return ((packed >> shifts) & ((1 << coding.bits) - 1)).reshape(rows, -1, 1)[:, : coding.columns]
    shape = (rows, coding.columns, coding.samples)
    pixels: Array = np.frombuffer(raw, coding.dtype, math.prod(shape)).reshape(shape)
    if coding.predictor == 2:
        pixels = pixels.astype(coding.dtype.newbyteorder("="))
        np.cumsum(pixels, axis=1, dtype=pixels.dtype, out=pixels)
    return pixels


_EXTRA = "`pip install 'segscore[tiff]'`, or save the mask without compression or with Deflate"


def _turned(data: bytes) -> bytes:
    """Return bytes whose bits were in the other order."""
    return np.packbits(np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")).tobytes()


def _plain(data: bytes, room: int) -> bytes:
    return data[:room]


def _deflate(data: bytes, room: int) -> Buffer:
    whole = np.empty(room, np.uint8)
    if inflate(data, whole, gzip=False):
        return whole
    # It has fewer rows, or is damaged: zlib knows how far it is right.
    inflater = zlib.decompressobj()
    raw = inflater.decompress(data, room)
    # The checksum comes after the pixels.
    if inflater.decompress(inflater.unconsumed_tail, 1):
        raise ValueError("it holds more pixels than it should")
    if not inflater.eof:
        raise ValueError("it ends too early")
    return raw


def _by_imagecodecs(name: str) -> Callable[[bytes, int], bytes]:
    def decoded(data: bytes, room: int) -> bytes:
        import imagecodecs

        return bytes(getattr(imagecodecs, name)(data, out=room))

    return decoded


class Codec(NamedTuple):
    """A kind of compression."""

    name: str
    decode: Callable[[bytes, int], Buffer]
    """Returns what bytes were before they were compressed, and no more than there is room for."""
    most: int
    """Bytes of pixels that one byte can stand for."""
    predicted: bool = False
    """Whether samples may be stored as differences."""
    bits: bool = False
    """Whether it is Group 4, which is made for black and white."""


_ZLIB = Codec("Deflate", _deflate, 1032, predicted=True)
CODECS = {
    1: Codec("no compression", _plain, 1),
    4: Codec("Group 4", _plain, 1, bits=True),
    5: Codec("LZW", _by_imagecodecs("lzw_decode"), 4096, predicted=True),
    8: _ZLIB,
    32773: Codec("PackBits", _by_imagecodecs("packbits_decode"), 64),
    32946: _ZLIB,
    50000: Codec("Zstandard", _by_imagecodecs("zstd_decode"), 1 << 16, predicted=True),
}
"""Kinds of compression by their number in the tag."""
