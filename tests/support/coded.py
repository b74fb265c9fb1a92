"""Counts of what was planted, and masks as files of several kinds. Nothing here is a test."""

from pathlib import Path

import numpy as np
from PIL import Image

import segscore
from support.masks_on_disk import pillow, write
from support.planted import Mask


def truth(sides: tuple[list[Mask], list[Mask]], images: int, classes: object) -> np.ndarray:
    preds, targets = sides
    return segscore.evaluate(pred=preds[:images], target=targets[:images], classes=classes).confusion.counts


def written(folder: Path, files: dict[str, list[Mask]], kind: str = "png") -> dict[str, str]:
    """Write masks of each side, and return where they are."""
    for side, masks in files.items():
        of = {f"{i:02d}.{kind}": _file(mask, kind) for i, mask in enumerate(masks)}
        write(folder / side, of)
    return {side: str(folder / side) for side in files}


def _file(mask: Mask, kind: str) -> bytes | Mask:
    if kind == "npy":
        return mask
    return pillow(Image.fromarray(mask), "PNG" if kind == "png" else "TIFF")
