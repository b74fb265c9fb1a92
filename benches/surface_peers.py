"""Other tools on the same surfaces: what each rule of surfaces has to agree with. Nothing is compared here.

A tool is imported when it first runs. Most are given one mask at a time; those that are no package are run
from checkouts of their repositories.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from functools import cache, partial
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from convention_peers import Peer

Labels: TypeAlias = npt.NDArray[np.uint8]
Mask: TypeAlias = npt.NDArray[np.bool_]
Spacing: TypeAlias = tuple[float, ...]
Values: TypeAlias = list[list[float | None]]
"""A number of each class in each image; None where the tool raised an error."""


class Masks(NamedTuple):
    """Label maps of one shape, uint8 (images, H, W) or (images, D, H, W): 0 is the background."""

    pred: Labels
    target: Labels
    classes: int
    """How many there are besides the background."""
    spacing: Spacing | None
    tolerance: float

    @property
    def steps(self) -> Spacing:
        """The spacing, which is 1 where none was given."""
        return self.spacing or (1.0,) * (self.target.ndim - 1)

    def structures(self) -> Iterator[tuple[Mask, Mask]]:
        """Yield prediction and target of each class of each image."""
        for pred, target in zip(self.pred, self.target, strict=True):
            for label in range(1, self.classes + 1):
                yield pred == label, target == label


class Said(NamedTuple):
    """What a tool says, by the names that its numbers have in its rule."""

    images: Mapping[str, Values]
    means: Mapping[str, float | None]


Calls: TypeAlias = Mapping[str, Callable[[], Any]]


def one_by_one(of_masks: Callable[[Mask, Mask, Masks], Calls], data: Masks) -> Said:
    """Return what a tool says that is given one mask at a time."""
    found: dict[str, list[float | None]] = {}
    for pred, target in data.structures():
        for key, call in of_masks(pred, target, data).items():
            found.setdefault(key, []).append(_tried(call))
    step = data.classes
    return Said({key: [v[i : i + step] for i in range(0, len(v), step)] for key, v in found.items()}, {})


def _tried(call: Callable[[], Any]) -> float | None:
    try:
        return float(call())
    except (RuntimeError, ValueError, IndexError):
        return None


def one_hot(labels: Labels, classes: int) -> Any:
    """Return float32 channels of the classes, a tensor (images, K, ...)."""
    import torch

    channels = np.stack([labels == label for label in range(1, classes + 1)], axis=1)
    return torch.from_numpy(channels.astype(np.float32))


def monai(data: Masks, *, subvoxels: bool = False) -> Said:
    """Return what MONAI's metrics say, of each image and aggregated."""
    from monai import metrics

    both: dict[str, Any] = {"include_background": True}
    near = [data.tolerance] * data.classes
    made = {
        "hd": lambda: metrics.HausdorffDistanceMetric(**both),
        "hd95": lambda: metrics.HausdorffDistanceMetric(percentile=95, **both),
        "assd": lambda: metrics.SurfaceDistanceMetric(symmetric=True, **both),
        "asd": lambda: metrics.SurfaceDistanceMetric(**both),
        "nsd": lambda: metrics.SurfaceDiceMetric(near, use_subvoxels=subvoxels, **both),
    }
    images: dict[str, Values] = {}
    means: dict[str, float | None] = {}
    pred, target = (one_hot(labels, data.classes) for labels in (data.pred, data.target))
    for key in ("nsd",) if subvoxels else made:
        metric = made[key]()
        images[key] = [
            metric(y_pred=pred[i : i + 1], y=target[i : i + 1], spacing=data.spacing)[0].tolist()
            for i in range(len(pred))
        ]
        means[key] = float(metric.aggregate())
    return Said(images, means)


def torchmetrics(data: Masks) -> Said:
    """Return what torchmetrics' Hausdorff distance says, of each image and of all."""
    import torch
    from torchmetrics.segmentation import HausdorffDistance

    spacing = None if data.spacing is None else list(data.spacing)
    options = {"num_classes": data.classes, "include_background": True, "spacing": spacing}
    pred, target = (one_hot(labels, data.classes).to(torch.int64) for labels in (data.pred, data.target))

    def mean(images: Any, classes: Any) -> float | None:
        metric = HausdorffDistance(**options)
        return _tried(lambda: metric(pred[images, classes], target[images, classes]))

    images = [[mean(slice(i, i + 1), slice(k, k + 1)) for k in range(data.classes)] for i in range(len(pred))]
    return Said({"hd": images}, {"hd": mean(slice(None), slice(None))})


