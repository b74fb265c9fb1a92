"""Works on boundaries and surfaces, and how others do them, on one thread. Nothing here is timed."""

from collections.abc import Callable
from functools import partial
from math import hypot
from typing import Any, Literal

import numpy as np

import segscore
from made_masks import Mask, Pairs
from made_volumes import Case, bad_organ, organs
from peers import Answer, Way, opencv_on_one_thread, torch_on_one_thread

_TOLERANCE = 2.0
_WITHIN = 2.5
"""How far surfaces are looked for where only shares within the tolerance are asked for."""


# Bands


def boundary_iou(pairs: Pairs) -> Answer:
    """Return the boundary IoU of each class of summed pixels, by segscore."""
    judge = segscore.Evaluator(pairs.classes, ignore_index=pairs.ignore, boundary=0.02)
    for pred, target in zip(pairs.pred, pairs.target, strict=True):
        judge.add(pred=pred, target=target)
    return np.asarray(judge.result().boundary.iou)


def eroded(pairs: Pairs) -> Answer:
    """Return the same by eroding each mask with OpenCV, as the Boundary IoU API does."""
    sums = np.zeros((3, pairs.classes), dtype=np.int64)
    for pred, target in zip(pairs.pred, pairs.target, strict=True):
        width = max(1, round(0.02 * hypot(*target.shape)))
        seen = np.where(target == pairs.ignore, target, pred)
        for label in range(pairs.classes):
            bands = [_band(mask, label, width) for mask in (seen, target)]
            sums[:, label] += (bands[0] & bands[1]).sum(), bands[0].sum(), bands[1].sum()
    with np.errstate(invalid="ignore"):
        return sums[0] / (sums[1] + sums[2] - sums[0])


