"""Ctrl-C ends a long call within 200 ms, and the same call gives the right answer afterwards."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from support.interrupts import START, assert_stops
from support.masks_on_disk import png, write
from support.processes import python


@pytest.mark.parametrize("threads", [1, 2])
def test_counting_png_files(tmp_path: Path, threads: int) -> None:
    random = np.random.default_rng(0)
    masks = {name: random.integers(0, 9, (1000, 1000)) for name in ("pred.png", "target.png")}
    write(tmp_path, {name: png(labels) for name, labels in masks.items()})
    code = """
folder, threads = sys.argv[1], int(sys.argv[2])
one = seconds(lambda: evaluate(pred=f"{folder}/pred.png", target=f"{folder}/target.png", classes=9))
number = int(LONG * threads / one) + 1
place = tempfile.mkdtemp(dir=folder)
for side in ("pred", "target"):
    os.mkdir(f"{place}/{side}")
    for i in range(number):
        os.symlink(f"{folder}/{side}.png", f"{place}/{side}/{i}.png")
def call():
    return evaluate(pred=f"{place}/pred", target=f"{place}/target", classes=9, threads=threads)
interrupted(call)
single = evaluate(pred=f"{folder}/pred.png", target=f"{folder}/target.png", classes=9).confusion.counts
print("right" if (call().confusion.counts == number * single).all() else "wrong")
"""
    assert_stops(code, tmp_path, threads)


def test_counting_one_array() -> None:
    code = """
def zeros(exponent):
    return np.broadcast_to(np.zeros((), np.int32), (1 << exponent,))
def call():
    cm.update(pred=zeros(exponent), target=zeros(exponent))
cm = ConfusionMatrix(2)
exponent = 26
while seconds(call) < LONG / 4:
    exponent += 1
exponent += 2  # four times as long
cm.reset()
interrupted(call)
assert cm.pixels == 0  # an update that raises changes nothing
call()
print("right" if cm.counts.tolist() == [[1 << exponent, 0], [0, 0]] else "wrong")
"""
    assert_stops(code)


@pytest.mark.parametrize("step", [1, 2], ids=["planes", "steps"])
def test_counting_one_array_of_class_scores(step: int) -> None:
    code = """
step = int(sys.argv[1])
def call():
    pixels = 1 << exponent
    line = np.zeros((3, step << 12), np.float32)[:, ::step]
    logits = np.broadcast_to(line[:, None], (3, pixels >> 12, 1 << 12))
    cm.update(logits=logits, target=np.broadcast_to(zero, logits.shape[1:]), class_axis=0)
zero = np.zeros((), np.uint8)
cm = ConfusionMatrix(3)
exponent = 22
while seconds(call) < LONG / 4:
    exponent += 1
exponent += 2  # four times as long
cm.reset()
interrupted(call)
assert cm.pixels == 0  # an update that raises changes nothing
call()
print("right" if cm.counts[0].tolist() == [1 << exponent, 0, 0] else "wrong")
"""
    assert_stops(code, step)


@pytest.mark.parametrize("threads", [1, 2])
def test_counting_arrays_in_threads(threads: int) -> None:
    code = """
def zeros(exponent):
    return np.broadcast_to(np.zeros((), np.int32), (1 << exponent,))
def call():
    masks = [zeros(exponent), zeros(exponent), zeros(3)]
    return evaluate(pred=masks, target=masks, classes=2, threads=int(sys.argv[1]), progress=False)
exponent = 24
while seconds(call) < LONG / 4:
    exponent += 1
exponent += 2
interrupted(call)
exponent -= 2
print("right" if call().confusion.counts.tolist() == [[(2 << exponent) + 8, 0], [0, 0]] else "wrong")
"""
    assert_stops(code, threads)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("work", ["time.sleep(100)", "while hanging: pass"], ids=["waits", "computes"])
def test_a_read_that_takes_for_ever(tmp_path: Path, threads: int, work: str) -> None:
    write(tmp_path, {f"{side}/{i}.txt": f"{i % 2}".encode() for side in "pt" for i in range(20)})
    code = f"""
folder, threads = sys.argv[1], int(sys.argv[2])
hanging = True
def read(path):
    if hanging and path.endswith("t/7.txt"):
        {work}
    with open(path) as file:
        return [[int(file.read())]]
def call():
    return evaluate(pred=f"{{folder}}/p", target=f"{{folder}}/t", classes=2, threads=threads, read=read)
interrupted(call)
hanging = False
print("right" if call().confusion.counts.tolist() == [[10, 0], [0, 10]] else "wrong")
"""
    assert_stops(code, tmp_path, threads)


def test_a_callback_that_raises_is_as_good(tmp_path: Path) -> None:
    write(tmp_path, {f"{side}/{i}.npy": np.array([i % 2]) for side in "pt" for i in range(20)})
    code = """
hanging = True
def progress(done, total):
    if hanging:
        raise KeyboardInterrupt
def call():
    return evaluate(pred=f"{sys.argv[1]}/p", target=f"{sys.argv[1]}/t", classes=2, progress=progress)
try:
    call()
except KeyboardInterrupt:
    hanging = False
print("right" if call().scores.mean_iou == 1 else "wrong")
"""
    command = [sys.executable, "-W", "error", "-c", START + code, str(tmp_path)]
    assert subprocess.run(command, capture_output=True, check=True, text=True).stdout == "right\n"


def test_no_call_looks_numpy_up_where_an_interrupt_would_be_a_panic() -> None:
    code = """
import numpy
from segscore import _core
del numpy._core.multiarray._ARRAY_API
labels = numpy.zeros(3, numpy.uint8)
print(_core.count(labels, labels).columns())
"""
    assert python(code) == "(array([0]), array([0]), array([3]))\n"
