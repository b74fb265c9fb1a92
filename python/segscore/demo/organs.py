"""Made-up volumes of two organs, and what a model finds of them."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from segscore.demo.folders import make_folders
from segscore.errors import import_failure
from segscore.io.writing import write_file

Volume = npt.NDArray[np.uint8]

VOLUMES = 4
SPACING_MM = (0.8, 0.8, 3.0)
"""Of columns, rows and slices, in the order of the axes of a volume."""
CLASSES = """\
# The classes of made-up volumes. Means are over the organs, without what is around them.
name = "segscore-demo-organs"
title = "Made-up organs, 2 classes and a background"
not_in_mean = [0]
classes = [
  { label = 0, name = "background", colour = [  0,   0,   0] },
  { label = 1, name = "liver",      colour = [200,  90,  60] },
  { label = 2, name = "spleen",     colour = [ 70, 110, 200] },
]
"""
_SHAPE = (64, 56, 20)


def organs(rng: np.random.Generator) -> tuple[Volume, Volume]:
    """Return uint8 (columns, rows, slices): a target, and what a model might make of it."""
    sizes = rng.uniform(0.85, 1.1, 2)
    bodies = [((0.38, 0.45, 0.5), (0.26, 0.3, 0.36)), ((0.75, 0.62, 0.55), (0.12, 0.14, 0.2))]
    target, pred = np.zeros(_SHAPE, np.uint8), np.zeros(_SHAPE, np.uint8)
    for label, ((centre, radius), size) in enumerate(zip(bodies, sizes, strict=True), start=1):
        target[_inside(centre, np.array(radius) * size)] = label
        moved = centre + rng.normal(0, 0.012, 3)
        pred[_inside(moved, np.array(radius) * size * rng.uniform(0.92, 1.05, 3))] = label
    return target, pred


def _inside(centre: npt.ArrayLike, radius: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
    """Return where an ellipsoid is; its centre and half axes are shares of the volume."""
    axes = np.meshgrid(*(np.linspace(0, 1, length) for length in _SHAPE), indexing="ij")
    away = (np.stack(axes, axis=-1) - np.asarray(centre)) / radius
    inside: npt.NDArray[np.bool_] = (away**2).sum(axis=-1) <= 1
    return inside


def with_nifti() -> bool:
    """Whether volumes are NIfTI files, which hold their spacing; else they are ``.npy``."""
    return not import_failure("nibabel")


def write_volume(folder: Path, name: str, volume: Volume) -> None:
    """Write a volume as a NIfTI file, or as ``.npy`` where nibabel cannot be imported."""
    make_folders(folder, (folder,))
    if with_nifti():
        import nibabel

        nifti: Any = nibabel.Nifti1Image
        image = nifti(volume, np.diag((*SPACING_MM, 1.0)), dtype=np.uint8)
        write_file(folder / f"{name}.nii", image.to_bytes())
    else:
        content = BytesIO()
        np.save(content, volume)
        write_file(folder / f"{name}.npy", content.getvalue())
