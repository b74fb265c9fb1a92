"""Forms of the application: what they do, and what they say of fields that cannot be what they are."""

import sys

import pytest

from segscore.app.forms import LABELS, model_options
from segscore.app.spelling import in_forms
from segscore.app.tasks import Problem
from segscore.app.work import problem_of
from segscore.base.naming import arg, said
from segscore.errors import READ, ArgumentError
from segscore.workspace.store.names import adding
from support.applications import Visitor, attributes, shown, workspace_of
from support.pages import Page
from support.tiny_models import model, save

AGAIN = "fill it in, and send the form again"
PLACE = f"expected the path of a file or folder, or the name of a function {AGAIN}"
WHOLE = "write whole numbers with commas between them, such as 0, 255"
FOLDER = f"expected the path of a folder, or a glob pattern {AGAIN}"


@pytest.fixture(scope="module")
def visitor(tmp_path_factory):
    workspace = workspace_of(tmp_path_factory.mktemp("forms"), images=2)
    workspace.models.add("near", python="app_test_models:nearest")
    with Visitor(workspace) as visitor:
        yield visitor


def test_fields_are_called_as_the_form_calls_them(visitor):
    options = [option for _, group in model_options() for option in group]
    assert len({option.name for option in options}) == len(options) == 13
    pages = [shown(visitor.get(f"/{kind}/new")) for kind in ("models", "datasets")]
    assert all("Name" in page for page in pages)
    assert "It is code, and may do whatever you may: add none that you do not trust." in pages[0]
    labels = ["What it is", *LABELS.values(), *(option.label for option in options)]
    assert [label for label in labels if not any(label in page for page in pages)] == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, f"Name is empty, expected letters, digits, -, _ and . {AGAIN}"),
        ({"name": "<b>"}, "'<b>' is no name of a model"),
        ({"name": "net", "version": "v1", "kind": "predictions", "source": "better"}, "version"),
        ({"name": "new"}, f"What it is is empty, expected onnx, python or predictions {AGAIN}"),
        (
            {"name": "new", "kind": "torch"},
            "What it is is 'torch', expected onnx, python or predictions choose one of them",
        ),
        (
            {"name": "new", "kind": "onnx"},
            f"Where it is is empty, {PLACE}",
        ),
        ({"name": "new", "kind": "onnx", "source": "nowhere.onnx"}, "nowhere.onnx"),
        ({"name": "new", "kind": "python", "source": "no_such:thing"}, "no module no_such"),
        (
            {"name": "new", "kind": "python", "source": "app_test_models:time"},
            "Where it is: expected a function, found the module time in ",
        ),
        (
            {"name": "new", "kind": "predictions", "source": __file__},
            f"Where it is: expected a folder, found a file at {__file__} give the folder of the masks that "
            "the model has made",
        ),
        (
            {"name": "new", "kind": "onnx", "source": "x", "mean": "a"},
            "Mean is 'a', expected one number, or one for each channel write numbers with commas between "
            "them, such as 0.485,0.456,0.406",
        ),
        (
            {"name": "new", "kind": "onnx", "source": "x", "mean": "0.485,0.456,0.406"},
            "Mean is [0.485, 0.456, 0.406], as of values from 0 to 1, but the model is given values up to "
            "255 say 1/255 in the field Scale for a model that was trained on 0 to 1; or 1 in the field "
            "Scale if these are of 0 to 255",
        ),
        (
            {"name": "new", "kind": "onnx", "source": "x", "scale": "1, 2"},
            "Scale is '1, 2', expected a number write a fraction or a decimal, such as 1/255",
        ),
        (
            {"name": "new", "kind": "onnx", "source": "x", "size": "1.5"},
            "Size is '1.5', expected 2 whole numbers write whole numbers with commas between them, such as "
            "512,1024",
        ),
        (
            {"name": "new", "kind": "onnx", "source": __file__, "channels": "cmyk"},
            "Order of colours is 'cmyk' it is rgb or bgr",
        ),
    ],
)
def test_a_model_that_cannot_be_added_says_why_and_keeps_the_form(visitor, fields, message):
    answer = visitor.form("/models/new", **fields)
    assert answer.status_code == 400
    assert message in shown(answer)
    if "name" in fields:
        assert fields["name"] in attributes(answer, "input", "value")
    assert list(visitor.workspace.models) == ["near", "net"]


