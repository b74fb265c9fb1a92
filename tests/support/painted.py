"""Scenes as images with colours: indices of palettes, RGB, and gray label values. Nothing here is a test."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from segscore import Classes
from support.masks_on_disk import pillow, write
from support.planted import NAMES, Mask, scenes

VOID = (224, 224, 192)
COLOURS = np.zeros((256, 3), np.uint8)
COLOURS[[0, 1, 2, 3, 4, 255]] = [
    (70, 130, 180),
    (70, 70, 70),
    (128, 64, 128),
    (0, 0, 142),
    (220, 20, 60),
    VOID,
]
CLASSES = Classes(NAMES, ignore=[255], colours={i: COLOURS[i].tolist() for i in (0, 1, 2, 3, 4, 255)})


def adaptive(mask: Mask) -> Image.Image:
    """Return the mask as an image whose palette holds the colours in an order of its own."""
    return Image.fromarray(COLOURS[mask]).convert("P", palette=Image.Palette.ADAPTIVE, colors=8)


def indexed(mask: Mask, colours: npt.NDArray[np.uint8] = COLOURS) -> Image.Image:
    """Return the mask as an image whose indices are the labels."""
    image = Image.fromarray(mask.astype(np.uint8))
    image.putpalette(colours.tobytes())
    return image


def gray(mask: Mask) -> Image.Image:
    return Image.fromarray(mask.astype(np.uint8))


def painted(mask: Mask) -> Image.Image:
    return Image.fromarray(COLOURS[mask])


Form = Callable[[Mask], Image.Image]


def folders(folder: Path, pred: Form, target: Form, images: int, kind: str = "png") -> dict[str, str]:
    """Write the scenes, and return where both sides are."""
    for side, form, masks in zip(("pred", "target"), (pred, target), scenes(), strict=True):
        files = {
            f"{i:02d}.{kind}": pillow(form(mask), "TIFF" if kind == "tif" else "PNG")
            for i, mask in enumerate(masks[:images])
        }
        write(folder / side, files)
    return {side: str(folder / side) for side in ("pred", "target")}
