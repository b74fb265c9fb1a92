"""From a version of a model to its evaluation results: what is selected, and what is said of a run."""

import re
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from segscore import Workspace
from support.applications import (
    ORIGIN,
    Visitor,
    add_dataset,
    attributes,
    forgotten,
    hurry,
    shown,
    text_of,
    until,
    workspace_of,
)
from support.pages import Page
from support.some_runs import interrupted

__all__ = ["forgotten"]
pytestmark = pytest.mark.usefixtures("forgotten")


@pytest.fixture
def visitor(tmp_path):
    workspace = workspace_of(tmp_path, images=4)
    for name in ("patient", "failing"):
        workspace.models.add(name, python=f"app_test_models:{name}")
    add_dataset(workspace, "avenues")
    with Visitor(workspace) as visitor:
        yield visitor


def results(model: str = "net:v1", dataset: str = "streets:v1", **more: object) -> str:
    """Return the address of evaluation results."""
    return f"/evaluation?{urlencode({'model': model, 'dataset': dataset, **more})}"


def state_of(visitor: Visitor, address: str) -> str:
    """Return what the page of evaluation results says of the run."""
    return Page(visitor.get(address).text).id("state").text


def selected(visitor: Visitor, address: str = "/") -> dict[str, str]:
    """Return the dataset that is selected in each control of a page, and what it says."""
    page = Page(visitor.get(address).text).root
    return {
        control.attributes["id"]: (option.attributes["value"], option.text)
        for control in page.every("select")
        if control.attributes.get("name") == "dataset"
        for option in control.every("option")
        if "selected" in option.attributes
    }


# What is selected


def test_the_dataset_that_a_version_was_last_evaluated_on_is_selected_for_it_alone(visitor):
    before = selected(visitor)
    assert set(before) == {"on-failing:v1", "on-net:v1", "on-net:v2", "on-patient:v1"}
    # The one that was added last; both may be of the same second.
    (latest,) = {value for value, _ in before.values()}
    other = {"avenues:v1": "streets", "streets:v1": "avenues"}[latest]
    visitor.evaluated("net:v1", other)
    assert selected(visitor) == {**before, "on-net:v1": (f"{other}:v1", f"{other}:v1 (latest)")}
    # Another process of the application knows it by the run.
    with Visitor(Workspace(visitor.workspace.path)) as later:
        assert selected(later)["on-net:v1"][0] == f"{other}:v1"
        assert selected(later)["on-net:v2"][0] == latest
        assert selected(later, "/evaluation?model=net:v1")["on"][0] == f"{other}:v1"
        assert selected(later, "/evaluate/new?model=net:v1")["field-dataset"][0] == f"{other}:v1"


def test_a_version_that_was_chosen_stays_when_there_is_a_later_one(visitor):
    visitor.evaluated("net:v2", "streets:v1")
    add_dataset(visitor.workspace, version="fixed")
    assert selected(visitor)["on-net:v2"] == ("streets:v1", "streets:v1")
    assert selected(visitor)["on-net:v1"] in (
        ("streets:fixed", "streets:fixed (latest)"),
        ("avenues:v1", "avenues:v1 (latest)"),
    )


def test_what_was_interrupted_or_has_failed_was_chosen_as_well(visitor):
    (other,) = {"avenues:v1", "streets:v1"} - {selected(visitor)["on-net:v1"][0]}
    interrupted(visitor.workspace, "net:v1", other, at=1)
    visitor.evaluated("failing", other.partition(":")[0])
    found = selected(visitor)
    assert (found["on-net:v1"][0], found["on-failing:v1"][0]) == (other, other)


