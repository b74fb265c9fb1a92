"""Workspaces of made runs: datasets of many small files, and counts drawn from a seed, for benches of pages.

A run is written as one that has ended: its files are there, but no model has made them.
"""

import os
from pathlib import Path

import numpy as np

from segscore import Classes, Evaluation, Workspace
from segscore._core import encode_mask
from segscore.base.values import Ints
from segscore.counts.table import Table
from segscore.workspace.registry.datasets import Dataset
from segscore.workspace.runs.finishing import finish
from segscore.workspace.runs.folders import KIND, VERSION, next_id
from segscore.workspace.runs.intervals import INTERVALS, keep_at_end
from segscore.workspace.runs.keeping import PNG
from segscore.workspace.runs.pending import Pending
from segscore.workspace.runs.plans import planned
from segscore.workspace.runs.run import PREDICTIONS
from segscore.workspace.store.disk import make_folder
from segscore.workspace.store.store import Store

SCENARIOS = 46
"""Groups of the images of a dataset, such as cities."""
_IN_IMAGE = 15
"""Classes in the target of an image."""
_LINKS = 30_000
"""Names that one file is given: file systems allow 60,000 and more."""
_MODEL = "def labels(image):\n    return image[..., 0] % 2\n"


def made_table(images: int, classes: int, seed: int, *, in_image: int = _IN_IMAGE) -> Table:
    """Return counts in which a class has TP, and FP and FN with another class of its image and with any.

    Targets depend on the number of images and of classes alone; `in_image` is how many of these an image has.
    """
    same, own = np.random.default_rng(images), np.random.default_rng((1, seed))
    present = min(classes, in_image)
    label = np.argsort(same.random((images, classes)), axis=1)[:, :present]
    pixels = same.integers(100, 9_000, (images, present))
    right = (pixels * own.uniform(0.3, 1, (images, present))).astype(np.int64)
    called = own.integers(0, classes, (images, present))
    strange = np.where(called == label, 0, (pixels - right) // 2)
    target = np.concatenate([label, label, label], axis=1)
    pred = np.concatenate([label, np.roll(label, 1, axis=1), called], axis=1)
    counts = np.concatenate([right, pixels - right - strange, strange], axis=1)
    return _table(target, pred, counts, classes)


def _table(target: Ints, pred: Ints, counts: Ints, classes: int) -> Table:
    """Return pair counts, (n, M) each, as a table: sorted, without zeros, and each pair once an image."""
    images = len(target)
    image = np.broadcast_to(np.arange(images)[:, None], target.shape)
    kept = counts > 0
    keys = ((image * classes + target) * classes + pred)[kept]
    found, at = np.unique(keys, return_inverse=True)
    rest, pred_of = np.divmod(found, classes)
    image_of, target_of = np.divmod(rest, classes)
    sums = np.bincount(at, counts[kept]).astype(np.int64)
    return Table(np.searchsorted(image_of, np.arange(images + 1)), target_of, pred_of, sums)


def add_dataset(workspace: Workspace, name: str, images: int, classes: int) -> Dataset:
    """Add a dataset whose masks and photographs are links to a few files of two pixels."""
    mask = encode_mask(np.array([[0, 1]], dtype=np.uint8))
    names = [f"city_{i % SCENARIOS:02}/frame_{i:06}" for i in range(images)]
    for side in ("image", "target"):
        write_links(workspace.path / name / side, names, mask)
    return workspace.datasets.add(
        name,
        images=workspace.path / name / "image",
        targets=workspace.path / name / "target",
        classes=Classes([f"class {i}" for i in range(classes)]),
        groups=r"^(\w+)/",
        progress=False,
    )


def write_links(folder: Path, names: list[str], content: bytes) -> None:
    """Write a file under many names, which are few files on the disk."""
    for at in range(0, len(names), _LINKS):
        first, *rest = [folder / f"{name}{PNG}" for name in names[at : at + _LINKS]]
        for inner in {path.parent for path in (first, *rest)}:
            inner.mkdir(parents=True, exist_ok=True)
        first.write_bytes(content)
        for path in rest:
            os.link(first, path)


def add_model(workspace: Workspace) -> str:
    """Add a function as a model, of which nothing is run; return its name and version."""
    (workspace.path / "made_nets.py").write_text(_MODEL)
    return workspace.models.add("net", python="made_nets:labels").reference


def add_run(workspace: Workspace, model: str, dataset: Dataset, seed: int, *, intervals: bool = True) -> str:
    """Write a run that has ended, with its predictions and, if wanted, its intervals; return its id."""
    store = Store(workspace.path)
    plan = planned(workspace.models[model], dataset, resize=None, batch=None, keep=True, measures={})
    folder = store.path(KIND, next_id(store), VERSION).parent
    make_folder(folder)
    evaluation = Evaluation(
        plan.classes,
        dataset.names,
        made_table(len(dataset.names), len(plan.classes), seed),
        provenance=plan.provenance,
        groups=dataset.groups,
    )
    with Pending(folder, plan.about()) as begun:
        mask = encode_mask(np.array([[0, 1]], dtype=np.uint8))
        write_links(folder / PREDICTIONS, list(dataset.names), mask)
        finish(store, begun, evaluation, trained_images=(), tracebacks={}, threads=1)
    if intervals:
        keep_at_end(store, folder.name, evaluation, dataset)
    return folder.name


def forget_intervals(workspace: Workspace) -> None:
    """Remove the intervals of runs: those that were made before any were kept have none."""
    for run in workspace.runs():
        (run.folder / INTERVALS).unlink(missing_ok=True)
