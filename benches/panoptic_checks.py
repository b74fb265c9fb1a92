"""Random panoptic datasets, and how far segscore's numbers are from those of the tools that define them."""

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

import segscore
from convention_peers import version_of

NAMES = ("car", "person", "sky", "road")
THINGS = ("car", "person")
KINDS = ("blobs", "crowds", "no void", "empty", "ties", "perfect")


class Image(NamedTuple):
    """One image, as `InstanceEvaluator.add` takes it."""

    target: Any
    pred: Any
    target_segments: dict[int, Any]
    pred_segments: dict[int, str]


Sums = dict[str, tuple[float, float, float, float]]
"""Sum of IoU, TP, FP and FN by class; or quality, by what a tool gives alone."""


def images(seed: int, *, crowds: bool, void: bool) -> Iterator[list[Image]]:
    """Yield datasets of a few images without end, of each kind in turn."""
    random = np.random.default_rng(seed)
    while True:
        for kind in KINDS:
            yield [_image(random, kind, crowds=crowds, void=void) for _ in range(int(random.integers(1, 5)))]


def _image(random: np.random.Generator, kind: str, *, crowds: bool, void: bool) -> Image:
    shape = int(random.integers(4, 40)), int(random.integers(4, 40))
    target, pred = (np.zeros(shape, np.uint32) for _ in range(2))
    of_target: dict[int, Any] = {}
    of_pred: dict[int, str] = {}
    free = iter(random.permutation(np.arange(1, 1 << 16)).tolist())
    if not void or kind == "no void":
        for ids, segments in ((target, of_target), (pred, of_pred)):
            one = next(free)
            ids[:], segments[one] = one, "road"
    for _ in range(0 if kind == "empty" and random.random() < 0.5 else int(random.integers(1, 14))):
        name = str(random.choice(NAMES))
        top, left = (int(random.integers(-4, side)) for side in shape)
        high, wide = (int(one) for one in random.integers(1, 16, 2))
        here = slice(max(0, top), top + high), slice(max(0, left), left + wide)
        if random.random() < 0.9:
            one = next(free)
            many = crowds and random.random() < (0.5 if kind == "crowds" else 0.1)
            target[here], of_target[one] = one, (name, "crowd") if many else name
        if random.random() < 0.85:
            one = next(free)
            step = 0 if kind == "ties" else int(random.integers(-2, 3))
            there = here[0], slice(max(0, left + step), left + step + (2 * wide if kind == "ties" else wide))
            pred[there], of_pred[one] = one, name if random.random() < 0.85 else str(random.choice(NAMES))
    of_target = {one: of for one, of in of_target.items() if (target == one).any()}
    of_pred = {one: of for one, of in of_pred.items() if (pred == one).any()}
    if kind == "perfect":
        of_pred = {one: of for one, of in of_target.items() if isinstance(of, str)}
        pred = np.where(np.isin(target, [*of_pred]), target, 0)
    return Image(target, pred, of_target, of_pred)


def evaluation(dataset: list[Image]) -> segscore.Evaluation:
    """Return segscore's evaluation of a dataset."""
    judge = segscore.InstanceEvaluator(NAMES, things=THINGS)
    for image in dataset:
        judge.add(**image._asdict())
    return judge.result()


def sums(ev: segscore.Evaluation) -> Sums:
    """Return what PQ is made of, and the means of all, things and stuff."""
    panoptic = ev.panoptic
    columns = (panoptic.iou_sum, panoptic.tp, panoptic.fp, panoptic.fn)
    found = {name: tuple(float(column[i]) for column in columns) for i, name in enumerate(NAMES)}
    for part in ("all", "things", "stuff"):
        means = getattr(panoptic, part)
        found[part] = (means.mean_pq, means.mean_sq, means.mean_rq, float(means.classes))
    return found  # type: ignore[return-value]  # all have four


def panopticapi(folder: Path, dataset: list[Image]) -> Sums:
    """Return what COCO's own tool finds, from PNG files and what JSON says of them."""
    from PIL import Image as Pictures

    api, utils = (module(folder, name) for name in ("evaluation", "utils"))
    with TemporaryDirectory() as name:
        pairs = []
        for i, image in enumerate(dataset):
            both = []
            for side, ids, segments in (
                ("target", image.target, image.target_segments),
                ("pred", image.pred, image.pred_segments),
            ):
                file = f"{side}_{i}.png"
                Pictures.fromarray(utils.id2rgb(ids)).save(f"{name}/{file}")
                both.append({"image_id": i, "file_name": file, "segments_info": infos(ids, segments)})
            pairs.append(tuple(both))
        categories = {i: {"isthing": int(one in THINGS)} for i, one in enumerate(NAMES)}
        with redirect_stdout(io.StringIO()):
            stat = api.pq_compute_single_core(0, pairs, name, name, categories)
    found = {}
    for i, one in enumerate(NAMES):
        of = stat.pq_per_cat[i]
        found[one] = (float(of.iou), float(of.tp), float(of.fp), float(of.fn))
    for part, isthing in (("all", None), ("things", True), ("stuff", False)):
        try:
            means, _ = stat.pq_average(categories, isthing)
            found[part] = (means["pq"], means["sq"], means["rq"], float(means["n"]))
        except ZeroDivisionError:  # where no class of them has an object
            found[part] = (np.nan, np.nan, np.nan, 0.0)
    return found