def test_nothing_takes_the_place_of_a_dataset_that_is_gone(tmp_path):
    other = workspace_of(tmp_path / "other", 2)
    other.datasets.add(
        "theirs", targets=tmp_path / "other/targets", classes=2, ignore_index=255, progress=False
    )
    workspace = workspace_of(tmp_path / "own", 2)
    workspace.link(other.path, "theirs")
    workspace.run("net:v1", "theirs", progress=False)
    other.path.rename(tmp_path / "moved")
    with Visitor(workspace) as visitor:
        assert selected(visitor) == {
            "on-net:v1": ("", "theirs:v1 is not there: choose"),
            "on-net:v2": ("streets:v1", "streets:v1 (latest)"),
        }
        # A browser sends no form with it, and nothing else does.
        assert "required" in Page(visitor.get("/").text).id("on-net:v1").attributes
        assert visitor.form("/evaluate", model="net:v1", dataset="").status_code == 400
        assert visitor.jobs.all() == ()


def test_controls_are_not_filled_in_by_the_browser(visitor):
    # Firefox gives a control the choice that one in its place had before.
    controls = list(Page(visitor.get("/").text).root.every("select"))
    assert {one.attributes["autocomplete"] for one in controls} == {"off"}
    assert [one.attributes["aria-label"] for one in controls] == [
        f"Evaluation dataset for {model}" for model in ("failing:v1", "net:v2", "net:v1", "patient:v1")
    ]
    assert "Evaluation dataset" in [one.text for one in Page(visitor.get("/").text).root.every("th")]


# The page of results


def test_the_page_is_there_before_a_run_and_says_how_to_begin(visitor):
    answer = visitor.get(results())
    assert Page(answer.text).root.one("h1").text == "Evaluation results"
    assert "The model net:v1 on the dataset streets:v1" in text_of(answer)
    assert state_of(visitor, results()) == (
        "How far it is Not evaluated yet. Evaluate starts the run: its predictions are scored, and the "
        "results appear here."
    )
    assert "the model processes each image, and the results" in state_of(visitor, results("patient:v1"))
    assert selected(visitor, results())["on"][0] == "streets:v1"
    # The latest versions are meant where none is named.
    assert "The model net:v2 on the dataset streets:v1" in text_of(visitor.get(results("net", "streets")))


def test_the_result_is_shown_with_its_panels_and_its_time(visitor):
    job = visitor.evaluated("net:v1")
    answer = visitor.get(results())
    text, run = text_of(answer), visitor.workspace.runs()[job.run]
    assert f"Computed {run.ended[:16].replace('T', ' ')} UTC , run r1 ." in text
    for number in (run.metric("mean_iou"), run.metric("iou.sky"), *run.evaluation.scores.dice):
        assert f"{number:.4f}" in text
    right = run.evaluation.correct_at(0.5)
    assert f"At an IoU of 0.50 or more {right.images} of {right.of_images} images are correct" in text
    page = Page(answer.text).root
    assert [(one.name, one.text) for one in page.every(id="summary-title")] == [
        ("h2", "net:v1 on streets:v1")
    ]
    assert [one.text for one in page.every("h1")] == ["Evaluation results"]
    panels = [one.attributes["id"] for one in page.every("section", **{"class": "panel"})]
    of_run = Page(visitor.get("/runs/r1").text).root
    assert panels == [
        "evaluation",
        "state",
        *(one.attributes["id"] for one in of_run.every("section", **{"class": "panel"})),
    ]
    assert [one.text for one in of_run.every("h1")] == ["net:v1 on streets:v1"]


def test_a_result_that_is_known_is_shown_with_the_reason_and_others_are_listed(visitor):
    visitor.evaluated("net:v1")
    visitor.sent("/runs/r1/again")
    visitor.jobs.wait(visitor.jobs.all()[-1].number)
    value = f"{visitor.workspace.runs()['r1'].metric('mean_iou'):.4f}"
    said = state_of(visitor, results())
    assert re.search(
        r"Computed [-0-9: ]+ UTC , run r2 \. Other results of net:v1 on streets:v1 \(1\) run r1", said
    )
    assert f"run r1 , mean IoU {value} , computed " in said
    # What was asked for last is what is shown.
    last = visitor.evaluated("net:v1")
    assert last.known
    said = state_of(visitor, results())
    assert f"nothing was computed: run {last.run} is of the same model, dataset and options" in said
    assert f", run {last.run} ." in said


