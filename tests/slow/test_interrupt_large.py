"""Ctrl-C ends a call on one large case within 200 ms, and the same call gives the right answer afterwards."""

import zlib
from pathlib import Path

import numpy as np
import pytest

from support.interrupts import assert_stops
from support.masks_on_disk import RGB, chunk, header

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
import segscore.evaluation.evaluating, segscore.io.masks
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
import segscore.counts.counting, segscore.evaluation.evaluating
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
