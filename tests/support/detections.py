"""Made-up detections of two models as files of COCO, of images that differ in how hard they are. No test."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

import segscore
from segscore import Evaluation
from segscore.counts.measures import Measures
from segscore.counts.objects import Objects, bits

CLASSES = ("dog", "cat")
SIDE = 60
Boxes = list[tuple[int, int, int, int]]


def polygon(x: float, y: float, width: float, height: float) -> list[list[float]]:
    """Return the outline of a box."""
    return [[x, y, x + width, y, x + width, y + height, x, y + height]]


def targets(images: int, seed: int = 0) -> dict[str, Any]:
    """Return annotations of images, each with up to four boxes of two classes."""
    rng = np.random.default_rng(seed)
    annotations = []
    for image in range(1, images + 1):
        for _ in range(int(rng.integers(1, 5))):
            x, y, width, height = (int(one) for one in rng.integers((0, 0, 6, 6), (40, 40, 20, 20)))
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image,
                    "category_id": int(rng.integers(1, 3)),
                    "iscrowd": 0,
                    "area": width * height,
                    "segmentation": polygon(x, y, width, height),
                    "bbox": [x, y, width, height],
                }
            )
    return {
        "images": [
            {"id": i, "height": SIDE, "width": SIDE, "file_name": f"{i:04}.jpg"} for i in range(1, images + 1)
        ],
        "annotations": annotations,
        "categories": [{"id": i, "name": name} for i, name in enumerate(CLASSES, 1)],
    }


def results(target: dict[str, Any], found: float, seed: int) -> list[dict[str, Any]]:
    """Return what a model makes of them that finds such a share, moved a little, and invents some."""
    rng = np.random.default_rng(seed)
    made = []
    for one in target["annotations"]:
        x, y, width, height = one["bbox"]
        if rng.random() < found:
            dx, dy = rng.integers(-2, 3, 2).tolist()
            box = polygon(max(0, x + dx), max(0, y + dy), width, height)
            made.append((one["image_id"], one["category_id"], box, 0.3 + 0.7 * rng.random()))
        if rng.random() < 0.4:
            outline = polygon(*rng.integers(0, 45, 2).tolist(), 10, 10)
            made.append((one["image_id"], int(rng.integers(1, 3)), outline, 0.8 * rng.random()))
    keys = ("image_id", "category_id", "segmentation", "score")
    return [dict(zip(keys, row, strict=True)) for row in made]


def evaluated(folder: Path, target: dict[str, Any], pred: list[dict[str, Any]], **options: Any) -> Evaluation:
    """Return the evaluation of both as files."""
    paths = {"target": folder / "target.json", "pred": folder / "pred.json"}
    for (_, path), content in zip(paths.items(), (target, pred), strict=True):
        path.write_text(json.dumps(content))
    return segscore.evaluate(**paths, **{"instances": "coco", "progress": False, **options})


def as_lvis(target: dict[str, Any], seed: int = 0) -> dict[str, Any]:
    """Return annotations as of LVIS, where not all classes were looked for in all images."""
    rng = np.random.default_rng(seed)
    ids = [one["id"] for one in target["categories"]]
    for category, frequency in zip(target["categories"], "rc", strict=True):
        category["frequency"] = frequency
    for image in target["images"]:
        held = {one["category_id"] for one in target["annotations"] if one["image_id"] == image["id"]}
        image["neg_category_ids"] = [i for i in ids if i not in held and rng.random() < 0.5]
        image["not_exhaustive_category_ids"] = [i for i in ids if i in held and rng.random() < 0.3]
    for one in target["annotations"]:
        del one["iscrowd"]
    return target


def two_models(
    folder: Path, images: int = 40, seed: int = 0, **options: Any
) -> tuple[Evaluation, Evaluation]:
    """Return two models on the same images, of which the second one finds more."""
    target = targets(images, seed)
    if options.get("instances") == "lvis":
        target = as_lvis(target)
    if options.get("ignore_flag"):
        for one in target["annotations"][::5]:
            one["ignore"] = 1
    preds = results(target, 0.6, seed + 1), results(target, 0.9, seed + 2)
    one, two = (evaluated(folder, target, pred, **options) for pred in preds)
    return one, two


def as_cityscapes(ev: Evaluation) -> Evaluation:
    """Return the same objects with Cityscapes' average precision, and scores of which many are equal."""
    objects, *others = ev.measured
    assert isinstance(objects, Objects)
    rounded = replace(objects, score_bits=bits(np.round(objects.score, 1)))
    measures = Measures().with_objects("detections", (), ("cityscapes",))
    return replace(ev, measured=(rounded, *others), measures=measures)


def workspace_of(folder: Path, images: int = 40) -> segscore.Workspace:
    """Return a workspace with objects, their photographs, two versions of a model and a run of each."""
    from PIL import Image

    target = targets(images)
    (folder / "annotations.json").write_text(json.dumps(target))
    (folder / "photographs").mkdir()
    for one in target["images"]:
        Image.new("RGB", (SIDE, SIDE), (90, 60, one["id"])).save(folder / "photographs" / one["file_name"])
    ws = segscore.Workspace.init(folder)
    given = {"targets": folder / "annotations.json", "images": folder / "photographs"}
    ws.datasets.add("pets", **given, instances="coco", progress=False)  # type: ignore[arg-type]
    for share in (0.6, 0.9):
        path = folder / f"results_{share}.json"
        path.write_text(json.dumps(results(target, share, 3)))
        ws.models.add("detector", predictions=path)
    for model in ("detector:v1", "detector:v2"):
        ws.run(model, "pets", progress=False)
    return ws
