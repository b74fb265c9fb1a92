"""TIFF files that were changed at random: read as Pillow reads them, or refused; none takes long, or much."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.processes import python

TESTS = Path(__file__).parent.parent
CODE = """
import sys
from pathlib import Path

folder, seed, rounds, tests = sys.argv[1:]
sys.path.insert(0, tests)
from support.tiff_mutations import main

main(Path(folder), int(seed), int(rounds))
"""


def check(folder: Path, seed: int, rounds: int) -> None:
    printed: dict[str, Any] = json.loads(python(CODE, folder, seed, rounds, TESTS, seconds=900))
    assert printed["unread"] == []
    assert printed["wrong"] == []
    assert printed["came"]["read by both"] > rounds / 20
    assert printed["slowest"] < 2  # seconds of the processor
    assert printed["peak"] < 1 << 20  # KiB


def test_changed_files_are_read_as_pillow_reads_them_or_refused(tmp_path: Path) -> None:
    check(tmp_path, 1, 600)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_many_changed_files_are_read_as_pillow_reads_them_or_refused(tmp_path: Path) -> None:
    check(tmp_path, 2, 3_000)
