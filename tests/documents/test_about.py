"""What files beside the code say about segscore is what it says of itself."""

import re
import tomllib
from pathlib import Path

import pytest

import segscore
from segscore.cli.outcomes import BAD_INPUT, GATE_FAILED, INTERNAL, INTERRUPTED
from segscore.scores.conventions.tools import CONVENTIONS
from support.documents import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]


def test_the_citation_is_of_this_version():
    lines = (ROOT / "CITATION.cff").read_text().splitlines()
    assert f"version: {segscore.__version__}" in lines
    licences = [line.removeprefix("  - ") for line in lines[lines.index("license:") + 1 :]][:2]
    assert " OR ".join(licences) == PROJECT["license"]
    (authors,) = (line.removeprefix("  - name: ") for line in lines if line.startswith("  - name: "))
    assert [author["name"] for author in PROJECT["authors"]] == [authors]
    assert f"(c) 2026 {authors}" in (ROOT / "LICENSE-MIT").read_text()


def test_extras_and_groups_that_pages_name_are_there():
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]
    said = "\n".join(page.read_text() for page in pages)
    named = re.findall(r"pip install [^`\n]*\[([\w,-]+)\]'", said)
    assert {extra for one in named for extra in one.split(",")} <= PROJECT["optional-dependencies"].keys()
    grouped = re.findall(r"--group ([\w-]+)", said)
    assert len(named) + len(grouped) >= 12
    assert {*grouped} <= PYPROJECT["dependency-groups"].keys()


def test_the_page_of_exit_codes_has_all_of_them():
    page = (ROOT / "docs" / "reference" / "exit-codes.md").read_text()
    codes = [int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)]
    assert codes == [0, GATE_FAILED, BAD_INPUT, INTERNAL, INTERRUPTED]


def anchors(path: Path) -> set[str]:
    """Return what the headings of a page are called in links."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"])
def test_links_of_pages_beside_the_site_lead_somewhere(name):
    for link in re.findall(r"""(?:\]\(|src=["']|srcset=["'])([^)\s"']+)""", (ROOT / name).read_text()):
        path, _, anchor = link.partition("#")
        assert (ROOT / path).exists(), link
        assert not anchor or anchor in anchors(ROOT / path), link


@pytest.mark.parametrize("name", ["README.md", "docs/peers/index.md"])
def test_as_many_rules_and_tools_are_told_of_as_there_are(name):
    rules = [rule for rule in CONVENTIONS.values() if rule.checked != "itself"]
    tools = {rule.tool for rule in rules}
    said = " ".join((ROOT / name).read_text().split())
    assert re.search(rf"\b{len(tools)} other tools\b", said)
    assert re.search(rf"\b{len(rules)} rules\b", said)
