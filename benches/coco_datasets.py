"""Random datasets of objects as files of COCO, and what pycocotools says of them."""

import io
import json
from contextlib import redirect_stdout
from typing import Any

import numpy as np
import numpy.typing as npt

from instance_checks import SIZES, Difference, bitmap, polygon
from segscore._core import Masks
from segscore.counts.coco import CocoTables, read_coco
from segscore.scores.average_precision import AveragePrecision, average_precision
from segscore.scores.precision_asked import Asked

SCORES = (0.1, 0.25, 0.5, 0.5, 0.9, 1.0)
"""Few of them, so that many are the same."""
KINDS = (
    "Datasets of objects have crowds, ties of scores and IoU, areas on the bounds of ranges and unlike "
    "masks, more than 100 predictions of a class in an image, empty masks, masks of one pixel, noise, "
    "images without targets or predictions, and images of one column."
)


def run_lengths(masks: Masks, number: int) -> dict[str, Any]:
    """Return a mask as results have it."""
    return {"size": list(masks.size), "counts": masks.strings()[number].decode()}


def segmentation(rng: np.random.Generator, height: int, width: int) -> Any:
    """Return a mask as annotations have it: polygons, numbers, or a string."""
    kind = rng.integers(3)
    if kind == 0:
        return [polygon(rng, height, width).tolist() for _ in range(rng.integers(1, 3))]
    masks = Masks.of_planes(bitmap(rng, height, width)[None])
    if kind == 1:
        return {"size": [height, width], "counts": masks.counts()[0].tolist()}
    return run_lengths(masks, 0)


def planes_of(given: Any, height: int, width: int) -> npt.NDArray[np.bool_]:
    """Return the pixels of a mask of annotations."""
    if isinstance(given, dict):
        counts = given["counts"]
        given = np.array(counts, np.int64) if isinstance(counts, list) else counts
    else:
        given = [np.array(points, np.float64) for points in given]
    return Masks.read(height, width, [given]).planes()[0]


def predicted(rng: np.random.Generator, true: npt.NDArray[np.bool_] | None, size: tuple[int, int]) -> Masks:
    """Return one mask: the target, a target that is moved a little or lacks some pixels, or another one."""
    kind = rng.integers(5)
    if true is None or kind == 0:
        plane = bitmap(rng, *size)
    elif kind == 1:
        plane = true
    elif kind == 2:
        plane = np.roll(true, rng.integers(-1, 2, 2), (0, 1))
    else:
        plane = true & (rng.random(size) < rng.choice([0.5, 0.6, 0.75, 0.95]))
    return Masks.of_planes(plane[None])


def dataset(seed: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return annotations and results."""
    rng = np.random.default_rng(seed)
    categories = rng.permutation([1, 2, 7, 90])[: rng.integers(1, 5)].tolist()
    images, annotations, results = [], [], []
    for image in rng.permutation(rng.integers(1, 7)).tolist():
        height, width = SIZES[rng.integers(len(SIZES))]
        images.append({"id": image + 3, "height": height, "width": width, "file_name": f"{image}.jpg"})
        true: list[tuple[npt.NDArray[np.bool_], int]] = []
        for _ in range(rng.integers(0, 8) if rng.random() < 0.85 else 0):
            given = segmentation(rng, height, width)
            plane = planes_of(given, height, width)
            category = int(rng.choice(categories))
            true.append((plane, category))
            area = float(rng.choice([plane.sum(), 1024, 9216, 1023.5, 500, 20_000], p=[0.5, *[0.1] * 5]))
            crowd = int(rng.random() < 0.15)
            for _ in range(1 if rng.random() < 0.9 else 2):  # two of the same, so that IoU ties
                annotations.append(
                    {
                        "id": len(annotations) + 1,
                        "image_id": image + 3,
                        "category_id": category,
                        "iscrowd": crowd,
                        "area": area,
                        "segmentation": given,
                    }
                )
        most = rng.choice([0, 5, 20, 130], p=[0.15, 0.4, 0.4, 0.05])
        for _ in range(rng.integers(0, most + 1)):
            near, category = true[rng.integers(len(true))] if true else (None, categories[0])
            if rng.random() < 0.2:
                category = int(rng.choice(categories))
            results.append(
                {
                    "image_id": image + 3,
                    "category_id": category,
                    "score": float(rng.choice(SCORES) if rng.random() < 0.5 else rng.random()),
                    "segmentation": run_lengths(predicted(rng, near, (height, width)), 0),
                }
            )
    rng.shuffle(results)  # type: ignore[arg-type]
    named = [{"id": category, "name": f"class {category}"} for category in categories]
    return {"images": images, "annotations": annotations, "categories": named}, results


def by_pycocotools(
    target: dict[str, Any], pred: list[dict[str, Any]], images: list[int] | None = None
) -> tuple[Any, Any, Any]:
    """Return precisions, recalls and the twelve numbers, with those that are undefined as -1."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    with redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = json.loads(json.dumps(target))
        truth.createIndex()
        judge = COCOeval(truth, truth.loadRes(json.loads(json.dumps(pred))), "segm")
        if images is not None:
            judge.params.imgIds = images
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return judge.eval["precision"], judge.eval["recall"], judge.stats


def read(target: dict[str, Any], pred: list[dict[str, Any]], threads: int = 1) -> CocoTables:
    """Return both files as tables."""
    return read_coco(json.dumps(target).encode(), json.dumps(pred).encode(), threads=threads)


def scored(tables: CocoTables, images: list[int] | None = None, threads: int = 1) -> AveragePrecision:
    """Return what segscore says of tables, of some images if they are named."""
    classes = len(tables.class_ids)
    matched = Asked().matched(tables.objects, tables.overlaps, classes=classes, threads=threads)
    return average_precision(matched, None if images is None else np.isin(tables.image_ids, images))


def scores_differ(datasets: int, seed: int) -> list[Difference]:
    """Compare all numbers of random datasets with pycocotools, also of a part of the images."""
    names = ("precisions", "recalls", "the twelve numbers", "precisions of a part of the images")
    compared, differ = dict.fromkeys(names, 0), dict.fromkeys(names, 0)
    for number in range(datasets):
        target, pred = dataset(seed + number)
        if not pred:
            continue  # pycocotools takes no list without results
        tables = read(target, pred, threads=1 + number % 2)
        ours = scored(tables)
        part = tables.image_ids[::2].tolist()
        theirs = by_pycocotools(target, pred)
        pairs = (
            (ours.precision, theirs[0]),
            (ours.recall, theirs[1]),
            (np.nan_to_num(ours.numbers, nan=-1.0), theirs[2]),
            (scored(tables, part, threads=2).precision, by_pycocotools(target, pred, part)[0]),
        )
        for name, (mine, other) in zip(names, pairs, strict=True):
            compared[name] += other.size
            differ[name] += int((mine != other).sum()) if mine.shape == other.shape else other.size
    return [Difference(name, compared[name], differ[name]) for name in names]
