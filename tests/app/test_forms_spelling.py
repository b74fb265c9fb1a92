"""Messages and hints as the application spells them: by the labels of fields, and the names of pages."""

import pytest

from segscore.app.forms import LABELS
from segscore.app.spelling import in_forms
from segscore.app.tasks import Problem
from segscore.app.work import problem_of
from segscore.base.naming import arg, said
from segscore.errors import READ, ArgumentError, or_read
from segscore.workspace.store.names import adding
from support.applications import Visitor, shown, workspace_of


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
        (f"{arg('trained_on')}: there is neither", "`Trained on`: there is neither"),
        (f"none:\n  {arg('images')}: 2 files", "none:\n  `Folder of images`: 2 files"),
        ("there is no dataset `images`", "there is no dataset `images`"),
        ("did you mean `python`?", "did you mean `python`?"),
        (f"{arg('resize', 'nearest')} resizes", "`Resize predictions, and try again` resizes"),
        (f"{arg('on_error', 'skip')} scores", '`on_error="skip"` scores'),
        (f"with {arg('threshold', 0.5)}", "with `0.5` in the field `Threshold`"),
        (f"a new version with {adding('dataset')}, or", "a new version with `Add a dataset`, or"),
        (
            "rename the file to its true type" + or_read(f"give {READ} a function that reads it"),
            "rename the file to its true type",
        ),
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


def test_labels_are_those_of_the_forms(tmp_path):
    with Visitor(workspace_of(tmp_path, images=2)) as visitor:
        shown_labels = shown(visitor.get("/models/new")) + shown(visitor.get("/datasets/new"))
    assert [label for label in LABELS.values() if label not in shown_labels] == []


def test_hints_of_pages_name_pages(tmp_path):
    workspace = workspace_of(tmp_path, images=2)
    with Visitor(workspace) as visitor:
        fields = {"classes": "camvid-12", "images": str(tmp_path / "images"), "name": "a"}
        answer = visitor.form("/datasets/new", **fields, targets=str(tmp_path / "targets"))
        assert "the field lists the presets; a file of your own" in shown(answer)
        fields |= {"classes": "2", "targets": str(tmp_path / "none")}
        assert "Folder of targets: expected a folder or a glob pattern, found nothing at" in shown(
            visitor.form("/datasets/new", **fields)
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
