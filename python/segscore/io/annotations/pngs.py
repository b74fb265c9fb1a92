"""Masks of single objects as PNG within other files."""

import binascii
from base64 import b64decode

import numpy as np
import numpy.typing as npt

from segscore._core import decode_mask
from segscore.classes.labels import COLOUR_TAG, of_colours
from segscore.errors import SegscoreError
from segscore.io.annotations.drafts import wrong


def bits_of_png(encoded: str, max_pixels: int) -> npt.NDArray[np.bool_]:
    """Return the pixels of a PNG in base64 that are not 0."""
    try:
        content = b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        wrong("expected a PNG in base64, found other characters")
    return bits_of(content, max_pixels)


def bits_of(content: bytes, max_pixels: int) -> npt.NDArray[np.bool_]:
    """Return the pixels of a PNG of at most so many that are not 0: not clear, or not black if none is."""
    try:
        labels, _ = decode_mask(content, "", max_pixels=max_pixels, colours=True)
    except SegscoreError as error:
        wrong(f"expected a PNG of a mask: {error.message.removeprefix(': ')}")
    if labels.dtype == np.int64 and labels.size and of_colours(labels).all():
        clear = labels >> 24 & 255 == 255
        bits: npt.NDArray[np.bool_] = ~clear if clear.any() else labels != COLOUR_TAG
    else:
        bits = labels != 0
    return bits
