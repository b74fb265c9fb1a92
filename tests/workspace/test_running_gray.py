"""Runs of models of three colours on gray photographs, and of gray ones on colours: what is said of them."""

import warnings
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from segscore import EvaluationError, SegscoreWarning, Workspace
from segscore.workspace.runs.plans import gray_text
from support.command_line import run
from support.masks_on_disk import RGB, png, write
from support.refused import refused
from support.tiny_models import model, save

RANDOM = np.random.default_rng(0)
GRAY = RANDOM.integers(0, 256, (3, 6, 8))
COLOURS = RANDOM.integers(0, 256, (3, 6, 8, 3))
TARGETS = RANDOM.integers(0, 3, (3, 6, 8))
SAID = (
    "{} of 3 photographs of {}:v1 {} gray, and net:v1 takes three colours: it is given gray as red, green "
    "and blue"
)
HINT = (
    "check that it was trained with gray photographs like this; a model that takes one channel is given gray "
    "itself"
)


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.chdir(tmp_path)
    for i in range(3):
        colours = png(COLOURS[i], 8, RGB)
        sides = {
            "gray": png(GRAY[i], 8),
            "colours": colours,
            "some": png(GRAY[i], 8) if i == 1 else colours,
            "same": png(np.repeat(GRAY[i][..., np.newaxis], 3, axis=-1), 8, RGB),
            "target": png(TARGETS[i], 8),
        }
        write(tmp_path, {f"{side}/{i}.png": content for side, content in sides.items()})
    save(tmp_path / "rgb.onnx", model("float[n,3,6,8]"))
    found = Workspace.init(tmp_path)
    for name in ("gray", "colours", "some", "same"):
        found.datasets.add(name, images=name, targets="target", classes=3, progress=False)
    found.models.add("net", onnx="rgb.onnx")
    return found


@pytest.mark.parametrize(("dataset", "number", "are"), [("gray", 3, "are"), ("some", 1, "is")])
def test_gray_photographs_of_a_model_of_colours_are_said(
    ws: Workspace, dataset: str, number: int, are: str
) -> None:
    said = SAID.format(number, dataset, are)
    with pytest.warns(SegscoreWarning) as caught:
        found = ws.run("net", dataset, progress=False)
    assert [str(one.message) for one in caught] == [f"{said}\nhint: {HINT}"]
    kept = Workspace(ws.path).runs()[found.id].evaluation
    assert kept.provenance["gray_photographs"] == said
    assert said in " ".join(str(kept).split())


def test_of_many_photographs_some_from_all_over_are_looked_at(ws: Workspace) -> None:
    paths = [f"{'gray' if i % 2 else 'colours'}/{i % 3}.png" for i in range(2500)]
    plan: Any = SimpleNamespace(
        dataset=SimpleNamespace(image_paths=paths, reference="many:v1"),
        model=SimpleNamespace(reference="net:v1"),
    )
    predictor: Any = SimpleNamespace(bands=3)
    assert gray_text(plan, predictor) == (
        "417 of 834 photographs of many:v1 that were looked at, of 2,500, are gray, and net:v1 takes three "
        "colours: it is given gray as red, green and blue"
    )
    paths[1:] = []
    assert gray_text(plan, predictor) == ""
    paths[:] = []
    assert gray_text(plan, predictor) == ""


def test_the_command_line_says_it(ws: Workspace) -> None:
    told = run("run", "net", "--on", "gray")
    assert told.exit_code == 0
    assert f"warning: {SAID.format(3, 'gray', 'are')}\nhint: {HINT}\n" in told.stderr
    assert len(ws.runs()) == 1


@pytest.mark.parametrize("dataset", ["colours", "same"])
def test_colours_are_told_nothing_also_where_all_channels_are_equal(ws: Workspace, dataset: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = ws.run("net", dataset, progress=False)
    assert "gray_photographs" not in found.evaluation.provenance


def test_colours_of_a_gray_model_are_refused(ws: Workspace) -> None:
    save(ws.path / "one.onnx", model("float[n,1,6,8]"))
    ws.models.add("one", onnx="one.onnx", options={"threshold": 0.5})
    ws.datasets.add(
        "two", images="colours", targets="target", classes="binary", ignore_index=2, progress=False
    )
    assert refused(EvaluationError, ws.run, "one", "two", progress=False) == (
        "none of 3 images could be scored:\n"
        + "".join(
            f"  {i}: {ws.path}/colours/{i}.png: the model takes 1 channel, found 3 channels\n"
            for i in range(3)
        )
        + "hint: save it in gray as it was done for training"
    )