def module(folder: Path, name: str) -> Any:
    """Return a module of panopticapi, which is no package of a registry."""
    checkout = str(folder / "cocodataset/panopticapi")
    if checkout not in sys.path:
        sys.path.insert(0, checkout)
    return import_module(f"panopticapi.{name}")


def infos(ids: Any, segments: dict[int, Any]) -> list[dict[str, int]]:
    """Return what JSON says of segments; classes are numbered as `NAMES` are."""
    return [
        {
            "id": one,
            "category_id": NAMES.index(of[0] if isinstance(of, tuple) else of),
            "area": int((ids == one).sum()),
            "iscrowd": int(isinstance(of, tuple)),
        }
        for one, of in segments.items()
    ]


def torchmetrics(dataset: list[Image]) -> Sums:
    """Return the mean PQ of torchmetrics, of images without void and crowds, whose classes are all things.

    Segments of stuff it takes for one, whatever their ids.
    """
    import torch
    from torchmetrics.detection import PanopticQuality

    numbers = {one: i for i, one in enumerate(NAMES)}
    metric = PanopticQuality(things={*numbers.values()}, stuffs=set())
    for image in dataset:
        both = []
        for ids, segments in ((image.pred, image.pred_segments), (image.target, image.target_segments)):
            labels = np.zeros((*ids.shape, 2), np.int64)
            for one, name in segments.items():
                labels[ids == one] = numbers[name], one
            both.append(torch.from_numpy(labels[None]))
        metric.update(*both)
    return {"all": (float(metric.compute()), np.nan, np.nan, np.nan)}


class InstancePeer(NamedTuple):
    """A tool that panoptic quality is compared with."""

    name: str
    package: str
    run: Callable[[list[Image]], Sums]
    tolerance: float
    """Its own rounding."""
    crowds: bool = True
    void: bool = True

    @property
    def version(self) -> str | None:
        """Of the installed package; "" for a file of a repository, None where it is not there."""
        return version_of(self.package)


def peers(files: Path | None) -> Iterator[InstancePeer]:
    """Yield the tools that there are."""
    if files is not None and (files / "cocodataset/panopticapi").is_dir():
        yield InstancePeer(
            "panopticapi", "cocodataset/panopticapi", lambda dataset: panopticapi(files, dataset), 1e-12
        )
    yield InstancePeer("torchmetrics-pq", "torchmetrics", torchmetrics, 5e-7, crowds=False, void=False)


def largest(peer: InstancePeer, count: int, seed: int) -> float:
    """Return the largest difference from a tool on so many datasets; infinity where one alone is NaN."""
    found = 0.0
    for _, dataset in zip(range(count), images(seed, crowds=peer.crowds, void=peer.void), strict=False):
        ours, theirs = sums(evaluation(dataset)), peer.run(dataset)
        for name, values in theirs.items():
            for one, other in zip(ours[name], values, strict=True):
                if np.isnan(other) and (np.isnan(one) or not peer.crowds):
                    continue
                found = max(found, np.inf if np.isnan(one) != np.isnan(other) else abs(one - other))
    return found


def table(files: Path | None, count: int, seed: int, only: str) -> Iterator[tuple[str, bool]]:
    """Yield the lines of a table of all tools, and whether each differs by more than its own rounding."""
    yield f"\nPanoptic datasets of {len(KINDS)} kinds in turn: {', '.join(KINDS)}.\n", False
    yield "| tool | package | datasets | largest difference | allowed | seconds |", False
    yield "|---|---|---|---|---|---|", False
    for peer in peers(files):
        if not peer.name.startswith(only):
            continue
        if peer.version is None:
            yield f"| {peer.name} | {peer.package}, not installed | 0 | | | |", False
            continue
        begin = perf_counter()
        difference = largest(peer, count, seed)
        yield (
            f"| {peer.name} | {peer.package} {peer.version} | {count} | {difference:.1g} | "
            f"{peer.tolerance:.0e} | {perf_counter() - begin:.1f} |",
            not difference <= peer.tolerance,
        )
