"""Headers of volumes: what they say of voxels, before any is read. Each format has a module of its own."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BufferedReader
from os import path as paths
from typing import Any, Literal, NoReturn, TypeAlias

import numpy as np

from segscore.base.limits import number, whole_number
from segscore.base.wording import shortened, show
from segscore.errors import MaskError, of_core
from segscore.io.grids import Grid

Packed: TypeAlias = Literal["gzip", "zlib"] | None
"""How voxels are compressed."""

MAX_HEADER = 1 << 20
"""Bytes of a header in text, or of what stands before the voxels, at most."""
MAX_AXES = 8
_AS_NIFTI = "save the labels as one volume of integers, such as `.nii.gz`"


@dataclass(frozen=True)
class Header:
    """What a file says of its voxels, which lie one after the other along the first axis."""

    grid: Grid
    dtype: np.dtype[Any]
    path: str
    """The file that holds the voxels."""
    start: int
    """Where they, or what is compressed, begin in it; -1 for voxels at its end."""
    packed: Packed = None
    skipped: int = 0
    """Bytes before the voxels in what was compressed."""
    slope: float = 1.0
    intercept: float = 0.0
    """Of the values that stored numbers stand for."""


def one_volume(place: str, shape: Sequence[int]) -> tuple[int, ...]:
    """Return a shape without axes of length 1 beyond the third; several volumes are a MaskError."""
    found = tuple(shape)
    if not found or min(found) < 1:
        damaged(place, f"it claims the shape {found}")
    while len(found) > 3 and found[-1] == 1:
        found = found[:-1]
    if len(found) > 3:
        raise MaskError(
            f"{place}: expected one volume of labels, found {len(found)} axes of shape {found}",
            "save each time point, channel or layer as a file of its own",
        )
    return found


def damaged(place: str, what: str) -> NoReturn:
    """Raise the error of a file that cannot be what it says."""
    raise of_core("damaged", f"the file is damaged: {what}", place)


def not_read(place: str, what: str) -> MaskError:
    """Return the error of voxels that are stored in a way that is not read."""
    return MaskError(f"{place}: {what}", _AS_NIFTI)


def lines_of(place: str, file: BufferedReader) -> Iterator[str]:
    """Yield the lines of a header in text, up to the end of the file."""
    left = MAX_HEADER
    while line := file.readline(left):
        left -= len(line)
        if not left:
            damaged(place, f"its header has more than {MAX_HEADER:,} bytes")
        yield line.decode("latin-1").strip()


def note_field(place: str, found: dict[str, str], key: str, value: str) -> None:
    """Note what a line of a header says of a key, in whatever case; saying it twice is a MaskError."""
    if key.lower() in found:
        damaged(place, f"it has `{shortened(key)}` twice")
    found[key.lower()] = value


def integers(place: str, key: str, text: str, length: int | None = None) -> tuple[int, ...]:
    """Return the whole numbers that a line lists, so many of them."""
    try:
        found = tuple(map(whole_number, text.split()[: MAX_AXES + 1]))
    except ValueError:
        found = ()
    if not found or len(found) > MAX_AXES or (length is not None and len(found) != length):
        damaged(place, f"`{key}` is {shortened(text)!r}")
    return found


def numbers(place: str, key: str, text: str, length: int) -> tuple[float, ...]:
    """Return the numbers that a line lists, so many of them."""
    parts = text.split()
    try:
        if len(parts) == length <= MAX_AXES**2:
            return tuple(map(number, parts))
    except ValueError:
        pass
    damaged(place, f"`{key}` is {shortened(text)!r}")


def beside(place: str, path: str, name: str) -> str:
    """Return the path of the file of voxels that a header names, which lies in its folder."""
    if not name or paths.basename(name) != name or "\\" in name or name in (".", ".."):
        raise not_read(place, f"expected voxels in a file beside the header, found {show(shortened(name))}")
    return paths.join(paths.dirname(path), name)
