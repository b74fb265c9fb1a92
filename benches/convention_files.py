"""Tools that are no package: their files, read from checkouts of their repositories, on the same masks.

A folder holds the checkouts as OWNER/NAME. Of each only the one file that a convention cites is run;
what that file imports of its own project is replaced by empty classes.
"""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType, SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np

from convention_peers import IGNORE, NO_CLASS, Dataset, Peer, channels

_STUBBED = ("bdd100k", "cellpose", "csbdeep", "detectron2", "pycocotools", "scalabel")


class _Empty(ModuleType):
    """A module in which every name is an empty class."""

    __path__: list[str] = []  # noqa: RUF012 - what makes a module a package

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {"__init__": lambda made, **values: made.__dict__.update(values)})


class _Stubs(MetaPathFinder, Loader):
    def find_spec(self, name: str, *_: object) -> ModuleSpec | None:
        return ModuleSpec(name, self, is_package=True) if name.partition(".")[0] in _STUBBED else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Empty(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Leave it empty."""


@contextmanager
def _stubbed() -> Iterator[None]:
    stubs = _Stubs()
    sys.meta_path.insert(0, stubs)
    try:
        yield
    finally:
        sys.meta_path.remove(stubs)
        for name in [name for name, module in sys.modules.items() if isinstance(module, _Empty)]:
            del sys.modules[name]


@cache
def load(path: Path, package: str = "") -> Any:
    """Return the module in a file, as one of `package`."""
    module = ModuleType(f"{package}.{path.stem}".strip("."))
    module.__package__ = package
    with _stubbed():
        exec(compile(path.read_text(), str(path), "exec"), module.__dict__)  # noqa: S102 - what a user named
    return module


_STAND_INS: dict[str, dict[str, Any]] = {
    "numba": {"jit": lambda **_: lambda function: function},
    "skimage.measure": {"regionprops": None},
    "tqdm": {"tqdm": lambda pairs, **_: pairs},
    **{
        name: {}
        for name in ("cv2", "matplotlib", "matplotlib.pyplot", "nibabel", "pandas", "surface_distance")
    },
}
"""Packages that files import for what is not asked of them here, and what they take of these all the same."""


@cache
def load_alone(path: Path, package: str = "") -> Any:
    """Return the module in a file, without packages for tables, pictures, speed and other files."""
    before = {name: sys.modules.get(name) for name in _STAND_INS}
    for name, content in _STAND_INS.items():
        sys.modules[name] = ModuleType(name)
        vars(sys.modules[name]).update(content)
    try:
        return load(path, package)
    finally:
        for name, module in before.items():
            del sys.modules[name]
            if module is not None:
                sys.modules[name] = module


def huggingface(folder: Path, data: Dataset) -> float:
    """Return the mean IoU of Hugging Face's `mean_iou`."""
    script = load(folder / "huggingface/evaluate/metrics/mean_iou/mean_iou.py")
    return float(script.mean_iou(list(data.pred), list(data.target), data.classes, IGNORE)["mean_iou"])


def detectron2(folder: Path, data: Dataset) -> float:
    """Return the mean IoU of Detectron2's `SemSegEvaluator`; one channel more is what is no class."""
    path = folder / "facebookresearch/detectron2/detectron2/evaluation/sem_seg_evaluation.py"
    judge = object.__new__(load(path, "detectron2.evaluation").SemSegEvaluator)
    names = [str(i) for i in range(len(data.pred))]
    judge.__dict__.update(
        _logger=logging.getLogger("detectron2"),
        _distributed=False,
        _output_dir=None,
        _cpu_device="cpu",
        input_file_to_gt_file={name: name for name in names},
        _class_names=[str(label) for label in range(data.classes)],
        sem_seg_loading_fn=lambda name, dtype: data.target[int(name)].astype(dtype),
        _num_classes=data.classes,
        _ignore_label=IGNORE,
        _compute_boundary_iou=False,
        encode_json_sem_seg=lambda *_: [],
    )
    judge.reset()
    pred = np.where(data.pred == NO_CLASS, data.classes, data.pred)
    outputs = [{"sem_seg": channels(mask, data.classes + 1)} for mask in pred]
    judge.process([{"file_name": name} for name in names], outputs)
    return float(judge.evaluate()["sem_seg"]["mIoU"] / 100)


def torchvision(folder: Path, data: Dataset) -> float:
    """Return the mean IoU of torchvision's reference script, before it is rounded."""
    import torch

    matrix = load(folder / "pytorch/vision/references/segmentation/utils.py").ConfusionMatrix(data.classes)
    for pred, target in zip(data.pred, data.target, strict=True):
        masks = (torch.from_numpy(mask.astype(np.int64).ravel()) for mask in (target, pred))
        matrix.update(*masks)
    return float(matrix.compute()[2].mean())


def ade20k(folder: Path, data: Dataset) -> float:
    """Return the mean IoU of ADE20K: classes are labels from 1, 0 is what has none."""
    script = load(folder / "CSAILVision/sceneparsing/evaluationCode/utils_eval.py")
    pred = np.where(data.pred == NO_CLASS, 0, data.pred.astype(int) + 1)
    target = np.where(data.target == IGNORE, 0, data.target.astype(int) + 1)
    areas = [script.intersectionAndUnion(*masks, data.classes) for masks in zip(pred, target, strict=True)]
    intersection, union = (np.stack(parts, axis=1) for parts in zip(*areas, strict=True))
    # The last two lines are those of demoEvaluation.m.
    return float((intersection.sum(axis=1) / (np.spacing(1) + union).sum(axis=1)).mean())


def bdd100k(folder: Path, data: Dataset) -> float:
    """Return the mean IoU of the BDD100K toolkit."""
    from PIL import Image

    script = load(folder / "bdd100k/bdd100k/bdd100k/eval/seg.py", "bdd100k.eval")
    labels = [SimpleNamespace(name=str(k), trainId=k) for k in range(data.classes)]
    changes = {
        "labels": labels,
        "drivables": labels,
        "IGNORE_LABEL": IGNORE,
        "AVERAGE": "average",
        "logger": logging.getLogger("bdd100k"),
        "tqdm": lambda pairs, **_: pairs,
        "reorder_preds": lambda _, pred: pred,
    }
    with TemporaryDirectory() as name, patch.multiple(script, **changes):
        paths: dict[str, list[str]] = {"pred": [], "target": []}
        for kind, masks in (("pred", data.pred), ("target", data.target)):
            for i, mask in enumerate(masks):
                paths[kind].append(f"{name}/{kind}_{i}.png")
                Image.fromarray(mask).save(paths[kind][-1])
        result = script.evaluate_segmentation(paths["target"], paths["pred"], nproc=1, with_logs=False)
    return float(result.IoU[-1]["average"] / 100)


def in_files(folder: Path) -> dict[str, Peer]:
    """Return the tools whose checkouts are in a folder, by the name of their convention."""
    found = {
        "huggingface": Peer("huggingface/evaluate", partial(huggingface, folder)),
        "detectron2": Peer("facebookresearch/detectron2", partial(detectron2, folder)),
        "torchvision": Peer("pytorch/vision", partial(torchvision, folder)),
        "ade20k": Peer("CSAILVision/sceneparsing", partial(ade20k, folder)),
        "bdd100k": Peer("bdd100k/bdd100k", partial(bdd100k, folder)),
    }
    return {name: peer for name, peer in found.items() if (folder / peer.package).is_dir()}
