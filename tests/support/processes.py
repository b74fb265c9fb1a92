"""Python in a process of its own, for what would spoil the process of the tests. Nothing here is a test."""

import os
import subprocess
import sys
from pathlib import Path

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


def python(
    code: str,
    *arguments: object,
    cwd: Path | None = None,
    env: dict[str, str] | None = None,
    seconds: float = 100,
) -> str:
    """Run code with warnings as errors; return what it printed, once it has ended well and in time."""
    command = [sys.executable, "-W", "error", "-c", code, *map(str, arguments)]
    ended = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    assert ended.returncode == 0, f"exit code {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
    return ended.stdout
