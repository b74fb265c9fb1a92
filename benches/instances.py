"""Files of COCO to its twelve numbers, masks alone, and components of lesions: segscore beside other tools.

`python benches/instances.py` makes two datasets of objects from fixed seeds, one with smooth masks and one
with ragged ones, and volumes of lesions, and prints Markdown: beside pycocotools, faster-coco-eval and cc3d.
Ways that read files run in a process of their own, one thread each, so that their memory can be told; answers
are compared before they are printed. Times are those of the processor, the least of some rounds.
"""

import argparse
import io
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stdout
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import numpy.typing as npt

from made_volumes import lesions
from segscore._core import Masks

HEIGHT, WIDTH, CLASSES = 480, 640, 80
WAYS = {"segscore": None, "pycocotools": "pycocotools", "faster-coco-eval": "faster_coco_eval"}
"""Ways to the twelve numbers, and the package of each but segscore."""


def outline(rng: np.random.Generator, ragged: float) -> npt.NDArray[np.float64]:
    """Return x and y of points around an object, whose distances from its middle differ so much."""
    points = 400 if ragged else 29
    middle = rng.random(2) * (WIDTH, HEIGHT)
    radius = np.exp(rng.normal(3.6, 0.8)) + 3
    angles = np.linspace(0, 2 * np.pi, points, endpoint=False)
    wave = 1 + 0.2 * np.sin(angles * rng.integers(2, 6) + rng.random() * 6) + ragged * rng.normal(size=points)
    around = np.stack([np.cos(angles), np.sin(angles) * rng.uniform(0.5, 1.5)], 1)
    ring = middle + radius * wave[:, None] * around
    return np.clip(ring, 0, (WIDTH, HEIGHT)).round(2).ravel()


def make(folder: Path, images: int, ragged: float) -> None:
    """Write annotations and results of about 7 objects and 20 predictions an image."""
    rng = np.random.default_rng(19)
    annotations, results = [], []
    for image in range(1, images + 1):
        shapes = [outline(rng, ragged) for _ in range(rng.poisson(7))]
        labels = rng.integers(1, CLASSES + 1, len(shapes)).tolist()
        masks = Masks.read(HEIGHT, WIDTH, [[shape] for shape in shapes])
        for shape, label, pixels in zip(shapes, labels, masks.pixels().tolist(), strict=True):
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": image,
                    "category_id": label,
                    "iscrowd": 0,
                    "area": pixels,
                    "segmentation": [shape.tolist()],
                }
            )
        seen, of = [], []
        for _ in range(rng.poisson(20)):
            near = rng.integers(len(shapes)) if shapes and rng.random() < 0.6 else None
            moved = (
                outline(rng, ragged) if near is None else shapes[near] + rng.normal(0, 2, shapes[near].shape)
            )
            seen.append([np.clip(moved, 0, WIDTH)])
            same = near is not None and rng.random() < 0.8
            of.append(labels[near] if same else int(rng.integers(1, CLASSES + 1)))  # type: ignore[index]
        for text, label in zip(Masks.read(HEIGHT, WIDTH, seen).strings(), of, strict=True):
            mask = {"size": [HEIGHT, WIDTH], "counts": text.decode()}
            score = round(rng.random(), 4)
            results.append({"image_id": image, "category_id": label, "segmentation": mask, "score": score})
    sizes = [{"id": number, "height": HEIGHT, "width": WIDTH} for number in range(1, images + 1)]
    classes = [{"id": number, "name": str(number)} for number in range(1, CLASSES + 1)]
    target = {"images": sizes, "annotations": annotations, "categories": classes}
    (folder / "target.json").write_text(json.dumps(target))
    (folder / "pred.json").write_text(json.dumps(results))


