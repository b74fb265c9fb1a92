"""Pages of a model and its versions: what they say, and that their numbers are those of Python."""

import re
from html import unescape
from urllib.parse import quote

import pytest

from segscore import SegscoreWarning
from segscore.predict.options import OPTIONS
from support.applications import Visitor, add_dataset, attributes, rows_of, shown, text_of, workspace_of
from support.pages import Page


@pytest.fixture(scope="module")
def visitor(tmp_path_factory):
    """Versions of a model on those of a dataset, of which one was not run, and a model without runs."""
    workspace = workspace_of(tmp_path_factory.mktemp("models"), images=30)
    folder = workspace.path
    add_dataset(workspace, groups=None)
    with pytest.warns(SegscoreWarning, match="holds the same"):
        workspace.models.add("net", predictions=folder / "worse", trained_on="streets:v1")
    workspace.models.add("near", python="app_test_models:nearest", options={"takes": "path"})
    for version in ("v2", "v1"):
        workspace.run(f"net:{version}", "streets:v1", progress=False)
    workspace.run("net:v2", "streets:v2", progress=False)
    workspace.run("net:v1", "streets:v1", again=True, progress=False)
    with Visitor(workspace) as visitor:
        yield visitor


def test_a_model_has_a_page_with_its_versions(visitor):
    answer = visitor.get("/model?name=net")
    said = text_of(answer)
    assert "3 versions. 4 runs on 2 datasets." in said
    versions = rows_of(answer, "version-table")
    assert [row[0].split()[0] for row in versions] == ["v3", "v2", "v1"]
    assert [row[-2] for row in versions] == ["0", "2", "2"]
    assert [row[-1].partition(" Evaluate ")[0] for row in versions] == [
        "streets:v2 (latest) streets:v1",
    ] * 3
    assert versions[0][3] == "streets:v1"
    links = attributes(answer, "a", "href")
    assert {
        "/model?name=net%3Av3",
        "/dataset?name=streets%3Av1",
        "/runs/r1",
        "/evaluate/new?model=net%3Av3",
    } <= set(links)


def test_the_first_page_says_how_a_version_differs_from_the_one_before(visitor):
    one, two = visitor.workspace.runs().trend("net").points("streets:v1")
    assert (one.before, two.before) == (None, one.run)
    answer = visitor.get("/")
    of_versions = [row.text for row in Page(answer.text).root.every("ul", class_="scores")]
    latest, first = (
        next(text for text in of_versions if f"{point.value:.4f} on" in text) for point in (two, one)
    )
    assert f"{two.value:.4f} on streets:v1 {two.value - one.value:+.4f}" in latest
    assert first == f"{one.value:.4f} on streets:v1"
    assert f"/compare?run={one.run.id}&run={two.run.id}" in attributes(answer, "a", "href")


def test_the_table_of_versions_has_the_numbers_of_python(visitor):
    runs = visitor.workspace.runs()
    trend = runs.trend("net", "iou.sky")
    page = rows_of(visitor.get("/model?name=net&metric=iou.sky"), "trend-table")
    assert trend.versions == ("v1", "v2", "v3")
    one, two = trend.points("streets:v1")
    (other,) = trend.points("streets:v2")
    interval = runs["r3"].evaluation.confidence_interval("iou.sky")
    assert interval.reason is None
    assert runs["r1"].evaluation.confidence_interval("iou.sky").reason is not None  # two groups are too few
    # The dataset that was used last comes first.
    assert [[cell.split() for cell in row] for row in page] == [
        [["v3"], ["·", "not", "evaluated"], [], ["·", "not", "evaluated"], []],
        [
            ["v2"],
            [f"{two.value:.4f}"],
            [f"{two.change:+.4f}"],
            [f"{other.value:.4f}", f"{interval.low:.4f}", "to", f"{interval.high:.4f}"],
            [],
        ],
        [["v1"], [f"{one.value:.4f}"], [], ["·", "not", "evaluated"], []],
    ]
    compared = f"/compare?run={one.run.id}&run={two.run.id}"
    links = attributes(visitor.get("/model?name=net&metric=iou.sky"), "a", "href")
    assert [link for link in links if link.startswith("/compare?")] == [compared]
    assert one.value == runs["r4"].metric("iou.sky") == runs["r2"].metric("iou.sky")