@pytest.mark.slow
def test_a_run_is_followed_cancelled_and_gone_on_with_on_its_page(visitor):
    address = visitor.sent("/evaluate", model="patient", dataset="streets")
    number = visitor.jobs.all()[-1].number
    until(lambda: visitor.jobs.all()[-1].done > 0)
    page = Page(visitor.get(address).text)
    card = page.id(f"job-{number}")
    assert re.search(r"running patient:v1 on streets:v1 Cancel [1-3] of 4 images [\d.]+ images/s ", card.text)
    assert re.search(r"mean IoU so far [01]\.\d{4}", card.text)
    assert not list(page.root.every(id="summary"))
    assert len([one for one in page.root.every("div") if "data-waits" in one.attributes]) == 1
    assert visitor.sent(f"/jobs/{number}/cancel", back="evaluation") == address
    job = visitor.jobs.wait(number)
    assert f"{job.done} of 4 images are done; run r1 can go on" in state_of(visitor, address)
    hurry(visitor.workspace)
    assert visitor.sent(f"/jobs/{number}/retry", back="evaluation") == address
    last = visitor.jobs.wait(visitor.jobs.all()[-1].number)
    assert (last.state, last.run) == ("finished", "r1")
    assert ", run r1 ." in state_of(visitor, address)


def test_a_run_that_was_interrupted_before_goes_on_from_its_page(visitor):
    left = interrupted(visitor.workspace, "net:v1", "streets", at=1)
    said = state_of(visitor, results())
    assert f"interrupted r1: {left.done} of 4 images are done Go on It was begun " in said
    assert visitor.sent("/runs/r1/go-on") == results()
    visitor.jobs.wait(1)
    assert ", run r1 ." in state_of(visitor, results())


def test_a_failure_is_said_above_the_result_until_there_is_a_later_one(visitor):
    visitor.evaluated("failing")
    said = state_of(visitor, results("failing:v1"))
    assert said.startswith(
        "How far it is failed failing:v1 on streets:v1 Try again none of 4 images could be scored"
    )
    assert "check the function on this image" in said
    (job,) = visitor.jobs.all()
    assert visitor.sent(f"/jobs/{job.number}/retry", back="evaluation") == results("failing:v1")
    visitor.evaluated("net:v1")
    (run,) = visitor.workspace.runs()
    (visitor.workspace.path / "worse").rename(visitor.workspace.path / "gone")
    assert visitor.sent(f"/runs/{run.id}/again") == results()
    number = visitor.jobs.all()[-1].number
    assert visitor.jobs.wait(number).state == "failed"
    said = state_of(visitor, results())
    assert "failed net:v1 on streets:v1 Try again 4 of 4 files of model net, version v1, changed" in said
    assert f", run {run.id} ." in said
    assert visitor.jobs.all()[-1].asked >= run.ended
    # What was computed after it, here or elsewhere, makes it a thing of the past.
    visitor.jobs._jobs[number] = replace(visitor.jobs._jobs[number], asked="2000-01-01T00:00:00+00:00")
    assert "failed" not in state_of(visitor, results())


def test_a_dataset_that_is_added_on_the_way_keeps_the_address(visitor):
    folder = visitor.workspace.path
    fields = {"targets": f"{folder}/targets", "classes": f"{folder}/classes.toml", "name": "lanes"}
    address = visitor.sent("/datasets/new", model="net:v1", groups="^(night)_", **fields)
    number = visitor.jobs.all()[-1].number
    assert address == results(dataset="lanes", job=number)
    visitor.jobs.wait(number)
    page = Page(visitor.get(address).text)
    assert "The model net:v1 on the dataset lanes" in page.id("evaluation").text
    assert f"classes {folder}/classes.toml" in page.id("state").text
    assert page.id(f"job-{number}-form").attributes["href"] == f"/datasets/new?job={number}"
    address = visitor.sent("/datasets/new", model="net:v1", **fields)
    visitor.jobs.wait(visitor.jobs.all()[-1].number)
    for later in (address, results(dataset="lanes"), results(dataset="lanes", job=99)):
        assert "The model net:v1 on the dataset lanes:v1" in text_of(visitor.get(later))
        assert ", run r1 ." in state_of(visitor, later)
    # It is the job of another model, or of another dataset.
    for other in (results("net:v2", "lanes", job=number), results(dataset="streets", job=number)):
        assert "Not evaluated yet." in state_of(visitor, other)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/evaluation", "'' is no name of a model"),
        (results("nett"), "there is no model nett"),
        (results(dataset="streetz"), "there is no dataset streetz"),
        (results(dataset="streets:v9"), "there is no version of dataset streets v9"),
        (results(dataset="../x"), "'../x' is no name of a dataset"),
        ("/evaluate/dataset?model=nett", "there is no model nett"),
    ],
)
def test_what_there_is_not_is_not_found(visitor, address, said):
    answer = visitor.get(address)
    assert answer.status_code == 404
    assert said in shown(answer)


