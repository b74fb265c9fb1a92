"""Options of models: the one table of them, and that everything reads it."""

import importlib.util
import inspect

import pytest
import typer
from typer.testing import CliRunner

from segscore import predict
from segscore.errors import ArgumentError
from segscore.predict.options import OF_OUTPUT, OPTIONS, Option, Values
from segscore.workspace import Workspace
from support.applications import Visitor, workspace_of
from support.refused import refused
from support.tiny_models import SAME, save

GAMMA = Option(
    "gamma",
    "Brightness of mid-tones",
    "The power of values between 0 and 1.",
    "2.2",
    Values("POWER", float, "a power", "it in digits", lambda _, value: value > 0, "above 0"),
    "Input of an ONNX file",
    ("onnx",),
)


@pytest.fixture
def gamma(monkeypatch):
    monkeypatch.setitem(OPTIONS, "gamma", GAMMA)
    # What runs models does not know it.
    monkeypatch.setattr("segscore.workspace.registry.models.try_onnx", lambda *_, **__: "")


@pytest.fixture
def ws(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    save(tmp_path / "net.onnx", SAME)
    return Workspace.init(tmp_path)


def model_commands() -> typer.Typer:
    """Return the commands of models as a process has them that starts now."""
    spec = importlib.util.find_spec("segscore.cli.model")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.app


@pytest.mark.usefixtures("gamma")
def test_a_workspace_keeps_and_checks_a_new_option(ws):
    assert ws.models.add("net", onnx="net.onnx", options={"gamma": 2.2}).options == {"gamma": 2.2}
    with pytest.raises(ArgumentError, match=r"^`gamma` is -1\nhint: it is above 0$"):
        ws.models.add("net", onnx="net.onnx", options={"gamma": -1})
    with pytest.raises(ArgumentError, match=r"^there is no option of a Python function `gamma`\n"):
        ws.models.add("net", python="nets:f", options={"gamma": 2.2})


@pytest.mark.usefixtures("gamma")
def test_the_command_line_offers_and_reads_a_new_option(ws):
    commands, run = model_commands(), CliRunner().invoke
    help_text = " ".join(run(commands, ["add", "--help"]).output.split())
    assert "--gamma POWER The power of values between 0 and 1. [example: 2.2]" in help_text
    added = run(commands, ["add", "net", "--onnx", "net.onnx", "--gamma", "1.5"])
    assert added.exit_code == 0
    assert ws.models["net"].options == {"gamma": 1.5}


@pytest.mark.usefixtures("gamma")
def test_the_form_offers_and_reads_a_new_option(tmp_path):
    workspace = workspace_of(tmp_path, 2)
    save(tmp_path / "net.onnx", SAME)
    fields = {"name": "a", "kind": "onnx", "source": str(tmp_path / "net.onnx")}
    with Visitor(workspace) as visitor:
        page = visitor.get("/models/new").text
        assert "Brightness of mid-tones" in page
        assert "The power of values between 0 and 1." in page
        refused = visitor.form("/models/new", **fields, gamma="much")
        assert "<code>Brightness of mid-tones</code> is &#39;much&#39;, expected a power" in refused.text
        visitor.sent("/models/new", **fields, gamma="1.5")
    assert workspace.models["a"].options == {"gamma": 1.5}


def test_arguments_of_models_are_the_options_of_the_table():
    others = {"path", "call", "threads", "spin", *OF_OUTPUT}
    for form, make in {"onnx": predict.onnx, "python": predict.function}.items():
        of_form = {option.name for option in OPTIONS.values() if form in option.forms}
        assert set(inspect.signature(make).parameters) - others == of_form - set(OF_OUTPUT)


@pytest.mark.parametrize("option", OPTIONS.values(), ids=list(OPTIONS))
def test_the_example_of_an_option_is_read_and_is_one_of_its_values(option):
    value = option.read(option.example)
    for form in set(option.forms) - ({"onnx"} if option.name == "class_axis" else set()):
        option.check(form, value)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("mean", "0.5, 0.4 0.3", [0.5, 0.4, 0.3]),
        ("mean", "0.5,0.4,0.3", [0.5, 0.4, 0.3]),
        ("std", "2", 2.0),
        ("scale", "1/4", 0.25),
        ("size", "image", "image"),
        ("size", "512;1024", [512, 1024]),
        ("pred_classes", "19", 19),
        ("pred_classes", "1234567890", 1234567890),
        ("pred_classes", "2, -1,0", [2, -1, 0]),
        ("pred_classes", "a,b.toml", "a,b.toml"),
        ("pred_classes", "9" * 4300, "9" * 4300),  # no number that Python reads
        ("output", "1", "1"),
    ],
)
def test_texts_are_read(name, text, value):
    read = OPTIONS[name].read(text)
    assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "mean",
            "1,x",
            "`mean` is '1,x', expected one number, or one for each channel\n"
            "hint: write numbers with commas between them, such as 0.485,0.456,0.406",
        ),
        (
            "scale",
            "1/0",
            "`scale` is '1/0', expected a number\nhint: write a fraction or a decimal, such as 1/255",
        ),
        (
            "size",
            "1,2,3",
            "`size` is '1,2,3', expected 2 whole numbers\n"
            "hint: write whole numbers with commas between them, such as 512,1024",
        ),
        ("threshold", "", "`threshold` is '', expected a number\nhint: write it in digits, such as 0.5"),
        (
            "class_axis",
            "1.5",
            "`class_axis` is '1.5', expected a whole number\nhint: write it in digits, such as 0",
        ),
    ],
)
def test_texts_that_are_no_value_are_refused(name, text, message):
    assert refused(ArgumentError, OPTIONS[name].read, text) == message
