"""Shells complete commands and options."""

import subprocess

import pytest

from support.processes import python

CALL = "import sys; sys.argv[:] = ['segscore']; from segscore.cli import main; main()"


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("segscore eva", ["evaluate"]),
        ("segscore evaluate --cl", ["--classes", "--class-axis"]),
        ("segscore dataset d", ["diff"]),
        ("segscore evaluate --pred a --pred b --bou", ["--boundary"]),
        ("segscore evaluate a --bou", ["--boundary"]),
        ("segscore model add --onnx a --onnx b --th", ["--threads", "--threshold"]),
    ],
)
def test_what_may_come_next(typed, completed):
    asked = {"COMP_WORDS": typed, "COMP_CWORD": str(typed.count(" "))}
    said = python(CALL, env={"_SEGSCORE_COMPLETE": "complete_bash", **asked})
    assert said.split() == completed


def test_what_makes_bash_ask_is_a_script_of_it(tmp_path):
    script = python(CALL, env={"_SEGSCORE_COMPLETE": "source_bash"})
    done = subprocess.run(
        ["bash", "-c", f"{script}\ncomplete -p segscore"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "complete -o default -F _segscore_completion segscore\n"
