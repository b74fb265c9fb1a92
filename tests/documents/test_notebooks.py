"""The notebooks of the documents run, are kept without outputs, and become pages that show what they say."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from support.documents import ROOT
from support.processes import python

NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
PAGE = """
import sys
from pathlib import Path
sys.path.append(sys.argv[1])
from notebook_pages import page
print(page(Path(sys.argv[2])))
"""


def page_of(path: Path, folder: Path) -> str:
    """Return the page of a notebook, made in a folder by a process of its own, with warnings as errors."""
    return python(PAGE, ROOT / "docs", path, cwd=folder)


def cells(path: Path) -> list[dict[str, Any]]:
    """Return the cells of a notebook, as any program that reads notebooks finds them."""
    notebook = json.loads(path.read_text("utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["kernelspec"] == {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    }
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])
    return list(notebook["cells"])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_kept_without_outputs(path):
    for cell in cells(path):
        kept = {"cell_type", "id", "metadata", "source"}
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None)
            kept |= {"outputs", "execution_count"}
        assert cell.keys() == kept
        assert cell["metadata"] == {}


SAID = {
    "folders": (
        r"^night +20 +0\.7",
        r"^v2 is better than v1: mean IoU \+0\.0",
        r"^passed mean_iou .*\nFAILED iou\.person ",
    ),
    "training": (
        r"^epoch 5: mean IoU 0\.6",
        r"^array\(\[\[\d+, ",
        r"^batches of 24: a mean of (\S+); the dataset has \1$",
        r"^batches of  2: a mean of (\S+); the dataset has (?!\1$)",
    ),
    "volumes": (
        r"^exact   farthest 0\.000 mm, on average 0\.000 mm$",
        r"^moved   farthest 6\.000 mm, on average 2\.",
        r"^inf mm \(mean of the 3 structures that both have; 1 missed infinitely far\)$",
        r"^6\.0$",
    ),
}
"""What the text about a cell takes for granted of its output."""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_run_and_say_what_their_text_says(path, tmp_path):
    page = page_of(path, tmp_path)
    assert not any(tmp_path.iterdir())
    code = ["".join(cell["source"]) for cell in cells(path) if cell["cell_type"] == "code"]
    assert re.findall(r"^```python\n(.*?)\n```$", page, re.DOTALL | re.MULTILINE) == code
    said = "\n".join(re.findall(r"^```text\n(.*?)\n```$", page, re.DOTALL | re.MULTILINE))
    for pattern in SAID[path.stem]:
        assert re.search(pattern, said, re.MULTILINE), pattern


def test_a_cell_says_what_it_prints_and_then_its_value(tmp_path):
    sources = ["# Title", "x = 1", "print('a')\nx", "None", "`x` is 1."]
    kinds = ["markdown", "code", "code", "code", "markdown"]
    path = tmp_path / "made.ipynb"
    made = [{"cell_type": kind, "source": [one]} for kind, one in zip(kinds, sources, strict=True)]
    path.write_text(json.dumps({"cells": made}))
    assert page_of(path, tmp_path) == (
        "# Title\n\n```python\nx = 1\n```\n\n```python\nprint('a')\nx\n```\n\n```text\na\n1\n```\n\n"
        "```python\nNone\n```\n\n`x` is 1.\n\nThis page is a notebook: {download}`made.ipynb`.\n\n"
    )
