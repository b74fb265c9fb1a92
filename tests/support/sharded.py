"""Datasets whose images say something only together, and what is to be the same of two evaluations.

Nothing here is a test.
"""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from segscore import Classes, Evaluation
from segscore.pages.report import report_page
from support.coded import written
from support.masks_on_disk import RGB, pillow, png, write
from support.painted import CLASSES, adaptive, folders, indexed, painted
from support.planted import scenes
from support.volumes import SPACING, nifti

Options = dict[str, Any]
IMAGES = 11


def labels(number: int, seed: int, *shape: int, classes: int = 3) -> list[np.ndarray]:
    """Return masks of some classes."""
    return [*np.random.default_rng(seed).integers(0, classes, (number, *(shape or (9, 8)))).astype(np.uint8)]


def broken(folder: Path, on_error: str = "skip") -> Options:
    """Masks with all that can be wrong with some: broken, unknown, missing, extra, of another size."""
    names = [f"{'ab'[i % 2]}_{i:02}" for i in range(IMAGES)]
    pred, target = (dict(zip(names, labels(IMAGES, seed), strict=True)) for seed in (1, 2))
    target[names[4]] = np.full((9, 8), 77, np.uint8)
    pred[names[5]] = pred[names[5]][:7]
    pred[names[6]] = np.where(pred[names[6]] == 1, 9, pred[names[6]]).astype(np.uint8)
    write(folder / "pred", {f"{name}.png": mask for name, mask in pred.items() if name != names[8]})
    write(folder / "pred", {f"{names[2]}.png": b"no mask", "extra_1.png": pred[names[0]], "extra_0.png": b""})
    write(folder / "target", {f"{name}.png": mask for name, mask in target.items()})
    return {
        "pred": folder / "pred",
        "target": folder / "target",
        "classes": 3,
        "groups": "^(.)_",
        "resize": "nearest",
        "on_error": on_error,
    }


def _gray_in_colours(folder: Path) -> Options:
    # One image alone, which is black, may be either.
    sides = {}
    for side, seed in (("pred", 1), ("target", 2)):
        masks = [np.zeros((9, 8), np.uint8), *labels(IMAGES, seed)]
        files = {f"{i:02}.png": png(np.dstack([mask] * 3), 8, RGB) for i, mask in enumerate(masks)}
        sides[side] = write(folder / side, files)
    return {**sides, "classes": 3}


def _palettes_that_decide(folder: Path) -> Options:
    return {**folders(folder, adaptive, indexed, IMAGES), "classes": CLASSES}


def _palettes_that_differ(folder: Path) -> Options:
    found = folders(folder, indexed, indexed, IMAGES)
    mask = scenes()[1][3]
    colours = np.roll(np.arange(768, dtype=np.uint8).reshape(256, 3), 1, axis=0)
    write(folder / "target", {"03.png": pillow(indexed(mask, colours))})
    return {**found, "classes": Classes(CLASSES.names, ignore=[255])}


def _codes(folder: Path) -> Options:
    # Values that are labels as well; which of both they are is told by others.
    targets = [(mask.astype(np.uint16) * 1000 + i) for i, mask in enumerate(labels(IMAGES, 2))]
    targets[0][:] = 1
    found = written(folder, {"pred": labels(IMAGES, 1), "target": targets})
    return {**found, "classes": Classes(["a", "b", "c"], label_rule="value // 1000")}


def _colours(folder: Path) -> Options:
    return {**folders(folder, painted, painted, IMAGES), "classes": CLASSES}


def _stack(folder: Path) -> Options:
    pred, target = (np.stack(labels(3, seed, classes=2)) for seed in (1, 2))
    return {"pred": pred, "target": target, "classes": 3}


def _stacks_in_files(folder: Path) -> Options:
    for side, seed in (("pred", 1), ("target", 2)):
        stack = np.stack(labels(5, seed))
        write(folder / side, {"a.npy": stack})
        np.savez(folder / side / "b.npz", stack)
    return {"pred": folder / "pred", "target": folder / "target", "classes": 3}


def _arrays(folder: Path) -> Options:
    return {"pred": labels(12, 1), "target": labels(12, 2), "classes": 3, "groups": [*range(6)] * 2}


def _class_scores(folder: Path) -> Options:
    scores = np.random.default_rng(1).standard_normal((IMAGES, 3, 9, 8)).astype(np.float32)
    write(folder / "pred", {f"{i:02}.npy": one for i, one in enumerate(scores)})
    write(folder / "target", {f"{i:02}.png": one for i, one in enumerate(labels(IMAGES, 2))})
    return {"pred": folder / "pred", "target": folder / "target", "classes": 3, "class_axis": 0}


def _percents(folder: Path) -> Options:
    # Their threshold is that of probabilities, which images say together alone.
    scores = [mask.astype(np.float32) * 100 for mask in labels(IMAGES, 1, classes=2)]
    return {"pred": scores, "target": labels(IMAGES, 2, classes=2), "classes": 2, "threshold": 0.5}


def _shapes(folder: Path) -> Options:
    shapes = {"boundary": (1, 2), "distances": True, "spacing": (1.0, 2.0)}
    return {"pred": labels(IMAGES, 1, 16, 16), "target": labels(IMAGES, 2, 16, 16), "classes": 3, **shapes}


def _volumes(folder: Path) -> Options:
    for side, seed in (("pred", 1), ("target", 2)):
        for i, mask in enumerate(labels(4, seed, 7, 6, 5)):
            nifti(folder / side / f"{i}.nii", mask)
    assert SPACING[2] == 3
    return {"pred": folder / "pred", "target": folder / "target", "classes": 3, "dims": 3, "distances": True}


def _masks_of_classes(folder: Path) -> Options:
    for side, seed in (("pred", 1), ("target", 2)):
        for i, mask in enumerate(labels(IMAGES, seed)):
            write(folder / side, {f"{i}_{name}.png": mask == k for k, name in enumerate("abc") if k})
    sides = {"pred": folder / "pred", "target": folder / "target"}
    return {**sides, "pairing": "{id}_{class}:{id}_{class}", "classes": ["background", "b", "c"]}


DATASETS = {
    "broken": broken,
    "gray in colours": _gray_in_colours,
    "palettes that decide": _palettes_that_decide,
    "palettes that differ": _palettes_that_differ,
    "codes": _codes,
    "colours": _colours,
    "stack": _stack,
    "stacks in files": _stacks_in_files,
    "arrays": _arrays,
    "class scores": _class_scores,
    "percents": _percents,
    "shapes": _shapes,
    "volumes": _volumes,
    "masks of classes": _masks_of_classes,
}
"""What is to be evaluated, by what is odd about it; each is given a folder to write to."""


def assert_same(found: Evaluation, expected: Evaluation, *, page: bool = False) -> None:
    """Check that two evaluations are the same in everything that anybody can see of them."""
    assert type(found) is Evaluation
    assert found == expected
    for field in fields(Evaluation):
        assert getattr(found, field.name) == getattr(expected, field.name), field.name
    assert list(found.provenance) == list(expected.provenance)
    assert list(found.files) == list(expected.files)
    assert [failure.kind for failure in found.failures] == [failure.kind for failure in expected.failures]
    assert (found.doubts, found.findings) == (expected.doubts, expected.findings)
    assert (str(found), repr(found)) == (str(expected), repr(expected))
    assert found.to_markdown() == expected.to_markdown()
    assert str(found.to_dict()) == str(expected.to_dict())  # where NaN are the same
    if page:
        assert undated(report_page(found)) == undated(report_page(expected))


def undated(page: str) -> str:
    """Return a page without the minute at which it was made."""
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "", page)
