"""How time and memory grow with images: 10,000, 100,000 and 1,000,000 of 171 classes, from a seed.

`python benches/scale.py` prints, for each number of images, what loading, scores, images, saving, intervals,
comparisons and reports take, and the most memory used until then; then how much longer each takes for ten
times as many images. Numbers of images as arguments are measured in place of these. No mask is read: rows are
made, some 40 an image, as models make them that confuse a class with a few others.
"""

import os
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import segscore
from made_runs import made_table
from segscore import Classes, Evaluation, compare, load

SIZES = (10_000, 100_000, 1_000_000)
CLASSES = 171
_CHILD = "--child"
_AT_ONCE = 100_000
"""Images whose rows are made at once, which takes more memory than what is measured."""
_LIMIT = 12
"""How much longer anything may take for ten times as many images."""
_NOTICED = 1.0
"""Seconds below which nobody asks how time grows."""


def evaluation(images: int, seed: int) -> Evaluation:
    """Return an evaluation of so many images; those of two seeds have the same targets."""
    parts = [made_table(min(_AT_ONCE, images - at), CLASSES, seed + at) for at in range(0, images, _AT_ONCE)]
    return Evaluation(
        classes=Classes([f"class {i}" for i in range(CLASSES)]),
        names=tuple(f"frame_{i:07}" for i in range(images)),
        table=type(parts[0]).stack(parts),
    )


def works(one: Evaluation, two: Evaluation, folder: Path) -> dict[str, Callable[[], object]]:
    """Return what is measured, by title."""
    return {
        "scores": lambda: one.scores.mean_iou,
        "images": lambda: one.images.mean_image_iou,
        "cells": lambda: one.cells,
        "worst by class": lambda: one.worst(10, by="iou.class 3"),
        "save": lambda: one.save(folder / "again.npz"),
        "interval": one.confidence_interval,
        "compare": lambda: compare(one, two),
        "report": lambda: replace(one).write_report(folder / "report.html"),
    }


def measure(folder: Path) -> None:
    """Print what each work takes on the evaluations that lie in a folder."""
    made: list[Evaluation] = []

    def opened() -> None:
        made.extend(load(folder / f"{name}.npz") for name in ("one", "two"))

    took("load two", opened)
    for title, work in works(made[0], made[1], folder).items():
        took(title, work)


def took(title: str, work: Callable[[], object]) -> None:
    """Do work and print its seconds by the clock and of processors, and the peak of memory in MB."""
    began, used = time.perf_counter(), time.process_time()
    work()
    seconds = time.perf_counter() - began, time.process_time() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"{title}\t{seconds[0]:.3f}\t{seconds[1]:.3f}\t{peak}", flush=True)


def measured(images: int) -> dict[str, float]:
    """Print the table of so many images; return the seconds of processors by work."""
    print(f"\n{images:,} images\n\n| work | seconds | of processors | peak MB |\n|---|---|---|---|")
    seconds = {}
    with TemporaryDirectory() as folder:
        for seed, name in enumerate(("one", "two")):
            evaluation(images, seed).save(Path(folder) / f"{name}.npz")
        size = os.path.getsize(Path(folder) / "one.npz")
        child = [sys.executable, __file__, _CHILD, folder]
        with subprocess.Popen(child, stdout=subprocess.PIPE, text=True) as running:  # noqa: S603 - our own
            assert running.stdout is not None
            for line in running.stdout:
                title, clock, used, peak = line.rstrip("\n").split("\t")
                seconds[title] = float(used)
                print(f"| {title} | {clock} | {used} | {int(peak):,} |", flush=True)
        if running.returncode:
            raise SystemExit(f"{images:,} images: ended with {running.returncode}")
    print(f"\na file of {size / 1e6:,.1f} MB")
    return seconds


def main() -> None:
    """Measure each number of images, and compare those of ten times as many."""
    warnings.simplefilter("ignore")
    if sys.argv[1:2] == [_CHILD]:
        measure(Path(sys.argv[2]))
        return
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    print(f"segscore {segscore.__version__}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    found = {images: measured(images) for images in sizes}
    for images in sizes:
        if images // 10 not in found:
            continue
        ratios = {
            title: found[images][title] / before for title, before in found[images // 10].items() if before
        }
        print(f"\n{images:,} images take, times what a tenth of them does: ", end="")
        print(", ".join(f"{title} {ratio:.1f}" for title, ratio in ratios.items()))
        slow = [title for title, r in ratios.items() if r > _LIMIT and found[images][title] > _NOTICED]
        if slow:
            raise SystemExit(f"more than {_LIMIT} times: {', '.join(slow)}")


if __name__ == "__main__":
    main()
