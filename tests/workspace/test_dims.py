"""Datasets of volumes, and of images whose targets or predictions turn out to be batches."""

from pathlib import Path

import numpy as np
import pytest

from segscore import ArgumentError, EvaluationError, Workspace, evaluate
from segscore.base.naming import spelled
from segscore.cli.spelling import COMMAND_LINE
from support.command_line import run
from support.masks_on_disk import png, write
from support.refused import refused
from support.workspaces import add_dataset

RANDOM = np.random.default_rng(0)
TARGETS = RANDOM.integers(0, 2, (3, 4, 6, 7))
PREDS = np.where(RANDOM.random(TARGETS.shape) < 0.4, 0, TARGETS)
SEVERAL = (
    "hint: several images are a batch for `Evaluator.add_batch`, or a stack or list on both sides of "
    "`evaluate`; `dims=3` is for volumes"
)


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    folder = tmp_path / "project"
    for name, target, pred in zip("abc", TARGETS, PREDS, strict=True):
        write(
            folder,
            {
                f"image/{name}.png": png(np.zeros((6, 7, 3), int), 8, 2),
                f"volumes/{name}.npy": target,
                f"slices/{name}.npy": target[0],
                f"pred/{name}.npy": pred,
            },
        )
    monkeypatch.chdir(folder)
    return Workspace.init(folder)


def test_a_dataset_of_volumes_is_run_as_one(ws: Workspace) -> None:
    made = add_dataset(ws, targets="volumes", classes=2, dims=3)
    found = Workspace(ws.path).datasets["streets"]
    assert (made.dims, found.dims) == (3, 3)
    assert dict(found.truth.sizes) == {(4, 6, 7): 3}
    ws.models.add("net", predictions="pred")
    done = ws.run("net", "streets", progress=False)
    expected = evaluate(pred=PREDS, target=TARGETS, classes=2, dims=3)
    assert ws.evaluation(done.id).table == expected.table
    assert done.evaluation.mean_image_iou == expected.mean_image_iou
    assert made.digest != add_dataset(ws, "others", targets="slices", classes=2).digest


def test_batches_are_no_targets(ws: Workspace) -> None:
    text = refused(EvaluationError, add_dataset, ws, targets="volumes", classes=2)
    assert text == (
        "3 of 3 targets cannot be read:\n"
        + "\n".join(
            f"  {name}: `pred` has the shape (4, 6, 7), expected an image of 2 dimensions" for name in "abc"
        )
        + f"\n{SEVERAL}"
    )
    assert list(ws.datasets) == []
    assert refused(ArgumentError, add_dataset, ws, targets="volumes", classes=2, dims=4) == (
        "`dims` is 4, expected 2 or 3\nhint: images have 2 dimensions, volumes 3"
    )


def test_batches_are_no_predictions(ws: Workspace) -> None:
    add_dataset(ws, targets="slices", classes=2)
    ws.models.add("net", predictions="pred")
    with pytest.raises(EvaluationError) as caught:
        ws.run("net", "streets", progress=False)
    assert caught.value.message == "none of 3 images could be scored:\n" + "\n".join(
        f"  {name}: `pred` has the shape (4, 6, 7), expected an image of 2 dimensions" for name in "abc"
    )
    assert spelled(caught.value.hint or "", COMMAND_LINE) == (
        "`segscore evaluate` takes stacks of images, `.npy` or `.npz`, on both sides; "
        "`--dims 3` is for volumes"
    )


def test_the_command_line_adds_volumes(ws: Workspace) -> None:
    sides = ["--images", "image", "--targets", "volumes", "--classes", "2", "--workspace", ws.path]
    assert run("dataset", "add", "x", *sides).exit_code == 2
    assert run("dataset", "add", "x", *sides, "--dims", "3").exit_code == 0
    assert ws.datasets["x"].dims == 3
