"""Predictions of another size than their targets, some of them transposed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from segscore import EvaluationError, Evaluator, audit, evaluate, load
from segscore.counts.fits import Fit, fit
from support import hints
from support.command_line import run
from support.masks_on_disk import write
from support.refused import refused, warned

RANDOM = np.random.default_rng(3)
TARGET = RANDOM.integers(0, 3, (12, 8)).astype(np.uint8).repeat(2, 0).repeat(2, 1)
HINT = (
    "hint: transpose the predictions; they are right as they are only where the model saw photographs "
    "squeezed to this size"
)


@pytest.mark.parametrize(
    ("pred", "target", "found"),
    [
        ((24, 16), (24, 16), Fit.SAME),
        ((12, 8), (24, 16), Fit.RESIZED),
        ((16, 16), (24, 16), Fit.RESIZED),
        ((16, 24), (24, 16), Fit.TRANSPOSED),
        ((8, 12), (24, 16), Fit.TRANSPOSED),
        ((32, 48), (24, 16), Fit.TRANSPOSED),
        ((16, 16), (8, 8), Fit.RESIZED),
        ((0, 5), (5, 0), Fit.RESIZED),
        ((5, 4, 3), (3, 4, 5), Fit.RESIZED),
    ],
)
def test_a_fit(pred: tuple[int, ...], target: tuple[int, ...], found: Fit) -> None:
    assert fit(pred, target) is found


def said(number: int, images: int) -> str:
    look, were = ("looks", "was") if number == 1 else ("look", "were")
    of = "1 prediction" if images == 1 else f"{images} predictions"
    return f"{number} of {of} {look} transposed, and {were} resized to the target"


@pytest.mark.parametrize("images", [1, 3, 30])
@pytest.mark.parametrize("form", ["arrays", "png", "npy"])
def test_predictions_that_look_transposed_are_said(tmp_path: Path, images: int, form: str) -> None:
    preds = [TARGET.T, *[TARGET[::2, ::2]] * (images - 1)]
    sides: dict[str, Any] = {"pred": preds, "target": [TARGET] * images}
    if form != "arrays":
        for side, masks in sides.items():
            sides[side] = write(tmp_path / side, {f"{i}.{form}": one for i, one in enumerate(masks)})
    with warned(f"{said(1, images)}\n{HINT}", __file__):
        found = evaluate(**sides, classes=3, resize="nearest")
    assert found.resized == images
    told = {"transposed": said(1, images)}
    assert told.items() <= found.provenance.items()
    findings = audit(**sides, classes=3, resize="nearest").findings
    assert [one.message for one in findings if one.kind == "transposed"] == [said(1, images)]
    if form != "arrays":
        options = [part for side, folder in sides.items() for part in (f"--{side}", folder)]
        done = run("evaluate", *options, "--classes", 3, "--resize", "nearest", "--save", tmp_path / "ev.npz")
        assert said(1, images) in " ".join(done.stderr.split())
        assert load(tmp_path / "ev.npz").doubts == found.doubts
        replace(found, provenance={"turned": said(1, images)}).save(tmp_path / "former.npz")
        assert [one.kind for one in load(tmp_path / "former.npz").doubts] == ["transposed"]


def test_an_evaluator_says_so_too_and_what_was_only_resized_needs_no_word() -> None:
    judge = Evaluator(3, resize="nearest")
    judge.add(pred=TARGET.T, target=TARGET)
    judge.add(pred=TARGET, target=TARGET)
    with warned(f"{said(1, 2)}\n{HINT}"):
        found = judge.result()
    assert [one.message for one in found.doubts] == [said(1, 2)]
    assert judge.result().doubts == found.doubts  # said once
    evaluate(pred=[TARGET[::2, ::2], TARGET], target=[TARGET] * 2, classes=3, resize="nearest")


@pytest.mark.parametrize("shape", [(16, 24), (8, 12)])
@pytest.mark.parametrize("form", ["arrays", "png"])
def test_who_may_have_transposed_is_not_told_to_resize(
    tmp_path: Path, shape: tuple[int, int], form: str
) -> None:
    preds, targets = [np.zeros(shape, np.uint8)], [TARGET]
    sides: dict[str, Any] = {"pred": preds, "target": targets}
    if form != "arrays":
        sides = {side: write(tmp_path / side, {"0.png": one}) for side, (one,) in sides.items()}
    text = refused(EvaluationError, evaluate, **sides, classes=3)
    assert f"`pred` and `target` differ in shape: {shape} and (24, 16)" in text
    assert text.endswith(f"hint: {hints.TRANSPOSED}")
    text = refused(EvaluationError, evaluate, pred=[TARGET[:12]], target=targets, classes=3)
    assert '`resize="nearest"`' in text
