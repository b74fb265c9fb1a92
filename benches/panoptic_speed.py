"""Panoptic quality from folders of PNG, and of id maps in memory: segscore beside panopticapi of a checkout.

`python benches/panoptic_speed.py --files FOLDER` makes images of segments from a fixed seed, and prints
Markdown. Answers are compared before they are printed; times are those of the processor, of one thread, the
least of some rounds in turns.
"""

import argparse
import io
import json
import sys
import tempfile
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

import numpy as np
from PIL import Image as Pictures

import segscore
from instances import outline
from panoptic_checks import module
from segscore import Classes
from segscore._core import Masks
from segscore.counts.instances import count_instances, with_outside

HEIGHT, WIDTH = 480, 640
THINGS, STUFF = 80, 53
"""Classes of COCO's panoptic task."""
Side = tuple[Any, list[int]]
"""Ids of segments, each a step after the one before, and the class of each; 0 is void."""
_STEP = 70_001
"""From one id to the next, so that ids have three bytes, as those of COCO have."""
_VOID = 0.1
"""Share of the columns of a target that are of no segment."""


def segments(rng: np.random.Generator, ragged: float) -> tuple[Side, Side]:
    """Return a target and a prediction near it: four pieces of stuff beneath some seven objects."""
    shapes = [outline(rng, ragged) for _ in range(rng.poisson(7))]
    labels = [*(THINGS + rng.integers(0, STUFF, 4)).tolist(), *rng.integers(0, THINGS, len(shapes)).tolist()]
    borders = np.sort(rng.integers(0, WIDTH, 3))
    target = _painted(rng, shapes, borders, 0)
    target[:, : int(WIDTH * _VOID)] = 0
    kept = [i for i in range(len(shapes)) if rng.random() < 0.85]
    near = _painted(rng, [shapes[i] for i in kept], borders + rng.integers(-6, 6, 3), 2)
    return (target, labels), (near, [*labels[:4], *(labels[4 + i] for i in kept)])


def _painted(rng: np.random.Generator, shapes: list[Any], borders: Any, moved: float) -> Any:
    waves = np.round(8 * np.sin(np.arange(HEIGHT) / 40)).astype(int)[:, None]
    ids = 1 + np.searchsorted(borders, (np.arange(WIDTH) + waves).ravel()).reshape(HEIGHT, WIDTH)
    drawn = [[np.clip(one + rng.normal(0, moved, one.shape), 0, WIDTH)] for one in shapes]
    for number, plane in enumerate(Masks.read(HEIGHT, WIDTH, drawn).planes()):
        ids[plane] = 5 + number
    return (ids * _STEP).astype(np.uint32)


