"""Builders of volumes in files, which nibabel and SimpleITK write. Nothing here is a test."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

Array = npt.NDArray[Any]

SPACING = (0.8, 0.8, 3.0)
LABELS = np.random.default_rng(0).integers(0, 4, (7, 6, 5)).astype(np.uint8)


def affine(
    spacing: Sequence[float] = SPACING, origin: Sequence[float] = (-10.0, 4.0, 7.0), *, turn: float = 0.0
) -> Array:
    """Return where voxels lie that go on to the right, to the front and up, or are turned about that."""
    cosine, sine = np.cos(turn), np.sin(turn)
    rotation = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1]])
    found = np.eye(4)
    found[:3, :3] = rotation * np.asarray(spacing)
    found[:3, 3] = origin
    return found


def nifti(path: Path, labels: Array, where: Array | None = None, **fields: object) -> Path:
    """Write a NIfTI file with nibabel, with these fields of its header."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = nib.Nifti1Image(labels, affine() if where is None else where, dtype=labels.dtype)
    for name, value in fields.items():
        image.header[name] = value
    nib.save(image, path)
    return path


def itk(path: Path, labels: Array, *, compressed: bool = False, spacing: Sequence[float] = SPACING) -> Path:
    """Write a file of any format with SimpleITK, of the same places as `affine` has."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = sitk.GetImageFromArray(np.ascontiguousarray(labels.T))
    image.SetSpacing(spacing)
    image.SetOrigin((10.0, -4.0, 7.0))  # which points left and to the back
    image.SetDirection((-1, 0, 0, 0, -1, 0, 0, 0, 1))
    sitk.WriteImage(image, str(path), useCompression=compressed)
    return path
