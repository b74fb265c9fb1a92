"""Random datasets of objects as files of LVIS, and what lvis-api says of them."""

import json
import logging
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import numpy as np
import numpy.typing as npt

from coco_datasets import dataset as of_coco
from coco_datasets import run_lengths
from instance_checks import Difference
from segscore._core import Masks
from segscore.counts.coco import read_coco
from segscore.scores.average_precision import AveragePrecision
from segscore.scores.precision_asked import Asked

ASKED = Asked.of("lvis", heed_ignore=False)
KINDS = (
    "Those of LVIS have classes that nobody looked for in an image, classes that an image may have more of, "
    "targets to ignore, classes of all frequencies, and more than 300 predictions in an image."
)


def dataset(seed: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return annotations and results of LVIS."""
    rng = np.random.default_rng(seed)
    target, pred = of_coco(seed)
    ids = [one["id"] for one in target["categories"]]
    for one in target["categories"]:
        one["frequency"] = str(rng.choice(["r", "c", "f"]))
    for image in target["images"]:
        for name, share in (("neg_category_ids", 0.4), ("not_exhaustive_category_ids", 0.3)):
            image[name] = [id_ for id_ in ids if rng.random() < share]
    for one in target["annotations"]:
        del one["iscrowd"]
        if rng.random() < 0.15:
            one["ignore"] = 1
    if pred and rng.random() < 0.1:
        image = target["images"][0]
        mask = run_lengths(Masks.of_planes(np.ones((1, image["height"], image["width"]), bool)), 0)
        for _ in range(310):
            score, category = float(rng.choice([0.1, 0.3, 0.6])), int(rng.choice(ids))
            of_image = {"image_id": image["id"], "category_id": category, "score": score}
            pred.append({**of_image, "segmentation": mask})
    return target, pred


def by_lvis(
    target: dict[str, Any], pred: list[dict[str, Any]]
) -> tuple[npt.NDArray[Any], npt.NDArray[Any], list[float]]:
    """Return precisions, recalls and the thirteen numbers, with those that are undefined as -1."""
    from lvis import LVIS, LVISEval, LVISResults

    logging.getLogger("lvis.results").setLevel(logging.ERROR)  # it warns of each list
    # lvis 0.5.3 names what NumPy has no more.
    with patch.object(np, "float", float, create=True), TemporaryDirectory() as folder:
        path = Path(folder) / "target.json"
        path.write_text(json.dumps(target))
        truth = LVIS(str(path))
        judge = LVISEval(truth, LVISResults(truth, json.loads(json.dumps(pred))), "segm")
        judge.run()
    return judge.eval["precision"], judge.eval["recall"], list(judge.get_results().values())


def scored(target: dict[str, Any], pred: list[dict[str, Any]], threads: int = 1) -> AveragePrecision:
    """Return what segscore says of both files."""
    tables = read_coco(
        json.dumps(target).encode(), json.dumps(pred).encode(), federated=True, threads=threads
    )
    classes = len(tables.class_ids)
    matched = ASKED.matched(tables.objects, tables.overlaps, classes=classes, threads=threads)
    return ASKED.read(matched, tables.objects, classes=classes)


def scores_differ(datasets: int, seed: int) -> list[Difference]:
    """Compare all numbers of random datasets with lvis-api."""
    names = ("precisions of LVIS", "recalls of LVIS", "the thirteen numbers of LVIS")
    compared, differ = dict.fromkeys(names, 0), dict.fromkeys(names, 0)
    for number in range(datasets):
        target, pred = dataset(seed + number)
        if not pred:
            continue  # lvis-api takes no list without results
        ours = scored(target, pred, threads=1 + number % 2)
        theirs = by_lvis(target, pred)
        pairs = (
            (ours.precision[..., 0], theirs[0]),
            (ours.recall[..., 0], theirs[1]),
            (np.nan_to_num(ours.numbers, nan=-1.0), np.array(theirs[2])),
        )
        for name, (mine, other) in zip(names, pairs, strict=True):
            compared[name] += other.size
            differ[name] += int((mine != other).sum()) if mine.shape == other.shape else other.size
    return [Difference(name, compared[name], differ[name]) for name in names]
