"""A dataset that is added in the application: what its form finds out at once, and the way back to it."""

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segscore._core import Masks
from support import hints
from support.annotated import written
from support.applications import Visitor, shown, workspace_of
from support.pages import Page

FILLED = {"name": "avenues", "ignore": "7, 8", "groups": r"^(\w+?)_", "version": "first", "model": "net:v1"}


@pytest.fixture
def visitor(tmp_path):
    with Visitor(workspace_of(tmp_path, images=2)) as visitor:
        yield visitor


def filled(visitor, **changed):
    folder = visitor.workspace.path
    right = {
        "images": f"{folder}/images",
        "targets": f"{folder}/targets",
        "classes": f"{folder}/classes.toml",
    }
    return {**FILLED, **right, **changed}


def fields_shown(answer):
    """Return what the fields of a form hold, but those that are empty, or off."""
    found = [one.attributes for one in Page(answer.text).root.every("input")]
    given = [one for one in found if one["value"] and (one["type"] != "checkbox" or "checked" in one)]
    return {one["name"]: one["value"] for one in given}


@pytest.mark.parametrize(
    ("field", "given", "said", "hint"),
    [
        (
            "images",
            "{}/nowhere",
            "`Folder of images`: expected a folder or a glob pattern, found nothing at {}/nowhere",
            "the nearest folder that exists is {}",
        ),
        (
            "targets",
            "{}/targets/sun_000.png",
            "`Folder of targets`: expected a folder or a glob pattern, found a file at "
            "{}/targets/sun_000.png",
            "give the folder that it is in",
        ),
        (
            "targets",
            "{}/masks.zip",
            "`Folder of targets`: expected a folder, found an archive at {}/masks.zip",
            "unpack it, and give the folder of what is in it",
        ),
        (
            "classes",
            "{}/images",
            "`Classes`: expected a file, found a folder at {}/images",
            "give the path of the file",
        ),
        (
            "classes",
            "{}/pipe.toml",
            "`Classes`: expected a file, found something else at {}/pipe.toml",
            "give the path of the file",
        ),
        (
            "classes",
            "cityscape",
            "there is no preset `cityscape`",
            "did you mean `cityscapes` or `cityscapes-train-ids` or `cityscapes-instance-ids`? the field "
            f"lists the presets; {hints.FILES_OF_CLASSES}",
        ),
        (
            "pairing",
            "x",
            "`Pairing pattern`: expected a pattern for targets with one `{{id}}`, or PRED:TARGET with one "
            "`{{id}}` on each side of one colon, found x",
            "for example '{{id}}_gtFine_labelIds', or '{{id}}_pred:{{id}}_gt'; a colon within a name is `*`",
        ),
        (
            "groups",
            "rain|sun",
            "expected a regular expression with one group, found 0 in `rain|sun`",
            r"such as `^(\w+)_`: what matches within the parentheses is the group of the image",
        ),
        (
            "attributes",
            "{}/none.csv",
            "{}/none.csv: cannot be read: No such file or directory",
            "give the path of a CSV file",
        ),
        (
            "read",
            "masks:read",
            "`Reader`: there is no module masks in the current folder, in that of the workspace, or on the "
            "path of Python",
            hints.OWN_MODULE.format("masks:read"),
        ),
        (
            "read",
            "os:remove",
            "expected a function of your own, found one of os, which comes with Python",
            "a reader is a function that takes a path and returns an array of labels",
        ),
        (
            "list",
            "{}/pipe.toml",
            "`List of images`: expected a file, found something else at {}/pipe.toml",
            "give the path of the file",
        ),
        (
            "list",
            "{}/val.txt",
            "`List of images`: 1 of 1 name in {}/val.txt is not in {}/targets: line 1: x",
            "files there are called as rain_001 is, with or without ending",
        ),
    ],
)
def test_what_is_known_at_once_is_said_by_the_form(visitor, field, given, said, hint):
    folder = visitor.workspace.path
    os.mkfifo(folder / "pipe.toml")
    (folder / "masks.zip").touch()
    (folder / "val.txt").write_text("x")
    fields = filled(visitor, **{field: given.format(folder)})
    answer = visitor.form("/datasets/new", **fields)
    assert answer.status_code == 400
    # Between backticks stands what a page sets as code.
    assert f"{said} {hint}".replace("`", "").format(folder, folder) in shown(answer)
    assert fields_shown(answer) == fields
    assert visitor.jobs.all() == ()


