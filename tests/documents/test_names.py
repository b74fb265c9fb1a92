"""Names of Python in the sentences and tables of pages are there."""

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

import segscore
from segscore import ConfusionMatrix, Evaluator, InstanceEvaluator, Workspace
from support.documents import PAGES
from support.loops import ABSENT

INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
NAMED = re.compile(r"(?<![\w.\"'/])(cm|ev|judge|plots|segscore|ws)((?:\.[a-zA-Z]\w*)+)")


@pytest.fixture(scope="module")
def shown(tmp_path_factory) -> dict[str, Any]:
    """What pages call an evaluation, a matrix and so on."""
    judge = Evaluator(["road", "car", "bus"], distances=True, boundary=1, segments=True)
    judge.add(pred=[[0, 1], [1, 2]], target=[[0, 0], [1, 2]], name="frame_07")
    cm = ConfusionMatrix(2)
    cm.update(pred=[0, 1], target=[0, 0])
    ws = Workspace.init(tmp_path_factory.mktemp("workspace"))
    objects = InstanceEvaluator(["car"])
    objects.add(pred=[[1]], target=[[1]])
    values = {"cm": cm, "ev": judge.result(), "judge": judge, "plots": segscore.plots, "ws": ws}
    return values | {"ev.panoptic": objects.result()}


def found(path: str) -> Any:
    """Return what a dotted name of the package stands for."""
    module, _, rest = path.partition(".")
    here: Any = importlib.import_module(module)
    for name in filter(None, rest.split(".")):
        module = f"{module}.{name}"
        here = getattr(here, name) if hasattr(here, name) else importlib.import_module(module)
    return here


def names_of(page: Path) -> set[tuple[str, str]]:
    """Return what code within sentences names: what it begins with, and the rest."""
    return {match for code in INLINE.findall(page.read_text()) for match in NAMED.findall(code)}


@pytest.mark.parametrize("page", sorted(PAGES.keys() - {"docs/changelog.md"}))
def test_names_are_there(page, shown):
    for begin, rest in names_of(PAGES[page]):
        if begin == "segscore":
            if not f"segscore{rest}".startswith(tuple(ABSENT)):
                assert found(f"segscore{rest}") is not None
            continue
        here = shown["ev.panoptic" if rest.startswith(".panoptic") else begin]
        for name in rest[1:].split("."):
            assert hasattr(here, name), f"{begin}{rest}"
            here = getattr(here, name)
            if callable(here):
                break


def test_pages_name_much():
    assert sum(len(names_of(page)) for page in PAGES.values()) >= 120
