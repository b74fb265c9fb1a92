"""The site is built without a warning, asks nobody for anything, and has every public name."""

import importlib
import re
from pathlib import Path
from typing import Any

import pytest

import segscore
from support.documents import PAGES, ROOT
from support.loops import ABSENT
from support.site import built

DIRECTIVE = re.compile(r"^\.\. auto(?:class|data|exception|function):: (\S+)$", re.MULTILINE)
PUBLIC = (
    "segscore",
    "segscore.auditing",
    "segscore.classes",
    "segscore.evaluation",
    "segscore.integrations.ignite",
    "segscore.integrations.keras",
    "segscore.integrations.torchmetrics",
    "segscore.integrations.tracking",
    "segscore.integrations.transformers",
    "segscore.metrics",
    "segscore.plots",
    "segscore.predict",
    "segscore.scores",
    "segscore.statistics",
    "segscore.workspace",
)
"""Modules whose names are for users."""
MODULES = {"plots", "predict"}
"""Public names of modules, which are looked through themselves."""
TYPES = {"ClassesLike", "Evidence"}
"""Public names of types, which docstrings say in words."""


def public(name: str) -> dict[str, Any]:
    """Return what a module offers: the names that it lists, or else its functions and classes."""
    module = importlib.import_module(name)
    homes = (name, name.replace(".metrics", ".scores.metrics"))
    made = [one for one, value in vars(module).items() if getattr(value, "__module__", None) in homes]
    names = getattr(module, "__all__", [one for one in made if not one.startswith("_")])
    return {one: getattr(module, one) for one in names if one not in TYPES}


def found(name: str) -> Any:
    """Return what a dotted name stands for."""
    module, _, last = name.rpartition(".")
    return getattr(importlib.import_module(module), last)


def test_every_public_name_is_in_the_reference():
    text = "\n".join(path.read_text() for page, path in PAGES.items() if page.startswith("docs/reference/"))
    named = set(DIRECTIVE.findall(text))
    there = [found(name) for name in named if not name.startswith(tuple(ABSENT))]
    for module in PUBLIC:
        if module in ABSENT:
            assert any(name.startswith(f"{module}.") for name in named), module
            continue
        offered = public(module)
        assert len(offered) > 0
        for name, value in offered.items():
            assert name in MODULES or any(value is one for one in there), f"{module}.{name}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages as they are built."""
    return built(tmp_path_factory.mktemp("site"))


def test_the_site_has_every_page_and_every_name(site):
    for page in PAGES:
        if page != "README.md":
            assert (site / page.removeprefix("docs/")).with_suffix(".html").is_file(), page
    text = "".join(path.read_text() for path in (site / "reference").glob("*.html"))
    for name in segscore.__all__:
        if name not in MODULES:
            assert f'id="segscore.{name}"' in text, name
    assert 'id="segscore-dataset-add"' in text  # the help of a command below another one
    for notebook in (ROOT / "docs" / "notebooks").iterdir():
        page = (site / "notebooks" / notebook.stem).with_suffix(".html").read_text()
        assert "highlight-text" in page, notebook  # what its code said
        assert [path.read_text() for path in (site / "_downloads").rglob(notebook.name)] == [
            notebook.read_text()
        ]


def test_the_site_loads_nothing_from_elsewhere(site):
    loads = re.compile(
        r"""<(?:script|img|iframe|source)[^>]+src=["'](?:https?:)?//|<link[^>]+href=["']https?://"""
    )
    of_styles = re.compile(r"""@import|url\(["']?(?:https?:)?//""")
    pages, styles = [*site.rglob("*.html")], [*site.rglob("*.css")]
    assert len(pages) > 30
    assert len(styles) > 3
    assert [path for path in pages if loads.search(path.read_text())] == []
    assert [path for path in styles if of_styles.search(path.read_text())] == []
    assert (site / "searchindex.js").stat().st_size > 10_000
