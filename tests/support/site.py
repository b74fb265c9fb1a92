"""The site of documents, built once for a module of tests or for all processes. Nothing here is a test."""

import fcntl
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from support.documents import ROOT

_NEEDED = ("sphinx", "furo", "myst_parser", "numpydoc", "sphinx_copybutton", "sphinx_design")


def built(to: Path) -> Path:
    """Return the folder of the site; a broken link or a name that is nowhere is an error.

    It is built at `to`, or once for all at `SEGSCORE_SITE`, if that names a folder.
    Without Sphinx tests skip, or fail if `SEGSCORE_DEMAND_SITE` is 1.
    """
    missing = [package for package in _NEEDED if find_spec(package) is None]
    if missing:
        said = f"`pip install --group docs` brings what is not installed: {', '.join(missing)}"
        if os.environ.get("SEGSCORE_DEMAND_SITE") == "1":
            pytest.fail(said, pytrace=False)
        pytest.skip(said)
    shared = os.environ.get("SEGSCORE_SITE")
    if shared is None:
        return _built(to)
    with Path(f"{shared}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # whoever comes meanwhile waits
        if not Path(shared).exists():
            shutil.move(_built(to), shared)
    return Path(shared)


def _built(to: Path) -> Path:
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "docs", str(to)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return to
