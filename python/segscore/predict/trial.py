"""An ONNX model is tried once, in a process of its own: one that crashes or hangs takes nobody with it.

Of a Python function nothing is tried: it is code, which runs when its user says so.
"""

import json
import os
import signal
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

import numpy as np

from segscore import errors
from segscore.base.naming import restored, stored
from segscore.base.wording import show
from segscore.errors import ArgumentError, SegscoreError, import_failure
from segscore.predict.models import onnx
from segscore.predict.prediction import NO_NUMBERS

PATIENCE = 60.0
"""Seconds that a trial may take."""
_SIZES = ((256, 256), (512, 512), (224, 224))
"""Of images for a model that leaves its size open: many take multiples of 32 alone, or no small ones."""
_OUT = 1
_KILLED = -getattr(signal, "SIGKILL", 9)


def try_onnx(path: str, options: Mapping[str, Any], *, threads: int | None) -> str:
    """Raise what a model raises that can never run; return why nobody knows, in words, or nothing.

    `options` are those of :func:`segscore.predict.onnx`. An interrupt ends the trial.
    """
    import subprocess  # which nothing else of the library needs

    if find_spec("onnxruntime") is None:
        return "onnxruntime is not installed (`pip install 'segscore[run]'`)"
    given = json.dumps({"path": path, "options": dict(options), "threads": threads})
    command = [sys.executable, "-P", "-m", "segscore.predict.trial"]
    try:
        done = subprocess.run(  # noqa: S603 - this very Python
            command,
            input=given.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it had not ended after {PATIENCE:g} seconds on one image"
    except OSError as error:
        return f"no process could be started: {error.strerror or error}"
    if done.returncode < 0 and done.returncode != _KILLED:
        raise ArgumentError(
            f"{show(path)}: onnxruntime crashed on one image (signal {-done.returncode})",
            "export the model again; another version of onnxruntime may run it",
        )
    try:
        told = json.loads(done.stdout.splitlines()[-1])
    except (ValueError, IndexError):
        return f"the process that tried it ended with code {done.returncode}"
    if "error" in told:
        kind, message, hint = told["error"]
        raise getattr(errors, kind)(restored(message), None if hint is None else restored(hint))
    return str(told["unknown"])


def _main() -> None:
    """Try the model that standard input names, and write what came of it to standard output."""
    try:
        told: dict[str, Any] = {"unknown": _tried(**json.load(sys.stdin))}
    except SegscoreError as error:
        hint = None if error.hint is None else stored(error.hint)
        told = {"error": [type(error).__name__, stored(error.message), hint]}
    os.write(_OUT, json.dumps(told).encode())


def _tried(path: str, options: dict[str, Any], threads: int | None) -> str:
    """Return why nobody knows whether a model can run, or nothing; raise what says that it cannot."""
    if why := import_failure("onnxruntime"):
        return f"onnxruntime {why}"
    predictor = onnx(path, threads=threads, spin=False, **options)
    size = predictor.input.size
    unknown = ""
    for height, width in _SIZES if size is None else (size,):
        # Values of all kinds: many models divide by what is the same everywhere.
        image = np.random.default_rng(0).integers(0, 256, (height, width, predictor.bands), np.uint8)
        try:
            predictor(image, name="a made-up image")
        except ArgumentError as error:
            if size is not None and error.kind != NO_NUMBERS and not isinstance(error.__cause__, MemoryError):
                raise
            unknown = unknown or error.message
        else:
            return ""
    return unknown


if __name__ == "__main__":
    _main()