def test_without_a_dataset_the_page_says_to_choose_one(tmp_path):
    workspace = Workspace.init(tmp_path)
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks/a.png").write_bytes(b"")
    workspace.models.add("net", predictions=tmp_path / "masks")
    with Visitor(workspace) as visitor:
        address = "/evaluation?model=net"
        assert state_of(visitor, address) == (
            "How far it is Choose a dataset, and press Evaluate : the results appear here."
        )
        assert attributes(visitor.get(address), "select", "id") == []
        assert "/evaluate/dataset?model=net%3Av1" in attributes(visitor.get(address), "a", "href")


def test_a_result_of_another_dataset_is_looked_at_without_a_run(visitor):
    visitor.evaluated("net:v1", "avenues")
    button = Page(visitor.get(results()).text).id("show-results")
    assert (button.text, button.attributes["name"], button.attributes["value"]) == (
        "Show its results",
        "start",
        "no",
    )
    assert visitor.sent("/evaluate", model="net:v1", dataset="avenues:v1", start="no") == results(
        dataset="avenues:v1"
    )
    assert len(visitor.jobs.all()) == 1
    assert ", run r1 ." in state_of(visitor, results(dataset="avenues:v1"))


# What scripts are told


def test_a_script_is_told_the_address_or_what_is_wrong_with_the_form(visitor):
    headers = {"origin": ORIGIN, "accept": "application/json"}
    fields = {"model": "net:v1", "dataset": "streets", "version": "v1"}
    answer = visitor.post("/evaluate/dataset", data=fields, headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"address": results()})
    answer = visitor.post("/evaluate/dataset", data={**fields, "version": "v9"}, headers=headers)
    assert answer.status_code == 200
    page = Page(answer.json()["page"]).root
    assert page.one(class_="error").text.startswith("there is no version of dataset streets v9")
    assert page.one(id="with-registered").name == "form"
    lost = visitor.post("/evaluate/dataset", data={**fields, "model": "nett"}, headers=headers)
    assert (lost.status_code, "there is no model" in lost.text) == (404, True)


def test_versions_are_evaluated_from_the_pages_of_their_model_as_well(visitor):
    home = selected(visitor)
    of_net = {control: home[control] for control in ("on-net:v2", "on-net:v1")}
    assert selected(visitor, "/model?name=net") == of_net
    assert selected(visitor, "/model?name=net:v1") == {"on-net:v1": of_net["on-net:v1"]}
    page = Page(visitor.get("/model?name=net").text)
    assert "Evaluation dataset" in [one.text for one in page.root.every("th")]
    for address in ("/", "/model?name=net", "/model?name=net:v1"):
        link = Page(visitor.get(address).text).id("new-net:v1")
        assert link.text == "Evaluate with a new dataset"
        assert link.attributes["href"] == "/evaluate/dataset?model=net%3Av1"
    crumbs = Page(visitor.get(results()).text).root.one("nav", class_="crumbs")
    assert [one.attributes["href"] for one in crumbs.every("a")] == [
        "/",
        "/model?name=net",
        "/model?name=net%3Av1",
    ]
