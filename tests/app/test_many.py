"""Fifty versions on twenty datasets: folded, filtered, and still readable."""

import re

import pytest

from support.applications import Visitor, add_dataset, workspace_of
from support.pages import Page

pytestmark = pytest.mark.filterwarnings("ignore::segscore.SegscoreWarning")


@pytest.fixture(scope="module")
def visitor(tmp_path_factory):
    workspace = workspace_of(tmp_path_factory.mktemp("many"), images=2)
    for side in ["worse", "better"] * 4:
        workspace.models.add("net", predictions=workspace.path / side)
    workspace.models.add("other", predictions=workspace.path / "better")
    add_dataset(workspace, "avenues")
    for model, dataset in (("net:v1", "streets"), ("net:v10", "streets"), ("other", "avenues")):
        workspace.run(model, dataset, progress=False)
    with Visitor(workspace) as visitor:
        yield visitor


def versions(page):
    return [one.attributes["aria-label"] for one in page.every("a", class_="version")]


def test_earlier_versions_are_folded_and_found(visitor):
    page = Page(visitor.get("/").text).root
    assert versions(page) == ["net:v10", "net:v9", "net:v8", "other:v1"]
    folded = page.one("a", id="earlier-net")
    assert (folded.text, folded.attributes["href"]) == ("7 earlier versions of net", "/model?name=net")
    assert page.one("input", id="find").attributes["value"] == ""
    page = Page(visitor.get("/?find=NET:V1").text).root
    assert versions(page) == ["net:v10", "net:v1"]
    assert page.one("a", id="find-all").attributes["href"] == "/"
    page = Page(visitor.get("/?find=<b>").text).root
    assert versions(page) == []
    assert "None of 11 versions has “<b>” in its name." in page.text
    assert not [*page.every("ol", class_="steps")]
    # Models are there, though none is shown: what can be done with them is said and offered as before.
    assert "Choose what to evaluate a version on." in page.text
    assert "There is no model yet." not in page.text
    assert page.one("a", id="add-model").attributes["href"] == "/models/new"
    assert len(set(re.findall(r"net:v\d+", visitor.get("/model?name=net").text))) == 10


def test_the_matrix_is_filtered_by_models_and_datasets(visitor):
    def shown(address):
        page = Page(visitor.get(address).text).root
        table = page.one("table")
        heads = [one.text for one in next(table.every("thead")).every("th")][1:]
        return [row[0] for row in table.rows()], heads, page.text

    models, datasets, _ = shown("/matrix")
    assert (models, datasets) == (["net:v1", "net:v10", "other:v1"], ["streets:v1", "avenues:v1"])
    models, datasets, text = shown("/matrix?metric=kappa&find=net:v10")
    assert (models, datasets) == (["net:v10"], ["streets:v1", "avenues:v1"])
    assert "1 of 3 models on 2 of 2 datasets." in text
    models, datasets, _ = shown("/matrix?find=AVENUE")
    assert (models, datasets) == (["net:v1", "net:v10", "other:v1"], ["avenues:v1"])
    models, datasets, text = shown("/matrix?find=nothing")
    assert (len(models), len(datasets)) == (3, 2)
    assert "No model and no dataset has “nothing” in its name: all are shown." in text
