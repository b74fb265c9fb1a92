"""Executors that tests need, and readers that their workers are given. Nothing here is a test."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np

from segscore.io.masks import read_mask

DEADLY = "a_06"
"""The image whose reader kills its process."""


class Deferred(Executor):
    """Does nothing before it is told to, and then all of it in this process, the last task first."""

    def __init__(self) -> None:
        self.tasks: list[tuple[Future[Any], Callable[..., Any], tuple[Any, ...]]] = []
        self.submitted = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Keep a task, and do those that were kept once all are there."""
        future: Future[Any] = Future()
        self.tasks.append((future, fn, args))
        self.submitted += 1
        return future

    def do(self, number: int | None = None) -> None:
        """Do so many of the tasks."""
        for future, fn, args in self.tasks[::-1][:number]:
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(fn(*args))
                except BaseException as error:  # noqa: BLE001 - as executors do
                    future.set_exception(error)


class Breaking(Deferred):
    """Does some tasks, and breaks with all others at the same moment."""

    def __init__(self, done: int) -> None:
        super().__init__()
        self.left = done

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Keep a task, and end all of them with the fifth."""
        if self.left < 0:
            raise BrokenExecutor("a worker has gone")
        future = super().submit(fn, *args, **kwargs)
        if len(self.tasks) == 5:
            for number, (one, call, given) in enumerate(self.tasks):
                if number < self.left:
                    one.set_result(call(*given))
                else:
                    one.set_exception(BrokenExecutor("a worker has gone"))
            self.left = -1
        return future


class OneProcessEach(Executor):
    """Makes a process for each task, as engines do that replace a worker which died."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Begin a process."""
        future: Future[Any] = Future()
        future.set_running_or_notify_cancel()
        context = multiprocessing.get_context("fork")
        receiving, sending = context.Pipe(duplex=False)
        process = context.Process(target=_sent, args=(sending, fn, args))
        process.start()
        sending.close()

        def wait() -> None:
            try:
                future.set_result(receiving.recv())
            except EOFError:
                future.set_exception(BrokenExecutor("the process of a task was killed"))
            receiving.close()
            process.join()

        Thread(target=wait).start()
        return future


def _sent(sending: Any, fn: Callable[..., Any], args: tuple[Any, ...]) -> None:
    sending.send(fn(*args))


def reader(path: str) -> np.ndarray:
    """Read a mask as `evaluate` does by itself."""
    return np.asarray(read_mask(path, colours=False, max_pixels=1 << 20))


def deadly(path: str) -> np.ndarray:
    """Kill the process that reads one of the images."""
    if DEADLY in path:
        os.kill(os.getpid(), signal.SIGKILL)
    return reader(path)


def deadly_once(path: str) -> np.ndarray:
    """Kill the process that is the first to read one of the images."""
    mark = Path(path).parents[1] / "killed"
    if DEADLY in path and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return reader(path)