@pytest.mark.parametrize(
    ("kind", "field", "given", "said"),
    [
        ("datasets", "classes", "/dev/zero", "Classes: expected a file, found something else at /dev/zero"),
        ("datasets", "attributes", "/dev/zero", "Attributes: expected a file, found something else at"),
        ("datasets", "ignore", "9" * 4000, f"Labels to leave out is '{'9' * 200}…', expected whole numbers"),
        ("datasets", "groups", "(" * 500, f"Groups is '{'(' * 200}…', expected a regular expression: its "),
        ("datasets", "groups", "a{99999999999}", "expected a regular expression: the repetition number is"),
        ("datasets", "pairing", "*a" * 900 + "{id}", "and 4 * on each side, found 1,804 and 900"),
        ("datasets", "images", "x" * 5000, f"a field begins with {'x' * 20}… and has 5,000 characters"),
        ("models", "scale", "1e999999999", "Scale is '1e999999999', expected a number"),
        ("models", "scale", "1/" + "9" * 4000, f"Scale is '1/{'9' * 198}…', expected a number"),
        ("models", "threshold", "9" * 4000, f"Threshold is '{'9' * 200}…', expected a number"),
        ("models", "class_axis", "9" * 4000, f"Axis of classes is '{'9' * 200}…', expected a whole number"),
        ("models", "size", "9" * 4000 + ",1", f"Size is '{'9' * 200}…', expected 2 whole numbers"),
        ("models", "source", "x" * 5000, f"a field begins with {'x' * 20}… and has 5,000 characters"),
    ],
)
def test_no_field_has_a_text_without_limits(visitor, kind, field, given, said):
    model = {"name": "new", "kind": "onnx", "source": "net.onnx"}
    fields = filled(visitor) if kind == "datasets" else model
    answer = visitor.form(f"/{kind}/new", **{**fields, field: given})
    assert answer.status_code == 400
    assert said in shown(answer)
    assert visitor.jobs.all() == ()


def test_an_address_has_a_length(visitor):
    for address in (f"/jobs/{'9' * 5000}/cancel", f"/runs/r1/pictures/{'9' * 5000}/target"):
        assert visitor.get(address).status_code == 414


def test_a_preset_is_a_name_also_where_a_folder_has_it(visitor, tmp_path, monkeypatch):
    (tmp_path / "cityscapes").mkdir()
    monkeypatch.chdir(tmp_path)
    visitor.sent("/datasets/new", **filled(visitor, classes="cityscapes"))


def test_the_form_of_a_job_that_failed_is_filled_in(visitor):
    folder = visitor.workspace.path
    (folder / "targets/sun_000.png").write_bytes(b"no mask")
    fields = filled(visitor, pairing="{id}:{id}")
    visitor.sent("/datasets/new", **fields)
    job = visitor.jobs.wait(visitor.jobs.all()[-1].number)
    assert job.state == "failed"
    assert job.problem.message.startswith("1 of 2 targets cannot be read:\n")
    assert "avenues" not in visitor.workspace.datasets
    page = Page(visitor.get("/").text)
    card = page.id(f"job-{job.number}")
    assert f"{folder}/images with {folder}/targets, classes {folder}/classes.toml" in card.text
    link = page.id(f"job-{job.number}-form")
    assert link.text == "Change the form"
    assert link.attributes["href"] == f"/datasets/new?job={job.number}"
    answer = visitor.get(link.attributes["href"])
    assert fields_shown(answer) == fields


def test_a_dataset_without_photographs_is_for_folders_of_predictions(visitor):
    fields = filled(visitor, images="")
    visitor.sent("/datasets/new", **fields)
    job = visitor.jobs.wait(visitor.jobs.all()[-1].number)
    assert (job.state, job.dataset) == ("finished", "avenues:first")
    folder = visitor.workspace.path
    assert f" {folder}/targets, classes {folder}/classes.toml" in shown(visitor.get("/"))
    assert visitor.get(f"/runs/{job.run}").status_code == 200
    assert visitor.get(f"/runs/{job.run}/pictures/0/target").status_code == 200
    assert visitor.get(f"/runs/{job.run}/pictures/0/photograph").status_code == 404
    visitor.workspace.models.add("seeing", python="app_test_models:nearest")
    said = "seeing:v1 is a Python function, which needs photographs, but {} has none"
    hint = "add a version with Folder of images, or run a folder of predictions"
    for answer, dataset in (
        (visitor.form("/datasets/new", **{**fields, "version": "v9", "model": "seeing"}), "avenues"),
        (visitor.form("/evaluate", model="seeing", dataset="avenues"), "avenues:first"),
    ):
        assert answer.status_code == 400
        assert f"{said.format(dataset)} {hint}" in shown(answer)
    assert len(visitor.jobs.all()) == 1


