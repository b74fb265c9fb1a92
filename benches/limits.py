"""What no way to do a work can be faster than: bringing its bytes in, on one thread. Nothing is timed here.

Whoever comes near such a limit on a machine cannot gain there by counting faster.
"""

import zlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from class_scores import Scored
from made_masks import Mask, Pairs
from peers import Folders, Way


def read_arrays(arrays: Iterable[Mask]) -> list[object]:
    """Return the largest value of each array, for which every byte is read once.

    `max()` waits for memory alone: from the level-2 cache it reads several times as fast. Neither NumPy's
    `bitwise_or`, `bitwise_xor` and `add` on words of 64 bits nor OpenCV's norm, nor a compiled loop in one
    or in four streams, read arrays that come from memory faster than it does (`benches/NOTES.md`).
    """
    return [array.max() for array in arrays]


def _read_pairs(pairs: Pairs) -> list[object]:
    return read_arrays([*pairs.pred, *pairs.target])


def _read_scored(scored: Scored) -> list[object]:
    # As integers: NumPy looks at floats of 16 bits one by one, and takes longer for those of 32, too.
    return read_arrays([scored.logits.view(np.int64), scored.target.view(np.int64)])


class _Stream(NamedTuple):
    """The compressed pixels of a PNG file."""

    path: str
    parts: list[slice]
    """Where they lie in the file."""
    size: int
    """Bytes when inflated."""


@cache
def _streams(folders: Folders) -> list[_Stream]:
    return [_stream(path) for side in (folders.pred, folders.target) for path in sorted(side.iterdir())]


def _stream(path: Path) -> _Stream:
    file, parts, place = path.read_bytes(), [], 8
    while place < len(file):
        end = place + 8 + int.from_bytes(file[place : place + 4], "big")
        if file[place + 4 : place + 8] == b"IDAT":
            parts.append(slice(place + 8, end))
        place = end + 4
    return _Stream(str(path), parts, len(zlib.decompress(b"".join(file[part] for part in parts))))


def inflate(folders: Folders) -> int:
    """Return the number of bytes of all files, read and inflated, with their filters still in place.

    The package `deflate` is a thin binding of libdeflate, which the core links as well, and about as fast as
    it is from Rust. Where compressed pixels lie in a file, and how many bytes they become, is found out once.
    """
    from deflate import zlib_decompress

    inflated = 0
    for path, parts, size in _streams(folders):
        with open(path, "rb", buffering=0) as file:
            read = memoryview(file.read())
        compressed = read[parts[0]] if len(parts) == 1 else b"".join(read[part] for part in parts)
        inflated += len(zlib_decompress(compressed, size))
    return inflated


READING = Way("reading", _read_pairs)
READING_SCORES = Way("reading", _read_scored)
INFLATING = Way("reading and inflating", inflate, ("deflate",))
