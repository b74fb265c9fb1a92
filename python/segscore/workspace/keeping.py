"""Predictions that a run keeps: a mask for each image, named as the image is, in a folder of the run."""

import io
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt

from segscore import _core
from segscore.errors import MaskError, OutputError
from segscore.sources import show

PNG, NPY = ".png", ".npy"


def keep_prediction(folder: Path, name: str, labels: npt.NDArray[np.integer]) -> None:
    """Write label values as a PNG of 8 or 16 bits; as ``.npy`` those that no PNG can hold.

    The file is on the disk when this returns.

    Parameters
    ----------
    folder : Path
        Where the predictions of a run are.
    name : str
        Of the image; with ``/`` between folders.
    labels : integers (H, W)
        Label values.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    try:
        path, content = folder / f"{name}{PNG}", _core.encode_mask(labels)
    except MaskError:
        page = io.BytesIO()
        np.save(page, labels, allow_pickle=False)
        path, content = folder / f"{name}{NPY}", page.getvalue()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise OutputError(
            f"{show(str(path))}: the prediction cannot be kept: {error.strerror}",
            "free some room and run the same again, which goes on here; or add `--no-keep-predictions`",
        ) from error


def kept_prediction(folder: Path, name: str) -> Path | None:
    """Return the file of a prediction that was kept, None if there is none."""
    for suffix in (PNG, NPY):
        path = folder / f"{name}{suffix}"
        if path.is_file():
            return path
    return None
