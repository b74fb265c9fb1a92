"""Processes of their own, for what would spoil the process of the tests. Nothing here is a test."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

AS_NOBODY = """
import os
import numpy.ma  # before the rights to read it may be gone
if os.geteuid() == 0:  # the superuser may read and write everything
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
"""
"""Code that gives up the rights of the superuser, if the tests have them."""

PEAK = """
def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
"""
"""Code of a function that returns the most memory that the process has held, in KiB.

`getrusage` is of no use here: what it returns begins with the peak of the process that started this one.
"""


@contextmanager
def started(command: Sequence[str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Start a command in a session of its own; at the end, kill what is left of it and of all it started."""
    with subprocess.Popen(command, text=True, start_new_session=True, **options) as process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):  # nothing is left
                os.killpg(process.pid, signal.SIGKILL)


def ended(
    command: Sequence[str], *, seconds: float = 100, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Return the exit code of a command and what it printed; the code is that of a kill if it takes longer.

    What it prints goes to files: a pipe is open for as long as anything that it has started lives.
    """
    with TemporaryFile("w+") as output, TemporaryFile("w+") as errors:
        outputs = {"stdout": output, "stderr": errors}
        with started(command, **outputs, **options) as process, suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        for printed in outputs.values():
            printed.seek(0)
        return subprocess.CompletedProcess(command, process.returncode, output.read(), errors.read())


def python(
    code: str,
    *arguments: object,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    seconds: float = 100,
) -> str:
    """Run code with warnings as errors; return what it printed, once it has ended well and in time."""
    command = [sys.executable, "-W", "error", "-c", code, *map(str, arguments)]
    found = ended(command, seconds=seconds, cwd=cwd, env={**os.environ, **(env or {})})
    assert found.returncode == 0, f"exit code {found.returncode}\n{found.stdout}\n{found.stderr}"
    return found.stdout
