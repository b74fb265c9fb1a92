"""Other tools on the same masks: what each convention has to agree with. Nothing is compared here.

A tool is imported when it first runs. Each takes the masks in the form that it asks for: labels as they
are, ignored pixels dropped, or one channel a class, where ignored pixels and what is no class have none.
"""

import os
import sys
from collections.abc import Callable, Sequence
from copy import copy
from functools import cache, partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import module_from_spec, spec_from_file_location
from multiprocessing import dummy
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType, SimpleNamespace
from typing import Any, Generic, NamedTuple, TypeVar
from unittest.mock import patch

import numpy as np
import numpy.typing as npt

IGNORE = 255
NO_CLASS = 200
"""A predicted label that is no class."""

Labels = npt.NDArray[np.uint8]


class Dataset(NamedTuple):
    """Masks of one shape, uint8 (images, H, W): labels 0 to `classes` - 1.

    `IGNORE` is only in targets, `NO_CLASS` only in predictions.
    """

    pred: Labels
    target: Labels
    classes: int


Data = TypeVar("Data")
Answer = TypeVar("Answer")


class Peer(NamedTuple, Generic[Data, Answer]):
    """A tool that a convention stands for."""

    package: str
    """The distribution that has it, or the repository."""
    run: Callable[[Data], Answer]
    """From a dataset to what the tool says: a number, 0 to 1, of counts."""
    departs: Callable[[Data], bool] = lambda _: False
    """Whether the tool is known not to follow the convention on a dataset."""

    @property
    def version(self) -> str | None:
        """Of the installed package; None where it is not installed, and "" for a file of a repository."""
        return version_of(self.package)


def version_of(package: str) -> str | None:
    """Return the version of a package; None where it is not installed, and "" for a repository."""
    if "/" in package:
        return ""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def scored(data: Dataset) -> tuple[Labels, Labels]:
    """Return predictions and targets without ignored pixels."""
    valid = data.target != IGNORE
    return data.pred[valid], data.target[valid]


def one_hot(data: Dataset) -> tuple[Any, Any]:
    """Return float32 tensors (images, K, H, W) that are 0 where the target is ignored."""
    import torch

    valid = data.target != IGNORE
    labels = np.arange(data.classes)[:, None, None]
    both = [((mask[:, None] == labels) & valid[:, None]) for mask in (data.pred, data.target)]
    pred, target = (torch.from_numpy(mask.astype(np.float32)) for mask in both)
    return pred, target


def channels(pred: Labels, classes: int) -> Any:
    """Return class scores, float32 (K, ...), whose highest class is the label."""
    import torch

    labels = np.arange(classes).reshape(-1, *[1] * pred.ndim)
    return torch.from_numpy((pred[None] == labels).astype(np.float32))


# Classification


def sklearn(data: Dataset, average: str, *, all_labels: bool = True) -> float:
    """Return scikit-learn's Jaccard score."""
    from sklearn.metrics import jaccard_score

    pred, target = scored(data)
    labels = list(range(data.classes)) if all_labels else None
    return float(jaccard_score(target, pred, labels=labels, average=average))


def keras(data: Dataset) -> float:
    """Return Keras's mean IoU, which it adds up image by image."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    from keras.metrics import MeanIoU

    metric = MeanIoU(num_classes=data.classes, ignore_class=IGNORE)
    for pred, target in zip(data.pred, data.target, strict=True):
        metric.update_state(target.astype(np.int64), pred.astype(np.int64))
    return float(metric.result())


def ignite(data: Dataset) -> float:
    """Return pytorch-ignite's mean IoU."""
    import torch
    from ignite.metrics import ConfusionMatrix, mIoU

    matrix = ConfusionMatrix(num_classes=data.classes)
    metric = mIoU(matrix)  # made first, as it empties the matrix
    for pred, target in zip(data.pred, data.target, strict=True):
        matrix.update((channels(pred, data.classes)[None], torch.from_numpy(target.astype(np.int64))[None]))
    return float(metric.compute())


# Segmentation


def jaccard(data: Dataset, average: str) -> float:
    """Return torchmetrics' Jaccard index."""
    import torch
    from torchmetrics.classification import MulticlassJaccardIndex

    metric = MulticlassJaccardIndex(data.classes, average=average, ignore_index=IGNORE)
    for pred, target in zip(data.pred, data.target, strict=True):
        metric.update(torch.from_numpy(pred.astype(np.int64)), torch.from_numpy(target.astype(np.int64)))
    return float(metric.compute())


