"""Files of annotations that tests write, and what is in them as pixels. Nothing here is a test."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segscore.errors import FileFormatError
from segscore.io.annotations.reading import Annotations, read_annotations

HEIGHT, WIDTH = 6, 8
CAR, DOG = (1, 1, 4, 3), (3, 0, 2, 5)
"""Boxes of two objects that share 2 x 1 pixels: x, y, width, height."""


def corners(x: float, y: float, width: float, height: float) -> list[float]:
    """Return the outline of a box, x and y in turn."""
    return [x, y, x + width, y, x + width, y + height, x, y + height]


def pairs(numbers: list[float]) -> list[list[float]]:
    """Return points of x and y each."""
    return np.array(numbers).reshape(-1, 2).tolist()


def bits(*boxes: tuple[int, int, int, int], height: int = HEIGHT, width: int = WIDTH) -> np.ndarray:
    """Return the pixels of boxes."""
    found = np.zeros((height, width), bool)
    for x, y, across, down in boxes:
        found[y : y + down, x : x + across] = True
    return found


def labels(*painted: tuple[int, tuple[int, int, int, int]]) -> np.ndarray:
    """Return boxes painted with their labels, the later ones over the earlier ones, on 0."""
    found = np.zeros((HEIGHT, WIDTH), int)
    for label, box in painted:
        found[bits(box)] = label
    return found


def coco(**changes: Any) -> dict[str, Any]:
    """Return an image with both objects as COCO's JSON has it, and an image with nothing in it."""
    return {
        "images": [
            {"id": 4, "file_name": "a.jpg", "height": HEIGHT, "width": WIDTH},
            {"id": 9, "file_name": "sub/b.jpg", "height": 2, "width": 3},
        ],
        "categories": [{"id": 3, "name": "car"}, {"id": 7, "name": "dog"}],
        "annotations": [
            {"image_id": 4, "category_id": 3, "segmentation": [corners(*CAR)]},
            {"image_id": 4, "category_id": 7, "segmentation": [corners(*DOG)], "iscrowd": 1},
        ],
        **changes,
    }


def written(folder: Path, content: object, name: str = "annotations.json") -> str:
    """Write a file of JSON, or of a text, and return its path."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)


def planes(found: Annotations, image: int = 0) -> list[np.ndarray]:
    """Return the pixels of each object of an image."""
    return [*found.images[image].masks.planes()]


def classes_of(found: Annotations, image: int = 0) -> list[str]:
    """Return the class of each object of an image."""
    return [found.names[one.label] for one in found.images[image].objects]


def findings(path: object, *arguments: Any, **options: Any) -> list[str]:
    """Return what is found to be wrong with files, without the path of the file or folder."""
    with pytest.raises(FileFormatError) as caught:
        read_annotations(path, *arguments, **options)
    return [line.removeprefix(str(path)).removeprefix(", ") for line in caught.value.message.splitlines()]