FILLED = {
    "mean": ("0.5, 0.4 0.3", [0.5, 0.4, 0.3]),
    "std": ("2", 2.0),
    "scale": ("1/4", 0.25),
    "size": ("512;1024", [512, 1024]),
    "threshold": ("0.5", 0.5),
    "channels": ("bgr", "bgr"),
    "layout": ("nhwc", "nhwc"),
    "class_axis": ("-1", -1),
    "output": ("y", "y"),
    "pred_classes": ("2", 2),
}
"""What is written into the fields of options, and the options that it becomes."""


def test_models_of_all_kinds_are_added(tmp_path):
    with Visitor(workspace_of(tmp_path, 2)) as visitor:
        fields = {name: given for name, (given, _) in FILLED.items()}
        fields |= {
            "trained_on": "streets:v1",
            "version": "first",
            "source": str(save(tmp_path / "net.onnx", model("float[n,h,w,3]"))),
        }
        assert visitor.sent("/models/new", name="a", kind="onnx", **fields) == "/#models"
        options = {name: option for name, (_, option) in FILLED.items()}
        assert dict(visitor.workspace.models["a:first"].options) == options
        visitor.sent("/models/new", name="b", kind="python", source="app_test_models:nearest")
        visitor.sent("/models/new", name="c", kind="predictions", source=str(tmp_path / "better"))
        assert [visitor.workspace.models[name].form for name in "abc"] == ["onnx", "python", "predictions"]


def test_a_model_that_can_never_run_is_refused_and_one_that_may_is_said(tmp_path, monkeypatch):
    with Visitor(workspace_of(tmp_path, 2)) as visitor:
        fields = {
            "name": "a",
            "kind": "onnx",
            "source": str(save(tmp_path / "net.onnx", model("float[n,3,h,w]"))),
        }
        answer = visitor.form("/models/new", **fields)
        assert answer.status_code == 400
        assert "which leaves its size open say it: " in shown(answer)
        monkeypatch.setitem(sys.modules, "onnxruntime", None)
        with pytest.warns(match="model a: nobody knows whether it can run: onnxruntime is not installed"):
            assert visitor.sent("/models/new", **fields) == "/?said=1"
        assert "a:v1 is added; nobody knows whether it can run: onnxruntime is not" in shown(
            visitor.get("/?said=1")
        )


@pytest.mark.filterwarnings("ignore:.*holds the same as version:segscore.SegscoreWarning")
def test_a_version_that_holds_the_same_is_said_by_the_next_page_and_by_no_other(tmp_path):
    with Visitor(workspace_of(tmp_path, 2)) as visitor:
        fields = {"name": "net", "kind": "predictions"}
        next_page = visitor.sent("/models/new", source=str(tmp_path / "worse"), **fields)
        assert next_page == "/?said=1"
        message = "model net: version v3 holds the same as version v1 nothing is wrong with that; what one"
        assert message not in shown(visitor.get("/"))
        page = Page(visitor.get("/?said=1").text).root
        assert page.one("div", class_="notice").attributes == {"class": "notice warning", "role": "status"}
        assert page.one("div", class_="notice").text.startswith(message)
        assert message not in shown(visitor.get("/?said=1"))
        assert visitor.sent("/models/new", source=str(tmp_path / "targets"), **fields) == "/#models"


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, f"Name is empty, expected letters, digits, -, _ and . {AGAIN}"),
        ({"name": "-x"}, "'-x' is no name of a dataset"),
        (
            {"name": "new", "images": "a", "targets": "b"},
            "Classes is empty, expected a preset, the path of a TOML file or of another tool's table, or the "
            f"number of classes {AGAIN}",
        ),
        ({"name": "new", "classes": "2", "images": "a"}, f"Folder of targets is empty, {FOLDER}"),
        (
            {"name": "new", "classes": "2", "images": "a", "targets": "b", "groups": "("},
            "Groups is '(', expected a regular expression: missing ), unterminated subpattern at position 0 "
            r"write one such as ^(\w+)_",
        ),
        (
            {"name": "new", "classes": "2", "images": "a", "targets": "b", "ignore": "x"},
            f"Labels to leave out is 'x', expected whole numbers {WHOLE}",
        ),
        (
            {"name": "streets", "version": "v1", "classes": "2", "images": "a", "targets": "b"},
            "there is a version v1 of dataset streets already",
        ),
    ],
)
def test_a_dataset_that_cannot_be_added_says_why_and_keeps_the_form(visitor, fields, message):
    answer = visitor.form("/datasets/new", model="net:v1", **fields)
    assert answer.status_code == 400
    assert message in shown(answer)
    assert "net:v1 with a new dataset" in shown(answer)
    assert not any(job.task.adding for job in visitor.jobs.all())


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, f"Model is empty, expected the name of one {AGAIN}"),
        ({"model": "nett", "dataset": "streets"}, "there is no model nett"),
        ({"model": "net", "dataset": "streetz"}, "there is no dataset streetz"),
        ({"model": "net", "dataset": "streets:v9"}, "there is no version of dataset streets v9"),
        (
            {"model": "net", "dataset": "streets", "resize": "cubic"},
            "resize is 'cubic', expected nearest or nothing write it like this, or leave it empty",
        ),
    ],
)
def test_what_cannot_be_evaluated_is_said(visitor, fields, message):
    answer = visitor.form("/evaluate", **fields)
    assert answer.status_code == 400
    assert message in shown(answer)


