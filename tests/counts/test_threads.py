"""How many threads a call uses, and one array counted on several: the same rows as on one, and as NumPy's."""

import os
import threading
from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from segscore import (
    ArgumentError,
    ConfusionMatrix,
    Evaluator,
    _core,
    evaluate,
    get_num_threads,
    set_num_threads,
)
from segscore.base.shown import brief
from segscore.counts import threads
from segscore.counts.threads import num_threads
from support.processes import AS_NOBODY, PEAK, python
from support.refused import refused

HINT = "\nhint: leave it out for the default"


@pytest.fixture(autouse=True)
def untouched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("SEGSCORE_NUM_THREADS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    set_num_threads(None)
    yield
    set_num_threads(None)


def used(threads: int | None = None) -> int:
    """Return how many threads really read at the same time."""
    together = threading.Barrier(get_num_threads() if threads is None else threads, timeout=20)

    def read(path: str) -> object:
        together.wait()  # breaks unless so many threads come here
        return np.zeros((1, 1), int)

    files = [f"{i}.x" for i in range(together.parties)]
    pairs = {"pred": [f"p/{file}" for file in files], "target": [f"t/{file}" for file in files]}
    assert evaluate(**pairs, classes=1, read=read, threads=threads).scores.mean_iou == 1
    return together.parties


def test_the_order_of_precedence(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 1 <= get_num_threads() <= len(os.sched_getaffinity(0))
    monkeypatch.setenv("SEGSCORE_NUM_THREADS", " 3 ")
    assert get_num_threads() == 3
    assert used() == 3
    set_num_threads(5)
    assert get_num_threads() == 5
    assert used() == 5
    assert num_threads(4) == 4
    assert used(4) == 4
    set_num_threads(None)
    assert get_num_threads() == 3
    monkeypatch.setenv("SEGSCORE_NUM_THREADS", "")
    assert 1 <= get_num_threads() <= len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("text", "threads"), [("1", 1), (" 2, 4", 2), ("64", 3), ("0", 3), ("x", 3), ("-1", 3), ("", 3)]
)
def test_the_variable_of_openmp_is_a_default(
    monkeypatch: pytest.MonkeyPatch, text: str, threads: int
) -> None:
    monkeypatch.setattr("segscore.counts.threads.available_threads", lambda: 3)
    monkeypatch.setenv("OMP_NUM_THREADS", text)
    assert get_num_threads() == threads
    assert used() == threads
    monkeypatch.setenv("SEGSCORE_NUM_THREADS", "7")
    assert get_num_threads() == 7


def test_the_system_is_asked_for_threads_where_there_is_work_for_two(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr("segscore.counts.threads.available_threads", lambda: asked.append(1) or 2)
    judge = Evaluator(2, distances=True, dims=3)
    for slices, times in ((127, 0), (128, 1)):
        volume = np.zeros((slices, 128, 128), np.uint8)
        volume[:, :64] = 1
        judge.add(pred=volume, target=volume)
        assert len(asked) == times
    monkeypatch.setenv("SEGSCORE_NUM_THREADS", "many")
    for small in (Evaluator(2, dims=3), judge):
        with pytest.raises(ArgumentError, match="the variable SEGSCORE_NUM_THREADS is 'many'"):
            small.add(pred=volume[:1], target=volume[:1])


def test_no_thread_is_left_after_a_call() -> None:
    before = {*threading.enumerate()}  # of which others may end meanwhile
    used(4)
    assert {*threading.enumerate()} <= before


def test_the_system_knows_of_no_thread_after_a_call_of_the_core() -> None:
    # It lists a thread that has ended, and that was waited for, until it has found the time to forget it.
    code = """
import os, time
import numpy as np
from segscore import _core
labels = np.zeros((64, 64), np.uint8)
before = os.listdir("/proc/self/task")
for _ in range(100):
    assert _core.count(labels, labels, threads=8).total == 1 << 12
    end = time.monotonic() + 20
    while os.listdir("/proc/self/task") != before:
        assert time.monotonic() < end
"""
    python(code)


def test_where_the_system_gives_no_thread_the_one_of_the_caller_counts() -> None:
    needed = "import os, resource\nfrom segscore import _core\n"  # nobody may read them
    code = """
labels = numpy.zeros((64, 64), numpy.uint8)
resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
try:
    os.fork()
except BlockingIOError:
    print(_core.count(labels, labels, threads=8) == _core.count(labels, labels))
"""
    assert python(needed + AS_NOBODY + code) == "True\n"


@pytest.mark.parametrize("text", ["many", "0", "-1", "1025", "2.5", "1_0", "²"])
def test_a_bad_variable_is_named(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SEGSCORE_NUM_THREADS", text)
    found = text if text.isdecimal() else repr(text)
    for call in (get_num_threads, lambda: evaluate(pred=[[0]], target=[[0]], classes=1)):
        said = f"the variable SEGSCORE_NUM_THREADS is {found}, expected 1 to 1,024"
        assert refused(ArgumentError, call) == f"{said}\nhint: unset it for the default"
    assert evaluate(pred=[[0]], target=[[0]], classes=1, threads=1).scores.mean_iou == 1


@pytest.mark.parametrize("threads", [0, -1, 1025, 1.0, "2", True, pytest.param(10**5_000, id="long")])
def test_a_bad_setting_changes_nothing(threads: object) -> None:
    set_num_threads(2)
    said = f"`threads` is {brief(threads)}, expected 1 to 1,024{HINT}"
    assert refused(ArgumentError, set_num_threads, threads) == said
    assert get_num_threads() == 2


DTYPES = st.sampled_from(["?", "u1", "i1", "u2", "<i2", ">u2", "<i4", ">u4", "<i8", ">i8", "u8"])
THREADS = st.sampled_from([2, 3, 4, 7, 64, 1024])


@st.composite
def views(draw, values):
    """The values elsewhere in memory: in another order, with steps, backwards, or unaligned."""
    order = draw(st.permutations(range(values.ndim)))
    there = values.transpose(order).copy().transpose(np.argsort(order))
    steps = [draw(st.sampled_from([1, 2, -1, -3])) for _ in range(values.ndim)]
    room = np.zeros([n * abs(step) for n, step in zip(there.shape, steps, strict=True)], values.dtype)
    view = room[(..., *(slice(None, None, step) for step in steps))]  # a view for no dimensions, too
    view[...] = there
    if draw(st.booleans()):
        return view
    memory = np.zeros(values.nbytes + 1, np.uint8)
    unaligned = np.ndarray(values.shape, values.dtype, memory, offset=1)
    unaligned[...] = values
    return unaligned


@st.composite
def labels(draw, shape):
    """Labels of few values or of many, in a view of any kind."""
    dtype = np.dtype(draw(DTYPES))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    low, high = (0, 2) if dtype.kind == "b" else (np.iinfo(dtype).min, min(np.iinfo(dtype).max, 2**62))
    low, high = (max(int(low), -5), 7) if draw(st.booleans()) else (int(low), int(high))
    return draw(views(random.integers(low, high, shape).astype(dtype)))


def numpy_rows(target, pred):
    """The rows of pair counts, from NumPy."""
    pairs = np.stack([np.ravel(target).astype(np.int64), np.ravel(pred).astype(np.int64)])
    rows, pixels = np.unique(pairs, axis=1, return_counts=True)
    return [*rows.tolist(), pixels.tolist()]


def assert_split(count, number, target, pred):
    """Assert that a count on many threads is that on one, and what NumPy counts."""
    alone = count()
    assert count(threads=number) == alone
    if target.size:
        assert [column.tolist() for column in alone.columns()] == numpy_rows(target, pred)


SHAPES = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=40).filter(
    lambda s: np.prod(s) < 50_000
)


@settings(max_examples=100)
@given(st.data(), SHAPES, THREADS)
def test_labels(data, shape, number):
    target, pred = data.draw(labels(shape)), data.draw(labels(shape))
    assert_split(partial(_core.count, target, pred), number, target, pred)


@settings(max_examples=60)
@given(st.data(), SHAPES, THREADS, st.integers(1, 9))
def test_class_scores(data, shape, number, channels):
    target = data.draw(labels(shape))
    axis = data.draw(st.integers(0, len(shape)))
    dtype = data.draw(st.sampled_from(["<f2", "<f4", ">f4", "<f8"]))
    random = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    scores = random.integers(-3, 3, (*shape[:axis], channels, *shape[axis:])).astype(dtype)  # with ties
    scores = data.draw(views(scores))
    count = partial(_core.count_logits, target, scores, class_axis=axis)
    assert_split(count, number, target, scores.argmax(axis))


@settings(max_examples=30)
@given(st.data(), SHAPES, THREADS)
def test_scores_with_a_threshold(data, shape, number):
    target = data.draw(labels(shape))
    random = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    scores = data.draw(views(random.random(shape, np.float32)))
    bits = int(np.float32(0.5).view(np.uint32))
    count = partial(_core.count_logits, target, scores, class_axis=None, threshold=bits)
    assert_split(count, number, target, scores >= 0.5)


@pytest.mark.parametrize("number", [1, 2, 3, 8])
def test_updates_above_the_threshold(monkeypatch, number):
    random = np.random.default_rng(0)
    logits = random.standard_normal((5, 60, 70), np.float32)
    pred, target = random.integers(0, 5, (2, 60, 70))
    split = []
    real = _core.count, _core.count_logits
    for name, count in zip(("count", "count_logits"), real, strict=True):
        monkeypatch.setattr(
            _core, name, lambda *a, _count=count, **k: (split.append(k["threads"]), _count(*a, **k))[1]
        )

    def counted():
        one, other = ConfusionMatrix(5), ConfusionMatrix(5)
        one.update(pred=pred, target=target)
        other.update(logits=logits, target=target, class_axis=0)
        return one, other

    set_num_threads(number)
    whole = counted()
    monkeypatch.setattr(threads, "LARGE", 1000)
    monkeypatch.setattr(threads, "SHARE", 100)
    assert counted() == whole
    assert split == [1, 1, number, number]
    assert whole[0].counts.sum() == whole[1].counts.sum() == target.size


@pytest.mark.parametrize(("number", "used"), [(1, 1), (2, 2), (8, 3)])
def test_distances_of_a_volume_are_measured_on_a_thread_for_each_million_voxels(monkeypatch, number, used):
    target = np.zeros((3, 1024, 1025), np.uint8)
    target[1, 100:900, 100:900] = 1
    pred = np.roll(target, 5, axis=1)
    split = []
    real = _core.surface_rows, _core.counted_surface_rows
    for name, rows in zip(("surface_rows", "counted_surface_rows"), real, strict=True):
        monkeypatch.setattr(
            _core, name, lambda *a, _rows=rows, **k: (split.append(k["threads"]), _rows(*a, **k))[1]
        )

    def measured(shape, surface="voxels"):
        judge = Evaluator(2, dims=3, distances=True, surface=surface)
        judge.add(pred=pred[shape], target=target[shape])
        return judge.result().surface.images.hausdorff(100).tolist()

    set_num_threads(number)
    assert measured(np.s_[:]) == [[1.0, 5.0]]
    assert measured(np.s_[:, :600, :600]) == [[1.0, 5.0]]
    assert measured(np.s_[:], "area") == [[1.0, 5.0]]
    assert split == [used, 1, used]


@pytest.mark.slow
def test_many_pairs_take_no_more_memory_on_many_threads():
    # Slabs of 1,048,576 pairs each; what is held together is as bounded as it is for one thread.
    code = """
import numpy as np
from segscore import LabelError, _core
labels = np.arange(1 << 25).reshape(1 << 12, 1 << 13)
before, errors = peak(), []
for threads in (1, 8):
    try:
        _core.count(labels, labels, threads=threads)
    except LabelError as error:
        errors.append(str(error))
assert errors[0].startswith("more than 4194304 different pairs") and errors == errors[:1] * 2
print((peak() - before) >> 10)
"""
    # Measured: 1,150 MiB; were each sum only as bounded as that of a slab, 1,950 MiB.
    assert int(python(PEAK + code)) < 1500
