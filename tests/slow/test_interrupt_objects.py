"""Ctrl-C ends the reading and scoring of files of objects within 200 ms, and so it does resamples of them."""

import json
from pathlib import Path

import pytest

from support import detections
from support.interrupts import assert_stops

pytestmark = pytest.mark.slow


def files(folder: Path, images: int) -> list[Path]:
    """Write annotations and results of so many images."""
    target = detections.targets(images)
    paths = [folder / "target.json", folder / "pred.json"]
    for path, content in zip(paths, (target, detections.results(target, 0.8, 1)), strict=True):
        path.write_text(json.dumps(content))
    return paths


@pytest.mark.parametrize("threads", [1, 2])
def test_files_are_read_and_matched(tmp_path: Path, threads: int) -> None:
    code = """
from segscore.counts.coco import read_coco
from segscore.scores.precision_asked import Asked
threads = int(sys.argv[1])
target, pred = (open(path, "rb").read() for path in sys.argv[2:])
def once():
    found = read_coco(target, pred, threads=threads)
    classes, asked = len(found.class_ids), Asked()
    matched = asked.matched(found.objects, found.overlaps, classes=classes, threads=threads)
    return asked.read(matched, found.objects, classes=classes).mean()
def call(times):
    return [once() for _ in range(times)]
times = grown(call, 1)
interrupted(lambda: call(times))
print("right" if once() == once() > 0 else "wrong")
"""
    assert_stops(code, threads, *files(tmp_path, 4_000))


def test_intervals_and_comparisons(tmp_path: Path) -> None:
    code = """
target, pred = sys.argv[1:]
ev = segscore.evaluate(target=target, pred=pred, instances="coco", progress=False)
def call(resamples):
    return ev.confidence_interval("ap", resamples=resamples)
resamples = grown(call, 250)
interrupted(lambda: call(resamples))
print("right" if call(300) == call(300) else "wrong")
"""
    assert_stops(code, *files(tmp_path, 300))
