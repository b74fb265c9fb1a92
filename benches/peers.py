"""How others count: each way is the code that people write, on one thread. Nothing here is timed.

A package that a way needs is imported when the way first runs. Targets outside the classes are dropped,
as most evaluation scripts do; predictions are taken to be classes.
"""

import os
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from made_masks import Mask, Pairs

Answer = npt.NDArray[Any]
"""Counts or scores."""


class Way(NamedTuple):
    """One way to do a work."""

    name: str
    """What tables call it."""
    run: Callable[[Any], Any]
    """From the work's data to the answer, which is the same for every way of a work."""
    needs: tuple[str, ...] = ()
    """Packages that must be installed, by the names that they are imported by."""

    @property
    def missing(self) -> str | None:
        """Why it cannot be measured here, or None."""
        absent = [name for name in self.needs if find_spec(name) is None]
        return f"{self.name} ({', '.join(absent)} not installed)" if absent else None


class Folders(NamedTuple):
    """Folders of PNG masks that have the same names in both."""

    pred: Path
    target: Path
    pixels: int
    """Pixels of all targets."""
    classes: int
    ignore: int
    palette: bool = False
    """Whether labels are indices of a palette."""
    threads: int = 1


def iou(counts: Answer) -> Answer:
    """Return the IoU of each class; NaN for classes that are nowhere."""
    with np.errstate(invalid="ignore"):
        return np.diag(counts) / (counts.sum(axis=0) + counts.sum(axis=1) - np.diag(counts))


# Arrays


def fast_hist(pairs: Pairs) -> Answer:
    """Return counts by NumPy's `bincount`, the loop that most evaluation scripts contain."""
    counts = np.zeros((pairs.classes, pairs.classes), dtype=np.int64)
    for pred, target in zip(pairs.pred, pairs.target, strict=True):
        counts += hist(target, pred, pairs.classes)
    return counts


def hist(target: Mask, pred: Mask, classes: int) -> Answer:
    """Return the counts of one pair, int64 (classes, classes)."""
    mask = (target >= 0) & (target < classes)
    cells = classes * target[mask].astype(int) + pred[mask]
    return np.bincount(cells, minlength=classes**2).reshape(classes, classes)


def scikit_learn(pairs: Pairs) -> Answer:
    """Return counts by `sklearn.metrics.confusion_matrix`, given the labels."""
    from sklearn.metrics import confusion_matrix

    labels = np.arange(pairs.classes)
    counts = np.zeros((pairs.classes, pairs.classes), dtype=np.int64)
    for pred, target in zip(pairs.pred, pairs.target, strict=True):
        counts += confusion_matrix(target.ravel(), pred.ravel(), labels=labels)
    return counts


@cache
def _jitted() -> Callable[[Mask, Mask, Answer], None]:
    import numba

    @numba.njit
    def count(target: Mask, pred: Mask, counts: Answer) -> None:
        for i in range(target.size):
            if 0 <= target[i] < counts.shape[0]:
                counts[target[i], pred[i]] += 1

    return count


def numba_loop(pairs: Pairs) -> Answer:
    """Return counts by a plain loop over pixels, compiled."""
    counts = np.zeros((pairs.classes, pairs.classes), dtype=np.int64)
    count = _jitted()
    for pred, target in zip(pairs.pred, pairs.target, strict=True):
        count(target.ravel(), pred.ravel(), counts)
    return counts


@cache
def opencv_on_one_thread() -> Any:
    """Return the package, which is told to take one thread."""
    import cv2

    cv2.setNumThreads(1)
    return cv2


def opencv_hist(pairs: Pairs) -> Answer:
    """Return counts by `calcHist` of two channels, which are uint8; it leaves out what is no class."""
    cv2, size = opencv_on_one_thread(), [pairs.classes] * 2
    limits = [0, pairs.classes] * 2
    counts = np.zeros(size, dtype=np.int64)
    for pred, target in zip(pairs.pred, pairs.target, strict=True):
        # A cell of one image is a float32, which is exact up to 2**24 pixels.
        counts += cv2.calcHist([target, pred], [0, 1], None, size, limits).astype(np.int64)
    return counts


