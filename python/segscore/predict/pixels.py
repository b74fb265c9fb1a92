"""Images as the numbers that a model is given.

No file is read here, and no model is called.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from segscore.base.naming import arg
from segscore.errors import ArgumentError

Array = npt.NDArray[Any]
Numbers: TypeAlias = float | Sequence[float]


_ALL = f"{arg('scale')}, {arg('mean')} and {arg('std')}"


def numbers_table(
    scale: float | None, mean: Numbers | None, std: Numbers | None, dtype: np.dtype[Any]
) -> Array | None:
    """Return what each value of each colour becomes, (3, 256); None if it stays as it is."""
    if scale is None and mean is None and std is None:
        return None
    if dtype.kind != "f":
        raise ArgumentError(
            f"{_ALL} are for models that take floats, this one takes {dtype}",
            "leave them out: the model is given values from 0 to 255",
        )
    factor, centre, spread = _three("scale", scale, 1.0), _three("mean", mean, 0.0), _three("std", std, 1.0)
    if scale is None and centre.any() and (np.abs(centre) <= 1).all() and (np.abs(spread) <= 1).all():
        raise ArgumentError(
            f"{arg('mean')} is {mean!r}, as of values from 0 to 1, but the model is given values up to 255",
            f"say {arg('scale', '1/255', code='1/255')} for a model that was trained on 0 to 1; or "
            f"{arg('scale', 1)} if these are of 0 to 255",
        )
    values = np.arange(256) * factor - centre
    with np.errstate(over="ignore"):  # what cannot be held becomes infinite, and is refused
        table = (values / spread).astype(dtype)
    if not np.isfinite(table).all():
        raise ArgumentError(f"{_ALL} give numbers beyond {dtype}", "check their unit")
    return table


def _three(name: str, given: Numbers | None, default: float) -> Array:
    """Return one number for each colour, (3, 1)."""
    try:
        numbers = np.asarray(default if given is None else given)
    except ValueError:  # rows of several lengths
        numbers = np.empty(0)
    shapes = [()] if name == "scale" else [(), (3,)]
    if numbers.shape not in shapes or numbers.dtype.kind not in "iuf" or not np.isfinite(numbers).all():
        wanted = "a finite number" if name == "scale" else "a finite number, or three of red, green and blue"
        raise ArgumentError(f"{arg(name)} is {given!r}, expected {wanted}")
    if name != "mean" and not numbers.all():
        raise ArgumentError(f"{arg(name)} is {given!r}, expected anything but 0")
    return np.broadcast_to(numbers.astype(np.float64), 3)[:, None]


def resize_image(image: Array, size: tuple[int, int] | None) -> Array:
    """Return an image at the size of the model, by Pillow's bilinear filter; None leaves it as it is."""
    if size is None or image.shape[:2] == size:
        return image
    from PIL import Image

    height, width = size
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR))


def fill(
    images: Sequence[Array], layout: str, dtype: np.dtype[Any], channels: str, table: Array | None
) -> Array:
    """Return images of one size, uint8 (H, W, 3), as the input of a model, each value as the table has it."""
    made = np.empty((len(images), 3, *images[0].shape[:2]), dtype)
    if layout == "nhwc":
        made = np.empty((len(images), *images[0].shape), dtype)
    planes = made if layout == "nchw" else np.moveaxis(made, -1, 1)
    for image, out in zip(images, planes, strict=True):
        for place, colour in enumerate((0, 1, 2) if channels == "rgb" else (2, 1, 0)):
            plane = image[..., colour]
            out[place] = plane if table is None else table[colour].take(plane)
    return made
