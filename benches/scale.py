"""How time and memory grow with images: 10,000, 100,000 and 1,000,000 of 171 classes, from a seed.

`python benches/scale.py` prints, for each number of images, what loading, saving, scores, images, intervals,
comparisons and reports take, and adding up parts of 1,000 images, each in a process of its own with the most
memory that it used; then how much longer each takes for ten times as many images, which may be twelve times.
Numbers of images as arguments are measured in place of these. No mask is read: rows are made, some 40 an
image, as models make them that confuse a class with a few others.

At the end stand what an evaluator takes as a pickle, and what `evaluate` takes for a folder of PNG beside a
loop with Pillow and NumPy.
"""

import os
import pickle
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeAlias

import numpy as np

import peers
import segscore
from made_masks import SMALL, VOID, scenes
from made_runs import made_table, write_links
from segscore import Classes, Evaluation, Evaluator, compare, load, merge
from segscore._core import encode_mask
from segscore.counts.counted import Counted
from segscore.counts.table import Table

Work: TypeAlias = Callable[[], object]

SIZES = (10_000, 100_000, 1_000_000)
CLASSES = 171
_CHILD = "--child"
_AT_ONCE = 100_000
"""Images whose rows are made at once, which takes more memory than what is measured."""
_LIMIT = 12
"""How much longer anything may take for ten times as many images."""
_NOTICED = 1.0
"""Seconds of user time below which nobody asks how time grows; the system's is what fresh memory costs."""
_PART = 1_000
"""Images of a part of a dataset."""
_FILES = 5_000
"""Pairs of masks of a folder."""


def evaluation(images: int, seed: int) -> Evaluation:
    """Return an evaluation of so many images; those of two seeds have the same targets."""
    parts = [made_table(min(_AT_ONCE, images - at), CLASSES, seed + at) for at in range(0, images, _AT_ONCE)]
    return Evaluation(
        classes=Classes([f"class {i}" for i in range(CLASSES)]),
        names=tuple(f"frame_{i:07}" for i in range(images)),
        table=Table.stack(parts),
    )


# What is measured, each with what it begins with: `work()` is timed


def _of_one(work: Callable[[Evaluation], object]) -> Callable[[Path], Work]:
    def begin(folder: Path) -> Work:
        one = load(folder / "one.npz")
        return lambda: work(one)

    return begin


def _comparison(folder: Path) -> Work:
    one, two = (load(folder / f"{name}.npz") for name in ("one", "two"))
    return lambda: compare(one, two)


def _parts(folder: Path) -> Work:
    one = load(folder / "one.npz")
    sent = []
    for at in range(0, len(one.names), _PART):
        images = np.arange(at, min(at + _PART, len(one.names)))
        names = one.names[at : at + _PART]
        sent.append(pickle.dumps(Evaluation(one.classes, names, one.table.take(images))))
    print(f"{len(sent):,} parts, {sum(map(len, sent)) / 1e6:,.1f} MB as pickles", file=sys.stderr)
    return lambda: merge(map(pickle.loads, sent))


WORKS: dict[str, Callable[[Path], Work]] = {
    "load": lambda folder: lambda: load(folder / "one.npz"),
    "save": lambda folder: _of_one(lambda one: one.save(folder / "again.npz"))(folder),
    "scores": _of_one(lambda one: one.scores.mean_iou),
    "images": _of_one(lambda one: one.images.mean_image_iou),
    "worst by class": _of_one(lambda one: one.worst(10, by="iou.class 3")),
    "interval": _of_one(lambda one: one.confidence_interval()),
    "compare": _comparison,
    "report": lambda folder: _of_one(lambda one: one.write_report(folder / "report.html"))(folder),
    "merge of parts": _parts,
}


def _evaluated(folder: Path) -> np.ndarray:
    sides = {side: folder / side for side in ("pred", "target")}
    return segscore.evaluate(
        **sides, classes=VOID, ignore_index=VOID, threads=1, progress=False
    ).confusion.counts


def _looped(folder: Path) -> np.ndarray:
    return peers.pillow_fast_hist(peers.Folders(folder / "pred", folder / "target", 0, VOID, VOID))


OF_FILES: dict[str, Callable[[Path], np.ndarray]] = {"evaluate": _evaluated, "Pillow + NumPy": _looped}


