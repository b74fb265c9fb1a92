"""The process in which a task of the application is done: ``python -P -m segscore.app.work FOLDER``.

A process of its own sees the code of a model as it is now, gives back all memory, and takes nobody with
it when it crashes. It is given a task on standard input, and writes a line of JSON for whatever happens
to standard output. It stops, in a way that can go on later, when standard input is closed: because
somebody cancels, or because the application is no longer there; a model that is stuck is then ended.
"""

import json
import math
import os
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import asdict
from threading import Event, RLock, Thread
from typing import Any, TypeAlias

from segscore.app.spelling import in_forms
from segscore.app.tasks import Problem, Task
from segscore.errors import SegscoreError, SegscoreWarning
from segscore.io.functions import OF_CODE
from segscore.workspace import RunProgress, Workspace

_IN, _OUT, _ERR = 0, 1, 2
_GRACE = 10.0
"""Seconds in which a task must have stopped after it was told to; whoever told it may be gone."""
_WARNINGS = 20
"""Different warnings that are told; of others only how many there were."""
_LONGEST_WARNING = 4_000
_LONGEST_TEXT = 40_000
"""Characters of a message, a hint or a traceback."""

Tell: TypeAlias = Callable[[dict[str, Any]], None]


class _StoppedError(Exception):
    """Somebody wants no more of it."""


class _Messages:
    """Messages to whoever has started this process, and nobody else's: what a model prints is none.

    They are told from several threads, each as a whole. A child of this process tells none: it has other
    work, and would keep the pipe open.
    """

    def __init__(self) -> None:
        self._pipe: int | None = os.dup(_OUT)  # which programs that are started here do not get
        os.dup2(_ERR, _OUT)
        self._lock = RLock()  # a destructor may warn in the middle of a message
        self._waiting: list[bytes] = []
        self._writing = False
        self._warned: set[str] = set()
        self._more = 0
        self._usual = warnings.showwarning
        warnings.showwarning = self._warn  # type: ignore[assignment]  # takes fewer
        os.register_at_fork(after_in_child=self._leave)

    def tell(self, message: dict[str, Any]) -> None:
        """Write a message, all of it."""
        if self._pipe is None:
            return
        if self._more:
            message = {**message, "more_warnings": self._more}
        with self._lock:
            self._waiting.append(json.dumps(message).encode() + b"\n")
            if self._writing:
                return
            self._writing = True
            while self._waiting:
                left = self._waiting.pop(0)
                while left:
                    left = left[os.write(self._pipe, left) :]
            self._writing = False

    def _warn(self, message: Warning | str, *where: Any) -> None:
        if self._pipe is None:
            self._usual(message, *where)
            return
        said = message.text if isinstance(message, SegscoreWarning) else str(message)
        text = _cut(in_forms(said), _LONGEST_WARNING)
        with self._lock:
            if text in self._warned:
                return
            if len(self._warned) == _WARNINGS:
                self._more += 1  # which the next message says
                return
            self._warned.add(text)
        self.tell({"warning": text})

    def _leave(self) -> None:
        if self._pipe is not None:
            os.close(self._pipe)
        self._pipe = None


def main() -> None:
    """Do the task that stands on standard input."""
    tell = _Messages().tell
    task = Task(**json.loads(_line()))
    stop = Event()
    Thread(target=_wait_for_end, args=(stop,), daemon=True).start()
    try:
        done(Workspace(sys.argv[1]), task, tell, stop)
    except _StoppedError:
        tell({"end": "cancelled"})
    except BaseException as error:  # noqa: BLE001 - whatever the code of a model raises, SystemExit too
        if stop.is_set() and not isinstance(error, SegscoreError):
            tell({"end": "cancelled"})
        else:
            tell({"end": "failed", "problem": asdict(problem_of(error))})


def done(workspace: Workspace, task: Task, tell: Tell, stop: Event) -> None:
    """Do a task, and tell what happens, in messages of plain values.

    `stop` is set once somebody wants no more of it; that, and whatever adding a dataset or a run raises, is
    raised.
    """
    reference = task.dataset

    def adding(images: int, total: int) -> None:
        _check(stop)
        tell({"phase": "adding", "done": images, "total": total})

    begun = False

    def running(now: RunProgress) -> None:
        nonlocal begun
        begun = True
        state = asdict(now)
        if math.isnan(now.mean_iou):
            state["mean_iou"] = None
        tell({"phase": "running", **state})
        _check(stop)

    _check(stop)
    if task.adding is not None:
        reference = workspace.datasets.add(task.dataset, **task.adding, progress=adding).reference
        tell({"dataset": reference})
    if task.model is None:
        tell({"end": "finished", "run": None, "known": False})
        return
    run = workspace.run(task.model, reference, **task.options, progress=running)
    score = run.score
    tell(
        {
            "end": "finished",
            "run": run.id,
            "known": not begun,
            "failures": run.failures,
            "total": run.images + run.failures,
            "mean_iou": None if math.isnan(score) else score,
            "judged": run.main,
        }
    )


def problem_of(error: BaseException) -> Problem:
    """Return what is to be said about an error, with the traceback of the user's own code or of a defect."""
    if isinstance(error, SegscoreError):
        cause = error.__cause__ if error.kind in OF_CODE else None
        own = "" if cause is None else "".join(traceback.format_exception(cause))
        return Problem(_cut(in_forms(error.message)), _cut(in_forms(error.hint or "")), _cut(own), error.kind)
    return Problem(
        _cut(f"{type(error).__name__}: {error}"),
        "the traceback says where; if the code is not yours, please report it",
        _cut("".join(traceback.format_exception(error))),
    )


def _cut(text: str, longest: int = _LONGEST_TEXT) -> str:
    """Return a text without its middle if it is too long: both its ends may say what matters."""
    left_out = len(text) - longest
    half = longest // 2
    return text if left_out <= 0 else f"{text[:half]}\n… ({left_out:,} characters left out) …\n{text[-half:]}"


def _check(stop: Event) -> None:
    if stop.is_set():
        raise _StoppedError


def _line() -> bytes:
    """Return the first line of standard input, and read nothing beyond it."""
    line = bytearray()
    while not line.endswith(b"\n"):
        part = os.read(_IN, 1)
        if not part:
            break
        line += part
    return bytes(line)


def _wait_for_end(stop: Event) -> None:
    # Read without a buffer: its lock would be held when Python ends.
    while os.read(_IN, 1024):
        pass
    stop.set()
    # A model that is stuck looks at nothing; what it has started ends with it.
    time.sleep(_GRACE)
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


if __name__ == "__main__":
    main()