def twelve(way: str, folder: Path, threads: int) -> list[float]:
    """Return the twelve numbers of both files; those that are undefined are -1."""
    target, pred = folder / "target.json", folder / "pred.json"
    if way == "segscore":
        from segscore.counts.coco import read_coco
        from segscore.scores.average_precision import average_precision
        from segscore.scores.precision_asked import Asked

        tables = read_coco(target.read_bytes(), pred.read_bytes(), threads=threads)
        classes = len(tables.class_ids)
        matched = Asked().matched(tables.objects, tables.overlaps, classes=classes, threads=threads)
        return np.nan_to_num(average_precision(matched).numbers, nan=-1.0).tolist()
    judge: Any
    with redirect_stdout(io.StringIO()):
        if way == "pycocotools":
            from pycocotools.coco import COCO
            from pycocotools.cocoeval import COCOeval

            truth = COCO(str(target))
            judge = COCOeval(truth, truth.loadRes(str(pred)), "segm")
        else:
            from faster_coco_eval import COCO as Faster  # noqa: N811
            from faster_coco_eval import COCOeval_faster

            truth = Faster(str(target))
            judge = COCOeval_faster(truth, truth.loadRes(str(pred)), "segm")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    return [float(number) for number in judge.stats[:12]]


def measured(way: str, folder: Path, threads: int) -> dict[str, Any]:
    """Return seconds of the processor, MiB of memory beyond those of the imports, and the numbers."""
    with tempfile.TemporaryDirectory() as small:
        make(Path(small), 2, 0)
        twelve(way, Path(small), 1)  # imports
    before = peak()
    begin = process_time()
    numbers = twelve(way, folder, threads)
    seconds = process_time() - begin
    return {"seconds": seconds, "memory": peak() - before, "numbers": numbers}


def peak() -> float:
    """Return the most MiB that this process has had; what the one that began it had is not its own."""
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def in_process(way: str, folder: Path, rounds: int) -> dict[str, Any]:
    """Return the best of some rounds, each in a process of its own."""
    command = [sys.executable, __file__, "--way", way, "--folder", str(folder)]
    texts = [
        subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout  # noqa: S603 - its own
        for _ in range(rounds)
    ]
    return min(map(json.loads, texts), key=lambda one: one["seconds"])


def is_there(package: str) -> bool:
    """Return whether a package is installed; without it, say that it is not measured."""
    found = find_spec(package) is not None
    if not found:
        name = package.replace("_", "-")
        print(f"{name} is not installed, and not measured: see CONTRIBUTING.md", file=sys.stderr)
    return found


def least(rounds: int, call: Any) -> float:
    """Return the least seconds of a call."""
    seconds = []
    for _ in range(rounds):
        begin = process_time()
        call()
        seconds.append(process_time() - begin)
    return min(seconds)


def masks_alone(rounds: int, ragged: float) -> list[tuple[str, float, float]]:
    """Return what is done, and the seconds of segscore and of pycocotools; answers are compared."""
    from pycocotools import mask as coco

    rng = np.random.default_rng(3)
    polygons = [[outline(rng, ragged)] for _ in range(2000)]
    plain = [[points[0].tolist()] for points in polygons]
    theirs = [coco.merge(coco.frPyObjects(one, HEIGHT, WIDTH)) for one in plain]
    masks = Masks.read(HEIGHT, WIDTH, polygons)
    texts = [one["counts"] for one in theirs]
    assert masks.strings() == texts
    groups = [theirs[start : start + 20] for start in range(0, 2000, 20)]
    ours = [Masks.read(HEIGHT, WIDTH, [one["counts"] for one in group]) for group in groups]
    return [
        (
            "polygons to runs: `frPyObjects` and `merge`",
            least(rounds, lambda: Masks.read(HEIGHT, WIDTH, polygons)),
            least(rounds, lambda: [coco.merge(coco.frPyObjects(one, HEIGHT, WIDTH)) for one in plain]),
        ),
        (
            "run lengths to runs with area and box: `area` and `toBbox`",
            least(rounds, lambda: Masks.read(HEIGHT, WIDTH, texts)),
            least(rounds, lambda: [(coco.area(one), coco.toBbox(one)) for one in theirs]),
        ),
        (
            "shared pixels, 20 x 20 an image: `iou`",
            least(rounds, lambda: [one.overlaps(one) for one in ours]),
            least(rounds, lambda: [coco.iou(one, one, [0] * len(one)) for one in groups]),
        ),
    ]


