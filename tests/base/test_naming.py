"""Marks of what messages name: each face spells them, and what users name is never one."""

import ast
import copy
import json
import pickle
import warnings
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from typer.main import get_command

import segscore
from segscore import cli, evaluate, load
from segscore.app.spelling import FORMS
from segscore.base.naming import (
    PYTHON,
    Argument,
    Face,
    Text,
    arg,
    by_face,
    marked,
    restored,
    said,
    spelled,
    stored,
)
from segscore.cli.spelling import COMMAND_LINE, OF_VERSIONS, PARAMETERS
from segscore.counts.failures import Failure
from segscore.errors import READ, ArgumentError, EvaluationError, SegscoreWarning, of_core
from segscore.predict.options import OPTIONS

PACKAGE = Path(segscore.__file__).parent
SHOUTED = Face("command_line", lambda argument: f"<{argument.name.upper()} {argument.value}>")


@pytest.mark.parametrize(
    ("mark", "python", "shouted"),
    [
        (arg("size"), "`size`", "<SIZE None>"),
        (arg("size", "image"), '`size="image"`', "<SIZE image>"),
        (arg("size", 'a"\\é'), '`size="a\\"\\\\é"`', '<SIZE a"\\é>'),
        (arg("size", 2), "`size=2`", "<SIZE 2>"),
        (arg("size", [2, 3]), "`size=[2, 3]`", "<SIZE [2, 3]>"),
        (arg("size", code=""), "`size=`", "<SIZE None>"),
        (arg("size", "a", code="'a'"), "`size='a'`", "<SIZE a>"),
        (by_face("here", command_line="there"), "here", "there"),
        (by_face("here", forms="there"), "here", "here"),
        (by_face(f"in {arg('size')}", forms=""), "in `size`", "in <SIZE None>"),
        ("`size`", "`size`", "`size`"),
    ],
    ids=said,
)
def test_each_face_spells_what_is_marked(mark, python, shouted):
    text = said(f"a {mark} b {mark}")
    assert text == spelled(text, PYTHON) == f"a {python} b {python}"
    assert spelled(text, SHOUTED) == f"a {shouted} b {shouted}"
    assert spelled(said(f"({marked(text)})"), SHOUTED) == f"(a {shouted} b {shouted})"


def test_errors_and_warnings_read_as_python_spells_them():
    error = ArgumentError(f"{arg('size')} is 3", f"leave {arg('size')} out")
    assert str(error) == "`size` is 3\nhint: leave `size` out"
    assert (error.message, error.hint) == error.args == ("`size` is 3", "leave `size` out")
    assert repr(error) == "ArgumentError('`size` is 3', 'leave `size` out')"
    assert f"{error.message}" == "`size` is 3"
    assert spelled(error.hint, SHOUTED) == "leave <SIZE None> out"
    many = EvaluationError(arg("size"), None, (1,))
    assert many.args == ("`size`", None, (1,))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warnings.warn(SegscoreWarning(arg("size", 1)), stacklevel=1)
    assert str(caught[0].message) == "`size=1`"
    assert spelled(caught[0].message.text, SHOUTED) == "<SIZE 1>"


