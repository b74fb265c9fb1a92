"""Calls that a Ctrl-C ends, in a process of their own. Nothing here is a test."""

import math
import signal
import subprocess
import sys
import time

START = """
import os, sys, tempfile, time
import numpy as np
import segscore
from segscore import ConfusionMatrix, evaluate

def seconds(call):
    begin = time.monotonic()
    call()
    return time.monotonic() - begin

def interrupted(call):
    print("ready", flush=True)
    try:
        call()
    except KeyboardInterrupt:
        print("interrupted at", time.monotonic(), flush=True)
    else:
        print("finished", flush=True)

LONG = 0.6  # seconds

def grown(call, size):
    # The size, by doubling, with which a call takes long.
    while seconds(lambda: call(size)) < LONG / 4:
        size *= 2
    return 4 * size
"""


BOUND = 2.0
"""Seconds from a Ctrl-C to its exception where the machine may be busy; 0.2 are promised where it is not."""


def assert_stops(code: str, *arguments: object) -> None:
    """Run code that calls `interrupted` and prints "right" at its end; send it a Ctrl-C in between.

    A machine may have become so much faster than when the call was made long enough that it ends before the
    Ctrl-C; but not three times.
    """
    seconds = next((found for _ in range(3) if (found := delay(code, *arguments)) < math.inf), math.inf)
    print(f"interrupted after {1000 * seconds:.0f} ms")  # noqa: T201 - the figure that is promised
    assert seconds < BOUND


def delay(code: str, *arguments: object) -> float:
    """Return the seconds from Ctrl-C to its exception; infinite if the call had finished."""
    command = [sys.executable, "-W", "error", "-c", START + code, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            assert process.stdout.readline() == "ready\n", process.stderr.read()
            time.sleep(0.1)
            sent = time.monotonic()
            process.send_signal(signal.SIGINT)
            answer = process.stdout.readline()
            if answer == "finished\n":
                return math.inf
            assert answer.startswith("interrupted at "), answer + process.stderr.read()
            assert process.stdout.readline() == "right\n", process.stderr.read()
            assert process.wait(5) == 0, process.stderr.read()  # nothing keeps it alive
        finally:
            process.kill()
    return float(answer.split()[-1]) - sent  # the clock is the same for all processes
