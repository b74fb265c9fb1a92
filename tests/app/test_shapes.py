"""Boundaries and surfaces in the application: forms that ask for them, and pages that show them."""

import re
from urllib.parse import urlencode

import numpy as np
import pytest

from segscore import Workspace, evaluate
from segscore.counts.measure_texts import MEASURES
from segscore.counts.measures import Measures
from segscore.text.option import Option, Values
from segscore.workspace.runs import running
from support.applications import Visitor, attributes, forgotten, shown, text_of, workspace_of, write_project
from support.pages import Page
from support.some_runs import interrupted
from support.volumes import nifti

__all__ = ["forgotten"]
pytestmark = pytest.mark.usefixtures("forgotten")

ASKED = {"boundary": "2%, 5%", "distances": "on", "spacing": "2, 0.5", "tolerances": "1.5", "empty": "skip"}
MEASURED = Measures.of(boundary=(0.02, 0.05), distances=True, spacing=(2, 0.5), tolerances=1.5, empty="skip")
WORDS = (
    "Bands along boundaries 2%,5%, Distances between surfaces, Spacing 2,0.5, Tolerances 1.5, "
    "Missed or invented skip"
)


@pytest.fixture
def visitor(tmp_path):
    with Visitor(workspace_of(tmp_path, images=4)) as visitor:
        yield visitor


def evaluated(visitor, **fields):
    """Evaluate a model with the form; return its run."""
    given = {"model": "net:v2", "dataset": "streets:v1", **fields}
    address = f"/evaluation?{urlencode({name: given[name] for name in ('model', 'dataset')})}"
    assert visitor.sent("/evaluate/new", **given) == address
    job = visitor.jobs.wait(visitor.jobs.all()[-1].number)
    assert job.state == "finished", job.problem
    return visitor.workspace.runs()[job.run]


def filled_in(answer):
    """Return what the fields of the options hold, but those that are empty, or off."""
    found = [
        one.attributes for one in Page(answer.text).root.every("input") if one.attributes["name"] in MEASURES
    ]
    given = [one for one in found if one["value"] and (one["type"] != "checkbox" or "checked" in one)]
    return {one["name"]: one["value"] for one in given}


def test_the_form_explains_each_option_and_is_found_from_each_version(visitor):
    home = visitor.get("/")
    assert "/evaluate/new?model=net%3Av1" in attributes(home, "a", "href")
    page = visitor.get("/evaluate/new?model=net:v1")
    text = text_of(page)
    for option in MEASURES.values():
        assert f"{option.label} " in text
        assert option.help.replace("`", "") in shown(page)
    assert filled_in(page) == {}
    assert "Evaluate net:v1 with boundaries and surfaces" in text
    assert visitor.get("/evaluate/new?model=none").status_code == 404
    assert "Bands along boundaries" not in text_of(visitor.get("/datasets/new"))  # which runs nothing


def test_an_option_that_is_new_in_the_table_is_in_both_forms(visitor, monkeypatch):
    monkeypatch.setitem(MEASURES, "lesions", Option("lesions", "Lesions", "Each one apart.", "", Values("")))
    for address in ("/evaluate/new?model=net:v1", "/datasets/new?model=net:v1"):
        page = visitor.get(address)
        assert "Lesions Each one apart." in text_of(page)
        assert '<input type="checkbox" id="field-lesions" name="lesions"' in page.text


def test_a_run_measures_what_the_form_asks_for(visitor):
    run = evaluated(visitor, **ASKED)
    folder = visitor.workspace.path
    expected = evaluate(
        pred=folder / "better",
        target=folder / "targets",
        classes=folder / "classes.toml",
        boundary=(0.02, 0.05),
        distances=True,
        spacing=(2, 0.5),
        tolerances=1.5,
        empty="skip",
        progress=False,
    )
    assert (run.measures, run.evaluation.measured) == (MEASURED, expected.measured)
    assert WORDS in text_of(visitor.get("/"))
    page = text_of(visitor.get(f"/runs/{run.id}"))
    assert f"measures {MEASURED.said}" in page
    assert f"mean boundary IoU in 2 % of the diagonal {expected.boundary.mean_iou:.4f}" in page
    assert f"{expected.surface.mean_hausdorff(95, empty='skip').value:.2f}" in page
    listed = visitor.get("/model?name=net").text
    assert f'<span title="{MEASURED.said}">bands and surfaces</span>' in listed
    assert evaluated(visitor, **ASKED).id == run.id
    assert evaluated(visitor).id == "r2"
    assert not visitor.workspace.runs()["r2"].measures


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        (
            {"tolerances": "1"},
            "Tolerances is given without Distances between surfaces distances between surfaces are asked for "
            "with Distances between surfaces",
        ),
        (
            {"distances": "on", "spacing": "3;1"},
            "Spacing is '3;1', expected finite numbers with commas between write the distance along each "
            "axis, such as 3,0.8,0.8",
        ),
        (
            {"distances": "on", "spacing": "3"},
            "expected one positive number as Spacing of each of 2 axes, found [3.0] in the order of the axes "
            "of the array, such as 0.8, 0.8 in the field Spacing",
        ),
        (
            {"boundary": "wide"},
            "'wide' is no width of a band 5 or 5px are pixels, 0.02 or 2% are a share of the diagonal of the "
            "image, less than 1",
        ),
        (
            {"distances": "on", "surface": "mesh"},
            'What surfaces are is \'mesh\' it is "voxels" or "area"',
        ),
    ],
)
def test_what_cannot_be_measured_is_said_by_the_form(visitor, fields, told):
    answer = visitor.form("/evaluate/new", model="net:v1", dataset="streets:v1", **fields)
    assert answer.status_code == 400
    assert told in shown(answer)
    assert filled_in(answer) == fields
    assert not visitor.jobs.all()