def write(folder: Path, images: int, ragged: float) -> None:
    """Write a folder of PNG and a JSON of each side, as COCO has them."""
    rng = np.random.default_rng(8)
    categories = [
        {"id": number, "name": str(number), "isthing": int(number < THINGS)}
        for number in range(THINGS + STUFF)
    ]
    annotations: dict[str, list[Any]] = {"target": [], "pred": []}
    for image in range(images):
        for side, (ids, labels) in zip(annotations, segments(rng, ragged), strict=True):
            (folder / side).mkdir(exist_ok=True)
            planes = np.stack([ids, ids >> 8, ids >> 16], -1).astype(np.uint8)
            Pictures.fromarray(planes).save(folder / side / f"{image}.png")
            areas = np.bincount(ids.ravel() // _STEP, minlength=len(labels) + 1).tolist()
            infos = [
                {"id": number * _STEP, "category_id": label, "area": areas[number], "iscrowd": 0}
                for number, label in enumerate(labels, 1)
                if areas[number]
            ]
            annotations[side].append({"image_id": image, "file_name": f"{image}.png", "segments_info": infos})
    for side, of_images in annotations.items():
        sizes = [{"id": i, "file_name": f"{i}.jpg", "height": HEIGHT, "width": WIDTH} for i in range(images)]
        whole = {"images": sizes, "annotations": of_images, "categories": categories}
        (folder / f"{side}.json").write_text(json.dumps(whole))


def ours(folder: Path) -> list[float]:
    """Return the mean PQ, SQ and RQ of all classes, and in how many classes there are objects."""
    ev = segscore.evaluate(
        target=folder / "target.json",
        pred=folder / "pred.json",
        instances="coco-panoptic",
        threads=1,
        progress=False,
    )
    means = ev.panoptic.all
    return [means.mean_pq, means.mean_sq, means.mean_rq, means.classes]


def theirs(api: Any, folder: Path) -> list[float]:
    """Return those of the API, from one process."""
    target, pred = (json.loads((folder / f"{side}.json").read_text()) for side in ("target", "pred"))
    of_images = {one["image_id"]: one for one in pred["annotations"]}
    pairs = [(one, of_images[one["image_id"]]) for one in target["annotations"]]
    categories = {one["id"]: one for one in target["categories"]}
    with redirect_stdout(io.StringIO()):
        stat = api.pq_compute_single_core(0, pairs, str(folder / "target"), str(folder / "pred"), categories)
    means, _ = stat.pq_average(categories, isthing=None)
    return [means["pq"], means["sq"], means["rq"], means["n"]]


class Maps(NamedTuple):
    """The id maps of an image, and the class of each id, as `InstanceEvaluator.add` takes them."""

    target: Any
    pred: Any
    target_segments: dict[int, int]
    pred_segments: dict[int, int]


def large(rng: np.random.Generator, ragged: float) -> Maps:
    """Return maps of 2048 x 1024, whose pixels are the nearest of those of the small ones."""
    rows, columns = np.arange(1024) * HEIGHT // 1024, np.arange(2048) * WIDTH // 2048
    ids, classes = [], []
    for small, labels in segments(rng, ragged):
        ids.append(small[rows][:, columns])
        there = np.unique(ids[-1])
        numbered = ((number * _STEP, label) for number, label in enumerate(labels, 1))
        classes.append({number: label for number, label in numbered if number in there})
    return Maps(*ids, *classes)


def counted(maps: list[Maps]) -> list[list[int]]:
    """Return the pixels that a target and a prediction share, sorted, of each image."""
    classes = with_outside(Classes.of(THINGS + STUFF), "void")
    found = []
    for image in maps:
        _, (_, shared) = count_instances(classes, **image._asdict(), scores=None, outside="void", threads=1)
        found.append(sorted(shared.pixels.tolist()))
    return found


def counted_by(api: Any, maps: list[Maps]) -> list[list[int]]:
    """Return the same as the API counts it: by the different values of both ids in one number."""
    found = []
    for image in maps:
        both = image.target.astype(np.uint64) * api.OFFSET + image.pred.astype(np.uint64)
        values, times = np.unique(both, return_counts=True)
        found.append(sorted(times[(values >= api.OFFSET) & (values % api.OFFSET > 0)].tolist()))
    return found


def row(what: str, outlines: str, own: float, other: float) -> str:
    """Return a line of the table."""
    return f"| {what} | {outlines} | {own * 1e3:.1f} | {other * 1e3:.1f} | {other / own:.1f} |"


def in_turns(rounds: int, *calls: Callable[[], Any]) -> list[float]:
    """Return the least seconds of each call."""
    seconds: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, of in zip(calls, seconds, strict=True):
            begin = process_time()
            call()
            of.append(process_time() - begin)
    return [min(of) for of in seconds]


def main() -> int:
    """Measure, compare, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=Path, required=True, help="a folder with checkouts")
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    api = module(options.files, "evaluation")
    agree = True
    print("| work | outlines | segscore, ms | panopticapi, ms | times longer |\n|---|---|---|---|---|")
    for name, ragged in (("smooth", 0.0), ("ragged", 0.15)):
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            write(folder, options.images, ragged)
            agree &= np.allclose(ours(folder), theirs(api, folder), rtol=0, atol=1e-12)
            times = in_turns(options.rounds, partial(ours, folder), partial(theirs, api, folder))
        what = f"{options.images:,} pairs of PNG of {WIDTH} x {HEIGHT} to PQ"
        print(row(what, name, *times))
        rng = np.random.default_rng(9)
        maps = [large(rng, ragged) for _ in range(10)]
        agree &= counted(maps) == counted_by(api, maps)
        times = in_turns(options.rounds, partial(counted, maps), partial(counted_by, api, maps))
        print(row("10 pairs of id maps of 2048 x 1024 in memory, counted", name, *times))
    print(f"\nAll numbers are {'the same' if agree else 'NOT the same'}.")
    return int(not agree)


if __name__ == "__main__":
    sys.exit(main())