def test_a_job_that_is_no_longer_listed_is_not_tried_again(visitor):
    answer = visitor.form("/jobs/77/retry")
    assert answer.status_code == 400
    assert "this job is no longer listed" in answer.text


# Messages and hints, spelled by the labels of fields and the names of pages


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        (f"leave them out with {arg('ignore_index')}", "leave them out with `Labels to leave out`"),
        (
            f"such as {arg('ignore_index', [254, 255])}",
            "such as `254, 255` in the field `Labels to leave out`",
        ),
        (f"say by {arg('class_axis', code='')} which axis", "say by `Axis of classes` which axis"),
        (f"say where: {arg('class_axis', -1)}", "say where: `-1` in the field `Axis of classes`"),
        (
            arg("pairing", 'x{id}:{id}_"gt') + " would",
            '`x{id}:{id}_"gt` in the field `Pairing pattern` would',
        ),
        (f"{arg('onnx')}: expected a file", "`Where it is`: expected a file"),
        (f"none:\n  {arg('images')}: 2 files", "none:\n  `Folder of images`: 2 files"),
        ("there is no dataset `images`", "there is no dataset `images`"),
        (f"{arg('resize', 'nearest')} resizes", "`Resize predictions, and try again` resizes"),
        (f"{arg('on_error', 'skip')} scores", '`on_error="skip"` scores'),
        (f"a new version with {adding('dataset')}, or", "a new version with `Add a dataset`, or"),
        (f"give {READ} a function", "give the field `Reader` a function"),
    ],
    ids=said,
)
def test_hints_speak_of_the_form(text, spelled):
    assert in_forms(text) == spelled


def test_tracebacks_of_users_are_left_as_they_are():
    error = ArgumentError(f"{arg('onnx')}: no", f"see {arg('class_axis', 0)}", kind="model")
    error.__cause__ = RuntimeError("`class_axis=0`")
    problem = problem_of(error)
    assert problem.traceback == "RuntimeError: `class_axis=0`\n"
    assert problem == Problem(
        "`Where it is`: no", "see `0` in the field `Axis of classes`", problem.traceback, "model"
    )


def test_jobs_speak_of_the_form(tmp_path):
    workspace = workspace_of(tmp_path, images=2)
    (tmp_path / "floats.py").write_text("def scores(image):\n    return image[:, :, 0] / 255\n")
    workspace.models.add("floats", python="floats:scores")
    with Visitor(workspace) as visitor:
        assert visitor.evaluated("floats").state == "failed"
        assert "and say by Axis of classes which axis holds the classes" in shown(visitor.get("/"))
