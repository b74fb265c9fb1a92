"""Children of a process that counts in threads: none waits for a thread that it lacks; all count right."""

import multiprocessing
from pathlib import Path

import numpy as np
import pytest

import segscore
from support import forked
from support.processes import python

pytestmark = pytest.mark.slow

PARENT = """
import os, sys, warnings
warnings.filterwarnings("ignore", "This process.*is multi-threaded", DeprecationWarning)
sys.path.insert(0, sys.argv[2])
from support import forked
from support.forked import children
import segscore
"""


def parent(code: str, folder: Path, **env: str) -> str:
    """Run code in a process that has nothing else to do, and forks."""
    forked.make_folder(folder)
    settings = {"SEGSCORE_NUM_THREADS": "", **env}
    return python(PARENT + code, folder, Path(__file__).parents[1], env=settings)


def test_100_children_of_a_process_that_has_used_all_threads(tmp_path: Path) -> None:
    code = """
segscore.set_num_threads(4)
expected = forked.count_everything(sys.argv[1])
segscore.set_num_threads(None)
threads = segscore.get_num_threads()
assert forked.count_everything(sys.argv[1]) == expected
def work():
    assert segscore.get_num_threads() == 1
    assert forked.count_everything(sys.argv[1]) == expected
print(children(100, work))
assert segscore.get_num_threads() == threads
assert forked.count_everything(sys.argv[1]) == expected
"""
    assert parent(code, tmp_path) == "100\n"


def test_children_that_are_forked_while_threads_count(tmp_path: Path) -> None:
    code = """
expected = forked.count_everything(sys.argv[1])
def work():
    assert forked.count_everything(sys.argv[1]) == expected
with forked.counting_meanwhile(3):
    print(children(20, work))
"""
    assert parent(code, tmp_path) == "20\n"


def test_what_decides_in_a_child(tmp_path: Path) -> None:
    code = """
folder = sys.argv[1]
line = forked.np.broadcast_to(forked.np.zeros((), forked.np.int8), (1 << 28,))
def seen():
    cm = segscore.ConfusionMatrix(1)
    return forked.threads_seen(lambda: cm.update(pred=line, target=line))
def evaluated(threads=None):
    masks = {"pred": [line], "target": [line]}
    return forked.threads_seen(lambda: segscore.evaluate(**masks, classes=1, threads=threads))

def nothing_said():
    assert (segscore.get_num_threads(), seen()) == (1, 0)
def an_argument():
    assert (segscore.get_num_threads(), evaluated(3), seen()) == (1, 3, 0)
def a_setting():
    segscore.set_num_threads(3)
    assert (segscore.get_num_threads(), seen()) == (3, 3)
    segscore.set_num_threads(None)
    assert (segscore.get_num_threads(), seen()) == (1, 0)
def the_environment():
    os.environ["SEGSCORE_NUM_THREADS"] = "3"
    assert (segscore.get_num_threads(), seen()) == (3, 3)
def a_child_of_a_child():
    assert children(1, nothing_said) == 1
works = [nothing_said, an_argument, a_setting, the_environment, a_child_of_a_child]
print([children(1, work) for work in works])

segscore.set_num_threads(3)
def the_setting_of_the_parent():
    assert (segscore.get_num_threads(), seen()) == (3, 3)
print(children(1, the_setting_of_the_parent), seen())
"""
    assert parent(code, tmp_path) == "[1, 1, 1, 1, 1]\n1 3\n"


def test_the_environment_of_the_parent_decides_in_a_child(tmp_path: Path) -> None:
    code = """
def work():
    assert segscore.get_num_threads() == 3
print(segscore.get_num_threads(), children(1, work))
"""
    assert parent(code, tmp_path, SEGSCORE_NUM_THREADS="3") == "3 1\n"


@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("start", ["fork", "spawn", "forkserver"])
def test_a_pool_sends_counts_back(start: str) -> None:
    forked.matrix_of(0)
    with multiprocessing.get_context(start).Pool(2) as pool:
        matrices = pool.map(forked.matrix_of, range(20))
        judges = pool.map(forked.evaluator_of, range(20))
        (threads,) = set(pool.map(forked.default_threads, range(4)))
    assert_sums(matrices, judges)
    assert threads == 1  # a worker beside others, whichever way it was started


def assert_sums(matrices: list[segscore.ConfusionMatrix], judges: list[segscore.Evaluator]) -> None:
    """Compare the sums of parts with everything counted here, and by NumPy."""
    expected = sum((forked.matrix_of(seed) for seed in range(20)), segscore.ConfusionMatrix(forked.CLASSES))
    assert sum(matrices, segscore.ConfusionMatrix(forked.CLASSES)) == expected
    by_numpy = np.zeros((3, 3), np.int64)
    for seed in range(20):
        pred, target = forked.masks(seed)
        np.add.at(by_numpy, (target, pred), 1)
    assert expected.counts.tolist() == by_numpy.tolist()
    evaluation = sum(judges, segscore.Evaluator(forked.CLASSES)).result()
    here = sum((forked.evaluator_of(seed) for seed in range(20)), segscore.Evaluator(forked.CLASSES)).result()
    assert evaluation == here
    assert evaluation.confusion == expected
