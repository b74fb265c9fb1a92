"""Ctrl-C ends a long call within 200 ms, and the same call gives the right answer afterwards."""

import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest

from support.interrupts import START, assert_stops
from support.masks_on_disk import GRAY, RGB, chunk, header, png, write
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


ROWS = """
segscore.set_num_threads(int(sys.argv[1]))
random = np.random.default_rng(0)
def rows(line, number):
    # Rows that are all the same one, so that any number of them takes no memory.
    return np.broadcast_to(line, (number, len(line)))
def scores(line, number):
    return np.broadcast_to(line, (len(line), number, line.shape[-1]))
"""
UPDATES = {
    "labels": """
classes, line = 200, random.integers(0, 200, 1 << 12).astype(np.uint8)
expected = np.diag(np.bincount(line, minlength=classes))
def given(number):
    return {"pred": rows(line, number), "target": rows(line, number)}
""",
    "classes first": """
classes, line = 19, random.standard_normal((19, 1, 64), np.float32)
def given(number):
    return {"logits": scores(line, number), "target": rows(np.zeros(64, np.uint8), number), "class_axis": 0}
""",
    "classes last": """
classes, line = 19, random.standard_normal((19, 1, 64), np.float32)
def given(number):
    logits = np.moveaxis(scores(line, number), 0, -1)
    return {"logits": logits, "target": rows(np.zeros(64, np.uint8), number), "class_axis": -1}
""",
    "classes in steps": """
classes, line = 19, random.standard_normal((19, 1, 128), np.float32)[..., ::2]
def given(number):
    return {"logits": scores(line, number), "target": rows(np.zeros(64, np.uint8), number), "class_axis": 0}
""",
}
"""What a matrix is updated with, of any number of equal rows."""


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("what", UPDATES)
def test_updates(what: str, threads: int) -> None:
    code = f"""
{ROWS}
{UPDATES[what]}
if classes == 19:
    expected = np.zeros((19, 19), np.int64)
    expected[0] = np.bincount(line[:, 0].argmax(0), minlength=19)
cm = ConfusionMatrix(classes)
def call(number):
    cm.update(**given(number))
number = grown(call, 1 << 12)
cm.reset()
interrupted(lambda: call(number))
assert cm.pixels == 0  # an update that raises changes nothing
call(number)
print("right" if (cm.counts == expected * number).all() else "wrong")
"""
    assert_stops(code, threads)


@pytest.mark.parametrize("threads", [1, 2])
def test_arrays_of_an_evaluation(threads: int) -> None:
    code = """
def call(number):
    long, short = (np.broadcast_to(np.zeros((), np.int32), (pixels,)) for pixels in (number, 8))
    masks = [long, long, short]
    return evaluate(pred=masks, target=masks, classes=2, threads=int(sys.argv[1]), progress=False)
number = grown(call, 1 << 24)
interrupted(lambda: call(number))
print("right" if call(number // 4).confusion.counts.tolist() == [[number // 2 + 8, 0], [0, 0]] else "wrong")
"""
    assert_stops(code, threads)


RESIZED = """
pred = np.array([[1, 0], [0, 1]], np.uint8).repeat(100, 0).repeat(100, 1)
def call(number):
    return segscore._core.count(np.broadcast_to(np.zeros((), np.uint8), {shape}), pred, resize=True)
def right(found):
    return found.columns()[2].tolist() == [256 * number] * 2
"""
CORE = {
    "labels of 64 bits": """
line = random.integers(0, 2 ** 62, 1 << 12)
values, pixels = np.unique(line, return_counts=True)
def call(number):
    return segscore._core.count(rows(line, number), rows(line, number), threads=threads)
def right(found):
    target, pred, counted = found.columns()
    return (target == values).all() and (pred == values).all() and (counted == pixels * number).all()
""",
    "highest class scores": """
line = random.standard_normal((200, 1, 64), np.float32)
def call(number):
    return segscore._core.highest(scores(line, number), class_axis=0, threads=threads)
def right(found):
    return (found == line[:, 0].argmax(0)).all()
""",
    "many rows of a prediction that is resized": RESIZED.format(shape="(number, 512)"),
    "two rows of a prediction that is resized": RESIZED.format(shape="(2, 256 * number)"),
}


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("what", CORE)
def test_functions_of_the_core(what: str, threads: int) -> None:
    code = f"""
{ROWS}
threads = segscore.get_num_threads()
{CORE[what]}
number = grown(call, 1 << 8)
interrupted(lambda: call(number))
print("right" if right(call(number)) else "wrong")
"""
    assert_stops(code, threads)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with PNG files of 8000 x 8000 pixels: noise that nothing makes smaller, and colours."""
    folder = tmp_path_factory.mktemp("large")
    rows = np.random.default_rng(0).integers(0, 256, (8000, 8001), np.uint8)
    rows[:, 0] = 4  # the filter
    for name, colour, data in (
        ("noise", GRAY, zlib.compress(rows.tobytes(), 0)),
        ("colours", RGB, zlib.compress(bytes(8000 * (1 + 3 * 8000)), 1)),
    ):
        file = header(8000, 8000, colour=colour) + chunk(b"IDAT", data) + chunk(b"IEND")
        (folder / f"{name}.png").write_bytes(file)
    return folder


SIDES = "pred='noise.png', target='noise.png', progress=False"
CALLS = {
    "a mask": ("read_mask('noise.png', colours=False)", "found.size"),
    "colours": ("read_mask('colours.png', colours=True)", "(found == found[0, 0]).sum()"),
    "evaluate": (f"evaluate({SIDES}, classes=256, threads=1)", "found.confusion.counts.trace()"),
    "evaluate in threads": (f"evaluate({SIDES}, classes=256, threads=2)", "found.confusion.counts.trace()"),
    "find_labels": (f"find_labels({SIDES})", "sum(found.target.values())"),
}


def interrupted_somewhere(call: str) -> str:
    """Return code that repeats a call until it is interrupted, wherever in one of them that is."""
    return f"""
def calls():
    for _ in range(50):
        {call}
interrupted(calls)
found = {call}
"""


@pytest.mark.parametrize("name", CALLS)
def test_one_large_file(large: Path, name: str) -> None:
    call, pixels = CALLS[name]
    code = f"""
from segscore.counts.labels_found import find_labels
from segscore.io.masks import read_mask
os.chdir(sys.argv[1])
{interrupted_somewhere(call)}
print("right" if {pixels} == 64_000_000 else "wrong")
"""
    assert_stops(code, large)


@pytest.mark.parametrize("call", ["evaluation.save(path)", "segscore.load(path)"], ids=["save", "load"])
def test_files_of_many_images(tmp_path: Path, call: str) -> None:
    code = f"""
import segscore.counts.counting, segscore.evaluation.assembling, segscore.evaluation.evaluating
path, number = sys.argv[1], 300_000
pairs = segscore._core.count(np.arange(9) % 3, np.arange(9) // 3)
images = [segscore.counts.counting.Counted(f"{{i:08d}}", pairs) for i in range(number)]
evaluation = segscore.evaluation.assembling.assemble(segscore.Classes(["road", "sky", "car"]), images)
evaluation.save(path)
{interrupted_somewhere(call)}
assert os.listdir(os.path.dirname(path)) == ["a.npz"]  # nothing half-written is left
print("right" if segscore.load(path) == evaluation else "wrong")
"""
    assert_stops(code, tmp_path / "a.npz")
