"""Arrays that are written to while they are counted: no crash, and each pixel is in exactly one cell.

Which labels a count finds is then a matter of luck, but never how many. `SEGSCORE_STRESS_SECONDS` sets
for how long each test looks.
"""

import os

import pytest

from support.processes import python

SECONDS = float(os.environ.get("SEGSCORE_STRESS_SECONDS", "0.5"))
pytestmark = [pytest.mark.slow, pytest.mark.timeout(100 + 3 * SECONDS)]

START = """
import sys, threading, time
import numpy as np
import segscore
from segscore import _core

SHAPE = (512, 640)
random = np.random.default_rng(0)
writes, counts, seen, failures = [0], [0], set(), []

def enough():
    # Counts differ from one another, or nothing was written in between.
    return len(seen) > 3

def going():
    # For as long as is asked for; longer where the machine is so busy that nothing has happened yet.
    now = time.monotonic()
    return now < end or (now < end + 60 and not enough() and not failures)

def runs(most, dtype):
    # Long runs of few labels, as masks have them.
    lines = random.integers(0, most, (SHAPE[0], 8))
    return np.repeat(lines, SHAPE[1] // 8, axis=1).astype(dtype)

def sources(dtype):
    # Labels of every way to count: runs, noise of few and of many classes, and labels beyond a byte.
    most = int(np.iinfo(dtype).max)
    limits = [1, 3, 16, 200, 256, *(limit for limit in (300, 60_000, 2 ** 62) if limit <= most)]
    noise = [random.integers(0, limit, SHAPE).astype(dtype) for limit in limits]
    mixed = noise[-1].copy()
    mixed[: SHAPE[0] // 2] = 1
    return [runs(3, dtype), runs(200, dtype), mixed, *noise]

def write(array, contents):
    i = 0
    while going():
        content = contents[i % len(contents)]
        if i % 3:
            np.copyto(array, content)
        else:  # some rows only
            array[i % 7 :: 7] = content[i % 7 :: 7]
        i += 1
        writes[0] += 1

def run(*works):
    global end
    end = time.monotonic() + float(sys.argv[1])
    def guarded(work):
        try:
            work()
        except BaseException as error:
            failures.append(repr(error))
    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures
    assert enough(), (len(seen), writes)
    print(f"{counts[0]} counts, {len(seen)} different ones, {writes[0]} writes")

def checked(pairs, pixels):
    target, pred, cells = pairs.columns()
    assert (cells > 0).all() and cells.sum() == pairs.total == pixels, (cells.sum(), pixels)
    note((len(cells), int(cells.max())))

def note(found):
    counts[0] += 1
    seen.add(found)
"""


def race(code: str) -> None:
    print(python(START + code, SECONDS, seconds=100 + 2 * SECONDS))  # noqa: T201 - figures of a long run


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int64"])
def test_labels_that_change(dtype: str) -> None:
    race(f"""
dtype = np.dtype({dtype!r})
pred, target = np.zeros((2, *SHAPE), dtype)
contents = sources(dtype)
views = [np.s_[:], np.s_[:, ::3], np.s_[::-1, ::-1], np.s_[:, :1]]
def count(threads):
    i = 0
    while going():
        view = views[i % len(views)]
        checked(_core.count(target[view], pred[view], threads=threads), target[view].size)
        checked(_core.count(target[view], pred[view][:99], resize=True), target[view].size)
        i += 1
run(
    lambda: write(pred, contents), lambda: write(target, contents[::-1]),
    lambda: count(1), lambda: count(1), lambda: count(3),
)
""")


def test_a_matrix_that_threads_update() -> None:
    race("""
pred, target = np.zeros((2, *SHAPE), np.uint8)
contents = sources(np.dtype("uint8"))
cm, updates = segscore.ConfusionMatrix(256), []
def update():
    number = 0
    while going():
        cm.update(pred=pred, target=target)
        number += 1
        note(int(cm.counts[0, 0]))
    updates.append(number)
run(lambda: write(pred, contents), lambda: write(target, contents[::-1]), update, update)
assert cm.counts.sum() == cm.pixels == sum(updates) * target.size, (cm.pixels, updates)
""")


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_class_scores_that_change(dtype: str) -> None:
    race(f"""
shape, dtype = (5, 200, 320), np.dtype({dtype!r})
logits, target = np.zeros(shape, dtype), np.zeros(shape[1:], np.uint8)
contents = [random.standard_normal(shape).astype(dtype) for _ in range(4)]
contents.append(np.full(shape, -np.inf, dtype))
contents.append(contents[0].copy())
contents[-1][3, 70, 100:110] = np.nan
refused = [0]
def enough():
    return len(seen) > 3 and refused[0] > 0
labels = [random.integers(0, limit, shape[1:]).astype(np.uint8) for limit in (1, 4, 256)]
def write_some(rows):
    while going():
        for i, content in enumerate(contents):
            logits[:, rows] = content[:, rows]
            if i == len(contents) - 1:
                time.sleep(0.01)  # long enough for some count to meet it
                logits[:, rows] = contents[0][:, rows]
            writes[0] += 1
            time.sleep(0.0005)
def write_labels():
    while going():
        for content in labels:
            np.copyto(target, content)
def count(threads):
    while going():
        try:
            pairs = _core.count_logits(target, logits, class_axis=0, threads=threads)
        except segscore.ArgumentError as error:
            assert "NaN" in str(error), error
            refused[0] += 1
            continue
        assert 0 <= pairs.columns()[1].min() <= pairs.columns()[1].max() < 5
        checked(pairs, target.size)
run(
    lambda: write_some(slice(0, 120)), lambda: write_some(slice(60, 200)), write_labels,
    lambda: count(1), lambda: count(1), lambda: count(3),
)
print(refused[0], "refused")
""")


def test_large_arrays_that_change() -> None:
    race("""
segscore.set_num_threads(3)
shape = (1 << 12, 1 << 12)
pred, target = np.zeros((2, *shape), np.uint8)
lines = random.integers(0, 200, (4, 1 << 12), np.uint8) >> np.array([8, 6, 4, 0], np.uint8)[:, None]
def write_lines(array):
    while going():
        array[random.integers(0, 1 << 12) :][:200] = lines[random.integers(0, 4)]
        writes[0] += 1
def update():
    while going():
        cm = segscore.ConfusionMatrix(200)
        cm.update(pred=pred, target=target)
        assert cm.counts.sum() == cm.pixels == target.size
        note(int(cm.counts[0, 0]))
run(lambda: write_lines(pred), lambda: write_lines(target), update, update)
""")
