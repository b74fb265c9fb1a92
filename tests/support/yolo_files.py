"""Results of COCO as a dataset of YOLO. Nothing here is a test."""

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from segscore._core import Masks


def write_yolo(folder: Path, target: dict[str, Any], pred: list[dict[str, Any]]) -> None:
    """Write predictions of boxes as outlines, of which COCO's rule makes the same pixels."""
    sizes = {image["id"]: (image["width"], image["height"]) for image in target["images"]}
    lines: dict[int, list[str]] = {image: [] for image in sizes}
    names = [one["name"] for one in target["categories"]]
    place = {one["id"]: i for i, one in enumerate(target["categories"])}
    for one in pred:
        size = sizes[one["image_id"]]
        x, y, width, height = Masks.read(*size[::-1], [one["segmentation"]["counts"]]).boxes()[0].tolist()
        outline = np.array([x, y, x + width, y, x + width, y + height, x, y + height]).reshape(-1, 2) / size
        numbers = [place[one["category_id"]], *outline.ravel().tolist(), one["score"]]
        lines[one["image_id"]].append(" ".join(map(str, numbers)))
    for part in ("labels", "images"):
        (folder / part).mkdir(parents=True)
    (folder / "data.yaml").write_text(f"names: {names}")
    for image, size in sizes.items():
        (folder / "labels" / f"{image}.txt").write_text("\n".join(lines[image]))
        Image.new("L", size).save(folder / "images" / f"{image}.png")