def test_a_new_dataset_is_evaluated_with_what_the_form_asks_for(visitor):
    folder = visitor.workspace.path
    fields = {"name": "avenues", "model": "net:v1", "classes": f"{folder}/classes.toml", **ASKED}
    fields |= {"targets": f"{folder}/targets"}
    page = visitor.get("/datasets/new?model=net:v1")
    assert all(option.label in text_of(page) for option in MEASURES.values())
    answer = visitor.form("/datasets/new", **{**fields, "spacing": "1,1,1"})
    assert "expected one positive number as Spacing of each of 2 axes" in shown(answer)
    assert filled_in(answer) == {**ASKED, "spacing": "1,1,1"}
    visitor.sent("/datasets/new", **fields, groups="(x)_")
    job = visitor.jobs.wait(visitor.jobs.all()[-1].number)
    assert (job.state, WORDS in text_of(visitor.get("/"))) == ("failed", True)
    again = visitor.get(f"/datasets/new?job={job.number}")
    assert filled_in(again) == {**ASKED, "boundary": "2%,5%", "spacing": "2,0.5"}
    visitor.sent("/datasets/new", **fields)
    job = visitor.jobs.wait(visitor.jobs.all()[-1].number)
    assert visitor.workspace.runs()[job.run].measures == MEASURED


def test_what_is_done_again_measures_the_same(visitor, monkeypatch):
    run = evaluated(visitor, **ASKED)
    visitor.sent(f"/runs/{run.id}/again")
    job = visitor.jobs.wait(visitor.jobs.all()[-1].number)
    assert (job.run, visitor.workspace.runs()[job.run].measures) == ("r2", MEASURED)
    monkeypatch.setattr(running, "KEEP_EVERY", 0.0)
    visitor.workspace.models.add("near", python="app_test_models:nearest")
    left = interrupted(visitor.workspace, "near", "streets", at=1, distances=True, surface="area")
    assert "measures distances of surfaces (area)" in text_of(visitor.get("/runs"))
    visitor.sent(f"/runs/{left.id}/go-on")
    job = visitor.jobs.wait(visitor.jobs.all()[-1].number)
    assert (job.run, job.state) == (left.id, "finished")
    assert visitor.workspace.runs()[left.id].measures == Measures.of(distances=True, surface="area")


def test_a_job_that_failed_is_tried_again_with_what_it_measures(visitor):
    visitor.workspace.models.add("failing", python="app_test_models:failing")
    visitor.sent("/evaluate/new", model="failing", dataset="streets:v1", **ASKED)
    job = visitor.jobs.wait(visitor.jobs.all()[-1].number)
    assert job.state == "failed"
    visitor.sent(f"/jobs/{job.number}/retry")
    again = visitor.jobs.wait(visitor.jobs.all()[-1].number)
    assert again.task.options == job.task.options
    assert again.task.options["boundary"] == ["2%", "5%"]


def test_runs_are_listed_with_what_they_measured(visitor):
    evaluated(visitor)
    assert "shapes" not in [one.text for one in Page(visitor.get("/runs").text).root.every("th")]
    evaluated(visitor, boundary="5px")
    evaluated(visitor, **ASKED)
    text = text_of(visitor.get("/runs"))
    assert "bands and surfaces" in text
    assert [*filter(None, attributes(visitor.get("/runs"), "span", "title"))].count(MEASURED.said) == 1
    found = visitor.get("/runs?find=bands of 5 px")
    assert re.findall(r'href="/runs/(r\d)"', found.text) == ["r2"]
    page = visitor.get("/runs/r1").text
    assert re.search(r"r2 · net:v2 on streets:v1 · 0\.\d{4} · bands</option>", page)
    assert re.search(r"r3 · net:v2 on streets:v1 · 0\.\d{4} · bands and surfaces</option>", page)


