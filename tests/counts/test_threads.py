"""How many threads a call uses: the argument, else the setting, else the environment, else the processors."""

import os
import threading
from collections.abc import Iterator

import numpy as np
import pytest

from segscore import ArgumentError, evaluate, get_num_threads, set_num_threads
from segscore.counts.threads import num_threads
from support.processes import AS_NOBODY, python

HINT = "\nhint: leave it out for the default"


@pytest.fixture(autouse=True)
def untouched(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("SEGSCORE_NUM_THREADS", raising=False)
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


def test_no_thread_is_left_after_a_call() -> None:
    before = threading.active_count()
    used(4)
    assert threading.active_count() == before


def test_the_system_knows_of_no_thread_after_a_call_of_the_core() -> None:
    code = """
import os
import numpy as np
from segscore import _core
labels = np.zeros((64, 64), np.uint8)
before = os.listdir("/proc/self/task")
for _ in range(100):
    assert _core.count(labels, labels, threads=8).total == 1 << 12
    assert os.listdir("/proc/self/task") == before
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
        with pytest.raises(ArgumentError) as caught:
            call()
        assert str(caught.value) == f"the variable SEGSCORE_NUM_THREADS is {found}, expected 1 to 1,024{HINT}"
    assert evaluate(pred=[[0]], target=[[0]], classes=1, threads=1).scores.mean_iou == 1


@pytest.mark.parametrize("threads", [0, -1, 1025, 1.0, "2", True])
def test_a_bad_setting_changes_nothing(threads: object) -> None:
    set_num_threads(2)
    with pytest.raises(ArgumentError) as caught:
        set_num_threads(threads)
    assert str(caught.value) == f"`threads` is {threads!r}, expected 1 to 1,024{HINT}"
    assert get_num_threads() == 2
