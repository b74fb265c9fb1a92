"""Write what targets in Rust begin from: ``python fuzz/seeds.py FOLDER`` makes FOLDER/TARGET/NAME.

They are made of nothing but numbers, a few kB in all, so that none is kept here.
"""

import gzip
import random
import struct
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path

TARGETS = ("components", "counts", "inflate", "instances", "logits", "pixels", "png", "rows", "surfaces")
SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, content: bytes) -> bytes:
    """Return a chunk of a PNG file."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, depth: int, colour: int, *more: bytes, interlaced: bool = False) -> bytes:
    """Return a PNG file of stripes, with these chunks before its pixels."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    length = (width * depth * channels + 7) // 8
    rows = b"".join(bytes([y % 5]) + bytes((x * y // 3) % 7 for x in range(length)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlaced)
    chunks = [chunk(b"IHDR", header), *more, chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    return SIGNATURE + b"".join(chunks)


def pngs() -> Iterator[bytes]:
    """Yield files of all kinds of pixels, with some chunks besides."""
    palette = chunk(b"PLTE", bytes(range(48)))
    for depth in (1, 2, 4, 8, 16):
        yield png(9, 5, depth, 0)
    for depth in (1, 2, 4, 8):
        yield png(9, 5, depth, 3, palette)
    for colour in (2, 4, 6):
        yield png(5, 4, 8, colour)
    yield png(1, 1, 8, 0, interlaced=True)
    yield png(70, 3, 8, 3, palette, chunk(b"tRNS", b"\x00\x80"), chunk(b"tEXt", b"Comment\x00none"))
    yield png(4, 4, 8, 0, chunk(b"gAMA", struct.pack(">I", 45455)), chunk(b"pHYs", bytes(9)))


def seeds(target: str) -> Iterator[bytes]:
    """Yield the first inputs of a target."""
    made = random.Random(target)
    if target == "png":
        for flags, file in enumerate(pngs()):
            yield bytes([flags % 4, 2]) + file
    elif target == "inflate":
        for text in (b"", b"a", bytes(300), bytes(made.randrange(4) for _ in range(300))):
            size = bytes(divmod(len(text), 16))
            yield b"\x00" + size + gzip.compress(text, mtime=0)
            yield b"\x01" + size + zlib.compress(text)
    else:
        for length in (0, 16, 60, 200, 600):
            yield made.randbytes(length)
            yield bytes(made.choice((0, 1, 2, 3, 7, 8, 16, 64)) for _ in range(length))


def write(folder: Path) -> None:
    """Write the first inputs of all targets."""
    for target in TARGETS:
        (folder / target).mkdir(parents=True, exist_ok=True)
        for number, content in enumerate(seeds(target)):
            (folder / target / f"seed-{number:02}").write_bytes(content)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
