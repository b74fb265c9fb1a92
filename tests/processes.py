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


def python(code: str, *arguments: object, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """Run code with warnings as errors; return what it printed, once it has ended well."""
    command = [sys.executable, "-W", "error", "-c", code, *map(str, arguments)]
    ended = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.returncode == 0, f"exit code {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
    return ended.stdout
