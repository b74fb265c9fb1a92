"""Mask files other than those that the core counts by itself become arrays of labels.

`segscore.io.kinds` says what reads which: PNG the core, and any file the user's function, if there is one.
What the labels mean is not known here.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from segscore import _core
from segscore.base.naming import arg, marked
from segscore.base.pointers import POINTER, PULL, is_pointer_at
from segscore.base.shown import brief
from segscore.base.values import is_int
from segscore.base.wording import show
from segscore.errors import ArgumentError, MaskError, SegscoreError, of_core
from segscore.io.addresses import Address, secrets_of
from segscore.io.array_files import array_file, readable
from segscore.io.arrays import Array, one_channel_tells, pack_colours, palette_of
from segscore.io.blobs import Blob, Fetching, most_bytes
from segscore.io.discreet import discreet
from segscore.io.kinds import OTHER, Reader, kind_of, split_suffix
from segscore.io.shapes import may_be_colours

Read: TypeAlias = Callable[[str], object]

MAX_PIXELS = _core.MAX_PIXELS
"""Most pixels of one mask file, unless the caller says otherwise."""


def checked_max_pixels(max_pixels: object) -> int:
    """Return the most pixels of a mask file, or raise ArgumentError."""
    if not is_int(max_pixels) or not 1 <= max_pixels < 1 << 62:
        raise ArgumentError(
            f"{arg('max_pixels')} is {brief(max_pixels)}", "it is a number of pixels, 1 to 2**62 - 1"
        )
    return int(max_pixels)


def is_png(path: str) -> bool:
    """Whether the name of a file says that it is a PNG."""
    return path.lower().endswith(".png")


def read_mask(path: str, *, read: Read | None = None, colours: bool, max_pixels: int = MAX_PIXELS) -> object:
    """Return the labels of a mask file or a blob, whatever its palette says; see `read_with_palette`."""
    if isinstance(path, Blob):
        with ExitStack() as held:
            content = Fetching(most_bytes(max_pixels)).content(path, held)
        return decode_mask(content, path, read=read, colours=colours)[0]
    return read_with_palette(path, read=read, colours=colours, max_pixels=max_pixels)[0]


def read_with_palette(
    path: str, *, read: Read | None = None, colours: bool, max_pixels: int = MAX_PIXELS, channels: int = 1
) -> tuple[object, bytes | None]:
    """Return the labels of a mask file; of RGB and RGBA masks as `pack_colours` makes them.

    Where labels are indices of a palette, red, green and blue of each index are beside them.
    `read` is the user's function from a path to an array of labels, and reads every file if it is given.
    `colours` says whether RGB and RGBA pixels are labels: PNG, TIFF and images of Pillow say themselves
    whether they are colours; a bare array of uint8 (height, width, 3 or 4) is taken for colours if this is
    true, and for a volume of labels if not. Arrays in files may hold as many numbers a pixel as `channels`.
    """
    if read is None and is_png(path):
        return _core.read_mask(path, max_pixels=max_pixels, colours=colours)
    try:
        found, painted, palette = (
            _read_file(path, max_pixels, colours, channels) if read is None else _call(read, path, colours)
        )
        return (_painted_labels(path, np.asarray(found), colours), None) if painted else (found, palette)
    except MemoryError as error:
        raise of_core("out-of-memory", "there is no memory for its pixels", show(path)) from error


def _painted_labels(path: str, pixels: Array, colours: bool) -> Array:
    labels = pack_colours(pixels)
    if not colours and not one_channel_tells(labels):
        said = f"expected a mask of labels, found colours of shape {pixels.shape}"
        raise of_core("colours", said, show(path))
    return labels


def read_shares(path: str, threshold: float | None, *, max_pixels: int = MAX_PIXELS) -> tuple[Array, int]:
    """Return the values of a gray PNG or JPEG as shares of the largest one, 0 to 1, and which one that is.

    It is a MaskError if there are none. They are scores of one channel, for which a threshold is needed.
    """
    if threshold is None:
        raise MaskError(
            f"{show(path)}: expected class scores, found a picture",
            f"class scores are floats in `.npy` or `.npz`; for label maps leave {arg('class_axis')} out",
        )
    values, largest = _gray_png(path, max_pixels) if is_png(path) else _gray_jpeg(path, max_pixels)
    if not 0 < threshold <= 1:
        raise MaskError(
            f"{show(path)}: gray values are shares of {largest:,}, expected a threshold above 0 and up to 1, "
            f"found {threshold:g}",
            f"divide it by {largest}, as in {arg('threshold', 0.5)}",
        )
    return values / largest, largest


def _gray_png(path: str, max_pixels: int) -> tuple[Array, int]:
    """Return the values, and the largest one that the file can hold."""
    values, _ = _core.read_mask(path, max_pixels=max_pixels, colours=False)
    with readable(path), open(path, "rb") as file:
        start = file.read(26)
    bits, form = start[24], start[25]  # PNG specification, 11.2.1 (IHDR)
    if form != 0:
        found = "a palette" if form == 3 else "several channels"
        raise MaskError(f"{show(path)}: expected gray values, found {found}", _AS_GRAY)
    return values, (1 << bits) - 1


def _gray_jpeg(path: str, max_pixels: int) -> tuple[Array, int]:
    from segscore.io import photographs

    pixels = photographs.read_image(path, max_pixels=min(max_pixels, photographs.MAX_PIXELS))
    values = pixels[..., 0]
    if (pixels != values[..., np.newaxis]).any():
        raise MaskError(f"{show(path)}: expected gray values, found colours", _AS_GRAY)
    return values, 255


_AS_GRAY = "save probabilities as gray PNG of 8 or 16 bits, or as floats in `.npy`"


def decode_mask(
    content: bytes, path: str, *, read: Read | None = None, colours: bool
) -> tuple[object, bytes | None]:
    """Return the labels of a mask file that has been read already, whatever lies at its path by now.

    The path's ending says what it is, and messages name it; for the rest see `read_with_palette`. It is a
    MaskError, too, if there is no room for a copy.
    """
    if read is None and is_png(path):
        return _core.decode_mask(content, path, max_pixels=MAX_PIXELS, colours=colours)
    # Other readers take paths: they are given one that nobody else writes to.
    with folder_of_copies(path) as folder:
        copy = os.path.join(folder, f"mask{split_suffix(path)[1]}")
        write_copy(copy, content, path)
        try:
            return read_with_palette(copy, read=read, colours=colours)
        except MaskError as error:
            raise MaskError(marked(error.message).replace(show(copy), show(path)), error.hint) from error


@contextmanager
def folder_of_copies(path: str) -> Iterator[str]:
    """Yield a folder for copies of a mask, as long as these are read; messages name its path."""
    import tempfile

    try:
        made = tempfile.TemporaryDirectory(prefix="segscore-")
    except OSError as error:
        raise _uncopied(path, error) from error
    with made as folder:
        yield folder


def write_copy(copy: str, content: bytes, path: str) -> None:
    """Write what a mask holds to a file that there is not yet; messages name its path."""
    try:
        with open(copy, "xb") as file:
            file.write(content)
    except OSError as error:
        raise _uncopied(path, error) from error


def _uncopied(path: str, error: OSError) -> MaskError:
    import tempfile

    where = "a temporary folder" if tempfile.tempdir is None else show(os.fsdecode(tempfile.tempdir))
    return MaskError(
        f"{show(path)}: cannot be copied to {where}: {error.strerror or error}",
        "make room there, or name another folder in the variable TMPDIR",
    )


def _call(read: Read, path: str, colours: bool) -> tuple[object, bool, bytes | None]:
    """Return what the user's function returns, whether its pixels are colours, and its palette."""
    try:
        found: Any = read(path.whole if isinstance(path, Address) else path)
        # What is read lazily, as Pillow does, is read here, where a failure is that of this file.
        offers = hasattr(found, "__array__") or hasattr(found, "__array_interface__")
        labels = np.asarray(found) if offers and not isinstance(found, np.ndarray) else found
    except SegscoreError:
        raise
    except (Exception, SystemExit) as error:  # a function that ends the program has failed, too
        if not isinstance(path, Address):
            raise _failed(path, error, f"{type(error).__name__}: {error}") from error
        with discreet(partial(_failed, path), secrets_of(path.whole), of=(Exception, SystemExit)):
            raise
    pillow: Any = sys.modules.get("PIL.Image")
    if pillow is not None and isinstance(found, pillow.Image):
        painted = len(found.getbands()) > 1
        if painted and found.mode not in ("LA", "RGB", "RGBA"):
            raise MaskError(
                f"{show(path)}: expected an image of labels, RGB or RGBA, found the mode {found.mode}",
                'convert it in the reader: `image.convert("RGB")` for colours',
            )
        return labels, painted, palette_of(found)
    painted = colours and isinstance(labels, np.ndarray) and may_be_colours(labels.shape, labels.dtype)
    return labels, painted, None


