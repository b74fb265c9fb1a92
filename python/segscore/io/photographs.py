"""Image files as red, green and blue, or a precise refusal.

Whatever a file may hold that would make two readers see different pixels is refused instead of decided
in silence; masks are read elsewhere.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from os import PathLike, fsdecode
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from segscore.base.naming import arg
from segscore.base.pointers import POINTER, PULL, is_pointer, is_pointer_at
from segscore.base.wording import many, show
from segscore.errors import ImageError, MaskError, SegscoreError, installed
from segscore.io import tiff
from segscore.io.array_files import decode_array
from segscore.io.kinds import split_suffix
from segscore.io.opening import opened

if TYPE_CHECKING:
    import PIL.Image

FORMATS = ("BMP", "JPEG", "PNG", "TIFF", "WEBP")
"""What is read. Pillow knows more, some of which run other programs or have no fixed size."""

MAX_PIXELS = 89_478_485
"""Most pixels of an image unless the caller says otherwise: where Pillow begins to warn."""

COLOURS = 3
"""Channels of a picture."""
GRAY_HINT = (
    "check that it was trained with gray photographs like this; a model that takes one channel is given gray "
    "itself"
)
_TIFF, _ARRAYS = (".tif", ".tiff"), (".npy",)
"""Endings of files that may hold any bands."""
_ORIENTATION = 0x0112
_PLAIN = frozenset({"1", "L", "P", "RGB"})
_GRAY = frozenset({"1", "L", "LA"})
_ALPHA = frozenset({"LA", "PA", "RGBA"})


def read_image(path: str | PathLike[str], *, max_pixels: int = MAX_PIXELS) -> npt.NDArray[np.uint8]:
    """Read an image file as red, green and blue.

    Parameters
    ----------
    path : path
        A PNG, JPEG, TIFF, WebP or BMP file of one picture. Grey and palette images become RGB.
    max_pixels : int
        The largest image that is read; the size is known before memory is taken.

    Returns
    -------
    uint8 (H, W, 3)
        Red, green and blue as stored; colour profiles are not applied.

    Raises
    ------
    ImageError
        If it cannot be read; is larger; holds several pictures; is CMYK or of another mode that is no RGB,
        because converting depends on a colour profile; has 16 bits or floats a channel, because models
        scale these differently; has transparent pixels, whose colour depends on what lies behind (alpha
        that is opaque everywhere is dropped); or is to be turned by its EXIF orientation, which some
        readers apply, others do not, and labels do not carry.
    ArgumentError
        If Pillow is not installed.
    """
    return _read(path, show(fsdecode(path)), max_pixels)


def decode_image(content: bytes, name: str, *, max_pixels: int = MAX_PIXELS) -> npt.NDArray[np.uint8]:
    """Return an image file in memory, `name` in messages, as `read_image` does, or raise what that raises."""
    return _read(BytesIO(content), show(name), max_pixels)


def read_bands(path: str | PathLike[str], bands: int, *, max_pixels: int = MAX_PIXELS) -> npt.NDArray[Any]:
    """Return an image file with as many values a pixel as a model takes, (H, W, bands), or raise ImageError.

    Three bands of pictures are red, green and blue, as `read_image` has them, and one is gray. Others are in
    TIFF and ``.npy`` files, with values of any type as they are stored; in an array bands come first or last.
    """
    name = fsdecode(path)
    if split_suffix(name)[1] not in (*_TIFF, *_ARRAYS):
        return _as_bands(read_image(path, max_pixels=max_pixels), show(name), bands)
    try:
        with opened(name, "an image") as file:
            content = file.read()
    except OSError as error:
        raise ImageError(f"{show(name)}: cannot be opened: {error.strerror}", "check the path") from error
    return decode_bands(content, name, bands, max_pixels=max_pixels)


def decode_bands(content: bytes, name: str, bands: int, *, max_pixels: int = MAX_PIXELS) -> npt.NDArray[Any]:
    """Return an image file in memory, `name` in messages, as `read_bands` does, or raise what that raises."""
    suffix = split_suffix(name)[1]
    try:
        if suffix in _ARRAYS:
            values = _as_bands(decode_array(content, name), show(name), bands)
            if bands == COLOURS and values.dtype != np.uint8:
                raise ImageError(
                    f"{show(name)}: expected colours as uint8, found {values.dtype}",
                    "save values from 0 to 255; a Python function that takes paths reads any others",
                )
            return values
        if suffix in _TIFF and bands != COLOURS:
            return _as_bands(tiff.decode_bands(content, name, max_pixels=max_pixels), show(name), bands)
    except MaskError as error:
        raise ImageError(error.message, error.hint) from error
    return _as_bands(decode_image(content, name, max_pixels=max_pixels), show(name), bands)


def _as_bands(values: npt.NDArray[Any], name: str, bands: int) -> npt.NDArray[Any]:
    """Return an image as (H, W, bands), or refuse one that has not so many."""
    if values.dtype.kind not in "uif" or values.size == 0:
        raise ImageError(f"{name}: expected numbers, found {values.dtype} {values.shape}", "save it anew")
    if values.ndim == 2:
        values = values[..., np.newaxis]
    last = values.ndim == 3 and values.shape[-1] == bands
    first = values.ndim == 3 and values.shape[0] == bands
    if last and first and bands > 1:
        raise ImageError(
            f"{name}: in the shape {values.shape} it is not clear which axis holds {many(bands, 'channel')}",
            "save it with rows and columns of other lengths, or as TIFF",
        )
    if last:
        return values
    if first:
        return np.moveaxis(values, 0, -1)
    gray = values[..., :1]
    if bands == 1 and values.ndim == 3 and values.shape[2] == COLOURS and (values == gray).all():
        return gray
    found = f"the shape {values.shape}" if values.ndim != 3 else many(values.shape[2], "channel")
    raise ImageError(
        f"{name}: the model takes {many(bands, 'channel')}, found {found}",
        "save it in gray as it was done for training" if bands == 1 else _AS_TRAINED,
    )


_AS_TRAINED = "save the channels that the model was trained with, as TIFF or `.npy`"


def size_of(path: str) -> tuple[int, int] | None:
    """Return height and width of an image file, as its header has them; None where Pillow is not installed.

    What no header of an image can be read from is an ImageError.
    """
    if split_suffix(path)[1] in _TIFF:  # of which Pillow opens some alone
        return tiff.size_of_tiff(path)
    from importlib.util import find_spec

    if find_spec("PIL") is None:
        return None
    with _opened(path, show(path), (*FORMATS, "PPM")) as image:
        width, height = image.size
        return height, width


def is_gray(path: str) -> bool:
    """Whether a picture has one channel, as its header has it; one that cannot be read has none."""
    if split_suffix(path)[1] in _ARRAYS:
        return False
    try:
        with _opened(path, show(path), FORMATS) as image:
            return image.mode in _GRAY
    except SegscoreError:
        return False


def _read(file: str | PathLike[str] | BytesIO, name: str, max_pixels: int) -> npt.NDArray[np.uint8]:
    with _opened(file, name, FORMATS) as image:
        _check_header(image, name, max_pixels)
        image.load()
        return _rgb(image, name)


@contextmanager
def _opened(
    file: str | PathLike[str] | BytesIO, name: str, formats: tuple[str, ...]
) -> Iterator["PIL.Image.Image"]:
    """Open an image; whatever is raised about it meanwhile becomes an ImageError."""
    with installed("images are read with Pillow", "`pip install 'segscore[run]'`"):
        from PIL import Image
    try:
        with Image.open(file, formats=formats) as image:
            yield image
    except SegscoreError:
        raise
    except MemoryError as error:
        raise ImageError(f"{name}: there is no memory for its pixels", _FEWER) from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ImageError(f"{name}: the image is too large for Pillow: {error}", _SMALLER) from error
    except OSError as error:
        if error.errno is not None:
            raise ImageError(f"{name}: cannot be opened: {error.strerror}", "check the path") from error
        pointer = is_pointer(file.getvalue()) if isinstance(file, BytesIO) else is_pointer_at(file)
        if pointer:
            raise ImageError(f"{name}: expected an image, found {POINTER}", PULL) from error
        raise _broken(name, error) from error
    except Exception as error:  # whatever a decoder raises on bytes that nobody wrote on purpose
        raise _broken(name, error) from error


_SMALLER = f"raise {arg('max_pixels')} if the image is meant to be so large; else split it into tiles"
_FEWER = f"use smaller images, or a lower {arg('max_pixels')} to refuse them by their size"


def _broken(name: str, error: Exception) -> ImageError:
    from PIL import UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):
        return ImageError(
            f"{name}: expected an image ({', '.join(FORMATS)}), found something else",
            "save it as PNG; a Python function that takes paths reads any format",
        )
    return ImageError(f"{name}: the image is damaged: {error}", "save or copy it again")


def _check_header(image: Any, name: str, max_pixels: int) -> None:
    """Refuse what the header tells, before memory is taken for pixels."""
    width, height = image.size
    if width * height > max_pixels:
        raise ImageError(
            f"{name}: expected at most {max_pixels:,} pixels, found {width * height:,} ({width} x {height})",
            _SMALLER,
        )
    # Cameras write a preview as the second picture of a JPEG, which makes it MPO.
    if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
        raise ImageError(
            f"{name}: expected one picture, found {image.n_frames} (an animation or several pages)",
            "save each as a file",
        )
    # Pillow calls PNG and TIFF of 16 bits a channel RGB as well, and drops the lower eight.
    deep = any(";16" in str(tile[3]) for tile in image.tile)
    if deep or image.mode not in _PLAIN | _ALPHA:
        raise ImageError(
            f"{name}: expected 8 bits of grey, palette, RGB or RGBA, found the mode {image.mode}"
            + deep * " with 16 bits",
            "convert it to RGB as it was done for training; a Python function that takes paths may do so",
        )
    orientation = image.getexif().get(_ORIENTATION, 1)
    if orientation != 1:
        raise ImageError(
            f"{name}: the EXIF orientation is {orientation}, expected 1 (as stored) or none",
            "labels do not carry it: turn the pixels as the labels are, and remove the tag",
        )


def _rgb(image: Any, name: str) -> npt.NDArray[np.uint8]:
    if image.mode in _ALPHA or "transparency" in image.info:
        image = image.convert("RGBA")
        lowest = image.getchannel("A").getextrema()[0]
        if lowest < 255:
            raise ImageError(
                f"{name}: the image has transparent pixels (alpha down to {lowest}), expected none",
                "put it on the background that the model was trained with, and save it without alpha",
            )
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))
