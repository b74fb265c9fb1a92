"""Runs of ONNX models on photographs of other channels than red, green and blue."""

from pathlib import Path

import numpy as np
import pytest

from segscore import ArgumentError, EvaluationError, Workspace, evaluate
from support.masks_on_disk import RGB, array_file, png, write
from support.refused import refused
from support.tiny_models import model, save

RANDOM = np.random.default_rng(0)
BANDS = RANDOM.integers(0, 9000, (3, 5, 6, 8), np.uint16)
TARGETS = RANDOM.integers(0, 2, (3, 6, 8))
TWO = model("float[n,5,6,8]", "float[n,2,6,8]", "y = Slice(x, s, e, a)").replace(
    "{ y", "<int64[1] s = {1}, int64[1] e = {3}, int64[1] a = {1}> { y"
)
"""The scores of two classes are the second and third band."""


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    for name, bands, target in zip("abc", BANDS, TARGETS, strict=True):
        colours = png(np.repeat(target[..., np.newaxis], 3, axis=-1) * [9, 99, 199], 8, RGB)
        sides = {"bands.npy": array_file(bands), "target.png": png(target), "colours.png": colours}
        write(tmp_path, {f"{side[:-4]}/{name}{side[-4:]}": content for side, content in sides.items()})
    save(tmp_path / "two.onnx", TWO)
    monkeypatch.chdir(tmp_path)
    return Workspace.init(tmp_path)


def test_a_model_is_given_the_bands_of_arrays(ws: Workspace) -> None:
    ws.datasets.add("bands", images="bands", targets="target", classes=2, progress=False)
    ws.models.add("two", onnx="two.onnx")
    found = ws.run("two", "bands", progress=False)
    expected = evaluate(pred=BANDS[:, 1:3].argmax(axis=1), target=TARGETS, classes=2)
    assert found.evaluation.table == expected.table


def test_photographs_of_other_channels_fail_with_both_counts(ws: Workspace) -> None:
    ws.datasets.add("colours", images="colours", targets="target", classes=2, progress=False)
    ws.models.add("two", onnx="two.onnx")
    text = refused(EvaluationError, ws.run, "two", "colours", progress=False)
    assert "  a: the model takes 5 channels, found 3 channels\n" in text.replace(
        f"{ws.path}/colours/a.png: ", ""
    )


def test_numbers_of_channels_are_held_against_each_other_when_a_model_is_added(ws: Workspace) -> None:
    for given in ({"mean": [1, 2], "std": [1, 2, 3, 4, 5]}, {"mean": [1, "2"]}):
        text = refused(ArgumentError, ws.models.add, "two", onnx="two.onnx", options=given)
        assert text.startswith("`mean` is [1")
