"""Messages and hints as the application spells them: by the labels of fields, and the names of pages."""

import pytest

from segscore.app.spelling import in_forms, problem_in_forms
from segscore.app.tasks import Problem
from support.applications import Visitor, shown, workspace_of


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("leave them out with `ignore_index`", "leave them out with `Labels to leave out`"),
        ("such as `ignore_index=[254, 255]`", "such as `254, 255` in the field `Labels to leave out`"),
        ("say by `class_axis=` which axis", "say by `Axis of classes` which axis"),
        ("say where: `class_axis=-1`", "say where: `-1` in the field `Axis of classes`"),
        ('`pairing="x{id}:{id}_\\"gt"` would', '`x{id}:{id}_"gt` in the field `Pairing pattern` would'),
        ("on axis 1 for `layout='nchw'`", "on axis 1 for `nchw` in the field `Order of axes`"),
        ("`onnx`: expected a file", "`Where it is`: expected a file"),
        ("`trained_on`: there is neither", "`Trained on`: there is neither"),
        ("none:\n  `images`: 2 files", "none:\n  `Folder of images`: 2 files"),
        ("there is no dataset `images`", "there is no dataset `images`"),
        ("did you mean `python`?", "did you mean `python`?"),
        (r'such as r"^(\w+)_": what', r"such as `^(\w+)_`: what"),
        ('`resize="nearest"` resizes', "`Resize predictions, and try again` resizes"),
        ("add the model with `--threshold 0.5`", "add the model with `0.5` in the field `Threshold`"),
        ("add a new version with `segscore dataset add`, or", "add a new version with `Add a dataset`, or"),
        ("`segscore runs` says how it goes on", "the page `Runs` says how it goes on"),
        ("`segscore classes` lists the presets", "the field lists the presets"),
        (
            "save masks as PNG, or read other formats with `read=`, a function from a path to an array",
            "save masks as PNG",
        ),
        (
            "rename the file to its true type, or give `read=` a function that reads it",
            "rename the file to its true type",
        ),
        ("give `read=` a function that takes a path and returns an array of labels", "save masks as PNG"),
    ],
)
def test_hints_speak_of_the_form(text, spelled):
    assert in_forms(text) == spelled


def test_tracebacks_of_users_are_left_as_they_are():
    problem = Problem("`onnx`: no", "see `class_axis=0`", "`class_axis=0`", "model")
    assert problem_in_forms(problem) == Problem(
        "`Where it is`: no", "see `0` in the field `Axis of classes`", "`class_axis=0`", "model"
    )


def test_jobs_and_notices_speak_of_the_form(tmp_path):
    workspace = workspace_of(tmp_path, images=2)
    (tmp_path / "floats.py").write_text("def scores(image):\n    return image[:, :, 0] / 255\n")
    workspace.models.add("floats", python="floats:scores")
    with Visitor(workspace) as visitor:
        assert visitor.evaluated("floats").state == "failed"
        assert "and say by Axis of classes which axis holds the classes" in shown(visitor.get("/"))
        answer = visitor.form("/models/new", name="a", kind="onnx", source=str(tmp_path))
        assert f"Where it is: expected a file, found a folder at {tmp_path}" in shown(answer)
