"""Forms of the application: what they do, and what they say of fields that cannot be what they are."""

import pytest

from segscore.app.forms import model_options
from support.applications import Visitor, attributes, shown, workspace_of
from support.pages import Page
from support.tiny_models import SAME, save

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
    assert len({option.name for option in options}) == len(options) == 12
    for label in ["Name", "What it is", "Where it is", *(option.label for option in options)]:
        assert label in shown(visitor.get("/models/new"))
    for label in (
        "Name",
        "Folder of images",
        "Folder of targets",
        "Classes",
        "Labels to leave out",
        "Groups",
    ):
        assert label in shown(visitor.get("/datasets/new"))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, f"Name is empty, expected letters, digits, -, _ and . {AGAIN}"),
        ({"name": "a b"}, "'a b' is no name of a model"),
        ({"name": "<b>"}, "'<b>' is no name of a model"),
        ({"name": "../x"}, "'../x' is no name of a model"),
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
            "Mean is 'a', expected 1 or 3 numbers write numbers with commas between them, such as "
            "0.485,0.456,0.406",
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
def test_a_model_that_cannot_be_added_says_why_and_keeps_the_form(visitor, fields, said):
    answer = visitor.form("/models/new", **fields)
    assert answer.status_code == 400
    assert said in shown(answer)
    if "name" in fields:
        assert fields["name"] in attributes(answer, "input", "value")
    assert list(visitor.workspace.models) == ["near", "net"]


def test_models_of_all_kinds_are_added(tmp_path):
    with Visitor(workspace_of(tmp_path, 2)) as visitor:
        save(tmp_path / "net.onnx", SAME)
        numbers = {
            "mean": "0.5, 0.4 0.3",
            "std": "2",
            "scale": "1/4",
            "size": "512;1024",
            "threshold": "0.5",
        }
        numbers |= {"channels": "bgr", "layout": "nhwc", "trained_on": "streets:v1", "version": "first"}
        numbers |= {"class_axis": "-1", "output": "logits", "pred_classes": "2"}
        path = str(tmp_path / "net.onnx")
        assert visitor.sent("/models/new", name="a", kind="onnx", source=path, **numbers) == "/#models"
        assert dict(visitor.workspace.models["a:first"].options) == {
            "mean": [0.5, 0.4, 0.3],
            "std": 2.0,
            "scale": 0.25,
            "size": [512, 1024],
            "threshold": 0.5,
            "channels": "bgr",
            "layout": "nhwc",
            "class_axis": -1,
            "output": "logits",
            "pred_classes": 2,
        }
        visitor.sent("/models/new", name="b", kind="python", source="app_test_models:nearest")
        visitor.sent("/models/new", name="c", kind="predictions", source=str(tmp_path / "better"))
        assert [visitor.workspace.models[name].form for name in "abc"] == ["onnx", "python", "predictions"]


@pytest.mark.filterwarnings("ignore:.*holds the same as version:segscore.SegscoreWarning")
def test_a_version_that_holds_the_same_is_said_by_the_next_page_and_by_no_other(tmp_path):
    with Visitor(workspace_of(tmp_path, 2)) as visitor:
        fields = {"name": "net", "kind": "predictions"}
        next_page = visitor.sent("/models/new", source=str(tmp_path / "worse"), **fields)
        assert next_page == "/?said=1"
        said = "model net: version v3 holds the same as version v1 nothing is wrong with that; what one"
        assert said not in shown(visitor.get("/"))
        page = Page(visitor.get("/?said=1").text).root
        assert page.one("div", class_="notice").attributes == {"class": "notice warning", "role": "status"}
        assert page.one("div", class_="notice").text.startswith(said)
        assert said not in shown(visitor.get("/?said=1"))
        assert visitor.sent("/models/new", source=str(tmp_path / "targets"), **fields) == "/#models"


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({}, f"Name is empty, expected letters, digits, -, _ and . {AGAIN}"),
        ({"name": "-x"}, "'-x' is no name of a dataset"),
        (
            {"name": "new", "images": "a", "targets": "b"},
            f"Classes is empty, expected a preset, the path of a TOML file, or the number of classes {AGAIN}",
        ),
        ({"name": "new", "classes": "2", "targets": "b"}, f"Folder of images is empty, {FOLDER}"),
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
def test_a_dataset_that_cannot_be_added_says_why_and_keeps_the_form(visitor, fields, said):
    answer = visitor.form("/datasets/new", model="net:v1", **fields)
    assert answer.status_code == 400
    assert said in shown(answer)
    assert "net:v1 with a new dataset" in shown(answer)
    assert not any(job.task.adding for job in visitor.jobs.all())


@pytest.mark.parametrize(
    ("fields", "said"),
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
def test_what_cannot_be_evaluated_is_said(visitor, fields, said):
    answer = visitor.form("/evaluate", **fields)
    assert answer.status_code == 400
    assert said in shown(answer)


def test_a_job_that_is_no_longer_listed_is_not_tried_again(visitor):
    answer = visitor.form("/jobs/77/retry")
    assert answer.status_code == 400
    assert "this job is no longer listed" in answer.text