def torchmetrics(data: Dataset, name: str, **options: Any) -> float:
    """Return a metric of `torchmetrics.segmentation`."""
    from torchmetrics import segmentation

    metric = getattr(segmentation, name)(num_classes=data.classes, input_format="one-hot", **options)
    pred, target = one_hot(data)
    for i in range(len(pred)):
        metric.update(pred[i : i + 1].long(), target[i : i + 1].long())
    return float(metric.compute())


def monai(data: Dataset, name: str, **options: Any) -> float:
    """Return a metric of MONAI."""
    from monai import metrics

    metric = getattr(metrics, name)(**options)
    pred, target = one_hot(data)
    for i in range(len(pred)):
        metric(y_pred=pred[i : i + 1], y=target[i : i + 1])
    return float(metric.aggregate())


def smp(data: Dataset, reduction: str, zero_division: float = 0.0) -> float:
    """Return segmentation-models-pytorch's IoU of one call with all images."""
    import torch
    from segmentation_models_pytorch.metrics import get_stats, iou_score

    if data.classes == 1:  # its counts of several classes need two at least
        pred, target = (masks.long() for masks in one_hot(data))
        stats = get_stats(pred, target, mode="binary")
    else:
        pred, target = (torch.from_numpy(masks.astype(np.int64)) for masks in (data.pred, data.target))
        stats = get_stats(pred, target, mode="multiclass", num_classes=data.classes, ignore_index=IGNORE)
    weights = None
    if reduction == "weighted":
        weights = [float((data.target == label).sum()) for label in range(data.classes)]
    options = {"class_weights": weights, "zero_division": zero_division}
    return float(iou_score(*stats, reduction=reduction, **options))


# Toolboxes and benchmarks


def from_file(path: Path, name: str, **stubs: ModuleType) -> Any:
    """Return the module in a file of a package, without the package's other parts but for `stubs`."""
    spec = spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    with patch.dict(sys.modules, {key.replace("__", "."): stub for key, stub in stubs.items()}):
        spec.loader.exec_module(module)
    return module


@cache
def mmseg_metric() -> Any:
    """Return mmsegmentation's metric, from the file that has it: the package itself needs a compiled one."""
    from importlib.metadata import files

    (found,) = [f for f in files("mmsegmentation") or () if str(f).endswith("metrics/iou_metric.py")]
    registry = ModuleType("registry")
    registry.METRICS = SimpleNamespace(register_module=lambda: lambda made: made)  # type: ignore[attr-defined]
    path = Path(str(found.locate()))
    return from_file(path, "iou_metric", mmseg=ModuleType("mmseg"), mmseg__registry=registry).IoUMetric


def mmseg(data: Dataset) -> float:
    """Return mmsegmentation's mean IoU, before it is rounded."""
    import torch

    metric = mmseg_metric()
    masks = (torch.from_numpy(masks.astype(np.int64)) for masks in (data.pred, data.target))
    areas = [
        metric.intersect_and_union(pred, target, data.classes, IGNORE)
        for pred, target in zip(*masks, strict=True)
    ]
    sums = [sum(parts) for parts in zip(*areas, strict=True)]
    return float(np.nanmean(metric.total_area_to_metrics(*sums)["IoU"]))


def cityscapes(data: Dataset) -> float:
    """Return the mean IoU of the Cityscapes benchmark; labels become the ids of its classes."""
    from PIL import Image

    script = import_module("cityscapesscripts.evaluation.evalPixelLevelSemanticLabeling")
    ids = np.zeros(256, np.uint8)  # 0 is its label "unlabeled", which is ignored
    ids[: data.classes] = sorted(label.id for label in script.labels if 0 <= label.trainId < 19)[
        : data.classes
    ]
    args = copy(script.args)  # which all of the process share
    args.evalInstLevelScore, args.JSONOutput, args.quiet = False, False, True
    with TemporaryDirectory() as folder:
        files: dict[str, list[str]] = {"pred": [], "target": []}
        for kind, masks in (("pred", data.pred), ("target", data.target)):
            for i, mask in enumerate(masks):
                files[kind].append(f"{folder}/{kind}_{i}.png")
                Image.fromarray(ids[mask]).save(files[kind][-1])
        result = script.evaluateImgLists(files["pred"], files["target"], args)
    return float(result["averageScoreClasses"])


