"""Datasets that are not in the list: registered ones, those of other workspaces, and new folders."""

import os
from pathlib import Path

import pytest

from segscore import Workspace
from support.applications import (
    Visitor,
    add_dataset,
    attributes,
    forgotten,
    shown,
    text_of,
    workspace_of,
    write_project,
)
from support.pages import Page

__all__ = ["forgotten"]
pytestmark = pytest.mark.usefixtures("forgotten")
ADDRESS = "/evaluate/dataset"


@pytest.fixture
def visitor(tmp_path):
    """A workspace, and another one with two datasets, of which one has a name that is here already."""
    workspace = workspace_of(tmp_path / "own", images=2)
    workspace.models.add("seeing", python="app_test_models:nearest")
    add_dataset(workspace, version="fixed")
    write_project(tmp_path / "other", 3)
    other = Workspace.init(tmp_path / "other")
    for version in ("v1", "v2"):
        add_dataset(other, "avenues", version=version)
    add_dataset(other, "streets")
    with Visitor(workspace) as visitor:
        yield visitor


def opened(visitor: Visitor, **asked: object) -> Page:
    """Return the page on which a dataset is chosen for a version of `net`."""
    answer = visitor.get(ADDRESS, params={"model": "net:v1", **asked})
    assert answer.status_code == 200
    return Page(answer.text)


def lines(page: Page, control: str) -> list[tuple[str, str | None]]:
    """Return the texts of a control, and what each sends; None for one that cannot be chosen."""
    return [
        (one.text, None if "disabled" in one.attributes else one.attributes["value"])
        for one in page.id(control).every("option")
    ]


def sent(visitor: Visitor, **fields: object) -> object:
    """Send a form of that page."""
    return visitor.form(ADDRESS, **{"model": "net:v1", **{name: str(text) for name, text in fields.items()}})


def test_a_registered_dataset_is_chosen_with_its_version_or_its_latest(visitor):
    page = opened(visitor)
    assert page.root.one("h1").text == "Evaluate net:v1 with a new dataset"
    assert [one.text for one in page.root.every("h2")] == ["Registered", "Another workspace", "New folders"]
    assert lines(page, "registered-dataset") == [("streets", "streets")]
    (option,) = page.id("registered-dataset").every("option")
    assert option.attributes["data-versions"] == "fixed v1"
    assert lines(page, "registered-version") == [("the latest", ""), ("fixed", "fixed"), ("v1", "v1")]
    for version, taken in (("", "fixed"), ("v1", "v1")):
        answer = sent(visitor, dataset="streets", version=version)
        address = f"/evaluation?model=net%3Av1&dataset=streets%3A{taken}"
        assert (answer.status_code, answer.headers["location"]) == (303, address)
    assert [job.dataset for job in visitor.jobs.all()] == ["streets:fixed", "streets:v1"]


def test_what_is_wrong_is_said_on_the_page_as_it_was_filled_in(visitor):
    answer = sent(visitor, dataset="streets", version="v9")
    assert answer.status_code == 400
    assert "there is no version of dataset streets v9 the versions are" in shown(answer) or "v9" in shown(
        answer
    )
    assert Page(answer.text).root.one("h1").text == "Evaluate net:v1 with a new dataset"
    assert visitor.jobs.all() == ()


def test_a_dataset_of_another_workspace_is_found_linked_and_evaluated_on(visitor, tmp_path):
    other = tmp_path / "other"
    page = opened(visitor, workspace=other)
    assert page.root.one(**{"data-tabs": "workspace"}).name == "div"
    assert page.id("field-workspace").attributes["value"] == str(other)
    assert lines(page, "workspace-dataset") == [
        ("avenues", "avenues"),
        ("streets (a dataset of this name is here already)", None),
    ]
    assert lines(page, "workspace-version") == [("the latest", ""), ("v2", "v2"), ("v1", "v1")]
    answer = sent(visitor, workspace=other, dataset="avenues", version="v1")
    address = "/evaluation?model=net%3Av1&dataset=avenues%3Av1"
    assert (answer.status_code, answer.headers["location"]) == (303, address)
    assert visitor.workspace.datasets["avenues"].workspace == other
    assert visitor.jobs.wait(1).dataset == "avenues:v1"
    # It is in the list from now on, and its workspace is known by its folder.
    home = visitor.get("/")
    assert attributes(home, "optgroup", "label")[:2] == ["this workspace", f"linked from {other}"]
    page = opened(visitor)
    (known,) = (one for one in page.root.every("a") if "data-workspace" in one.attributes)
    assert known.text == str(other)
    assert f"workspace={str(other).replace('/', '%2F')}" in known.attributes["href"]
    # Whoever chooses it there again links nothing again.
    answer = sent(visitor, workspace=other, dataset="avenues")
    assert answer.headers["location"] == "/evaluation?model=net%3Av1&dataset=avenues%3Av2"


def test_a_dataset_that_the_other_one_has_linked_is_linked_from_its_own_workspace(visitor, tmp_path):
    write_project(tmp_path / "third", 2)
    third = Workspace.init(tmp_path / "third")
    add_dataset(third, "lanes")
    Workspace(tmp_path / "other").link(third.path, "lanes")
    assert ("lanes", "lanes") in lines(opened(visitor, workspace=tmp_path / "other"), "workspace-dataset")
    assert sent(visitor, workspace=tmp_path / "other", dataset="lanes").status_code == 303
    assert visitor.workspace.datasets["lanes"].workspace == third.path


