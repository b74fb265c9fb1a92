"""Ctrl-C ends a long call within 200 ms, and the same call gives the right answer afterwards."""

import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

from support.interrupts import START, assert_stops
from support.masks_on_disk import RGB, chunk, header, png, write
from support.processes import python

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("threads", [1, 2])
def test_counting_png_files(tmp_path: Path, threads: int) -> None:
    random = np.random.default_rng(0)
    masks = {name: random.integers(0, 9, (1000, 1000)) for name in ("pred.png", "target.png")}
    write(tmp_path, {name: png(labels) for name, labels in masks.items()})
    code = """
folder, threads = sys.argv[1], int(sys.argv[2])
def single():
    return evaluate(pred=f"{folder}/pred.png", target=f"{folder}/target.png", classes=9)
single()  # which imports
one = seconds(single)
number = int(LONG * threads / one) + 1
place = tempfile.mkdtemp(dir=folder)
for side in ("pred", "target"):
    os.mkdir(f"{place}/{side}")
    for i in range(number):
        os.symlink(f"{folder}/{side}.png", f"{place}/{side}/{i}.png")
def call():
    return evaluate(pred=f"{place}/pred", target=f"{place}/target", classes=9, threads=threads)
interrupted(call)
expected = number * single().confusion.counts
print("right" if (call().confusion.counts == expected).all() else "wrong")
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
exponent = 2
call()  # which imports
exponent = 24
while seconds(call) < LONG / 4:
    exponent += 1
exponent += 2
interrupted(call)
exponent -= 2
print("right" if call().confusion.counts.tolist() == [[(2 << exponent) + 8, 0], [0, 0]] else "wrong")
"""
    assert_stops(code, threads)


@pytest.mark.parametrize(
    ("threads", "work"), [(1, "time.sleep(100)"), (2, "while hanging: pass")], ids=["waits", "computes"]
)
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


LINES = """
def lines(*shape):
    # Rows that are all the same one, so that any number of them takes no memory.
    return np.broadcast_to(line, (*shape, len(line)))
"""


@pytest.mark.parametrize("dtype", ["uint8", "int64"])
def test_an_array_that_is_split_over_threads(dtype: str) -> None:
    code = f"""
line = np.random.default_rng(0).integers(0, 2 ** 62 if {dtype!r} == "int64" else 256, 1 << 12)
line = line.astype({dtype!r})
{LINES}
segscore.set_num_threads(2)
def call():
    return segscore._core.count(lines(rows), lines(rows), threads=segscore.get_num_threads())
rows = 1 << 12
while seconds(call) < LONG / 4:
    rows *= 2
rows *= 4  # four times as long
interrupted(call)
values, pixels = np.unique(line, return_counts=True)
target, pred, found = call().columns()
right = (target == values).all() and (pred == values).all() and (found == pixels * rows).all()
print("right" if right else "wrong")
"""
    assert_stops(code)


def test_updates_that_are_split_over_threads() -> None:
    code = f"""
line = np.random.default_rng(0).integers(0, 200, 1 << 12).astype(np.uint8)
{LINES}
segscore.set_num_threads(2)
def call():
    cm.update(pred=lines(rows), target=lines(rows))
cm = ConfusionMatrix(200)
rows = 1 << 12
while seconds(call) < LONG / 4:
    rows *= 2
rows *= 4
cm.reset()
interrupted(call)
assert cm.pixels == 0  # an update that raises changes nothing
call()
print("right" if (cm.counts == np.diag(np.bincount(line, minlength=200)) * rows).all() else "wrong")
"""
    assert_stops(code)


@pytest.mark.parametrize("place", ["first", "last"])
def test_class_scores_that_are_split_over_threads(place: str) -> None:
    code = """
place, classes = sys.argv[1], 19
line = np.random.default_rng(0).standard_normal((classes, 1, 64), np.float32)
segscore.set_num_threads(2)
def call():
    logits = np.broadcast_to(line, (classes, rows, 64))
    logits, axis = (logits, 0) if place == "first" else (np.moveaxis(logits, 0, -1), -1)
    target = np.broadcast_to(np.zeros((), np.uint8), (rows, 64))
    cm.update(logits=logits, target=target, class_axis=axis)
cm = ConfusionMatrix(classes)
rows = 1 << 16
while seconds(call) < LONG / 4:
    rows *= 2
rows *= 4
cm.reset()
interrupted(call)
assert cm.pixels == 0
call()
highest = np.bincount(line[:, 0].argmax(0), minlength=classes)
print("right" if (cm.counts[0] == highest * rows).all() else "wrong")
"""
    assert_stops(code, place)


@pytest.mark.parametrize("threads", [1, 2])
def test_labels_of_class_scores(threads: int) -> None:
    code = """
threads, classes = int(sys.argv[1]), 200
line = np.random.default_rng(0).standard_normal((classes, 1, 64), np.float32)
def call():
    return segscore._core.highest(np.broadcast_to(line, (classes, rows, 64)), class_axis=0, threads=threads)
rows = 1 << 12
while seconds(call) < LONG / 4:
    rows *= 2
rows *= 4  # four times as long
interrupted(call)
print("right" if (call() == line[:, 0].argmax(0)).all() else "wrong")
"""
    assert_stops(code, threads)


