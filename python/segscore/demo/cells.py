"""Made-up cells seen through a microscope, one by one, and what two versions of a model find of them.

Cells are outlines in a file of annotations, as COCO has them; predictions are outlines with scores.
"""

import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import numpy as np

from segscore._core import Masks
from segscore.base.values import Floats

CLASSES: Final = ("round", "long")
IMAGES: Final = 36
SIDE: Final = 160
SEED: Final = 20261
_POINTS = 24


class Skill(NamedTuple):
    """How a version of the model sees cells."""

    lost: float
    """Share of the cells that it misses; of long ones twice as many."""
    moved: float
    """How far outlines lie from those of cells, in pixels."""
    split: float
    """Share of the cells that it takes for two."""
    invented: float
    """Cells of an image that are none, on average."""


VERSIONS: Final[Mapping[str, Skill]] = {
    "v1": Skill(lost=0.14, moved=1.8, split=0.1, invented=1.5),
    "v2": Skill(lost=0.07, moved=1.0, split=0.03, invented=0.8),
}


class Cell(NamedTuple):
    """A cell: its class, and x and y of points around it, float64 (n, 2)."""

    label: int
    outline: Floats


def _ellipse(random: np.random.Generator, middle: Floats, label: int) -> Floats:
    """Return the outline of a cell around its middle, within the image."""
    along = random.uniform(9, 15) * (1 if label == 0 else 1.5)
    across = along * (random.uniform(0.85, 1) if label == 0 else random.uniform(0.3, 0.4))
    turn, angles = random.uniform(0, np.pi), np.linspace(0, 2 * np.pi, _POINTS, endpoint=False)
    around = np.stack([along * np.cos(angles), across * np.sin(angles)], axis=1)
    turned = around @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    outline: Floats = np.clip(middle + turned, 0, SIDE).round(1)
    return outline


def cells(random: np.random.Generator) -> list[Cell]:
    """Return the cells of an image, which keep some distance."""
    found: list[Cell] = []
    middles: list[Floats] = []
    for _ in range(int(random.integers(6, 14))):
        middle = random.uniform(12, SIDE - 12, 2)
        if all(np.hypot(*(middle - other)) > 24 for other in middles):
            middles.append(middle)
            label = int(random.random() < 0.4)
            found.append(Cell(label, _ellipse(random, middle, label)))
    return found


def predicted(random: np.random.Generator, image: list[Cell], skill: Skill) -> list[tuple[Cell, float]]:
    """Return what a version of the model finds, each with how sure it is."""
    made: list[tuple[Cell, float]] = []
    for label, outline in image:
        if random.random() < skill.lost * (1 + label):
            continue
        sure = float(random.beta(6, 2))
        moved = outline + random.normal(0, skill.moved, 2) + random.normal(0, skill.moved / 3, outline.shape)
        moved = np.clip(moved, 0, SIDE).round(1)
        if random.random() < skill.split:
            half = _POINTS // 2
            made += [(Cell(label, moved[: half + 1]), 0.8 * sure), (Cell(label, moved[half:]), 0.7 * sure)]
        else:
            made.append((Cell(label, moved), sure))
    for _ in range(random.poisson(skill.invented)):
        label = int(random.random() < 0.4)
        outline = _ellipse(random, random.uniform(12, SIDE - 12, 2), label)
        made.append((Cell(label, outline), float(random.beta(2, 4))))
    return made


def photograph(random: np.random.Generator, image: list[Cell]) -> np.ndarray:
    """Return what the microscope sees, uint8 (H, W, 3)."""
    seen = np.full((SIDE, SIDE), 28.0)
    outlines = [[cell.outline.ravel()] for cell in image]
    for plane in Masks.read(SIDE, SIDE, outlines).planes():
        seen[plane] = random.uniform(90, 200)
    seen = (seen + np.roll(seen, 1, 0) + np.roll(seen, 1, 1) + np.roll(seen, (1, 1), (0, 1))) / 4
    noisy = np.clip(seen + random.normal(0, 9, seen.shape), 0, 255)[..., None] * (0.55, 1.0, 0.7)
    return noisy.astype(np.uint8)


def dataset(images: Mapping[str, list[Cell]]) -> dict[str, Any]:
    """Return the annotations of images by their names, as a file of COCO holds them."""
    annotations: list[dict[str, Any]] = []
    for number, image in enumerate(images.values(), 1):
        areas = Masks.read(SIDE, SIDE, [[cell.outline.ravel()] for cell in image]).pixels().tolist()
        for (label, outline), area in zip(image, areas, strict=True):
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": label + 1,
                    "segmentation": [outline.ravel().tolist()],
                    "area": area,
                    "iscrowd": 0,
                }
            )
    return {
        "images": [
            {"id": number, "file_name": f"{name}.png", "height": SIDE, "width": SIDE}
            for number, name in enumerate(images, 1)
        ],
        "annotations": annotations,
        "categories": [{"id": number, "name": name} for number, name in enumerate(CLASSES, 1)],
    }


def results(random: np.random.Generator, images: Mapping[str, list[Cell]], skill: Skill) -> bytes:
    """Return what a version of the model finds in images, as a file of results holds it."""
    found = [
        {
            "image_id": number,
            "category_id": label + 1,
            "segmentation": [outline.ravel().tolist()],
            "score": round(score, 4),
        }
        for number, image in enumerate(images.values(), 1)
        for (label, outline), score in predicted(random, image, skill)
    ]
    return json.dumps(found).encode()
