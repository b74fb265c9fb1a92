"""Pages of the application: what they show of a workspace, and what forms do."""

import io
import json
import re

import pytest
from PIL import Image

from segscore import Workspace, compare
from support.applications import (
    SIZE,
    Visitor,
    add_dataset,
    attributes,
    shown,
    text_of,
    workspace_of,
    write_project,
)
from support.pages import Page
from support.some_runs import interrupted


@pytest.fixture(scope="module")
def visitor(tmp_path_factory):
    """Two runs of `net`, one of a function that was trained on the images, and a dataset of two versions."""
    folder = tmp_path_factory.mktemp("pages")
    workspace = workspace_of(folder, images=40)
    workspace.models.add("near", python="app_test_models:nearest", trained_on="streets")
    other = tmp_path_factory.mktemp("other")
    write_project(other, 2)
    add_dataset(Workspace.init(other), "linked")
    workspace.link(other, "linked")
    with Visitor(workspace) as visitor:
        for model in ("net:v1", "net:v2", "near"):
            assert visitor.evaluated(model).state == "finished"
        yield visitor


def test_an_empty_workspace_says_how_to_begin(tmp_path):
    with Visitor(Workspace.init(tmp_path)) as visitor:
        shown = text_of(visitor.get("/"))
        assert "Nothing is here yet. Three steps lead to the first result." in shown
        assert "No run has finished yet." in text_of(visitor.get("/matrix"))
        assert "Nothing has been computed yet." in text_of(visitor.get("/runs"))
        assert "There are no two runs yet." in text_of(visitor.get("/compare"))
        assert "There is none yet." in text_of(visitor.get("/datasets"))
        write_project(tmp_path, 2)
        add_dataset(visitor.workspace)
        shown = text_of(visitor.get("/"))
        assert "Nothing is here yet" not in shown
        assert "There is no model yet. Two steps lead to the first result." in shown
        assert "A dataset is here" in shown


def test_models_are_listed_with_their_versions_and_latest_scores(visitor):
    answer = visitor.get("/")
    shown = text_of(answer)
    runs = visitor.workspace.runs()
    assert shown.index("near") < shown.index("net")
    for run in runs:
        assert f"{run.metric('mean_iou'):.4f} on streets:v1" in shown
    assert "trained on 40" in shown
    assert "folder of predictions" in shown
    assert "Python function" in shown
    groups = attributes(answer, "optgroup", "label")
    assert groups[:2] == ["this workspace", f"linked from {visitor.workspace.datasets['linked'].workspace}"]
    values = attributes(answer, "option", "value")
    assert values == ["streets:v1", "linked:v1"] * 3
    assert "near:v1 was trained on 40 of 40 images of streets:v1: " in text_of(visitor.get("/runs/r3"))
    shown = text_of(visitor.get("/datasets"))
    assert "streets v1 1 40 2 streets" in shown
    assert str(visitor.workspace.datasets["linked"].workspace) in shown


def test_the_dataset_that_was_added_last_is_chosen(tmp_path):
    with Visitor(workspace_of(tmp_path, 2)) as visitor:
        add_dataset(visitor.workspace, "avenues")
        add_dataset(visitor.workspace, version="fixed")
        chosen = re.findall(r'<option value="([^"]+)" selected>([^<]+)<', visitor.get("/").text)
        assert set(chosen) <= {
            ("streets:fixed", "streets:fixed (latest)"),
            ("avenues:v1", "avenues:v1 (latest)"),
        }
        assert "streets:v1<" in visitor.get("/").text


def test_nothing_is_evaluated_on_a_dataset_that_nobody_chose(tmp_path):
    workspace = Workspace.init(tmp_path)
    write_project(tmp_path, 2)
    workspace.models.add("net", predictions=tmp_path / "better")
    with Visitor(workspace) as visitor:
        assert 'action="/evaluate"' not in visitor.get("/").text
        add_dataset(workspace)
        add_dataset(workspace)
        answer = visitor.form("/evaluate", model="net")
        assert answer.status_code == 400
        said = "Evaluation dataset is empty, expected one of those that are listed"
        assert f"{said} fill it in, and send the form again" in shown(answer)
        assert visitor.jobs.all() == ()
        # Of one that is named the latest version is taken.
        visitor.sent("/evaluate", model="net", dataset="streets")
        assert visitor.jobs.all()[0].dataset == "streets:v2"


