"""BMP and PNM files byte by byte, broken ones too, which Pillow does not write. Nothing here is a test."""

import struct
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from support.masks_on_disk import Array


def bmp(
    pixels: npt.ArrayLike,
    bits: int,
    palette: Sequence[Sequence[int]] = (),
    *,
    downwards: bool = False,
    size: tuple[int, int] | None = None,
    compression: int = 0,
    masks: Sequence[int] = (),
) -> bytes:
    """Return a BMP of indices, or of blue, green and red; its header may claim another size.

    `masks` of red, green, blue and alpha are those of BITFIELDS.
    """
    rows = np.asarray(pixels, np.uint8)
    height, width = rows.shape[:2]
    if bits < 8:
        of_bits = np.unpackbits(rows[..., None], axis=2)[..., 8 - bits :]
        packed = np.packbits(of_bits.reshape(height, -1), axis=1)
    else:
        packed = rows.reshape(height, -1)
    lines = [row.tobytes() + bytes(-len(row) % 4) for row in packed]
    data = b"".join(lines if downwards else lines[::-1])
    table = b"".join(bytes((blue, green, red, 0)) for red, green, blue in palette)
    fields = struct.pack(f"<{len(masks)}I", *masks)
    start = 54 + len(fields) + len(table)
    tall, wide = size or (height, width)
    tall = -tall if downwards else tall
    about = (40 + len(fields), wide, tall, 1, bits, compression, len(data), 0, 0, len(palette), 0)
    head = b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start) + struct.pack("<IiiHHIIiiII", *about)
    return head + fields + table + data


def pnm(kind: int, shape: tuple[int, int], content: bytes, largest: int | None = None) -> bytes:
    """Return a PNM of these bytes, with a comment in its header."""
    said = b"" if largest is None else b"%d\n" % largest
    return b"P%d\n# made here\n%d %d\n%s%s" % (kind, shape[1], shape[0], said, content)


def digits(labels: Array) -> bytes:
    """Return numbers as text formats have them."""
    return b"\n".join(b" ".join(b"%d" % value for value in row) for row in labels.reshape(len(labels), -1))
