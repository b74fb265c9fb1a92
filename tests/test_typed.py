"""What type checkers and completion see of the package."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import segscore

PACKAGE = Path(segscore.__file__).parent
USER = Path(__file__).parent / "typed" / "user.py"


def lacking() -> bool:
    """Whether the type checker is not there; where it must be, that is an error."""
    return find_spec("mypy") is None and os.environ.get("SEGSCORE_DEMAND_MYPY") != "1"


@pytest.mark.slow
@pytest.mark.skipif(lacking(), reason="mypy is not installed")
def test_code_of_users_has_types_and_wrong_calls_are_errors(tmp_path: Path) -> None:
    assert (PACKAGE / "py.typed").exists()  # without it, code of others sees no types
    # What is not installed is found by a path, and then read as if it were.
    path = "" if PACKAGE.parent.name == "site-packages" else str(PACKAGE.parent)
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "--config-file="]
    checked = subprocess.run(
        [*command, f"--cache-dir={tmp_path}", str(USER)],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_completion_shows_the_public_names_alone() -> None:
    assert dir(segscore) == sorted(segscore.__all__)
    assert all(hasattr(segscore, name) for name in segscore.__all__)
