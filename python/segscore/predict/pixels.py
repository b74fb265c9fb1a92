"""Images as the numbers that a model is given.

No file is read here, and no model is called.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

import numpy as np
import numpy.typing as npt

from segscore.base.naming import arg
from segscore.errors import ArgumentError

Array = npt.NDArray[Any]
Numbers: TypeAlias = float | Sequence[float]


_ALL = f"{arg('scale')}, {arg('mean')} and {arg('std')}"


@dataclass(frozen=True, eq=False)
class Scaling:
    """What values of images become before a model is given them; each array is (channels, 1)."""

    factor: Array
    centre: Array
    spread: Array
    table: Array
    """What each value from 0 to 255 becomes, (channels, 256)."""

    @property
    def of_bytes(self) -> bool:
        """Whether values are made as small as those up to 255 need it, and none up to 1."""
        return bool((np.abs(self.factor) <= 1 / 64).all())

    def of(self, plane: Array, channel: int) -> Array:
        """Return the values of one channel as the model is given them."""
        if plane.dtype == np.uint8:
            return cast(Array, self.table[channel].take(plane))
        factor, centre, spread = (one[channel] for one in (self.factor, self.centre, self.spread))
        values = (plane.astype(np.float64) * factor - centre) / spread
        return cast(Array, values.astype(self.table.dtype))


def scaling(
    scale: float | None,
    mean: Numbers | None,
    std: Numbers | None,
    dtype: np.dtype[Any],
    channels: int | None = 3,
) -> Scaling | None:
    """Return what values become; None if they stay as they are.

    Where nobody knows yet how many channels there are, numbers are held against each other.
    """
    if scale is None and mean is None and std is None:
        return None
    if channels is None:
        channels = max(len(given) if isinstance(given, list | tuple) else 1 for given in (mean, std))
    if dtype.kind != "f":
        raise ArgumentError(
            f"{_ALL} are for models that take floats, this one takes {dtype}",
            "leave them out: the model is given values from 0 to 255",
        )
    factor, centre, spread = (
        _each(name, given, default, channels)
        for name, given, default in (("scale", scale, 1.0), ("mean", mean, 0.0), ("std", std, 1.0))
    )
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
    return Scaling(factor, centre, spread, table)


def _each(name: str, given: Numbers | None, default: float, channels: int) -> Array:
    """Return one number for each channel, (channels, 1)."""
    try:
        numbers = np.asarray(default if given is None else given)
    except ValueError:  # rows of several lengths
        numbers = np.empty(0)
    shapes = [()] if name == "scale" else [(), (channels,)]
    if numbers.shape not in shapes or numbers.dtype.kind not in "iuf" or not np.isfinite(numbers).all():
        each = "three of red, green and blue" if channels == 3 else f"{channels} of its channels"
        wanted = "a finite number" if name == "scale" else f"a finite number, or {each}"
        raise ArgumentError(f"{arg(name)} is {given!r}, expected {wanted}")
    if name != "mean" and not numbers.all():
        raise ArgumentError(f"{arg(name)} is {given!r}, expected anything but 0")
    return np.broadcast_to(numbers.astype(np.float64), channels)[:, None]


def resize_image(image: Array, size: tuple[int, int] | None) -> Array:
    """Return an image at the size of the model, by Pillow's bilinear filter; None leaves it as it is.

    Bytes stay bytes; other values become float32.
    """
    if size is None or image.shape[:2] == size:
        return image
    from PIL import Image

    height, width = size
    if image.dtype != np.uint8:
        image = image.astype(np.float32)
    colours = image.dtype == np.uint8 and image.shape[2] == 3
    planes = [image] if colours else [np.ascontiguousarray(image[..., i]) for i in range(image.shape[2])]
    made = [
        np.asarray(Image.fromarray(plane).resize((width, height), Image.Resampling.BILINEAR))
        for plane in planes
    ]
    return made[0] if colours else np.stack(made, axis=-1)


def fill(
    images: Sequence[Array], layout: str, dtype: np.dtype[Any], channels: str, scaling: Scaling | None
) -> Array:
    """Return images of one size, (H, W, channels), as the input of a model, each value as it is scaled."""
    height, width, bands = images[0].shape
    made = np.empty((len(images), bands, height, width), dtype)
    if layout == "nhwc":
        made = np.empty((len(images), *images[0].shape), dtype)
    planes = made if layout == "nchw" else np.moveaxis(made, -1, 1)
    for image, out in zip(images, planes, strict=True):
        for place, band in enumerate(range(bands) if channels == "rgb" else reversed(range(bands))):
            plane = image[..., band]
            out[place] = plane if scaling is None else scaling.of(plane, band)
    return made
