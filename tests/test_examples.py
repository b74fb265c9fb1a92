"""The examples in the docstrings of the installed package and in the documents run and are true."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

import segscore

MODULES = ["segscore", *(module.name for module in pkgutil.walk_packages(segscore.__path__, "segscore."))]
WITH_EXAMPLES = {
    "segscore",
    "segscore.app.run_views",
    "segscore.auditing",
    "segscore.causes",
    "segscore.classes",
    "segscore.comparison_report",
    "segscore.confusion",
    "segscore.correct",
    "segscore.evaluating",
    "segscore.evaluation",
    "segscore.evaluator",
    "segscore.gates",
    "segscore.groups",
    "segscore.images",
    "segscore.explanation",
    "segscore.fine_grained",
    "segscore.labels",
    "segscore.logits",
    "segscore.merging",
    "segscore.metric_names",
    "segscore.metrics",
    "segscore.pairing",
    "segscore.palette",
    "segscore.pictures",
    "segscore.predict",
    "segscore.predict.functions",
    "segscore.predict.resizing",
    "segscore.presets",
    "segscore.regions",
    "segscore.render.html.application",
    "segscore.render.html.compared.bars",
    "segscore.render.html.matrix",
    "segscore.render.html.page",
    "segscore.render.html.texts",
    "segscore.render.json",
    "segscore.render.latex",
    "segscore.render.markdown",
    "segscore.render.names",
    "segscore.render.numbers",
    "segscore.report",
    "segscore.scores",
    "segscore.statistics",
    "segscore.trust",
    "segscore.slices",
    "segscore.wording",
    "segscore.workspace",
    "segscore.workspace.history",
    "segscore.workspace.names",
}


@pytest.mark.parametrize("name", MODULES)
def test_examples_of_docstrings(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.failed == 0
    assert bool(result.attempted) == (name in WITH_EXAMPLES)


@pytest.mark.parametrize(("document", "fewest"), [("README.md", 11), ("docs/metrics.md", 9)])
def test_examples_of_documents(document, fewest):
    result = doctest.testfile(str(Path(__file__).parents[1] / document), module_relative=False)
    assert result.failed == 0
    assert result.attempted >= fewest