def _band(mask: Mask, label: int, width: int) -> Any:
    cv2 = opencv_on_one_thread()
    own = (mask == label).astype(np.uint8)
    framed = cv2.copyMakeBorder(own, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    kept = cv2.erode(framed, np.ones((3, 3), np.uint8), iterations=width)
    return (own - kept[1:-1, 1:-1]).astype(np.bool_)


BANDS = (Way("segscore", boundary_iou), Way("OpenCV erode", eroded, ("cv2",)))


# Distances


def _judged(case: Case, surface: Literal["voxels", "area"] = "voxels", **options: Any) -> segscore.Evaluation:
    classes = segscore.Classes(list(map(str, range(case.labels + 1))), not_in_mean=[0])
    judge = segscore.Evaluator(
        classes, distances=True, spacing=case.spacing, surface=surface, dims=case.target.ndim, **options
    )
    judge.add(pred=case.pred, target=case.target)
    return judge.result()


def hd95(case: Case) -> Answer:
    """Return HD95 of each label, by segscore; all other distances would come with it."""
    return np.asarray(_judged(case).surface.images.hausdorff(95))[0, 1:]


def surface_dice(case: Case) -> Answer:
    """Return the surface Dice of each label alone, by segscore."""
    return np.asarray(_judged(case, within=_WITHIN).surface.images.dice(_TOLERANCE))[0, 1:]


def _hd95_as(tool: str, surface: Literal["voxels", "area"], case: Case) -> Answer:
    """Return HD95 of each label as a tool defines it, by segscore."""
    return np.asarray(_judged(case, surface).surface_as(tool).images["hd95"])[0, 1:]


def _border(mask: Any) -> Any:
    from scipy import ndimage

    return np.argwhere(mask & ~ndimage.binary_erosion(mask))


def _each_label(case: Case, of: Callable[[Any, Any, tuple[float, ...]], float]) -> Answer:
    labels = range(1, case.labels + 1)
    return np.array([of(case.pred == label, case.target == label, case.spacing) for label in labels])


def _directed(one: Any, other: Any, spacing: tuple[float, ...]) -> list[Any]:
    """Return the distances of both borders, by a tree of the points of each, as MONAI searches."""
    from scipy.spatial import KDTree

    borders = [_border(mask) * spacing for mask in (one, other)]
    return [KDTree(borders[1 - i]).query(borders[i])[0] for i in range(2)]


def _tree_hd95(one: Any, other: Any, spacing: tuple[float, ...]) -> float:
    return max(float(np.percentile(found, 95)) for found in _directed(one, other, spacing))


def _tree_dice(one: Any, other: Any, spacing: tuple[float, ...]) -> float:
    found = _directed(one, other, spacing)
    return sum(int((part <= _TOLERANCE).sum()) for part in found) / sum(map(len, found))


def _channels(mask: Any, labels: range) -> Any:
    return torch_on_one_thread().from_numpy(np.stack([mask == label for label in labels])[None])


def _one_hot(case: Case) -> list[Any]:
    return [_channels(mask, range(1, case.labels + 1)) for mask in (case.pred, case.target)]


def _monai_hd95_of(pred: Any, target: Any, spacing: tuple[float, ...] | None = None) -> Answer:
    """Return what MONAI says, and infinity for structures that one side lacks, of which it says NaN."""
    from monai.metrics import compute_hausdorff_distance

    found = compute_hausdorff_distance(
        pred,
        target,
        include_background=True,
        percentile=95,
        spacing=None if spacing is None else list(spacing),
    )
    there = [side[0].flatten(1).any(1).numpy() for side in (pred, target)]
    return np.where(there[0] != there[1], np.inf, found.numpy()[0].astype(np.float64))


def _monai_hd95(case: Case) -> Answer:
    return _monai_hd95_of(*_one_hot(case), case.spacing)


def _monai_dice(case: Case) -> Answer:
    from monai.metrics import compute_surface_dice

    pred, target = _one_hot(case)
    thresholds = [_TOLERANCE] * case.labels
    found = compute_surface_dice(
        pred, target, thresholds, include_background=True, spacing=list(case.spacing)
    )
    return found.numpy()[0].astype(np.float64)


_MONAI = ("monai", "torch")
HD95 = (
    Way("segscore", hd95),
    Way("MONAI HD95", _monai_hd95, _MONAI),
    Way("KD-trees of SciPy", lambda case: _each_label(case, _tree_hd95), ("scipy",)),
)


def _medpy_hd95(pred: Any, target: Any, spacing: tuple[float, ...]) -> float:
    from medpy.metric import binary

    return float(binary.hd95(pred, target, spacing))


def _elements_hd95(pred: Any, target: Any, spacing: tuple[float, ...]) -> float:
    from surface_distance import metrics

    found = metrics.compute_surface_distances(target, pred, spacing)
    return float(metrics.compute_robust_hausdorff(found, 95))


AS_MEDPY = (
    Way("segscore", partial(_hd95_as, "medpy", "voxels")),
    Way("MedPy HD95", lambda case: _each_label(case, _medpy_hd95), ("medpy",)),
)
AREAS = (
    Way("segscore", partial(_hd95_as, "surface-distance", "area")),
    # google-deepmind/surface-distance; a checkout on the path will do.
    Way("surface-distance HD95", lambda case: _each_label(case, _elements_hd95), ("surface_distance",)),
)
DICE = (
    Way("segscore", surface_dice),
    Way("MONAI surface Dice", _monai_dice, _MONAI),
    Way("KD-trees of SciPy", lambda case: _each_label(case, _tree_dice), ("scipy",)),
)


def _hd95_on_two_threads(case: Case) -> Answer:
    segscore.set_num_threads(2)
    try:
        return hd95(case)
    finally:
        segscore.set_num_threads(1)


THREADS = (Way("segscore", _hd95_on_two_threads), Way("segscore, 1 thread", hd95))

VOLUMES: dict[str, tuple[Callable[..., Case], tuple[Way, ...]]] = {
    "distances of one organ": (partial(organs, 0, 1), HD95),
    "distances of one organ as MedPy": (partial(organs, 0, 1), AS_MEDPY),
    "areas of one organ": (partial(organs, 0, 1), AREAS),
    "distances of ten organs": (partial(organs, 1, 10), HD95),
    "distances of ten organs, 2 threads": (partial(organs, 1, 10), THREADS),
    "distances of a bad prediction": (partial(bad_organ, 2), HD95),
    "surface Dice of ten organs": (partial(organs, 1, 10), DICE),
}


# Street scenes


def hd95_of_scenes(pairs: Pairs) -> Answer:
    """Return HD95 of each class in each image, of which all is scored, by segscore."""
    judge = segscore.Evaluator(pairs.classes, distances=True)
    for pred, target in zip(pairs.pred, pairs.target, strict=True):
        judge.add(pred=pred, target=target)
    return np.asarray(judge.result().surface.images.hausdorff(95))


def _trees_of_scenes(pairs: Pairs) -> Answer:
    return _scenes(pairs, _tree_or_missing)


def _monai_of_scenes(pairs: Pairs) -> Answer:
    labels = range(pairs.classes)
    sides = zip(pairs.pred, pairs.target, strict=True)
    return np.array([_monai_hd95_of(*(_channels(mask, labels) for mask in side)) for side in sides])


def _tree_or_missing(pred: Mask, target: Mask) -> float:
    there = pred.any(), target.any()
    if not all(there):
        return float("inf") if any(there) else float("nan")
    return _tree_hd95(pred, target, (1.0, 1.0))


def _scenes(pairs: Pairs, of: Callable[[Mask, Mask], float]) -> Answer:
    return np.array(
        [
            [of(pred == label, target == label) for label in range(pairs.classes)]
            for pred, target in zip(pairs.pred, pairs.target, strict=True)
        ]
    )


SCENES = (
    Way("segscore", hd95_of_scenes),
    Way("MONAI HD95", _monai_of_scenes, _MONAI),
    Way("KD-trees of SciPy", _trees_of_scenes, ("scipy",)),
)