@pytest.mark.parametrize("way", [copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_what_is_copied_and_sent_away_is_plain(way):
    error = way(ArgumentError(f"{arg('size')} is 3", arg("size", 1)))
    assert (error.message, error.hint, str(error)) == (
        "`size` is 3",
        "`size=1`",
        "`size` is 3\nhint: `size=1`",
    )
    assert type(error.hint) is str
    failure = Failure.of("a", ArgumentError(arg("size"), arg("size", 1)))
    assert type(failure.hint) is Text
    assert way(failure) == failure
    assert spelled(way(failure).hint, SHOUTED) == "<SIZE 1>"
    assert [type(value) for value in asdict(failure).values()] == [str] * 4
    assert json.loads(json.dumps(failure.hint)) == "`size=1`"


def test_what_is_stored_as_json_is_spelled_as_before():
    given = f"say {arg('size', [1, 2])}{by_face(f', or {READ}', forms='')}; or leave {arg('size')} out"
    kept = json.loads(json.dumps(stored(said(given))))
    for face in (PYTHON, COMMAND_LINE, FORMS):
        assert spelled(restored(kept), face) == spelled(said(given), face)
    assert stored("a\ue000b") == ["a\ue000b"]
    for damaged in ([1], [["size"]], [{"forms": [None]}], 5):
        with pytest.raises((TypeError, ValueError)):
            restored(damaged)


def test_failures_of_a_saved_evaluation_are_spelled_by_whoever_shows_them(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((4, 4), int))
    (tmp_path / "b.npy").write_text("no mask")
    masks = [str(tmp_path / "a.npy"), str(tmp_path / "b.npy")]
    evaluate(pred=masks, target=masks, classes=2, on_error="skip").save(tmp_path / "kept.npz")
    (failure,) = load(tmp_path / "kept.npz").failures
    given = "save labels with `np.save`, or give {} a function that reads the file"
    assert failure.hint == given.format("`read=`")
    assert spelled(failure.hint, COMMAND_LINE) == given.format("`--read`")
    assert spelled(failure.hint, FORMS) == given.format("the field `Reader`")


def test_hints_of_the_core_that_were_saved_name_their_arguments_again():
    hint = of_core("shape-mismatch", "a message", None).hint
    kept = Failure.kept("a", "a message", str(hint))
    assert kept.hint == hint
    assert "`--resize nearest`" in spelled(kept.hint, COMMAND_LINE)
    assert Failure.kept("a", "a message", "see `resize`").hint == "see `resize`"


@pytest.mark.parametrize(
    "name",
    [
        "\ue000\ue001",
        '\ue000["size", null, null]\ue001',
        '\ue0000123456789abcdef:["size", null, null]\ue001',
        "\ue001",
        '0123456789abcdef:["size", null, null]\ue001',
        "`size`",
    ],
)
def test_what_looks_like_a_mark_in_a_name_is_none(name):
    text = f"there is no `{name}`: see {arg('size')}"
    assert spelled(text, SHOUTED) == f"there is no `{name}`: see <SIZE None>"
    assert said(f"there is no `{name}`") == f"there is no `{name}`"
    assert "\ue000" not in str(ArgumentError(text))
    for part in (arg("size")[1:], arg("size").replace(":", "", 1)):
        assert spelled(part, SHOUTED) == part
    value = arg("pairing", name)
    assert spelled(value, Face("forms", lambda argument: argument.value)) == name


def test_every_process_has_marks_of_its_own():
    from support.processes import python

    script = "from segscore.base.naming import arg; print(ascii(arg('size')))"
    assert python(script) != python(script)


# Faces


def named() -> set[str]:
    """Return every argument that the package marks by its name."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "arg":
                found.add(node.args[0].value if isinstance(node.args[0], ast.Constant) else None)
    return found - {None}


def options(group) -> set[str]:
    """Return the options of all commands."""
    found = set()
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        found |= options(command) if hasattr(command, "commands") else set()
        found |= {name for one in command.params for name in one.opts}
    return found


def option_of(name: str) -> str:
    """Return what a command that has both sides calls an argument."""
    token = PARAMETERS.set(("pred", "target"))
    found = COMMAND_LINE.spell(Argument(name, None, None)).strip("`")
    PARAMETERS.reset(token)
    return found


def test_the_command_line_has_the_options_that_it_names():
    assert {"resize", "ignore_index", "margin", "pairing", "trained_on"} <= named()
    known = options(get_command(cli.app))
    assert [name for name in named() if option_of(name) not in known] == []


def test_every_option_of_models_is_an_option_of_a_command():
    known = options(get_command(cli.app))
    assert [name for name in OPTIONS if option_of(name) not in known] == []


@pytest.mark.parametrize("face", ["cli", "app"])
def test_no_face_searches_messages(face):
    tree = ast.parse((PACKAGE / face / "spelling.py").read_text())
    imported = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
    assert "re" not in imported
    assert "segscore.base.naming" in {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}


@pytest.mark.parametrize(
    ("command", "argument", "shown"),
    [
        (
            ("models", "on", "workspace"),
            Argument("pred_classes", None, None),
            "`--pred-classes` of `segscore model add`",
        ),
        (
            ("models", "on", "workspace"),
            Argument("ignore_index", 255, "255"),
            "`--ignore 255` of `segscore dataset add`",
        ),
        (("models", "on", "workspace", "resize"), Argument("resize", "nearest", None), "`--resize nearest`"),
        (("name", "ignore", "workspace"), Argument("ignore_index", 255, "255"), "`--ignore 255`"),
        (("pred", "target"), Argument("pred_classes", None, None), "`--pred-classes`"),
    ],
)
def test_options_of_other_commands_are_named_with_these(command, argument, shown):
    token = PARAMETERS.set(command)
    assert COMMAND_LINE.spell(argument) == shown
    PARAMETERS.reset(token)


def test_the_commands_that_are_named_have_these_options():
    for argument, command in OF_VERSIONS.items():
        group, name = command.split()
        params = get_command(cli.app).get_command(None, group).get_command(None, name).params
        assert option_of(argument) in {opt for one in params for opt in one.opts}, argument
