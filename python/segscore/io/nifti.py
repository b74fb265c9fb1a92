"""Headers of NIfTI files, versions 1 and 2, through nibabel (extra ``volumes``).

nibabel is the reference of what their fields mean; voxels are read elsewhere, with a bound on memory.
"""

import zlib
from typing import Any

import numpy as np

from segscore.errors import MaskError, installed, of_core
from segscore.io.grids import Grid, alike, rounded, vector
from segscore.io.headers import MAX_HEADER, Header, damaged, not_read, one_volume
from segscore.io.opening import opened

_SIZES = {348: b"n+1", 540: b"n+2"}
"""Bytes of a header, and what it is called within, if voxels are in the same file."""
_COMPRESSED = 1 << 14
"""Compressed bytes that hold any header."""
_MILLIMETRES = {1: 1e3, 2: 1.0, 3: 1e-3}
"""Of the code of a unit; one that is not said is taken for millimetres, as other readers do."""


def nifti_header(path: str, place: str) -> Header:
    """Return what a file says of its voxels."""
    with installed(f"{place}: NIfTI is read with nibabel", "`pip install 'segscore[volumes]'`", MaskError):
        from nibabel import Nifti1Header, Nifti2Header
        from nibabel.spatialimages import HeaderDataError
    with opened(path, "a NIfTI file") as file:
        start = file.read(_COMPRESSED)
    if not start:
        raise of_core("empty-file", "the file is empty", place)
    packed = start[:2] == b"\x1f\x8b"
    if packed:
        start = zlib.decompressobj(31).decompress(start, max(_SIZES))
    if len(start) < 4:
        raise of_core("truncated", f"the header is truncated: {len(start):,} of {min(_SIZES)} bytes", place)
    length, swapped = (int.from_bytes(start[:4], order) for order in ("little", "big"))
    order, size = ("<", length) if length in _SIZES else (">", swapped)
    if size not in _SIZES:
        raise of_core("not-png", "expected a NIfTI file, found something else", place)
    if len(start) < size:
        raise of_core("truncated", f"the header is truncated: {len(start):,} of {size} bytes", place)
    of_version: Any = Nifti1Header if size == min(_SIZES) else Nifti2Header
    header = of_version(start[:size], endianness=order, check=False)
    name = bytes(header["magic"])[:3]
    if name != _SIZES[size]:
        raise not_read(place, "expected header and voxels in one NIfTI file, found a header alone")
    dtype = _dtype(place, header)
    said = _number(header, "vox_offset")
    if not size <= said <= MAX_HEADER:
        damaged(place, f"its voxels begin at byte {said:,.0f}")
    voxels = int(said)
    slope, intercept = (_number(header, f"scl_{what}") for what in ("slope", "inter"))
    scaled = np.isfinite(slope) and slope != 0  # or there is none, as the standard has it
    try:
        grid = _grid(place, header)
    except HeaderDataError as error:  # an Exception of nibabel's own, as of negative sizes of voxels
        damaged(place, str(error))
    return Header(
        grid,
        dtype,
        path,
        start=0 if packed else voxels,
        packed="gzip" if packed else None,
        skipped=voxels if packed else 0,
        slope=slope if scaled else 1.0,
        intercept=intercept if scaled and np.isfinite(intercept) else 0.0,
    )


def _number(header: Any, field: str) -> float:
    return float(header[field])


def _dtype(place: str, header: Any) -> np.dtype[Any]:
    try:
        dtype: np.dtype[Any] = header.get_data_dtype()
    except KeyError as error:  # the code is none that nibabel knows
        raise not_read(place, f"expected integers, found data of code {int(header['datatype'])}") from error
    if dtype.kind not in "iuf":
        found = "colours" if dtype.kind == "V" else str(dtype)
        raise not_read(place, f"expected labels, found {found}")
    return dtype


def _grid(place: str, header: Any) -> Grid:
    axes = int(header["dim"][0])
    if not 0 < axes < len(header["dim"]):
        damaged(place, f"it claims to have {axes} axes")
    shape = one_volume(place, tuple(map(int, header.get_data_shape())))
    rank = len(shape)
    unit = _MILLIMETRES.get(int(header["xyzt_units"]) & 7, 1.0)
    steps = [unit * float(step) for step in header["pixdim"][1 : rank + 1]]
    if not all(np.isfinite(steps)) or min(steps) < 0:
        damaged(place, f"its voxels have the size {vector(steps)} by `pixdim`")
    told = min(steps) > 0  # 0 is for what is not known
    if not int(header["sform_code"]) and not int(header["qform_code"]):
        return Grid(shape, tuple(map(rounded, steps)) if told else None)
    affine = np.asarray(header.get_best_affine(), dtype=np.float64)
    grid = Grid.of(shape, affine[:3, :rank].T.tolist(), affine[:3, 3].tolist(), unit=unit)
    if told and grid.spacing is not None and not alike(grid.spacing, steps):
        raise MaskError(
            f"{place}: its voxels have two sizes, {vector(grid.spacing)} by the affine and {vector(steps)} "
            "by `pixdim`",
            "some readers take the one, some the other: save it with nibabel or SimpleITK, which write both",
        )
    return grid
