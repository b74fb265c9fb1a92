"""The command line within the process of the tests, on two small folders of masks. Nothing here is a test."""

import math
from pathlib import Path
from unittest import mock

from typer.testing import CliRunner, Result

from segscore import cli
from segscore.text import progress
from support.masks_on_disk import png

TARGETS = {"a": [[0, 0, 1], [1, 255, 1]], "b": [[0, 0, 0], [1, 1, 1]]}
PREDS = {"a": [[0, 1, 1], [1, 0, 1]], "b": [[0, 0, 0], [1, 1, 0]]}
EVALUATE = ("evaluate", "--pred", "pred", "--target", "target")
CLASSES = """
name = "streets"
ignore = [255]
classes = [{ label = 0, name = "road" }, { label = 1, name = "sky" }]
"""


def write_folders(folder: Path) -> None:
    """Write folders `pred` and `target` with two masks each, and `classes.toml`."""
    for side, masks in (("target", TARGETS), ("pred", PREDS)):
        (folder / side).mkdir()
        for name, labels in masks.items():
            (folder / side / f"{name}.png").write_bytes(png(labels))
    (folder / "classes.toml").write_text(CLASSES)


def run(*args: object) -> Result:
    """Run a command, which shows no progress, however busy the machine is."""
    with mock.patch.object(progress, "_PATIENCE", math.inf):
        return CliRunner().invoke(cli.app, [str(arg) for arg in args])


def evaluate(*args: object) -> Result:
    """Run `segscore evaluate` in the current folder."""
    return run(*EVALUATE, *args)


def printed(*args: object, code: int = 0, said: str = "") -> str:
    """Run a command that ends with this exit code, and says this on standard error; return what it prints."""
    result = run(*args)
    assert (result.exit_code, result.stderr) == (code, said)
    return result.stdout


def failed(result: Result) -> str:
    """Return the message and the hint of a command that was given something wrong, which are all it said."""
    kind, _, said = result.stderr.partition(": ")
    assert (result.exit_code, result.stdout, kind, said[-1:]) == (2, "", "error", "\n")
    return said[:-1]
