"""The examples in the docstrings of the installed package and in the documents run and are true."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import segscore
from support.loops import ABSENT

MODULES = [module.name for module in pkgutil.walk_packages(segscore.__path__, "segscore.")]
MODULES = ["segscore", *(name for name in MODULES if name not in ABSENT)]


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_docstrings_have_examples():
    finder = doctest.DocTestFinder()
    found = [test for name in MODULES for test in finder.find(importlib.import_module(name), name)]
    assert sum(len(test.examples) for test in found) >= 180


@pytest.mark.parametrize(
    ("document", "fewest"), [("README.md", 11), ("docs/metrics.md", 14), ("docs/scaling.md", 7)]
)
def test_examples_of_documents(document, fewest):
    result = doctest.testfile(str(Path(__file__).parents[1] / document), module_relative=False)
    assert result.failed == 0
    assert result.attempted >= fewest
