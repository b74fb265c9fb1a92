"""Class scores as a model puts them out: argmax, then count, as people do it. Nothing here is timed."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

import segscore
from made_masks import LARGE, VOID, Mask, scenes
from peers import Answer, Way, hist, torch_on_one_thread

CLASSES, HEIGHT, WIDTH = 19, 1024, 2048
"""Of a street scene at full resolution, as benchmarks of such scenes have them."""
BATCH, CROP = 8, (512, 1024)
"""Images of a step of training on such scenes, and the height and width of what is cut out of each."""
_IGNORED = 255


class Scored(NamedTuple):
    """Class scores, whose highest is a pixel's class, and their target."""

    logits: npt.NDArray[np.floating]
    """(CLASSES, height, width), or (images, CLASSES, height, width)."""
    target: Mask

    @property
    def axis(self) -> int:
        """Which axis of the scores holds the classes."""
        return self.target.ndim - 2


def made() -> Scored:
    """Return normal scores that are higher for the class of a made scene, which mostly wins."""
    scene = scenes(LARGE, 1)
    pred, target = (np.pad(side[0][:HEIGHT], ((0, 0), (0, WIDTH - LARGE[1])), "edge") for side in scene[:2])
    rng = np.random.default_rng(20260103)
    logits = rng.standard_normal((CLASSES, HEIGHT, WIDTH), dtype=np.float32)
    for k, plane in enumerate(logits):
        plane[pred == k] += 8
    target[target == VOID] = _IGNORED
    return Scored(logits, target)


def made_batch() -> Scored:
    """Return a step of training: float16 scores of mixed precision, and a target as losses take it, int64."""
    scene, (height, width) = scenes(LARGE, BATCH), CROP
    pred, target = (np.stack([mask[:height, :width] for mask in side]) for side in scene[:2])
    rng = np.random.default_rng(20260104)
    logits = np.empty((BATCH, CLASSES, *CROP), dtype=np.float16)
    for planes, labels in zip(logits, pred, strict=True):
        for k, plane in enumerate(planes):
            plane[:] = rng.standard_normal(CROP, dtype=np.float32) + 8 * (labels == k)
    return Scored(logits, np.where(target == VOID, _IGNORED, target).astype(np.int64))


def count(scored: Scored) -> Answer:
    """Return the counts of segscore, which makes no array of labels."""
    cm = segscore.ConfusionMatrix(CLASSES, ignore_index=_IGNORED)
    cm.update(logits=scored.logits, target=scored.target, class_axis=scored.axis)
    return cm.counts


def numpy_argmax(scored: Scored) -> Answer:
    """Return the counts of NumPy's argmax."""
    return hist(scored.target, scored.logits.argmax(axis=scored.axis), CLASSES)


def torch_argmax(scored: Scored) -> Answer:
    """Return the counts of torch's argmax and bincount."""
    torch = torch_on_one_thread()
    target = torch.from_numpy(scored.target)
    pred = torch.from_numpy(scored.logits).argmax(dim=scored.axis)
    mask = target < CLASSES
    cells = CLASSES * target[mask].long() + pred[mask]
    counts = torch.bincount(cells, minlength=CLASSES**2)
    return counts.reshape(CLASSES, CLASSES).numpy()


def torchmetrics_jaccard(scored: Scored) -> Answer:
    """Return the counts of `JaccardIndex`, which takes the argmax itself, without its checks of values."""
    torch = torch_on_one_thread()
    from torchmetrics import JaccardIndex

    logits, target = torch.from_numpy(scored.logits), torch.from_numpy(scored.target)
    if scored.axis == 0:
        logits, target = logits[None], target[None]
    metric = JaccardIndex("multiclass", num_classes=CLASSES, ignore_index=_IGNORED, validate_args=False)
    metric.update(logits, target)
    return metric.confmat.numpy()


@cache
def _jitted() -> Callable[[Any, Any, Answer], None]:
    import numba

    @numba.njit
    def count(logits: Any, target: Any, counts: Answer) -> None:
        best = np.empty(target.shape[1], dtype=np.float32)
        pred = np.empty(target.shape[1], dtype=np.uint8)
        for y in range(target.shape[0]):
            best[:] = logits[0, y]
            pred[:] = 0
            for k in range(1, logits.shape[0]):
                for x in range(target.shape[1]):
                    higher = logits[k, y, x] > best[x]
                    best[x] = logits[k, y, x] if higher else best[x]
                    pred[x] = k if higher else pred[x]
            for x in range(target.shape[1]):
                if target[y, x] < logits.shape[0]:
                    counts[target[y, x], pred[x]] += 1

    return count


def numba_argmax(scored: Scored) -> Answer:
    """Return the counts of compiled loops that keep the best score of each pixel of a row."""
    counts = np.zeros((CLASSES, CLASSES), dtype=np.int64)
    _jitted()(scored.logits, scored.target, counts)
    return counts


ARRAYS = (
    Way("segscore", count),
    Way("NumPy argmax + bincount", numpy_argmax),
    Way("torch argmax + bincount", torch_argmax, ("torch",)),
    Way("torchmetrics JaccardIndex", torchmetrics_jaccard, ("torch", "torchmetrics")),
)
"""Ways that take scores of any type, of one image or of several."""
WAYS = (*ARRAYS, Way("numba", numba_argmax, ("numba",)))
"""Ways for the float32 scores of one image."""
