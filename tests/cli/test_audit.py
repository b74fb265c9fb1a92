"""`segscore audit --json`: everything that was found, for programs."""

import json
from pathlib import Path

import numpy as np
import pytest

import segscore
from support.command_line import assert_failed, run
from support.masks_on_disk import write


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder, value in (("p", 0), ("t", 1)):
        write(tmp_path / folder, {"1.png": np.array([[0, value], [1, 255 * value]], np.uint8)})
    monkeypatch.chdir(tmp_path)


def audit(*args: str):
    return run("audit", "--pred", "p", "--target", "t", "--classes", "2", "--no-progress", *args)


def test_json_goes_to_standard_output_alone_or_to_a_file(tmp_path: Path) -> None:
    expected = segscore.audit(pred="p", target="t", classes=2, progress=False).to_dict()
    assert [finding["kind"] for finding in expected["findings"]] == ["void-not-ignored"]
    alone = audit("--json", "-")
    assert (alone.exit_code, json.loads(alone.stdout), alone.stderr) == (0, expected, "")
    beside = audit("--json", "a.json")
    assert (beside.exit_code, beside.stdout, beside.stderr) == (0, audit().stdout, "")
    assert json.loads((tmp_path / "a.json").read_text()) == expected


def test_a_place_that_is_not_there_is_refused_before_the_run() -> None:
    assert_failed(
        audit("--json", "no/a.json"),
        2,
        "error: no: there is no such folder to write to\nhint: make it, or name another one\n",
    )
