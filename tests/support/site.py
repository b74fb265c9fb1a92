"""The site of documents, built once for the tests of a module. Nothing here is a test."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from support.documents import ROOT

_NEEDED = ("sphinx", "furo", "myst_parser", "numpydoc", "sphinx_copybutton", "sphinx_design")


def built(to: Path) -> Path:
    """Build the site, where a broken link or a name that is nowhere is an error.

    Without Sphinx tests skip, or fail if `SEGSCORE_DEMAND_SITE` is 1.
    """
    missing = [package for package in _NEEDED if find_spec(package) is None]
    if missing:
        said = f"`pip install '.[docs]'` brings what is not installed: {', '.join(missing)}"
        if os.environ.get("SEGSCORE_DEMAND_SITE") == "1":
            pytest.fail(said, pytrace=False)
        pytest.skip(said)
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", "docs", str(to)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return to
