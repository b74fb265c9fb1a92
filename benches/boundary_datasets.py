"""Bands along the borders of objects, and what the API of Boundary IoU says of them, from its checkout."""

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any
from unittest.mock import patch

import numpy as np

from coco_datasets import dataset
from instance_checks import SIZES, Difference, bitmap
from panoptic_checks import NAMES, images, infos
from segscore import InstanceEvaluator
from segscore._core import Masks
from segscore.counts.coco import read_coco
from segscore.counts.widths import pixels_of
from segscore.scores.average_precision import AveragePrecision
from segscore.scores.matching import Threshold
from segscore.scores.precision_asked import BOUNDARY, Asked

CHECKOUT = "bowenc0221/boundary-iou-api"
SHARE = 0.02
_SHARES = (0.02, 0.05, 0.1)
_FIRST = 1 << 20
"""The first number of classes, behind those of segments, which the tool takes others of for bands."""
ASKED = Asked.of(BOUNDARY, heed_ignore=False)


@contextmanager
def api(folder: Path) -> Iterator[Any]:
    """Yield the package of a checkout, which makes bands in this process and finds what NumPy has no more."""
    path = str(folder / CHECKOUT)
    sys.path.insert(0, path)
    try:
        from boundary_iou.coco_instance_api import coco, cocoeval
        from boundary_iou.utils import boundary_utils

        alone = boundary_utils.augment_annotations_with_boundary_single_core
        with (
            patch.object(
                coco,
                "augment_annotations_with_boundary_multi_core",
                lambda found, to_mask, dilation_ratio: alone(0, found, to_mask, dilation_ratio),
            ),
            patch.object(np, "float", float, create=True),
            redirect_stdout(io.StringIO()),
        ):
            yield coco, cocoeval, boundary_utils
    finally:
        sys.path.remove(path)


def by_api(package: Any, target: dict[str, Any], pred: list[dict[str, Any]]) -> tuple[Any, Any, Any]:
    """Return precisions, recalls and the twelve numbers, with those that are undefined as -1."""
    coco, cocoeval, _ = package
    truth = coco.COCO(get_boundary=True, dilation_ratio=SHARE)
    truth.dataset = json.loads(json.dumps(target))
    truth.createIndex()
    found = truth.loadRes(json.loads(json.dumps(pred)))
    judge = cocoeval.COCOeval(truth, found, iouType="boundary", dilation_ratio=SHARE)
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
    return judge.eval["precision"], judge.eval["recall"], judge.stats


def scored(target: dict[str, Any], pred: list[dict[str, Any]], threads: int = 1) -> AveragePrecision:
    """Return what segscore says of both files."""
    tables = read_coco(json.dumps(target).encode(), json.dumps(pred).encode(), band=SHARE, threads=threads)
    classes = len(tables.class_ids)
    matched = ASKED.matched(
        tables.objects, tables.overlaps, classes=classes, bands=tables.bands, threads=threads
    )
    return ASKED.read(matched, tables.objects, classes=classes)


def bands_differ(package: Any, rounds: int, seed: int) -> Difference:
    """Compare the bands of masks, pixel by pixel."""
    rng = np.random.default_rng(seed)
    compared = differ = 0
    for number in range(rounds):
        height, width = SIZES[number % len(SIZES)]
        planes = np.stack([bitmap(rng, height, width) for _ in range(4)])
        share = float(rng.choice([0.005, 0.02, 0.05]))
        (band,) = pixels_of((share,), height, width)
        ours = Masks.of_planes(planes).bands(band).planes()
        theirs = [package[2].mask_to_boundary(plane.astype(np.uint8), share) for plane in planes]
        compared += len(planes)
        differ += int((ours != theirs).any(axis=(1, 2)).sum())
    return Difference("bands of masks", compared, differ)


def quality_differs(datasets: int, seed: int) -> Difference:
    """Compare the panoptic quality of bands of random datasets, of which there are void and crowds.

    What PQ is made of is compared: sums of IoU, matches, what is invented and what is missed, by class.
    """
    from PIL import Image as Pictures

    stub = ModuleType("panopticapi.utils")
    vars(stub).update(get_traceback=lambda call: call, rgb2id=lambda rgb: rgb @ np.array([1, 256, 65536]))
    with patch.dict(sys.modules, {"panopticapi": ModuleType("panopticapi"), "panopticapi.utils": stub}):
        from boundary_iou.coco_panoptic_api import evaluation as judge
    categories = {_FIRST + i: {"isthing": 1} for i in range(len(NAMES))}
    compared = differ = 0
    for number, made in zip(range(datasets), images(seed, crowds=True, void=True), strict=False):
        share = _SHARES[number % len(_SHARES)]
        ours = InstanceEvaluator(NAMES, boundary=share)
        with TemporaryDirectory() as folder:
            pairs = []
            for i, image in enumerate(made):
                ours.add(**image._asdict())
                both = []
                for side in ("target", "pred"):
                    ids, segments = getattr(image, side), getattr(image, f"{side}_segments")
                    rgb = np.stack([ids >> shift & 255 for shift in (0, 8, 16)], axis=-1)
                    Pictures.fromarray(rgb.astype(np.uint8)).save(f"{folder}/{side}_{i}.png")
                    both.append({"image_id": i, "file_name": f"{side}_{i}.png", "segments_info": []})
                    for info in infos(ids, segments):
                        both[-1]["segments_info"].append(
                            {**info, "category_id": _FIRST + info["category_id"]}
                        )
                pairs.append(tuple(both))
            with redirect_stdout(io.StringIO()):
                found = judge.pq_compute_single_core(0, pairs, folder, folder, categories, "boundary", share)
        outcome = ours.result().shapes.matching_of_bands.at(Threshold())
        columns = (outcome.iou, outcome.tp, outcome.fp, outcome.fn)
        mine = np.stack([column.sum(axis=0) for column in columns], axis=1)
        of = [found.pq_per_cat[_FIRST + i] for i in range(len(NAMES))]
        theirs = np.array([[one.iou, one.tp, one.fp, one.fn] for one in of])
        compared += mine.size
        # Sums of IoU are in another order.
        differ += int((~np.isclose(mine, theirs, rtol=0, atol=1e-12)).sum())
    return Difference("sums of boundary PQ, up to 1e-12", compared, differ)


def scores_differ(datasets: int, seed: int, folder: Path) -> list[Difference]:
    """Compare all numbers of random datasets with those of the checkout in a folder."""
    names = ("precisions of boundaries", "recalls of boundaries", "the twelve numbers of boundaries")
    compared, differ = dict.fromkeys(names, 0), dict.fromkeys(names, 0)
    with api(folder) as package:
        of_bands = [bands_differ(package, datasets, seed), quality_differs(datasets, seed)]
        for number in range(datasets):
            target, pred = dataset(seed + number)
            if not pred or not target["annotations"]:
                continue  # the tool takes no list without results
            ours = scored(target, pred, threads=1 + number % 2)
            theirs = by_api(package, target, pred)
            pairs = (
                (ours.precision, theirs[0]),
                (ours.recall, theirs[1]),
                (np.nan_to_num(ours.numbers, nan=-1.0), theirs[2]),
            )
            for name, (mine, other) in zip(names, pairs, strict=True):
                compared[name] += other.size
                differ[name] += int((mine != other).sum()) if mine.shape == other.shape else other.size
    return [*of_bands, *(Difference(name, compared[name], differ[name]) for name in names)]
