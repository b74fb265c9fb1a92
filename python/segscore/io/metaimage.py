"""Headers of MetaImage files, ``.mha`` and ``.mhd``, as ITK writes them: lines of `key = value`.

They are read here, as a header of a few lines is no reason for the fifty megabytes of SimpleITK, which is
the one package that reads them and is kept up.
"""

import numpy as np

from segscore.base.wording import shortened
from segscore.errors import of_core
from segscore.io.grids import Grid
from segscore.io.headers import (
    Header,
    Packed,
    beside,
    damaged,
    integers,
    lines_of,
    not_read,
    note_field,
    numbers,
    one_volume,
)
from segscore.io.opening import opened

_TYPES = {
    "MET_CHAR": "i1",
    "MET_UCHAR": "u1",
    "MET_SHORT": "i2",
    "MET_USHORT": "u2",
    "MET_INT": "i4",
    "MET_UINT": "u4",
    "MET_LONG": "i4",
    "MET_ULONG": "u4",
    "MET_LONG_LONG": "i8",
    "MET_ULONG_LONG": "u8",
    "MET_FLOAT": "f4",
    "MET_DOUBLE": "f8",
}
_OTHERS = {"elementsize": "elementspacing", "position": "offset", "origin": "offset"} | dict.fromkeys(
    ("rotation", "orientation"), "transformmatrix"
)
"""Keys that say the same as others, and count where these are not there."""
_LAST = "elementdatafile"


def metaimage_header(path: str, place: str) -> Header:
    """Return what a file says of its voxels."""
    with opened(path, "a MetaImage file") as file:
        found = dict[str, str]()
        for line in lines_of(place, file):
            key, equals, value = line.partition("=")
            if not equals:
                if found:
                    damaged(place, f"{shortened(line)!r} is no line of a header")
                break
            note_field(place, found, key.strip(), value.strip())
            if _LAST in found:
                break
        at = file.tell()
    if "ndims" not in found:
        code = "not-png" if at else "empty-file"
        said = "expected a MetaImage file, found something else" if at else "the file is empty"
        raise of_core(code, said, place)
    if _LAST not in found:
        raise of_core("truncated", "the header is truncated: it names no voxels", place)
    return _header(path, place, {_OTHERS[key]: found[key] for key in found.keys() & _OTHERS} | found, at)


def _header(path: str, place: str, found: dict[str, str], at: int) -> Header:
    (rank,) = integers(place, "NDims", found["ndims"], 1)
    shape = integers(place, "DimSize", found.get("dimsize", ""), rank)
    channels = integers(place, "ElementNumberOfChannels", found.get("elementnumberofchannels", "1"), 1)
    if channels != (1,):
        raise not_read(place, f"expected one value a voxel, found {channels[0]}")
    kind = found.get("elementtype", "").upper()
    if kind not in _TYPES:
        raise not_read(place, f"expected integers, found the type {shortened(kind)!r}")
    if _no(found, "binarydata", "True"):
        raise not_read(place, "expected binary voxels, found text")
    big = not _no(found, "binarydatabyteordermsb", found.get("elementbyteordermsb", "False"))
    name = found[_LAST]
    if name.upper().startswith("LIST") or "%" in name:
        raise not_read(place, "expected voxels in one file, found a list of files")
    local = name.upper() == "LOCAL"
    packed: Packed = None if _no(found, "compresseddata", "False") else "zlib"
    (skip,) = integers(place, "HeaderSize", found.get("headersize", "0"), 1)
    if skip < -1 or (skip == -1 and packed):
        raise not_read(place, f"expected the place of the voxels as `HeaderSize`, found {skip}")
    return Header(
        _grid(place, found, rank, shape),
        np.dtype(f"{'>' if big else '<'}{_TYPES[kind]}"),
        path if local else beside(place, path, name),
        at if local and not skip else skip,
        packed,
    )


def _no(found: dict[str, str], key: str, default: str) -> bool:
    return found.get(key, default).strip().lower() not in ("true", "t", "1", "yes")


def _grid(place: str, found: dict[str, str], rank: int, stored: tuple[int, ...]) -> Grid:
    shape = one_volume(place, stored)
    if "elementspacing" not in found:
        return Grid(shape)
    steps = numbers(place, "ElementSpacing", found["elementspacing"], rank)[: len(shape)]
    one = " ".join("1" if i == j else "0" for i in range(rank) for j in range(rank))
    matrix = numbers(place, "TransformMatrix", found.get("transformmatrix", one), rank * rank)
    axes = [matrix[i * rank : i * rank + rank] for i in range(len(shape))]
    origin = numbers(place, "Offset", found.get("offset", " ".join("0" * rank)), rank)
    if min(steps) < 0:
        damaged(place, f"`ElementSpacing` is {shortened(found['elementspacing'])!r}")
    vectors = [[step * part for part in axis] for step, axis in zip(steps, axes, strict=True)]
    return Grid.of(shape, vectors, origin, lps=True)