def test_the_matrix_shows_numbers_of_shapes_that_were_measured(visitor):
    evaluated(visitor)
    assert "of shapes" not in attributes(visitor.get("/matrix"), "optgroup", "label")
    run = evaluated(visitor, boundary="1,3", distances="on", tolerances="1.5")
    page = visitor.get("/matrix")
    assert attributes(page, "optgroup", "label") == ["of the whole", "of shapes", "IoU of a class"]
    inside = re.search('<optgroup label="of shapes">(.*?)</optgroup>', page.text, re.DOTALL)[1]
    assert dict(re.findall(r'<option value="([^"]+)">([^<]+)</option>', inside)) == {
        "mean_boundary_iou@1": "mean boundary IoU in 1 px",
        "mean_boundary_iou@3": "mean boundary IoU in 3 px",
        "mean_surface_dice@1.5": "mean surface Dice at 1.5",
        "mean_hd95": "mean HD95",
        "mean_assd": "mean ASSD",
    }
    chosen = visitor.get("/matrix?metric=mean_surface_dice@1.5")
    assert f"{run.metrics['mean_surface_dice@1.5']:.4f}" in text_of(chosen)
    assert '<option value="mean_surface_dice@1.5" selected>' in chosen.text
    for name, title in (
        ("hd95.sky", "HD95 of sky"),
        ("boundary_iou.sky@3px", "boundary IoU of sky in 3 px"),
        ("surface_dice.sky@2", "surface Dice of sky at 2"),
        ("mean_surface_dice@2", "mean surface Dice at 2"),
        ("hd99.5.sky", "hd99.5.sky"),
        ("hd95.9", "hd95.9"),
    ):
        other = visitor.get(f"/matrix?metric={name}")
        assert f'<option value="{name}" selected>{title}</option>' in other.text
        assert f"{run.metric(name):.4f}" in text_of(other)
    evaluated(visitor, model="net:v1", distances="on", surface="area")
    text = text_of(visitor.get("/matrix?metric=mean_hd95"))
    assert "mean_hd95 on streets:v1 does not compare: r2 measures bands of 1 px, 3 px and distances" in text
    assert "best on this dataset" not in text


def test_runs_with_and_without_shapes_are_compared(visitor):
    evaluated(visitor)
    evaluated(visitor, **ASKED)
    evaluated(visitor, model="net:v1", **ASKED)
    text = text_of(visitor.get("/compare?run=r1&run=r2"))
    assert "boundaries are not compared: measured of net:v2 (r2) alone" in text
    text = text_of(visitor.get("/compare?run=r2&run=r3"))
    assert "mean surface Dice at 1.5 mm" in text
    assert f"{visitor.workspace.runs()['r3'].metrics['mean_surface_dice@1.5']:.4f}" in text


def test_volumes_are_added_and_evaluated(visitor):
    folder = visitor.workspace.path
    labels = np.zeros((9, 8, 7), np.uint8)
    labels[2:6, 2:5, 2:5] = 1
    for name in "ab":
        nifti(folder / f"volumes/{name}.nii.gz", labels)
        nifti(folder / f"found/{name}.nii.gz", np.roll(labels, 1, axis=2))
    visitor.workspace.models.add("unet", predictions=folder / "found")
    fields = {"name": "organs", "targets": f"{folder}/volumes", "classes": "2", "model": "unet:v1"}
    assert "What images are" in text_of(visitor.get("/datasets/new"))
    answer = visitor.form("/datasets/new", **fields, dims="3", boundary="2%")
    assert (
        "Bands along boundaries is given for images of 3 dimensions, and bands are measured of 2 the borders "
        "of volumes are compared with Distances between surfaces"
    ) in shown(answer)
    assert '<option value="3" selected>' in answer.text
    assert "What images are is '4', expected 2, 3 or nothing" in shown(
        visitor.form("/datasets/new", **fields, dims="4")
    )
    visitor.sent("/datasets/new", **fields, dims="3", distances="on")
    job = visitor.jobs.wait(visitor.jobs.all()[-1].number)
    run = visitor.workspace.runs()[job.run]
    assert visitor.workspace.datasets["organs"].dims == 3
    assert run.evaluation.surface.images.hausdorff(100)[:, 1].tolist() == [
        3.0,
        3.0,
    ]  # mm along the third axis
    page = text_of(visitor.get(f"/runs/{run.id}"))
    assert "each image with its own spacing" in page
    assert visitor.get(f"/runs/{run.id}/report.html").status_code == 200
    assert "photograph" not in " ".join(
        filter(None, attributes(visitor.get(f"/runs/{run.id}"), "img", "src"))
    )
    visitor.workspace.models.add("near", python="app_test_models:nearest")
    refused = visitor.form("/evaluate/new", model="near", dataset="organs:v1", distances="on")
    assert (
        "near:v1 is a Python function, which needs photographs, but organs:v1 holds volumes save what it "
        "makes of each volume, and run a folder of predictions"
    ) in shown(refused)


def test_a_workspace_without_datasets_leads_to_their_form(tmp_path):
    write_project(tmp_path, images=2)
    workspace = Workspace.init(tmp_path)
    workspace.models.add("net", predictions=tmp_path / "better")
    with Visitor(workspace) as visitor:
        assert "There is no dataset yet. Add one first." in text_of(visitor.get("/evaluate/new?model=net"))
        assert "/evaluate/new?model=net%3Av1" not in attributes(visitor.get("/"), "a", "href")
