"""Predictions that a run keeps: a mask for each image, named as the image is, in a folder of the run."""

import io
import os
import shutil
from pathlib import Path

import numpy as np
import numpy.typing as npt

from segscore._core import encode_mask
from segscore.base.wording import show
from segscore.errors import MaskError, OutputError
from segscore.io.writing import write_file
from segscore.workspace.store.disk import check_there, removing

PNG, NPY = ".png", ".npy"


def keep_prediction(folder: Path, name: str, labels: npt.NDArray[np.integer]) -> None:
    """Write label values (H, W) as a PNG of 8 or 16 bits; as ``.npy`` those that no PNG can hold.

    The file is on the disk when this returns, as a whole or not at all. The name of the image may hold ``/``
    between folders, but not lead out of the folder.
    """
    try:
        suffix, other, content = PNG, NPY, encode_mask(labels)
    except MaskError:
        page = io.BytesIO()
        np.save(page, labels, allow_pickle=False)
        suffix, other, content = NPY, PNG, page.getvalue()
    path = folder / f"{name}{suffix}"
    if not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        raise OutputError(
            f"{show(str(path))}: the prediction cannot be kept: its name leads out of the folder of the run",
            "add the dataset anew with names of files within its folders",
        )
    try:
        # Never a folder above: a workspace that is moved away meanwhile is not to be begun anew.
        for inner in reversed([one for one in path.parents if one.is_relative_to(folder)]):
            inner.mkdir(exist_ok=True)
        write_file(path, content)
        (folder / f"{name}{other}").unlink(missing_ok=True)
    except OSError as error:
        check_there(folder)
        cause = error.__cause__ if isinstance(error, OutputError) else error
        raise OutputError(
            f"{show(str(path))}: the prediction cannot be kept: {getattr(cause, 'strerror', None) or cause}",
            "free some room and run the same again, which goes on here; or add `--no-keep-predictions`",
        ) from error


def remove_predictions(folder: Path) -> None:
    """Remove all predictions of a run, if it has any."""
    with removing(folder):
        if folder.is_dir():
            shutil.rmtree(folder)


class KeptPredictions:
    """The files of predictions that a run has kept, as they were when one of their folder was asked for.

    What a link leads to was not kept by the run. Each folder is read once, which for many images takes a
    tenth of what asking for each of them does.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._root = os.path.realpath(folder)
        self._files: dict[str, frozenset[str]] = {}

    def of(self, name: str) -> str | None:
        """Return the file of the prediction of an image; None if there is none."""
        inner, _, last = name.rpartition("/")
        for suffix in (PNG, NPY):
            if last + suffix in self._there(inner):
                return f"{self._folder}{os.sep}{name}{suffix}"
        return None

    def _there(self, inner: str) -> frozenset[str]:
        if inner not in self._files:
            where = os.path.join(self._root, inner)
            # A name may not lead out of the folder, and no folder within it be a link.
            own = os.path.realpath(where) == where.rstrip("/") and f"{where}/".startswith(f"{self._root}/")
            self._files[inner] = _files(where) if own else frozenset()
        return self._files[inner]


def _files(folder: str) -> frozenset[str]:
    """Return the names of the files in a folder that are no links; none where it is not there."""
    try:
        with os.scandir(folder) as entries:
            return frozenset(entry.name for entry in entries if entry.is_file(follow_symlinks=False))
    except (OSError, ValueError):
        return frozenset()


def kept_prediction(folder: Path, name: str) -> Path | None:
    """Return the file of a prediction that was kept, None if there is none."""
    for suffix in (PNG, NPY):
        path = folder / f"{name}{suffix}"
        if path.is_file():
            return path
    return None