def measure(name: str, folder: Path) -> None:
    """Do a work, and print its seconds by the clock, of user and of system, and the most memory in MB."""
    work = WORKS[name](folder) if name in WORKS else lambda: OF_FILES[name](folder)
    began, before = time.perf_counter(), os.times()
    work()
    clock, after = time.perf_counter() - began, os.times()
    user, system = after.user - before.user, after.system - before.system
    print(f"{clock:.2f} {user:.2f} {system:.2f} {_peak()}")


def _peak() -> int:
    """Return the most memory in MB; what `getrusage` says begins with that of the process above."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) >> 10 for line in status.splitlines() if line.startswith("VmHWM"))


def measured(name: str, folder: Path) -> float:
    """Have a process do a work, and print what it took as a row; return its seconds of user time."""
    child = [sys.executable, __file__, _CHILD, name, str(folder)]
    found = subprocess.run(child, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if found.returncode:
        raise SystemExit(f"{name}: {found.stderr}")
    clock, user, system, peak = found.stdout.split()
    note = found.stderr.strip()  # what the work says of itself
    print(f"| {name}{note and f', {note}'} | {clock} | {user} | {system} | {int(peak):,} |", flush=True)
    return float(user)


def head(title: str) -> None:
    """Print the head of a table."""
    print(f"\n{title}, load {os.getloadavg()[0]:.1f}\n")
    print("| work | seconds | user | system | peak MB |\n|---|---|---|---|---|", flush=True)


def of_rows(images: int) -> dict[str, float]:
    """Print the table of so many images; return the user seconds by work."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        for seed, side in enumerate(("one", "two")):
            evaluation(images, seed).save(folder / f"{side}.npz")
        size = os.path.getsize(folder / "one.npz") / 1e6
        head(f"{images:,} images of {CLASSES} classes, a file of {size:,.1f} MB")
        return {work: measured(work, folder) for work in WORKS}


def of_pickles() -> None:
    """Print how large an evaluator of many images is as a pickle."""
    images, classes = 10_000, 150
    table = made_table(images, classes, 0, in_image=39)
    judge, names = Evaluator(classes), [f"frame_{i:07}" for i in range(images)]
    # As if each had been added.
    judge._named = {name: Counted(name, rows) for name, rows in zip(names, table.each(), strict=True)}
    size, rows = len(pickle.dumps(judge)) / 1e6, len(table.pixels) / images
    print(
        f"\n{size:.1f} MB: an evaluator of {images:,} images x {classes}, {rows:.0f} rows each, as a pickle"
    )


def of_files() -> None:
    """Print what scoring a folder takes, which the loop that people write takes more or less of."""
    with TemporaryDirectory() as name:
        folder, made = Path(name), scenes(SMALL, 20)
        for side, masks in (("pred", made.pred), ("target", made.target)):
            for i, mask in enumerate(masks):
                names = [f"{at:05}" for at in range(i, _FILES, len(masks))]
                write_links(folder / side, names, encode_mask(mask))
        assert np.array_equal(_evaluated(folder), _looped(folder))
        head(f"{_FILES:,} pairs of PNG of {SMALL[1]} x {SMALL[0]}, one thread")
        for work in OF_FILES:
            measured(work, folder)


def main() -> None:
    """Measure each number of images, and compare those of ten times as many."""
    warnings.simplefilter("ignore")
    if sys.argv[1:2] == [_CHILD]:
        measure(sys.argv[2], Path(sys.argv[3]))
        return
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    print(f"segscore {segscore.__version__}, {os.cpu_count()} processors")
    found = {images: of_rows(images) for images in sizes}
    slow = [f"{images:,}: {title}" for images in sizes for title in _slow(found, images)]
    of_pickles()
    of_files()
    if slow:
        raise SystemExit(f"more than {_LIMIT} times: {', '.join(slow)}")


def _slow(found: dict[int, dict[str, float]], images: int) -> list[str]:
    """Print how much longer works take than for a tenth of the images; return those that take too long."""
    before = found.get(images // 10, {})
    ratios = {title: found[images][title] / seconds for title, seconds in before.items() if seconds}
    if ratios:
        print(f"\n{images:,} images take, times what a tenth of them does: ", end="")
        print(", ".join(f"{title} {ratio:.1f}" for title, ratio in ratios.items()))
    return [title for title, ratio in ratios.items() if ratio > _LIMIT and found[images][title] > _NOTICED]


if __name__ == "__main__":
    main()
