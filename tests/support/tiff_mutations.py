"""TIFF files that are changed at random, read here and by Pillow: both must see the same, or one refuse.

Run as a program, so that memory is that of this reader alone: it prints JSON. No test is here.
"""

import json
import random
import struct
import sys
import time
import warnings
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from segscore import MaskError
from segscore.io.tiff import read_tiff
from support.masks_on_disk import pillow
from support.tiff_files import tiff

Array = npt.NDArray[np.generic]

SIZES = (
    0,
    1,
    2,
    3,
    4,
    8,
    15,
    16,
    17,
    255,
    256,
    257,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x10000,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFF,
)


def originals() -> dict[str, bytes]:
    """Return good files of many kinds."""
    numbers = np.random.default_rng(0)
    labels = np.kron(numbers.integers(0, 7, (5, 6)), np.ones((4, 5), int)).astype(np.uint8)
    made = {
        "palette": pillow(_palette(labels), "TIFF"),
        "bits": pillow(Image.fromarray(labels > 3), "TIFF"),
        "group 4": pillow(Image.fromarray(labels > 3), "TIFF", compression="group4"),
        "pages": tiff(labels, labels[::-1]),
        "rgb": tiff(np.stack([labels] * 3, axis=-1)),
        "rgba": tiff(np.dstack([labels] * 3 + [np.full_like(labels, 255)]), compression=8),
        "gray and alpha": tiff(np.dstack([labels, labels * 30]), rows=6),
    }
    for compression in ("tiff_adobe_deflate", "tiff_deflate", *_KINDS):
        made[compression] = pillow(Image.fromarray(labels), "TIFF", compression=compression)
        made[f"{compression} 16"] = pillow(
            Image.fromarray(labels.astype(np.uint16)), "TIFF", compression=compression
        )
    for compression in (1, 8):
        for order in "<>":
            for name, layout in {"strips": {"rows": 7}, "strip": {}, "tiles": {"tile": (16, 16)}}.items():
                for kind in ("u1", "u2", "i2", "u4"):
                    content = tiff(labels.astype(kind), compression=compression, order=order, **layout)
                    made[f"{name} {compression} {order}{kind}"] = content
    made["big"] = tiff(labels, rows=7, big=True)
    return made


# What the extra `tiff` reads.
_KINDS = ("tiff_lzw", "packbits", "zstd") if find_spec("imagecodecs") else ()


def _palette(labels: npt.NDArray[np.uint8]) -> Image.Image:
    image = Image.fromarray(labels)
    image.putpalette(np.random.default_rng(1).integers(0, 256, 768).tolist())
    return image


def changed(content: bytes, draw: random.Random) -> bytes:
    """Return a file with a few bits, bytes, fields or pieces changed, most of them where its directory is."""
    file = bytearray(content)
    order = "<" if file[:2] == b"II" else ">"
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        if not file:
            break
        low = draw.choice((0, 0, max(0, len(file) - 250)))
        at = draw.randrange(low, len(file))
        way = draw.randrange(8)
        if way == 0:
            file[at] ^= 1 << draw.randrange(8)
        elif way == 1:
            file[at] = draw.choice((0, 1, 2, 127, 128, 254, 255, draw.randrange(256)))
        elif way in (2, 3, 4):
            value = draw.choice((*SIZES, draw.randrange(len(file) + 9)))
            width, form = draw.choice(((2, "H"), (4, "I")))
            if at + width <= len(file):
                struct.pack_into(order + form, file, at, value & ((1 << 8 * width) - 1))
        elif way == 5:
            del file[at : at + draw.choice((1, 2, 4, 12, len(file)))]
        elif way == 6:
            file[at:at] = bytes(draw.choice((1, 2, 4, 12)))
        else:
            other = draw.randrange(len(file))
            file[at : at + 12] = file[other : other + 12]
    return bytes(file)


def ours(path: Path) -> Array | None:
    """Return the pixels as this reader sees them; None if it refuses them."""
    try:
        return read_tiff(str(path), max_pixels=1 << 28)[0]
    except MaskError:
        return None


def theirs(path: Path) -> Array | None:
    """Return the pixels of the first image as Pillow sees them; None if it refuses them."""
    try:
        with Image.open(path, formats=("TIFF",)) as image:
            image.load()
            return np.asarray(image)
    except Exception:  # noqa: BLE001 - whatever Pillow raises
        return None


def same(mine: Array, other: Array, *, big: bool) -> bool:
    """Whether two arrays hold the same labels, bit by bit, as far as Pillow has a type for them.

    Floats are no labels. Pillow stretches gray of 2 and 4 bits to 255, and swaps the bytes of compressed
    integers with sign once too often where a file is big-endian (13.0).
    """
    if mine.ndim == other.ndim + 1:
        mine = mine[0]
    if mine.shape != other.shape:
        return False
    if mine.dtype.kind == "f":
        return True
    if big and mine.dtype.kind == "i" and same(mine.byteswap(), other, big=False):
        return True
    bits = 8 * min(mine.dtype.itemsize, 4)
    wide = mine.astype(np.int64)
    stretched = [255 // most for most in (3, 15) if mine.dtype == np.uint8 and wide.max() <= most]
    return any(((wide * by - other.astype(np.int64)) % (1 << bits) == 0).all() for by in (1, *stretched))


def main(folder: Path, seed: int, rounds: int) -> None:
    """Change and read files; print what came of it."""
    warnings.simplefilter("ignore")
    draw = random.Random(seed)
    good = originals()
    path = folder / "a.tif"
    kept: list[tuple[str, bytes, Array]] = []
    came: Counter[str] = Counter()
    slowest, before = 0.0, _peak()
    for _ in range(rounds):
        name = draw.choice(sorted(good))
        content = changed(good[name], draw)
        path.write_bytes(content)
        begin = time.thread_time()
        mine = ours(path)
        slowest = max(slowest, time.thread_time() - begin)
        came["read" if mine is not None else "refused"] += 1
        if mine is not None and mine.size < 1 << 16:
            kept.append((name, content, mine))
    peak = _peak() - before
    wrong: list[list[str]] = []
    for name, content, mine in kept:
        path.write_bytes(content)
        other = theirs(path)
        if other is None:
            continue
        came["read by both"] += 1
        if not same(mine, other, big=content.startswith(b"MM")):
            wrong.append([name, content.hex()])
    unread = [name for name, content in good.items() if path.write_bytes(content) and ours(path) is None]
    sys.stdout.write(
        json.dumps({"came": came, "wrong": wrong, "slowest": slowest, "peak": peak, "unread": unread})
    )


def _peak() -> int:
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
