"""Random labels of cells, and how far segscore's numbers are from those of the tools of microscopy.

The packages of the tools ask for deep learning, so that the one file of each that is meant is read from a
checkout, or from an unpacked package in its place, in the folder of `--files`.
"""

import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

import segscore
from convention_files import load_alone

KINDS = ("blobs", "ties", "pixels", "gaps", "empty", "full")
THRESHOLDS = tuple(round(0.5 + 0.05 * i, 2) for i in range(10))
Pairs = list[tuple[Any, Any]]
"""A target and a prediction of each image, uint16 labels."""


def images(seed: int) -> Iterator[Pairs]:
    """Yield datasets of a few images without end, of each kind in turn."""
    random = np.random.default_rng(seed)
    while True:
        for kind in KINDS:
            yield [_image(random, kind) for _ in range(int(random.integers(1, 5)))]


def _image(random: np.random.Generator, kind: str) -> tuple[Any, Any]:
    shape = (12, 60) if kind == "ties" else tuple(random.integers(4, 36, 2).tolist())
    both = target, pred = np.zeros(shape, np.uint16), np.zeros(shape, np.uint16)
    for number in range(1, int(random.integers(2, 14))):
        start = [int(random.integers(side)) for side in shape]
        size = [1, 1] if kind == "pixels" else random.integers(1, 11, 2).tolist()
        for side, mask in enumerate(both):
            if random.random() < 0.1:
                continue
            if kind == "ties":  # IoU of n tenths and n twentieths
                cut = [2, 5 + side * int(random.integers(6))] if number % 2 else [1, 20 - side * number]
                start[1] %= 40
                here = slice(start[0], start[0] + cut[0]), slice(start[1], start[1] + cut[1])
            else:
                moved = [max(0, one + int(random.integers(-1, 2)) * side) for one in start]
                here = tuple(slice(one, one + high) for one, high in zip(moved, size, strict=True))  # type: ignore[assignment]
            mask[here] = number
    if kind == "gaps":
        both = target * 7, pred * 5
    elif kind == "full":
        both = target + 1, pred + (random.random() < 0.5)
    elif kind == "empty":
        both = target * (random.random() < 0.3), pred * (random.random() < 0.3)
    return tuple(one.astype(np.uint16) for one in both)  # type: ignore[return-value]


def evaluation(dataset: Pairs) -> segscore.Evaluation:
    """Return segscore's evaluation of a dataset."""
    judge = segscore.InstanceEvaluator(["cell"], outside="background")
    for target, pred in dataset:
        judge.add(target=target, pred=pred)
    return judge.result()


def accuracy(ev: segscore.Evaluation, name: Any) -> Any:
    """Return the average precision of cells at all thresholds, or by image and threshold."""
    found = ev.average_precision(name, thresholds=THRESHOLDS)
    return found.images[:, 1] if name == "cellpose" else found.of_classes[1]


def aji(ev: segscore.Evaluation, name: str) -> Any:
    """Return the index of cells in each image."""
    return ev.images.metric(f"{name}.cell")


def stardist(folder: Path, dataset: Pairs, _: bool, *, by_image: bool) -> Any:
    """Return StarDist's accuracy."""
    matching = load_alone(folder / "stardist/stardist/stardist/matching.py")
    sides = zip(*dataset, strict=True)
    found = matching.matching_dataset(*sides, thresh=THRESHOLDS, by_image=by_image, show_progress=False)
    return np.array([one.accuracy for one in found])


def cellpose(folder: Path, dataset: Pairs, repaired: bool) -> Any:
    """Return cellpose's average precision of each image; repaired, each image has a background pixel."""
    metrics = load_alone(folder / "MouseLand/cellpose/cellpose/metrics.py", "cellpose")
    framed = [tuple(np.pad(one, int(repaired)) for one in pair) for pair in dataset]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of images without objects
        return metrics.average_precision(*map(list, zip(*framed, strict=True)), threshold=[*THRESHOLDS])[0]


def hover_net(folder: Path, dataset: Pairs, _: bool, *, plus: bool) -> Any:
    """Return the indices of HoVer-Net's file, of labels in a row and images with a background pixel."""
    utils = load_alone(folder / "vqdang/hover_net/metrics/stats_utils.py")
    index = utils.get_fast_aji_plus if plus else utils.get_fast_aji
    found = []
    for pair in dataset:
        rows = [
            np.unique(np.pad(one, 1), return_inverse=True)[1].reshape(np.add(one.shape, 2)) for one in pair
        ]
        there = [one.any() for one in rows]
        # It fails where one side has no object.
        found.append(index(*rows) if all(there) else 0.0 if any(there) else np.nan)
    return np.array(found)


class Peer(NamedTuple):
    """A tool, where its file is, and what of segscore is compared with it."""

    name: str
    place: str
    run: Callable[[Path, Pairs, bool], Any]
    ours: Callable[[segscore.Evaluation], Any]
    tolerance: float
    """Its own rounding."""


PEERS = (
    Peer(
        "stardist",
        "stardist/stardist/stardist/matching.py",
        partial(stardist, by_image=False),
        partial(accuracy, name="stardist"),
        1e-15,
    ),
    Peer(
        "stardist-by-image",
        "stardist/stardist/stardist/matching.py",
        partial(stardist, by_image=True),
        partial(accuracy, name="stardist-by-image"),
        1e-15,
    ),
    Peer(
        "cellpose",
        "MouseLand/cellpose/cellpose/metrics.py",
        cellpose,
        partial(accuracy, name="cellpose"),
        6e-8,
    ),
    Peer(
        "hover_net-aji",
        "vqdang/hover_net/metrics/stats_utils.py",
        partial(hover_net, plus=False),
        partial(aji, name="aji"),
        1e-15,
    ),
    Peer(
        "hover_net-aji_plus",
        "vqdang/hover_net/metrics/stats_utils.py",
        partial(hover_net, plus=True),
        partial(aji, name="aji_plus"),
        1e-15,
    ),
)


def _away(ours: Any, theirs: Any) -> float:
    """Return the largest difference; infinity where one alone is NaN."""
    if (np.isnan(ours) != np.isnan(theirs)).any():
        return float("inf")
    return float(np.nan_to_num(np.abs(ours - theirs)).max(initial=0))


def table(files: Path | None, count: int, seed: int, only: str) -> Iterator[tuple[str, bool]]:
    """Yield the lines of a table of all tools, and whether each differs by more than its own rounding.

    "Departs" are datasets of which a tool says something else, until what it rounds or miscounts is undone.
    """
    yield f"\nDatasets of cells of {len(KINDS)} kinds in turn: {', '.join(KINDS)}.\n", False
    yield "| tool | file | datasets | departs | largest difference | allowed | seconds |", False
    yield "|---|---|---|---|---|---|---|", False
    for peer in PEERS:
        if not peer.name.startswith(only):
            continue
        if files is None or not (files / peer.place).is_file():
            yield f"| {peer.name} | {peer.place}, not there | 0 | | | | |", False
            continue
        begin, largest, departs = perf_counter(), 0.0, 0
        for _, dataset in zip(range(count), images(seed), strict=False):
            ours = peer.ours(evaluation(dataset))
            plain, repaired = (_away(ours, peer.run(files, dataset, one)) for one in (False, True))
            departs += plain > peer.tolerance
            largest = max(largest, repaired)
        yield (
            f"| {peer.name} | {peer.place} | {count} | {departs} | {largest:.1g} | {peer.tolerance:.0e} | "
            f"{perf_counter() - begin:.1f} |",
            not largest <= peer.tolerance,
        )
