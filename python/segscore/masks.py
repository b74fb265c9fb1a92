"""Mask files other than those that the core counts by itself become arrays of labels.

PNG is read by the core, ``.npy`` by NumPy, TIFF by tifffile (extra ``tiff``), anything else by the
user's function. What the labels mean is not known here.
"""

import math
import os
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.lib import format as npy

from segscore import _core
from segscore.arrays import Array, is_colours, pack_colours
from segscore.errors import MaskError, SegscoreError
from segscore.sources import show, split_suffix

Read: TypeAlias = Callable[[str], object]

MAX_PIXELS = 1 << 28
"""Most pixels of one mask file, unless the caller says otherwise."""


def is_png(path: str) -> bool:
    """Whether the name of a file says that it is a PNG."""
    return path.lower().endswith(".png")


def read_mask(path: str, *, read: Read | None = None, colours: bool, max_pixels: int = MAX_PIXELS) -> object:
    """Return the labels of a mask file.

    Parameters
    ----------
    path : str
        The file.
    read : callable, optional
        The user's function from a path to an array of labels; it reads every file if it is given.
    colours : bool
        Whether RGB and RGBA pixels are labels.
    max_pixels : int
        The largest mask that is read.

    Returns
    -------
    array_like
        Labels; of RGB and RGBA masks as `pack_colours` makes them.

    Raises
    ------
    MaskError
        If the file cannot be read as a mask, or `read` raises.
    """
    if read is None and is_png(path):
        return _core.read_mask(path, max_pixels=max_pixels, colours=colours)
    found = _read_array(path, max_pixels) if read is None else _call(read, path)
    if isinstance(found, np.ndarray) and is_colours(found):
        if not colours:
            raise MaskError(
                f"{show(path)}: expected a mask of labels, found colours of shape {found.shape}",
                "colours are read only where the classes have colours: give them some, or save label values",
            )
        return pack_colours(found)
    return found


def _call(read: Read, path: str) -> object:
    try:
        found = read(path)
        # What is read lazily, as Pillow does, is read here, where a failure is that of this file.
        offers = hasattr(found, "__array__") or hasattr(found, "__array_interface__")
        return np.asarray(found) if offers and not isinstance(found, np.ndarray) else found
    except SegscoreError:
        raise
    except Exception as error:
        raise MaskError(
            f"{show(path)}: `read` failed: {type(error).__name__}: {error}",
            "check the function on this file",
        ) from error


def _read_array(path: str, max_pixels: int) -> Array:
    readers = {".npy": _open_npy, ".tif": _read_tiff, ".tiff": _read_tiff}
    suffix = split_suffix(path)[1]
    if suffix not in readers:
        raise MaskError(
            f"{show(path)}: expected .png, .npy, .tif or .tiff",
            "give `read=` a function that takes a path and returns an array of labels",
        )
    try:
        return readers[suffix](path, max_pixels)
    except SegscoreError:
        raise
    except OSError as error:
        raise MaskError(
            f"{show(path)}: cannot be read: {error.strerror or error}",
            "check that the file is there and readable",
        ) from error
    except Exception as error:
        raise MaskError(
            f"{show(path)}: the file is damaged: {error}", "write or copy the file again"
        ) from error


def _check_size(path: str, array: Any, max_pixels: int) -> None:
    """Refuse what is too large; `array` need only have the shape and the type of one."""
    if array.size > max_pixels * (array.shape[-1] if is_colours(array) else 1):
        raise MaskError(
            f"{show(path)}: {array.shape} is more than max_pixels = {max_pixels:,}",
            "if the mask is really this large, raise `max_pixels`",
        )


def _open_npy(path: str, max_pixels: int) -> Array:
    with open(path, "rb") as file:
        start = file.read(len(npy.MAGIC_PREFIX))
        if start != npy.MAGIC_PREFIX:
            raise MaskError(
                f"{show(path)}: expected a NumPy array file, found "
                f"{'a file of another kind' if start else 'an empty file'}",
                "save labels with `np.save`, or give `read=` a function that reads the file",
            )
        file.seek(0)
        version = npy.read_magic(file)
        header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, _, dtype = header(file)
        if dtype.hasobject:
            raise MaskError(
                f"{show(path)}: expected an array of integers, found Python objects",
                "objects are a pickle, which is never loaded: save `labels.astype(np.int64)`",
            )
        promised, found = math.prod(shape) * dtype.itemsize, os.fstat(file.fileno()).st_size - file.tell()
        if found < promised:
            raise MaskError(
                f"{show(path)}: the array is truncated: {found:,} of {promised:,} bytes can be read",
                "write or copy the file again",
            )
    # A view of the file: what a header claims costs nothing until the size has been checked.
    array: Array = np.load(path, mmap_mode="r", allow_pickle=False)
    _check_size(path, array, max_pixels)
    return array


def _read_tiff(path: str, max_pixels: int) -> Array:
    try:
        import tifffile
    except ImportError:
        raise MaskError(
            f"{show(path)}: TIFF masks are read with tifffile, which is not installed",
            "`pip install 'segscore[tiff]'`",
        ) from None
    with tifffile.TiffFile(path) as file:
        if not file.series:
            raise MaskError(f"{show(path)}: the TIFF holds no image", "write or copy the file again")
        _check_size(path, file.series[0], max_pixels)
        array: Array = file.series[0].asarray()
        return array
