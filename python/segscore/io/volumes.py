"""Volumes in files: NIfTI, NRRD and MetaImage become arrays of labels, in the order that they are stored in.

The first axis of an array is the one along which voxels follow each other in the file, as nibabel has it;
SimpleITK turns the order of axes around. What a header claims costs nothing until it has been checked. What
labels mean is not known here.
"""

import math
import os
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from io import BufferedReader
from itertools import chain

import numpy as np

from segscore import _core
from segscore.base.wording import show
from segscore.errors import MaskError, of_core
from segscore.io.array_files import readable
from segscore.io.arrays import Array
from segscore.io.grids import Grid
from segscore.io.headers import Header
from segscore.io.kinds import split_suffix
from segscore.io.lengths import check_length
from segscore.io.opening import opened

_MOST_INFLATED = 1032
"""Bytes that one byte can stand for, at most: a run of 258 takes two bits in deflate."""
_WRAPPING = 1 << 20
"""Bytes around compressed ones, such as names in gzip, that are read beside twice as many as are wanted.

Encoders keep in blocks of thousands of bytes, as they are, what does not become smaller.
"""
_GZIP = b"\x1f\x8b"
"""How a member of gzip begins."""
_DAMAGE = (ValueError, OverflowError, zlib.error)
"""What is raised by numbers of a header that cannot be, and by what was not compressed so."""
_PART = 1 << 18
"""Values that are looked at at once."""
_MOST_ROUNDED = 1e-3
"""How far from a whole number a label may be that was kept as a share of all values."""


def grid_of(path: str) -> Grid:
    """Return where the voxels of a file lie, which are not read, or raise MaskError."""
    with readable(path, *_DAMAGE):
        return _header(path).grid


def read_volume(path: str, *, max_pixels: int) -> tuple[Array, bool, None]:
    """Return the labels of a file; they are no colours, and have no palette."""
    with readable(path, *_DAMAGE):
        header, values = _read(path, max_pixels)
        return _labels(show(path), values, header).reshape(header.grid.shape, order="F"), False, None


def read_numbers(path: str, *, max_pixels: int) -> Array:
    """Return the numbers of a file, such as probabilities, as floats; or raise MaskError."""
    with readable(path, *_DAMAGE):
        header, values = _read(path, max_pixels)
    numbers = values.astype(np.float64) * header.slope + header.intercept
    return numbers.reshape(header.grid.shape, order="F")


def _read(path: str, max_pixels: int) -> tuple[Header, Array]:
    header = _header(path)
    shape = header.grid.shape
    count = math.prod(shape)
    if count > max_pixels:
        raise of_core("too-many-pixels", f"{shape} is more than max_pixels = {max_pixels:,}", show(path))
    return header, _values(show(path), header, count)


def _header(path: str) -> Header:
    return _parser(split_suffix(path)[1])(path, show(path))


def _parser(suffix: str) -> Callable[[str, str], Header]:
    if suffix in (".nii", ".nii.gz"):
        from segscore.io.nifti import nifti_header

        return nifti_header
    if suffix in (".mha", ".mhd"):
        from segscore.io.metaimage import metaimage_header

        return metaimage_header
    from segscore.io.nrrd import nrrd_header

    return nrrd_header


def _values(place: str, header: Header, count: int) -> Array:
    """Return the numbers as they are stored, in one dimension."""
    wanted = count * header.dtype.itemsize
    with readable(header.path, *_DAMAGE), opened(header.path, "a file of voxels") as file:
        held = os.fstat(file.fileno()).st_size
        start = held - wanted if header.start < 0 else header.start
        left = max(0, held - start) if start >= 0 else held
        # What is compressed may be as much as is wanted, before any is inflated.
        most = min(left * _MOST_INFLATED - header.skipped, wanted) if header.packed else left
        check_length(place, "volume", most, wanted)
        file.seek(start)
        content = np.empty(header.skipped + wanted, np.uint8)
        if header.packed is None:
            check_length(place, "volume", file.readinto(content.data), wanted)
        else:
            _inflate(place, file, header, content)
    return content[header.skipped :].view(header.dtype)


def _inflate(place: str, file: BufferedReader, header: Header, content: Array) -> None:
    """Fill an array with what was compressed."""
    # Mostly that is all that there is.
    data = file.read(min(os.fstat(file.fileno()).st_size, 2 * len(content) + _WRAPPING))
    gzip = header.packed == "gzip"
    if _core.inflate(data, content, gzip=gzip):
        return
    # Several members, more bytes than are wanted, or damage: slower, and told apart.
    found = _inflated(chain([data], iter(partial(file.read, _PART), b"")), content, gzip=gzip)
    check_length(place, "volume", found - header.skipped, len(content) - header.skipped)


def _inflated(pieces: Iterator[bytes], content: Array, *, gzip: bool) -> int:
    """Return how many bytes members of gzip or a zlib stream hold; of too many, how many so far."""
    found, most = 0, len(content)
    stream, data = _stream(gzip=gzip), b""
    while not stream.eof:
        data = data or next(pieces, b"")
        part = stream.decompress(data, _PART)
        if not (part or data):
            return min(found, most - 1)  # cut off
        data = stream.unconsumed_tail
        room = min(len(part), max(0, most - found))
        content[found : found + room] = np.frombuffer(part, np.uint8, room)
        found += len(part)
        if found > most:
            break
        if stream.eof and gzip:
            # Another member may follow, perhaps after zeros. What else follows is none of the file's.
            data = stream.unused_data.lstrip(b"\0") or next(pieces, b"")
            if data if found < most else data.startswith(_GZIP):
                stream = _stream(gzip=gzip)
    return found


def _stream(*, gzip: bool) -> "zlib._Decompress":
    return zlib.decompressobj(zlib.MAX_WBITS + 16 if gzip else zlib.MAX_WBITS)


def _labels(place: str, values: Array, header: Header) -> Array:
    """Return the labels that numbers stand for: themselves, or whole numbers that floats or a scale hold."""
    slope, intercept = header.slope, header.intercept
    scaled = (slope, intercept) != (1.0, 0.0)
    if values.dtype.kind in "iu" and not scaled:
        return values
    # Programs that store floats as integers spread these over all values: a label is off by half a step.
    off = min(_MOST_ROUNDED, abs(slope)) if scaled else 0.0
    labels = np.empty(len(values), np.int32)
    most = np.iinfo(labels.dtype).max
    for start in range(0, len(values), _PART):
        part = values[start : start + _PART].astype(np.float64)
        if scaled:
            part = part * slope + intercept
        whole = np.rint(part)
        with np.errstate(invalid="ignore"):  # infinity is no label either
            good = (np.abs(part - whole) <= off) & (np.abs(whole) <= most)
        if not good.all():
            found = f"{part[~good][0]:.7g}"
            raise MaskError(
                f"{place}: expected labels, found {found} among the values"
                + (f", which are scaled by {slope:.7g} and {intercept:.7g}" if scaled else ""),
                "labels are whole numbers: save the labels as integers; of probabilities, the highest wins",
            )
        labels[start : start + _PART] = whole
    return labels