@cache
def torch_on_one_thread() -> Any:
    """Return the package, which is told to take one thread."""
    import torch

    torch.set_num_threads(1)
    return torch


def torch_bincount(pairs: Pairs) -> Answer:
    """Return counts by `fast_hist` on tensors."""
    torch, classes = torch_on_one_thread(), pairs.classes
    counts = torch.zeros(classes**2, dtype=torch.int64)
    for pred_array, target_array in zip(pairs.pred, pairs.target, strict=True):
        pred, target = torch.from_numpy(pred_array), torch.from_numpy(target_array)
        mask = (target >= 0) & (target < classes)
        cells = classes * target[mask].long() + pred[mask]
        counts += torch.bincount(cells, minlength=classes**2)
    return counts.reshape(classes, classes).numpy()


def torchmetrics_matrix(pairs: Pairs) -> Answer:
    """Return counts by `MulticlassConfusionMatrix`, without its checks of values."""
    torch = torch_on_one_thread()
    from torchmetrics.classification import MulticlassConfusionMatrix

    metric = MulticlassConfusionMatrix(pairs.classes, ignore_index=pairs.ignore, validate_args=False)
    for pred, target in zip(pairs.pred, pairs.target, strict=True):
        metric.update(torch.from_numpy(pred).long(), torch.from_numpy(target).long())
    return metric.compute().numpy()


FAST_HIST = Way("NumPy fast_hist", fast_hist)
OPENCV = Way("OpenCV", opencv_hist, ("cv2",))
COUNTING = (
    FAST_HIST,
    Way("scikit-learn", scikit_learn, ("sklearn",)),
    Way("numba", numba_loop, ("numba",)),
    Way("torch bincount", torch_bincount, ("torch",)),
    Way("torchmetrics", torchmetrics_matrix, ("torch", "torchmetrics")),
)
"""Ways to count label maps of any integer type; the first one is the usual one."""


# Folders


def _files(folders: Folders) -> list[tuple[str, str]]:
    names = sorted(os.listdir(folders.target))
    return [(f"{folders.pred}/{name}", f"{folders.target}/{name}") for name in names]


def pillow_fast_hist(folders: Folders) -> Answer:
    """Return counts of files that Pillow reads and NumPy counts."""
    from PIL import Image

    counts = np.zeros((folders.classes, folders.classes), dtype=np.int64)
    for pred_path, target_path in _files(folders):
        with Image.open(pred_path) as pred, Image.open(target_path) as target:
            counts += hist(np.asarray(target), np.asarray(pred), folders.classes)
    return counts


def opencv_numba(folders: Folders) -> Answer:
    """Return counts of files that OpenCV reads and numba counts."""
    cv2, count = opencv_on_one_thread(), _jitted()
    counts = np.zeros((folders.classes, folders.classes), dtype=np.int64)
    for paths in _files(folders):
        pred, target = (cv2.imread(path, cv2.IMREAD_UNCHANGED) for path in paths)
        count(target.ravel(), pred.ravel(), counts)
    return counts


PILLOW = Way("Pillow + NumPy", pillow_fast_hist, ("PIL",))
OPENCV_NUMBA = Way("OpenCV + numba", opencv_numba, ("cv2", "numba"))


# Files and images by the thousand


def listed_names(folders: Folders) -> list[tuple[str, str]]:
    """Return pairs of paths by sorting both folders and trusting that they hold the same names."""
    pred, target = (sorted(os.listdir(side)) for side in (folders.pred, folders.target))
    assert pred == target, "the same names in both folders"
    return _files(folders)


def image_by_image(matrices: list[Answer]) -> Answer:
    """Return the mean IoU of the summed matrices, and the mean over images of each one's mean IoU.

    The mean of an image is over the classes in its target.
    """
    means = [np.nanmean(iou(counts)[counts.sum(axis=1) > 0]) for counts in matrices]
    return np.array([np.nanmean(iou(np.sum(matrices, axis=0))), np.mean(means)])