def components_alone(rounds: int, target: Any, pred: Any) -> Iterator[tuple[str, float, float]]:
    """Yield what is done of a volume, and the seconds of segscore and of cc3d; answers are compared."""
    import cc3d

    from segscore import component_overlaps, components

    def by_numbers() -> dict[int, int]:
        return _pairs(*(cc3d.connected_components(one, connectivity=26) for one in (target, pred)))

    for around in (6, 18, 26):
        both = components, cc3d.connected_components
        ours, theirs = (partial(of, target, connectivity=around) for of in both)
        most = int(ours().max())
        # Each number of the one goes with one of the other.
        assert len(_pairs(ours(), theirs())) == most + 1 == int(theirs().max()) + 1
        yield f"{most} components, {around} neighbours", least(rounds, ours), least(rounds, theirs)
    overlaps = partial(component_overlaps, pred, target, connectivity=26)
    # Their numbers are others, and the pixels of the pairs are the same.
    assert sorted(overlaps()[:, 2].tolist()) == sorted(by_numbers().values())
    what = f"{len(overlaps())} overlaps, 26 neighbours: and `numpy.unique`"
    yield what, least(rounds, overlaps), least(rounds, by_numbers)


def _pairs(one: Any, other: Any) -> dict[int, int]:
    """Return how often there is each pair of numbers, as one number, which takes the least time."""
    numbers, times = np.unique(one.astype(np.int64) * (int(other.max()) + 1) + other, return_counts=True)
    return dict(zip(numbers.tolist(), times.tolist(), strict=True))


def main() -> int:
    """Measure, compare, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--images", type=int, default=5000, help="of the smooth dataset; of the ragged an eighth"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.way:
        print(json.dumps(measured(options.way, options.folder, 1)))
        return 0
    there = {way for way, package in WAYS.items() if package is None or is_there(package)}
    agree = print_numbers([way for way in WAYS if way in there], options.images, options.rounds)
    others = len(there) > 1
    if "pycocotools" in there:
        print_masks(options.rounds)
    if is_there("cc3d"):
        others = True
        print_components(options.rounds)
    same = "the same" if agree else "NOT the same"
    print(f"\nAll numbers are {same}." if others else "\nThere was nothing to compare numbers with.")
    return int(not agree)


def print_numbers(ways: list[str], smooth: int, rounds: int) -> bool:
    """Print seconds and memory from files to twelve numbers, and return whether these are the same."""
    agree = True
    print("| files to twelve numbers | way | seconds | times longer | MiB |\n|---|---|---|---|---|")
    for name, images, ragged in (("smooth", smooth, 0.0), ("ragged", smooth // 8, 0.15)):
        with tempfile.TemporaryDirectory() as folder:
            make(Path(folder), images, ragged)
            found = {way: in_process(way, Path(folder), rounds) for way in ways}
        own = found["segscore"]
        for way, one in found.items():
            # faster-coco-eval sums in another order: its last bit may differ.
            allowed = 1e-12 if way == "faster-coco-eval" else 0.0
            agree &= bool(np.allclose(one["numbers"], own["numbers"], rtol=0, atol=allowed))
            times = one["seconds"] / own["seconds"]
            figures = f"{one['seconds']:.3f} | {times:.1f} | {one['memory']:.0f}"
            print(f"| {name}, {images:,} images | {way} | {figures} |")
    return agree


def print_masks(rounds: int) -> None:
    """Print how long masks alone take beside pycocotools."""
    print(
        "\n| masks alone | outlines | segscore, ms | pycocotools, ms | times longer |\n|---|---|---|---|---|"
    )
    for name, ragged in (("smooth", 0.0), ("ragged", 0.15)):
        for what, ours, theirs in masks_alone(rounds, ragged):
            print(f"| {what} | {name} | {ours * 1e3:.1f} | {theirs * 1e3:.1f} | {theirs / ours:.1f} |")


def print_components(rounds: int) -> None:
    """Print how long components of lesions take beside cc3d."""
    print("\n| lesions in 155 x 240 x 240 | segscore, ms | cc3d, ms | times longer |\n|---|---|---|---|")
    for made in (lesions(1), lesions(2, 1500)):
        for what, ours, theirs in components_alone(rounds, made.target, made.pred):
            print(f"| {what} | {ours * 1e3:.1f} | {theirs * 1e3:.1f} | {theirs / ours:.1f} |")


if __name__ == "__main__":
    sys.exit(main())
