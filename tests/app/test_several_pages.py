"""More than two runs compared on a page, and in which order runs are compared."""

import pytest

from segscore.scores.titles import metric_title
from segscore.workspace import compare_runs
from support.applications import Visitor, attributes, shown, text_of, workspace_of
from support.pages import Page


@pytest.fixture(scope="module")
def visitor(tmp_path_factory):
    """Three runs, of which the one of the earlier version is the last."""
    workspace = workspace_of(tmp_path_factory.mktemp("several"), images=12)
    workspace.models.add("near", predictions=workspace.path / "targets")
    for model in ("net:v2", "near:v1", "net:v1"):
        workspace.run(model, "streets", progress=False)
    with Visitor(workspace) as visitor:
        yield visitor


def test_runs_are_compared_in_the_order_of_versions_whatever_is_clicked_first(visitor):
    for clicked in ("either=r1&either=r3", "either=r3&either=r1"):
        assert visitor.get(f"/compare?{clicked}").headers["location"] == "/compare?run=r3&run=r1"
    answer = visitor.get("/compare?either=r2&either=r1&either=r3")
    assert (answer.status_code, answer.headers["location"]) == (303, "/compare?run=r3&run=r1&run=r2")
    assert visitor.get("/compare?either=r1&either=r9").status_code == 404
    # Of one run, it is compared with the one before it.
    assert '<option value="r3" selected>' in visitor.get("/compare?run=r1").text.partition("run-b")[0]


def test_numbers_of_several_runs_are_those_of_python(visitor):
    runs = visitor.workspace.runs()
    found = compare_runs([runs[name] for name in ("r3", "r1", "r2")])
    answer = visitor.get("/compare?run=r3&run=r1&run=r2")
    assert "3 runs compared" in text_of(answer)
    assert "On streets:v1 , the 12 images that all have scored." in text_of(answer)
    for table, rows, name in (
        ("several-table", found.metrics, lambda row: metric_title(row.metric)),
        ("several-classes", found.classes, lambda row: row.metric.removeprefix("iou.")),
    ):
        cells = [[cell.split() for cell in line] for line in Page(answer.text).id(table).rows()]
        assert len(cells) == len(rows) > 1
        for line, row in zip(cells, rows, strict=True):
            assert " ".join(line[0]) == name(row)
            for i, cell in enumerate(line[1:]):
                expected = [f"{row.values[i]:.4f}", *(["the", "best"] if row.best[i] else [])]
                assert cell == [*expected, *([f"{row.deltas[i]:+.4f}"] if i else [])]
    assert [row.best for row in found.classes] == [(False, False, True)] * 2
    links = attributes(answer, "a", "href")
    assert [link for link in links if link and link.startswith("/compare?")] == [
        "/compare?run=r3&run=r1",
        "/compare?run=r3&run=r2",
        "/compare?run=r1&run=r2",
    ]


def test_too_many_runs_are_refused(visitor):
    answer = visitor.get("/compare?" + "&".join(["run=r1"] * 11))
    assert answer.status_code == 400
    assert "11 runs to compare, expected 2 to 10" in shown(answer)
