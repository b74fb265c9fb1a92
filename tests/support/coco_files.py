"""Objects as files of COCO, and what pycocotools 2.0.11 says of them. Nothing here is a test."""

import json
from typing import Any

import numpy as np

from segscore._core import Masks
from segscore.counts.coco import CocoTables, read_coco
from segscore.scores.average_precision import AveragePrecision, average_precision
from segscore.scores.precision_asked import Asked

SIZES = {2: (40, 60), 1: (40, 60), 5: (120, 100)}
"""Height and width of images, by id."""
_TARGETS = [  # image, class, box, area, crowd
    (1, 1, (2, 2, 20, 20), 400, 0),
    (1, 1, (30, 5, 20, 30), 1024, 0),
    (1, 3, (10, 10, 40, 20), 800, 1),
    (2, 1, (5, 5, 10, 10), 100, 0),
    (2, 3, (0, 0, 30, 40), 1200, 0),
    (2, 3, (28, 0, 30, 40), 1200, 0),
    (5, 3, (0, 0, 100, 100), 9216, 0),
]
_PREDICTED = [  # image, class, box, score
    (1, 1, (2, 2, 20, 18), 0.9),
    (1, 1, (30, 5, 20, 30), 0.8),
    (1, 1, (31, 5, 20, 30), 0.8),
    (1, 3, (12, 12, 20, 10), 0.6),
    (1, 3, (0, 0, 20, 12), 0.95),
    (2, 1, (5, 5, 10, 6), 0.8),
    (2, 3, (14, 0, 30, 40), 0.7),
    (2, 3, (2, 0, 28, 40), 0.7),
    (5, 3, (0, 0, 100, 81), 0.3),
    (5, 1, (0, 0, 9, 9), 0.99),
]
TWELVE = (
    0.3622277227722772,
    0.4879537953795379,
    0.3869636963696369,
    0.4698349834983498,
    0.6716171617161716,
    0.6999999999999998,
    0.31666666666666665,
    0.6333333333333333,
    0.6333333333333333,
    0.7333333333333333,
    0.7666666666666667,
    0.7,
)
"""The numbers of all images."""
TWELVE_WITHOUT_IMAGE_2 = (
    0.4834158415841584,
    0.5833333333333333,
    0.5833333333333333,
    0.6168316831683168,
    0.8499999999999999,
    0.6999999999999998,
    0.575,
    0.825,
    0.825,
    0.95,
    0.85,
    0.7,
)
TWELVE_OF_BOUNDARIES = (
    0.10569306930693069,
    0.3869636963696369,
    0.0561056105610561,
    0.17821782178217818,
    0.5221122112211221,
    0.09999999999999999,
    0.05,
    0.2333333333333333,
    0.2333333333333333,
    0.4,
    0.5333333333333333,
    0.1,
)
"""Those of Boundary IoU's API, of bands of 2 % of the diagonal."""


def _corners(x: int, y: int, width: int, height: int) -> list[int]:
    return [x, y, x + width, y, x + width, y + height, x, y + height]


def annotations() -> dict[str, Any]:
    """Return what a file of annotations holds, anew."""
    objects = [
        {
            "id": number,
            "image_id": image,
            "category_id": label,
            "segmentation": [_corners(*box)],
            "area": area,
            "iscrowd": crowd,
        }
        for number, (image, label, box, area, crowd) in enumerate(_TARGETS, 1)
    ]
    images = [
        {"id": image, "height": height, "width": width, "file_name": f"{image}.jpg"}
        for image, (height, width) in SIZES.items()
    ]
    return {
        "images": images,
        "annotations": objects,
        "categories": [{"id": 3, "name": "cat"}, {"id": 1, "name": "dog"}],
    }


def results() -> list[dict[str, Any]]:
    """Return what a file of results holds, anew."""

    def mask(image: int, box: tuple[int, int, int, int]) -> dict[str, Any]:
        height, width = SIZES[image]
        text = Masks.read(height, width, [[np.array(_corners(*box), np.float64)]]).strings()[0]
        return {"size": [height, width], "counts": text.decode()}

    return [
        {"image_id": image, "category_id": label, "score": score, "segmentation": mask(image, box)}
        for image, label, box, score in _PREDICTED
    ]


def scored(
    target: dict[str, Any], pred: list[dict[str, Any]], weights: list[int] | None = None, **options: bool
) -> AveragePrecision:
    """Return the scores of two files."""
    tables = read_coco(json.dumps(target).encode(), json.dumps(pred).encode())
    return average_precision(matched(tables, **options), weights)


def matched(tables: CocoTables, **options: bool) -> Any:
    """Return matches of tables."""
    return Asked(**options).matched(tables.objects, tables.overlaps, classes=len(tables.class_ids))
