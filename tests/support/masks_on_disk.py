"""Builders of mask files for tests: folders of masks, and PNG files byte by byte, broken ones too.

What Pillow cannot write (interlacing, a wrong checksum, a header that lies) is made here from the PNG
specification, https://www.w3.org/TR/png-3/. Nothing here is a test.
"""

import io
import struct
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from segscore import MaskError
from segscore.io.masks import read_mask
from support.refused import refused

Array = npt.NDArray[np.integer]

GRAY, RGB, PALETTE, GRAY_ALPHA, RGBA = 0, 2, 3, 4, 6
CHANNELS = {GRAY: 1, RGB: 3, PALETTE: 1, GRAY_ALPHA: 2, RGBA: 4}
SIGNATURE = b"\x89PNG\r\n\x1a\n"
ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
"""First column, first row, and the steps to the next ones, of each pass."""


def pixels(content: bytes) -> Array:
    """Return the pixels of a picture, red, green and blue."""
    return np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    """Return a chunk with its length and its checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width: int, height: int, bits: int = 8, colour: int = GRAY, *, interlaced: bool = False) -> bytes:
    """Return the signature and the header chunk."""
    return SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlaced))


def png(
    labels: npt.ArrayLike,
    bits: int = 8,
    colour: int = GRAY,
    *,
    palette: Sequence[Sequence[int]] | None = None,
    opacity: Sequence[int] | None = None,
    interlaced: bool = False,
    filters: Sequence[int] = (0,),
) -> bytes:
    """Return a PNG file of the pixels, (height, width) or (height, width, channels).

    Row after row takes the next of `filters`; `opacity` goes with the palette.
    """
    pixels = np.asarray(labels)
    height, width = pixels.shape[:2]
    parts = [header(width, height, bits, colour, interlaced=interlaced)]
    if palette is not None:
        parts.append(chunk(b"PLTE", bytes(part for entry in palette for part in entry)))
    if opacity is not None:
        parts.append(chunk(b"tRNS", bytes(opacity)))
    passes = [pixels[y::dy, x::dx] for x, y, dx, dy in ADAM7] if interlaced else [pixels]
    step = max(1, bits * CHANNELS[colour] // 8)
    data = b"".join(_filtered(part, bits, step, filters) for part in passes if part.size)
    return b"".join([*parts, chunk(b"IDAT", zlib.compress(data)), chunk(b"IEND")])


def chunks(file: bytes) -> list[tuple[bytes, bytes]]:
    """Return the kind and the data of each chunk of a PNG file."""
    found, at = [], len(SIGNATURE)
    while at < len(file):
        (length,) = struct.unpack_from(">I", file, at)
        found.append((file[at + 4 : at + 8], file[at + 8 : at + 8 + length]))
        at += 12 + length
    return found


def joined(parts: Sequence[tuple[bytes, bytes]]) -> bytes:
    """Return the PNG file of these chunks."""
    return SIGNATURE + b"".join(chunk(kind, data) for kind, data in parts)


def _filtered(pixels: Array, bits: int, step: int, filters: Sequence[int]) -> bytes:
    rows, above = [], None
    for y, row in enumerate(pixels.reshape(len(pixels), -1)):
        raw = _packed(row, bits)
        above = bytes(len(raw)) if above is None else above
        kind = filters[y % len(filters)]
        rows += [bytes([kind]), _less(kind, raw, above, step) if kind else raw]
        above = raw
    return b"".join(rows)


def _less(kind: int, raw: bytes, above: bytes, step: int) -> bytes:
    """Return a row less what a filter guesses of it."""
    return bytes((byte - _guess(kind, raw, above, i, step)) % 256 for i, byte in enumerate(raw))


def _packed(row: Array, bits: int) -> bytes:
    if bits == 16:
        return row.astype(">u2").tobytes()
    if bits == 8:
        return row.astype(np.uint8).tobytes()
    of_bits = (row.astype(np.uint8)[:, None] >> np.arange(bits - 1, -1, -1, dtype=np.uint8)) & 1
    return np.packbits(of_bits.ravel()).tobytes()


def _guess(kind: int, raw: bytes, above: bytes, i: int, step: int) -> int:
    left, up = (raw[i - step] if i >= step else 0), above[i]
    corner = above[i - step] if i >= step else 0
    if kind == 4:
        return min((left, up, corner), key=lambda value: abs(left + up - corner - value))
    return (0, left, up, (left + up) // 2)[kind]


def array_file(array: Array, **options: object) -> bytes:
    """Return the ``.npy`` file of an array."""
    file = io.BytesIO()
    np.save(file, array, **options)
    return file.getvalue()


def claim(shape: tuple[int, ...], dtype: str = "|u1") -> bytes:
    """Return the header of an ``.npy`` file, which the array need not follow."""
    text = str({"descr": dtype, "fortran_order": False, "shape": shape}).ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()


def write(folder: Path, files: Mapping[str, npt.ArrayLike | bytes]) -> Path:
    """Write files by name into a folder: bytes as they are, arrays as 8-bit gray PNG or as ``.npy``."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif name.endswith(".npy"):
            np.save(path, np.asarray(content))
        else:
            path.write_bytes(png(content))
    return folder


def pillow(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """Return the file that Pillow writes."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def read(folder: Path, content: bytes, *, colours: bool = False, max_pixels: int = 1 << 28) -> Array:
    """Return the labels of a PNG file with this content."""
    path = folder / "mask.png"
    path.write_bytes(content)
    found = read_mask(str(path), colours=colours, max_pixels=max_pixels)
    assert isinstance(found, np.ndarray)
    return found


def refusal_of(path: Path, **options: object) -> str:
    """Return what is said of a mask that cannot be read, without the path, which begins it."""
    text = refused(MaskError, read_mask, str(path), **{"colours": False, **options})
    assert text.startswith(f"{path}: ")
    return text.removeprefix(f"{path}: ")


def refusal(folder: Path, content: bytes, **options: object) -> str:
    """Return what is said of a PNG file with this content."""
    (folder / "mask.png").write_bytes(content)
    return refusal_of(folder / "mask.png", **options)
