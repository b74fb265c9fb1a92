"""What children of a process do in tests: functions that can be sent to them. Nothing here is a test."""

import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import segscore
from support.masks_on_disk import write

CLASSES = 3
LARGE = 1 << 24
"""Numbers in an array that is counted in threads where there may be several."""


def masks(seed: int) -> tuple[Any, Any]:
    """Return a prediction and a target."""
    pred, target = np.random.default_rng(seed).integers(0, CLASSES, (2, 30, 40), np.uint8)
    return pred, target


def make_folder(folder: Path) -> None:
    """Write pairs of masks."""
    for seed in range(8):
        pred, target = masks(seed)
        write(folder, {f"pred/{seed}.png": pred, f"target/{seed}.png": target})


def count_everything(folder: str) -> list[Any]:
    """Return the counts of a folder, a large array and large class scores, on the default of threads."""
    everything = [
        segscore.evaluate(
            pred=f"{folder}/pred", target=f"{folder}/target", classes=CLASSES, progress=False
        ).confusion
    ]
    random = np.random.default_rng(1)
    rows = LARGE >> 12
    lines = random.integers(0, CLASSES, (2, 1 << 12), np.uint8)
    pred, target = (np.broadcast_to(line, (rows, 1 << 12)) for line in lines)
    cm = segscore.ConfusionMatrix(CLASSES)
    cm.update(pred=pred, target=target)
    everything.append(cm)
    logits = random.standard_normal((CLASSES, 1, 1 << 12), np.float32)
    cm = segscore.ConfusionMatrix(CLASSES)
    rows = -(-LARGE // (CLASSES << 12))
    cm.update(logits=np.broadcast_to(logits, (CLASSES, rows, 1 << 12)), target=target[:rows], class_axis=0)
    everything.append(cm)
    return [cm.counts.tolist() for cm in everything]


def matrix_of(seed: int) -> segscore.ConfusionMatrix:
    """Return the matrix of one pair of masks."""
    pred, target = masks(seed)
    cm = segscore.ConfusionMatrix(CLASSES)
    cm.update(pred=pred, target=target)
    return cm


def evaluator_of(seed: int) -> segscore.Evaluator:
    """Return the evaluator of one pair of masks."""
    pred, target = masks(seed)
    judge = segscore.Evaluator(CLASSES)
    judge.add(pred=pred, target=target, name=f"{seed:03d}")
    return judge


def default_threads(_: object = None) -> int:
    """Return how many threads a call uses that does not say it."""
    return segscore.get_num_threads()


def threads_seen(call: Callable[[], object]) -> int:
    """Return the most threads of the core that were seen during a call, which should take some 50 ms."""
    most, done = 0, threading.Event()

    def look() -> None:
        nonlocal most
        while not done.wait(0.0005):
            most = max(most, sum(name.startswith("segscore-") for name in _names_of_threads()))

    looking = threading.Thread(target=look)
    looking.start()
    try:
        call()
    finally:
        done.set()
        looking.join()
    return most


def _names_of_threads() -> Iterator[str]:
    for task in os.listdir("/proc/self/task"):
        try:
            yield Path(f"/proc/self/task/{task}/comm").read_text()
        except OSError:  # it has ended meanwhile
            continue


@contextmanager
def counting_meanwhile(number: int) -> Iterator[None]:
    """Count in some threads of Python for as long as the context lasts."""
    done = threading.Event()

    def count() -> None:
        pred, target = (np.broadcast_to(mask[0], (5000, 40)) for mask in masks(0))
        while not done.is_set():
            cm = segscore.ConfusionMatrix(CLASSES)
            cm.update(pred=pred, target=target)
            assert cm.pixels == 200_000

    counting = [threading.Thread(target=count) for _ in range(number)]
    for thread in counting:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in counting:
            thread.join()


def children(number: int, work: Callable[[], object], at_once: int = 4, limit: float = 80) -> int:
    """Return how many of so many forked children do a work to its end; who takes too long is killed."""
    running: set[int] = set()
    right, end = 0, time.monotonic() + limit
    for _ in range(number):
        running.add(_fork(work))
        while len(running) >= at_once:
            right += _ended(running, end)
    while running:
        right += _ended(running, end)
    return right


def _fork(work: Callable[[], object]) -> int:
    child = os.fork()
    if child:
        return child
    try:
        work()
    except BaseException:  # noqa: BLE001 - a child goes no further, whatever is raised
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _ended(running: set[int], end: float) -> int:
    """Return 1 if one of the children has ended well since it was asked last, else 0, after a moment."""
    for child in list(running):
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            running.remove(child)
            return int(status == 0)
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
    time.sleep(0.001)
    return 0
