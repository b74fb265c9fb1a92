"""GIF and lossless WebP files become arrays through Pillow (extra ``pillow``), or a precise refusal.

Sizes are read from headers before Pillow takes memory. What labels mean is not known here.
"""

import os
import struct
from io import BufferedReader
from typing import Any

import numpy as np

from segscore.base.wording import show
from segscore.errors import MaskError, SegscoreError, installed, of_core
from segscore.io.arrays import Array
from segscore.io.opening import opened

MAX_PIXELS = 1 << 24
"""Most pixels: a file of a few bytes may claim any number, and Pillow takes 16 bytes for each."""
_MAX_BYTES = 1 << 28
_MAX_CHUNKS = 1 << 10
_AS_PNG = "save it as PNG"


def read_picture(path: str, *, max_pixels: int) -> tuple[Array, bool, bytes | None]:
    """Return the pixels of a file, whether they are colours, and their palette if they are indices.

    The beginning of the file says which of the formats it is, whatever it is called.
    """
    place = show(path)
    with installed(
        f"{place}: GIF and WebP are read with Pillow", "`pip install 'segscore[pillow]'`", MaskError
    ):
        from PIL import Image
    with opened(path, "a GIF or WebP file") as file:
        head = file.read(12)
        if head[:6] in (b"GIF87a", b"GIF89a"):
            size = struct.unpack_from("<HH", head.ljust(10, b"\0"), 6)
        elif head[:4] == b"RIFF" and head[8:] == b"WEBP":
            size = _size_of_webp(place, file)
        elif not head:
            raise of_core("empty-file", "the file is empty", place)
        else:
            raise of_core("not-png", "expected a GIF or WebP file, found something else", place)
        _check_size(place, size, max_pixels)
        file.seek(0)
        try:
            with Image.open(file, formats=("GIF", "WEBP")) as image:
                _check_header(place, image, max_pixels)
                image.load()
                return _pixels(place, image)
        except (SegscoreError, MemoryError):
            raise
        except Exception as error:  # whatever a decoder raises on bytes that nobody wrote on purpose
            raise of_core("damaged", f"the file is damaged: {error}", place) from error


def _check_header(place: str, image: Any, max_pixels: int) -> None:
    """Refuse what Pillow knows before it takes memory: a picture may leave the size that its file claims."""
    if getattr(image, "is_animated", False):
        raise _animated(place)
    _check_size(place, image.size, max_pixels)
    if any(tile[1] != (0, 0, *image.size) for tile in image.tile):
        raise MaskError(f"{place}: the picture does not cover the whole GIF", _AS_PNG)


def _pixels(place: str, image: Any) -> tuple[Array, bool, bytes | None]:
    if image.mode == "P":
        return np.asarray(image), False, bytes(image.getpalette("RGB"))
    if image.mode == "L":  # of a GIF whose palette says of each index that it is its own shade of gray
        return np.asarray(image), False, None
    if image.mode in ("RGB", "RGBA"):
        return np.asarray(image), True, None
    raise MaskError(f"{place}: expected indices or colours, found the mode {image.mode}", _AS_PNG)


def _size_of_webp(place: str, file: BufferedReader) -> tuple[int, int]:
    """Return width and height of a lossless WebP of one picture, as its chunks say."""
    size = os.fstat(file.fileno()).st_size
    if size > _MAX_BYTES:
        raise MaskError(f"{place}: expected at most {_MAX_BYTES:,} bytes, found {size:,}", _AS_PNG)
    at, canvas = 12, None
    for _ in range(_MAX_CHUNKS):
        file.seek(at)
        kind, length = struct.unpack("<4sI", file.read(8).ljust(8, b"\0"))
        if kind == b"VP8X":
            sides = file.read(10).ljust(10, b"\0")[4:]
            canvas = tuple(int.from_bytes(side, "little") + 1 for side in (sides[:3], sides[3:]))
        if kind == b"VP8L":
            first, bits = struct.unpack("<BI", file.read(5).ljust(5, b"\0"))
            found = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
            if first != 0x2F or canvas not in (None, found):
                break
            return found
        if kind == b"VP8 ":
            raise MaskError(
                f"{place}: expected a lossless WebP, found a lossy one",
                "lossy compression changes label values: export the masks as PNG or as lossless WebP",
            )
        if kind in (b"ANIM", b"ANMF"):
            raise _animated(place)
        at += 8 + length + length % 2
        if at >= size:
            break
    raise of_core("damaged", "the file is damaged: it holds no picture", place)


def _check_size(place: str, size: tuple[int, int], max_pixels: int) -> None:
    width, height = size
    if not width or not height:
        raise of_core("damaged", f"the file is damaged: it claims {height:,} x {width:,} pixels", place)
    if width * height > max_pixels:
        raise of_core("too-many-pixels", f"{(height, width)} is more than max_pixels = {max_pixels:,}", place)
    if width * height > MAX_PIXELS:
        raise MaskError(
            f"{place}: expected at most {MAX_PIXELS:,} pixels in a GIF or WebP, found {height:,} x {width:,}",
            _AS_PNG,
        )


def _animated(place: str) -> MaskError:
    return MaskError(f"{place}: expected one picture, found an animation", "save each picture as a file")