def test_points_of_the_chart_lead_to_runs_and_lie_as_their_values_do(visitor):
    trend = visitor.workspace.runs().trend("net")
    text = visitor.get("/model?name=net").text
    chart = re.search(r'<svg class="plot".*?</svg>', text, re.DOTALL)[0]
    point = r'href="/runs/(r\d+)" [^>]*><title>([^<]*)</title><circle [^>]* cx="([\d.]+)%" cy="([\d.]+)"'
    found = re.findall(point, chart)
    points = {one.run.id: one for dataset in trend.datasets for one in trend.points(dataset)}
    assert sorted(run for run, *_ in found) == sorted(points) == ["r1", "r3", "r4"]
    for run, title, x, _ in found:
        assert unescape(title).startswith(
            f"{points[run].run.model} on {points[run].run.dataset}: {points[run].value:.4f}"
        )
        assert float(x) == pytest.approx(
            100 * (trend.versions.index(points[run].version) + 0.5) / 3, abs=0.01
        )
    heights = {run: float(y) for run, _, _, y in found}
    ticks = re.findall(r'y="([\d.]+)" text-anchor="end">([\d.]+)<', text)
    (low_y, low), (high_y, high) = [tuple(map(float, tick)) for tick in (ticks[0], ticks[-1])]
    low_y, high_y = low_y - 4, high_y - 4
    for run, y in heights.items():
        share = (points[run].value - low) / (high - low)
        assert y == pytest.approx(low_y + share * (high_y - low_y), abs=0.02)


def test_a_version_has_a_page_with_what_it_is(visitor):
    model = visitor.workspace.models["net:v3"]
    answer = visitor.get("/model?name=net:v3")
    said = text_of(answer)
    assert f"what it is folder of predictions where it is {model.path} digest {model.digest}" in said
    assert "trained on streets:v1 , 30 images" in said
    assert "holds the same as v1" in said
    assert "30 files, as they were when this version was added" in said
    assert "the latest version. Not evaluated yet." in said
    assert "There is none yet. Evaluate it first." in said
    assert 'aria-current="true">v3</a>' in answer.text
    first = text_of(visitor.get("/model?name=net:v1"))
    assert "the latest version is v3 ." in first
    assert "2 runs on 1 dataset." in first
    assert "Runs of net:v1 on streets:v1, the latest first" in first
    at = first.index("Runs of net:v1")
    assert first.index(" r4 ", at) < first.index(" r2 ", at)


def test_a_function_says_its_code_and_options(visitor):
    said = text_of(visitor.get("/model?name=near:v1"))
    path = visitor.workspace.path / "app_test_models.py"
    assert f"where it is app_test_models:nearest in {path}" in said
    assert f"{OPTIONS['takes'].label} path" in said
    assert "trained on not said" in said
    assert "Over versions" not in said


def test_what_there_is_not_is_said(visitor):
    for address, status, text in (
        ("/model?name=nett", 404, "there is no model nett"),
        ("/model?name=net:v9", 404, "there is no version of model net v9"),
        ("/model", 404, ""),
        ("/model?name=" + quote("<b>\u202e"), 404, ""),
    ):
        answer = visitor.get(address)
        assert answer.status_code == status
        assert text in shown(answer)
        assert "<b>" not in answer.text
    answer = visitor.get("/model?name=net&metric=iou.moon")
    assert answer.status_code == 200
    assert "there is no class moon" in shown(answer)


def test_intervals_of_many_images_are_left_out(visitor, monkeypatch):
    monkeypatch.setattr("segscore.app.trend_views._IMAGES", 30)
    said = text_of(visitor.get("/model?name=net:v2"))
    assert "Intervals of 2 runs would take long, and are not computed here." in said