def nnunet(data: Dataset, metric: str) -> float:
    """Return nnU-Net's mean over the foreground, in this process and without files."""
    for name in ("nnUNet_raw", "nnUNet_preprocessed", "nnUNet_results"):
        os.environ.setdefault(name, os.devnull)
    from nnunetv2.evaluation import evaluate_predictions as script

    masks = {"p": data.pred, "t": data.target}
    reader = SimpleNamespace(read_seg=lambda path: (masks[path[0]][int(path[2:])], {}))
    context = SimpleNamespace(get_context=lambda _: SimpleNamespace(Pool=dummy.Pool))
    names = [str(i) for i in range(len(data.pred))]
    with patch.multiple(script, multiprocessing=context, subfiles=lambda *_, **__: names):
        labels = list(range(data.classes))
        result = script.compute_metrics_on_folder("t", "p", None, reader, "", labels, IGNORE, 1)
    found = result["foreground_mean"][metric]
    return float("nan") if found is None else float(found)


def one_class(data: Dataset) -> bool:
    """Whether there is a single class."""
    return data.classes == 1


def one_class_missed(data: Dataset) -> bool:
    """Whether there is a single class and predictions that are no class: one bin takes both in."""
    return data.classes == 1 and bool((data.pred == NO_CLASS).any())


def _peers() -> dict[str, Peer[Dataset, float]]:
    scikit, lightning = partial(Peer, "scikit-learn"), partial(Peer, "torchmetrics")
    medical, models = partial(Peer, "monai"), partial(Peer, "segmentation-models-pytorch")
    found = {
        "mmseg": Peer("mmsegmentation", mmseg, one_class_missed),
        "cityscapes": Peer("cityscapesScripts", cityscapes),
        "nnunet-dice": Peer("nnunetv2", partial(nnunet, metric="Dice")),
        "nnunet-iou": Peer("nnunetv2", partial(nnunet, metric="IoU")),
        "keras": Peer("keras", keras),
        "ignite": Peer("pytorch-ignite", ignite),
        "sklearn": scikit(partial(sklearn, average="macro", all_labels=False)),
        "sklearn-labels": scikit(partial(sklearn, average="macro")),
        "sklearn-micro": scikit(partial(sklearn, average="micro")),
        "sklearn-weighted": scikit(partial(sklearn, average="weighted")),
        "torchmetrics": lightning(partial(jaccard, average="macro")),
        "torchmetrics-micro": lightning(partial(jaccard, average="micro")),
        "torchmetrics-weighted": lightning(partial(jaccard, average="weighted")),
        "torchmetrics-mean-iou": lightning(partial(torchmetrics, name="MeanIoU")),
        "torchmetrics-dice-global": lightning(
            partial(torchmetrics, name="DiceScore", average="macro", aggregation_level="global")
        ),
        "monai-dice-foreground": medical(
            partial(monai, name="DiceMetric", include_background=False), one_class
        ),
        "smp-weighted": models(partial(smp, reduction="weighted")),
        "smp-micro": models(partial(smp, reduction="micro")),
    }
    for name, average in (("", "macro"), ("-micro", "micro"), ("-weighted", "weighted")):
        found[f"torchmetrics-dice{name}"] = lightning(
            partial(torchmetrics, name="DiceScore", average=average)
        )
    for name, metric in (("iou", "MeanIoU"), ("dice", "DiceMetric")):
        found[f"monai-{name}"] = medical(partial(monai, name=metric, ignore_empty=True))
        found[f"monai-{name}-keep-empty"] = medical(partial(monai, name=metric, ignore_empty=False))
    for reduction in ("macro", "micro-imagewise", "macro-imagewise"):
        found[f"smp-{reduction}"] = models(partial(smp, reduction=reduction))
        found[f"smp-{reduction}-1"] = models(partial(smp, reduction=reduction, zero_division=1.0))
    return found


PEERS: dict[str, Peer[Dataset, float]] = _peers()
"""The tools that are packages, by the name of their convention."""


def missing(peers: Sequence[str] = tuple(PEERS)) -> list[str]:
    """Return the packages that are not installed."""
    return sorted({PEERS[name].package for name in peers if PEERS[name].version is None})
