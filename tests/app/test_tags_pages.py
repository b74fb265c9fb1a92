"""Tags in the application: they are added and removed by forms, and runs are found by them."""

import pytest

from support.applications import Visitor, attributes, shown, text_of, workspace_of
from support.pages import Page


@pytest.fixture
def visitor(tmp_path):
    workspace = workspace_of(tmp_path, images=3)
    for version in ("v1", "v2"):
        workspace.run(f"net:{version}", "streets", progress=False)
    with Visitor(workspace) as visitor:
        yield visitor


def listed(answer):
    """Return the ids of the runs that a page lists."""
    return [row[0] for row in Page(answer.text).id("runs-table").rows()]


def test_tags_are_added_removed_and_filtered_by(visitor):
    runs = visitor.workspace.runs
    assert visitor.sent("/runs/r1/tag", tag=" paper, base  line,", back="runs") == "/runs"
    assert visitor.sent("/runs/r2/tag", tag="paper") == "/runs/r2"
    assert (runs()["r1"].tags, runs()["r2"].tags) == (("base line", "paper"), ("paper",))
    answer = visitor.get("/runs")
    assert "Tags: base line 1 paper 2" in text_of(answer)
    assert {"/runs?tag=paper", "/runs?tag=base+line"} <= {*attributes(answer, "a", "href")} or (
        "/runs?tag=base%20line" in attributes(answer, "a", "href")
    )
    assert listed(answer) == ["r2", "r1"]
    assert listed(visitor.get("/runs?tag=base line")) == ["r1"]
    assert listed(visitor.get("/runs?tag=paper&find=net:v2")) == ["r2"]
    assert listed(visitor.get("/runs?find=base line")) == ["r1"]
    assert "No run has the tag “moon”." in text_of(visitor.get("/runs?tag=moon"))
    page = visitor.get("/runs/r1")
    assert "Tags: base line paper" in text_of(page)
    assert visitor.sent("/runs/r1/untag", tag="paper") == "/runs/r1"
    assert visitor.sent("/runs/r1/untag", tag="base line", back="runs") == "/runs"
    assert runs()["r1"].tags == ()
    assert "Tags:" not in text_of(visitor.get("/runs/r1"))


def test_hostile_tags_are_refused_or_escaped(visitor):
    for tag, said in (
        ("\u202eevil", "holds a comma, or what does not print"),
        ("x" * 51, "has 51 characters, expected at most 50"),
        (" ", "`Tag` is empty"),
        (",", "no tag is given"),
    ):
        answer = visitor.form("/runs/r1/tag", tag=tag)
        assert answer.status_code == 400
        assert said.replace("`", "") in shown(answer)
    assert visitor.form("/runs/r1/untag", tag="moon").status_code == 400
    visitor.workspace.tag("r1", "<img src=x onerror=alert(1)>", "\"'&")
    for address in ("/runs", "/runs/r1", "/runs?tag=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"):
        answer = visitor.get(address)
        assert "<img src=x" not in answer.text
        assert "<img src=x onerror=alert(1)>" in text_of(answer)
    assert listed(visitor.get("/runs?tag=%22%27%26")) == ["r1"]