def _failed(path: str, _: BaseException, why: str) -> MaskError:
    if is_pointer_at(path):
        return MaskError(f"{show(path)}: the reader failed on {POINTER}: {why}", PULL)
    return MaskError(f"{show(path)}: the reader failed: {why}", "check the function on this file")


def _read_file(path: str, max_pixels: int, colours: bool, channels: int) -> tuple[Array, bool, bytes | None]:
    """Return the array in a file, whether its pixels are colours, and its palette if they are indices."""
    kind = kind_of(path)
    if kind is None or kind.reader is None:
        found = "a file of another kind" if kind is None else kind.name
        raise MaskError(f"{show(path)}: expected a mask, found {found}", OTHER if kind is None else kind.hint)
    if kind.reader == "array":
        return _read_array(path, max_pixels, colours, channels)
    with readable(path, ValueError):
        return _reader(kind.reader)(path, max_pixels=max_pixels)


def _reader(name: Reader) -> Callable[..., tuple[Array, bool, bytes | None]]:
    if name == "bitmap":
        from segscore.io.bitmaps import read_bitmap

        return read_bitmap
    if name == "pillow":
        from segscore.io.pictures import read_picture

        return read_picture
    if name == "volume":
        from segscore.io.volumes import read_volume

        return read_volume
    from segscore.io.tiff import read_tiff

    return read_tiff


def _read_array(path: str, max_pixels: int, colours: bool, channels: int) -> tuple[Array, bool, None]:
    file = array_file(path)
    painted = colours and may_be_colours(file.shape, file.dtype)
    return file.whole(max_pixels, channels=file.shape[-1] if painted else channels), painted, None
