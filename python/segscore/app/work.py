"""The process in which a task of the application is done: ``python -P -m segscore.app.work FOLDER``.

A process of its own sees the code of a model as it is now, gives back all memory, and takes nobody with
it when it crashes. It is given a task on standard input, and writes a line of JSON for whatever happens
to standard output. It stops, in a way that can go on later, when standard input is closed: because
somebody cancels, or because the application is no longer there.
"""

import json
import math
import os
import sys
import traceback
import warnings
from collections.abc import Callable
from dataclasses import asdict
from threading import Event, Thread
from typing import Any, TypeAlias

from segscore.app.tasks import Problem, Task
from segscore.errors import SegscoreError
from segscore.workspace import RunProgress, Workspace

_IN, _OUT, _ERR = 0, 1, 2

Tell: TypeAlias = Callable[[dict[str, Any]], None]


class _StoppedError(Exception):
    """Somebody wants no more of it."""


def main() -> None:
    """Do the task that stands on standard input."""
    pipe = os.dup(_OUT)
    os.dup2(_ERR, _OUT)  # what the code of a model prints is no message
    task = Task(**json.loads(_line()))
    stop = Event()
    Thread(target=_wait_for_end, args=(stop,), daemon=True).start()
    said: set[str] = set()

    def tell(message: dict[str, Any]) -> None:
        os.write(pipe, json.dumps(message).encode() + b"\n")

    def warn(message: Warning | str, *_: object) -> None:
        text = str(message)
        if text not in said:
            said.add(text)
            tell({"warning": text})

    warnings.showwarning = warn  # type: ignore[assignment]  # takes fewer
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
    """Do a task, and tell what happens."""
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
    tell({"end": "finished", "run": run.id, "known": not begun})


def problem_of(error: BaseException) -> Problem:
    """Return what is to be said about an error."""
    if isinstance(error, SegscoreError):
        cause = error.__cause__
        own = "" if cause is None else "".join(traceback.format_exception(cause))
        return Problem(error.message, error.hint or "", own)
    return Problem(
        f"{type(error).__name__}: {error}",
        "the traceback says where; if the code is not yours, please report it",
        "".join(traceback.format_exception(error)),
    )


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


if __name__ == "__main__":
    main()