def test_a_run_that_is_damaged_says_so_and_hides_nothing(tmp_path):
    workspace = workspace_of(tmp_path, 2)
    for model in ("net:v1", "net:v2"):
        interrupted(workspace, model, "streets", at=0)
    (tmp_path / ".segscore/runs/r1/pending.db").write_bytes(b"no database" * 100)
    with Visitor(workspace) as visitor:
        page = visitor.get("/runs")
        assert "damaged r1" in text_of(page)
        assert "Go on with r2" in page.text
        assert "Go on with r1" not in page.text
        # Removing takes two steps.
        menu = re.search(r'<details class="menu" id="remove-r1">.*?</details>', page.text, re.DOTALL)
        assert '<form method="post" action="/runs/r1/remove"' in menu[0]
        assert page.text.count('action="/runs/r1/remove"') == 1
        assert visitor.sent("/runs/r1/remove") == "/runs?said=1"
        assert "Remove r1" not in visitor.get("/runs").text


def test_a_link_that_is_broken_says_so_and_cannot_be_chosen(tmp_path):
    other = tmp_path / "other"
    write_project(other, 2)
    add_dataset(Workspace.init(other), "linked")
    workspace = workspace_of(tmp_path / "own", 2)
    workspace.link(other, "linked")
    other.rename(tmp_path / "moved")
    with Visitor(workspace) as visitor:
        page = visitor.get("/").text
        assert "<option disabled>the link to dataset linked is broken: " in page
        assert "the link to dataset linked is broken" in text_of(visitor.get("/datasets"))


def test_the_matrix_shows_any_metric_and_marks_what_a_model_was_trained_on(visitor):
    assert "the model was trained on 40 of 40 images" in text_of(visitor.get("/matrix"))
    sky = text_of(visitor.get("/matrix?metric=iou.sky"))
    for run in visitor.workspace.runs():
        assert f"{run.metric('iou.sky'):.4f}" in sky
    kappa = visitor.get("/matrix?metric=kappa")
    assert f"{visitor.workspace.runs()[0].metric('kappa'):.4f}" in text_of(kappa)
    wrong = visitor.get("/matrix?metric=mean_uoi")
    assert wrong.status_code == 400
    assert "there is no metric" in wrong.text
    assert "mean_iou" in wrong.text


def test_the_history_lists_all_runs_with_their_notes(visitor):
    visitor.sent("/runs/r2/note", note="  learning rate\n<b>0.1</b>  ", back="runs")
    assert visitor.workspace.runs()["r2"].note == "learning rate\n<b>0.1</b>"
    answer = visitor.get("/runs")
    shown = text_of(answer)
    assert shown.index("r3") < shown.index("r2") < shown.index("r1")
    assert "learning rate <b>0.1</b>" in shown
    assert "<b>" not in answer.text
    answer = visitor.get("/runs?find=net")
    assert attributes(answer, "input", "value")[0] == "net"
    assert re.findall(r"name=\"either\" value=\"(r\d)\"", answer.text) == ["r2", "r1"]
    assert visitor.sent("/runs/r2/note", note="") == "/runs/r2"
    assert visitor.workspace.runs()["r2"].note == ""


def test_a_long_history_has_pages(tmp_path, monkeypatch):
    workspace = workspace_of(tmp_path, 2)
    for model, again in (("net:v1", False), ("net:v2", False), ("net:v1", True)):
        workspace.run(model, "streets", progress=False, again=again)
    workspace.note("r1", "the first of all")
    monkeypatch.setattr("segscore.app.run_views._ROWS", 2)
    visitor = Visitor(workspace)

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
    assert (
        "1 of 3 runs has “FIRST of” in model, dataset, shapes, tags or note."
        in listed("/runs?find=FIRST of")[2]
    )
    assert listed("/runs?find=streets&page=2")[:2] == (["r1"], ["/runs?find=streets&page=1"])
    assert listed("/runs?find=nothing")[:2] == ([], [])
    for page in ("0", "-1", "x", "99999999999", "²", "3"):
        assert listed(f"/runs?page={page}")[0] in (["r3", "r2"], ["r1"])
    visitor.close()


