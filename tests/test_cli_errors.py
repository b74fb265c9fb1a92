"""The command line where a file, and not standard output, is what cannot be used."""

import subprocess
import sys
from pathlib import Path

import pytest

from command_line import run, write_folders
from segscore.cli import runs


def test_an_error_of_a_file_is_not_taken_for_one_of_standard_output(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise PermissionError(13, "Permission denied", "some/file")

    monkeypatch.setattr(runs, "opened_workspace", fail)
    result = run("runs")
    assert (result.exit_code, result.stdout) == (3, "")
    lines = result.stderr.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert lines[-2:] == [
        "internal error: PermissionError: [Errno 13] Permission denied: 'some/file'",
        "hint: please report this with the command",
    ]


@pytest.mark.parametrize(
    "args",
    [
        ["classes", "new", "--from", "target"],
        ["classes", "cityscapes"],
        ["demo"],
        ["evaluate", "--pred", "pred", "--target", "target"],
    ],
)
def test_a_standard_output_that_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_folders(tmp_path)
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "segscore", *args]
        ended = subprocess.run(
            command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False
        )
    assert (ended.returncode, ended.stderr) == (
        2,
        "error: standard output cannot be written: No space left on device\n",
    )
