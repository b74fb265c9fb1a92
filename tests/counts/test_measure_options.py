"""The options that measure shapes: the one table of them, and that everything reads it."""

import inspect
from dataclasses import fields
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from segscore import Evaluator, Workspace, evaluate
from segscore.cli.options import with_options
from segscore.counts.measure_options import MeasureOptions, options_of
from segscore.counts.measure_texts import MEASURES, measures_read, measures_written
from segscore.counts.measures import Measures
from segscore.errors import ArgumentError
from support.refused import refused

NAMES = [*MEASURES]


def test_the_options_are_the_same_everywhere() -> None:
    of_objects = ["instances", "stuff", "rules", "band"]  # which what is evaluated says, and no option
    assert [*MeasureOptions.__annotations__] == NAMES
    assert [field.name for field in fields(Measures)] == [*NAMES, *of_objects]
    known = {name: one.default for name, one in inspect.signature(Measures.of).parameters.items()}
    for function in (Evaluator, evaluate, Workspace.run):
        shown = inspect.signature(function).parameters
        assert {name: shown[name].default for name in NAMES} == {name: known[name] for name in NAMES}
        assert "measures" not in shown


@pytest.mark.parametrize("call", [Evaluator, evaluate])
def test_an_option_that_there_is_not_is_said_of_what_was_called(call: Any) -> None:
    given = {"pred": [[0]], "target": [[0]]} if call is evaluate else {}
    with pytest.raises(TypeError, match=rf"^{call.__name__}\(\) got an unexpected keyword argument 'space'$"):
        call(**given, classes=2, space=3)


def test_a_command_has_the_options_of_a_table() -> None:
    found: dict[str, Any] = {}

    @with_options(MEASURES)
    def command(**measures: str | bool | None) -> None:
        found.update(measures)

    app = typer.Typer(rich_markup_mode=None)
    app.command()(command)
    assert CliRunner().invoke(app, ["--distances", "--tolerance", "1,2.5"]).exit_code == 0
    off = {"segments": False, "components": False}
    assert found == {**dict.fromkeys(NAMES), **off, "distances": True, "tolerances": "1,2.5"}
    assert measures_read(found) == {"distances": True, "tolerances": [1.0, 2.5]}
    help_text = " ".join(CliRunner().invoke(app, ["--help"]).output.split())
    assert "--segments Tell whole segments" in help_text
    assert "--distances Measure how far surfaces are apart: HD95, ASSD, surface Dice. --spacing" in help_text
    assert "--boundary WIDTH,… Score bands along boundaries, too: `2%` of the diagonal, or `5px`" in help_text


EXAMPLES = {name: option.example for name, option in MEASURES.items()}


def test_examples_are_read_and_can_be_measured() -> None:
    made = Measures.of(**measures_read({**EXAMPLES, "boundary": None, "segments": None}), dims=3)
    assert made == Measures.of(
        distances=True,
        spacing=(3, 0.8, 0.8),
        surface="area",
        within=20,
        tolerances=(1, 2),
        empty="skip",
        components=True,
        connectivity=26,
        dilation=3,
        dims=3,
    )
    bands = {name: EXAMPLES[name] for name in ("boundary", "segments")}
    assert Measures.of(**measures_read(bands)) == Measures.of(boundary=0.02, segments=True)


OPTIONS: list[MeasureOptions] = [
    {},
    {"boundary": (1, 3)},
    {"boundary": (1, 3), "segments": True},
    {"boundary": (0.00001, 0.02, 0.3)},
    {"distances": True},
    {"distances": True, "spacing": "header"},
    {"distances": True, "spacing": (3.0, 0.1)},
    {"distances": True, "spacing": (3.0, 0.1), "surface": "voxels"},
    {"distances": True, "surface": "area", "within": 1.5},
    {"distances": True, "within": 1.5, "tolerances": (0.3,)},
    {"distances": True, "tolerances": (0.1, 2.0), "empty": "diagonal"},
    {"boundary": (5,), "distances": True, "empty": 374.0},
    {"components": True},
    {"components": True, "dilation": 3},
    {"boundary": (5,), "distances": True, "components": True, "connectivity": 4},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_options_are_written_as_they_are_read(options: MeasureOptions) -> None:
    measures = Measures.of(**options)
    assert options_of(measures) == options
    assert Measures.of(**measures_read(measures_written(options))) == measures


COMMAS = "expected finite numbers with commas between\nhint: write"


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("spacing", "3;1", f"{COMMAS} the distance along each axis, such as 3,0.8,0.8"),
        ("tolerances", "1,", f"{COMMAS} each distance that is near enough, such as 1,2"),
        ("within", "1,5", "expected a finite number\nhint: write it in digits, such as 20"),
    ],
)
def test_texts_that_are_no_value_are_refused(name: str, text: str, told: str) -> None:
    assert refused(ArgumentError, MEASURES[name].read, text) == f"`{name}` is {text!r}, {told}"
