"""Predictions that a run keeps: a mask for each image, named as the image is, in a folder of the run."""

import io
import os
import shutil
import struct
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from segscore.atomic import write_file
from segscore.errors import OutputError
from segscore.sources import show

PNG, NPY = ".png", ".npy"
_LEVEL = 3
"""Of compression. A quarter of the time of level 6, and a quarter more bytes, on masks of 360 x 480."""


def keep_prediction(folder: Path, name: str, labels: npt.NDArray[np.integer]) -> None:
    """Write label values as a PNG of 8 or 16 bits; as ``.npy`` those that no PNG can hold.

    The file is on the disk when this returns, as a whole or not at all.

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
        If it cannot be written, or the name leads out of the folder.
    """
    low, high = (int(labels.min()), int(labels.max())) if labels.size else (0, 0)
    if low >= 0 and high < 1 << 16:
        suffix, other = PNG, NPY
        content = _png(labels, 8 if high < 1 << 8 else 16)
    else:
        suffix, other = NPY, PNG
        page = io.BytesIO()
        np.save(page, labels, allow_pickle=False)
        content = page.getvalue()
    path = folder / f"{name}{suffix}"
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        raise OutputError(
            f"{show(str(path))}: the prediction cannot be kept: its name leads out of the folder of the run",
            "add the dataset anew with names of files within its folders",
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_file(path, content)
        (folder / f"{name}{other}").unlink(missing_ok=True)
    except OSError as error:
        cause = error.__cause__ if isinstance(error, OutputError) else error
        raise OutputError(
            f"{show(str(path))}: the prediction cannot be kept: {getattr(cause, 'strerror', None) or cause}",
            "free some room and run the same again, which goes on here; or add `--no-keep-predictions`",
        ) from error


def remove_predictions(folder: Path) -> None:
    """Remove all predictions of a run, if it has any.

    Raises
    ------
    OutputError
        If that is not possible.
    """
    try:
        if folder.is_dir():
            shutil.rmtree(folder)
    except OSError as error:
        raise OutputError(
            f"{show(str(folder))}: cannot be removed: {error.strerror}", "make the workspace writable"
        ) from error


def remove_parts(folder: Path) -> None:
    """Remove what a killed process had not written to its end."""
    for path in folder.rglob(".*.part"):
        path.unlink(missing_ok=True)


def _png(labels: npt.NDArray[np.integer], bits: int) -> bytes:
    """Return a grey PNG of 8 or 16 bits, written while a model waits: quickly before small.

    Notes
    -----
    Chunks, and the filter `Up`: Portable Network Graphics (PNG) Specification, sections 5.3 and 9.2.
    """
    height, width = labels.shape
    rows = labels.astype(f">u{bits // 8}", order="C").view(np.uint8)
    lines = np.full((height, 1 + rows.shape[1]), 2, np.uint8)
    lines[:, 1:] = rows
    lines[1:, 1:] -= rows[:-1]
    header = struct.pack(">IIBBBBB", width, height, bits, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(lines.tobytes(), _LEVEL)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def kept_prediction(folder: Path, name: str) -> Path | None:
    """Return the file of a prediction that was kept, None if there is none."""
    for suffix in (PNG, NPY):
        path = folder / f"{name}{suffix}"
        if path.is_file():
            return path
    return None