@pytest.mark.parametrize("shape", ["many rows", "two rows"])
def test_a_prediction_that_is_resized(shape: str) -> None:
    code = """
def call():
    shape = (2, size // 2) if sys.argv[1] == "two rows" else (size // 512, 512)
    return segscore._core.count(np.broadcast_to(np.zeros((), np.uint8), shape), pred, resize=True)
pred = np.array([[1, 0], [0, 1]], np.uint8).repeat(100, 0).repeat(100, 1)
size = 1 << 20
while seconds(call) < LONG / 4:
    size *= 2
size *= 4
interrupted(call)
pixels = call().columns()[2]
print("right" if pixels.tolist() == [size / 2, size / 2] else "wrong")
"""
    assert_stops(code, shape)


def test_labels_of_64_bits_in_millions_of_pairs() -> None:
    code = """
random = np.random.default_rng(0)
labels = random.integers(0, 1700, (2, 1 << 11, 1 << 12)) << 50
def call(rows=1 << 11):
    return segscore._core.count(labels[0, :rows], labels[1, :rows])
interrupted(call)
pairs = call(300)
target, pred, pixels = pairs.columns()
values, expected = np.unique((labels[:, :300].reshape(2, -1) >> 50).T @ [1 << 20, 1], return_counts=True)
print("right" if ((target >> 30) + (pred >> 50) == values).all() and (pixels == expected).all() else "wrong")
"""
    assert_stops(code)


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a PNG of 8000 x 8000 pixels that no compression makes smaller."""
    rows = np.random.default_rng(0).integers(0, 256, (8000, 8001), np.uint8)
    rows[:, 0] = 4  # the filter
    path = tmp_path_factory.mktemp("noise") / "noise.png"
    data = zlib.compress(rows.tobytes(), 0)
    path.write_bytes(header(8000, 8000) + chunk(b"IDAT", data) + chunk(b"IEND"))
    return path


CALLS = {
    "read_mask": "segscore.io.masks.read_mask(path, colours=False)",
    "evaluate": "evaluate(pred=path, target=path, classes=256, threads=1, progress=False)",
    "evaluate in threads": "evaluate(pred=path, target=path, classes=256, threads=2, progress=False)",
    "find_labels": "segscore.counts.labels_found.find_labels(pred=path, target=path, progress=False)",
}


@pytest.mark.parametrize("name", CALLS)
def test_one_file_of_noise(noise: Path, name: str) -> None:
    code = f"""
import segscore.counts.labels_found, segscore.evaluation.evaluating, segscore.io.masks
path = sys.argv[1]
def call():
    return {CALLS[name]}
def calls():
    for _ in range(50):
        call()
interrupted(calls)  # wherever in one of them it comes
found = call()
if isinstance(found, np.ndarray):
    found = found.size
elif isinstance(found, segscore.Evaluation):
    found = found.confusion.counts.trace()
else:
    found = sum(found.target.values())
print("right" if found == 64_000_000 else "wrong")
"""
    assert_stops(code, noise)


def test_one_file_of_colours(tmp_path: Path) -> None:
    path = tmp_path / "colours.png"
    data = zlib.compress(bytes(8000 * (1 + 3 * 8000)), 1)
    path.write_bytes(header(8000, 8000, colour=RGB) + chunk(b"IDAT", data) + chunk(b"IEND"))
    code = """
import segscore.io.masks
def call():
    return segscore.io.masks.read_mask(sys.argv[1], colours=True)
def calls():
    for _ in range(50):
        call()
interrupted(calls)
labels = call()
print("right" if labels.shape == (8000, 8000) and (labels == labels[0, 0]).all() else "wrong")
"""
    assert_stops(code, path)


@pytest.mark.parametrize("call", ["evaluation.save(path)", "segscore.load(path)"], ids=["save", "load"])
def test_files_of_many_images(tmp_path: Path, call: str) -> None:
    code = f"""
import segscore.counts.counting, segscore.evaluation.assembling, segscore.evaluation.evaluating
path, number = sys.argv[1], 300_000
pairs = segscore._core.count(np.arange(9) % 3, np.arange(9) // 3)
images = [segscore.counts.counting.Counted(f"{{i:08d}}", pairs) for i in range(number)]
evaluation = segscore.evaluation.assembling.assemble(segscore.Classes(["road", "sky", "car"]), images)
evaluation.save(path)
def calls():
    for _ in range(50):
        {call}
interrupted(calls)
{call}
assert os.listdir(os.path.dirname(path)) == ["a.npz"]  # nothing half-written is left
print("right" if segscore.load(path) == evaluation else "wrong")
"""
    assert_stops(code, tmp_path / "a.npz")