def medpy(pred: Mask, target: Mask, data: Masks) -> Calls:
    """Return the numbers of MedPy."""
    from medpy.metric import binary

    names = ("hd", "hd95", "assd", "asd")
    return {name: partial(getattr(binary, name), pred, target, data.spacing) for name in names}


def panoptica(pred: Mask, target: Mask, data: Masks) -> Calls:
    """Return the numbers of panoptica of one pair of instances."""
    from panoptica.metrics import Metric

    options = {"voxelspacing": data.spacing}
    named = {"hd": Metric.HD, "hd95": Metric.HD95, "assd": Metric.ASSD}
    found = {key: partial(metric, target, pred, **options) for key, metric in named.items()}
    return found | {"nsd": partial(Metric.NSD, target, pred, threshold=data.tolerance, **options)}


@contextmanager
def _found_in(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


@cache
def module(folder: Path, name: str) -> Any:
    """Return a module of a checkout."""
    with _found_in(folder):
        return import_module(name)


def surface_distance(folder: Path, pred: Mask, target: Mask, data: Masks) -> Calls:
    """Return the numbers of DeepMind's surface-distance."""
    script = module(folder / "google-deepmind/surface-distance", "surface_distance.metrics")
    distances = script.compute_surface_distances(target, pred, data.steps)
    return {
        "hd": partial(script.compute_robust_hausdorff, distances, 100),
        "hd95": partial(script.compute_robust_hausdorff, distances, 95),
        "asd": lambda: script.compute_average_surface_distance(distances)[1],
        "asd_target": lambda: script.compute_average_surface_distance(distances)[0],
        "nsd": partial(script.compute_surface_dice_at_tolerance, distances, data.tolerance),
    }


def metrics_reloaded(folder: Path, pred: Mask, target: Mask, data: Masks) -> Calls:
    """Return the numbers of MetricsReloaded."""
    script = module(folder / "csudre/MetricsReloaded", "MetricsReloaded.metrics.pairwise_measures")
    options = {"hd_perc": 95, "nsd": data.tolerance}
    masks = (mask.astype(np.int64) for mask in (pred, target))
    measures = script.BinaryPairwiseMeasures(*masks, pixdim=list(data.steps), dict_args=options)

    def distance(which: int) -> Any:
        with redirect_stdout(StringIO()):  # it prints the distances
            return measures.measured_distance()[which]

    found: dict[str, Callable[[], Any]] = {
        key: partial(distance, i) for i, key in enumerate(("hd", "assd", "hd95", "masd"))
    }
    return found | {"nsd": measures.normalised_surface_distance}


def not_square(data: Masks) -> bool:
    """Whether images have sides of several lengths, or are volumes."""
    return len({*data.target.shape[1:]}) > 1 or data.target.ndim > 3


PEERS: Mapping[str, Peer[Masks, Said]] = {
    "monai": Peer("monai", monai),
    "monai-subvoxels": Peer("monai", partial(monai, subvoxels=True)),
    "medpy": Peer("medpy", partial(one_by_one, medpy)),
    "panoptica": Peer("panoptica", partial(one_by_one, panoptica)),
    "torchmetrics": Peer("torchmetrics", torchmetrics, not_square),
}
"""The tools that are packages, by the name of their rule."""


def absent() -> list[str]:
    """Return the packages that are not installed."""
    return sorted({peer.package for peer in PEERS.values() if peer.version is None})


def in_folder(folder: Path) -> dict[str, Peer[Masks, Said]]:
    """Return the tools whose checkouts are in a folder, by the name of their rule."""
    found = {
        "surface-distance": Peer(
            "google-deepmind/surface-distance", partial(one_by_one, partial(surface_distance, folder))
        ),
        "metrics-reloaded": Peer(
            "csudre/MetricsReloaded", partial(one_by_one, partial(metrics_reloaded, folder))
        ),
    }
    return {name: peer for name, peer in found.items() if (folder / peer.package).is_dir()}
