"""Headers of NRRD files (teem.sourceforge.net/nrrd/format.html): lines of `field: value`.

They are read here for the reason that `metaimage` gives.
"""

import re

import numpy as np

from segscore.base.wording import shortened
from segscore.errors import of_core
from segscore.io.grids import Grid, rounded
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
    "i1": ("signed char", "int8", "int8_t"),
    "u1": ("uchar", "unsigned char", "uint8", "uint8_t"),
    "i2": ("short", "short int", "signed short", "signed short int", "int16", "int16_t"),
    "u2": ("ushort", "unsigned short", "unsigned short int", "uint16", "uint16_t"),
    "i4": ("int", "signed int", "int32", "int32_t"),
    "u4": ("uint", "unsigned int", "uint32", "uint32_t"),
    "i8": (
        "longlong",
        "long long",
        "long long int",
        "signed long long",
        "signed long long int",
        "int64",
        "int64_t",
    ),
    "u8": ("ulonglong", "unsigned long long", "unsigned long long int", "uint64", "uint64_t"),
    "f4": ("float",),
    "f8": ("double",),
}
_DTYPES = {name: dtype for dtype, names in _TYPES.items() for name in names}
_ENCODINGS: dict[str, Packed] = {"raw": None, "gzip": "gzip", "gz": "gzip"}
_DATA_FILE = {"data file", "datafile"}
_RIGHT = ("right-anterior-superior", "ras")
_LEFT = ("left-posterior-superior", "lps")
_VECTOR = re.compile(r"\(([^()]*)\)|none", re.IGNORECASE)
_MILLIMETRES = {"mm": 1.0, "millimeter": 1.0, "um": 1e-3, "micron": 1e-3, "cm": 10.0, "m": 1e3}


def nrrd_header(path: str, place: str) -> Header:
    """Return what a file says of its voxels."""
    with opened(path, "a NRRD file") as file:
        lines = lines_of(place, file)
        first = next(lines, "")
        if not first.startswith("NRRD000"):
            code = "not-png" if file.tell() else "empty-file"
            said = "expected a NRRD file, found something else" if file.tell() else "the file is empty"
            raise of_core(code, said, place)
        found = dict[str, str]()
        for line in lines:
            if not line:
                break
            key, colon, value = line.partition(": ")
            if colon and not line.startswith("#"):
                note_field(place, found, key.strip(), value.strip())
        else:
            if not _DATA_FILE & found.keys():
                raise of_core("truncated", "the header is truncated: no voxels follow it", place)
        at = file.tell()
    return _header(path, place, found, at)


def _header(path: str, place: str, found: dict[str, str], at: int) -> Header:
    (rank,) = integers(place, "dimension", found.get("dimension", ""), 1)
    stored = integers(place, "sizes", found.get("sizes", ""), rank)
    kind = " ".join(found.get("type", "").lower().split())
    if kind not in _DTYPES:
        raise not_read(place, f"expected integers, found the type {shortened(kind)!r}")
    encoding = found.get("encoding", "").lower()
    if encoding not in _ENCODINGS:
        raise not_read(place, f"expected voxels as `raw` or `gzip`, found {shortened(encoding)!r}")
    order = found.get("endian", "little").lower()
    if order not in ("little", "big"):
        damaged(place, f"`endian` is {shortened(order)!r}")
    name = next((found[key] for key in _DATA_FILE & found.keys()), None)
    skip, lines = (
        integers(place, key, found.get(key, found.get(key.replace(" ", ""), "0")), 1)[0]
        for key in ("byte skip", "line skip")
    )
    if lines or skip < -1 or (skip and (name is None or _ENCODINGS[encoding])):
        raise not_read(place, "expected voxels at the beginning of the file, found some to pass over")
    return Header(
        _grid(place, found, one_volume(place, stored), rank),
        np.dtype(("<" if order == "little" else ">") + _DTYPES[kind]),
        path if name is None else beside(place, path, name),
        at if name is None else skip,
        _ENCODINGS[encoding],
    )


def _grid(place: str, found: dict[str, str], shape: tuple[int, ...], rank: int) -> Grid:
    units = {unit.lower() for unit in re.findall(r'"([^"]*)"', found.get("space units", ""))} - {""}
    if not units <= _MILLIMETRES.keys() or len(units) > 1:
        return Grid(shape)
    unit = _MILLIMETRES[units.pop()] if units else 1.0
    if "space directions" not in found:
        if "spacings" not in found:
            return Grid(shape)
        steps = numbers(place, "spacings", found["spacings"], rank)[: len(shape)]
        return Grid(shape, tuple(map(rounded, steps)) if min(steps) > 0 else None)
    given = _VECTOR.findall(found["space directions"])
    if len(given) != rank or not all(given[: len(shape)]):
        damaged(place, f"`space directions` is {shortened(found['space directions'])!r}")
    vectors = [_vector(place, "space directions", one) for one in given[: len(shape)]]
    origin = [
        _vector(place, "space origin", one) for one in _VECTOR.findall(found.get("space origin", ""))[:1]
    ]
    if len({len(one) for one in (*vectors, *origin)}) > 1:
        damaged(place, "`space directions` and `space origin` are vectors of different lengths")
    grid = Grid.of(
        shape,
        vectors,
        origin[0] if origin else None,
        lps=found.get("space", "").lower() in _LEFT,
        unit=unit,
    )
    if found.get("space", "").lower() in (*_LEFT, *_RIGHT):
        return grid
    # Where axes lead is not known in a space without a name.
    return Grid(shape, grid.spacing)


def _vector(place: str, key: str, text: str) -> tuple[float, ...]:
    return numbers(place, key, text.replace(",", " "), text.count(",") + 1)