READER = """
import numpy as np

def rows(path):
    return np.loadtxt(path, dtype=int, ndmin=2)
"""


def test_targets_of_any_format_are_read_in_the_process_of_the_job(visitor):
    folder = visitor.workspace.path
    (folder / "rows").mkdir()
    for path in visitor.workspace.datasets["streets"].target_paths:
        np.savetxt(folder / "rows" / f"{Path(path).stem}.txt", np.asarray(Image.open(path)), "%d")
    (folder / "app_reader.py").write_text(READER)
    visitor.sent("/datasets/new", **filled(visitor, targets=f"{folder}/rows", read="app_reader:rows"))
    job = visitor.jobs.wait(visitor.jobs.all()[-1].number)
    assert (job.state, job.dataset) == ("finished", "avenues:first")
    of_masks = visitor.evaluated("net:v1").run
    runs = visitor.workspace.runs()
    assert runs[job.run].evaluation.table == runs[of_masks].evaluation.table
    assert "targets are read by app_reader:rows" in shown(visitor.get(f"/runs/{job.run}"))
    assert visitor.get(f"/runs/{job.run}/pictures/0/target").status_code == 404
    assert "app_reader" not in sys.modules


def test_a_reader_that_cannot_be_imported_says_where(visitor):
    code = "import app_reader_of_nobody\ndef rows(path): ...\n"
    (visitor.workspace.path / "app_reader.py").write_text(code)
    visitor.sent("/datasets/new", **filled(visitor, read="app_reader:rows"))
    job = visitor.jobs.wait(visitor.jobs.all()[-1].number)
    assert job.state == "failed"
    assert job.problem.message.startswith(
        "app_reader:rows: the module cannot be imported: ModuleNotFoundError: "
    )
    assert job.problem.traceback.endswith("No module named 'app_reader_of_nobody'\n")


def test_there_is_no_way_back_to_the_form_of_a_dataset_that_is_there(visitor):
    visitor.workspace.models.add("failing", python="app_test_models:failing")
    visitor.sent("/datasets/new", **filled(visitor, model="failing:v1"))
    job = visitor.jobs.wait(visitor.jobs.all()[-1].number)
    assert (job.state, job.dataset) == ("failed", "avenues:first")
    assert "Change the form" not in visitor.get("/").text


def test_a_form_of_no_job_is_not_found(visitor):
    visitor.evaluated("net")
    for number, said in (
        ("7", "this job is no longer listed"),
        ("x", "this job is no longer listed"),
        ("1", "this job adds no dataset"),
    ):
        answer = visitor.get(f"/datasets/new?job={number}")
        assert answer.status_code == 404
        assert said in answer.text


def test_a_current_folder_that_is_gone_is_said_where_a_path_begins_there(visitor, tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    model = {"name": "new", "kind": "predictions", "source": "masks"}
    for answer in (
        visitor.form("/datasets/new", **filled(visitor, images="images")),
        visitor.form("/models/new", **model),
    ):
        assert answer.status_code == 400
        assert "the current folder is no longer there, so that nothing can be found from it" in shown(answer)
    visitor.sent("/datasets/new", **filled(visitor))


def test_targets_that_are_annotations_are_painted_in_the_process_of_the_job(visitor):
    dataset = visitor.workspace.datasets["streets"]
    content = {
        "images": [],
        "annotations": [],
        "categories": [{"id": i, "name": name} for i, name in enumerate(dataset.classes.names)],
    }
    for i, path in enumerate(dataset.target_paths):
        mask = np.asarray(Image.open(path))
        height, width = mask.shape
        image = {"id": i, "file_name": Path(path).name, "height": height, "width": width}
        content["images"].append(image)
        runs = Masks.of_labels(mask, np.array(dataset.classes.labels)).counts()
        content["annotations"] += [
            {
                "image_id": i,
                "category_id": k,
                "segmentation": {"size": [height, width], "counts": own.tolist()},
            }
            for k, own in enumerate(runs)
        ]
    target = written(visitor.workspace.path, content, "val.json")
    visitor.sent("/datasets/new", **filled(visitor, targets=target))
    job = visitor.jobs.wait(visitor.jobs.all()[-1].number)
    assert (job.state, job.dataset) == ("finished", "avenues:first")
    of_masks = visitor.evaluated("net:v1").run
    runs = visitor.workspace.runs()
    assert runs[job.run].evaluation.scores.mean_iou == runs[of_masks].evaluation.scores.mean_iou
    assert visitor.get(f"/runs/{job.run}/pictures/0/target").status_code == 200
    assert visitor.workspace.datasets["avenues"].drawn.files[0].path == "val.json"
