"""A workspace in which everything that can has a hostile name. Nothing here is a test."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from segscore import Classes, Evaluation, SegscoreWarning, Workspace
from support.applications import png_of
from support.hostile_names import FILE_NAMES, HOSTILE_NAMES
from support.masks_on_disk import png
from support.results import evaluated

CLASSES = tuple(HOSTILE_NAMES.values())
NOTE = "\n".join(name for name in CLASSES if max(name) < "\ud800")
"""All hostile names that a file of text can hold."""


def evaluation_of(classes: Classes, model: int, images: Sequence[str], pixels: int = 400) -> Evaluation:
    """Return the evaluation of a model that is often wrong, and sometimes predicts no class."""
    made, count = {}, len(classes)
    for i, name in enumerate(images):
        target = np.random.default_rng(i).integers(0, count, pixels)
        random = np.random.default_rng((i, model))
        pred = np.where(random.random(pixels) < 0.6, target, random.integers(0, count + 2, pixels))
        made[name] = (pred, target)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SegscoreWarning)
        return evaluated(classes, made)


def hostile_workspace(folder: Path) -> Workspace:
    """Return a workspace whose images, groups and classes have hostile names, with two runs and a note."""
    names, random = list(FILE_NAMES.values()), np.random.default_rng(0)
    for side in ("images", "targets", "one", "two"):
        (folder / side).mkdir()
    for i, name in enumerate(names):
        target = random.integers(0, len(CLASSES), (12, 12)).astype(np.uint8)
        (folder / "images" / f"{name}.png").write_bytes(png_of(np.full((12, 12, 3), i, np.uint8)))
        (folder / "targets" / f"{name}.png").write_bytes(png(target))
        for side in ("one", "two"):
            wrong = random.random(target.shape) < 0.5
            pred = np.where(wrong, random.integers(0, len(CLASSES), target.shape), target).astype(np.uint8)
            (folder / side / f"{name}.png").write_bytes(png(pred))
    workspace = Workspace.init(folder)
    sides = {"images": folder / "images", "targets": folder / "targets"}
    workspace.datasets.add("hostile", **sides, classes=Classes(CLASSES), groups=names, progress=False)
    for side in ("one", "two"):
        workspace.models.add(side, predictions=folder / side)
        workspace.run(side, "hostile", progress=False)
    workspace.note("r1", NOTE)
    return workspace
