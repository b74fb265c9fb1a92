"""The examples in the docstrings of the installed package and in the README run and are true."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import segscore

MODULES = ["segscore", *(module.name for module in pkgutil.walk_packages(segscore.__path__, "segscore."))]
WITH_EXAMPLES = {
    "segscore",
    "segscore.auditing",
    "segscore.causes",
    "segscore.classes",
    "segscore.confusion",
    "segscore.evaluating",
    "segscore.evaluation",
    "segscore.evaluator",
    "segscore.labels",
    "segscore.metric_names",
    "segscore.metrics",
    "segscore.pairing",
    "segscore.presets",
    "segscore.render.json",
    "segscore.render.names",
    "segscore.scores",
}


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
    assert bool(result.attempted) == (name in WITH_EXAMPLES)


def test_examples_of_the_readme():
    result = doctest.testfile(str(Path(__file__).parents[1] / "README.md"), module_relative=False)
    assert result.failed == 0
    assert result.attempted > 10
