"""The examples in the docstrings of the installed package run and are true; for pages, see `documents`."""

import doctest
import importlib
import pkgutil

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
