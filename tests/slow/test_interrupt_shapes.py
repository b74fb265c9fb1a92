"""Ctrl-C ends a long measurement of shapes within 200 ms; the same call gives the right answer afterwards."""

from pathlib import Path

import numpy as np
import pytest

from support.interrupts import assert_stops

pytestmark = pytest.mark.slow

VOLUMES = """
random = np.random.default_rng(0)
def sides(size):
    near = (random.random((size, 128, 128)) < 0.5).astype(np.uint8)
    return near, np.eye(1, near.size, dtype=np.uint8).reshape(near.shape)
def whole(size):
    given = sides(size)
    return lambda: segscore.hausdorff(*given, dims=3, threads=int(sys.argv[1]), **options)
size = grown(lambda n: whole(n)(), 2)
call = whole(size)
interrupted(call)
found = call()
print("right" if found == call() > 0 else "wrong")
"""


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("options", [{"spacing": (1, 1, 1), "surface": "voxels"}, {"surface": "area"}])
def test_far_surfaces(threads: int, options: dict[str, object]) -> None:
    assert_stops(f"options = {options!r}\n{VOLUMES}", threads)


@pytest.mark.parametrize("threads", [1, 2])
def test_near_surfaces_of_many_labels(threads: int) -> None:
    code = """
random = np.random.default_rng(0)
def judged(pred, target):
    judge = segscore.Evaluator(60, dims=3, distances=True)
    judge.add(pred=pred, target=target)
    return judge.result().measured
def whole(size):
    given = random.integers(0, 60, (2, size, 96, 96), dtype=np.uint8)
    return lambda: judged(*given)
segscore.set_num_threads(int(sys.argv[1]))
call = whole(2 * grown(lambda n: whole(n)(), 2))
interrupted(call)
print("right" if call() == call() else "wrong")
"""
    assert_stops(code, threads)


@pytest.mark.parametrize("threads", [1, 2])
def test_bands(threads: int) -> None:
    code = """
random = np.random.default_rng(0)
def whole(size):
    given = random.integers(0, 2, (2, size, 4096), dtype=np.uint8)
    return lambda: segscore.boundary_iou(*given, width=300, threads=int(sys.argv[1]))
call = whole(grown(lambda n: whole(n)(), 64))
interrupted(call)
print("right" if 0 < call() < 1 else "wrong")
"""
    assert_stops(code, threads)


def test_many_files(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    for side in ("pred", "target"):
        np.save(tmp_path / f"{side}.npy", random.integers(0, 9, (400, 400)).astype(np.uint8))
    code = """
folder = sys.argv[1]
options = {"classes": 9, "boundary": 3, "distances": True, "threads": 2}
def single():
    return evaluate(pred=f"{folder}/pred.npy", target=f"{folder}/target.npy", **options)
single()
number = int(2 * LONG / seconds(single)) + 1
of_this = f"{folder}/{os.getpid()}"  # a call that is tried again makes its own
for side in ("pred", "target"):
    os.makedirs(f"{of_this}/{side}")
    for i in range(number):
        os.symlink(f"{folder}/{side}.npy", f"{of_this}/{side}/{i}.npy")
def call():
    return evaluate(pred=f"{of_this}/pred", target=f"{of_this}/target", **options)
interrupted(call)
print("right" if call().metric("boundary_iou") == single().metric("boundary_iou") else "wrong")
"""
    assert_stops(code, tmp_path)
