"""Mask files other than those that the core counts by itself become arrays of labels.

PNG is read by the core, ``.npy`` by NumPy, TIFF by tifffile (extra ``tiff``), anything else by the
user's function. What the labels mean is not known here.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from segscore import _core
from segscore.arrays import Array, is_colours, pack_colours
from segscore.errors import MaskError, SegscoreError
from segscore.sources import split_suffix

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
    if read is not None:
        try:
            value = read(path)
        except SegscoreError:
            raise
        except Exception as error:
            raise MaskError(
                f"{path}: `read` failed: {type(error).__name__}: {error}", "check the function on this file"
            ) from error
        found = value
    else:
        found = _read_array(path, max_pixels)
    if isinstance(found, np.ndarray) and is_colours(found):
        if not colours:
            raise MaskError(
                f"{path}: expected a mask of labels, found colours of shape {found.shape}",
                "colours are read only where the classes have colours: give them some, or save label values",
            )
        return pack_colours(found)
    return found


def _read_array(path: str, max_pixels: int) -> Array:
    suffix = split_suffix(path)[1]
    if suffix == ".npy":
        reader: Callable[[str], Any] = _open_npy
    elif suffix in (".tif", ".tiff"):
        reader = _open_tiff
    else:
        raise MaskError(
            f"{path}: expected .png, .npy, .tif or .tiff",
            "give `read=` a function that takes a path and returns an array of labels",
        )
    try:
        array: Array = reader(path)
    except SegscoreError:
        raise
    except OSError as error:
        raise MaskError(
            f"{path}: cannot be read: {error.strerror or error}", "check that the file is there and readable"
        ) from error
    except Exception as error:
        raise MaskError(f"{path}: the file is damaged: {error}", "write or copy the file again") from error
    if array.size > max_pixels * (array.shape[-1] if is_colours(array) else 1):
        raise MaskError(
            f"{path}: {array.shape} is more than max_pixels = {max_pixels:,}",
            "if the mask is really this large, raise `max_pixels`",
        )
    return array


def _open_npy(path: str) -> Any:
    # A view of the file: what a header claims costs nothing until the size has been checked.
    return np.load(path, mmap_mode="r", allow_pickle=False)


def _open_tiff(path: str) -> Any:
    try:
        import tifffile
    except ImportError:
        raise MaskError(
            f"{path}: TIFF masks are read with tifffile, which is not installed",
            "`pip install 'segscore[tiff]'`",
        ) from None
    return tifffile.imread(path)
