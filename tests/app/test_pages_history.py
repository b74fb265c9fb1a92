"""The history of runs: its pages, and what is found in all of them."""

import re

import pytest

from support.applications import Visitor, attributes, text_of, workspace_of


@pytest.fixture
def visitor(tmp_path):
    """Three runs."""
    workspace = workspace_of(tmp_path, 2)
    for model in ("net:v1", "net:v2"):
        workspace.run(model, "streets", progress=False)
    workspace.run("net:v1", "streets", progress=False, again=True)
    with Visitor(workspace) as visitor:
        yield visitor


def test_a_long_history_has_pages(visitor, monkeypatch):
    monkeypatch.setattr("segscore.app.run_views._ROWS", 2)
    visitor.sent("/runs/r1/note", note="the first of all")

    def listed(address):
        answer = visitor.get(address)
        rows = re.findall(r'name="either" value="(r\d+)"', answer.text)
        links = [link for link in attributes(answer, "a", "href") if link.startswith("/runs?")]
        return rows, links, text_of(answer)

    rows, links, shown = listed("/runs")
    assert (rows, links) == (["r3", "r2"], ["/runs?page=2"])
    assert "Runs 1 to 2 of 3, the newest first. Typing filters these alone" in shown
    rows, links, shown = listed("/runs?page=2")
    assert (rows, links) == (["r1"], ["/runs?page=1"])
    assert "Runs 3 to 3 of 3, the newest first." in shown
    # What is looked for is looked for in all pages, in notes as well.
    assert listed("/runs?find=FIRST of")[:2] == (["r1"], [])
    assert "1 of 3 runs has “FIRST of” in model, dataset or note." in listed("/runs?find=FIRST of")[2]
    assert listed("/runs?find=streets&page=2")[:2] == (["r1"], ["/runs?find=streets&page=1"])
    assert listed("/runs?find=nothing")[:2] == ([], [])
    for page in ("0", "-1", "x", "99999999999", "²", "3"):
        assert listed(f"/runs?page={page}")[0] in (["r3", "r2"], ["r1"])