def test_what_cannot_be_evaluated_on_is_not_linked(visitor, tmp_path):
    folder = tmp_path / "other"
    add_dataset(Workspace(folder), "masks", images=None)
    fields = {"workspace": folder, "dataset": "masks"}
    answer = sent(visitor, model="seeing:v1", **fields)
    assert answer.status_code == 400
    assert "seeing:v1 is a Python function, which needs photographs, but masks:v1 has none" in shown(answer)
    assert "masks" not in visitor.workspace.datasets
    page = Page(answer.text)
    assert page.id("field-workspace").attributes["value"] == str(folder)
    (chosen,) = (one for one in page.id("workspace-dataset").every("option") if "selected" in one.attributes)
    assert chosen.text == "masks"


def test_a_name_that_is_taken_is_not_linked(visitor, tmp_path):
    answer = sent(visitor, workspace=tmp_path / "other", dataset="streets")
    assert answer.status_code == 400
    said = "dataset streets cannot be linked: a dataset of this name is here already"
    assert f"{said} a linked dataset keeps its name: choose another one" in shown(answer)
    write_project(tmp_path / "third", 2)
    third = Workspace.init(tmp_path / "third")
    add_dataset(third, "avenues")
    visitor.workspace.link(third.path, "avenues")
    reason = f"one of this name is linked from {third.path}"
    assert (f"avenues ({reason})", None) in lines(
        opened(visitor, workspace=tmp_path / "other"), "workspace-dataset"
    )
    answer = sent(visitor, workspace=tmp_path / "other", dataset="avenues")
    assert f"dataset avenues cannot be linked: {reason}" in shown(answer)
    assert visitor.jobs.all() == ()
    # A link that is broken may be replaced.
    third.path.rename(tmp_path / "moved")
    broken = visitor.form("/evaluate", model="net:v1", dataset="avenues")
    said = "bring it back, link it from elsewhere by Evaluate with a new dataset, or remove "
    assert (broken.status_code, said in shown(broken)) == (400, True)
    assert ("avenues", "avenues") in lines(opened(visitor, workspace=tmp_path / "other"), "workspace-dataset")
    assert sent(visitor, workspace=tmp_path / "other", dataset="avenues").status_code == 303
    assert visitor.workspace.datasets["avenues"].workspace == tmp_path / "other"


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        ("nowhere", "/nowhere: there is no workspace: no .segscore/workspace.json in it"),
        ("own", "/own: expected another workspace, found this one"),
        ("own/../own/.segscore", "/own: expected another workspace, found this one"),
        ("empty", "/empty: there is no dataset in this workspace"),
    ],
)
def test_a_folder_without_datasets_says_so_in_its_place(visitor, tmp_path, folder, said):
    Workspace.init(tmp_path / "empty")
    page = opened(visitor, workspace=f"{tmp_path}/{folder}")
    assert said in page.id("find-workspace").one(class_="error").text
    assert page.id("field-workspace").attributes["value"] == f"{tmp_path}/{folder}"
    assert list(page.root.every(id="with-workspace")) == []
    if folder != "empty":
        assert said in shown(sent(visitor, workspace=f"{tmp_path}/{folder}", dataset="streets"))


def test_a_dataset_that_the_other_workspace_lacks_is_said(visitor, tmp_path):
    answer = sent(visitor, workspace=tmp_path / "other", dataset="avenue")
    assert answer.status_code == 400
    assert "there is no dataset avenue" in shown(answer)
    answer = sent(visitor, workspace=tmp_path / "other", dataset="avenues", version="v9")
    assert "there is no version of dataset avenues v9" in shown(answer)
    assert "avenues" not in visitor.workspace.datasets


def test_the_home_in_a_path_is_that_of_whoever_runs_the_application(visitor, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    page = opened(visitor, workspace="~/other")
    assert page.id("with-workspace").one(value="~/other").name == "input"
    assert sent(visitor, workspace="~/other", dataset="avenues").status_code == 303
    assert visitor.workspace.datasets["avenues"].workspace == tmp_path / "other"


def test_a_workspace_whose_folder_no_form_can_name_is_shown_but_not_offered(visitor, tmp_path):
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/no text \xff"))
    write_project(folder, 2)
    add_dataset(Workspace.init(folder), "lanes")
    visitor.workspace.link(folder, "lanes")
    page = opened(visitor)
    assert [group.attributes["label"] for group in page.id("registered-dataset").every("optgroup")] == [
        "this workspace",
        f"linked from {tmp_path}/no text \\udcff",
    ]
    assert [one for one in page.root.every("a") if "data-workspace" in one.attributes] == []
    assert sent(visitor, dataset="lanes").status_code == 303
    assert visitor.get("/").status_code == 200


def test_new_folders_are_those_of_the_form_of_a_dataset(visitor):
    page, form = opened(visitor), Page(visitor.get("/datasets/new?model=net:v1").text)
    names = [
        [one.attributes["name"] for one in shown_.id("with-folders").every("input")]
        for shown_ in (page, form)
    ]
    assert names[0] == names[1]
    assert {"images", "targets", "classes", "boundary"} < set(names[0])
    assert page.id("with-folders").attributes["action"] == "/datasets/new"


def test_where_nothing_is_registered_folders_come_first(tmp_path):
    workspace = Workspace.init(tmp_path)
    write_project(tmp_path, 2)
    workspace.models.add("net", predictions=tmp_path / "better")
    with Visitor(workspace) as visitor:
        page = opened(visitor)
        assert page.root.one(**{"data-tabs": "folders"}).name == "div"
        assert "No dataset is registered yet" in text_of(visitor.get(f"{ADDRESS}?model=net"))