def test_the_page_of_a_run_has_the_panels_of_its_report(visitor):
    answer = visitor.get("/runs/r1")
    shown = text_of(answer)
    run = visitor.workspace.runs()["r1"]
    for value in (run.metric("mean_iou"), run.metric("mean_dice"), run.metric("pixel_accuracy")):
        assert f"{value:.4f}" in shown
    for title in ("Classes", "Confusion matrix", "Distribution over images", "Scenarios", "Worst and best"):
        assert title in shown
    assert f"net:v1 ({run.model_digest[:12]})" in shown
    assert f"streets:v1 ({run.dataset_digest[:12]})" in shown
    sources = attributes(answer, "img", "src")
    assert sources
    assert all(re.fullmatch(r"/runs/r1/pictures/\d+/(photograph|target|pred|errors)", one) for one in sources)
    pictures = [Image.open(io.BytesIO(visitor.get(address).content)) for address in sources]
    assert {picture.size for picture in pictures} == {SIZE[::-1]}
    scripts = [one for one in attributes(answer, "script", "src") if one]
    for address in scripts:
        assert visitor.get(address).headers["content-type"] == "text/javascript; charset=utf-8"
    data = re.findall(r'<script type="application/json" id="data-\w+">(.*?)</script>', answer.text)
    assert len(data) >= 3
    assert all(json.loads(block) for block in data)


def test_the_report_of_a_run_is_saved_as_one_file(visitor):
    answer = visitor.get("/runs/r2/report.html")
    assert answer.headers["content-disposition"] == 'attachment; filename="segscore-r2.html"'
    assert "net:v2 on streets:v1" in answer.text
    assert answer.text.count("data:image/png;base64,") > 30
    assert answer.text.count("data:image/jpeg;base64,") >= 10
    assert "/static/" not in answer.text


def test_two_runs_are_compared(visitor):
    runs = visitor.workspace.runs()
    found = compare(runs["r1"].evaluation, runs["r2"].evaluation, labels=("net:v1 (r1)", "net:v2 (r2)"))
    answer = visitor.get("/compare?run=r1&run=r2")
    shown = text_of(answer)
    for name in ("mean_iou", "pixel_accuracy"):
        one = found[name]
        assert f"{one.a:.4f}" in shown
        assert f"{one.b:.4f}" in shown
    assert "net:v1 (r1)" in shown
    assert "Images that changed most" in shown
    assert answer.text.count("data:image/png;base64,") > 20
    assert answer.text.count("data:image/jpeg;base64,") > 5
    assert "/compare?run=r2&run=r1" in attributes(answer, "a", "href")
    # One that is chosen is compared with the one before it, once somebody wants that.
    head = visitor.get("/compare?run=r2").text
    assert re.findall(r'<option value="(r\d)" selected>', head) == ["r1", "r2"] or "selected" in head


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("run=r1&run=r1", 200, "run r1 was chosen twice"),
        ("run=r1&run=r99", 404, "there is no run `r99`"),
        ("&".join(f"run=r{i}" for i in range(1, 12)), 404, "there is no run r4"),
        ("run=r1&run=r2&run=r1", 400, "run r1 was chosen twice"),
        ("run=../../etc&run=r1", 404, "there is no run `../../etc`"),
    ],
)
def test_what_cannot_be_compared_is_said(visitor, query, status, said):
    answer = visitor.get(f"/compare?{query}")
    assert answer.status_code == status
    assert said.replace("`", "") in shown(answer)


def test_a_run_is_removed(tmp_path):
    with Visitor(workspace_of(tmp_path, 2)) as visitor:
        visitor.evaluated("net")
        assert visitor.sent("/runs/r1/remove") == "/runs?said=1"
        assert len(visitor.workspace.runs()) == 0
        assert visitor.form("/runs/r1/remove").status_code == 400
        assert visitor.get("/runs/r1").status_code == 404


def test_a_defect_is_a_page_and_names_nothing_as_markup(visitor, monkeypatch):
    def broken(state, said, find):
        raise RuntimeError("<script>alert(1)</script>")

    monkeypatch.setattr("segscore.app.views.home", broken)
    visitor._transport.raise_server_exceptions = False
    try:
        answer = visitor.get("/")
    finally:
        visitor._transport.raise_server_exceptions = True
    assert answer.status_code == 500
    assert "RuntimeError: <script>alert(1)</script>" in "".join(Page(answer.text).texts)
    assert "<script>alert" not in answer.text
