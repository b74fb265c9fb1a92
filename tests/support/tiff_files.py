"""TIFF files byte by byte, from TIFF 6.0: what libraries write in one way alone, or not. No test is here."""

import struct
import zlib
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, FILL, ORIENTATION = 256, 257, 258, 259, 262, 266, 274
DESCRIPTION, SAMPLES, ROWS, PLANAR, PREDICTOR, EXTRA, FORMAT = 270, 277, 278, 284, 317, 338, 339
STRIPS, STRIP_BYTES, TILE_WIDTH, TILE_HEIGHT, TILES, TILE_BYTES = 273, 279, 322, 323, 324, 325
SUBFILE, COLOURS, NODATA = 254, 320, 42113

Value = int | Sequence[int] | bytes


def tiff(
    *images: npt.ArrayLike,
    compression: int = 1,
    rows: int | None = None,
    tile: tuple[int, int] | None = None,
    order: str = "<",
    big: bool = False,
    tags: Mapping[int, Value | None] | None = None,
) -> bytes:
    """Return a file of images (height, width) or (height, width, samples), in strips of `rows`, or in tiles.

    `tags` replaces or adds some, all of type LONG but for texts; None leaves one out. Compression is none (1)
    or Deflate (8).
    """
    parts = [
        struct.pack(order + "2sHHHQ", _mark(order), 43, 8, 0, 0)
        if big
        else struct.pack(order + "2sHI", _mark(order), 42, 0)
    ]
    at = len(parts[0])
    last = 8 if big else 4  # where the place of the next directory is written

    def add(data: bytes) -> int:
        nonlocal at
        parts.append(data)
        at += len(data)
        return at - len(data)

    patches = []
    for image in images:
        pixels = np.asarray(image)
        pixels = pixels.reshape(*pixels.shape[:2], -1)
        blocks = list(_blocks(pixels.astype(pixels.dtype.newbyteorder(order)), rows, tile))
        stored = [zlib.compress(block) if compression == 8 else block for block in blocks]
        offsets = [add(block) for block in stored]
        height, width, samples = pixels.shape
        found: dict[int, Value | None] = {
            WIDTH: width,
            HEIGHT: height,
            BITS: [8 * pixels.dtype.itemsize] * samples,
            COMPRESSION: compression,
            PHOTOMETRIC: 2 if samples > 2 else 1,
            SAMPLES: samples,
            FORMAT: [{"u": 1, "i": 2, "f": 3}[pixels.dtype.kind]] * samples,
        }
        if samples in (2, 4):
            found[EXTRA] = 2
        if tile is None:
            found |= {ROWS: rows or height, STRIPS: offsets, STRIP_BYTES: list(map(len, stored))}
        else:
            found |= {TILE_HEIGHT: tile[0], TILE_WIDTH: tile[1]}
            found |= {TILES: offsets, TILE_BYTES: list(map(len, stored))}
        found |= dict(tags or {})
        entries = []
        for code, value in sorted(found.items()):
            if value is None:
                continue
            values = [value] if isinstance(value, int) else value
            wide = big and not isinstance(values, bytes) and max(values, default=0) >= 1 << 32
            kind = 2 if isinstance(values, bytes) else 16 if wide else 4
            data = (
                values
                if isinstance(values, bytes)
                else struct.pack(f"{order}{len(values)}{'Q' if wide else 'I'}", *values)
            )
            room = 8 if big else 4
            inline = (
                data.ljust(room, b"\0")
                if len(data) <= room
                else struct.pack(order + "QI"[not big], add(data))
            )
            entries.append(struct.pack(order + ("HHQ" if big else "HHI"), code, kind, len(values)) + inline)
        directory = struct.pack(order + "QH"[not big], len(entries)) + b"".join(entries)
        patches.append((last, add(directory + bytes(8 if big else 4))))
        last = at - (8 if big else 4)
    content = bytearray(b"".join(parts))
    for where, to in patches:
        struct.pack_into(order + "QI"[not big], content, where, to)
    return bytes(content)


def _mark(order: str) -> bytes:
    return b"II" if order == "<" else b"MM"


def _blocks(pixels: npt.NDArray[np.generic], rows: int | None, tile: tuple[int, int] | None) -> list[bytes]:
    height, width, samples = pixels.shape
    if tile is None:
        step = rows or height
        return [pixels[y : y + step].tobytes() for y in range(0, height, step)]
    found = []
    for y in range(0, height, tile[0]):
        for x in range(0, width, tile[1]):
            block = np.zeros((*tile, samples), pixels.dtype)
            part = pixels[y : y + tile[0], x : x + tile[1]]
            block[: part.shape[0], : part.shape[1]] = part
            found.append(block.tobytes())
    return found
